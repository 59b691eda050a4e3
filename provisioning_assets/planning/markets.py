"""The customer's market by country, language and currency: names, addresses, usual amounts (data: ``markets.yaml``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from provisioning_assets.planning.blueprint_sources import MARKETS


@dataclass(frozen=True)
class Market:
    """A home market.

    ``locale`` is a Faker locale. ``price_level`` is how many units of the currency buy what one euro buys, rounded so that
    prices look usual. ``endings`` are the fractions of a unit that prices end with, the most usual first.
    """

    country: str
    locale: str
    currency: str
    price_level: float
    endings: tuple[float, ...]
    cities: tuple[str, ...]


@cache
def _data() -> Mapping[str, Any]:
    return yaml.load(MARKETS.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def listed_countries() -> list[str]:
    """ISO 3166-1 alpha-2 codes of the countries whose names, cities and languages are known, in alphabetical order."""
    return sorted(_data()["countries"])


def main_language(country: str) -> str:
    """The usual language (ISO 639-1) of websites in a listed country."""
    return next(iter(_data()["countries"][country]["locales"]))


def market_of(country: str, language: str, currency: str) -> Market:
    """The market of a country (ISO 3166-1 alpha-2) with a language (ISO 639-1) and a currency (ISO 4217).

    A country that is not listed gets the locale of its language. A currency that is not listed gets the euro's price level.
    """
    data = _data()
    listed = data["countries"].get(country.upper(), {})
    locales: dict[str, str] = listed.get("locales", {})
    locale = locales.get(language) or next(iter(locales.values()), None) or data["languages"].get(language, "en_US")
    cities = listed.get("cities_in", {}).get(language) or listed.get("cities") or data["cities_elsewhere"]
    money = data["currencies"].get(currency.upper(), {})
    return Market(
        country=country.upper(),
        locale=locale,
        currency=currency.upper(),
        price_level=float(money.get("level", 1.0)),
        endings=tuple(float(ending) for ending in money.get("endings", data["usual_endings"])),
        cities=tuple(cities),
    )
