"""Names of countries, regions and cities, offline: CLDR's territories from babel, regions.yaml, cities.txt, towns."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from babel import Locale, UnknownLocaleError

from provisioning_assets.geography.towns import towns

_FOLDER = Path(__file__).parent
_LOCALES = ("en", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "no", "ja", "zh", "ko")
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "AQ", "CP", "DG", "TA", "AC", "IC", "EA", "CQ"})

Kind = Literal["city", "region", "country"]


@dataclass(frozen=True)
class PlaceName:
    """A place in the gazetteer.

    Args:
        name: as displayed.
        kind: city, region or country.
        country: ISO 3166-1 alpha-2.
        people: inhabitants of a city, 0 for others.
    """

    name: str
    kind: Kind
    country: str
    people: int = 0


@lru_cache(maxsize=1)
def everyday_names() -> frozenset[str]:
    """Place names in not_places.txt that usually mean something else; lower case, with hyphens instead of spaces."""
    lines = (_FOLDER / "not_places.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=1)
def places_by_name() -> dict[str, tuple[PlaceName, ...]]:
    """Name as written (case-sensitive) -> the places with that name, cities by size; without everyday words."""
    found: dict[str, list[PlaceName]] = defaultdict(list)
    for country, names in regions().items():
        for name in names:
            found[name].append(PlaceName(name, "region", country))
    for line in (_FOLDER / "cities.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        country, people, names = line.split("\t")
        for name in names.split("|"):
            found[name].append(PlaceName(name, "city", country, int(people)))
    return {
        name: tuple(sorted(places, key=lambda place: (place.kind != "region", -place.people, place.country)))
        for name, places in found.items()
        if name.lower().replace(" ", "-") not in everyday_names()
        and len(name) > 1
        and not (name.isascii() and len(name) < 4)
    }


@lru_cache(maxsize=1)
def towns_by_name() -> dict[str, tuple[PlaceName, ...]]:
    """Name as written -> the towns with that name, by size; without everyday words.

    So many names mean something else, too, that they only count where places are listed.
    """
    found: dict[str, list[PlaceName]] = defaultdict(list)
    for country, each in towns().items():
        for town in each:
            for name in town.names:
                found[name].append(PlaceName(name, "city", country, town.people))
    return {
        name: tuple(sorted(named, key=lambda place: -place.people))
        for name, named in found.items()
        if name.lower().replace(" ", "-") not in everyday_names()
    }


@lru_cache(maxsize=1)
def regions() -> dict[str, list[str]]:
    """Country -> names of its regions, from regions.yaml."""
    return yaml.load((_FOLDER / "regions.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@lru_cache(maxsize=32)
def country_names(language: str) -> dict[str, str]:
    """Name of a country in this language or in English -> ISO 3166-1 alpha-2."""
    names: dict[str, str] = {}
    for code in dict.fromkeys((language, "en")):
        try:
            territories = Locale.parse(code).territories
        except (UnknownLocaleError, ValueError):
            continue
        for territory, name in territories.items():
            if len(territory) == 2 and territory.isalpha() and territory not in _NO_COUNTRIES:
                names.setdefault(name, territory)
    names.update({"USA": "US", "U.S.": "US", "UK": "GB", "UAE": "AE"})
    return {name: code for name, code in names.items() if name.lower() not in everyday_names() and len(name) > 1}


def country_code(written: str) -> str | None:
    """``"DE"``, ``"Germany"`` or ``"Deutschland"`` -> ``"DE"``; ``None`` if it is not the name of a country."""
    bare = written.strip()
    if len(bare) == 2 and bare.isascii() and bare.isalpha():
        code = {"UK": "GB", "EL": "GR"}.get(bare.upper(), bare.upper())
        return code if code in Locale.parse("en").territories and code not in _NO_COUNTRIES else None
    for language in _LOCALES:
        if code := country_names(language).get(bare):
            return code
    return None


def country_name(code: str) -> str:
    """``"DE"`` -> ``"Germany"``."""
    return Locale.parse("en").territories.get(code, code)
