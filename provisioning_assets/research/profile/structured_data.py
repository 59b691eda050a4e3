"""Structured data of the pages (schema.org, from JSON-LD and microdata): the one place where it is walked through."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from provisioning_assets.research.profile.passages import one_line
from provisioning_assets.research.profile.prices import LARGEST_PRICE, Price
from provisioning_assets.research.website.models import WebPage

_DEEPEST = 10  # levels; deeper objects are ignored
_LONGEST_NAME = 90  # characters


@dataclass(frozen=True)
class Thing:
    """A named object of structured data, with the price of its offer, if it has one in the asked currency."""

    name: str
    types: frozenset[str]
    price: Price | None = None


def objects(page: WebPage) -> Iterator[dict[str, Any]]:
    """Every object of a page's structured data, also those inside others, in their order."""
    for thing in page.json_ld:
        yield from _inside(thing, 0)


def page_without(page: WebPage, unwanted: Callable[[dict[str, Any]], bool]) -> WebPage:
    """The page with structured data that has no unwanted objects; the same page if it has none of them."""
    if not any(unwanted(thing) for thing in objects(page)):
        return page
    kept = [_without(thing, unwanted, 0) for thing in page.json_ld if not unwanted(thing)]
    return page.model_copy(update={"json_ld": kept})


def _without(value: Any, unwanted: Callable[[dict[str, Any]], bool], depth: int) -> Any:
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {
            key: _without(inner, unwanted, depth + 1)
            for key, inner in value.items()
            if not (isinstance(inner, dict) and unwanted(inner))
        }
    if isinstance(value, list):
        return [
            _without(inner, unwanted, depth + 1) for inner in value if not (isinstance(inner, dict) and unwanted(inner))
        ]
    return value


def types_of(thing: dict[str, Any]) -> frozenset[str]:
    """The schema.org types of an object, without their address."""
    declared = thing.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return frozenset(str(name).rsplit("/", 1)[-1] for name in names if name)


def things_of(page: WebPage, types: frozenset[str], currency: str) -> list[Thing]:
    """The named objects of some types on a page.

    Args:
        page: one of the site's pages.
        types: schema.org types, such as ``Product``.
        currency: ISO 4217; prices in other currencies are ignored.
    """
    found = []
    for thing in objects(page):
        name = thing.get("name")
        if isinstance(name, str) and types_of(thing) & types and 0 < len(one_line(name)) <= _LONGEST_NAME:
            found.append(Thing(one_line(name), types_of(thing), _price(thing, currency)))
    return found


def _inside(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _inside(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _inside(inner, depth + 1)


def _price(thing: dict[str, Any], currency: str) -> Price | None:
    offers = thing.get("offers")
    for offer in [thing, *(offers if isinstance(offers, list) else [offers])]:
        if not isinstance(offer, dict) or str(offer.get("priceCurrency", currency)).upper() != currency:
            continue
        specified = offer.get("priceSpecification")
        inner = specified if isinstance(specified, dict) else {}
        amount = _amount(offer.get("price", offer.get("lowPrice", inner.get("price"))))
        if amount is not None:
            return Price(amount, "referenceQuantity" in inner or "billingDuration" in inner)
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
