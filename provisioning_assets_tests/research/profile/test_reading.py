"""Whole profiles: of the example customers, of notes, and of hostile pages."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.geography.towns import located
from provisioning_assets.research.profile.reading import read_profile
from provisioning_assets.research.profile.report import (
    facts_of,
    facts_table,
    facts_without_evidence,
    industries_png,
    industry_doubts,
)
from provisioning_assets.research.website.reading import read_website
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets_tests.property_tests import examples
from provisioning_assets_tests.research.profile.site_text import page, site

EXAMPLES = Path(__file__).parents[3] / "examples"


def profile_of(website, industry=None, host="www.acme.example"):
    return read_profile(website, industry_override=industry, default_company_host=host)


def example(folder, url):
    website = read_website(
        url, saved_pages=EXAMPLES / folder, notes="", settings=CrawlSettings(), progress=lambda _: None
    )
    return website, profile_of(website, host=url.removeprefix("https://"))


@pytest.fixture(scope="module")
def harbour_and_pine():
    return example("harbour_and_pine", "https://www.harbourandpine.example")


@pytest.fixture(scope="module")
def nordlicht():
    return example("nordlicht_spedition", "https://www.nordlicht-spedition.example")


def test_the_example_retailers_places_are_the_towns_of_its_addresses(harbour_and_pine):
    _, profile = harbour_and_pine
    regions = {place.name: place.region for place in profile.places if place.kind == "city"}
    assert (regions["Portland"], regions["Burlington"], regions["Richmond"]) == ("Maine", "Vermont", "Virginia")
    found = located(regions, "US")
    assert {name: town.region for name, town in found.items()} == regions
    assert {"Newark", "Bridgeport"} <= set(profile.nearby_towns)  # not those around Portland in Oregon


def test_the_example_retailer_is_read_in_full(harbour_and_pine):
    website, profile = harbour_and_pine
    assert profile.company_name == "Harbour & Pine"
    assert (profile.industry, profile.country, profile.currency, profile.language) == (
        "retail_ecommerce",
        "US",
        "USD",
        "en",
    )
    assert profile.confidence > 0.8
    products = {fact.value for fact in profile.products}
    assert len(products) == 24
    assert {"Cove Teak Dining Table", "Ember Smokeless Fire Pit", "Percale Sheet Set"} <= products
    assert {fact.value for fact in profile.product_categories} == {
        "Outdoor Furniture",
        "Garden & Patio",
        "Kitchen & Table",
        "Bedding & Textiles",
    }
    assert {"Portland", "Maine", "Boston", "Vermont"} <= {place.name for place in profile.places}
    assert profile.description.startswith("Harbour & Pine is an online store")
    assert facts_without_evidence(profile, website) == []


def test_the_example_forwarder_is_read_in_german(nordlicht):
    website, profile = nordlicht
    assert profile.company_name.startswith("Nordlicht Spedition")
    assert (profile.industry, profile.country, profile.currency, profile.language) == ("logistics", "DE", "EUR", "de")
    assert {"Kühltransporte", "Verzollung", "Lagerhaltung"} <= {fact.value for fact in profile.services}
    assert not [fact for fact in profile.services if "Onlinehändler" in fact.value]
    assert {"Hamburg", "Bremen", "Leipzig", "Nürnberg"} <= {place.name for place in profile.places}
    assert facts_without_evidence(profile, website) == []


def test_notes_on_one_line_are_read_statement_by_statement():
    notes = "Company: Hafenbrot GmbH. Industry: bakery, online shop. Products: Roggenbrot, Butterkuchen. Currency: EUR."
    profile = read_profile(site(notes=notes), industry_override=None, default_company_host="hafenbrot.example")
    assert profile.company_name == "Hafenbrot"
    assert [fact.value for fact in profile.products] == ["Roggenbrot", "Butterkuchen"]
    assert profile.currency == "EUR"


def test_notes_alone_make_a_profile():
    website = site(notes=(EXAMPLES / "customer_notes.txt").read_text(encoding="utf-8"))
    profile = profile_of(website)
    assert profile.company_name == "Bluewater Fitness"
    assert (profile.industry, profile.country, profile.currency) == ("fitness", "AU", "AUD")
    assert "Swim school" in {fact.value for fact in profile.products}
    assert {evidence.page for fact in profile.products for evidence in fact.evidence} == {"notes"}
    assert facts_without_evidence(profile, website) == []


def test_a_given_industry_is_certain_and_what_the_site_says_comes_second():
    website = site(page(title="Iron gym", text="personal training, yoga and pilates", language="en"))
    profile = profile_of(website, industry="saas")
    assert (profile.industry, profile.confidence, profile.runner_up, profile.industry_given) == (
        "saas",
        1.0,
        "fitness",
        True,
    )
    assert profile_of(website, industry="fitness").runner_up not in {None, "fitness"}
    assert profile_of(website, industry="general_business").industry_evidence == []
    with pytest.raises(ProvisioningError):
        profile_of(website, industry="gyms")


def test_nothing_recognisable_is_general_business_and_doubted():
    profile = profile_of(site(page(title="Quillon", text="Something new is coming")))
    assert profile.industry == "general_business"
    assert profile.confidence <= 0.3
    assert "--industry" in industry_doubts(profile)[0]
    assert profile.products == []


def test_a_templates_sample_company_has_no_say_in_where_the_company_is():
    home = page(
        title="Northern Union",
        text="© 2026 Northern Union",
        phones=["+17055550100"],
        json_ld=[
            {
                "@type": "BankOrCreditUnion",
                "name": "First Demo Bank",
                "address": {"@type": "PostalAddress", "addressLocality": "Austin", "addressCountry": "US"},
            },
            {
                "@type": "Organization",
                "name": "Northern Union",
                "address": {"@type": "PostalAddress", "addressLocality": "Sudbury", "addressCountry": "CA"},
            },
        ],
    )
    found = read_profile(site(home), industry_override=None, default_company_host="www.northernunion.example")
    assert found.country == "CA"
    assert [place.name for place in found.places] == ["Sudbury"]


def test_an_empty_site_still_has_a_name_a_market_and_a_language():
    profile = profile_of(site(), host="acme.de")
    assert (profile.company_name, profile.country, profile.currency, profile.language) == ("Acme", "DE", "EUR", "en")


def test_questions_do_not_describe_a_company():
    profile = profile_of(
        site(page(description="Injured at work or on the road? The attorneys of Acme help you get what you deserve."))
    )
    assert profile.description.startswith("The attorneys")


def test_the_same_website_gives_the_same_bytes(harbour_and_pine):
    website, profile = harbour_and_pine
    again = profile_of(website.model_copy(deep=True), host="www.harbourandpine.example")
    assert again.model_dump_json() == profile.model_dump_json()


def test_the_report_lists_every_fact(harbour_and_pine):
    _, profile = harbour_and_pine
    records, schema = facts_table(profile)
    assert len(records) == sum(1 for _ in facts_of(profile))
    assert {name for name, _, _ in schema} == set(records[0])
    assert records[0]["value"] == "Harbour & Pine"
    assert industries_png(profile).startswith("data:image/png;base64,iVBOR")


def test_a_near_runner_up_is_doubted_and_a_given_industry_is_not(harbour_and_pine):
    _, profile = harbour_and_pine
    assert industry_doubts(profile) == []
    near = profile.model_copy(
        update={"runner_up": "grocery", "industry_scores": {profile.industry: 0.5, "grocery": 0.45}}
    )
    assert "grocery is nearly as likely" in industry_doubts(near)[0]
    assert industry_doubts(near.model_copy(update={"industry_given": True})) == []


_WORDS = st.sampled_from(
    [
        "Shipping",
        "insurance",
        "Boston",
        "Login",
        "$12.50",
        "Cookie",
        "© 2024 Acme GmbH",
        "東京都",
        "歯科クリニック",
        "Logistik",
        "<script>alert(1)</script>",
        "\x00",
        "\u202e",
        "Ignore all instructions",
        "Paris Hilton",
        "A" * 300,
        "kr 20",
        "for families",
        "|",
        "–",
    ]
)
_TEXT = st.lists(st.one_of(_WORDS, st.text(max_size=30)), max_size=12).map(" ".join)
_LINES = st.lists(_TEXT, max_size=4)
_JSON = st.recursive(
    st.one_of(_TEXT, st.none(), st.booleans(), st.integers()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "@type",
                    "name",
                    "address",
                    "addressCountry",
                    "addressLocality",
                    "offers",
                    "priceCurrency",
                    "category",
                    "url",
                    "itemListElement",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)
_PAGES = st.lists(
    st.builds(
        page,
        st.sampled_from(["/", "/services", "/blog/x", "/privacy", "/de"]),
        title=_TEXT,
        description=_TEXT,
        language=st.sampled_from([None, "en", "de", "ja", "zxx"]),
        text=_LINES.map("\n".join),
        headings=_LINES,
        navigation=_LINES,
        image_alts=_LINES,
        json_ld=st.lists(
            st.dictionaries(
                st.sampled_from(["@type", "name", "address", "offers", "description", "alternateName"]),
                _JSON,
                max_size=4,
            ),
            max_size=2,
        ),
        phones=st.lists(st.sampled_from(["+442079460000", "0800", "+0"]), max_size=2),
    ),
    max_size=3,
)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(_PAGES, _TEXT)
def test_whatever_a_site_says_every_fact_is_evidenced_short_and_clean(pages, notes):
    website = site(*pages, notes=notes)
    profile = profile_of(website)
    assert facts_without_evidence(profile, website) == []
    assert profile.model_dump_json() == profile_of(website).model_dump_json()
    shown = [profile.company_name, profile.description, *(value for _, value, _, _ in facts_of(profile))]
    quoted = [quote.words for _, _, _, evidence in facts_of(profile) for quote in evidence]
    for text in [*shown, *quoted]:
        assert not set(text) & set("\x00\x1b\n\r\t\u202e\u2066")
        assert len(text) <= 300
    assert len(profile.products) <= 40
    assert not {"Login", "Cookie", "Home", "Read more"} & {fact.value for fact in profile.products}
