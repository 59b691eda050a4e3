"""Puts the customer's words into a part of a blueprint: as plain words in texts, as literals in expressions and SQL."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, cast, get_args

from pydantic_core import PydanticCustomError

from provisioning_assets.data_model.problems import Place, Problem
from provisioning_assets.planning.blueprint_columns import BlueprintColumn, TextSettings
from provisioning_assets.planning.blueprint_rows import RowsOfWords
from provisioning_assets.planning.words import CustomerWords, fill_googlesql, fill_row_expression, fill_text
from provisioning_assets.planning.written import (
    EXPRESSION,
    FINDING,
    HOURS,
    MEASURED,
    SQL,
    TEXT,
    VALUE,
    WEEKDAYS,
    Flavour,
    Written,
)

SomePart = TypeVar("SomePart", bound=Written)

LATER: Mapping[type[Written], frozenset[str]] = {
    BlueprintColumn: frozenset({"text", "category"}),
    TextSettings: frozenset(TextSettings.model_fields),
    RowsOfWords: frozenset({"values"}),
}
"""Fields that are not filled here, because their words are known only later: parts of a text, the word that a row stands for."""


class Filling:
    """Fills parts of a blueprint with one customer's words, and collects the problems."""

    def __init__(self, words: CustomerWords) -> None:
        self.words = words
        self.problems: list[Problem] = []

    def explains(self, problem: Problem) -> bool:
        """Whether a reference to a missing word, at or near the place of a problem, is its cause."""
        place = problem.place[:-1]
        return any(place[: len(found.place)] == found.place[: len(place)] for found in self.problems)

    def part(self, part: SomePart, place: Place) -> SomePart:
        """A copy of the part with all words filled in. A reference to a missing word is added to the problems."""
        changed: dict[str, Any] = {}
        fields = type(part).model_fields
        for name in part.model_fields_set:
            value = getattr(part, name)
            if name in LATER.get(type(part), ()):
                continue
            label = (fields[name].alias or name) if name in fields else name
            flavour = _flavour(type(part), name) if name in fields else VALUE
            changed[name] = self._value(value, flavour, (*place, label))
        extra = part.__pydantic_extra__
        known = {name: value for name, value in changed.items() if name in fields}
        copy = part.model_copy(update=known)
        if extra is not None:
            copy.__pydantic_extra__ = self._mapping(extra, VALUE, place)
            object.__setattr__(copy, "__pydantic_fields_set__", {*known, *copy.__pydantic_extra__})
        return copy

    def text(self, text: str, place: Place, keep: frozenset[str] = frozenset()) -> str:
        """A text for people, with the words filled in."""
        return self._attempt(lambda: fill_text(text, self.words, keep), text, place)

    def expression(self, text: str, place: Place) -> str:
        """A row expression, with the words filled in as literals."""
        return self._attempt(lambda: fill_row_expression(text, self.words), text, place)

    def googlesql(self, text: str, place: Place) -> str:
        """A GoogleSQL query, with the words filled in as literals."""
        return self._attempt(lambda: fill_googlesql(text, self.words), text, place)

    def texts(self, texts: list[str], place: Place, keep: frozenset[str]) -> list[str]:
        """A list of texts with the words filled in; ``$slot`` in it stands for all words of the slot."""
        return cast(list[str], self._items(texts, TEXT, place, keep))

    def _value(self, value: Any, flavour: Flavour, place: Place) -> Any:
        if isinstance(value, Written):
            return self.part(value, place)
        if isinstance(value, str):
            if flavour is EXPRESSION:
                return self.expression(value, place)
            if flavour is SQL:
                return self.googlesql(value, place)
            if flavour is FINDING:
                return self.text(value, place, MEASURED)
            if flavour in (HOURS, WEEKDAYS):
                return self._rhythm(value, flavour, place) if value.startswith("$") else value
            if flavour is VALUE and (number := self.words.number(value)) is not None:
                return number
            return self._list_of(value, place) if value.startswith("$") else self.text(value, place)
        if isinstance(value, list):
            return self._items(value, flavour, place)
        if isinstance(value, dict):
            return self._mapping(value, flavour, place)
        return value

    def _items(self, items: list[Any], flavour: Flavour, place: Place, keep: frozenset[str] = frozenset()) -> list[Any]:
        filled: list[Any] = []
        for index, item in enumerate(items):
            here = (*place, index)
            if isinstance(item, str) and item.startswith("$") and flavour in (TEXT, VALUE):
                filled += self._list_of(item, here)
            elif isinstance(item, str) and flavour is TEXT:
                filled.append(self.text(item, here, keep))
            else:
                filled.append(self._value(item, flavour, here))
        return filled

    def _mapping(self, mapping: Mapping[str, Any], flavour: Flavour, place: Place) -> dict[str, Any]:
        """A mapping with the words filled in; ``{$slot: [a, b]}`` gives the slot's words a, b, a, b ... in order."""
        filled: dict[str, Any] = {}
        for key, item in mapping.items():
            here = (*place, key)
            dealt = self._value(item, flavour, here)
            if not key.startswith("$"):
                filled[self.text(key, here)] = dealt
            elif isinstance(dealt, list) and dealt:
                filled |= {word: dealt[at % len(dealt)] for at, word in enumerate(self._list_of(key, here))}
            else:
                self.problems.append(
                    Problem(
                        here,
                        f"{key} stands for several words, but has only one value.",
                        "Give a list; its values are given to the words in order.",
                    )
                )
        return filled

    def _list_of(self, reference: str, place: Place) -> list[str]:
        return self._attempt(lambda: self.words.list_of(reference[1:]), [], place)

    def _rhythm(self, reference: str, flavour: Flavour, place: Place) -> list[float] | None:
        return self._attempt(
            lambda: self.words.rhythm("hours" if flavour is HOURS else "weekdays", reference), None, place
        )

    def _attempt(self, attempt: Any, otherwise: Any, place: Place) -> Any:
        try:
            return attempt()
        except PydanticCustomError as mistake:
            self.problems.append(Problem(place, mistake.message()))
            return otherwise


@cache
def _flavour(model: type[Written], name: str) -> Flavour:
    field = model.model_fields[name]
    found = [item for item in field.metadata if isinstance(item, Flavour)] or list(_flavours(field.annotation))
    return found[0] if found else VALUE


def _flavours(annotation: Any) -> list[Flavour]:
    own = [item for item in getattr(annotation, "__metadata__", ()) if isinstance(item, Flavour)]
    return own or [flavour for inner in get_args(annotation) for flavour in _flavours(inner)]
