"""Where the customer does business: first by addresses, then by names of cities, regions and countries on its pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from provisioning_assets.research.profile.gazetteer import Kind, PlaceName, country_code, country_names, places_by_name
from provisioning_assets.research.profile.models import Evidence, Place
from provisioning_assets.research.profile.passages import LONGEST_QUOTE, Part, Passage, SitePassages, one_line
from provisioning_assets.research.profile.words import is_east_asian

_PARTS = {
    Part.TITLE: 2.0,
    Part.DESCRIPTION: 2.0,
    Part.HEADING: 1.5,
    Part.NAVIGATION: 1.5,
    Part.NOTES: 2.0,
    Part.TEXT: 1.0,
}
_STATED = 6.0  # weight of a postal address in structured data
_FAR_CITY = 400_000  # inhabitants; names of smaller cities outside the home market are more likely other words
_MOST = 30
_MOST_EVIDENCE = 3
_WORD = re.compile(r"[^\W\d_][\w.'’-]*")
_LONGEST_NAME = 5  # words
_STREET = re.compile(
    r"^(?:street|st|avenue|ave|road|rd|lane|drive|boulevard|blvd|square|way|court|highway|rue|via|calle|rua)\.?$", re.I
)
_KATAKANA = re.compile(r"[ァ-ヴー]")
_EAST_ASIAN_COUNTRIES = {
    "ja": frozenset({"JP"}),
    "zh": frozenset({"CN", "TW", "HK"}),
    "ko": frozenset({"KR"}),
}
# Countries in which a postcode of four or five digits is before the town (Universal Postal Union, addressing systems)
_POSTCODE_FIRST = frozenset(
    [
        "AT",
        "BE",
        "CH",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "HU",
        "IT",
        "LT",
        "LU",
        "LV",
        "NL",
        "NO",
        "PL",
        "PT",
        "SE",
        "SI",
        "SK",
    ]
)
_TOWN = re.compile(
    r"(?<![\d.,/+-])(?:[A-Z]{1,2}-)?\d{4,5}(?:\s[A-Z]{2})?\s+(?P<town>[A-ZÄÖÜÉÅØÆ][\w'’-]+(?:[ -](?:a[mn]"
    r"|im|in|de[rn]?|la|sur|of)[ -][A-ZÄÖÜÉ][\w'’-]+"
    r"|\s[A-ZÄÖÜÉÅØÆ][\w'’-]+)?)(?=\s*(?:$|[,;.(|·–-]))"
)


@dataclass(frozen=True)
class PlaceMention:
    """The name of a place, as found on a page."""

    place: PlaceName
    passage: Passage
    start: int
    end: int

    @property
    def weight(self) -> float:
        """Weight of the part of the page in which the name was found."""
        return _PARTS[self.passage.part]


@dataclass
class _Known:
    place: PlaceName
    mass: float = 0.0
    evidence: list[Evidence] = field(default_factory=list)


def mentions(reading: SitePassages, language: str) -> Iterator[PlaceMention]:
    """Every country, region and city named on the site; if several places have the name, all of them.

    Args:
        reading: the passages of the site.
        language: ISO 639-1, for the names of countries.
    """
    countries = country_names(language)
    for passage in reading.passages:
        if passage.part not in _PARTS or passage.housekeeping:
            continue
        if is_east_asian(passage.text):
            yield from _unspaced(passage, countries, language)
        yield from _spaced(passage, countries)


def read_places(reading: SitePassages, found: list[PlaceMention], country: str, taken: frozenset[str]) -> list[Place]:
    """Places, most prominent on the site first; at most thirty.

    Args:
        reading: the passages of the site.
        found: the ``mentions`` of the site.
        country: home market, ISO 3166-1 alpha-2; its cities are accepted more easily than others.
        taken: lower-case words of the company's name, which are not places.
    """
    known: dict[tuple[str, Kind], _Known] = {}
    for place, evidence in _stated(reading):
        _add(known, place, _STATED, evidence)
    for town, evidence in _towns(reading, country):
        _add(known, PlaceName(town, "city", country), 2.0, evidence)
    stated_in = {entry.place.country for entry in known.values()} | {country}
    for mention in found:
        place = mention.place
        if place.name.lower() in taken or (place.kind == "city" and not _believable(mention, stated_in)):
            continue
        if place.kind == "region" and place.country not in stated_in and mention.weight < 2:
            continue
        _add(known, place, mention.weight, mention.passage.quote(mention.start, mention.end))
    ranked = sorted(known.values(), key=lambda entry: (-entry.mass, entry.place.name))
    heaviest = {}
    for entry in ranked:  # Hamburg is a city and a region: keep one of them
        heaviest.setdefault(entry.place.name.lower(), entry)
    spellings: dict[tuple[str, int] | str, _Known] = {}
    for entry in heaviest.values():  # Copenhagen is also København: keep the name that the site uses most
        spellings.setdefault(_city(entry.place) or entry.place.name.lower(), entry)
    ranked = list(spellings.values())
    return [
        Place(
            name=entry.place.name, kind=entry.place.kind, country=entry.place.country or None, evidence=entry.evidence
        )
        for entry in ranked[:_MOST]
    ]


def _city(place: PlaceName) -> tuple[str, int] | None:
    """Country and inhabitants, which are equal for all spellings of a city in the gazetteer; None for other places."""
    if place.kind != "city":
        return None
    for known in places_by_name().get(place.name, ()):
        if known.kind == "city" and known.country == place.country:
            return known.country, known.people
    return None


def addresses(reading: SitePassages) -> Iterator[tuple[dict[str, Any], str]]:
    """Every schema.org postal address with the page that contains it."""
    for page in reading.pages:
        for thing in page.json_ld:
            for inner in _objects(thing):
                if inner.get("@type") == "PostalAddress" or "addressLocality" in inner or "addressCountry" in inner:
                    yield inner, page.url


def address_country(address: dict[str, Any]) -> str | None:
    """The country of a schema.org address, by code or name."""
    value = address.get("addressCountry")
    if isinstance(value, dict):
        value = value.get("name") or value.get("identifier")
    return country_code(value) if isinstance(value, str) else None


def _stated(reading: SitePassages) -> Iterator[tuple[PlaceName, Evidence]]:
    for address, page in addresses(reading):
        country = address_country(address) or ""
        for key, kind in (("addressLocality", "city"), ("addressRegion", "region")):
            name = address.get(key)
            if (
                isinstance(name, str)
                and 2 <= len(one_line(name)) <= 60
                and not (kind == "region" and len(name) < 3 and name.isascii())
            ):
                name = one_line(name)
                yield PlaceName(name, kind, country), Evidence(page=page, words=name[:LONGEST_QUOTE])  # pyright: ignore[reportArgumentType]


def _towns(reading: SitePassages, country: str) -> Iterator[tuple[str, Evidence]]:
    """Towns after a postcode, in countries with that address format; small towns are not in the gazetteer."""
    if country not in _POSTCODE_FIRST:
        return
    for passage in reading.of(Part.TEXT, Part.NAVIGATION, Part.NOTES):
        if len(passage.text) <= 300:
            for match in _TOWN.finditer(passage.text):
                yield match.group("town"), passage.quote(match.start(), match.end())


def _add(known: dict[tuple[str, Kind], _Known], place: PlaceName, mass: float, evidence: Evidence) -> None:
    entry = known.setdefault(
        (place.name.lower() if place.kind != "country" else place.country, place.kind), _Known(place)
    )
    entry.mass += mass
    if len(entry.evidence) < _MOST_EVIDENCE and evidence not in entry.evidence:
        entry.evidence.append(evidence)


def _believable(mention: PlaceMention, countries: set[str]) -> bool:
    """Whether to accept a city: at home always, abroad only if large; of two with one name, the one at home or the larger."""
    place = mention.place
    rivals = [place for place in places_by_name().get(place.name, ()) if place.kind == "city"]
    at_home = [rival for rival in rivals if rival.country in countries]
    if at_home:
        return place == at_home[0]
    return bool(rivals) and place == rivals[0] and place.people >= _FAR_CITY


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    return frozenset(name.split(" ")[0] for name in places_by_name())


def _spaced(passage: Passage, countries: dict[str, str]) -> Iterator[PlaceMention]:
    """Names in text with spaces: the longest name that begins at each capitalised word."""
    words = list(_WORD.finditer(passage.text))
    beginnings = _first_words() | {name.split(" ")[0] for name in countries}
    skip = -1
    for position, word in enumerate(words):
        # a full stop or apostrophe at the end is not part of the name
        first = _bare(word.group())
        if (
            word.start() < skip
            or not first[:1].isupper()
            or (first not in beginnings and word.group() not in beginnings)
        ):
            continue
        for length in range(min(_LONGEST_NAME, len(words) - position), 0, -1):
            last = words[position + length - 1]
            end = last.start() + len(_bare(last.group()))
            name = passage.text[word.start() : end]
            found = _named(name, countries)
            if found and not _part_of_a_name(passage.text, words, position, position + length - 1):
                skip = end
                yield from (PlaceMention(place, passage, word.start(), end) for place in found)
                break


def _bare(word: str) -> str:
    """A word without the genitive and without punctuation at its end: ``Canada's`` -> ``Canada``."""
    return re.sub(r"['’]s?$", "", word.rstrip(".'’-"))


def _unspaced(passage: Passage, countries: dict[str, str], language: str) -> Iterator[PlaceMention]:
    """Names in text without spaces, the longest first; a name inside a longer katakana word does not count."""
    taken: list[tuple[int, int]] = []
    names = tuple(sorted(name for name in countries if is_east_asian(name)))
    for name, found in _east_asian_names(names, language):
        start = passage.text.find(name)
        while start >= 0:
            end = start + len(name)
            inside = any(start < other_end and other_start < end for other_start, other_end in taken)
            if not inside and not (_KATAKANA.match(name) and _inside_katakana(passage.text, start, end)):
                taken.append((start, end))
                yield from (PlaceMention(place, passage, start, end) for place in found or _named(name, countries))
                break
            start = passage.text.find(name, end)


def _inside_katakana(text: str, start: int, end: int) -> bool:
    return bool(_KATAKANA.match(text[max(0, start - 1) : start]) or _KATAKANA.match(text[end : end + 1]))


@lru_cache(maxsize=8)
def _east_asian_names(countries: tuple[str, ...], language: str) -> tuple[tuple[str, tuple[PlaceName, ...]], ...]:
    """Cities and regions of the countries where the language is spoken, and all countries; long names first."""
    home = _EAST_ASIAN_COUNTRIES.get(language, frozenset())
    named = [
        (name, tuple(place for place in places if place.country in home))
        for name, places in places_by_name().items()
        if is_east_asian(name)
    ]
    cities = [(name, places) for name, places in named if places]
    return tuple(sorted((*cities, *((name, ()) for name in countries)), key=lambda item: (-len(item[0]), item[0])))


def _named(name: str, countries: dict[str, str]) -> tuple[PlaceName, ...]:
    if code := countries.get(name):
        return (PlaceName(name, "country", code),)
    return places_by_name().get(name, ())


def _part_of_a_name(text: str, words: list[re.Match[str]], first: int, last: int) -> bool:
    """Whether an adjacent word is capitalised, too, as in Wallace Lincoln, Paris Hilton, Boston Consulting."""
    following = words[last + 1 : last + 3]
    if any(_STREET.match(word.group()) for word in following[:1]) or (
        len(following) and first and _STREET.match(words[first - 1].group())
    ):
        return True
    if text.istitle() or text.isupper() or len(words) <= last - first + 2:
        return False  # in a heading all words may be capitalised, and a menu entry is complete
    before = words[first - 1] if first else None
    after = words[last + 1] if last + 1 < len(words) else None
    before_sticks = (
        before is not None
        and before.group()[:1].isupper()
        and text[before.end() : words[first].start()] == " "
        and first > 1
    )
    after_sticks = after is not None and after.group()[:1].isupper() and text[words[last].end() : after.start()] == " "
    return before_sticks and after_sticks


def _objects(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 8:
        return
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner, depth + 1)
