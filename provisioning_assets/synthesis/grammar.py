"""Free text from a small grammar, for all rows at once.

A template's ``{name}`` is replaced by one of the parts of that name, which may have placeholders themselves, or by the row's
column of that name. All that a template can say without the row's columns is numbered, so a text is drawn as a number, and
where rows outnumber the texts each text is spelled once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import polars as pl

from provisioning_assets.data_model.keyed_random import Integers
from provisioning_assets.data_model.text_grammar import PLACEHOLDER
from provisioning_assets.synthesis.row_numbers import at_rows, stride

Draw = Callable[[str, int], np.ndarray]
"""(purpose, rows) -> uniform draws in [0, 1)."""

MOST_NUMBERED = 1 << 31
"""So many texts can be dealt by their numbers in 64 bits; of more texts, two are hardly ever drawn alike."""

Columns = Mapping[str, pl.Series]


@dataclass(frozen=True)
class _Column:
    """A placeholder that is the row's column."""

    name: str


@dataclass(frozen=True)
class _Sentence:
    """A template taken apart. ``size``: texts it can say, not counting its columns' values."""

    pieces: tuple["str | _Column | _Choice", ...]
    size: int
    reads_columns: bool


@dataclass(frozen=True)
class _Choice:
    """Sentences, one of which is said; every text of all of them has a number below ``size``."""

    sentences: tuple[_Sentence, ...]
    size: int
    reads_columns: bool


def written(
    templates: Sequence[str],
    parts: Mapping[str, Sequence[str]],
    columns: Columns,
    rows: Integers,
    numbers: Integers,
    draw: Draw,
    start: Callable[[str], float],
) -> pl.Series:
    """A text for each of ``rows`` (row numbers into ``columns``).

    Every template is as likely as the others, and every text of a template as its other texts. Rows whose ``numbers`` lie
    closer together than a template has texts never get the same text of it.

    Args:
        templates: without parts that contain themselves (``check_grammar``).
        parts: texts of each placeholder that is no column.
        columns: the table's columns.
        rows: row numbers into the columns.
        numbers: each row's number in the whole table, or one that grows as it does.
        draw: draws for a purpose, one for each of so many rows.
        start: one draw for a purpose, in [0, 1), that all blocks of a table have in common.
    """
    known: dict[str, _Choice] = {}
    sentences = [_sentence(template, parts, known) for template in templates]
    chosen = (draw("template", len(rows)) * len(sentences)).astype(np.int64)
    pieces: list[pl.Series] = []
    origins: list[Integers] = []
    for number, sentence in enumerate(sentences):
        mine = np.flatnonzero(chosen == number)
        if sentence.size > MOST_NUMBERED:
            texts = (draw(f"text {number}", len(mine)) * sentence.size).astype(np.int64)
        else:
            texts = _dealt(sentence.size, numbers[mine], start(f"text {number}"))
        pieces.append(_spelled(sentence, texts, columns, rows[mine]))
        origins.append(mine)
    return in_order(pieces, origins)


def in_order(pieces: Sequence[pl.Series], origins: Sequence[Integers]) -> pl.Series:
    """Pieces of a column put together, the values of each at its own row numbers; all row numbers are there once."""
    at = np.concatenate(origins)
    order = np.empty(len(at), dtype=np.int64)
    order[at] = np.arange(len(at))
    return at_rows(pl.concat(pieces), order)


def _dealt(size: int, numbers: Integers, start: float) -> Integers:
    """A number below ``size`` for each row number: all of them come before one comes again."""
    return (numbers % size * stride(size) + int(start * size)) % size


def _sentence(template: str, parts: Mapping[str, Sequence[str]], known: dict[str, _Choice]) -> _Sentence:
    pieces: list[str | _Column | _Choice] = []
    for index, piece in enumerate(PLACEHOLDER.split(template)):
        if index % 2 == 0:
            pieces += [piece] if piece else []
        elif piece not in parts:
            pieces.append(_Column(piece))
        else:
            if piece not in known:
                known[piece] = _choice([_sentence(text, parts, known) for text in parts[piece]])
            pieces.append(known[piece])
    choices = [piece for piece in pieces if isinstance(piece, _Choice)]
    reads_columns = any(
        isinstance(piece, _Column) or (isinstance(piece, _Choice) and piece.reads_columns) for piece in pieces
    )
    return _Sentence(tuple(pieces), prod(choice.size for choice in choices), reads_columns)


def _choice(sentences: Sequence[_Sentence]) -> _Choice:
    size = sum(sentence.size for sentence in sentences)
    return _Choice(tuple(sentences), size, any(sentence.reads_columns for sentence in sentences))


def _spelled(said: _Sentence | _Choice, texts: Integers, columns: Columns, rows: Integers) -> pl.Series:
    """The text of each number; ``rows`` are the rows whose columns it reads."""
    if not said.reads_columns and said.size < len(texts):
        return at_rows(_spelled(said, np.arange(said.size), columns, np.empty(0, dtype=np.int64)), texts)
    return _said(said, texts, columns, rows) if isinstance(said, _Sentence) else _chosen(said, texts, columns, rows)


def _chosen(choice: _Choice, texts: Integers, columns: Columns, rows: Integers) -> pl.Series:
    plain = [sentence.pieces for sentence in choice.sentences]
    if all(sentence.size == 1 and not sentence.reads_columns for sentence in choice.sentences):
        return at_rows(pl.Series(["".join(map(str, pieces)) for pieces in plain], dtype=pl.String), texts)
    ends = np.cumsum([sentence.size for sentence in choice.sentences])
    which = np.searchsorted(ends, texts, side="right")
    pieces: list[pl.Series] = []
    origins: list[Integers] = []
    for number, sentence in enumerate(choice.sentences):
        mine = np.flatnonzero(which == number)
        first = int(ends[number]) - sentence.size
        pieces.append(_spelled(sentence, texts[mine] - first, columns, rows[mine] if choice.reads_columns else rows))
        origins.append(mine)
    return in_order(pieces, origins)


def _said(sentence: _Sentence, texts: Integers, columns: Columns, rows: Integers) -> pl.Series:
    """Each placeholder's own number is a digit of the text's, the last placeholder's the lowest."""
    values: dict[str, pl.Series] = {}
    expressions: list[pl.Expr] = []
    for index, piece in reversed(list(enumerate(sentence.pieces))):
        slot = f"piece {index}"
        if isinstance(piece, str):
            expressions.append(pl.lit(piece))
            continue
        if isinstance(piece, _Column):
            values[slot] = at_rows(columns[piece.name], rows).cast(pl.String).fill_null("")
        else:
            values[slot] = _spelled(piece, texts % piece.size, columns, rows)
            texts = texts // piece.size
        expressions.append(pl.col(slot))
    if not values:
        return pl.Series(["".join(map(str, sentence.pieces))], dtype=pl.String).new_from_index(0, len(texts))
    return pl.DataFrame(values).select(pl.concat_str(expressions[::-1]).alias("text")).to_series()
