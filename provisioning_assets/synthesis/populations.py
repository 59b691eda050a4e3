"""How many rows a table has, and whose: row counts, block sizes, and children of parents."""

from functools import cache
from math import prod

import numpy as np
import polars as pl

from provisioning_assets.planning.data_model import ParentKey, PerParent, PerPeriod, Records, Scaled
from provisioning_assets.synthesis.clock import (
    DAY_SECONDS,
    NEVER,
    day_number,
    end_of_as_of,
    history_start,
    month_starts,
    months_of,
    seconds_of,
)
from provisioning_assets.synthesis.draws import Floats, Integers, choose, generator
from provisioning_assets.synthesis.effects import scaled, touched
from provisioning_assets.synthesis.expressions import holds
from provisioning_assets.synthesis.histories import Passed, most_states, passed, usual_states
from provisioning_assets.synthesis.lineage import Lineage, population_as

BLOCK_ROWS = 1 << 18
"""Rows that the tables of a family have together in one block, about; about 100 MB of memory."""

MOST_BLOCK_ROWS = 1 << 21
"""... and never more than this, however many parents fulfil the conditions for children."""

PERIOD_DAYS = {"day": 1, "week": 7, "month": 28}
"""Fewest days from one period's first day to the next one's."""


def root_rows(lineage: Lineage, root: str) -> int:
    """Rows of a table that has no parent."""
    population = lineage.tables[root].population
    if isinstance(population, Records):
        return len(population.rows)
    population = population_as(lineage.tables[root], Scaled)
    rows = max(round(population.share * lineage.model.fact_rows), population.minimum)
    return rows if population.maximum is None else min(rows, population.maximum)


def most_children(lineage: Lineage, table: str) -> int:
    """Most rows that one row of the parent can have; 1 for a table without a parent."""
    population = lineage.tables[table].population
    if isinstance(population, PerParent) and population.history is not None:
        return most_states(population.history)
    if isinstance(population, PerParent):
        return max(population.count.first + len(population.count.weights) - 1, 1)
    if isinstance(population, PerPeriod):
        periods = lineage.model.history_days // PERIOD_DAYS[population.period] + 2
        return periods if population.most is None else min(periods, population.most)
    return 1


def expected_children(lineage: Lineage, table: str) -> float:
    """Rows a row of the parent has on average, if every parent takes part."""
    population = lineage.tables[table].population
    if isinstance(population, PerParent) and population.history is not None:
        return population.probability * usual_states(population.history, lineage.model.history_days)
    if isinstance(population, PerParent):
        weights = np.asarray(population.count.weights)
        counts = population.count.first + np.arange(len(weights))
        return float(population.probability * (weights @ counts) / weights.sum())
    if isinstance(population, PerPeriod):
        return float(most_children(lineage, table))
    return 1.0


def expected_rows(lineage: Lineage, table: str) -> float:
    """Rows of a table, about: conditions and active times are taken to choose as many parents as they usually do."""
    rows = float(root_rows(lineage, lineage.root(table)))
    return rows * prod(
        expected_children(lineage, name) * _usual_share(lineage, name) for name in [table, *lineage.ancestors(table)]
    )


def block_rows(lineage: Lineage, root: str) -> int:
    """Root rows of one block: a power of two that depends on the model's shape, never on its size or on workers.

    About ``BLOCK_ROWS`` rows of the family as it usually comes out, and ``MOST_BLOCK_ROWS`` if every condition holds.
    """
    usual, most = 0.0, 0.0
    for table in lineage.families[root]:
        line = [table, *lineage.ancestors(table)]
        rows = prod(expected_children(lineage, name) for name in line)
        most += rows
        usual += rows * prod(_usual_share(lineage, name) for name in line)
    rows = min(BLOCK_ROWS / max(usual, 1.0), MOST_BLOCK_ROWS / most)
    return 1 << max(int(np.log2(rows)), 0)


def _usual_share(lineage: Lineage, table: str) -> float:
    """Part of the possible children that usually come to be, where a condition or an active time chooses."""
    population = lineage.tables[table].population
    if isinstance(population, PerParent):
        return 1.0 if population.where is None else 0.25
    return 0.5 if isinstance(population, PerPeriod) else 1.0


def block_count(lineage: Lineage, root: str) -> int:
    """Blocks of a family."""
    return max(-(-root_rows(lineage, root) // block_rows(lineage, root)), 1)


def first_key(lineage: Lineage, table: str, block: int) -> int:
    """Offset of a block's first key: earlier blocks' most possible rows, so that blocks need not know each other."""
    rows = block * block_rows(lineage, lineage.root(table))
    for name in [table, *lineage.ancestors(table)]:
        rows *= most_children(lineage, name)
    return rows


def children(
    lineage: Lineage, table: str, block: int, parent: pl.DataFrame
) -> tuple[Integers, Integers, Passed | None]:
    """Parent's row number in the block, and position within the parent (from 1), of each row of a per_parent table.

    The third is what a history's rows stand for, row by row; None where the table is no history.
    """
    population = population_as(lineage.tables[table], PerParent)
    share: Floats = np.full(parent.height, population.probability)
    for column in lineage.tables[table].columns:
        if isinstance(column.generator, ParentKey):
            planted = lineage.effects_on(table, column.name)
            share = scaled(share, [(effect, touched(lineage, effect, parent)) for effect in planted])
    counts = np.full(parent.height, population.count.first, dtype=np.int64)
    states = None if population.history is None else passed(lineage, table, block, parent)
    if states is not None:
        counts = np.bincount(states.parents, minlength=parent.height)
    elif len(population.count.weights) > 1:
        how_many = generator(lineage.model.seed, table, "how many children", block).random(parent.height)
        counts += choose(np.cumsum(population.count.weights), how_many)
    if (share < 1.0).any():
        counts[generator(lineage.model.seed, table, "children", block).random(parent.height) >= share] = 0
    if population.where is not None:
        counts[~holds(population.where, parent).to_numpy()] = 0
    rows, positions = _expanded(counts)
    return rows, positions, None if states is None else states.of_parents(counts > 0)


def periods(lineage: Lineage, table: str, parent: pl.DataFrame) -> tuple[Integers, Integers, Integers]:
    """Parent's row number, position, and first second of the period, of each row of a per_period table.

    A period counts when its first day lies in the history and in the parent's active time.
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
    first = _period_at_or_after(begins, population.period)
    last = _period_at_or_before(ends, population.period)
    counts = np.maximum(last - first + 1, 0)
    counts[never_started] = 0
    if population.most is not None:
        counts = np.minimum(counts, population.most)
    rows, position = _expanded(counts)
    number = last[rows] - counts[rows] + position
    return rows, position, _period_start(number, population.period)


def _expanded(counts: Integers) -> tuple[Integers, Integers]:
    rows = np.repeat(np.arange(len(counts)), counts)
    firsts = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else counts
    return rows, np.arange(len(rows)) - firsts[rows] + 1


def _period_at_or_before(seconds: Integers, period: str) -> Integers:
    """Number of the period that a moment lies in."""
    if period == "month":
        return months_of(seconds)
    days = seconds // DAY_SECONDS
    return days if period == "day" else (days + 3) // 7  # 1970-01-01 was a Thursday: weeks begin on Mondays


def _period_at_or_after(seconds: Integers, period: str) -> Integers:
    """Number of the first period that begins at or after a midnight."""
    number = _period_at_or_before(seconds, period)
    return np.where(_period_start(number, period) == seconds, number, number + 1)


def _period_start(number: Integers, period: str) -> Integers:
    if period == "month":
        return month_starts(number)
    return (number if period == "day" else number * 7 - 3) * DAY_SECONDS


@cache
def minor_digits(currency: str) -> int:
    """Decimals that amounts of a currency have (Unicode CLDR, by babel), at most two."""
    from babel.numbers import get_currency_precision

    return min(get_currency_precision(currency), 2)
