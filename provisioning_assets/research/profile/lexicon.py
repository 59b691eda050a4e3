"""The content of industries.yaml and industry_terms/, and a search for the words of industries in a website."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.research.profile.passages import folded
from provisioning_assets.research.profile.words import UNSPACED, is_east_asian, stem, token_spans, tokens

GENERAL = "general_business"  # for a site without a recognised industry
_DATA = Path(__file__).with_name("industries.yaml")
_TERMS = Path(__file__).with_name("industry_terms")

Strength = Literal["strong", "usual", "weak"]
# A strong word counts about as much as two usual ones; a weak word matters only if the others are balanced.
WEIGHTS: dict[Strength, float] = {"strong": 3.0, "usual": 1.4, "weak": 0.4}


class Industry(Document):
    """One industry in industries.yaml."""

    name: str
    schema_types: list[str]
    catalogue: bool = Field(
        default=False, description="sells named goods from a catalogue; its menus are categories of them"
    )
    serves: bool = Field(
        default=False, description="works for other trades or tells of them, so that their words are on its pages, too"
    )


@dataclass(frozen=True)
class Term:
    """A word or phrase of an industry, prepared for searching."""

    industry: str
    written: str
    weight: float
    patterns: tuple[str, ...]  # stems; a star at either end stands for any letters


@dataclass(frozen=True)
class Occurrence:
    """A term found in a text, from ``start`` to ``end``, in characters of the folded text."""

    term: Term
    start: int
    end: int


_INDEXED = 3  # letters of a word by which terms with a star at one end are found


@dataclass(frozen=True)
class Lexicon:
    """The terms of one language, of all industries, indexed so that one pass over a text finds them."""

    exact: dict[str, list[Term]]  # keyed by the stem of their first word
    beginning: dict[str, list[Term]]  # terms like ``bank*``, keyed by the first letters
    ending: dict[str, list[Term]]  # terms like ``*bank``, keyed by the last letters
    inside: list[Term]  # terms like ``*bank*``, and those too short for the keys
    unspaced: list[Term]
    first_words: dict[str, list[Term]] = field(default_factory=dict)  # cache of ``starting_with``

    def starting_with(self, word: str, stemmed: str) -> list[Term]:
        """The terms that have this word as their first word."""
        found = self.first_words.get(word)
        if found is None:
            starred = (*self.beginning.get(word[:_INDEXED], ()), *self.ending.get(word[-_INDEXED:], ()), *self.inside)
            found = [*self.exact.get(stemmed, ())]
            found += [term for term in starred if fits(term.patterns[0], word, stemmed)]
            self.first_words[word] = found
        return found

    def in_text(self, text: str, language: str) -> list[Occurrence]:
        """Every occurrence of a term in a text, in the text's order; terms inside longer phrases are found, too."""
        spans = token_spans(text)
        words = [word for word, _, _ in spans]
        stems = [stem(word, language) for word in words]
        found: list[Occurrence] = []
        for position, word in enumerate(words):
            for term in self.starting_with(word, stems[position]):
                length = len(term.patterns)
                if length == 1 or (
                    position + length <= len(words)
                    and all(fits(term.patterns[i], words[position + i], stems[position + i]) for i in range(1, length))
                ):
                    found.append(Occurrence(term, spans[position][1], spans[position + length - 1][2]))
        if self.unspaced and is_east_asian(text):
            lowered = folded(text)
            for term in self.unspaced:
                if (start := lowered.find(term.written)) >= 0:
                    found.append(Occurrence(term, start, start + len(term.written)))
        return found


def fits(pattern: str, word: str, stemmed: str) -> bool:
    """Whether a pattern matches a word: ``*bank`` by its ending, ``bank*`` by its beginning, otherwise by its stem."""
    if "*" not in pattern:
        return pattern == stemmed
    body = pattern.strip("*")
    if pattern.startswith("*") and pattern.endswith("*"):
        return body in word
    return word.endswith(body) if pattern.startswith("*") else word.startswith(body)


@lru_cache(maxsize=1)
def described() -> dict[str, Industry]:
    """Industry id -> description, as in industries.yaml; ``general_business`` has the words of trades without an industry."""
    data = yaml.load(_DATA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {name: Industry.model_validate(value) for name, value in data.items()}


@lru_cache(maxsize=1)
def industries() -> dict[str, Industry]:
    """Industry id -> description, in the order of industries.yaml, without ``general_business``."""
    return {name: industry for name, industry in described().items() if name != GENERAL}


def industry_ids() -> tuple[str, ...]:
    """The 26 ids, ``general_business`` last."""
    return (*industries(), GENERAL)


@lru_cache(maxsize=1)
def term_languages() -> tuple[str, ...]:
    """The languages (ISO 639-1) that have words of industries."""
    return tuple(sorted(file.stem for file in _TERMS.glob("*.yaml")))


def terms_of(language: str) -> dict[str, dict[Strength, list[str]]]:
    """Industry id -> strength -> the words of one language as they are written in its file; empty for a language without one."""
    if language not in term_languages():
        return {}
    return yaml.load((_TERMS / f"{language}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@lru_cache(maxsize=32)
def lexicon(language: str) -> Lexicon:
    """The terms of one language."""
    exact: dict[str, list[Term]] = defaultdict(list)
    beginning: dict[str, list[Term]] = defaultdict(list)
    ending: dict[str, list[Term]] = defaultdict(list)
    inside: list[Term] = []
    unspaced: list[Term] = []
    for name, by_strength in terms_of(language).items():
        for term in _terms(name, by_strength, language):
            first = term.patterns[0]
            body = first.strip("*")
            if language in UNSPACED and is_east_asian(term.written):
                unspaced.append(term)
            elif "*" not in first:
                exact[first].append(term)
            elif len(body) < _INDEXED or first == f"*{body}*":
                inside.append(term)
            elif first.startswith("*"):
                ending[body[-_INDEXED:]].append(term)
            else:
                beginning[body[:_INDEXED]].append(term)
    return Lexicon(dict(exact), dict(beginning), dict(ending), inside, unspaced)


def _terms(industry: str, by_strength: dict[Strength, list[str]], language: str) -> Iterator[Term]:
    known: set[tuple[str, ...]] = set()  # "restaurant" and "restaurants" are one word: it counts once
    for strength, phrases in by_strength.items():
        for phrase in phrases:
            patterns = tuple(_patterns(phrase.split(), language))
            if patterns not in known:
                known.add(patterns)
                yield Term(industry, phrase, WEIGHTS[strength], patterns)


def _patterns(words: Iterable[str], language: str) -> Iterator[str]:
    for word in words:
        bare = tokens(word)
        if "*" in word:
            yield ("*" if word.startswith("*") else "") + "".join(bare) + ("*" if word.endswith("*") else "")
        else:
            yield from (stem(token, language) for token in bare)
