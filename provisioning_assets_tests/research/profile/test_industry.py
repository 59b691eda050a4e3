"""Industries of invented home pages in many languages, and what makes the reading sure or unsure."""

from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.research.profile.industry import check_industry, confidence_of, rank_industries
from provisioning_assets.research.profile.lexicon import (
    GENERAL,
    fits,
    industries,
    industry_ids,
    lexicon,
    term_languages,
    terms_of,
)
from provisioning_assets.research.profile.passages import read_passages
from provisioning_assets.research.profile.words import UNSPACED, is_east_asian
from provisioning_assets_tests.research.profile.site_text import page, site

MINI_SITES = yaml.safe_load(Path(__file__).with_name("mini_sites.yaml").read_text(encoding="utf-8"))
LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "no", "ja", "zh", "ko"),
    *("ru", "uk", "ar", "pl", "tr", "hu", "cs", "fi", "id", "ro"),
)


def ranked(language: str = "en", notes: str = "", **fields):
    return rank_industries(read_passages(site(page(language=language, **fields), notes=notes)), (language,))


def of_mini_site(mini):
    text = "\n".join([*mini["headings"], mini["text"]])
    return ranked(
        mini["language"], title=mini["title"], navigation=mini["navigation"], headings=mini["headings"], text=text
    )


def test_there_are_twenty_six_industries_with_words_in_every_language():
    assert len(industry_ids()) == 26
    assert industry_ids()[-1] == GENERAL
    assert all(industry.schema_types for industry in industries().values())
    assert set(term_languages()) == set(LANGUAGES)
    for language in LANGUAGES:
        assert set(terms_of(language)) == set(industry_ids())
        for name, strengths in terms_of(language).items():
            written = [term for terms in strengths.values() for term in terms]
            assert len(written) == len(set(written)), f"{name} {language} says a term twice"
            assert all(term == term.lower() for term in written), f"{name} {language}"
            if language in UNSPACED:
                assert all(len(term) > 1 for term in written), f"{name} {language} has one-character terms"


def test_nine_of_ten_invented_sites_are_read_right():
    wrong = [
        f"{mini['industry']}/{mini['language']} {mini['title']!r} read as {scores[0].industry}"
        for mini in MINI_SITES
        if (scores := of_mini_site(mini))[0].industry != mini["industry"]
    ]
    assert len(MINI_SITES) >= 70
    assert {mini["industry"] for mini in MINI_SITES} == set(industry_ids())
    assert len(wrong) <= 0.1 * len(MINI_SITES), "\n".join(wrong)


def test_confidence_means_what_it_says():
    bands = defaultdict(list)
    for mini in MINI_SITES:
        first = of_mini_site(mini)[0]
        bands[confidence_of(first) >= 0.8].append(first.industry == mini["industry"])
    assert sum(bands[True]) >= 0.95 * len(bands[True])


def test_a_site_that_says_nothing_is_general_business_and_unsure():
    first = ranked(title="Welcome", text="Hello. Come back soon.")[0]
    assert first.industry == GENERAL
    assert confidence_of(first) <= 0.3
    assert first.evidence == ()
    assert rank_industries(read_passages(site()), ("en",))[0].industry == GENERAL


def test_a_declared_schema_type_speaks_for_its_industry_with_the_word_as_evidence():
    first = ranked(title="Smile", json_ld=[{"@type": ["Dentist", "LocalBusiness"], "name": "Smile"}])[0]
    assert first.industry == "healthcare"
    assert first.evidence[0].words == "Dentist"


def test_words_of_a_privacy_page_hardly_count():
    law = "attorney lawyer legal litigation counsel law firm compliance"
    gym = page(title="Iron Gym", text="personal training and yoga classes", language="en")
    scores = rank_industries(
        read_passages(site(gym, page("/privacy", title="Privacy", text=law, language="en"))), ("en",)
    )
    assert scores[0].industry == "fitness"


def test_a_neighbouring_industry_is_the_runner_up_and_takes_confidence():
    clear = ranked(title="Law firm", text="Attorneys for litigation")
    mixed = ranked(
        title="Law firm and real estate agents", text="Attorneys for litigation. Homes for sale, apartments for rent."
    )
    assert mixed[1].industry in {"real_estate", "professional_services"}
    assert confidence_of(mixed[0]) < confidence_of(clear[0])


def test_insurance_for_pets_is_insurance_and_a_car_portal_with_insurance_is_automotive():
    pets = ranked(
        title="Pet insurance for dogs and cats",
        text="Keep your vet. File a claim, low deductible, vet bills reimbursed.",
    )
    cars = ranked(
        title="New cars and used cars",
        navigation=["Compare cars", "Car loan", "Insurance"],
        text="Find a dealer, book a test drive.",
    )
    assert pets[0].industry == "insurance"
    assert cars[0].industry == "automotive"


def test_german_compounds_and_inflections_are_found():
    assert ranked("de", title="Haustierversicherungen im Vergleich")[0].industry == "insurance"
    assert ranked("de", title="Containerspedition Kiel")[0].industry == "logistics"


def test_notes_alone_name_an_industry():
    website = site(notes="A chain of 14 gyms with personal training and yoga")
    assert rank_industries(read_passages(website), ("en",))[0].industry == "fitness"


@pytest.mark.parametrize(
    ("pattern", "word", "expected"),
    [
        ("*bank", "volksbank", True),
        ("*bank", "bankier", False),
        ("bank*", "bankier", True),
        ("*bank*", "sparbanken", True),
        ("bank", "bank", True),
        ("bank", "banks", False),
    ],
)
def test_stars(pattern, word, expected):
    assert fits(pattern, word, word) is expected


def test_phrases_are_found_across_hyphens_and_only_whole():
    found = {one.term.written for one in lexicon("en").in_text("Our e-commerce and free-shipping offer", "en")}
    assert {"e-commerce", "free shipping"} <= found
    inside = lexicon("en").in_text("embankment carbonara", "en")
    assert not [one for one in inside if one.term.written in {"bank", "car"}]
    assert any(is_east_asian(one.term.written) for one in lexicon("ja").in_text("東京の歯科クリニック", "ja"))


def test_an_unknown_industry_is_refused_with_what_is_accepted():
    assert check_industry("saas") == "saas"
    with pytest.raises(ProvisioningError, match="general_business") as refusal:
        check_industry("piracy")
    assert "piracy" in refusal.value.problem


@pytest.mark.parametrize(
    ("language", "served", "own"),
    [
        ("en", "Software for restaurants and hotels", "saas"),
        ("de", "Versicherung für Bauernhöfe", "insurance"),
        ("es", "Software para restaurantes y hoteles", "saas"),
        ("tr", "restoranlar için yazılım", "saas"),
        ("en", "Farm insurance", "insurance"),
        ("it", "Assicurazione agricola", "insurance"),
    ],
)
def test_the_trade_of_the_customers_is_not_the_companys_own(language, served, own):
    assert ranked(language, title=served)[0].industry == own


def test_what_a_text_denies_quotes_or_heads_as_customers_counts_less():
    def farming(text, headings=()):
        return next(one.score for one in ranked(text=text, headings=list(headings)) if one.industry == "agriculture")

    assert farming("We are not a dairy farm") < farming("We are a dairy farm")
    assert farming('"It saved our dairy farm"') < farming("It saved our dairy farm")
    assert farming("Our customers\nMoss dairy farm", ["Our customers"]) < farming(
        "Our herd\nMoss dairy farm", ["Our herd"]
    )


def test_two_trades_with_about_the_same_evidence_leave_it_open():
    first, second, *_ = ranked(title="Supermarket. Hotel.")
    assert first.industry == GENERAL
    assert second.industry in {"grocery", "hospitality"}


def test_a_trade_without_an_industry_is_none_of_the_trades_it_works_for():
    first = ranked(title="Laundry and linen rental", text="Hotels, restaurants and clinics rent our towels and linen.")[
        0
    ]
    assert first.industry == GENERAL
    assert first.evidence
