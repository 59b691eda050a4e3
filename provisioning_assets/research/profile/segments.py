"""Groups of customers that the company sells to, in the words of the site."""

import re
from functools import lru_cache
from pathlib import Path

import yaml

from provisioning_assets.artefact import Document
from provisioning_assets.research.profile.labels import tidy
from provisioning_assets.research.profile.models import Evidence, Fact
from provisioning_assets.research.profile.passages import Part, SitePassages
from provisioning_assets.research.profile.words import UNSPACED

_DATA = Path(__file__).with_name("segments.yaml")
_ADDRESSED = {Part.NAVIGATION: 1.0, Part.HEADING: 0.9, Part.TITLE: 0.9, Part.DESCRIPTION: 0.8, Part.NOTES: 1.0}
_MENTIONED = 0.25  # weight in running text without a preceding "for" or similar word
_MARKED = 0.8  # weight in running text after "for" or a similar word
_LEAST = 0.7  # groups with less weight are only mentioned, not addressed
_MOST = 12
_MOST_EVIDENCE = 3


class Segments(Document):
    """One language in segments.yaml."""

    groups: list[str]
    marks: list[str]


@lru_cache(maxsize=1)
def _segments() -> dict[str, Segments]:
    data = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return {language: Segments.model_validate(value) for language, value in data.items()}


@lru_cache(maxsize=32)
def group_names(language: str) -> frozenset[str]:
    """The names of customer groups in a language, in lower case."""
    known = _segments().get(language)
    return frozenset(known.groups) if known else frozenset()


def _shown(group: str) -> str:
    return tidy(group.capitalize() if group.isupper() else group)


@lru_cache(maxsize=32)
def _pattern(language: str) -> re.Pattern[str] | None:
    known = _segments().get(language)
    if known is None:
        return None
    groups = "|".join(re.escape(group) for group in sorted(known.groups, key=lambda group: (-len(group), group)))
    marks = "|".join(re.escape(mark) for mark in sorted(known.marks, key=lambda mark: (-len(mark), mark)))
    if language in UNSPACED:
        return re.compile(f"(?P<mark>(?!))?(?P<group>{groups})")
    return re.compile(rf"(?:\b(?P<mark>{marks})\s+(?:\w+\s+(?:&\s+|and\s+|und\s+)?)??)?\b(?P<group>{groups})\b", re.I)


def read_segments(reading: SitePassages, languages: tuple[str, ...]) -> list[Fact]:
    """Customer groups, the most prominent first; at most twelve.

    Args:
        reading: the passages of the site.
        languages: languages of the site, ISO 639-1; English is always added.
    """
    mass: dict[str, float] = {}
    spelled: dict[str, str] = {}
    evidence: dict[str, list[Evidence]] = {}
    for language in dict.fromkeys((*languages, "en")):
        pattern = _pattern(language)
        if pattern is None:
            continue
        for passage in reading.passages:
            base = _ADDRESSED.get(passage.part, 0.0)
            if (not base and passage.part is not Part.TEXT) or passage.housekeeping:
                continue
            for match in pattern.finditer(passage.text):
                key = match.group("group").lower()
                weight = base or (_MARKED if match.group("mark") else _MENTIONED)
                mass[key] = mass.get(key, 0.0) + weight
                spelled.setdefault(key, match.group("group"))
                quotes = evidence.setdefault(key, [])
                if len(quotes) < _MOST_EVIDENCE:
                    quotes.append(passage.quote(match.start("group"), match.end("group")))
    ranked = sorted((key for key in mass if mass[key] >= _LEAST), key=lambda key: (-mass[key], key))
    ranked = [key for key in ranked if not any(longer.endswith(f" {key}") for longer in ranked)]
    singular = [
        key for key in ranked if not any(key != other and (other == key + "s" or other == key + "es") for other in mass)
    ]
    return [
        Fact(value=_shown(spelled[key]), evidence=evidence[key], score=round(min(1.0, mass[key] / 3), 3))
        for key in singular[:_MOST]
    ]
