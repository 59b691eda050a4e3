"""Towns near a company's own places, where a company of its kind could have another one (data: ``towns.txt``)."""

import math
import unicodedata
from collections.abc import Sequence

from provisioning_assets.research.profile.gazetteer import Town, towns
from provisioning_assets.research.profile.models import Place

MOST_NEARBY = 12

FEWEST_PEOPLE = 40_000
"""Inhabitants of a town that is proposed; the company's own places can be smaller."""

APART_KM = 15.0
"""Towns closer than this to a place that is taken are the same town for a company: its suburbs and districts."""

NEAR_KM = 25.0
"""Distances are compared in addition to this one, so that of two towns that are both near the larger one comes first."""

FARTHEST_KM = 400.0

NEIGHBOURS_KM = 150.0
"""A small town with the name of an own place is believed if another own place is nearer than this."""

_EARTH_RADIUS_KM = 6371.0


def nearby_towns(places: Sequence[Place], country: str) -> list[str]:
    """The names of towns near the company's own cities, the most likely first; none if no own city is known.

    A town is likelier the more people live there and the nearer it is to one of the company's own cities. Its name is spelled in
    the script of the company's own places; a town whose spelling in that script is not known is left out.

    Args:
        places: the company's own places.
        country: ISO 3166-1 alpha-2; places of other countries are left out.
    """
    cities = [place.name for place in places if place.kind == "city" and place.country == country]
    known = towns().get(country, ())
    own = _sure([town for name in cities if (town := _named(name, known)) is not None])
    script = _script(cities[0]) if cities else ""
    likely: list[tuple[float, str, Town]] = []
    for town in known:
        name = next((name for name in town.names if _script(name) == script), None)
        if own and name is not None and town.people >= FEWEST_PEOPLE:
            distance = min(_distance_km(town, each) for each in own)
            if APART_KM < distance < FARTHEST_KM:
                likely.append((-math.cbrt(town.people) / (NEAR_KM + distance), name, town))
    chosen: dict[str, Town] = {}
    for _, name, town in sorted(likely, key=lambda each: each[0]):
        if all(_distance_km(town, other) > APART_KM for other in chosen.values()):
            chosen[name] = town
        if len(chosen) == MOST_NEARBY:
            break
    return list(chosen)


def _named(name: str, known: Sequence[Town]) -> Town | None:
    """The largest town of that name."""
    return next((town for town in known if _plain(name) in map(_plain, town.names)), None)


def _sure(own: list[Town]) -> list[Town]:
    """Without small towns that are far from all others: they are probably other towns of the same name."""
    return [
        town
        for town in own
        if town.people >= FEWEST_PEOPLE
        or len(own) == 1
        or any(town is not other and _distance_km(town, other) < NEIGHBOURS_KM for other in own)
    ]


def _script(name: str) -> str:
    """``LATIN``, ``CYRILLIC``, ``CJK``...: the first word of the first letter's name in Unicode."""
    return next((unicodedata.name(letter, "").split(" ")[0] for letter in name if letter.isalpha()), "")


def _plain(name: str) -> str:
    """Without accents and case."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _distance_km(one: Town, other: Town) -> float:
    """The great-circle distance (haversine)."""
    up, along = math.radians(other.latitude - one.latitude), math.radians(other.longitude - one.longitude)
    width = math.cos(math.radians(one.latitude)) * math.cos(math.radians(other.latitude)) * math.sin(along / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(math.sin(up / 2) ** 2 + width))
