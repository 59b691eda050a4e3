"""Where the words of a slot of places are: the town that each names, or the town in which it is taken to be."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from provisioning_assets.geography.cities import City, cities_of
from provisioning_assets.geography.distance import great_circle_km
from provisioning_assets.geography.towns import Town, located, plain, towns
from provisioning_assets.planning.blueprint import Blueprint, WordPlace
from provisioning_assets.planning.markets import market_of
from provisioning_assets.research.profile.models import CustomerProfile

FAR_CITY = 400_000
"""Inhabitants of a city abroad that a word is believed to mean although the company does not say that it is abroad."""

SAME_TOWN_KM = 2.0
"""Names of towns nearer to each other than this are names of one town: Copenhagen and København."""

GEOGRAPHIC = frozenset({"places", "cities", "regions", "countries"})
"""Sources whose words are names of places."""


@dataclass(frozen=True)
class CompanyPlaces:
    """What is known of where a company is.

    ``cities`` are its own, the most important first: name -> (country, region or None). ``language`` is ISO 639-1, countries are
    ISO 3166-1 alpha-2.
    """

    country: str
    language: str
    cities: Mapping[str, tuple[str, str | None]]
    regions: Sequence[str] = ()

    @classmethod
    def of_profile(cls, profile: CustomerProfile) -> "CompanyPlaces":
        """The places that a company's website names."""
        return cls(
            country=profile.country,
            language=profile.language,
            cities={
                place.name: (place.country or profile.country, place.region)
                for place in profile.places
                if place.kind == "city"
            },
            regions=[place.name for place in profile.places if place.kind == "region"],
        )

    def at_home(self) -> dict[str, str | None]:
        """Name -> region of the cities in the home country."""
        return {name: region for name, (country, region) in self.cities.items() if country == self.country}


def is_geographic(blueprint: Blueprint, slot: str) -> bool:
    """Whether a slot takes names of places."""
    return slot in blueprint.slots and bool(GEOGRAPHIC & set(blueprint.slots[slot].sources))


def home_of(company: CompanyPlaces) -> WordPlace | None:
    """The company's first own city at home that is known; else the country's first city; None if the country has none."""
    own = company.at_home()
    found = located(own, company.country, company.regions)
    for name in own:
        if name in found:
            return _town(name, company.country, found[name], "home")
    market = market_of(company.country, company.language, "")
    for name in market.cities:
        if town := located({name: None}, company.country).get(name):
            return _town(name, company.country, town, "country")
    listed = cities_of(company.country, company.language)
    return _city(listed[0], company.country, "country") if listed else None


def places_of_words(
    words: Iterable[str],
    company: CompanyPlaces,
    home: WordPlace | None,
    known_as: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, WordPlace]:
    """Where each word is.

    That is the town of this name - the company's own, else one at home, else a large city abroad - or the largest town of the
    region of this name. Any other word, such as a shop's name, is where the company's ``home`` is; without a home it is left out.
    ``known_as``: word -> the English name of a large city of the world, which it means unless the company has a place of its name.
    """
    found: dict[str, WordPlace] = {}
    for word in words:
        far = _far_city(word, known_as[word]) if word in known_as and word not in company.cities else None
        place = far or _named(word, company) or home
        if place is not None:
            found[word] = place
    return found


def _named(word: str, company: CompanyPlaces) -> WordPlace | None:
    country, region = company.cities.get(word, (company.country, None))
    others = company.at_home() if country == company.country else {}
    town = located({**others, word: region}, country, company.regions).get(word)
    if town is not None:
        return _town(word, country, town, "name")
    for city in cities_of(country, company.language):
        if plain(city.name) == plain(word):
            return _city(city, country, "name")
    inside = [town for town in towns().get(company.country, ()) if town.region and plain(town.region) == plain(word)]
    if inside:
        return _town(inside[0].names[0], company.country, inside[0], "region")
    return _far_city(word, word, elsewhere_than=company.country)


def _far_city(word: str, name: str, elsewhere_than: str = "") -> WordPlace | None:
    """The large city that a word means by a name; None if there is none, or only in one country."""
    found = [city for city in _far_cities().get(plain(name), ()) if city[1] != elsewhere_than]
    if not found:
        return None
    _, country, town = max(found, key=lambda city: city[:2])
    return _town(word, country, town, "name")


@cache
def _far_cities() -> Mapping[str, list[tuple[int, str, Town]]]:
    """A plain name -> inhabitants, country and town of each city that a word may mean although it is abroad."""
    found: dict[str, list[tuple[int, str, Town]]] = defaultdict(list)
    for country, known in towns().items():
        for town in known:
            if town.people >= FAR_CITY:
                for name in {plain(name) for name in town.names}:
                    found[name].append((town.people, country, town))
    return found


def apart(
    words: Sequence[str],
    before: Sequence[str],
    company: CompanyPlaces,
    least_km: float = SAME_TOWN_KM,
    known_as: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """Those words whose towns are at least ``least_km`` from each other and from those of the words ``before``.

    A word that is no known town's name, such as a shop's or a region's, is kept. ``known_as``: as for ``places_of_words``.
    """
    taken = list(_towns_of(before, company, known_as).values())
    kept: list[str] = []
    towns_of_words = _towns_of(words, company, known_as)
    for word in words:
        place = towns_of_words.get(word)
        if place is None:
            kept.append(word)
        elif all(_apart_km(place, other) >= least_km for other in taken):
            kept.append(word)
            taken.append(place)
    return kept


def nearest_first(words: Sequence[str], to: str, company: CompanyPlaces, known_as: Mapping[str, str]) -> list[str]:
    """The words in the order of the distance of their towns from that of the word ``to``; those that are no towns come last."""
    found = _towns_of([*words, to], company, known_as)
    start = found.get(to)
    return sorted(
        words, key=lambda word: _apart_km(found[word], start) if start is not None and word in found else math.inf
    )


def _towns_of(words: Iterable[str], company: CompanyPlaces, known_as: Mapping[str, str]) -> dict[str, WordPlace]:
    places = places_of_words(words, company, None, known_as)
    return {word: place for word, place in places.items() if place.known_by == "name"}


def _apart_km(one: WordPlace, other: WordPlace) -> float:
    return great_circle_km(one.latitude, one.longitude, other.latitude, other.longitude)


def _town(name: str, country: str, town: Town, known_by: str) -> WordPlace:
    return WordPlace.model_validate(
        {
            "town": name,
            "region": town.region or None,
            "country": country,
            "latitude": town.latitude,
            "longitude": town.longitude,
            "known_by": known_by,
        }
    )


def _city(city: City, country: str, known_by: str) -> WordPlace:
    return WordPlace.model_validate(
        {
            "town": city.name,
            "region": city.region or None,
            "country": country,
            "latitude": city.latitude,
            "longitude": city.longitude,
            "known_by": known_by,
        }
    )
