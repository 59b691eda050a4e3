"""One block of a family in memory: its rows, columns, and what other families left for it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from provisioning_assets.data_model.amounts import minor_digits, round_half_away
from provisioning_assets.data_model.keyed_random import Floats, Integers, generator
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.working_types import STORED_TYPES, WORKING_TYPES
from provisioning_assets.synthesis.grammar import Grammar
from provisioning_assets.synthesis.histories import Passed, Versions
from provisioning_assets.synthesis.populations import first_key
from provisioning_assets.synthesis.references import Candidates
from provisioning_assets.synthesis.row_numbers import KeyRows
from provisioning_assets.synthesis.spells import Spells


@dataclass
class Kept:
    """What a process keeps in memory for a model between its blocks. The first block that needs an entry makes it.

    An entry is the same for all blocks. Kept are: the candidates or spells of a foreign key (table, column), the versions of
    a history, the rows of a table of another family by key, the grammar of a text column (table, column), and the places near a
    point (latitude, longitude, kilometres) with running totals of their weights.
    """

    candidates: dict[tuple[str, str], Candidates] = field(default_factory=dict)
    spells: dict[tuple[str, str], Spells] = field(default_factory=dict)
    versions: dict[str, Versions] = field(default_factory=dict)
    key_rows: dict[str, KeyRows] = field(default_factory=dict)
    grammars: dict[tuple[str, str], Grammar] = field(default_factory=dict)
    near: dict[tuple[float, float, float, bool], tuple[Integers, Floats] | None] = field(default_factory=dict)


@dataclass
class Block:
    """Columns computed so far.

    ``exported(table)``: the columns that another family exported for this one. ``rows[table]``: how many rows a table has in
    this block. ``parents[table]``: the parent row of each row. ``positions[table]``: the position of each row within its
    parent. ``periods[table]``: the first second of the period of each row. ``passed[table]``: the states that the rows of a
    history stand for. ``pointers[(table, column)]``: the row number that a foreign key points to (-1: null).
    ``shared_draws``: draws that several columns of one person or address share.
    """

    lineage: Lineage
    number: int
    first_row: int
    exported: Callable[[str], pl.DataFrame]
    kept: Kept
    columns: dict[str, dict[str, pl.Series]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    parents: dict[str, Integers] = field(default_factory=dict)
    positions: dict[str, Integers] = field(default_factory=dict)
    periods: dict[str, Integers] = field(default_factory=dict)
    passed: dict[str, Passed] = field(default_factory=dict)
    pointers: dict[tuple[str, str], Integers] = field(default_factory=dict)
    shared_draws: dict[tuple[str, str, str], Integers] = field(default_factory=dict)

    @property
    def seed(self) -> int:
        """The model's seed."""
        return self.lineage.model.seed

    def frame(self, table: str) -> pl.DataFrame:
        """The columns of a table computed so far; always at least one column, so that the frame has the right height."""
        columns = self.columns[table]
        if not columns:
            return pl.DataFrame({"": np.zeros(self.rows[table], dtype=np.int8)})
        return pl.DataFrame(columns)

    def random(self, table: str, column: str, purpose: str = "") -> np.random.Generator:
        """Draws for one purpose of one column of this block."""
        return generator(self.seed, table, column, self.number, purpose)

    def uniforms(self, table: str, column: str, purpose: str) -> Floats:
        """A draw in [0, 1) for each row; a row keeps its draw when more rows follow it in the block."""
        return self.random(table, column, purpose).random(self.rows[table])

    def normals(self, table: str, column: str, purpose: str) -> Floats:
        """A standard normal draw for each row, kept in the same way."""
        return self.random(table, column, purpose).standard_normal(self.rows[table])

    def common_draw(self, table: str, column: str, purpose: str) -> float:
        """A draw in [0, 1) that is the same in all blocks."""
        return float(generator(self.seed, table, column, purpose).random())

    def shared(self, table: str, key: str, purpose: str, draw: Callable[[], Integers]) -> Integers:
        """Draws that several columns of one person or address share; the first of these columns makes them."""
        if (table, key, purpose) not in self.shared_draws:
            self.shared_draws[table, key, purpose] = draw()
        return self.shared_draws[table, key, purpose]

    def first_row_of(self, table: str) -> int:
        """A number that is above all row numbers of earlier blocks; for a root table, the row's own number."""
        return first_key(self.lineage, table, self.number)

    def money_digits(self) -> int:
        """Decimals of the model's currency."""
        return minor_digits(self.lineage.model.currency)

    def typed(self, series: pl.Series, kind: GoogleSqlType) -> pl.Series:
        """A series cast to its column's working type; amounts are rounded to the currency's decimals."""
        wanted = WORKING_TYPES[kind]
        if kind == "NUMERIC":
            return rounded(series.cast(pl.Float64), self.money_digits())
        if kind == "INT64" and series.dtype.is_float():
            return series.round().cast(pl.Int64)
        if kind in ("DATE", "DATETIME") and series.dtype == pl.String:
            return series.str.to_date() if kind == "DATE" else series.str.to_datetime(time_unit="us", strict=True)
        return series.cast(wanted)


def rounded(series: pl.Series, decimals: int) -> pl.Series:
    """A float series rounded, halves away from zero, nulls kept."""
    floats = series.cast(pl.Float64)
    values = pl.Series(round_half_away(floats.fill_null(0.0).to_numpy(), decimals))
    if floats.null_count() == 0:
        return values
    return (
        pl.DataFrame({"value": values, "known": floats.is_not_null()})
        .select(pl.when(pl.col("known")).then(pl.col("value")).alias("value"))
        .to_series()
    )


def stored(series: pl.Series, kind: GoogleSqlType) -> pl.Series:
    """A working series converted to the type in which it is stored."""
    return series.cast(STORED_TYPES[kind])
