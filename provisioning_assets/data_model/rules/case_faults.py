"""Do cases by another column's value name values that it takes? Others would silently do nothing."""

from collections.abc import Iterator, Mapping

from provisioning_assets.data_model.generators import After, Category, Flag, Price, Text
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.populations import StateSequence
from provisioning_assets.data_model.rules.faults import ModelFault, listed
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.data_model.value_domains import values_of


def case_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    """Faults of a generator's cases; the columns it names are there."""
    generator = column.generator
    match generator:
        case Category():
            yield from _faults(lineage, table.name, column.name, generator.by, generator.weights_by, table.name)
        case Flag():
            yield from _faults(lineage, table.name, column.name, generator.by, generator.rate_by, table.name)
        case Price() | After():
            yield from _faults(lineage, table.name, column.name, generator.by, generator.median_by, table.name)
        case Text():
            yield from _faults(lineage, table.name, column.name, generator.by, generator.templates_by, table.name)
        case _:
            return


def state_case_faults(lineage: Lineage, table: Table) -> Iterator[ModelFault]:
    """Faults of the cases of a table's states, by a column of the parent."""
    history = lineage.history_of(table.name)
    if isinstance(history, StateSequence):
        cases = {case: None for state in history.states.values() for case in [*state.median_by, *state.next_by]}
        yield from _faults(lineage, table.name, None, history.by, cases, lineage.parent_of(table.name))


def _faults(
    lineage: Lineage, table: str, column: str | None, by: str | None, cases: Mapping[str, object], over: str
) -> Iterator[ModelFault]:
    """``by`` is a column of the table ``over``."""
    if by is None:
        if cases:
            yield ModelFault(
                table, column, f"it has cases for {listed(cases)}, and no `by`.", f"Name a column of {over} in `by`."
            )
        return
    values = values_of(lineage, over, by)
    if values is None:
        return
    for case in cases:
        if case not in values:
            yield ModelFault(
                table, column, f"its case '{case}' is never a value of {over}.{by}.", f"Name one of: {listed(values)}."
            )
