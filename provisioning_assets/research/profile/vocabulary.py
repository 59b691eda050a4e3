"""Words that are typical of this company: frequent on its site, but neither common words nor navigation."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError

from provisioning_assets.research.profile.labels import comparable, is_noise, navigation_words, tidy
from provisioning_assets.research.profile.lexicon import lexicon
from provisioning_assets.research.profile.models import Evidence, Fact
from provisioning_assets.research.profile.passages import Part, Passage, SitePassages, folded
from provisioning_assets.research.profile.words import UNSPACED, is_east_asian, stem, stop_words

MOST = 30
_PARTS = {
    Part.TITLE: 2.0,
    Part.DESCRIPTION: 2.0,
    Part.HEADING: 2.0,
    Part.NAVIGATION: 1.0,
    Part.NOTES: 2.0,
    Part.TEXT: 1.0,
}
_LEAST_PASSAGES = 2  # a word that occurs once is not typical
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_EAST_ASIAN_RUN = re.compile(r"[ァ-ヴー]{3,}|[一-龯々]{2,6}|[가-힣]{2,6}")
_MOST_EVIDENCE = 2
_CONTRACTION = re.compile(r"['’](?:s|t|ve|re|ll|d|m)$", re.I)
_LATIN_NOUNS = frozenset({"de"})  # languages that write nouns with a capital


@dataclass
class _Word:
    mass: float = 0.0
    passages: int = 0
    displayed: bool = False  # in a title, heading, menu or description
    spellings: Counter[str] = field(default_factory=Counter)
    evidence: list[Evidence] = field(default_factory=list)


def read_vocabulary(
    reading: SitePassages,
    *,
    languages: tuple[str, ...],
    company: tuple[str, ...],
    places: frozenset[str],
    industry: str,
) -> list[Fact]:
    """Distinctive words and two-word phrases, the highest weight first; at most thirty.

    Args:
        reading: the passages of the site.
        languages: ISO 639-1, the main one first.
        company: names of the company, which are left out.
        places: names of places in lower case, which are left out, too.
        industry: id; words of the industry get more weight.
    """
    spoken = (*languages, "en")
    common = frozenset().union(*(stop_words(code) | navigation_words(code) for code in spoken)) | _everyday_words()
    known = {part for name in company for part in comparable(name).split(" ")} | places
    known |= {part for place in places for part in place.split(" ")}
    counted: dict[str, _Word] = {}
    for passage in reading.passages:
        weight = _PARTS.get(passage.part)
        if weight and not passage.housekeeping:
            for key, start, end in _keys(passage, languages[0], common, known):
                _count(counted, key, passage, start, end, weight)
    scored = {key: _score(key, word, languages, industry) for key, word in counted.items() if _habitual(key, word)}
    ranked = sorted(scored, key=lambda key: (-scored[key], key))
    chosen: list[str] = []
    for key in ranked:
        shown = tidy(_spelling(counted[key]))
        inside = any(key in other.split(" ") and counted[other].mass >= 0.6 * counted[key].mass for other in chosen)
        if not inside and not is_noise(shown, languages):
            chosen.append(key)
        if len(chosen) == MOST:
            break
    top = max((scored[key] for key in chosen), default=1.0)
    return [
        Fact(
            value=_spelling(counted[key]), evidence=counted[key].evidence, score=round(max(0.05, scored[key] / top), 3)
        )
        for key in chosen
    ]


def _keys(passage: Passage, language: str, common: frozenset[str], known: set[str]):
    """Stems of the words and word pairs in a passage, with their positions."""
    if is_east_asian(passage.text):
        for match in _EAST_ASIAN_RUN.finditer(passage.text):
            if match.group() not in known:
                yield match.group(), match.start(), match.end()
        if language in UNSPACED:
            return
    calendar = _calendar(language)
    previous: tuple[str, int, int] | None = None
    for match in _WORD.finditer(passage.text):
        word = folded(match.group()).rstrip("'-")
        plain = word.removesuffix("'s")
        everyday = (
            plain in common
            or plain in known
            or plain in calendar
            or plain.endswith("ly")
            or bool(_CONTRACTION.search(plain))
        )
        lower_noun = language in _LATIN_NOUNS and match.group()[0].islower()
        if len(plain) < 3 or everyday or lower_noun or any(character.isdigit() for character in plain):
            previous = None
            continue
        key = stem(plain, language)
        yield key, match.start(), match.end()
        if previous and passage.text[previous[2] : match.start()] == " ":
            yield f"{previous[0]} {key}", previous[1], match.end()
        previous = (key, match.start(), match.end())


@lru_cache(maxsize=1)
def _everyday_words() -> frozenset[str]:
    lines = Path(__file__).with_name("everyday_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=16)
def _calendar(language: str) -> frozenset[str]:
    """Names of months and weekdays, long and short, in this language and in English."""
    names: set[str] = set()
    for code in (language, "en"):
        try:
            locale = Locale.parse(code)
        except (UnknownLocaleError, ValueError):
            continue
        for kind in (locale.months, locale.days):
            for width in ("wide", "abbreviated"):
                names.update(folded(str(name)).rstrip(".") for name in kind["format"][width].values())
    return frozenset(names)


def _count(counted: dict[str, _Word], key: str, passage: Passage, start: int, end: int, weight: float) -> None:
    word = counted.setdefault(key, _Word())
    word.mass += weight * (1.0 if passage.home else 0.6)
    word.displayed = word.displayed or passage.part is not Part.TEXT
    quote = passage.quote(start, end)
    if not word.evidence or word.evidence[-1] != quote:
        word.passages += 1
        if len(word.evidence) < _MOST_EVIDENCE:
            word.evidence.append(quote)
    word.spellings[passage.text[start:end]] += 1


def _habitual(key: str, word: _Word) -> bool:
    """Whether a word is frequent: in two passages if displayed, else four; single words also need three and four letters."""
    if " " not in key and not is_east_asian(key) and (len(key) < 4 or word.passages < 3):
        return False
    return word.passages >= (_LEAST_PASSAGES if word.displayed else 2 * _LEAST_PASSAGES)


def _spelling(word: _Word) -> str:
    return min(word.spellings, key=lambda spelling: (-word.spellings[spelling], spelling.isupper(), spelling))


def _score(key: str, word: _Word, languages: tuple[str, ...], industry: str) -> float:
    of_industry = any(
        term.industry == industry and term.weight > 1
        for language in dict.fromkeys((*languages, "en"))
        for term in lexicon(language).in_text(_spelling(word), language)
    )
    length = 1.7 if " " in key else 1.0
    return word.mass * length * (1.5 if of_industry else 1.0)
