"""The number of rows of a table: exact for root tables, the maximum and the expected number for other tables."""

import math
from collections import Counter
from collections.abc import Mapping
from math import prod

from provisioning_assets.data_model.case_numbers import NumberByCase, numbers_of
from provisioning_assets.data_model.generators import Category, Flag, FromRecord, Lookup, Number
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
    if isinstance(population, PerParent) and population.count_of is not None:
        known = population.most or largest_number(lineage, population.parent, population.count_of)
        return max(math.floor((known or 1) + 0.5), 1)  # a bound that is not whole is rounded like the number itself
    if isinstance(population, PerParent):
        return max(*(count.largest for count in population.counts()), 1)
    if isinstance(population, PerPeriod):
        periods = lineage.model.history_days // SHORTEST_PERIOD_DAYS[population.period] + 2
        return periods if population.most is None else min(periods, population.most)
    return 1


def expected_children(lineage: Lineage, table: str) -> float:
    """Return the average number of rows for one row of the parent, if no condition excludes parents."""
    population = lineage.tables[table].population
    if isinstance(population, PerPeriod):
        return float(most_children(lineage, table))
    if not isinstance(population, PerParent):
        return 1.0
    probability = population.probability
    if isinstance(probability, NumberByCase):
        of_case = _mean_of_cases(lineage, population.parent, probability.by, probability.cases, probability.otherwise)
    else:
        of_case = probability
    if population.history is not None:
        return of_case * usual_states(population.history, lineage.model.history_days)
    if population.count_of is not None:
        usual = usual_number(lineage, population.parent, population.count_of)
        most = most_children(lineage, table)
        return of_case * min(most / 2 if usual is None else usual, most)
    means = {case: count.mean for case, count in population.count_by.items()}
    return of_case * _mean_of_cases(lineage, population.parent, population.by, means, population.count.mean)


def largest_number(lineage: Lineage, table: str, column: str) -> float | None:
    """Return the largest value of a numeric column; None if the model does not say it."""
    found, population = lineage.columns[table, column], lineage.tables[table].population
    if found.usually is not None:
        return None
    match found.generator:
        case Number(distribution="uniform", maximum=None, times=None) as drawn if not lineage.effects_on(table, column):
            return max(numbers_of(drawn.b))
        case Number(maximum=maximum) if maximum is not None:
            return max(numbers_of(maximum))
        case Category(values=values):
            return max((float(value) for value in values if isinstance(value, int)), default=None)
        case FromRecord() if isinstance(population, Records):
            written = [row.get(column) for row in population.rows]
            return max((float(value) for value in written if isinstance(value, int | float)), default=None)
        case Lookup(history=None, through=through, column=other):
            return largest_number(lineage, lineage.pointed_to(table, through), other)
        case _:
            return None


def usual_number(lineage: Lineage, table: str, column: str) -> float | None:
    """Return roughly the mean of a numeric column; None if the model does not say it. Effects and factors are left out."""
    found, population = lineage.columns[table, column], lineage.tables[table].population
    match found.generator:
        case Number(times=None) as drawn:
            a = _mean_of_cases(lineage, table, drawn.by, drawn.a_by, drawn.a)
            b = numbers_of(drawn.b)[-1]
            means = {"lognormal": a * math.exp(b * b / 2), "uniform": (a + b) / 2}
            return means.get(drawn.distribution, a)
        case Category(values=values, weights=weights) if all(isinstance(value, int) for value in values):
            return sum(float(value) * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)
        case FromRecord() if isinstance(population, Records):
            written = [row.get(column) for row in population.rows]
            known = [float(value) for value in written if isinstance(value, int | float)]
            return sum(known) / len(population.rows) if known else None
        case Lookup(history=None, through=through, column=other):
            return usual_number(lineage, lineage.pointed_to(table, through), other)
        case _:
            return None


def _mean_of_cases(lineage: Lineage, table: str, by: str | None, cases: Mapping[str, float], otherwise: float) -> float:
    """Return roughly the mean of a number by case: weighted by how often cases occur if the model says it, else unweighted."""
    if by is None or not cases:
        return otherwise
    shares = _shares(lineage, table, by)
    if shares is None:
        shares = dict.fromkeys(cases, 1.0)
    return sum(cases.get(value, otherwise) * share for value, share in shares.items()) / sum(shares.values())


def _shares(lineage: Lineage, table: str, column: str) -> dict[str, float] | None:
    """Return how often the values of a column occur, relative to each other; None if the model does not say it."""
    generator, population = lineage.columns[table, column].generator, lineage.tables[table].population
    match generator:
        case Category(values=values, weights=weights):
            return {str(value): weight for value, weight in zip(values, weights, strict=True)}
        case Flag(rate=rate, rate_by=cases) if not cases:
            return {"true": rate, "false": 1 - rate}
        case FromRecord() if isinstance(population, Records):
            return dict(Counter(str(row.get(column)) for row in population.rows))
        case Lookup(history=None, through=through, column=other):
            return _shares(lineage, lineage.pointed_to(table, through), other)
        case _:
            return None


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
    if not isinstance(population, PerPeriod):
        return 1.0
    return 0.5 if population.usual is None else min(population.usual / most_children(lineage, table), 1.0)
