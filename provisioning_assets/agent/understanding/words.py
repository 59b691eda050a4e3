"""Splits a question into words that can be compared: normalised, stemmed, and mapped to shared meanings.

The English vocabulary (fillers, phrases, synonyms) is in ``lexicon.yaml``.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import snowballstemmer
import yaml

_TOKEN = re.compile(r"\d{4}-\d{2}-\d{2}|\d+\.\d+|[^\W_]+(?:_[^\W_]+)*")
_STEMMER = snowballstemmer.stemmer("english")

Phrases = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
"""Pairs of (words, the words that replace them); pairs with more words come first."""


@dataclass(frozen=True)
class Word:
    """One word of a text.

    ``text`` is the normalised word, ``stem`` its stem, ``meaning`` the stem of its synonym group (its own stem if it
    has none).
    """

    text: str
    stem: str
    meaning: str
    filler: bool
    light: bool = False

    @property
    def number(self) -> float | None:
        """Return the number, if the word is one, else None."""
        return float(self.text) if re.fullmatch(r"\d+(\.\d+)?", self.text) else None


@dataclass(frozen=True)
class Lexicon:
    """The vocabulary of questions, stemmed."""

    fillers: frozenset[str]
    light: frozenset[str]
    future: frozenset[str]
    phrases: Phrases
    meanings: dict[str, str]
    negations: frozenset[str]
    negative: frozenset[str]
    development: frozenset[str]
    comparing: frozenset[str]
    places: frozenset[str]
    people: frozenset[str]
    descending: frozenset[str]
    ascending: frozenset[str]
    beyond_description: frozenset[str]
    numbers: dict[str, int]
    related: dict[str, frozenset[str]]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return Snowball's English stem. Numbers, dates and nouns that look like verbs are not changed."""
    if word[:1].isdigit():
        return word
    return word.removesuffix("s") if word.removesuffix("s") in _nouns() else _STEMMER.stemWord(word)


@cache
def _lexicon_file() -> dict[str, Any]:
    text = resources.files("provisioning_assets.agent.understanding").joinpath("lexicon.yaml").read_text("utf-8")
    return yaml.safe_load(text)


@cache
def _nouns() -> frozenset[str]:
    return frozenset(_lexicon_file()["nouns"])


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of the package."""
    data = _lexicon_file()
    meanings: dict[str, str] = {}
    for group in data["synonyms"]:
        for word in group:
            meanings.setdefault(stem(word), stem(group[0]))
    related: dict[str, set[str]] = {}
    for group in data["related"]:
        found = {meanings.get(stem(word), stem(word)) for word in group}
        for meaning in found:
            related.setdefault(meaning, set()).update(found - {meaning})
    phrases = sorted(
        ((tuple(str(k).split()), tuple(str(v).split())) for k, v in data["phrases"].items()),
        key=lambda pair: (-len(pair[0]), pair[0]),
    )
    return Lexicon(
        fillers=frozenset(data["fillers"].split()),
        light=frozenset(data["light"].split()),
        future=frozenset(data["future"]),
        phrases=tuple(phrases),
        meanings=meanings,
        negations=frozenset(data["negations"]),
        negative=frozenset(data["negative"]),
        development=frozenset(data["development"]),
        comparing=frozenset(data["comparing"]),
        places=frozenset(meanings.get(stem(word), stem(word)) for word in data["places"]),
        people=frozenset(meanings.get(stem(word), stem(word)) for word in data["people"]),
        descending=frozenset(data["superlatives"]["descending"]),
        ascending=frozenset(data["superlatives"]["ascending"]),
        beyond_description=frozenset(data["beyond_description"]),
        numbers=data["numbers"],
        related={meaning: frozenset(others) for meaning, others in related.items()},
    )


def normalise(text: str) -> str:
    """Return the text in lower case, without accents, possessives, thousands separators and identifier underscores."""
    text = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    text = "".join(character for character in text if not unicodedata.combining(character)).casefold()
    text = text.replace("’", "'").replace("%", " percent ").replace("_", " ").replace("&", " and ")
    text = re.sub(r"'s\b", "", text)
    text = re.sub(r"(?<=\d)[,](?=\d{3}\b)", "", text)
    return re.sub(r"(?<=\d)\s*(k|thousand)\b", "000", text)


def plain_tokens(text: str) -> list[str]:
    """Return the normalised words of a text, without stemming. Names and values are compared by them."""
    return _TOKEN.findall(normalise(text))


def words_of(text: str) -> list[Word]:
    """Return the words of a text, with phrases replaced and number words as digits."""
    return [word_of(token) for token in replace_phrases(plain_tokens(text))]


@lru_cache(maxsize=50_000)
def word_of(token: str) -> Word:
    """Return one normalised token as a word."""
    language = lexicon()
    token = str(language.numbers.get(token, token))
    stemmed = stem(token)
    return Word(
        token,
        stemmed,
        language.meanings.get(stemmed, stemmed),
        token in language.fillers | language.descending | language.ascending,
        token in language.light,
    )


def replace_phrases(tokens: list[str], phrases: Phrases | None = None) -> list[str]:
    """Replace each phrase by its meaning, from left to right, the longest phrase first."""
    known: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for phrase, replacement in lexicon().phrases if phrases is None else phrases:
        known.setdefault(phrase[0], []).append((phrase, replacement))
    replaced: list[str] = []
    at = 0
    while at < len(tokens):
        for phrase, replacement in known.get(tokens[at], ()):
            if tuple(tokens[at : at + len(phrase)]) == phrase:
                replaced.extend(replacement)
                at += len(phrase)
                break
        else:
            replaced.append(tokens[at])
            at += 1
    return replaced


def meanings_of(text: str) -> tuple[str, ...]:
    """Return the meanings of a name or synonym, in order. ``DataNames`` finds the name by this key."""
    return tuple(word.meaning for word in words_of(text))


# Meanings that the code uses directly.
AVERAGE, SHARE, WEEKDAY = stem("average"), stem("share"), stem("weekday")
