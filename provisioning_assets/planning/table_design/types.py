"""Infers the type of every column from its generator."""

from collections.abc import Iterable
from typing import Any

from provisioning_assets.data_model.expression_paths import paths_of
from provisioning_assets.data_model.expression_tree import ExpressionError
from provisioning_assets.data_model.expression_types import type_of as type_of_expression
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.problems import Place
from provisioning_assets.planning.blueprint_columns import (
    AddressSettings,
    BlueprintColumn,
    MomentSettings,
    PlaceSettings,
    RenewalPart,
    ValueCases,
)
from provisioning_assets.planning.blueprint_rows import RowsByMilestone, RowsByState
from provisioning_assets.planning.table_design.category import category_values
from provisioning_assets.planning.table_design.draft import DesignError, Draft
from provisioning_assets.planning.table_design.expressions import Expressions
from provisioning_assets.planning.table_design.roll_ups import roll_up_of

Nodes = frozenset[tuple[str, str]]

FIXED: dict[str, GoogleSqlType] = {
    "position": "INT64",
    "period_start": "DATE",
    "state": "STRING",
    "flag": "BOOL",
    "price": "NUMERIC",
    "person": "STRING",
    "company": "STRING",
    "text": "STRING",
    "arrival": "DATETIME",
    "poisson": "INT64",
    "cause_of": "STRING",
}
"""Generator -> type of its values, for generators whose type does not depend on their settings."""


class ColumnTypes:
    """The types of one draft's columns, each inferred once."""

    def __init__(self, draft: Draft, expressions: Expressions) -> None:
        self._draft = draft
        self._expressions = expressions
        self._known: dict[tuple[str, str], GoogleSqlType] = {}

    def of(self, table: str, name: str, seen: Nodes = frozenset()) -> GoogleSqlType:
        """The GoogleSQL type of a column.

        Raises:
            DesignError: the column depends on itself, or on something that does not exist.
        """
        node = (table, name)
        if node not in self._known:
            place = self._draft.places[node]
            if node in seen:
                raise DesignError(place, "The type of the column depends on itself.", "Give the column a type.")
            column = self._draft.columns[table][name]
            self._known[node] = column.type or self._inferred(table, name, column, place, seen | {node})
        return self._known[node]

    def _inferred(self, table: str, name: str, column: BlueprintColumn, place: Place, seen: Nodes) -> GoogleSqlType:
        kind = column.generator
        if kind is None:
            return self._written_type(table, name, place)
        if kind in FIXED:
            return FIXED[kind]
        if kind == "renewal" and not (isinstance(column.renewal, RenewalPart) and column.renewal.part == "count"):
            return "DATE"
        if kind == "from_":
            step = self._draft.step(table, name)
            return self.of(step.history or self._draft.points_to(table, step.through) or "", step.column, seen)
        if kind in ("reference", "parent"):
            target = self._draft.points_to(table, name) or ""
            return self.of(target, self._draft.single_key(target, place), seen)
        if kind == "key":
            return "INT64" if isinstance(column.first_key, int) else "STRING"
        if kind == "category":
            return scalar_type(category_values(column.category))
        if kind == "value" and column.value is not None:
            return scalar_type(value_cases(column.value))
        if kind in ("lognormal", "normal", "uniform", "gamma"):
            return "FLOAT64" if getattr(column, kind).decimals or column.decimals else "INT64"
        if kind == "address":
            part = column.address.part if isinstance(column.address, AddressSettings) else column.address
            return "FLOAT64" if part in ("latitude", "longitude") else "STRING"
        if kind == "place":
            part = column.place.part if isinstance(column.place, PlaceSettings) else column.place
            return "FLOAT64" if part in ("latitude", "longitude") else "STRING"
        if column.after is not None:
            return "DATE" if column.after.unit == "days" else "DATETIME"
        if kind in ("entered_at", "left_at"):
            return self._moment_of_state(table, place, seen)
        if column.before is not None:
            return "DATE" if column.before.unit == "days" else "DATETIME"
        if column.moment is not None:
            settings = column.moment
            sql = settings.sql if isinstance(settings, MomentSettings) else settings
            return self._expression_type(table, sql, (*place, "moment"), seen)
        if column.first_of is not None:
            types = {self.of(table, self._draft.reach(table, path, place), seen) for path in column.first_of.values()}
            return "DATE" if types == {"DATE"} else "DATETIME"
        if kind == "renewal":
            return "INT64"
        if column.walk is not None:
            return self.of(table, self._draft.reach(table, column.walk.base, (*place, "walk", "base")), seen)
        if column.rollup is not None:
            return self._roll_up_type(column, place, seen)
        return self._expression_type(table, column.expression or "", (*place, "expression"), seen)

    def _written_type(self, table: str, name: str, place: Place) -> GoogleSqlType:
        values = [row.get(name) for row in self._draft.records.get(table, [])]
        if all(value is None for value in values):
            also = " and no value in the table's rows" if values else ""
            raise DesignError(place, f"The column has no generator{also}.", "Give it a generator.")
        return scalar_type(values)

    def _moment_of_state(self, table: str, place: Place, seen: Nodes) -> GoogleSqlType:
        """DATE if the parent's moments are dates, so that a state lasts for whole days; else DATETIME."""
        rows, parent = self._draft.tables[table].rows, self._draft.parent_of(table)
        if parent is None or not isinstance(rows, RowsByState | RowsByMilestone):
            raise DesignError(
                place, "The column needs rows that are the states of a parent.", "Give `rows` states or milestones."
            )
        paths = [rows.start] if isinstance(rows, RowsByState) else list(rows.milestones.values())
        where: Place = ("tables", table, "rows")
        types = {self.of(parent, self._draft.reach(parent, path, where), seen) for path in paths}
        return "DATE" if types == {"DATE"} else "DATETIME"

    def _roll_up_type(self, column: BlueprintColumn, place: Place, seen: Nodes) -> GoogleSqlType:
        rolled = roll_up_of(column, (*place, "rollup"))
        if rolled.function == "count":
            return "INT64"
        child = self._draft.existing_table(rolled.table, (*place, "rollup"))
        source = self.of(child, self._draft.reach(child, rolled.column or "", (*place, "rollup")), seen)
        return "FLOAT64" if rolled.function == "mean" and source == "INT64" else source

    def _expression_type(self, table: str, sql: str, place: Place, seen: Nodes) -> GoogleSqlType:
        ready = self._expressions.over(table, sql, place)
        types: dict[str, GoogleSqlType] = {path[0]: self.of(table, path[0], seen) for path in paths_of(ready)}
        try:
            return type_of_expression(ready, types)
        except ExpressionError as error:
            raise DesignError(place, str(error)) from error


def scalar_type(values: Iterable[Any]) -> GoogleSqlType:
    """The narrowest type that can hold all the values."""
    given = [value for value in values if value is not None]
    if all(isinstance(value, bool) for value in given):
        return "BOOL"
    if all(isinstance(value, int) for value in given):
        return "INT64"
    return "FLOAT64" if all(isinstance(value, int | float) for value in given) else "STRING"


def value_cases(cases: ValueCases) -> list[Any]:
    """Every value that a column with cases can have."""
    return [*cases.cases().values(), *([] if cases.otherwise is None else [cases.otherwise])]
