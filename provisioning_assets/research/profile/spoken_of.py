"""Of whom a text speaks: words of a trade count less where they tell of customers, deny, quote, or stand in an address.

Software for restaurants says "restaurants" more often than any restaurant. What tells the two apart is the words around it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.research.profile.headings import Meaning, meaning_of, meaning_of_address
from provisioning_assets.research.profile.lexicon import Occurrence
from provisioning_assets.research.profile.passages import SitePassages, folded, one_line
from provisioning_assets.research.profile.segments import names_a_group
from provisioning_assets.research.profile.words import is_east_asian
from provisioning_assets.research.website.models import WebPage

_DATA = Path(__file__).with_name("spoken_of.yaml")

# Share of a word's weight that is left. The values were set beforehand; others near them give the same industries.
_SERVED = 0.3  # "for restaurants", with another trade's word before it, or at the beginning of a line
_PERHAPS_SERVED = 0.7  # "for restaurants" alone: "practice for orthopaedics" is one
_MODIFIER = 0.4  # "farm" of "farm insurance"
_DENIED = 0.2
_QUOTED = 0.4  # what customers say, and names of things
_STREET = 0.2
_OTHERS = 0.4  # under a heading such as "Our customers"

_CLAUSE = re.compile(r"[.;:!?|()·。、！？：（）]|\s[-–—]\s")
_QUOTATION = re.compile(
    r"[“„”][^“”„]{2,400}[“”]|«[^»]{2,400}»|»[^«]{2,400}«|「[^」]{2,200}」|『[^』]{2,200}』|\"[^\"]{2,400}\"|‘[^’]{2,200}’(?!\w)"
)
_HOUSE_NUMBER = re.compile(r"(?:\s+[^\W\d_]+){0,3},?\s+\d{1,4}[a-z]?(?:/\d+)?\s*[,·|]")
_SERVED_WORDS = 6  # words behind "for" that may still name the customers
_DENIED_WORDS = 4
_LONGEST_HEADING = 60  # characters; a longer line is a sentence


class _Words(Document):
    """The words of one language in spoken_of.yaml."""

    served: list[str] = Field(default_factory=list)
    served_after: list[str] = Field(default_factory=list)
    of: list[str] | None = None
    denied: list[str] = Field(default_factory=list)
    others: list[str] = Field(default_factory=list)


@dataclass(frozen=True)
class _Patterns:
    served: re.Pattern[str] | None
    served_before: re.Pattern[str] | None
    denied: re.Pattern[str] | None
    joint: re.Pattern[str]
    thing_is_first: bool


@lru_cache(maxsize=1)
def _data() -> dict[str, _Words]:
    raw = yaml.load(_DATA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {language: _Words.model_validate(words) for language, words in raw.items()}


@lru_cache(maxsize=32)
def _patterns(language: str) -> _Patterns:
    words = _data().get(language, _Words())
    between = [*(words.of or ()), "&"] if words.of is not None else []
    return _Patterns(
        served=_before(words.served, _SERVED_WORDS),
        served_before=re.compile(rf"^\w{{0,3}}\s?(?:{_any(words.served_after)})") if words.served_after else None,
        denied=_before(words.denied, _DENIED_WORDS),
        joint=re.compile(rf"[\s'’-]*(?:(?:{_any(between)})[\s'’]+)?") if between else re.compile(r"[\s'’-]*"),
        thing_is_first=words.of is not None,
    )


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(folded(word)) for word in sorted(words, key=lambda word: (-len(word), word)))


def _before(words: Sequence[str], most: int) -> re.Pattern[str] | None:
    """Finds one of the words, at most ``most`` words before the end of a text."""
    return (
        re.compile(rf"(?<![\w'])(?:{_any(words)})(?:[\s,'’/&+-]+\w+){{0,{most - 1}}}[\s,'’/&+-]+$") if words else None
    )


def own_share(text: str, found: Sequence[Occurrence], language: str) -> list[float]:
    """For every word found in a text the share, 0-1, that it says about the company itself.

    Args:
        text: the line in which the words were found.
        found: in the order of the text.
        language: ISO 639-1, of the words.
    """
    line = folded(text)
    quoted = [match.span() for match in _QUOTATION.finditer(line)]
    patterns = _patterns(language)
    return [
        min(
            _served(line, one, found, patterns),
            _MODIFIER if _is_modifier(line, one, found, patterns) else 1.0,
            _DENIED if _is_denied(line, one, patterns) else 1.0,
            _QUOTED if any(start < one.start and one.end < end for start, end in quoted) else 1.0,
            _STREET if _HOUSE_NUMBER.match(line, one.end) else 1.0,
        )
        for one in found
    ]


def _clause(line: str, end: int) -> int:
    """Where the clause begins that goes on at ``end``."""
    return max((match.end() for match in _CLAUSE.finditer(line, 0, end)), default=0)


def _served(line: str, one: Occurrence, found: Sequence[Occurrence], patterns: _Patterns) -> float:
    if patterns.served_before is not None and patterns.served_before.match(line[one.end : one.end + 20]):
        return _SERVED
    if patterns.served is None:
        return 1.0
    start = _clause(line, one.start)
    match = patterns.served.search(line[start : one.start])
    if match is None:
        return 1.0
    at = start + match.start()
    if not line[start:at].strip(" -*•"):
        return _SERVED
    before = {other.term.industry for other in found if start <= other.start and other.end <= at}
    if one.term.industry in before:
        return 1.0
    return _SERVED if before else _PERHAPS_SERVED


def _is_modifier(line: str, one: Occurrence, found: Sequence[Occurrence], patterns: _Patterns) -> bool:
    """Whether the word only says of which kind the word of another trade beside it is."""
    for other in found:
        if other.term.industry == one.term.industry:
            continue
        first, second = (other, one) if patterns.thing_is_first else (one, other)
        if first.end <= second.start and patterns.joint.fullmatch(line, first.end, second.start):
            return True
    return False


def _is_denied(line: str, one: Occurrence, patterns: _Patterns) -> bool:
    return patterns.denied is not None and bool(patterns.denied.search(line[_clause(line, one.start) : one.start]))


def lines_of_others(reading: SitePassages) -> frozenset[tuple[str, str]]:
    """The lines (page, text) that stand under a heading or on a page about customers, suppliers, praise or references."""
    found: set[tuple[str, str]] = set()
    for page in reading.pages:
        whole = page is not reading.home and _is_page_of_others(page)
        headings = {one_line(heading) for heading in page.headings}
        inside = False
        for raw in page.text.splitlines():
            line = one_line(raw)
            if line in headings or one_line(line.lstrip("# ")) in headings:
                inside = tells_of_others(line.lstrip("# "))
            if (whole or inside) and line:
                found.add((page.url, line))
    return frozenset(found)


def _is_page_of_others(page: WebPage) -> bool:
    first = re.split(r"\s[|–—·•-]\s|\s*[|｜]\s*", page.title)[0]
    return tells_of_others(first) or meaning_of_address(page.url) is Meaning.SEGMENTS


def tells_of_others(heading: str) -> bool:
    """Whether a heading stands above those whom the company serves, buys from or is praised by."""
    if len(heading) > _LONGEST_HEADING:
        return False
    return bool(_others().search(folded(heading))) or meaning_of(heading) is Meaning.SEGMENTS or names_a_group(heading)


@lru_cache(maxsize=1)
def _others() -> re.Pattern[str]:
    words = {word for each in _data().values() for word in each.others}
    spaced = _any(word for word in words if not is_east_asian(word))
    return re.compile(rf"(?<!\w)(?:{spaced})(?!\w)|{_any(word for word in words if is_east_asian(word))}")


OTHERS_SHARE = _OTHERS
"""What is left of the weight of a line under such a heading."""
