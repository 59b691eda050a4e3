"""The home market and its money, from addresses, phones, domains, places and prices."""

import pytest

from provisioning_assets.research.profile.home_market import domain_country, read_country, read_currency
from provisioning_assets.research.profile.passages import evidence_occurs, read_passages
from provisioning_assets.research.profile.places import mentions
from provisioning_assets_tests.research.profile.site_text import page, site


def home_of(*pages, notes="", language="en", host="acme.example"):
    website = site(*pages, notes=notes)
    reading = read_passages(website)
    home = read_country(reading, mentions(reading, language), language, host)
    assert all(evidence_occurs(quote, website) for quote in home.evidence)
    assert home.reasons
    return home


def currency_of(*pages, notes="", country="US"):
    website = site(*pages, notes=notes)
    currency, evidence = read_currency(read_passages(website), country)
    assert all(evidence_occurs(quote, website) for quote in evidence)
    return currency


@pytest.mark.parametrize(
    ("fields", "language", "country"),
    [
        ({"json_ld": [{"address": {"@type": "PostalAddress", "addressCountry": "ID"}}]}, "en", "ID"),
        (
            {
                "json_ld": [
                    {"address": {"@type": "PostalAddress", "addressCountry": {"@type": "Country", "name": "Norway"}}}
                ]
            },
            "en",
            "NO",
        ),
        ({"phones": ["+390472840305", "+393482330867"]}, "de", "IT"),
        ({"text": "81200 Johor Bahru, Johor, Malaysia."}, "en", "MY"),
        ({"text": "1620 Walnut Street, Philadelphia, PA 19103"}, "en", "US"),
        ({"text": "Unit 4, Leeds LS1 4DY, England"}, "en", "GB"),
        ({"text": "〒141-0021 東京都品川区"}, "ja", "JP"),
        ({"open_graph": {"og:url": "https://www.acme.co.za/"}}, "en", "ZA"),
        ({"open_graph": {"og:locale": "en_AU"}, "text": "A$59 a month"}, "en", "AU"),
        ({"language": "en-NZ", "text": "NZ$20 a week"}, "en", "NZ"),
        ({"text": "नमस्ते Plans from ₹499, ₹999 and ₹1,499"}, "en", "IN"),
        ({"text": "CHF 120.- und CHF 80"}, "de", "CH"),
        ({"title": "Organ builders in Leeds and Manchester", "text": "From £20"}, "en", "GB"),
    ],
)
def test_country(fields, language, country):
    assert home_of(page(**fields), language=language).code == country


def test_toll_free_and_broken_numbers_name_no_country():
    numbers = page(phones=["+18666403800", "+999", "5551234"], text="Call us")
    assert home_of(numbers).confidence == 0
    assert home_of(numbers.model_copy(update={"title": "Canada's furnace repair"})).code == "CA"


def test_the_host_speaks_when_the_pages_do_not():
    assert home_of(page(title="x"), host="shop.acme.co.uk").code == "GB"
    assert home_of(notes="They sell anvils.", host="acme.de").code == "DE"


@pytest.mark.parametrize(("language", "code"), [("en", "US"), ("da", "DK"), ("xx", "US")])
def test_a_language_alone_gives_a_country_without_confidence(language, code):
    home = home_of(page(title="Organs", language=f"{language}-GB"), language=language)
    assert (home.code, home.confidence, home.evidence) == (code, 0.0, ())


def test_the_confidence_is_the_share_of_the_signs_and_the_reasons_name_both_sides():
    address = {"@type": "PostalAddress", "addressCountry": "DE"}
    sure = home_of(page(json_ld=[{"address": address}], footer=["Hafenweg 8, 20457 Hamburg"]), language="de")
    torn = home_of(
        page(json_ld=[{"address": address}], footer=["12 Mill Lane, Leeds LS1 4DY"], phones=["+441174960123"]),
        language="en",
    )
    assert sure.code == "DE"
    assert sure.confidence > 0.95
    assert torn.code == "GB"
    assert 0.3 < torn.confidence < 0.8
    assert any("DE" in reason for reason in torn.reasons)
    assert any("GB" in reason for reason in torn.reasons)


def test_a_kind_of_sign_counts_once_however_often_it_is_repeated():
    pages = [page(f"/{n}", text=f"From £{n} a month") for n in range(1, 9)]
    home = home_of(page(json_ld=[{"address": {"@type": "PostalAddress", "addressCountry": "IE"}}]), *pages)
    assert home.code == "IE"


def test_where_it_is_registered_counts():
    assert home_of(page(footer=["Registered in Scotland, charity number SC012345"])).code == "GB"
    assert home_of(page(text="A week in Scotland was lovely.")).confidence == 0


def test_the_notes_overrule_every_sign():
    home = home_of(page(footer=["Hafenweg 8, 20457 Hamburg"]), notes="Country: Austria", host="acme.de", language="de")
    assert home.code == "AT"


@pytest.mark.parametrize(
    ("host", "country"),
    [
        ("acme.de", "DE"),
        ("acme.co.uk", "GB"),
        ("acme.io", None),
        ("acme.ai", None),
        ("acme.com", None),
        ("acme.eu", None),
        ("127.0.0.1", None),
        ("", None),
    ],
)
def test_country_of_a_domain(host, country):
    assert domain_country(host) == country


@pytest.mark.parametrize(
    ("fields", "country", "currency"),
    [
        ({"json_ld": [{"offers": [{"priceCurrency": "CAD", "price": 3}]}]}, "US", "CAD"),
        ({"text": "From $12.50 and $9"}, "AU", "AUD"),
        ({"text": "From $12.50 and $9"}, "DE", "USD"),
        ({"text": "Ab 12,50 € und 8 €"}, "CH", "EUR"),
        ({"text": "CHF 120.- und CHF 80"}, "CH", "CHF"),
        ({"text": "kr. 2.274,- og 99 kr"}, "DK", "DKK"),
        ({"text": "kr. 2.274,- og 99 kr"}, "NO", "NOK"),
        ({"text": "¥28,000 と 3,980円"}, "JP", "JPY"),
        ({"text": "R$ 90 e R$ 45"}, "BR", "BRL"),
        ({"text": "A$59 a month"}, "AU", "AUD"),
        ({"text": "R 499 and R 1,250 a month"}, "ZA", "ZAR"),
        ({"text": "R 24 - Flip top caps R 18 - Push pull caps R42 - Sealed caps"}, "BR", "BRL"),
        ({"text": "kr. 2.274,- og 99 kr"}, "DE", "EUR"),
        ({"open_graph": {"product:price:currency": "SEK"}}, "SE", "SEK"),
        ({"text": "A fine of € 5 in the news"}, "US", "USD"),
        ({}, "ZA", "ZAR"),
        ({}, "AQ", "USD"),
    ],
)
def test_currency(fields, country, currency):
    assert currency_of(page(**fields), country=country) == currency


def test_an_invalid_currency_in_structured_data_is_ignored():
    nested: dict = {"priceCurrency": "XQQ"}
    for _ in range(30):
        nested = {"offers": [nested]}
    assert currency_of(page(json_ld=[nested, {"priceCurrency": "dollars"}, {"priceCurrency": 5}])) == "USD"


def test_a_phone_number_is_quoted_as_the_page_writes_it():
    website = site(page(text="Call (0472) 840-305 or\n+39 0472 840 305 today", phones=["+390472840305"]))
    reading = read_passages(website)
    home = read_country(reading, [], "en", "acme.example")
    assert home.code == "IT"
    assert [quote.words for quote in home.evidence] == ["(0472) 840-305"]
    assert all(evidence_occurs(quote, website) for quote in home.evidence)
