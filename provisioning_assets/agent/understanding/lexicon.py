"""The words of a question: normalised, with their stems, and the words that stand for a step of the grammar.

The English (function words, grammar markers, forms of one word, synonyms of any business) is in ``lexicon.yaml``. Everything
else that a question may say must be a name of the model.
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


@dataclass(frozen=True)
class Word:
    """One word: ``text`` is normalised, ``stem`` unites its forms, ``concept`` unites synonyms of any business.

    ``past`` says that it is the past form of a verb: "ordered", "bought".
    """

    text: str
    stem: str
    concept: str
    capital: bool = False
    past: bool = False

    @property
    def number(self) -> float | None:
        """Return the number, if the word is one, else None."""
        return float(self.text) if re.fullmatch(r"\d+(\.\d+)?", self.text) else None

    @property
    def function(self) -> bool:
        """Return whether the word has no meaning of its own."""
        return self.text in lexicon().function_words


@dataclass(frozen=True)
class Lexicon:
    """The English of questions."""

    function_words: frozenset[str]
    light_words: frozenset[str]
    markers: dict[tuple[str, ...], str]
    forms: dict[tuple[str, ...], str]
    concepts: dict[str, str]
    paraphrases: dict[str, frozenset[str]]
    undone_prefixes: tuple[str, ...]
    numbers: dict[str, int]
    longest: int


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of the package."""
    data: dict[str, Any] = yaml.load(
        resources.files("provisioning_assets.agent.understanding").joinpath("lexicon.yaml").read_text("utf-8"),
        Loader=yaml.CSafeLoader,
    )
    markers = {tuple(phrase.split()): tag for tag, phrases in data["markers"].items() for phrase in phrases}
    forms = {tuple(other.split()): group[0] for group in data["forms"] for other in group[1:]}
    concepts: dict[str, str] = {}
    for group in data["synonyms"]:
        for word in group:
            form = forms.get(tuple(word.split()), word)
            concepts.setdefault(stem(form) if " " not in form else form, stem(group[0]))
            if " " in word:
                forms.setdefault(tuple(word.split()), group[0])
    paraphrases: dict[str, set[str]] = {}
    for number, group in enumerate(data["paraphrases"]):
        for word in group:
            paraphrases.setdefault(stem(forms.get((word,), word)), set()).add(f"meaning:{number}")
    return Lexicon(
        function_words=frozenset(data["function_words"].split()),
        light_words=frozenset(data["light_words"].split()),
        markers=markers,
        forms=forms,
        concepts=concepts,
        paraphrases={word: frozenset(groups) for word, groups in paraphrases.items()},
        undone_prefixes=tuple(data["undone_prefixes"]),
        numbers=data["numbers"],
        longest=max(len(phrase) for phrase in (*markers, *forms)),
    )


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return Snowball's English stem. Numbers and dates are not changed."""
    return word if word[:1].isdigit() else _STEMMER.stemWord(word)


def normalise(text: str) -> str:
    """Return the text without accents, possessives, thousands separators and identifier underscores."""
    text = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    text = "".join(character for character in text if not unicodedata.combining(character))
    text = (
        text.replace("’", "'")
        .replace("%", " percent ")
        .replace("_", " ")
        .replace("&", " and ")
        .replace("$", " dollar ")
    )
    text = text.replace("€", " euro ").replace("£", " pound ")
    text = re.sub(r"n't\b", " not", re.sub(r"'s\b", "", text))
    text = re.sub(r"(?<=\d)[,](?=\d{3}\b)", "", text)
    return re.sub(r"(?<=\d)\s*(?:k|thousand)\b", "000", text)


def plain_tokens(text: str) -> list[str]:
    """Return the normalised words of a text in lower case."""
    return _TOKEN.findall(normalise(text).casefold())


def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of a text: number words as digits, forms of one word united."""
    tokens = _TOKEN.findall(normalise(text))
    words: list[Word] = []
    at = 0
    forms = lexicon().forms
    while at < len(tokens):
        for length in range(min(lexicon().longest, len(tokens) - at), 0, -1):
            phrase = tuple(token.casefold() for token in tokens[at : at + length])
            form = forms.get(phrase)
            if form is not None or length == 1:
                capital = tokens[at][:1].isupper()
                past = phrase[0].endswith("ed") or (
                    form is not None and not phrase[0].endswith(("s", "y", "ion", "ing"))
                )
                parts = form.split() if form is not None else [phrase[0]]
                spelt = list(phrase) if len(phrase) == len(parts) else parts
                words.extend(_word(*pair, capital, past) for pair in zip(parts, spelt, strict=True))
                at += length
                break
    return tuple(words)


@lru_cache(maxsize=50_000)
def _word(form: str, spelt: str, capital: bool, past: bool) -> Word:
    text = str(lexicon().numbers.get(spelt, spelt))
    root = stem(str(lexicon().numbers.get(form, form)))
    return Word(text, root, lexicon().concepts.get(root, root), capital, past)


def stems_of(text: str) -> tuple[str, ...]:
    """Return the stems of a name."""
    return tuple(word.stem for word in words_of(text))


def concepts_of(text: str) -> tuple[str, ...]:
    """Return the concepts of a name."""
    return tuple(word.concept for word in words_of(text))
