"""Towns near a company's own places, where a company of its kind could have another one."""

import math
from collections.abc import Sequence

from provisioning_assets.geography.towns import Town, distance_km, located, script, towns
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


def nearby_towns(places: Sequence[Place], country: str) -> list[str]:
    """The names of towns near the company's own cities, the most likely first; none if no own city is known.

    A town is likelier the more people live there and the nearer it is to one of the company's own cities. Its name is spelled in
    the script of the company's own places; a town whose spelling in that script is not known is left out.

    Args:
        places: the company's own places.
        country: ISO 3166-1 alpha-2; places of other countries are left out.
    """
    cities = {place.name: place.region for place in places if place.kind == "city" and place.country == country}
    known = towns().get(country, ())
    regions = [place.name for place in places if place.kind == "region" and place.country == country]
    own = _sure(list(dict.fromkeys(located(cities, country, regions).values())))
    own_script = script(next(iter(cities))) if cities else ""
    likely: list[tuple[float, str, Town]] = []
    for town in known:
        name = next((name for name in town.names if script(name) == own_script), None)
        if own and name is not None and town.people >= FEWEST_PEOPLE:
            distance = min(distance_km(town, each) for each in own)
            if APART_KM < distance < FARTHEST_KM:
                likely.append((-math.cbrt(town.people) / (NEAR_KM + distance), name, town))
    chosen: dict[str, Town] = {}
    for _, name, town in sorted(likely, key=lambda each: each[0]):
        if all(distance_km(town, other) > APART_KM for other in chosen.values()):
            chosen[name] = town
        if len(chosen) == MOST_NEARBY:
            break
    return list(chosen)


def _sure(own: list[Town]) -> list[Town]:
    """Without small towns that are far from all others: they are probably other towns of the same name."""
    return [
        town
        for town in own
        if town.people >= FEWEST_PEOPLE
        or len(own) == 1
        or any(town is not other and distance_km(town, other) < NEIGHBOURS_KM for other in own)
    ]
