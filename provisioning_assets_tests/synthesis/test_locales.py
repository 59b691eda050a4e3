"""People, places and companies belong to their country, whatever the country."""

from pathlib import Path
from typing import Any

import phonenumbers
import polars as pl
import pytest

from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.identities import company_domains
from provisioning_assets.synthesis.name_lists import ascii_name, faker_locale, legal_forms, name_lists
from provisioning_assets.synthesis.places import phone_template, places_of
from provisioning_assets.synthesis.tables_report import stand_ins
from provisioning_assets_tests.synthesis.conftest import read
from provisioning_assets_tests.synthesis.retail_model import column, retail_model

MARKETS = [
    ("US", "en_US", r"\d{5}"),
    ("GB", "en_GB", r"[A-Z]{1,2}\d{1,2} \d[A-Z]{2}"),
    ("DE", "de_DE", r"\d{5}"),
    ("FR", "fr_FR", r"\d{5}"),
    ("ES", "es_ES", r"\d{5}"),
    ("IT", "it_IT", r"\d{5}"),
    ("NL", "nl_NL", r"\d{4} [A-Z]{2}"),
    ("BE", "nl_BE", r"\d{4}"),
    ("DK", "da_DK", r"\d{4}"),
    ("SE", "sv_SE", r"\d{3} \d{2}"),
    ("NO", "no_NO", r"\d{4}"),
    ("FI", "fi_FI", r"\d{5}"),
    ("IE", "en_IE", r"[A-Z]\d{2} [A-Z]\d[A-Z]\d"),
    ("PL", "pl_PL", r"\d{2}-\d{3}"),
    ("PT", "pt_PT", r"\d{4}-\d{3}"),
    ("CA", "en_CA", r"[A-Z]\d[A-Z] \d[A-Z]\d"),
    ("AU", "en_AU", r"\d{4}"),
    ("NZ", "en_NZ", r"\d{4}"),
    ("IN", "en_IN", r"\d{6}"),
    ("JP", "ja_JP", r"\d{3}-\d{4}"),
    ("MY", "en_GB", r"\d{5}"),
    ("ID", "id_ID", r"\d{5}"),
    ("SG", "en_GB", r"\d{6}"),
    ("ZA", "en_GB", r"\d{4}"),
    ("CH", "de_CH", r"\d{4}"),
    ("AT", "de_AT", r"\d{4}"),
    ("BR", "pt_BR", r"\d{5}-\d{3}"),
    ("MX", "es_MX", r"\d{5}"),
    ("KR", "ko_KR", r"\d{5}"),
    ("TR", "tr_TR", r"\d{5}"),
]


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
            column("work_email", "STRING", {"kind": "person", "part": "email", "company": "company"}),
        ],
    }


def people(folder: Path, country: str, locale: str, rows: int = 600) -> pl.DataFrame:
    model = retail_model(rows, country=country, locale=locale, tables=[people_table(rows)])
    synthesise(model, folder)
    return read(folder, "people")


@pytest.mark.parametrize(("country", "locale", "postcode"), MARKETS)
def test_an_address_belongs_together_and_to_its_country(
    tmp_path: Path, country: str, locale: str, postcode: str
) -> None:
    found = people(tmp_path, country, locale)
    places = places_of(country, locale)
    assert places.source == "curated"
    assert found["postcode"].str.contains(f"^{postcode}$").all(), found["postcode"].unique()[:5]
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
    assert len(counts) == 1 or counts[0] > counts[-1]


@pytest.mark.parametrize(("country", "locale", "_postcode"), MARKETS)
def test_a_persons_parts_are_of_one_person(tmp_path: Path, country: str, locale: str, _postcode: str) -> None:
    found = people(tmp_path, country, locale)
    names = name_lists(locale, country)
    for row in found.head(200).iter_rows(named=True):
        assert row["full_name"].replace(row["given_name"], "", 1).strip() == row["family_name"] or names.family_first
        assert row["given_name"] in (names.female if row["gender"] == "female" else names.male).words
        family = dict(zip(names.family.words, names.ascii_family, strict=True))[row["family_name"]]
        assert family in row["email"], (row["email"], row["family_name"])
    assert found["email"].str.contains(r"^[a-z0-9._-]+@[a-z-]+(\.[a-z]+)+$").all()
    assert found["email"].is_duplicated().sum() == 0
    assert not found["email"].str.contains("example").any()
    assert found["full_name"].n_unique() > 0.5 * found.height
    assert min(found["gender"].value_counts()["count"].to_list()) > 0.4 * found.height


def test_of_many_people_none_has_the_address_of_another(tmp_path: Path) -> None:
    found = people(tmp_path, "JP", "ja_JP", 40_000)
    assert found["email"].is_duplicated().sum() == 0


def test_companies_are_named_once_and_write_from_their_domain(tmp_path: Path) -> None:
    found = people(tmp_path, "DE", "de_DE", 2_000)
    assert found["company"].is_duplicated().sum() == 0
    assert found["company"].str.contains(r"(GmbH|AG|KG)$").all()
    row = found.row(0, named=True)
    assert ascii_name(row["company"].split()[0]) in row["work_email"].split("@")[1]
    assert not found["work_email"].str.contains(r"-(gmbh|ag|kg)\.de$").any()
    by_domain = found.with_columns(domain=pl.col("work_email").str.split("@").list.last())
    assert by_domain["domain"].n_unique() > 1_000


@pytest.mark.parametrize(("country", "locale"), [("CZ", "cs_CZ"), ("TH", "th_TH"), ("KE", "en_KE"), ("XK", "sq_XK")])
def test_another_country_has_its_own_format_and_says_what_stands_in(tmp_path: Path, country: str, locale: str) -> None:
    found = people(tmp_path, country, locale)
    assert places_of(country, locale).source == "faker"
    assert any("places: cities" in words for words in stand_ins(retail_model(country=country, locale=locale)))
    assert found["city"].null_count() == 0
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(number)) for number in found["phone"].head(20))
    assert found["email"].str.contains(r"^[a-z0-9._-]+@[a-z-]+(\.[a-z]+)+$").all()


def test_known_markets_have_no_stand_ins_but_are_honest_about_names() -> None:
    assert stand_ins(retail_model(country="DE", locale="de_DE")) == []
    assert stand_ins(retail_model(country="MY", locale="en_GB")) == []
    assert stand_ins(retail_model(country="CA", locale="en_CA")) == [
        f"names of people: there is no list for en_CA; the list for {faker_locale('person', 'en_CA')} is used instead"
    ]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Müller", "mueller"),
        ("Sørensen", "soerensen"),
        ("O'Brien", "obrien"),
        ("van der Merwe", "vandermerwe"),
        ("François", "francois"),
        ("Łukasz", "lukasz"),
        ("Иванов", "ivanov"),
        ("Щукин", "shchukin"),
        ("Παπαδόπουλος", "papadopoylos"),
        ("김", "gim"),
        ("Ana-Sofía", "ana-sofia"),
        ("!!!", ""),
    ],
)
def test_names_in_addresses_are_ascii(name: str, written: str) -> None:
    assert ascii_name(name) == written


def test_a_phone_template_leaves_the_last_digits_open() -> None:
    assert phone_template("CZ").startswith("+420")
    assert phone_template("CZ").count("#") == 4
    assert phone_template("ZZ") == "+1 212 555 ####"


@pytest.mark.parametrize("country", ["US", "DE", "JP", "GR", "SA"])
def test_a_companys_domain_is_its_first_two_words_before_the_legal_form(country: str) -> None:
    form = legal_forms(country)[0]
    written = {
        f"Berg & Söhne Handel {form}": "berg-soehne",
        f"Alpha {form}": "alpha",
        f"  Blue   Water Supply {form}": "blue-water",
        "Nova": "nova",
        f"{'x' * 30} {'y' * 30} {form}": f"{'x' * 30}-{'y' * 9}",
        f"123 & 45 {form}": "office",
        " ": "office",
        "": "office",
        None: "office",
        f"Blue Water Supply {form}": "blue-water",
    }
    domains = company_domains(pl.Series(list(written), dtype=pl.String), country)
    top = domains[3].removeprefix("nova")
    assert domains.to_list() == [f"{name}{top}" for name in written.values()]
    assert len(company_domains(pl.Series([], dtype=pl.String), country)) == 0
