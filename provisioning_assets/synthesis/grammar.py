"""Free text from a small grammar, for all rows at once.

In a template, ``{name}`` is replaced by one of the parts of that name, which may contain placeholders themselves, or by the
row's column of that name. All texts that a template can make without the row's columns are numbered, and each row gets one
of these numbers. Every text of a part is built only once. Until all rows are joined, a text is a few numbers of pieces.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Protocol

import numpy as np
import polars as pl

from provisioning_assets.data_model.keyed_random import Integers
from provisioning_assets.data_model.text_grammar import PLACEHOLDER
from provisioning_assets.synthesis.row_numbers import at_rows, stride

Draw = Callable[[str, int], np.ndarray]
"""(purpose, rows) -> uniform draws in [0, 1)."""

FEWEST_DEALT = 256
"""With fewer texts than this, texts are drawn at random: in turn, they would correlate with other values by row number."""

MOST_DEALT = 1 << 31
"""Maximum number of texts that can be numbered in 64 bits; of more texts, two random ones are almost never equal."""

MOST_LISTED = 1 << 14
"""Parts that can make more texts are built for each row, so that the lists of all parts take only some megabytes."""

SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""2**64 over the golden ratio: a product's upper bits differ for neighbours. Source: Knuth, TAOCP 3, section 6.4."""

NOTHING = 0
"""The number of the empty piece. Numbers of columns are -1, -2, ..."""


@dataclass(frozen=True)
class Case:
    """Rows that share templates. ``name`` separates the random draws of different cases."""

    name: str
    templates: Sequence[str]
    rows: Integers


@dataclass(frozen=True)
class _Column:
    """A placeholder that is replaced by a column of the row."""

    name: str


@dataclass(frozen=True)
class _Sentence:
    """A parsed template. ``size``: the number of different texts it can make, not counting its columns' values."""

    pieces: tuple["str | _Column | _Choice", ...]

    @cached_property
    def size(self) -> int:
        return prod(piece.size for piece in self.pieces if isinstance(piece, _Choice))

    def texts(self) -> list[tuple["str | _Column", ...]]:
        """All texts it can make, each as a sequence of literals and columns."""
        each = [piece.texts if isinstance(piece, _Choice) else [(piece,)] for piece in self.pieces]
        return [_merged(piece for text in texts for piece in text) for texts in product(*each)]


@dataclass(frozen=True)
class _Choice:
    """Alternative sentences, of which one is used.

    The lowest digit of a number selects the sentence, and the rest is the number of its text. ``size``: how many numbers are
    needed so that all sentences are equally frequent and all of their texts occur.
    """

    sentences: tuple[_Sentence, ...]

    @cached_property
    def size(self) -> int:
        return len(self.sentences) * max(sentence.size for sentence in self.sentences)

    @cached_property
    def texts(self) -> list[tuple[str | _Column, ...]]:
        """All texts it can make, in the order of their numbers, each as a sequence of literals and columns."""
        said = [sentence.texts() for sentence in self.sentences]
        inner, which = np.divmod(np.arange(self.size), len(said))
        pairs = zip(which.tolist(), inner.tolist(), strict=True)
        return [said[sentence][number % len(said[sentence])] for sentence, number in pairs]


def _merged(pieces: Iterable[str | _Column]) -> tuple[str | _Column, ...]:
    merged: list[str | _Column] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return tuple(merged)


class _Digits(Protocol):
    """Source of the choices that are made for each row."""

    def next(self, base: int) -> Integers:
        """A number below ``base`` for each row; every call gives new numbers."""
        ...

    def within(self, size: int) -> "_Digits":
        """Choices within one placeholder that can make ``size`` texts."""
        ...

    def at(self, rows: Integers, size: int, purpose: str) -> "_Digits":
        """Choices of some of the rows, within a sentence that can make ``size`` texts."""
        ...


@dataclass
class _Dealt:
    """Choices that are the digits of a text's number, the lowest first.

    Each digit is shifted by the remaining number, so that it does not follow the row number. Different numbers still give
    different texts.
    """

    numbers: Integers

    def next(self, base: int) -> Integers:
        self.numbers, lowest = np.divmod(self.numbers, base)
        shift = (self.numbers.astype(np.uint64) * SPREAD >> np.uint64(33)).astype(np.int64)
        return (lowest + shift) % base

    def within(self, size: int) -> "_Dealt":
        return _Dealt(self.next(size))

    def at(self, rows: Integers, size: int, purpose: str) -> "_Dealt":  # noqa: ARG002 - a draw needs it
        return _Dealt(self.numbers[rows] % size)


@dataclass
class _Drawn:
    """Choices that are drawn at random, one draw for each."""

    draw: Draw
    purpose: str
    count: int
    taken: int = 0

    def next(self, base: int) -> Integers:
        self.taken += 1
        return (self.draw(f"{self.purpose} {self.taken}", self.count) * base).astype(np.int64)

    def within(self, size: int) -> "_Drawn":  # noqa: ARG002 - a number needs it
        self.taken += 1
        return _Drawn(self.draw, f"{self.purpose} {self.taken}", self.count)

    def at(self, rows: Integers, size: int, purpose: str) -> "_Drawn":  # noqa: ARG002 - a number needs it
        return _Drawn(self.draw, f"{self.purpose}/{purpose}", len(rows))


class Grammar:
    """The parts of a grammar. They are parsed and built when first needed, and kept for all templates of the grammar."""

    def __init__(self, parts: Mapping[str, Sequence[str]]) -> None:
        """``parts`` must not contain themselves, directly or indirectly (``check_grammar`` checks this)."""
        self._parts = parts
        self._choices: dict[str, _Choice] = {}
        self._sentences: dict[str, _Sentence] = {}
        self._pieces: dict[str, int] = {"": NOTHING}
        self._columns: dict[str, int] = {}
        self._lists: dict[int, list[Integers]] = {}

    def written(
        self,
        cases: Sequence[Case],
        columns: Mapping[str, pl.Series],
        numbers: Integers,
        draw: Draw,
        start: Callable[[str], float],
    ) -> pl.Series:
        """A text for each row.

        All templates of a case are equally likely, and so are all texts of a part. If a template can make ``n`` texts and ``n`` is
        large enough, rows whose ``numbers`` differ by less than ``n`` get different texts, provided that the texts of each part
        can make equally many texts.

        Args:
            cases: every row is in one of them.
            columns: the table's columns.
            numbers: the number of each row in the whole table, or another number that increases with it.
            draw: gives the draws for a purpose, one for each of a number of rows.
            start: gives one draw in [0, 1) for a purpose; the same in all blocks of a table.
        """
        page = _Page(len(numbers))
        for case in cases:
            chosen = (draw(f"{case.name}/template", len(case.rows)) * len(case.templates)).astype(np.int64)
            for number, template in enumerate(case.templates):
                sentence, rows = self._sentence(template), case.rows[chosen == number]
                purpose = f"{case.name}/text {number}"
                if FEWEST_DEALT <= sentence.size <= MOST_DEALT:
                    digits = _Dealt(_dealt(sentence.size, numbers[rows], start(purpose)))
                else:
                    digits = _Drawn(draw, purpose, len(rows))
                self._say(sentence, digits, rows, page, 0)
        return self._joined(page, columns)

    def _say(self, sentence: _Sentence, digits: _Digits, rows: Integers, page: "_Page", place: int) -> int:
        """Write a sentence from a place on; return the first place after it, which is the same for all rows."""
        for piece in sentence.pieces:
            if not isinstance(piece, _Choice):
                page.at(place)[rows] = self._number(piece)
                place += 1
            elif piece.size <= MOST_LISTED:
                number = digits.next(piece.size)
                for listed in self._listed(piece):
                    page.at(place)[rows] = listed[number]
                    place += 1
            else:
                place = self._say_one(piece, digits.within(piece.size), rows, page, place)
        return place

    def _say_one(self, choice: _Choice, digits: _Digits, rows: Integers, page: "_Page", place: int) -> int:
        which = digits.next(len(choice.sentences))
        ends = [place]
        for number, sentence in enumerate(choice.sentences):
            mine = np.flatnonzero(which == number)
            ends.append(self._say(sentence, digits.at(mine, sentence.size, str(number)), rows[mine], page, place))
        return max(ends)

    def _listed(self, choice: _Choice) -> list[Integers]:
        """For each place of a choice's texts: the number of the piece at that place, by number of the text."""
        if id(choice) not in self._lists:
            most = max(len(text) for text in choice.texts)
            rows = [[self._number(piece) for piece in text] + [NOTHING] * (most - len(text)) for text in choice.texts]
            self._lists[id(choice)] = list(np.array(rows, dtype=np.int64).reshape(len(rows), most).T.copy())
        return self._lists[id(choice)]

    def _number(self, piece: str | _Column) -> int:
        if isinstance(piece, _Column):
            return -1 - self._columns.setdefault(piece.name, len(self._columns))
        return self._pieces.setdefault(piece, len(self._pieces))

    def _joined(self, page: "_Page", columns: Mapping[str, pl.Series]) -> pl.Series:
        spelled = pl.Series(list(self._pieces), dtype=pl.String)
        values: dict[str, pl.Series] = {}
        texts: list[pl.Expr] = [pl.lit("")]
        for place, numbers in enumerate(page.places):
            values[f"spelled {place}"] = at_rows(spelled, np.maximum(numbers, NOTHING))
            text = pl.col(f"spelled {place}")
            for name, column in self._columns.items():
                if (-1 - column) in numbers:
                    values[f"number {place}"] = pl.Series(numbers)
                    values[f"column {name}"] = columns[name].cast(pl.String).fill_null("")
                    text = pl.when(pl.col(f"number {place}") == -1 - column).then(f"column {name}").otherwise(text)
            texts.append(text)
        frame = pl.DataFrame(values) if values else pl.DataFrame({"": np.zeros(page.rows, dtype=np.int8)})
        return frame.select(pl.concat_str(texts).alias("text")).to_series()

    def _sentence(self, template: str) -> _Sentence:
        if template not in self._sentences:
            cut = enumerate(PLACEHOLDER.split(template))
            pieces = [self._placeholder(piece) if index % 2 else piece for index, piece in cut if piece]
            self._sentences[template] = _Sentence(tuple(pieces))
        return self._sentences[template]

    def _placeholder(self, name: str) -> _Column | _Choice:
        if name not in self._parts:
            return _Column(name)
        if name not in self._choices:
            self._choices[name] = _Choice(tuple(self._sentence(text) for text in self._parts[name]))
        return self._choices[name]


class _Page:
    """The piece numbers of all rows, place by place; a place that was not written is empty."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.places: list[Integers] = []

    def at(self, place: int) -> Integers:
        """The piece numbers at a place; the caller writes into this array."""
        while len(self.places) <= place:
            self.places.append(np.full(self.rows, NOTHING, dtype=np.int64))
        return self.places[place]


def _dealt(size: int, numbers: Integers, start: float) -> Integers:
    """A number below ``size`` for each row number; every number occurs once before any occurs again."""
    return (numbers % size * stride(size) + int(start * size)) % size
