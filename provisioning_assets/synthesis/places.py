"""Places of a country: city, region, coordinates, and the postcodes and phone numbers that belong to them.

``places.csv`` holds the large cities of the markets that we know, each with its own ranges of postcodes and its own area code,
in each language whose script differs (``language``; empty: the same in all). If a regulator reserves phone numbers for fiction
(United States and Canada 555, Ofcom, ARCEP, ACMA, PTS, Bundesnetzagentur), those are used; otherwise the number after the area
code begins with 0 where no subscriber's number does. Where letters have no postcode, the code is what senders write instead: 00000
in the Emirates, 999077 in Hong Kong. For other countries there are only their largest cities. Coordinates, populations, and the
cities of the other countries: GeoNames (https://www.geonames.org), licence CC BY 4.0.

In templates, ``#`` is a digit, ``@`` a letter, ``[07-19]`` a number in that range, and ``{SW,N}`` one of these texts.
"""

import csv
import random
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import phonenumbers

from provisioning_assets import geography
from provisioning_assets.data_model.keyed_random import Floats
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.name_lists import language_of

PLACES = Path(geography.__file__).with_name("places.csv")

POSTCODES = 120
"""Postcodes rendered for each city."""

TOKEN = re.compile(r"#|@|\[(\d+)-(\d+)\]|\{([^}]*)\}")
LETTERS = "ABDEFGHJLNPRSTUWXYZ"
"""Letters that postcodes of Britain, Canada, Ireland and the Netherlands all use."""


@dataclass(frozen=True)
class Places:
    """Cities of a country, as lists of equal length: city, region, latitude, longitude, phone template, and postcodes.

    There are ``POSTCODES`` postcodes for each city. ``source`` is gazetteer if postcodes and area codes are not known.
    """

    country: str
    source: Literal["curated", "gazetteer"]
    cities: tuple[str, ...]
    regions: tuple[str, ...]
    latitudes: Floats
    longitudes: Floats
    phones: tuple[str, ...]
    postcodes: tuple[str, ...]
    cumulative: Floats


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
    """The places of a country (ISO 3166-1 alpha-2) in the language of a Faker locale; every call gives the same ones.

    Raises:
        ProvisioningError: there are no cities for the country.
    """
    with PLACES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="|") if row["country"] == country]
    if not rows:
        raise ProvisioningError(
            f"There are no cities for the country {country!r}.",
            "Give the ISO 3166-1 code of an inhabited country, two letters, e.g. --country DE.",
        )
    languages = [row["language"] for row in rows]
    language = language_of(locale) if language_of(locale) in languages else languages[0]
    rows = [row for row in rows if row["language"] == language]
    choice = random.Random(country)  # noqa: S311  (postcodes, not secrets)
    return Places(
        country=country,
        source="curated" if rows[0]["phone"] else "gazetteer",
        cities=tuple(row["city"] for row in rows),
        regions=tuple(row["region"] for row in rows),
        latitudes=np.array([float(row["latitude"]) for row in rows]),
        longitudes=np.array([float(row["longitude"]) for row in rows]),
        phones=tuple(row["phone"] or phone_template(country) for row in rows),
        postcodes=tuple(render(row["postcode"], choice) for row in rows for _ in range(POSTCODES)),
        cumulative=np.cumsum([_pull(float(row["thousand_people"])) for row in rows]),
    )


def _pull(people: float) -> float:
    """Weight of a city: the square root of its inhabitants, so that the capital does not dominate."""
    return people**0.7


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
