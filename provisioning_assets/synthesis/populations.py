"""How many rows a table has and which parent each row belongs to: row counts, block sizes, and children of parents."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np
import polars as pl

from provisioning_assets.data_model.calendar import (
    DAY_SECONDS,
    PERIOD_MONTHS,
    THURSDAY,
    day_number,
    end_of_as_of,
    history_start,
)
from provisioning_assets.data_model.expressions import holds
from provisioning_assets.data_model.generators import ParentKey
from provisioning_assets.data_model.keyed_random import Floats, Integers, generator
from provisioning_assets.data_model.lineage import Lineage, population_as
from provisioning_assets.data_model.populations import PerParent, PerPeriod
from provisioning_assets.data_model.row_counts import expected_children, most_children, root_rows, usual_share
from provisioning_assets.synthesis.anniversaries import periods_later, whole_periods
from provisioning_assets.synthesis.cases import case_numbers, number
from provisioning_assets.synthesis.clock import NEVER, month_starts, months_of, seconds_of
from provisioning_assets.synthesis.draws import choose
from provisioning_assets.synthesis.effects import Mask, scaled, touched
from provisioning_assets.synthesis.histories import Passed, passed

BLOCK_ROWS = 1 << 18
"""Approximate number of rows of all tables of a family in one block; about 100 MB of memory."""

MOST_BLOCK_ROWS = 1 << 21
"""Maximum number of rows of a family in one block, even if all parents fulfil the conditions for children."""


def block_rows(lineage: Lineage, root: str) -> int:
    """Root rows of one block: a power of two that depends only on the model's shape, not on its size or on the workers.

    The tables of the family have about ``BLOCK_ROWS`` rows in a typical block, and at most ``MOST_BLOCK_ROWS`` rows if all
    conditions hold for all parents.
    """
    usual, most = 0.0, 0.0
    for table in lineage.families[root]:
        line = [table, *lineage.ancestors(table)]
        rows = prod(expected_children(lineage, name) for name in line)
        most += rows
        usual += rows * prod(usual_share(lineage, name) for name in line)
    rows = min(BLOCK_ROWS / max(usual, 1.0), MOST_BLOCK_ROWS / most)
    return 1 << max(int(np.log2(rows)), 0)


def block_count(lineage: Lineage, root: str) -> int:
    """Number of blocks of a family."""
    return max(-(-root_rows(lineage, root) // block_rows(lineage, root)), 1)


def first_key(lineage: Lineage, table: str, block: int) -> int:
    """Offset of a block's first key: the highest possible row count of all earlier blocks, so that no block reads another."""
    rows = block * block_rows(lineage, lineage.root(table))
    for name in [table, *lineage.ancestors(table)]:
        rows *= most_children(lineage, name)
    return rows


def children(
    lineage: Lineage, table: str, block: int, parent: pl.DataFrame
) -> tuple[Integers, Integers, Passed | None]:
    """The parent's row number in the block and the position within the parent (from 1), for each row of a per_parent table.

    The third value is the state that each row of a history stands for; None if the table is not a history.
    """
    population = population_as(lineage.tables[table], PerParent)
    share: Floats = np.broadcast_to(number(parent, population.probability), parent.height)
    for column in lineage.tables[table].columns:
        if isinstance(column.generator, ParentKey):
            planted = lineage.effects_on(table, column.name)
            share = scaled(share, [(effect, touched(lineage, effect, parent)) for effect in planted])
    states = None if population.history is None else passed(lineage, table, block, parent)
    if states is not None:
        counts = np.bincount(states.parents, minlength=parent.height)
    elif population.count_of is not None:
        given = parent[population.count_of].fill_null(0).cast(pl.Int64).to_numpy()
        counts = np.clip(given, 0, most_children(lineage, table))
    else:
        counts = _drawn_counts(lineage, table, block, parent, population)
    if (share < 1.0).any():
        counts[generator(lineage.model.seed, table, "children", block).random(parent.height) >= share] = 0
    if population.where is not None:
        counts[~holds(population.where, parent).to_numpy()] = 0
    rows, positions = _expanded(counts)
    return rows, positions, None if states is None else states.of_parents(counts > 0)


def _drawn_counts(lineage: Lineage, table: str, block: int, parent: pl.DataFrame, population: PerParent) -> Integers:
    """The number of children of each parent, drawn from the distribution of its case."""
    distributions = population.counts()
    cases = np.zeros(parent.height, dtype=np.int64)
    if population.by is not None:
        cases = case_numbers(parent[population.by], list(population.count_by))
    counts = np.array([count.first for count in distributions], dtype=np.int64)[cases]
    if all(len(count.weights) == 1 for count in distributions):
        return counts
    how_many = generator(lineage.model.seed, table, "how many children", block).random(parent.height)
    for number_of_case, count in enumerate(distributions):
        mine = slice(None) if len(distributions) == 1 else np.flatnonzero(cases == number_of_case)
        counts[mine] += choose(np.cumsum(count.weights), how_many[mine])
    return counts


def periods(
    lineage: Lineage, table: str, parent: pl.DataFrame, counted: Callable[[Integers, Integers], Mask] | None = None
) -> tuple[Integers, Integers, Integers]:
    """The parent's row number, the position, and the first second of the period, for each row of a per_period table.

    A period counts if its first day is in the history and in the active time of the parent, and if ``counted`` returns true for
    it. ``counted`` takes the row numbers of parents and the first seconds of their periods.
    """
    population = population_as(lineage.tables[table], PerPeriod)
    first_moment = day_number(history_start(lineage.model)) * DAY_SECONDS
    last_moment = end_of_as_of(lineage.model)
    started = seconds_of(parent[population.start], missing=NEVER)
    begins = np.maximum(started // DAY_SECONDS * DAY_SECONDS, first_moment)
    never_started = started == NEVER
    begins[never_started] = last_moment
    ends = np.full(parent.height, last_moment, dtype=np.int64)
    if population.end is not None:
        ends = np.minimum(seconds_of(parent[population.end], missing=NEVER), last_moment)
    calendar = Periods(
        population.period, np.where(never_started, 0, started) // DAY_SECONDS if population.anchored else None
    )
    first = calendar.at_or_after(begins)
    last = calendar.at_or_before(ends)
    counts = np.maximum(last - first + 1, 0)
    counts[never_started] = 0
    if counted is not None:
        rows, position = _expanded(counts)
        starts = calendar.start(first[rows] + position - 1, rows)
        return _latest(rows, starts, counted(rows, starts), population.most, parent.height)
    if population.most is not None:
        counts = np.minimum(counts, population.most)
    rows, position = _expanded(counts)
    number = last[rows] - counts[rows] + position
    return rows, position, calendar.start(number, rows)


def _latest(
    rows: Integers, starts: Integers, counted: Mask, most: int | None, parents: int
) -> tuple[Integers, Integers, Integers]:
    """The periods that count, only the latest ``most`` of each parent, with new positions."""
    rows, starts = rows[counted], starts[counted]
    counts = np.bincount(rows, minlength=parents)
    _, position = _expanded(counts)
    if most is not None:
        dropped = np.maximum(counts - most, 0)
        kept = position > dropped[rows]
        rows, starts = rows[kept], starts[kept]
        _, position = _expanded(counts - dropped)
    return rows, position, starts


def _expanded(counts: Integers) -> tuple[Integers, Integers]:
    rows = np.repeat(np.arange(len(counts)), counts)
    firsts = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else counts
    return rows, np.arange(len(rows)) - firsts[rows] + 1


@dataclass(frozen=True)
class Periods:
    """Calendar periods, numbered from 1970; with ``started`` (a day for each parent), numbered from that day instead."""

    period: str
    started: Integers | None

    def at_or_before(self, seconds: Integers) -> Integers:
        """Number of the period that contains the moment of each parent."""
        if self.started is not None:
            return whole_periods(self.started, seconds // DAY_SECONDS, self.period)
        if self.period in PERIOD_MONTHS:
            return months_of(seconds) // PERIOD_MONTHS[self.period]
        days = seconds // DAY_SECONDS
        return days if self.period == "day" else (days + THURSDAY) // 7

    def at_or_after(self, seconds: Integers) -> Integers:
        """Number of the first period of each parent that begins at or after a midnight."""
        number = self.at_or_before(seconds)
        return np.where(self.start(number, np.arange(len(number))) == seconds, number, number + 1)

    def start(self, number: Integers, parents: Integers) -> Integers:
        """First second of each period; ``parents`` are the row numbers of the periods' parents."""
        if self.started is not None:
            return periods_later(self.started[parents], number, self.period) * DAY_SECONDS
        if self.period in PERIOD_MONTHS:
            return month_starts(number * PERIOD_MONTHS[self.period])
        return (number if self.period == "day" else number * 7 - THURSDAY) * DAY_SECONDS
