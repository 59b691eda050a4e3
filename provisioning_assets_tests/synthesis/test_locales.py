"""People, places and companies belong to their country, whatever the country."""

import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import phonenumbers
import polars as pl
import pytest

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.geography.cities import PLACES
from provisioning_assets.planning.markets import _data, listed_countries, market_of
from provisioning_assets.synthesis.company_names import company_domains, company_names, legal_forms
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.identities import _at_companies
from provisioning_assets.synthesis.name_lists import faker_locale, name_lists
from provisioning_assets.synthesis.places import phone_template, places_of
from provisioning_assets.synthesis.romanisation import ascii_name
from provisioning_assets.synthesis.tables_report import stand_ins
from provisioning_assets_tests.synthesis.conftest import read
from provisioning_assets_tests.synthesis.retail_model import column, retail_model

POSTCODES = {
    "AE": "00000",
    "AR": r"\d{4}",
    "AT": r"\d{4}",
    "AU": r"\d{4}",
    "BD": r"\d{4}",
    "BE": r"\d{4}",
    "BG": r"\d{4}",
    "BR": r"\d{5}-\d{3}",
    "CA": r"[A-Z]\d[A-Z] \d[A-Z]\d",
    "CH": r"\d{4}",
    "CL": r"\d{7}",
    "CN": r"\d{6}",
    "CO": r"\d{6}",
    "CY": r"\d{4}",
    "CZ": r"\d{3} \d{2}",
    "DE": r"\d{5}",
    "DK": r"\d{4}",
    "EE": r"\d{5}",
    "EG": r"\d{5}",
    "ES": r"\d{5}",
    "FI": r"\d{5}",
    "FR": r"\d{5}",
    "GB": r"[A-Z]{1,2}\d{1,2} \d[A-Z]{2}",
    "GE": r"\d{4}",
    "GR": r"\d{3} \d{2}",
    "HK": "999077",
    "HR": r"\d{5}",
    "HU": r"\d{4}",
    "ID": r"\d{5}",
    "IE": r"[A-Z]\d{2} [A-Z]\d[A-Z]\d",
    "IL": r"\d{7}",
    "IN": r"\d{6}",
    "IS": r"\d{3}",
    "IT": r"\d{5}",
    "JP": r"\d{3}-\d{4}",
    "KE": r"\d{5}",
    "KR": r"\d{5}",
    "LI": r"94(8[5-9]|9[0-8])",
    "LT": r"\d{5}",
    "LU": r"\d{4}",
    "LV": r"LV-\d{4}",
    "MA": r"\d{5}",
    "MT": r"[A-Z]{3} \d{4}",
    "MX": r"\d{5}",
    "MY": r"\d{5}",
    "NG": r"\d{6}",
    "NL": r"\d{4} [A-Z]{2}",
    "NO": r"\d{4}",
    "NZ": r"\d{4}",
    "PE": r"\d{5}",
    "PH": r"\d{4}",
    "PK": r"\d{5}",
    "PL": r"\d{2}-\d{3}",
    "PT": r"\d{4}-\d{3}",
    "RO": r"\d{6}",
    "RS": r"\d{5}",
    "RU": r"\d{6}",
    "SA": r"\d{5}",
    "SE": r"\d{3} \d{2}",
    "SG": r"\d{6}",
    "SI": r"\d{4}",
    "SK": r"\d{3} \d{2}",
    "TH": r"\d{5}",
    "TR": r"\d{5}",
    "TW": r"\d{3}",
    "UA": r"\d{5}",
    "US": r"\d{5}",
    "VN": r"\d{5}",
    "ZA": r"\d{4}",
}
"""Postcodes of every listed market (Universal Postal Union, addressing systems); those without write one number for all cities."""

ONE_POSTCODE = ("AE", "HK")

MARKETS = [
    (country, language, locale)
    for country, market in sorted(_data()["countries"].items())
    for language, locale in market["locales"].items()
]
"""Country, language and Faker locale of every market and language in ``markets.yaml``."""


SCRIPTS = {
    "HIRAGANA": "CJK",
    "KATAKANA": "CJK",
    "KATAKANA-HIRAGANA": "CJK",
    "IDEOGRAPHIC": "CJK",
    "FEMININE": "LATIN",
    "MASCULINE": "LATIN",
}


def scripts_of(words: Iterable[str]) -> set[str]:
    """Scripts of the letters in words; Japanese syllables and marks count as CJK, ª and º as Latin."""
    called = {unicodedata.name(letter).split()[0] for letter in "".join(words) if letter.isalpha()}
    return {SCRIPTS.get(name, name) for name in called}


def people_table(rows: int) -> dict[str, Any]:
    address = ["street", "postcode", "city", "region", "country", "phone"]
    person = ["given_name", "family_name", "full_name", "email", "gender"]
    return {
        "name": "people",
        "description": "People of a country",
        "population": {"kind": "scaled", "share": 1, "maximum": rows},
        "primary_key": ["person_id"],
        "columns": [
            column("person_id", "INT64", {"kind": "sequence"}, "key"),
            *(column(part, "STRING", {"kind": "person", "part": part}) for part in person),
            *(column(part, "STRING", {"kind": "address", "part": part}) for part in address),
            *(column(part, "FLOAT64", {"kind": "address", "part": part}) for part in ("latitude", "longitude")),
            column("company", "STRING", {"kind": "company"}),
            column("shipper", "STRING", {"kind": "company", "trade": False}),
            column("work_email", "STRING", {"kind": "person", "part": "email", "company": "company"}),
        ],
    }


def people(folder: Path, country: str, locale: str, rows: int = 600) -> pl.DataFrame:
    model = retail_model(rows, country=country, locale=locale, tables=[people_table(rows)])
    synthesise(model, folder)
    return read(folder, "people")


@pytest.mark.parametrize(("country", "language", "locale"), MARKETS)
def test_an_address_belongs_together_and_to_its_country(
    tmp_path: Path, country: str, language: str, locale: str
) -> None:
    found = people(tmp_path, country, locale)
    places = places_of(country, locale)
    assert places.source == "curated"
    assert set(found["city"]) == set(places.cities) >= set(market_of(country, language, "EUR").cities)
    assert found["postcode"].str.contains(f"^{POSTCODES[country]}$").all(), found["postcode"].unique()[:5]
    cities_of_postcode = found.group_by("postcode").agg(pl.col("city").n_unique())
    assert country in ONE_POSTCODE or cities_of_postcode["city"].max() == 1
    regions = dict(zip(places.cities, places.regions, strict=True))
    assert all(regions[city] == region for city, region in zip(found["city"], found["region"], strict=True))
    for number in found["phone"].head(60):
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_possible_number(parsed), number
        assert country in phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    assert (found["latitude"] != 0).all()
    assert found["latitude"].std() is not None
    assert found["street"].n_unique() > 200
    assert not found["street"].str.contains(r"[{}\n]").any()
    counts = found["city"].value_counts(sort=True)["count"]
    assert counts[0] > counts[-1]


@pytest.mark.parametrize(("country", "_language", "locale"), MARKETS)
def test_a_persons_parts_are_of_one_person(tmp_path: Path, country: str, _language: str, locale: str) -> None:
    found = people(tmp_path, country, locale)
    names = name_lists(locale, country)
    family_in_ascii = dict(zip(names.family.words, names.ascii_family, strict=True))
    for row in found.head(200).iter_rows(named=True):
        order = ("family_name", "given_name") if names.family_first else ("given_name", "family_name")
        assert row["full_name"] == names.between.join(row[part] for part in order)
        assert row["given_name"] in (names.female if row["gender"] == "female" else names.male).words
        family = family_in_ascii[row["family_name"]]
        assert family
        assert family in row["email"], (row["email"], row["family_name"])
    for addresses in (found["email"], found["work_email"]):
        assert addresses.str.contains(r"^[a-z0-9-]+([._][a-z0-9-]+)*@[a-z-]+\.example$").all(), addresses
    assert found["email"].is_duplicated().sum() == 0
    assert found["full_name"].n_unique() > 0.5 * found.height
    assert min(found["gender"].value_counts()["count"].to_list()) > 0.4 * found.height


@pytest.mark.parametrize(("country", "_language", "locale"), MARKETS)
def test_a_country_writes_in_one_script(tmp_path: Path, country: str, _language: str, locale: str) -> None:
    found = people(tmp_path, country, locale)
    for column_name in ("given_name", "family_name", "street", "city", "region"):
        assert scripts_of(found[column_name]) == scripts_of(found["city"]), column_name


@pytest.mark.parametrize(("country", "language", "locale"), MARKETS)
def test_companies_are_called_as_in_their_country(tmp_path: Path, country: str, language: str, locale: str) -> None:
    found = people(tmp_path, country, locale)
    assert found["company"].is_duplicated().sum() == 0
    forms = legal_forms(country, language)
    lists = company_names(locale, country).lists
    parts = [*forms, *lists["family"], *lists["word"], *lists["trade"], *lists["city"], "&", "شركة", "บริษัท", "»"]
    for name in found["company"].head(100):
        assert any(form in name for form in forms), name
        rest = name
        for part in sorted(parts, key=len, reverse=True):
            rest = rest.replace(part, "", 1)
        assert len(rest.strip("« ")) <= len(" एंड "), name
        words = name.split()
        assert not any(first == second for first, second in pairwise(words)), name


@pytest.mark.parametrize(
    ("country", "locale", "of_women", "of_men"),
    [
        ("CZ", "cs_CZ", "(á|ů|í)$", "[^á]$"),
        ("SK", "sk_SK", "(á|ej|a|o|ych|y|ů|í|e)$", "[^á]$"),
        ("PL", "pl_PL", "([^i]|[^ck]i)$", "([^a]|[^sck]a|[^sc]ka)$"),
        ("RU", "ru_RU", "а$", "(в|н|й)$"),
        ("BG", "bg_BG", "а$", "(в|н|и)$"),
        ("UA", "uk_UA", "[^й]$", "[^а]$"),
        ("LT", "lt_LT", "(ienė|aitė|utė|ūtė|ytė)$", "(as|is|us|ys|a)$"),
        ("LV", "lv_LV", "(a|e)$", "s|š"),
        ("IS", "is_IS", "dóttir$", "son$"),
        ("GR", "el_GR", "[^ς]$", "(ς|υ|ης)$"),
        ("CY", "el_CY", "[^ς]$", "(ς|υ|ης)$"),
    ],
)
def test_family_names_have_the_form_of_the_persons_sex(
    tmp_path: Path, country: str, locale: str, of_women: str, of_men: str
) -> None:
    found = people(tmp_path, country, locale)
    women = found.filter(gender="female")["family_name"]
    men = found.filter(gender="male")["family_name"]
    assert women.str.contains(of_women).all(), women.filter(~women.str.contains(of_women))
    assert men.str.contains(of_men).all(), men.filter(~men.str.contains(of_men))


def test_of_many_people_none_has_the_address_of_another(tmp_path: Path) -> None:
    found = people(tmp_path, "JP", "ja_JP", 40_000)
    assert found["email"].is_duplicated().sum() == 0


@pytest.mark.parametrize(("country", "locale"), [("DE", "de_DE"), ("US", "en_US"), ("ID", "id_ID"), ("CN", "zh_CN")])
def test_a_name_without_a_trade_does_not_say_what_the_company_does(tmp_path: Path, country: str, locale: str) -> None:
    found = people(tmp_path, country, locale, 1_500)
    assert found["shipper"].is_duplicated().sum() == 0
    trades = company_names(locale, country).lists["trade"]
    if country in {"DE", "US"}:  # elsewhere a name may need the word for a trade
        assert not any(set(name.split()) & set(trades) for name in found["shipper"])


def test_companies_are_named_once_and_write_from_their_domain(tmp_path: Path) -> None:
    found = people(tmp_path, "DE", "de_DE", 2_000)
    assert found["company"].is_duplicated().sum() == 0
    assert found["company"].str.contains(r"(GmbH|AG|KG)$").all()
    row = found.row(0, named=True)
    assert ascii_name(row["company"].split()[0]) in row["work_email"].split("@")[1]
    assert not found["work_email"].str.contains(r"-(gmbh|ag|kg)\.example$").any()
    by_domain = found.with_columns(domain=pl.col("work_email").str.split("@").list.last())
    assert by_domain["domain"].n_unique() > 1_000


def test_a_row_without_a_company_has_the_address_of_a_private_person() -> None:
    domains = company_domains(pl.Series([None, "Atlas Energy Ltd"], dtype=pl.String), "en_GB", "GB")
    assert domains.to_list() == [None, "atlas-energy.example"]
    both = _at_companies(pl.Series([None, "Atlas Energy Ltd"]), "en_GB", "GB", np.array([1, 1]))
    assert both.to_list() == ["@inboxly-mail.example", "@atlas-energy.example"]


@pytest.mark.parametrize(("country", "locale"), [("XK", "sq_XK"), ("QA", "ar_AA"), ("LK", "en_GB")])
def test_another_country_has_its_largest_cities_and_says_what_is_unknown(
    tmp_path: Path, country: str, locale: str
) -> None:
    found = people(tmp_path, country, locale)
    assert places_of(country, locale).source == "gazetteer"
    assert any("only the largest cities" in words for words in stand_ins(retail_model(country=country, locale=locale)))
    assert set(found["city"]) == set(places_of(country, locale).cities)
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(number)) for number in found["phone"].head(20))
    assert found["email"].str.contains(r"^[a-z0-9._-]+@[a-z-]+\.example$").all()


def test_a_code_that_is_no_countrys_is_refused_with_what_to_give() -> None:
    with pytest.raises(ProvisioningError, match=r"'XX'.*--country DE"):
        places_of("XX", "en_US")


def test_known_markets_have_no_stand_ins_but_are_honest_about_names() -> None:
    assert stand_ins(retail_model(country="DE", locale="de_DE")) == []
    assert stand_ins(retail_model(country="MY", locale="en_GB")) == []
    assert stand_ins(retail_model(country="CA", locale="en_CA")) == [
        f"names of people: there is no list for en_CA; the list for {faker_locale('person', 'en_CA')} is used instead"
    ]


@pytest.mark.parametrize(
    ("language", "name", "written"),
    [
        ("de", "Müller", "mueller"),
        ("de", "Groß", "gross"),
        ("tr", "Gülşen", "gulsen"),
        ("tr", "Işık", "isik"),
        ("tr", "İbrahim", "ibrahim"),
        ("hu", "Győrffy", "gyorffy"),
        ("fi", "Hämäläinen", "hamalainen"),
        ("sv", "Åström", "astrom"),
        ("et", "Õunapuu", "ounapuu"),
        ("da", "Sørensen", "soerensen"),
        ("no", "Bjørnstad", "bjornstad"),
        ("is", "Guðrún Þórðardóttir", "gudrunthordardottir"),
        ("pl", "Łukasz", "lukasz"),
        ("vi", "Nguyễn", "nguyen"),
        ("en", "O'Brien", "obrien"),
        ("nl", "van der Merwe", "vandermerwe"),
        ("fr", "François", "francois"),
        ("es", "Ana-Sofía", "ana-sofia"),
        ("ru", "Иванов", "ivanov"),
        ("ru", "Щукин", "shchukin"),
        ("ru", "Соловьёв", "solovev"),
        ("ru", "Юрий", "yury"),
        ("uk", "Григорій", "hryhorii"),
        ("bg", "Ъгълов", "agalov"),
        ("el", "Παπαδόπουλος", "papadopoulos"),
        ("el", "Ευαγγελία", "evangelia"),
        ("el", "Ευτυχία", "eftychia"),
        ("ka", "ბერიძე", "beridze"),
        ("zh", "桂兰", "guilan"),
        ("ko", "김", "gim"),
        ("", "!!!", ""),
    ],
)
def test_names_in_addresses_are_written_as_in_their_language(language: str, name: str, written: str) -> None:
    assert ascii_name(name, language) == written


def test_a_phone_template_leaves_the_last_digits_open() -> None:
    assert phone_template("CZ").startswith("+420")
    assert phone_template("CZ").count("#") == 4
    assert phone_template("ZZ") == "+1 212 555 ####"


@pytest.mark.parametrize(
    ("country", "locale"), [("US", "en_US"), ("DE", "de_DE"), ("JP", "ja_JP"), ("GR", "el_GR"), ("RU", "ru_RU")]
)
def test_a_companys_domain_is_its_first_two_words_before_the_legal_form(country: str, locale: str) -> None:
    before, after = company_names(locale, country).around[0]
    written = {
        f"{before}Berg & Sohn Handel{after}": "berg-sohn.example",
        f"{before}Alpha{after}": "alpha.example",
        f"{before}  Blue   Water Supply{after}": "blue-water.example",
        "Nova": "nova.example",
        f"{before}{'x' * 30} {'y' * 30}{after}": f"{'x' * 30}-{'y' * 9}.example",
        f"{before}123 & 45{after}": None,
        " ": None,
        "": None,
        None: None,
        f"{before}Blue Water Supply{after}": "blue-water.example",
    }
    domains = company_domains(pl.Series(list(written), dtype=pl.String), locale, country)
    assert domains.to_list() == list(written.values())
    assert len(company_domains(pl.Series([], dtype=pl.String), locale, country)) == 0


@pytest.mark.parametrize(
    ("country", "locale", "company", "domain"),
    [
        ("DE", "de_DE", "Müller Maschinenbau GmbH & Co. KG", "mueller-maschinenbau.example"),
        ("TR", "tr_TR", "Şimşek Gıda A.Ş.", "simsek-gida.example"),
        ("JP", "ja_JP", "渡辺物流株式会社", "watanabe-butsuryu.example"),
        ("CN", "zh_CN", "上海华信物流有限公司", "shanghai-huaxin.example"),
        ("RU", "ru_RU", "ООО «Иванов и Попов»", "ivanov-popov.example"),
        ("SA", "ar_SA", "شركة النخيل للتجارة ذ.م.م", "alnakheel-trading.example"),
        ("TH", "th_TH", "บริษัท สยาม โลจิสติกส์ จำกัด", "siam-logistics.example"),
        ("LT", "lt_LT", "UAB Terra", "terra.example"),
    ],
)
def test_a_domain_is_written_as_in_its_country(country: str, locale: str, company: str, domain: str) -> None:
    assert company_domains(pl.Series([company]), locale, country).to_list() == [domain]


def test_places_and_names_are_written_without_mistakes_of_typing() -> None:
    places = pl.read_csv(PLACES, separator="|", infer_schema=False).fill_null("")
    assert not places.select("country", "language", "city").is_duplicated().any()
    for text in places.columns:
        assert (places[text] == places[text].str.strip_chars()).all()
    listed = places.filter(pl.col("country").is_in(listed_countries()))
    assert (listed.group_by("country", "language").len()["len"] >= 4).all()
    assert (listed["postcode"] != "").all()
    assert (listed["phone"].str.contains(r"^\+\d+ [\d \-#\[\]]+$")).all()
