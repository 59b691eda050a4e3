"""Prices of products, if a site declares them."""

from typing import Any

import pytest

from provisioning_assets.research.profile.asked_prices import with_asked_prices
from provisioning_assets.research.profile.models import Evidence, Fact
from provisioning_assets.research.profile.passages import SitePassages, read_passages
from provisioning_assets.research.website.models import CustomerWebsite, FetchedBy, WebPage


def reading(*things: dict[str, Any]) -> SitePassages:
    page = WebPage(url="https://acme.com/", fetched_by=FetchedBy.HTTP, status=200, text="Chairs", json_ld=list(things))
    website = CustomerWebsite.model_validate(
        {"url": page.url, "fetched_at": "2026-01-01T00:00:00Z", "pages": [page], "brand": {}}
    )
    return read_passages(website)


def price_of(thing: dict[str, Any], currency: str = "USD") -> float | None:
    product = Fact(value="Teak Chair", evidence=[Evidence(page="https://acme.com/", words="Teak Chair")])
    return with_asked_prices([product], reading(thing), currency)[0].price


@pytest.mark.parametrize(
    ("offers", "price"),
    [
        ({"price": "249.00", "priceCurrency": "USD"}, 249.0),
        ({"price": 249, "priceCurrency": "usd"}, 249.0),
        ([{"price": "x"}, {"price": "19.5"}], 19.5),
        ({"@type": "AggregateOffer", "lowPrice": "99.90", "highPrice": "120"}, 99.9),
        ({"price": "249.00", "priceCurrency": "EUR"}, None),
        ({"price": "0"}, None),
        ({"price": "-3"}, None),
        ({"price": "NaN"}, None),
        ({"price": "1e400"}, None),
        ({"price": "on request"}, None),
        ({"price": True}, None),
        ({"price": {"value": 3}}, None),
        ("249.00", None),
        (None, None),
    ],
)
def test_an_offer_says_what_is_asked(offers: Any, price: float | None):
    assert price_of({"@type": "Product", "name": "Teak chair", "offers": offers}) == price


def test_products_within_lists_are_found_and_the_first_price_stays():
    listed = {
        "itemListElement": [
            {"item": {"name": "Teak Chair", "offers": {"price": 5}}},
            {"item": {"name": "Teak Chair", "offers": {"price": 6}}},
        ]
    }
    assert price_of(listed) == 5


def test_another_product_and_bottomless_nesting_give_no_price():
    deep: dict[str, Any] = {"name": "Teak Chair", "offers": {"price": 5}}
    for _ in range(20):
        deep = {"item": deep}
    assert price_of(deep) is None
    assert price_of({"name": "Oak Chair", "offers": {"price": 5}}) is None


@pytest.mark.parametrize(
    ("words", "price"),
    [
        ("Teak Chair from $249", 249.0),
        ("teak chair, oiled $1,249.50", 1249.5),
        ("Teak Chair 1.249,50 USD", 1249.5),
        ("Teak Chair 1.249 €", None),  # another currency
        ("From $249: our Teak Chair", None),  # before the name
        ("Teak Chair, loved by all who have sat on one in a garden $249", None),  # too far behind
        ("Teak Chair", None),
        ("Oak Table $99", None),
        ("Teak Chair $0", None),
    ],
)
def test_a_price_right_behind_a_name_is_read(words: str, price: float | None):
    product = Fact(value="Teak Chair", evidence=[Evidence(page="https://acme.com/", words=words)])
    assert with_asked_prices([product], reading(), "USD")[0].price == price


def test_yen_and_kroner_are_read_as_they_are_written():
    implant = Fact(
        value="インプラント診断",
        evidence=[Evidence(page="x", words="インプラント診断（CT撮影） ¥15,000（税込 ¥16,500）")],
    )
    cabin = Fact(value="Hotel Cabin", evidence=[Evidence(page="x", words="Hotel Cabin fra kr. 2.274,-")])
    assert with_asked_prices([implant], reading(), "JPY")[0].price == 15000
    assert with_asked_prices([cabin], reading(), "DKK")[0].price == 2274


def test_what_a_site_declares_comes_before_what_stands_beside_the_name():
    product = Fact(value="Teak Chair", evidence=[Evidence(page="x", words="Teak Chair $300")])
    declared = reading({"@type": "Product", "name": "Teak Chair", "offers": {"price": "249"}})
    assert with_asked_prices([product], declared, "USD")[0].price == 249
