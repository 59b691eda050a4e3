"""Checks that every row has a row to refer to, as far as that is known before rows are generated.

The model must have no other problems: its names, types and keys are valid, and its columns do not depend on each other in a circle.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from provisioning_assets.data_model.calendar import history_start
from provisioning_assets.data_model.generators import After, Arrival, FromRecord, Lookup, ParentKey, Reference
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.populations import Records
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.row_counts import most_children, root_rows
from provisioning_assets.data_model.rules.checked_column import CheckedColumn, listed
from provisioning_assets.data_model.value_domains import values_of


def candidate_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report a reference for which some rows have no row to choose."""
    generator = checked.column.generator
    if not isinstance(generator, Reference):
        return
    yield from _weight_problems(checked, generator)
    yield from _distinct_problems(checked, generator)
    if not generator.optional:
        yield from _match_problems(checked, generator)
        yield from _since_problems(checked, generator)


def _weight_problems(checked: CheckedColumn, generator: Reference) -> Iterator[Problem]:
    named = {("weight",): generator.weight, **{("weight_by", case): name for case, name in generator.weight_by.items()}}
    for fields, name in named.items():
        weights = None if name is None else _written(checked.lineage, generator.table, name)
        if weights is not None and not any(isinstance(weight, int | float) and weight > 0 for weight in weights):
            yield Problem(
                checked.setting(*fields),
                f"No row of {generator.table} has a {name} above 0, so none can be chosen.",
                "Give one a weight above 0, or drop `weight`.",
            )


def _distinct_problems(checked: CheckedColumn, generator: Reference) -> Iterator[Problem]:
    lineage, target = checked.lineage, generator.table
    if not generator.distinct_in_parent or lineage.parent(target) is not None:
        return
    most, rows = most_children(lineage, checked.table.name), root_rows(lineage, target)
    if rows < most:
        yield Problem(
            checked.setting("distinct_in_parent"),
            f"A parent has up to {most} rows, but {target} has only {rows} to choose from.",
            f"Give {target} more rows or the parent fewer, or drop distinct_in_parent.",
        )


def _match_problems(checked: CheckedColumn, generator: Reference) -> Iterator[Problem]:
    lineage, table, target = checked.lineage, checked.table.name, generator.table
    for own, their in generator.match.items():
        place = checked.setting("match", own)
        wanted, there = values_of(lineage, table, own), values_of(lineage, target, their)
        if wanted is None or there is None:
            continue
        if wanted - there:
            yield Problem(
                place,
                f"Rows with {own} {listed(sorted(wanted - there), 'or')} match no row of {target}, "
                f"where {their} is {listed(sorted(there), 'or')}.",
                f"Give {target} such rows, or make the reference optional.",
            )
            continue
        groups = _written(lineage, target, their)
        if generator.distinct_in_parent and groups is not None and _is_of_parent(lineage, table, own):
            fewest, most = min(Counter(groups).values()), most_children(lineage, table)
            if fewest < most:
                yield Problem(
                    checked.setting("distinct_in_parent"),
                    f"A parent has up to {most} rows, but only {fewest} rows of {target} match them.",
                    f"Give {target} more rows of each {their} or the parent fewer rows, or drop distinct_in_parent.",
                )


def _is_of_parent(lineage: Lineage, table: str, column: str) -> bool:
    """Return whether all rows of one parent have the same value, because the column is looked up in the parent."""
    generator = lineage.columns[table, column].generator
    return isinstance(generator, Lookup) and isinstance(lineage.columns[table, generator.through].generator, ParentKey)


def _written(lineage: Lineage, table: str, column: str) -> list[object] | None:
    """Return the value of each row for a column with written values; None if the column is generated."""
    population = lineage.tables[table].population
    if isinstance(population, Records) and isinstance(lineage.columns[table, column].generator, FromRecord):
        return [row.get(column) for row in population.rows]
    return None


def _since_problems(checked: CheckedColumn, generator: Reference) -> Iterator[Problem]:
    """Report a target table without rows when the first row arrives, which is at the start of the history or before."""
    lineage, table, other = checked.lineage, checked.table.name, generator.table
    if generator.since is None or generator.at is None:
        return
    at, since = lineage.columns[table, generator.at].generator, lineage.columns[other, generator.since]
    if not isinstance(at, Arrival):
        return
    written, first = _written(lineage, other, generator.since), history_start(lineage.model)
    if written is not None:
        moments = [datetime.fromisoformat(str(value)) for value in written if value is not None]
        if not moments or min(moments).date() > first:
            yield Problem(
                checked.setting("since"),
                f"No row of {other} has begun ({generator.since}) when the first row of {table} comes, on {first}.",
                f"Let a row of {other} begin by then, or make the reference optional.",
            )
        return
    begins, delayed = since, False
    while isinstance(begins.generator, After):
        begins, delayed = lineage.columns[other, begins.generator.base], True
    arrival = begins.generator
    if not isinstance(arrival, Arrival) or arrival.before_history > 0 or arrival.before_days > 0:
        return
    if delayed or at.before_history > 0 or at.before_days > 0 or since.null_share > 0:
        yield Problem(
            checked.setting("since"),
            f"The first row of {table} can come before any {generator.since} of {other}.",
            f"Give the arrival of {other} a share before_history, or make the reference optional.",
        )
