"""Towns by country, the distance between two places, and which town a name of a company's place means (data: ``towns.txt``)."""

import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from provisioning_assets.geography.distance import great_circle_km

TOWNS = Path(__file__).with_name("towns.txt")

APART_KM = 250.0
"""Places of one company that are this far apart are as unlikely as one of them having a third of the people (a factor of e)."""

FARTHEST_KM = 2000.0
"""Places farther apart count as this far."""


@dataclass(frozen=True)
class Town:
    """A town.

    ``names``: the country's own spelling first. ``latitude`` and ``longitude``: degrees, to a hundredth. ``region``: its state or
    province; ``postcode`` and ``phone``: templates as in ``places.csv``. These three are empty where no address is made.
    """

    names: tuple[str, ...]
    people: int
    latitude: float
    longitude: float
    region: str = ""
    postcode: str = ""
    phone: str = ""


@lru_cache(maxsize=1)
def towns() -> dict[str, tuple[Town, ...]]:
    """Country (ISO 3166-1 alpha-2) -> its towns of 5,000 people or more, the largest first."""
    found: dict[str, list[Town]] = defaultdict(list)
    for line in TOWNS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, people, latitude, longitude, region, postcode, phone, names = line.split("\t")
            found[country].append(
                Town(tuple(names.split("|")), int(people), float(latitude), float(longitude), region, postcode, phone)
            )
    return {country: tuple(each) for country, each in found.items()}


@lru_cache(maxsize=8)
def _by_name(country: str) -> dict[str, list[Town]]:
    """A town's name without accents and case -> the towns with that name, the largest first."""
    found: dict[str, list[Town]] = defaultdict(list)
    for town in towns().get(country, ()):
        for name in dict.fromkeys(map(plain, town.names)):
            found[name].append(town)
    return found


def located(places: Mapping[str, str | None], country: str, regions: Iterable[str] = ()) -> dict[str, Town]:
    """The towns that the names of one company's places mean; without names that are no town's.

    Of several towns of one name, the one in the place's own region is meant; else one in a region of the company; else the one with
    most people that is not far from the company's other places: "Portland" beside "Boston" and "Providence" is the one in Maine.

    Args:
        places: name as the company writes it -> its region (state, province), if known.
        country: ISO 3166-1 alpha-2.
        regions: names of regions in which the company is.
    """
    choices = {name: found for name in places if (found := _by_name(country).get(plain(name)))}
    at_home = {plain(region) for region in regions}

    def likelihood(name: str, town: Town) -> tuple[bool, bool, float]:
        region = plain(town.region)
        others = [found for other, found in choices.items() if plain(other) != plain(name)]
        apart = [min([FARTHEST_KM, *(distance_km(town, each) for each in found)]) for found in others]
        mean = sum(apart) / len(apart) if apart else 0.0
        stated = bool(region) and region == plain(places[name] or "")
        return stated, bool(region) and region in at_home, math.log(town.people) - mean / APART_KM

    return {name: max(found, key=lambda town, name=name: likelihood(name, town)) for name, found in choices.items()}


def distance_km(one: Town, other: Town) -> float:
    """The great-circle distance of two towns in kilometres (haversine)."""
    return great_circle_km(one.latitude, one.longitude, other.latitude, other.longitude)


def script(name: str) -> str:
    """``LATIN``, ``CYRILLIC``, ``CJK``...: the first word of the first letter's name in Unicode."""
    return next((unicodedata.name(letter, "").split(" ")[0] for letter in name if letter.isalpha()), "")


def plain(name: str) -> str:
    """A name without accents and case."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
