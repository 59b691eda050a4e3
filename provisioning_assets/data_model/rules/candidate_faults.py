"""Has every row something to refer to? What can be told before any row is generated."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from provisioning_assets.data_model.calendar import history_start
from provisioning_assets.data_model.generators import After, Arrival, FromRecord, Lookup, ParentKey, Reference
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.populations import Records
from provisioning_assets.data_model.row_counts import most_children
from provisioning_assets.data_model.rules.faults import ModelFault, listed
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.data_model.value_domains import values_of


def candidate_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    """Faults of a reference that leaves rows without a choice; its tables and columns are there."""
    generator = column.generator
    if not isinstance(generator, Reference):
        return
    yield from _weight_faults(lineage, table, column, generator)
    if generator.optional:
        return
    yield from _match_faults(lineage, table, column, generator)
    yield from _since_faults(lineage, table, column, generator)


def _weight_faults(lineage: Lineage, table: Table, column: Column, generator: Reference) -> Iterator[ModelFault]:
    if generator.weight is None:
        return
    weights = _recorded(lineage, generator.table, generator.weight)
    if weights is not None and not any(isinstance(weight, int | float) and weight > 0 for weight in weights):
        yield ModelFault(
            table.name,
            column.name,
            f"no row of {generator.table} has a {generator.weight} above 0, so none can be chosen.",
            "Give one a weight above 0, or drop `weight`.",
        )


def _match_faults(lineage: Lineage, table: Table, column: Column, generator: Reference) -> Iterator[ModelFault]:
    for own, their in generator.match.items():
        wanted, there = values_of(lineage, table.name, own), values_of(lineage, generator.table, their)
        if wanted is None or there is None:
            continue
        if wanted - there:
            yield ModelFault(
                table.name,
                column.name,
                f"no row of {generator.table} can match {own} {listed(wanted - there)}: {their} is {listed(there)}.",
                f"Give {generator.table} such rows, or make the reference optional.",
            )
            continue
        groups = _recorded(lineage, generator.table, their)
        if generator.distinct_in_parent and groups is not None and _same_in_parent(lineage, table, own):
            fewest, most = min(Counter(groups).values()), most_children(lineage, table.name)
            if fewest < most:
                yield ModelFault(
                    table.name,
                    column.name,
                    f"a parent has up to {most} rows, and only {fewest} of {generator.table} may match them.",
                    f"Give {generator.table} more rows of each {their}, the parent fewer children, or drop "
                    "distinct_in_parent.",
                )


def _same_in_parent(lineage: Lineage, table: Table, column: str) -> bool:
    """Whether all rows of one parent have the same value: it is the parent's own."""
    generator = lineage.columns[table.name, column].generator
    return isinstance(generator, Lookup) and isinstance(
        lineage.columns[table.name, generator.through].generator, ParentKey
    )


def _recorded(lineage: Lineage, table: str, column: str) -> list[object] | None:
    """Values of a column that is written out, a row each; None when it is generated."""
    population = lineage.tables[table].population
    if isinstance(population, Records) and isinstance(lineage.columns[table, column].generator, FromRecord):
        return [row.get(column) for row in population.rows]
    return None


def _since_faults(lineage: Lineage, table: Table, column: Column, generator: Reference) -> Iterator[ModelFault]:
    """The first row comes at the history's beginning, or before it: somebody must be there by then."""
    if generator.since is None or generator.at is None:
        return
    place, other = (table.name, column.name), generator.table
    remedy = f"Give the arrival of {other} a share before_history, or make the reference optional."
    since = lineage.columns[other, generator.since]
    at = lineage.columns[table.name, generator.at].generator
    early = isinstance(at, Arrival) and at.before_history > 0
    if not isinstance(at, Arrival):
        return
    written = _recorded(lineage, other, generator.since)
    first = history_start(lineage.model)
    if written is not None:
        moments = [datetime.fromisoformat(str(value)) for value in written if value is not None]
        if not moments or min(moments).date() > first:
            yield ModelFault(
                *place,
                f"no row of {other} has begun ({generator.since}) when the first row of {table.name} comes, on {first}.",
                f"Let a row of {other} begin by then, or make the reference optional.",
            )
        return
    begins, delayed = since, False
    while isinstance(begins.generator, After):
        begins, delayed = lineage.columns[other, begins.generator.base], True
    arrival = begins.generator
    if not isinstance(arrival, Arrival):
        return
    if arrival.before_history == 0 and (delayed or early or since.null_share > 0):
        yield ModelFault(
            *place,
            f"the first row of {table.name} can come before any {generator.since} of {other}.",
            remedy,
        )
