"""Prices of products, as far as a site declares them."""

from typing import Any

import pytest

from provisioning_assets.research.asked_prices import with_asked_prices
from provisioning_assets.research.models import CustomerWebsite, Evidence, Fact, FetchedBy, WebPage
from provisioning_assets.research.passages import Reading, read_passages


def reading(*things: dict[str, Any]) -> Reading:
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
