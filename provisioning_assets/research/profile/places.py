"""Where the customer does business: its addresses, its lists of branches, and the places in its menus and its home page's title.

Places in running text are left out: they are more often those of customers, authors, courts and holidays than the company's own.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from provisioning_assets.research.profile.gazetteer import (
    Kind,
    PlaceName,
    country_code,
    country_names,
    places_by_name,
    towns_by_name,
)
from provisioning_assets.research.profile.headings import Meaning, address_parts, meaning_of, meaning_of_address
from provisioning_assets.research.profile.labels import tidy
from provisioning_assets.research.profile.models import Evidence, Place
from provisioning_assets.research.profile.page_kinds import meaning_of_page
from provisioning_assets.research.profile.passages import (
    LONGEST_QUOTE,
    Part,
    Passage,
    SitePassages,
    one_line,
    quotation,
)
from provisioning_assets.research.profile.structured_data import objects
from provisioning_assets.research.profile.words import is_east_asian
from provisioning_assets.research.website.models import LabelGroup, WebPage

_MOST = 30
_MOST_EVIDENCE = 3
_LONGEST_ADDRESS = 160  # characters of a line; an address is shorter, a longer line is text
_FEWEST_TOWNS = 3  # towns of one country in a list that nothing says is of places
_LONGEST_PLACE = 4  # words of a branch's name
_FAR_CITY = 400_000  # inhabitants; a smaller city abroad is more likely a town at home with the same name
# Weight of a place by what it was read from
_WEIGHTS = {"structured": 6.0, "notes": 6.0, "address": 5.0, "branches": 4.0, "title": 3.0, "menu": 3.0}

_WORD = re.compile(r"[^\W\d_][\w.'’-]*")
_LONGEST_NAME = 5  # words
_POSTCODE = re.compile(
    r"(?<![\d.,/+-])(?:[A-Z]{1,3}-)?\d{4,6}(?![\d.,%/€$£]|\s?(?:€|kr|Kč|zł|Ft|m²|km|kg|mg|ml))"  # most countries
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b|\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b"  # United Kingdom, Canada
    r"|(?<![\d.,+-])\d{3}\s\d{2}(?!\s?\d|[.,]\d)|〒?\d{3}-\d{4}|\b\d{5}-\d{3}\b|(?<!\d)\d{2}-\d{3}(?!\d)|\b\d{4}\s?[A-Z]{2}\b"
)
_STANDARD = re.compile(r"\b(?:ISO|DIN|EN|IEC|BS|HACCP|IFS|IATF)[ -]?\d")  # "ISO 9001 certified" has no postcode
_YEAR = re.compile(r"^(?:19|20)\d\d$")
_TOWN = re.compile(
    r"(?:\b\d{4}\s?[A-Z]{2}(?=\s)|(?<![\d.,/+-])(?:[A-Z]{1,3}-)?\d{4,5}|(?<![\d.,+-])\d{3}\s\d{2}|(?<!\d)\d{2}-\d{3}|\b\d{4}-\d{3})\s+"
    r"(?P<town>[A-ZÄÖÜÉÅØÆŁŚŻČŠŽ][\w'’-]+(?:[ -](?:a[mn]|im|in|de[rn]?|do|da|la|le|les|sur|of|of|bei|upon|op)[ -][A-ZÄÖÜÉ][\w'’-]+"
    r"|[ -][A-ZÄÖÜÉÅØÆŁŚŻČŠŽ][\w'’-]+)?)(?=\s*(?:$|[,;.(|·–-]|\b[A-Z]{2}\b))"
)
_STATE = re.compile(
    r"\b(?P<town>[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]+){0,2}),\s*(?:[A-Z]{2}|[A-Z][a-z]{2,3}\.?)\s+\d{4,5}\b"
)
_STREET = re.compile(
    r"^(?:street|st|avenue|ave|road|rd|lane|drive|boulevard|blvd|square|way|court|highway|rue|via|calle|rua)\.?$", re.I
)
# Words of streets and towns that stay small among capitalised names: "4 rue des Lilas, 69002 Lyon"
_SMALL_IN_ADDRESSES = frozenset((
    "rue", "avenue", "chemin", "place", "quai", "route", "calle", "plaza", "via", "viale", "piazza", "corso",
    "rua", "ul.", "al.", "ulica", "ulice", "ул.", "улица", "пр.", "проспект", "вул.", "д.", "г.", "str.",
    "utca", "út", "de", "des", "du", "la", "le", "les", "del", "della", "dei", "di", "da", "do", "dos", "das",
    "van", "von", "der", "den", "het", "am", "an", "bei", "sur", "of", "y", "e", "i",
))  # fmt: skip
_KATAKANA = re.compile(r"[ァ-ヴー]")
_EAST_ASIAN_COUNTRIES = {
    "ja": frozenset({"JP"}),
    "zh": frozenset({"CN", "TW", "HK"}),
    "ko": frozenset({"KR"}),
}


@dataclass(frozen=True)
class PlaceMention:
    """The name of a place with the evidence for it.

    Args:
        place: from the gazetteer, or a town of an address that the gazetteer lacks.
        evidence: page and words.
        source: what it was read from, one of ``_WEIGHTS``.
        certain: the place is the company's own, wherever in the world it is: an address, or a list of branches.
        region: of a city, as the same address names it; empty if it names none.
    """

    place: PlaceName
    evidence: Evidence
    source: str
    certain: bool = False
    region: str = ""

    @property
    def weight(self) -> float:
        """How much the source counts."""
        return _WEIGHTS[self.source]


@dataclass
class _Known:
    place: PlaceName
    mass: float = 0.0
    evidence: list[Evidence] = field(default_factory=list)
    region: str = ""


def mentions(reading: SitePassages, language: str) -> list[PlaceMention]:
    """Every place that the site names as its own; if several places have the name, all of them.

    Args:
        reading: the passages of the site.
        language: ISO 639-1, for the names of countries.
    """
    countries = country_names(language)
    return [
        *_stated(reading),
        *_of_lines(reading, countries, language),
        *_of_groups(reading, countries),
    ]


def read_places(found: list[PlaceMention], country: str, taken: frozenset[str]) -> list[Place]:
    """Places, most prominent on the site first; at most thirty.

    Args:
        found: the ``mentions`` of the site.
        country: home market, ISO 3166-1 alpha-2.
        taken: lower-case words of the company's name, which are not places.
    """
    known: dict[tuple[str, Kind], _Known] = {}
    for mention in found:
        place = mention.place if mention.place.country else PlaceName(mention.place.name, mention.place.kind, country)
        if place.name.lower() in taken and not mention.certain:
            continue
        if place.kind == "city" and not _is_believable(place, country, certain=mention.certain):
            continue
        if place.kind != "city" and place.country != country:
            continue
        _add(known, place, mention)
    ranked = sorted(known.values(), key=lambda entry: (-entry.mass, entry.place.name))
    heaviest: dict[str, _Known] = {}
    for entry in ranked:  # Hamburg is a city and a region: keep one of them
        heaviest.setdefault(entry.place.name.lower(), entry)
    spellings: dict[tuple[str, int] | str, _Known] = {}
    for entry in heaviest.values():  # Copenhagen is also København: keep the name that the site uses most
        spellings.setdefault(_city(entry.place) or entry.place.name.lower(), entry)
    return [
        Place(
            name=entry.place.name,
            kind=entry.place.kind,
            country=entry.place.country or None,
            region=entry.region or None,
            evidence=entry.evidence,
        )
        for entry in list(spellings.values())[:_MOST]
    ]


def _add(known: dict[tuple[str, Kind], _Known], place: PlaceName, mention: PlaceMention) -> None:
    entry = known.setdefault((place.name.lower(), place.kind), _Known(place))
    entry.mass += mention.weight
    entry.region = entry.region or mention.region
    if len(entry.evidence) < _MOST_EVIDENCE and mention.evidence not in entry.evidence:
        entry.evidence.append(mention.evidence)


def _city(place: PlaceName) -> tuple[str, int] | None:
    """Country and inhabitants, which are equal for all spellings of a city in the gazetteer; None for other places."""
    if place.kind != "city":
        return None
    for known in places_by_name().get(place.name, ()):
        if known.kind == "city" and known.country == place.country:
            return known.country, known.people
    return None


def _is_believable(place: PlaceName, country: str, *, certain: bool) -> bool:
    """Whether to accept a city: at home always; abroad only if it is certain and large, and no town at home has the name."""
    if place.country == country:
        rivals = [rival for rival in places_by_name().get(place.name, ()) if rival.country == country]
        return not rivals or any(rival.kind == "city" for rival in rivals)
    at_home = any(rival.country == country for rival in places_by_name().get(place.name, ()))
    return certain and not at_home and place.people >= _FAR_CITY


# --- addresses -----------------------------------------------------------------------------------------------------------


def addresses(reading: SitePassages) -> Iterator[tuple[dict[str, object], str]]:
    """Every schema.org postal address with the page that contains it."""
    for page in reading.pages:
        for inner in objects(page):
            if inner.get("@type") == "PostalAddress" or "addressLocality" in inner or "addressCountry" in inner:
                yield inner, page.url


def address_country(address: dict[str, object]) -> str | None:
    """The country of a schema.org address, by code or name."""
    value = address.get("addressCountry")
    if isinstance(value, dict):
        value = value.get("name") or value.get("identifier")
    return country_code(value) if isinstance(value, str) else None


def _stated(reading: SitePassages) -> Iterator[PlaceMention]:
    for address, page in addresses(reading):
        country = address_country(address) or ""
        kinds: tuple[tuple[str, Kind], ...] = (("addressLocality", "city"), ("addressRegion", "region"))
        for key, kind in kinds:
            name = address.get(key)
            if not isinstance(name, str) or not 2 <= len(one_line(name)) <= 60:
                continue
            name = one_line(name)
            if kind == "region" and len(name) < 3 and name.isascii():
                continue
            evidence = Evidence(page=page, words=name[:LONGEST_QUOTE])
            region = address.get("addressRegion") if kind == "city" else None
            within = one_line(region)[:LONGEST_QUOTE] if isinstance(region, str) else ""
            yield PlaceMention(PlaceName(name, kind, country), evidence, "structured", certain=True, region=within)


def _of_lines(reading: SitePassages, countries: dict[str, str], language: str) -> Iterator[PlaceMention]:
    """Places in address lines, in the home page's title, and in notes."""
    for passage in reading.passages:
        source = _source_of(passage, countries)
        if source is None:
            continue
        certain = source == "address"
        for name, start, end in _towns(passage) if certain and _is_own(passage) else ():
            if name not in places_by_name() and meaning_of(name) is None:
                yield PlaceMention(PlaceName(name, "city", ""), passage.quote(start, end), source, certain)
        for place, start, end in _named_in(passage, countries, language):
            yield PlaceMention(place, passage.quote(start, end), source, certain)


def _source_of(passage: Passage, countries: dict[str, str]) -> str | None:
    if passage.part is Part.NOTES:
        return "notes"
    if passage.part is Part.TITLE:
        return "title" if passage.home else None
    if passage.part not in {Part.TEXT, Part.FOOTER} or len(passage.text) > _LONGEST_ADDRESS:
        return None
    if passage.part is Part.TEXT and any(
        meaning_of(part) is Meaning.PLACES for part in address_parts(passage.page)[-1:]
    ):
        return "branches"
    return "address" if _is_address(passage.text, countries) else None


def _is_own(passage: Passage) -> bool:
    """Whether an unknown name behind a postcode is a town: in footers, and on contact, imprint and branch pages."""
    if passage.part is Part.FOOTER or passage.housekeeping:
        return True
    return any(meaning_of(part) in {Meaning.OTHERS, Meaning.PLACES} for part in address_parts(passage.page)[-1:])


def _is_address(line: str, countries: dict[str, str]) -> bool:
    """Whether a line is a postal address or its last line: a postcode among names, or nothing but places."""
    words = [word for word in re.findall(r"[\w'’.-]+", line) if any(character.isalpha() for character in word)]
    if not words or re.search(r"[!?]|\.\s+[A-Z].*\.\s*$", line):
        return False
    cased = [word for word in words if (word[0].isupper() or word[0].islower()) and word not in _SMALL_IN_ADDRESSES]
    capitals = sum(word[0].isupper() for word in cased)
    codes = [match for match in _POSTCODE.finditer(line) if not _YEAR.match(match.group())]
    if _STANDARD.search(line):
        return False
    if codes and (not cased or capitals * 3 >= 2 * len(cased)):
        return True
    parts = [part.strip() for part in re.split(r"[,|·•/–-]", line) if part.strip()]
    known = [
        part for part in parts if part in countries or part in places_by_name() or re.fullmatch(r"[A-Z]{2,3}", part)
    ]
    return 2 <= len(parts) == len(known) <= 3 and any(part in places_by_name() for part in parts)


def _towns(passage: Passage) -> Iterator[tuple[str, int, int]]:
    """Towns after a postcode, or before a state with one; small towns are not in the gazetteer."""
    for pattern in (_TOWN, _STATE):
        for match in pattern.finditer(passage.text):
            yield match.group("town"), match.start("town"), match.end("town")


# --- lists of branches ---------------------------------------------------------------------------------------------------


def _of_groups(reading: SitePassages, countries: dict[str, str]) -> Iterator[PlaceMention]:
    """Places in groups of like elements: branches under a heading that says so, or entries that all are places."""
    seen: set[tuple[str, ...]] = set()
    for page in reading.pages:
        for group in page.groups:
            key = tuple(label.text for label in group.labels)
            if key not in seen:
                seen.add(key)
                yield from _branches(group, page, countries)


def _branches(group: LabelGroup, page: WebPage, countries: dict[str, str]) -> Iterator[PlaceMention]:
    names = [(_branch_name(label.text), label.text) for label in group.labels]
    known = [places_by_name().get(name, ()) for name, _ in names]
    cities = sum(any(place.kind == "city" for place in places) for places in known)
    towns = _towns_of_one_country([name for name, _ in names])
    headings = {meaning_of(group.heading), meaning_of_address(group.heading_url), *map(meaning_of, group.trail)}
    if group.area == "main" and meaning_of(group.heading) is None:
        headings.add(meaning_of_page(page))
    stated = Meaning.PLACES in headings
    located = stated or 3 * sum(bool(_POSTCODE.search(label.beside)) for label in group.labels) >= 2 * len(group.labels)
    if len(towns) > cities and (located or len(towns) >= _FEWEST_TOWNS):
        known = [towns.get(name, ()) for name, _ in names]
        cities = len(towns)
    if cities < 2 and not (located and cities):
        return
    if cities * 5 < len(names) * (2 if located else 4) or any(name in countries for name, _ in names[:1]):
        return
    for (name, written), places in zip(names, known, strict=True):
        evidence = Evidence(page=page.url, words=quotation(written, 0, len(written)), under=group.heading[:100])
        for place in places:
            yield PlaceMention(place, evidence, "branches", certain=located)
        if not places and stated and _can_be_branch(name):
            yield PlaceMention(PlaceName(name, "city", ""), evidence, "branches", certain=True)


def _towns_of_one_country(names: list[str]) -> dict[str, tuple[PlaceName, ...]]:
    """Those names that are towns of the country that most of them are in."""
    towns = {name: found for name in names if (found := towns_by_name().get(name))}
    countries = Counter(country for found in towns.values() for country in {town.country for town in found})
    if not countries:
        return {}
    most = max(countries, key=lambda country: (countries[country], country))
    here = {name: tuple(town for town in found if town.country == most)[:1] for name, found in towns.items()}
    return {name: found for name, found in here.items() if found}


def _branch_name(label: str) -> str:
    """The place in a branch's label: ``Namur (siège)`` -> ``Namur``."""
    return tidy(re.split(r"\s*[(（\[]|\s[–·|-]\s", label, maxsplit=1)[0])


def _can_be_branch(name: str) -> bool:
    words = name.split()
    return (
        1 <= len(words) <= _LONGEST_PLACE
        and name[:1].isupper()
        and not any(map(str.isdigit, name))
        and meaning_of(name) is None
    )


# --- names of the gazetteer in a line ------------------------------------------------------------------------------------


def _named_in(passage: Passage, countries: dict[str, str], language: str) -> Iterator[tuple[PlaceName, int, int]]:
    if is_east_asian(passage.text):
        yield from _unspaced(passage.text, countries, language)
    yield from _spaced(passage.text, countries)


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    return frozenset(name.split(" ")[0] for name in places_by_name())


def _spaced(text: str, countries: dict[str, str]) -> Iterator[tuple[PlaceName, int, int]]:
    """Names in text with spaces: the longest name that begins at each capitalised word."""
    words = list(_WORD.finditer(text))
    beginnings = _first_words() | {name.split(" ")[0] for name in countries}
    skip = -1
    for position, word in enumerate(words):
        # a full stop or apostrophe at the end is not part of the name
        first = _bare(word.group())
        if word.start() < skip or first[:1].islower() or (first not in beginnings and word.group() not in beginnings):
            continue
        for length in range(min(_LONGEST_NAME, len(words) - position), 0, -1):
            last = words[position + length - 1]
            end = last.start() + len(_bare(last.group()))
            found = _named(text[word.start() : end], countries)
            if found and not _part_of_a_name(text, words, position, position + length - 1):
                skip = end
                yield from ((place, word.start(), end) for place in found)
                break


def _bare(word: str) -> str:
    """A word without the genitive and without punctuation at its end: ``Canada's`` -> ``Canada``."""
    return re.sub(r"['’]s?$", "", word.rstrip(".'’-"))


def _unspaced(text: str, countries: dict[str, str], language: str) -> Iterator[tuple[PlaceName, int, int]]:
    """Names in text without spaces, the longest first; a name inside a longer katakana word does not count."""
    taken: list[tuple[int, int]] = []
    names = tuple(sorted(name for name in countries if is_east_asian(name)))
    for name, found in _east_asian_names(names, language):
        start = text.find(name)
        while start >= 0:
            end = start + len(name)
            inside = any(start < other_end and other_start < end for other_start, other_end in taken)
            if not inside and not (_KATAKANA.match(name) and _inside_katakana(text, start, end)):
                taken.append((start, end))
                yield from ((place, start, end) for place in found or _named(name, countries))
                break
            start = text.find(name, end)


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
    """Whether the name belongs to a street or to another name, as in Boston Road, Wallace Lincoln, Paris Hilton."""
    before = words[first - 1] if first else None
    after = words[last + 1] if last + 1 < len(words) else None
    if before is not None and _STREET.match(before.group()) and "," not in text[before.end() : words[first].start()]:
        return True
    if after is not None and _STREET.match(after.group()) and "," not in text[words[last].end() : after.start()]:
        return True
    before_sticks = (
        before is not None and before.group()[:1].isupper() and text[before.end() : words[first].start()] == " "
    )
    after_sticks = after is not None and after.group()[:1].isupper() and text[words[last].end() : after.start()] == " "
    return before_sticks and after_sticks
