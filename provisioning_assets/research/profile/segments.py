"""Groups of customers that the company addresses: in a group of like elements, under a heading that says so or by their names."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from provisioning_assets.research.profile.headings import Meaning, meaning_of, meaning_of_address, names_only_kind
from provisioning_assets.research.profile.labels import comparable, is_noise, tidy
from provisioning_assets.research.profile.models import Evidence, Fact
from provisioning_assets.research.profile.page_kinds import PageKind, kind_of
from provisioning_assets.research.profile.passages import NOTES, Part, SitePassages, quotation
from provisioning_assets.research.profile.persons import is_person
from provisioning_assets.research.profile.words import tokens
from provisioning_assets.research.website.models import Label, LabelGroup, WebPage

_DATA = Path(__file__).with_name("segments.yaml")
_MOST = 12
_MOST_WORDS = 5  # of a group's name; a longer label is a sentence
_FOR = re.compile(
    r"^(?:(?:for|für|pour|para|per|voor|til|för|dla|untuk)(?: (?:the|die|les|los|las|os|as|gli|de))?|для)\s+(?=\S)",
    re.I,
)


@lru_cache(maxsize=1)
def _segments() -> dict[str, list[str]]:
    return yaml.load(_DATA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@lru_cache(maxsize=32)
def group_names(language: str) -> frozenset[str]:
    """The names of customer groups in a language, comparable."""
    return frozenset(comparable(name) for name in _segments().get(language, ()))


@lru_cache(maxsize=1)
def _all_names() -> frozenset[str]:
    return frozenset().union(*(group_names(language) for language in _segments()))


def names_a_group(label: str) -> bool:
    """Whether a label is the name of customers: ``Private customers``, ``For landlords``."""
    return comparable(label) in _all_names() or addressed_group(label) is not None


def addressed_group(label: str) -> str | None:
    """The known group of customers behind a "for": ``For landlords`` -> ``landlords``; None for every other label."""
    match = _FOR.match(label.strip())
    rest = label.strip()[match.end() :] if match else ""
    return rest if comparable(rest) in _all_names() else None


def _group_of(label: str) -> str | None:
    """The known group of customers that a label is, or is for."""
    return label if comparable(label) in _all_names() else addressed_group(label)


def read_segments(reading: SitePassages, languages: tuple[str, ...]) -> list[Fact]:
    """Customer groups, those that the notes state first, then in the order of the site; at most twelve.

    Args:
        reading: the passages and pages of the site.
        languages: languages of the site, ISO 639-1, the main one first.
    """
    found: dict[str, Fact] = {}
    for value, evidence in (*_noted(reading), *_addressed(reading, languages)):
        found.setdefault(comparable(value), Fact(value=value, evidence=[evidence]))
    return list(found.values())[:_MOST]


def _noted(reading: SitePassages) -> Iterator[tuple[str, Evidence]]:
    """Names of groups in lines of the notes that say for whom the company works: ``Customers: schools, hospitals``."""
    for passage in reading.of(Part.NOTES):
        head, _, rest = passage.text.partition(":")
        if rest and meaning_of(head) in {Meaning.SEGMENTS, Meaning.OTHERS}:
            for part in rest.split(","):
                if comparable(part) in _all_names():
                    yield tidy(part), Evidence(page=NOTES, words=quotation(passage.text, 0, 200))


def _addressed(reading: SitePassages, languages: tuple[str, ...]) -> Iterator[tuple[str, Evidence]]:
    stated: list[tuple[str, Evidence]] = []
    named: list[tuple[str, Evidence]] = []
    for page in sorted(reading.pages, key=lambda page: page is not reading.home):
        if kind_of(page, reading, languages[0]) not in {PageKind.ASIDE, PageKind.FOREIGN}:
            for group in page.groups:
                says = _says_segments(group)
                labels = [label for label in group.labels if not leads_home(label, reading)]
                (stated if says else named).extend(_members(group, labels, page, languages, stated=says))
    yield from stated
    yield from named


def leads_home(label: Label, reading: SitePassages) -> bool:
    """Whether a label leads to the start page: the menu's "Home" is not the homes that a company supplies."""
    here = (label.url or "").partition("#")[0]
    return bool(here) and (urlsplit(here).path in {"", "/"} or (reading.home is not None and here == reading.home.url))


def _says_segments(group: LabelGroup) -> bool:
    nearest = meaning_of(group.heading) or (meaning_of_address(group.heading_url) if group.branch else None)
    if nearest is None and group.branch:
        nearest = next((meaning for above in group.trail if (meaning := meaning_of(above)) is not None), None)
    return nearest is Meaning.SEGMENTS


def _members(
    group: LabelGroup, labels: list[Label], page: WebPage, languages: tuple[str, ...], *, stated: bool
) -> Iterator[tuple[str, Evidence]]:
    """The members of a group that are groups of customers; without a heading, at least two have to be known as such."""
    known = [label for label in labels if _group_of(label.text) is not None]
    # "Our customers" can also stand above people who praise the company
    if (not stated and len(known) < 2) or any(is_person(label.text) for label in labels):
        return
    for label in labels if stated else known:
        value = tidy(_group_of(label.text) or _FOR.sub("", label.text))
        fits = len(tokens(value)) <= _MOST_WORDS and meaning_of(value) is not Meaning.OTHERS
        if label in known or (fits and not names_only_kind(value) and not is_noise(value, languages)):
            evidence = Evidence(
                page=page.url, words=quotation(label.text, 0, len(label.text)), under=group.heading[:100]
            )
            yield value, evidence
