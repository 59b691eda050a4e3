"""Turns the planted changes of a blueprint into the data model's effects."""

from collections.abc import Iterator
from typing import Any

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.problems import Place, suggestion
from provisioning_assets.planning.blueprint import BlueprintEffect
from provisioning_assets.planning.blueprint_columns import NumberCases, ReferenceSettings
from provisioning_assets.planning.table_design.columns import Columns, not_a_figure, valid
from provisioning_assets.planning.table_design.draft import DesignError, Draft
from provisioning_assets.planning.table_design.expressions import case_literal
from provisioning_assets.planning.written import settings_of

OF_A_HISTORY = frozenset({"state", "left_at"})
OF_THE_PARENT = OF_A_HISTORY | {"parent"}
"""Generators that decide which rows exist. The condition of an effect on them is evaluated on the parent's row."""


def effects_of(columns: Columns, insight_id: str, index: int, written: BlueprintEffect) -> Iterator[Effect]:
    """The effect of the data model; if the factor depends on a column, one effect for each case.

    Raises:
        DesignError: the effect cannot be made; with its place in the blueprint.
    """
    place: Place = ("insights", insight_id, "effects", index)
    draft = columns.draft
    table, name = written.column.split(".")
    if table not in draft.tables:
        raise DesignError((*place, "column"), f"'{table}' is not a table.", suggestion(table, draft.tables))
    draft.existing_column(table, name, (*place, "column"))
    changed = draft.columns[table][name]
    over = (draft.parent_of(table) or table) if changed.generator in OF_THE_PARENT else table
    values: dict[str, Any] = {
        "insight_id": insight_id,
        "table": table,
        "column": name,
        "from_days_ago": written.from_days_ago,
        "to_days_ago": written.to_days_ago,
        "time": _time(draft, table, name, over if changed.generator == "parent" else table, written, place),
        "operation": written.operation,
        "during": None if written.during is None else settings_of(written.during),
        "value": written.value,
        **_referenced(columns, table, name, written, place),
    }
    for factor, condition in _factors(columns, over, written, place):
        where = None if condition is None else columns.expressions.over(over, condition, (*place, "where"))
        yield valid(Effect, {**values, "factor": factor, "where": where}, place)


def _time(draft: Draft, table: str, name: str, over: str, written: BlueprintEffect, place: Place) -> str | None:
    """The column that the window is measured on: of a renewal None, of a history when a state is entered, else the event_time."""
    if written.time is not None:
        return draft.reach(over, written.time, (*place, "time"))
    if written.from_days_ago is None or draft.columns[table][name].generator == "renewal":
        return None
    entered = [each for each, column in draft.columns[table].items() if column.generator == "entered_at"]
    time = (
        entered[0]
        if entered and draft.columns[table][name].generator in OF_A_HISTORY
        else draft.tables[table].event_time
    )
    if time is None:
        raise DesignError(
            place, "The window has no time column.", f"Name one in `time`, or give the table {table} an event_time."
        )
    return time


def _factors(columns: Columns, over: str, written: BlueprintEffect, place: Place) -> Iterator[tuple[float, str | None]]:
    factor = written.factor
    if not isinstance(factor, NumberCases):
        if isinstance(factor, str):
            raise not_a_figure(factor, (*place, "factor"))
        yield factor, written.where
        return
    path = factor.by if isinstance(factor.by, str) else ""
    if not path:
        raise DesignError(
            (*place, "factor", "by"), "The factor depends on several columns.", "Name only one column in `by`."
        )
    where = (*place, "factor")
    by = columns.deciding(over, path, factor.cases(), where, complete=True)
    typed = columns.types.of(over, by)
    literals = {case: case_literal(case, typed, (*where, case)) for case in factor.cases()}
    cases = [(f"{by} = {literals[case]}", value) for case, value in factor.cases().items()]
    if factor.otherwise is not None:
        cases.append((f"{by} not in ({', '.join(literals.values())})", factor.otherwise))
    for condition, value in cases:
        yield value, condition if written.where is None else f"({written.where}) and {condition}"


def _referenced(columns: Columns, table: str, name: str, written: BlueprintEffect, place: Place) -> dict[str, Any]:
    """The settings that say which referenced rows become more likely."""
    settings = columns.draft.columns[table][name].reference
    if settings is None:
        return {"value_column": written.value_column, "referenced": written.referenced}
    other = settings.table if isinstance(settings, ReferenceSettings) else settings
    value_column, condition = written.value_column, written.referenced
    return {
        "value_column": None
        if value_column is None
        else columns.draft.reach(other, value_column, (*place, "value_column")),
        "referenced": None if condition is None else columns.expressions.over(other, condition, (*place, "referenced")),
    }
