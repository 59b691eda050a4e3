"""Where the words of a slot of places are: the town that each names, or the town in which it is taken to be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from provisioning_assets.geography.cities import City, cities_of
from provisioning_assets.geography.towns import Town, located, plain, towns
from provisioning_assets.planning.blueprint import Blueprint, WordPlace
from provisioning_assets.planning.markets import market_of
from provisioning_assets.research.profile.models import CustomerProfile

FAR_CITY = 400_000
"""Inhabitants of a city abroad that a word is believed to mean although the company does not say that it is abroad."""

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


def places_of_words(words: Iterable[str], company: CompanyPlaces, home: WordPlace | None) -> dict[str, WordPlace]:
    """Where each word is.

    That is the town of this name - the company's own, else one at home, else a large city abroad - or the largest town of the
    region of this name. Any other word, such as a shop's name, is where the company's ``home`` is; without a home it is left out.
    """
    found: dict[str, WordPlace] = {}
    for word in words:
        place = _named(word, company) or home
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
    abroad = [
        (found.people, other, found)
        for other in towns()
        if other != company.country and (found := located({word: None}, other).get(word)) and found.people >= FAR_CITY
    ]
    if abroad:
        _, other, found = max(abroad, key=lambda each: each[:2])
        return _town(word, other, found, "name")
    return None


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
