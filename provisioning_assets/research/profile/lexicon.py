"""The content of industries.yaml, and a search for its words in a website."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.research.profile.words import UNSPACED, is_east_asian, stem, tokens

GENERAL = "general_business"  # for a site without a recognised industry
_DATA = Path(__file__).with_name("industries.yaml")

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
    terms: dict[str, dict[Strength, list[str]]]


@dataclass(frozen=True)
class Term:
    """A word or phrase of an industry, prepared for searching."""

    industry: str
    written: str
    weight: float
    patterns: tuple[str, ...]  # stems; a star at either end stands for any letters


@dataclass(frozen=True)
class Lexicon:
    """The terms of all industries in one or more languages, indexed so that one pass over a text finds them."""

    exact: dict[str, list[Term]]  # keyed by the stem of their first word
    starred: list[Term]  # terms whose first word has a star
    unspaced: list[Term]
    first_words: dict[str, list[Term]] = field(default_factory=dict)  # cache of ``starting_with``

    def starting_with(self, word: str, stemmed: str) -> list[Term]:
        """The terms that have this word as their first word."""
        found = self.first_words.get(word)
        if found is None:
            found = [*self.exact.get(stemmed, ())]
            found += [term for term in self.starred if fits(term.patterns[0], word, stemmed)]
            self.first_words[word] = found
        return found

    def in_text(self, text: str, language: str) -> Iterator[Term]:
        """Every occurrence of a term in a text; terms inside longer phrases are found, too."""
        words = tokens(text)
        stems = [stem(word, language) for word in words]
        for position, word in enumerate(words):
            for term in self.starting_with(word, stems[position]):
                length = len(term.patterns)
                if length == 1 or (
                    position + length <= len(words)
                    and all(fits(term.patterns[i], words[position + i], stems[position + i]) for i in range(1, length))
                ):
                    yield term
        if self.unspaced and is_east_asian(text):
            lowered = text.lower()
            for term in self.unspaced:
                if term.written in lowered:
                    yield term


def fits(pattern: str, word: str, stemmed: str) -> bool:
    """Whether a pattern matches a word: ``*bank`` by its ending, ``bank*`` by its beginning, otherwise by its stem."""
    if "*" not in pattern:
        return pattern == stemmed
    body = pattern.strip("*")
    if pattern.startswith("*") and pattern.endswith("*"):
        return body in word
    return word.endswith(body) if pattern.startswith("*") else word.startswith(body)


@lru_cache(maxsize=1)
def industries() -> dict[str, Industry]:
    """Industry id -> description, in the order of industries.yaml (which does not contain ``general_business``)."""
    data = yaml.load(_DATA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {name: Industry.model_validate(value) for name, value in data.items()}


def industry_ids() -> tuple[str, ...]:
    """The 26 ids, ``general_business`` last."""
    return (*industries(), GENERAL)


@lru_cache(maxsize=32)
def lexicon(language: str) -> Lexicon:
    """The terms of one language."""
    exact: dict[str, list[Term]] = defaultdict(list)
    starred: list[Term] = []
    unspaced: list[Term] = []
    for name, industry in industries().items():
        for term in _terms(name, industry.terms.get(language, {}), language):
            if language in UNSPACED and is_east_asian(term.written):
                unspaced.append(term)
            elif "*" in term.patterns[0]:
                starred.append(term)
            else:
                exact[term.patterns[0]].append(term)
    return Lexicon(dict(exact), starred, unspaced)


def _terms(industry: str, by_strength: dict[Strength, list[str]], language: str) -> Iterator[Term]:
    for strength, phrases in by_strength.items():
        for phrase in phrases:
            yield Term(industry, phrase, WEIGHTS[strength], tuple(_patterns(phrase.split(), language)))


def _patterns(words: Iterable[str], language: str) -> Iterator[str]:
    for word in words:
        bare = tokens(word)
        if "*" in word:
            yield ("*" if word.startswith("*") else "") + "".join(bare) + ("*" if word.endswith("*") else "")
        else:
            yield from (stem(token, language) for token in bare)
