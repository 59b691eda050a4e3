"""Decides whether two words of a customer mean the same: "Shoe" and "Shoes", "B2B" and "Business customers".

Data: ``shared/same_meaning.yaml``.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from provisioning_assets.planning.blueprint_sources import read_shared

FEWEST_LETTERS = 3
"""Smallest number of letters that a word and its plural have in common."""

FEWEST_TO_JOIN = 2
"""Smallest number of letters of each part of a term that may be written as one word or as two: "health care", but not "Plan S"."""

_JOINED = re.compile(r"(?<=\w)['’‐‑-](?=\w)")
_TOKEN = re.compile(r"[^\W_]+[+#]*")

Tokens = tuple[str, ...]


def mean_the_same(one: str, other: str, language: str, *, of_customers: bool = False) -> bool:
    """Whether two words mean the same, so that a demo should use only one of them.

    Such words differ only by case, accents, punctuation, articles or singular and plural, or are two names of the same
    customers.

    Args:
        one: a word or a few words, as they are shown.
        other: likewise.
        language: the language of the site (ISO 639-1); the words are compared in English too.
        of_customers: whether both are groups of customers. Then "B2B" is the same as "Business customers"; as names of
            plans, "Business" and "Enterprise" are different.
    """
    languages = (language, "en") if language != "en" else ("en",)
    first, second = _tokens(one, languages), _tokens(other, languages)
    if not first or not second:
        return one.casefold() == other.casefold()
    if not _first_letters(first).isdisjoint(_first_letters(second)):
        if _same_words(first, second, languages):
            return True
        if any(_same_customers(first, second, each, of_customers) for each in languages):
            return True
    return of_customers and bool(_meanings(first, languages) & _meanings(second, languages))


# --- words ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=20_000)
def _tokens(text: str, languages: Tokens) -> Tokens:
    """Lower-case words without accents and articles; words joined by hyphens or apostrophes are one word."""
    found = _TOKEN.findall(_plain(_JOINED.sub("", text)))
    fillers = {filler for language in languages for filler in _listed("fillers", language)}
    return tuple(word for word in found if word not in fillers) or tuple(found)


@lru_cache(maxsize=20_000)
def _first_letters(tokens: Tokens) -> frozenset[str]:
    """The first letters of the words. Inflection never changes them, so texts without a common one share no word."""
    return frozenset(token[0] for token in tokens)


def _plain(text: str) -> str:
    """The text with compatibility forms and case folded, and without the accents of Latin letters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if any(
        "\u3040" <= letter <= "\u30ff" for letter in folded
    ):  # marks that distinguish Japanese syllables are not accents
        return folded
    decomposed = unicodedata.normalize("NFKD", folded)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _same_words(one: Tokens, other: Tokens, languages: Tokens) -> bool:
    if len(one) == len(other) and all(
        _inflected(first, second, languages) for first, second in zip(sorted(one), sorted(other), strict=True)
    ):
        return True
    if len(one) == len(other) == 1:
        return False
    apart = all(len(token) >= FEWEST_TO_JOIN for token in (*one, *other))
    return apart and _inflected("".join(one), "".join(other), languages)


def _inflected(one: str, other: str, languages: Tokens) -> bool:
    """Whether two words are equal, or singular and plural of the same word."""
    if one == other:
        return True
    if one[0] != other[0]:
        return False
    for language in languages:
        if (one, other) in _pairs("never", language):
            return False
        if _differ_by(one, other, _pairs("irregular", language), 0):
            return True
        if _differ_by(one, other, _pairs("endings", language), FEWEST_LETTERS):
            return True
    return False


def _differ_by(one: str, other: str, pairs: frozenset[tuple[str, str]], fewest: int) -> bool:
    """Whether the words differ only by one of the pairs of endings, after at least ``fewest`` equal letters."""
    for end, another in pairs:
        start = one.removesuffix(end)
        if one == start + end and other == start + another and len(start) >= fewest:
            return True
    return False


# --- customers -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=20_000)
def _meanings(tokens: Tokens, languages: Tokens) -> frozenset[str]:
    without_noun = [which for language in languages for which, drops in _who(tokens, language) if drops]
    return frozenset(
        name
        for name, language, phrase in _groups()
        if language in languages and any(_same_words(said, phrase, languages) for said in (tokens, *without_noun))
    )


def _same_customers(one: Tokens, other: Tokens, language: str, of_customers: bool) -> bool:
    """Whether two texts name the same customers: "trade customers" and "trade members".

    Among groups of customers "trade customers" and "trade" are the same too, but "club members" and "clubs" never are.
    """
    found, others = _who(one, language), _who(other, language)
    if any(_same_words(which, another, (language,)) for which, _ in found for another, _ in others):
        return True
    return of_customers and any(
        which == whole for names, whole in ((found, other), (others, one)) for which, drops in names if drops
    )


@lru_cache(maxsize=20_000)
def _who(tokens: Tokens, language: str) -> tuple[tuple[Tokens, bool], ...]:
    """The words before or after a noun for customers, and whether they mean the same customers without the noun."""
    found: list[tuple[Tokens, bool]] = []
    before, last = tokens[:-1], tokens[-1]
    leading = language in _data()["leading"]
    for kind, drops in (("customers", True), ("members", False)):
        for noun in _listed(kind, language):
            if before and noun == (tokens[0] if leading else last):
                found.append((tokens[1:] if leading else before, drops))
            if language in _data()["compounding"] and last != noun and last.endswith(noun):
                found.append(((*before, last.removesuffix(noun)), drops))
    return tuple(found)


# --- data ----------------------------------------------------------------------------------------------------------


@cache
def _data() -> Mapping[str, Any]:
    return read_shared("same_meaning.yaml")


@cache
def _listed(kind: str, language: str) -> frozenset[str]:
    return frozenset(_plain(word) for word in _data()[kind].get(language, ()))


@cache
def _pairs(kind: str, language: str) -> frozenset[tuple[str, str]]:
    """The pairs of words or endings of this kind, in both directions."""
    pairs = [(_plain(one), _plain(other)) for one, other in _data()[kind].get(language, ())]
    return frozenset([*pairs, *((other, one) for one, other in pairs)])


@cache
def _groups() -> tuple[tuple[str, str, Tokens], ...]:
    return tuple(
        (name, language, _tokens(phrase, (language,)))
        for name, by_language in _data()["groups"].items()
        for language, phrases in by_language.items()
        for phrase in phrases
    )
