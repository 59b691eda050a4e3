"""Places of a country as lists to draw from: city, region, coordinates, and the postcodes and phone numbers that belong to them."""

import random
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import phonenumbers

from provisioning_assets.data_model.keyed_random import Floats, Integers
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.geography.cities import City, addressed_towns, cities_of, uncoded_towns
from provisioning_assets.geography.distance import EARTH_RADIUS_KM
from provisioning_assets.synthesis.name_lists import language_of

POSTCODES = 120
"""Postcodes rendered for each large city."""

KM_PER_DEGREE = 110.5
"""Kilometres of a degree of latitude at least (at the equator; 111.7 at the poles). Source: WGS 84."""

TOKEN = re.compile(r"#|@|\[(\d+)-(\d+)\]|\{([^}]*)\}")
LETTERS = "ABDEFGHJLNPRSTUWXYZ"
"""Letters that postcodes of Britain, Canada, Ireland and the Netherlands all use."""


TOWN_POSTCODES = 24
"""Postcodes rendered for each town where small towns are included; most have fewer."""

NEAR_FALL = -3.0
"""Exponent at the usual distance: there, a town is drawn a twentieth as often (e to the -3) as at no distance."""


@dataclass(frozen=True)
class Places:
    """Cities of a country, as lists of equal length: city, region, latitude, longitude, phone template, and postcodes.

    There are ``postcodes_each`` postcodes for each city. ``source`` is gazetteer if postcodes and area codes are not known. Of the
    last ``uncoded`` ones, nothing but name and place is known.
    """

    country: str
    source: Literal["curated", "gazetteer"]
    cities: tuple[str, ...]
    regions: tuple[str, ...]
    latitudes: Floats
    longitudes: Floats
    phones: tuple[str, ...]
    postcodes: tuple[str, ...]
    postcodes_each: int
    cumulative: Floats
    uncoded: int = 0

    def near(
        self, latitude: float, longitude: float, within_km: float, *, coded: bool = True
    ) -> tuple[Integers, Floats] | None:
        """The places within a distance of a point (degrees), and running totals of their weights; None if there are no places.

        A place weighs as it does in the whole country, and less with the distance: e times for each third of ``within_km``. Where
        none is as near, distances are those beyond the nearest place. Places of which nothing but name and place is known count
        only if no other one is in reach, and not for ``coded`` addresses, which show more of them.
        """
        known = len(self.latitudes) - self.uncoded
        if known == 0:
            return None
        here = directions(np.array([latitude]), np.array([longitude]))
        in_band = np.abs(self.latitudes - latitude) * KM_PER_DEGREE <= within_km
        band = away = np.array([], dtype=np.int64)
        reached = np.array([], dtype=bool)
        for places in (slice(0, known),) if coded else (slice(0, known), slice(known, None)):
            band = np.arange(len(self.latitudes))[places][in_band[places]]
            away = apart_km(here, directions(self.latitudes[band], self.longitudes[band]))
            reached = away <= within_km
            if reached.any():
                break
        if not reached.any():
            band = np.arange(known)
            away = apart_km(here, directions(self.latitudes[band], self.longitudes[band]))
            away -= away.min()
            reached = away <= within_km
        pulls = np.diff(self.cumulative, prepend=0.0)[band[reached]]
        return band[reached], np.cumsum(pulls * np.exp(NEAR_FALL / within_km * away[reached]))


def directions(latitudes: Floats, longitudes: Floats) -> Floats:
    """Places in degrees as unit vectors from the Earth's centre, (3, n); nan stays nan."""
    up, along = np.radians(latitudes), np.radians(longitudes)
    return np.stack([np.cos(up) * np.cos(along), np.cos(up) * np.sin(along), np.sin(up)])


def apart_km(some: Floats, others: Floats) -> Floats:
    """The great-circle distances in kilometres between places as unit vectors, whose first axes have length 3."""
    chord = sum(((one - other) ** 2 for one, other in zip(some, others, strict=True)), start=np.float64(0))
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(np.sqrt(chord) / 2, 1.0))


def render(template: str, choice: random.Random) -> str:
    """One random text that matches a template."""

    def token(match: re.Match[str]) -> str:
        low, high, options = match.groups()
        if low is not None:
            return str(choice.randint(int(low), int(high))).zfill(len(low))
        if options is not None:
            return choice.choice(options.split(","))
        return choice.choice(LETTERS) if match[0] == "@" else str(choice.randrange(10))

    return TOKEN.sub(token, template)


@lru_cache(maxsize=8)
def places_of(country: str, locale: str) -> Places:
    """The large cities of a country (ISO 3166-1 alpha-2) in the language of a Faker locale; every call gives the same ones.

    Raises:
        ProvisioningError: there are no cities for the country.
    """
    large = cities_of(country, language_of(locale))
    if not large:
        raise ProvisioningError(
            f"There are no cities for the country {country!r}.",
            "Give the ISO 3166-1 code of an inhabited country, two letters, e.g. --country DE.",
        )
    return _listed(country, large, POSTCODES)


@lru_cache(maxsize=2)
def places_and_towns_of(country: str, locale: str) -> Places:
    """The places of ``places_of``, in the same order, after them the towns in which addresses are made, then all other towns."""
    language = language_of(locale)
    uncoded = uncoded_towns(country, language)
    known = (*cities_of(country, language), *addressed_towns(country, language))
    return _listed(country, (*known, *uncoded), TOWN_POSTCODES, len(uncoded))


def _listed(country: str, cities: tuple[City, ...], postcodes: int, uncoded: int = 0) -> Places:
    choice = random.Random(country)  # noqa: S311  (postcodes, not secrets)
    return Places(
        country=country,
        source="curated" if cities[0].phone else "gazetteer",
        cities=tuple(city.name for city in cities),
        regions=tuple(city.region for city in cities),
        latitudes=np.array([city.latitude for city in cities]),
        longitudes=np.array([city.longitude for city in cities]),
        phones=tuple(city.phone or phone_template(country) for city in cities),
        postcodes=tuple(render(city.postcode, choice) for city in cities for _ in range(postcodes)),
        postcodes_each=postcodes,
        cumulative=np.cumsum([_pull(city.people) for city in cities]),
        uncoded=uncoded,
    )


def _pull(people: float) -> float:
    """Weight of a city: the square root of its inhabitants, so that the capital does not dominate."""
    return people**0.7


@lru_cache(maxsize=8)
def phone_template(country: str) -> str:
    """A phone template in the country's format, made from the example of a fixed line in phonenumbers."""
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    example = example or phonenumbers.example_number(country)
    if example is None:
        return "+1 212 555 ####"
    written = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    positions = [index for index, letter in enumerate(written) if letter.isdigit()]
    open_positions = set(positions[-4:])
    return "".join("#" if index in open_positions else letter for index, letter in enumerate(written))
