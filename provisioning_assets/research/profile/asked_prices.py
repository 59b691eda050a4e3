"""Prices of the products on the site: a schema.org Offer, or a price after the name. Demo prices that differ look wrong."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from provisioning_assets.research.profile.home_market import first_price
from provisioning_assets.research.profile.labels import comparable
from provisioning_assets.research.profile.models import Fact
from provisioning_assets.research.profile.passages import SitePassages

DEEPEST = 10
"""Structured data nested deeper than this is ignored."""

FARTHEST_PRICE = 40
"""Maximum characters between a name and its price; a later price belongs to something else."""

LARGEST_PRICE = Decimal(10) ** 9
"""Larger numbers are article numbers."""


def with_asked_prices(products: Sequence[Fact], reading: SitePassages, currency: str) -> list[Fact]:
    """The products, each with the price that its page gives in the currency, if any: declared, or on the same line.

    Args:
        products: as the profile will name them.
        reading: the passages of the site.
        currency: ISO 4217; prices in other currencies are ignored.
    """
    asked: dict[str, float] = {}
    for page in reading.pages:
        for name, price in _declared(page.json_ld, currency):
            asked.setdefault(comparable(name), price)
    return [
        fact.model_copy(update={"price": asked.get(comparable(fact.value)) or _written(fact, currency)})
        for fact in products
    ]


def _written(fact: Fact, currency: str) -> float | None:
    """The price directly after the product on a line, as in ``Teak chair from $249``."""
    for quote in fact.evidence:
        at = quote.words.lower().find(fact.value.lower())
        found = first_price(quote.words) if at >= 0 else None
        if found is None:
            continue
        meant, amount, start = found
        behind = start - at - len(fact.value)
        if currency in meant and 0 <= behind <= FARTHEST_PRICE and 0 < amount <= LARGEST_PRICE:
            return round(amount, 2)
    return None


def _declared(value: Any, currency: str, depth: int = 0) -> Iterator[tuple[str, float]]:
    """Names with their prices, from every object that has a name and offers."""
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for inner in value:
            yield from _declared(inner, currency, depth + 1)
    elif isinstance(value, dict):
        name, offers = value.get("name"), value.get("offers")
        price = _first_price(offers if isinstance(offers, list) else [offers], currency)
        if isinstance(name, str) and price is not None:
            yield name, price
        for inner in value.values():
            if isinstance(inner, dict | list):
                yield from _declared(inner, currency, depth + 1)


def _first_price(offers: Iterable[Any], currency: str) -> float | None:
    for offer in offers:
        if not isinstance(offer, dict) or str(offer.get("priceCurrency", currency)).upper() != currency:
            continue
        price = _amount(offer.get("price", offer.get("lowPrice")))
        if price is not None:
            return price
    return None


def _amount(written: Any) -> float | None:
    """A price as a number: ``1290``, ``"1290.00"`` (schema.org requires a decimal point); None for anything else."""
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        return None
    try:
        amount = Decimal(str(written).strip())
    except InvalidOperation:
        return None
    return round(float(amount), 2) if amount.is_finite() and Decimal("0.01") <= amount <= LARGEST_PRICE else None
