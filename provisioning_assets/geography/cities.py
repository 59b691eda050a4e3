"""The large cities of a country and how addresses in them are written (data: ``places.csv``).

``places.csv`` holds the large cities of the markets that we know, each with its own ranges of postcodes and its own area code,
in each language whose script differs (``language``; empty: the same in all). If a regulator reserves phone numbers for fiction
(United States and Canada 555, Ofcom, ARCEP, ACMA, PTS, Bundesnetzagentur), those are used; otherwise the number after the area
code begins with 0 where no subscriber's number does. Where letters have no postcode, the code is what senders write instead: 00000
in the Emirates, 999077 in Hong Kong. For other countries there are only their largest cities. Coordinates, populations, and the
cities of the other countries: GeoNames (https://www.geonames.org), licence CC BY 4.0.

In templates, ``#`` is a digit, ``@`` a letter, ``[07-19]`` a number in that range, and ``{SW,N}`` one of these texts.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from provisioning_assets.geography.towns import plain, script, towns

PLACES = Path(__file__).with_name("places.csv")

SAME_DEGREES = 0.25
"""A town is the listed city of its name if neither coordinate differs by more than this, degrees (28 km)."""


@dataclass(frozen=True)
class City:
    """A city or town in which addresses are made. ``postcode`` and ``phone`` are templates, empty where none is known.

    ``people`` are thousands of inhabitants, the coordinates degrees.
    """

    name: str
    region: str
    people: float
    latitude: float
    longitude: float
    postcode: str
    phone: str


@lru_cache(maxsize=8)
def cities_of(country: str, language: str) -> tuple[City, ...]:
    """The large cities of a country (ISO 3166-1 alpha-2) in a language (ISO 639-1), or else in its first one."""
    with PLACES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="|") if row["country"] == country]
    languages = [row["language"] for row in rows]
    spoken = language if language in languages else languages[0] if languages else ""
    return tuple(
        City(
            name=row["city"],
            region=row["region"],
            people=float(row["thousand_people"]),
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            postcode=row["postcode"],
            phone=row["phone"],
        )
        for row in rows
        if row["language"] == spoken
    )


def addressed_towns(country: str, language: str) -> tuple[City, ...]:
    """The further towns of a country in which addresses are made, in the script of its large cities; the largest first.

    Each has its own postcodes, and the region and area code that it lies in. Towns of which one of these is not known are left out.
    """
    return _further_towns(country, language)[0]


def uncoded_towns(country: str, language: str) -> tuple[City, ...]:
    """The towns that ``addressed_towns`` leaves out: of an address in them, nothing but the town's name and place is known."""
    return _further_towns(country, language)[1]


@lru_cache(maxsize=8)
def _further_towns(country: str, language: str) -> tuple[tuple[City, ...], tuple[City, ...]]:
    large = cities_of(country, language)
    own_script = script(large[0].name) if large else ""
    by_name = {plain(city.name): city for city in large}
    found: list[City] = []
    uncoded: list[City] = []
    for town in towns().get(country, ()):
        name = next((name for name in town.names if script(name) == own_script), None)
        if name is None:
            continue
        known = next((by_name[plain(each)] for each in town.names if plain(each) in by_name), None)
        if known is not None and _is_at(known, town.latitude, town.longitude):
            continue
        if town.region and script(town.region) == own_script:
            region, postcode, phone, listed = town.region, town.postcode, town.phone, found
        else:
            region, postcode, phone, listed = "", "", "", uncoded
        listed.append(City(name, region, town.people / 1000, town.latitude, town.longitude, postcode, phone))
    return tuple(found), tuple(uncoded)


def _is_at(city: City, latitude: float, longitude: float) -> bool:
    return max(abs(city.latitude - latitude), abs(city.longitude - longitude)) <= SAME_DEGREES
