"""Data that every blueprint may use by name: calendars, words in many languages, and words of website menus.

Data: ``shared/rhythms.yaml``, ``shared/words.yaml``, ``shared/menu_words.yaml``.
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal, get_args

from provisioning_assets.data_model.problems import suggestion
from provisioning_assets.planning.blueprint_sources import read_shared

RhythmKind = Literal["hours", "weekdays", "months"]
"""Kind of a rhythm: 24 weights from midnight on, 7 from Monday on, or 12 from January on."""


class UnknownNameError(ValueError):
    """A name that the shared files do not contain.

    ``message`` says which name was given; ``remedy`` says which one was most likely meant and which are accepted.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


def named_rhythm(kind: RhythmKind, name: str) -> list[float]:
    """Relative weights of a named calendar.

    Args:
        kind: hours (24 weights, midnight first), weekdays (7, Monday first) or months (12, January first).
        name: as written in ``shared/rhythms.yaml``.

    Returns:
        A new list; its weights are 0 or more.

    Raises:
        UnknownNameError: there is no such calendar of this kind.
    """
    named = _rhythms()[kind]
    if name not in named:
        raise UnknownNameError(f"'{name}' is not a rhythm of {kind}.", suggestion(name, named))
    return list(named[name])


def rhythm_names(kind: RhythmKind) -> list[str]:
    """Names of the calendars of one kind, in the file's order."""
    return list(_rhythms()[kind])


def shared_words(name: str) -> dict[str, list[str]]:
    """Language (ISO 639-1) -> words, the most important first.

    Args:
        name: as written in ``shared/words.yaml``.

    Raises:
        UnknownNameError: there is no such list of words.
    """
    named = _words()
    if name not in named:
        raise UnknownNameError(f"'{name}' is not a list of shared words.", suggestion(name, named))
    return {language: list(words) for language, words in named[name].items()}


def word_list_names() -> list[str]:
    """Names of the shared lists of words, in the file's order."""
    return list(_words())


@cache
def menu_words() -> frozenset[str]:
    """Words of menus, offers and legal pages in all languages, case-folded. They never fill a slot."""
    by_kind: Mapping[str, Mapping[str, list[str]]] = read_shared("menu_words.yaml")
    return frozenset(
        word.casefold() for by_language in by_kind.values() for words in by_language.values() for word in words
    )


@cache
def _rhythms() -> Mapping[str, Mapping[str, tuple[float, ...]]]:
    data = read_shared("rhythms.yaml")
    return {
        kind: {name: tuple(float(weight) for weight in weights) for name, weights in data[kind].items()}
        for kind in get_args(RhythmKind)
    }


@cache
def _words() -> Mapping[str, Mapping[str, list[str]]]:
    return read_shared("words.yaml")
