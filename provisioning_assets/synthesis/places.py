"""Places of a country: city, region, coordinates, and the postcodes and phone numbers that belong to them.

``places.csv`` holds the large cities of the countries that we have data for. Each city has its own ranges of postcodes and its
own area code. If a regulator reserves phone numbers for fiction (United States and Canada 555, Ofcom, ARCEP, ACMA, PTS,
Bundesnetzagentur), those are used. For other countries, data of Faker and phonenumbers is used; ``Places.source`` says so.

In templates, ``#`` is a digit, ``@`` a letter, ``[07-19]`` a number in that range, and ``{SW,N}`` one of these texts.
"""

import csv
import random
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Literal

import numpy as np
import phonenumbers

from provisioning_assets.data_model.keyed_random import Floats
from provisioning_assets.synthesis.name_lists import faker_locale

PLACES = Path(__file__).with_name("places.csv")

POSTCODES = 120
"""Postcodes rendered for each city."""

TOKEN = re.compile(r"#|@|\[(\d+)-(\d+)\]|\{([^}]*)\}")
LETTERS = "ABDEFGHJLNPRSTUWXYZ"
"""Letters that postcodes of Britain, Canada, Ireland and the Netherlands all use."""


@dataclass(frozen=True)
class Places:
    """Cities of a country, as lists of equal length: city, region, latitude, longitude, phone template, and postcodes.

    There are ``POSTCODES`` postcodes for each city.
    """

    country: str
    source: Literal["curated", "faker"]
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
    """The places of a country (ISO 3166-1 alpha-2); every call gives the same ones."""
    with PLACES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="|") if row["country"] == country]
    choice = random.Random(country)  # noqa: S311  (postcodes, not secrets)
    if not rows:
        return _elsewhere(country, locale, choice)
    return Places(
        country=country,
        source="curated",
        cities=tuple(row["city"] for row in rows),
        regions=tuple(row["region"] for row in rows),
        latitudes=np.array([float(row["latitude"]) for row in rows]),
        longitudes=np.array([float(row["longitude"]) for row in rows]),
        phones=tuple(row["phone"] for row in rows),
        postcodes=tuple(render(row["postcode"], choice) for row in rows for _ in range(POSTCODES)),
        cumulative=np.cumsum([_pull(float(row["thousand_people"])) for row in rows]),
    )


def _pull(people: float) -> float:
    """Weight of a city: the square root of its inhabitants, so that the capital does not dominate."""
    return people**0.7


def _elsewhere(country: str, locale: str, choice: random.Random) -> Places:
    """Real cities with coordinates if Faker's gazetteer has the country, otherwise city names that its locale invents."""
    geo = import_module("faker.providers.geo").Provider
    known = [
        (_with_encoding_repaired(name), float(latitude), float(longitude))
        for latitude, longitude, name, code, _ in geo.land_coords
        if code == country
    ]
    faker = import_module("faker.generator").Generator()
    faker.random = choice
    faker.add_provider(import_module(f"faker.providers.person.{faker_locale('person', locale)}").Provider)
    address = import_module(f"faker.providers.address.{faker_locale('address', locale)}").Provider
    faker.add_provider(address)
    if not known:
        known = [(name, 0.0, 0.0) for name in sorted({faker.city() for _ in range(24)})]
    known = list({name: (name, latitude, longitude) for name, latitude, longitude in known}.values())[:24]
    ranks = np.arange(1, len(known) + 1)
    return Places(
        country=country,
        source="faker",
        cities=tuple(name for name, _, _ in known),
        regions=tuple(name for name, _, _ in known),
        latitudes=np.array([latitude for _, latitude, _ in known]),
        longitudes=np.array([longitude for _, _, longitude in known]),
        phones=(phone_template(country),) * len(known),
        postcodes=tuple(faker.postcode() for _ in known for _ in range(POSTCODES)),
        cumulative=np.cumsum(1.0 / ranks),
    )


def _with_encoding_repaired(name: str) -> str:
    """A name from Faker's gazetteer with its encoding repaired: some are UTF-8 that was read as Mac Roman."""
    try:
        return name.encode("mac_roman").decode("utf-8")
    except UnicodeError:
        return name


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
