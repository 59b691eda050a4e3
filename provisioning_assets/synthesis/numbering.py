"""Keys whose numbers rise with a moment over the whole table, without holes: how many rows come before a row is known last.

A block gives its rows numbers of its own for the time being. It leaves, besides its other files, the moments of the rows of a
numbered table (*order*), and the tables that hold its keys with row numbers in place of the keys (*unnumbered*). When all blocks
are there, one task counts the rows by moment and writes the number of every row (*numbers*). Then each block's unnumbered tables
are written to their final files. Every file is written once and from files that stay, so a run that was killed goes on.
"""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from provisioning_assets.data_model.calendar import DAY_SECONDS
from provisioning_assets.data_model.generators import Sequence as KeySequence
from provisioning_assets.data_model.keyed_random import Integers
from provisioning_assets.data_model.lineage import Lineage, generator_as
from provisioning_assets.data_model.sources import whole_table
from provisioning_assets.synthesis.block import Block
from provisioning_assets.synthesis.clock import NEVER, seconds_of
from provisioning_assets.synthesis.pointers import pointers_of
from provisioning_assets.synthesis.populations import block_count

ROWS_SORTED_AT_ONCE = 1 << 21
"""Rows of successive days that are sorted together, so that the memory for sorting does not grow with the table."""

Read = Callable[[str], pl.DataFrame]
"""Reads a file that a block left; the path is relative to the staging folder."""


def is_unfinished(lineage: Lineage, table: str) -> bool:
    """Whether a table has a stored column with the key of a numbered table, so that its files are written last."""
    return bool(_stored_copies(lineage, table))


def numbered_tables(lineage: Lineage) -> dict[str, list[str]]:
    """Whole table -> its parts that are numbered together, in the order of their sources."""
    found: dict[str, list[str]] = {}
    for part in lineage.numbered:
        found.setdefault(whole_table(part)[0], []).append(part)
    return found


def left_by(
    block: Block, table: str, stored: Callable[[Block, str], pl.DataFrame]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Path -> what a block leaves of one table: its rows without their numbers, and its moments.

    ``stored`` gives the columns of a table as they are stored.
    """
    lineage = block.lineage
    copies = _stored_copies(lineage, table)
    if copies:
        rows = {name: _rows_of_keys(block, table, name, numbered) for name, numbered in copies.items()}
        yield _path("unnumbered", table, block.number), stored(block, table).with_columns(**rows)
    if table in lineage.numbered:
        moments = seconds_of(block.columns[table][lineage.numbered[table]], missing=NEVER)
        yield _path("order", table, block.number), pl.DataFrame({"moment": moments})


def numbers_of(lineage: Lineage, table: str, read: Read) -> Iterator[tuple[str, pl.DataFrame]]:
    """Path -> the numbers, from 0, of the rows of each block of a whole table. Needs about 30 bytes of memory for each row."""
    parts = [
        (part, number)
        for part in numbered_tables(lineage)[table]
        for number in range(block_count(lineage, lineage.root(part)))
    ]
    moments = pl.concat(
        [read(_path("order", *part)).with_columns(part=pl.lit(place)) for place, part in enumerate(parts)]
    )
    numbers = in_order(moments["moment"].to_numpy())
    ends = np.searchsorted(moments["part"].to_numpy(), np.arange(len(parts)), side="right")
    for part, first, end in zip(parts, [0, *ends[:-1]], ends, strict=True):
        yield _path("numbers", *part), pl.DataFrame({"number": numbers[first:end]})


def in_order(moments: Integers, at_once: int = ROWS_SORTED_AT_ONCE) -> Integers:
    """The place, from 0, of each moment (in seconds) among all; equal moments keep their order."""
    days = moments // DAY_SECONDS
    first = days.min(initial=NEVER)
    latest = np.where(moments == NEVER, first, days).max(initial=first)
    days = np.minimum(days - first, latest - first + 1).astype(
        np.int32
    )  # rows without a moment are on the day after the last one
    before = np.concatenate([[0], np.cumsum(np.bincount(days))])
    numbers = np.empty(len(moments), dtype=np.int64)
    start = 0
    while start < len(before) - 1:
        end = max(int(np.searchsorted(before, before[start] + at_once, side="right")) - 1, start + 1)
        rows = np.flatnonzero((days >= start) & (days < end))
        numbers[rows[np.argsort(moments[rows], kind="stable")]] = before[start] + np.arange(len(rows))
        start = end
    return numbers


def with_numbers(lineage: Lineage, table: str, block: int, read: Read) -> pl.DataFrame:
    """A table's rows of one block as they are stored, with the keys in place of row numbers."""
    frame = read(_path("unnumbered", table, block))
    keys = {}
    for name, numbered in _stored_copies(lineage, table).items():
        numbers = read(_path("numbers", numbered, block))["number"]
        generator = generator_as(lineage.columns[numbered, lineage.key_column(numbered)], KeySequence)
        keys[name] = key_of(generator, numbers.gather(frame[name]))
    return frame.with_columns(**keys)


def key_of(generator: KeySequence, numbers: pl.Series) -> pl.Series:
    """The keys with these numbers, counted from 0; null where the number is null."""
    counted = numbers * generator.step + generator.start
    if generator.prefix is None:
        return counted
    digits = counted.cast(pl.String).str.zfill(generator.width)
    return (
        pl.DataFrame({"digits": digits})
        .select(pl.concat_str([pl.lit(generator.prefix), pl.col("digits")]).alias("key"))
        .to_series()
    )


def _stored_copies(lineage: Lineage, table: str) -> dict[str, str]:
    """Stored column -> the numbered table whose key it holds."""
    return {
        column.name: lineage.copies[table, column.name]
        for column in lineage.tables[table].columns
        if not column.internal and (table, column.name) in lineage.copies
    }


def _rows_of_keys(block: Block, table: str, column: str, numbered: str) -> pl.Series:
    """Row number, within the block, of the numbered row whose key a column holds; null where the column is null."""
    if table == numbered:
        return pl.Series(np.arange(block.rows[table]))
    missing = block.columns[table][column].is_null().to_numpy()
    rows = np.where(missing, -1, pointers_of(block, table, column, numbered))
    return pl.DataFrame({"row": rows}).select(pl.when(pl.col("row") >= 0).then(pl.col("row"))).to_series()


def _path(kind: str, table: str, block: int) -> str:
    return f"{kind}/{table}/part-{block:05d}.arrow"
