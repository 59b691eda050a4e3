"""Rules about populations, which define how the rows of a table are made."""

from collections.abc import Iterator, Mapping

from provisioning_assets.data_model.case_numbers import numbers_by_case
from provisioning_assets.data_model.lineage import CycleError, Lineage
from provisioning_assets.data_model.populations import CountWeights, PerParent, PerPeriod, Records, Scaled
from provisioning_assets.data_model.problems import Problem, suggestion
from provisioning_assets.data_model.rules.checked_column import (
    TIMES,
    column_problems,
    columns_by_name,
    table_place,
    table_problems,
)
from provisioning_assets.data_model.rules.during import period_during_problems
from provisioning_assets.data_model.rules.expressions import expression_problems
from provisioning_assets.data_model.rules.histories import history_problems
from provisioning_assets.data_model.rules.numbers import (
    LARGEST_INTEGER,
    range_problems,
    unusable_number_problems,
    weights_problems,
)
from provisioning_assets.data_model.tables import Column, Table


def population_problems(lineage: Lineage, table: Table) -> Iterator[Problem]:
    """Report problems of a table's population, except those of the values of written rows."""
    place = table_place(table.name, "rows")
    match table.population:
        case Records() as population:
            yield from _record_problems(table, population)
        case Scaled() as population:
            yield from _share_problems(lineage, table, population)
            if population.maximum is not None and population.maximum < population.minimum:
                yield Problem(
                    (*place, "maximum"),
                    f"The maximum {population.maximum} is below the minimum {population.minimum}.",
                    "Exchange them, or drop one.",
                )
        case PerParent() | PerPeriod() as population:
            yield from table_problems((*place, "parent"), population.parent, lineage)
            yield from _circle_problems(lineage, table)
            parent = lineage.tables.get(population.parent)
            if parent is not None:
                yield from _child_problems(table, population, parent)
            if isinstance(population, PerPeriod):
                yield from period_during_problems(lineage, table, population)


def _record_problems(table: Table, population: Records) -> Iterator[Problem]:
    place, known, columns = table_place(table.name, "rows"), set[str](), columns_by_name(table)
    if not population.rows:
        yield Problem(place, f"The list of rows of {table.name} is empty.", "Write at least one row.")
    for index, row in enumerate(population.rows):
        for name in row:
            if name not in columns and name not in known:
                known.add(name)
                yield Problem(
                    (*place, index, name), f"'{name}' is not a column of {table.name}.", suggestion(name, columns)
                )


def _share_problems(lineage: Lineage, table: Table, population: Scaled) -> Iterator[Problem]:
    place = table_place(table.name, "rows")
    unusable = list(unusable_number_problems(place, population.model_dump()))
    yield from unusable
    if not unusable and population.share * lineage.model.fact_rows > LARGEST_INTEGER:
        yield Problem((*place, "share"), f"A share of {population.share} makes too many rows.", "Give a smaller share.")


def _circle_problems(lineage: Lineage, table: Table) -> Iterator[Problem]:
    """Report a table that descends from itself. A circle of several tables is reported at the first of them."""
    try:
        lineage.ancestors(table.name)
    except CycleError as circle:
        if table.name == min(circle.path, key=list(lineage.tables).index):
            yield Problem(
                table_place(table.name, "rows", "parent"),
                f"{table.name} descends from itself: each of {' -> '.join(circle.path)} is a child of the next.",
                "Give one of these tables rows without a parent: `share` or written rows.",
            )


def _child_problems(table: Table, population: PerParent | PerPeriod, parent: Table) -> Iterator[Problem]:
    place, theirs, whose = table_place(table.name, "rows"), columns_by_name(parent), f"a column of {parent.name}"
    if isinstance(population, PerPeriod):
        yield from column_problems((*place, "start"), population.start, theirs, whose, TIMES)
        yield from column_problems((*place, "end"), population.end, theirs, whose, TIMES)
        return
    yield from expression_problems((*place, "where"), population.where, theirs, whose)
    if population.history is not None:
        yield from history_problems(table, population, population.history, parent)
        return
    yield from range_problems((*place, "probability"), population.probability, "probability", 0, 1)
    for field, number in numbers_by_case(population):
        yield from column_problems((*place, field, "by"), number.by, theirs, whose)
    yield from column_problems((*place, "count", "by"), population.by, theirs, whose)
    yield from _count_column_problems(table, population, theirs)
    for case, counts in [(None, population.count), *population.count_by.items()]:
        at = (*place, "weights") if case is None else (*place, "count", case)
        yield from weights_problems(at, counts.weights)
    if population.count_of is None and all(_is_none(counts) for counts in population.counts()):
        yield Problem(
            (*place, "weights"),
            f"No row of {parent.name} can have rows here, because the only possible number of rows is 0.",
            "Give a number of rows above 0 a weight.",
        )


def _is_none(counts: CountWeights) -> bool:
    return [count for count, weight in enumerate(counts.weights, counts.first) if weight > 0] == [0]


def _count_column_problems(table: Table, population: PerParent, theirs: Mapping[str, Column]) -> Iterator[Problem]:
    """Report problems of the parent's column with the number of children."""
    place, name = table_place(table.name, "rows"), population.count_of
    if name is None:
        if population.most is not None:
            yield Problem(
                (*place, "most"), "`most` is for a number of rows that a column says.", "Drop it, or name the column."
            )
        return
    yield from column_problems((*place, "count"), name, theirs, f"a column of {population.parent}", ["INT64"])
