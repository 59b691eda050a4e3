"""The number of rows of a table: exact for root tables, the maximum and the expected number for other tables."""

from math import prod

import numpy as np

from provisioning_assets.data_model.histories import most_states, usual_states
from provisioning_assets.data_model.lineage import Lineage, population_as
from provisioning_assets.data_model.populations import (
    PerParent,
    PerPeriod,
    Records,
    Scaled,
)

SHORTEST_PERIOD_DAYS = {"day": 1, "week": 7, "month": 28, "quarter": 89, "year": 365}
"""Period -> smallest number of days between the first days of two consecutive periods. A quarter that begins on 31 January has
89 days until the next one begins on 30 April."""


def root_rows(lineage: Lineage, root: str) -> int:
    """Return the exact number of rows of a table without a parent."""
    population = lineage.tables[root].population
    if isinstance(population, Records):
        return len(population.rows)
    population = population_as(lineage.tables[root], Scaled)
    rows = max(round(population.share * lineage.model.fact_rows), population.minimum)
    return rows if population.maximum is None else min(rows, population.maximum)


def most_children(lineage: Lineage, table: str) -> int:
    """Return the largest number of rows for one row of the parent; 1 for a table without a parent."""
    population = lineage.tables[table].population
    if isinstance(population, PerParent) and population.history is not None:
        return most_states(population.history)
    if isinstance(population, PerParent):
        return max(population.count.first + len(population.count.weights) - 1, 1)
    if isinstance(population, PerPeriod):
        periods = lineage.model.history_days // SHORTEST_PERIOD_DAYS[population.period] + 2
        return periods if population.most is None else min(periods, population.most)
    return 1


def expected_children(lineage: Lineage, table: str) -> float:
    """Return the average number of rows for one row of the parent, if no condition excludes parents."""
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
    """Return roughly how many rows a table has. Conditions and active times are assumed to select their usual share of parents."""
    rows = float(root_rows(lineage, lineage.root(table)))
    return rows * prod(
        expected_children(lineage, name) * usual_share(lineage, name) for name in [table, *lineage.ancestors(table)]
    )


def usual_share(lineage: Lineage, table: str) -> float:
    """Return the share of the possible children that usually exist, if a condition or an active time selects them."""
    population = lineage.tables[table].population
    if isinstance(population, PerParent):
        return 1.0 if population.where is None else 0.25
    return 0.5 if isinstance(population, PerPeriod) else 1.0
