"""Labels of a column that the author left out: description, synonyms, role, aggregation and unit."""

from dataclasses import dataclass
from typing import Literal, cast

from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.googlesql.column_titles import singular_of
from provisioning_assets.labels.catalogue import labels_of
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE
from provisioning_assets.planning.blueprint_columns import BlueprintColumn
from provisioning_assets.planning.blueprint_rows import RowsByPeriod
from provisioning_assets.planning.markets import Market
from provisioning_assets.planning.table_design.draft import DesignError, Draft
from provisioning_assets.planning.table_design.roll_ups import roll_up_of
from provisioning_assets.planning.table_design.types import ColumnTypes

Role = Literal["key", "dimension", "measure", "time", "text"]
Aggregation = Literal["sum", "avg", "none"]

AVERAGED = frozenset({"price", "walk", "from_", None})
"""Generators of measures whose sum means little: prices and values of another row. ``None`` is a column without a generator."""


@dataclass(frozen=True)
class Labels:
    """The texts and roles of a column that people and the agent read."""

    description: str
    synonyms: list[str]
    role: Role
    aggregation: Aggregation
    unit: str | None


class ColumnLabels:
    """The labels of one draft's columns."""

    def __init__(self, draft: Draft, types: ColumnTypes, market: Market, language: str) -> None:
        self._draft = draft
        self._types = types
        self._market = market
        self._in_english = language == DEFAULT_LANGUAGE
        self._said = labels_of(language).columns
        self._periods = labels_of(language).periods

    def of(self, table: str, name: str) -> Labels:
        """The labels of a column; for a column that is not stored, only those that other columns inherit.

        Raises:
            DesignError: a stored column has no description, and cannot inherit one.
        """
        column = self._draft.columns[table][name]
        source = self._source(table, name)
        kind = self._types.of(table, name)
        role = column.role or self._role(table, name, kind)
        description = (
            column.description or (source.description if source else "") or self._usual_description(table, name)
        )
        if not description and self._draft.is_stored(table, name):
            raise DesignError(
                self._draft.places[table, name], "The column has no description.", "Describe what its values mean."
            )
        synonyms = column.synonyms or (source.synonyms if source else []) or self._usual_synonyms(table, name)
        unit = column.unit or (source.unit if source else None)
        return Labels(
            description=description or name,
            synonyms=[synonym for synonym in synonyms if synonym != name],
            role=role,
            aggregation=column.aggregation
            or (self._usual_aggregation(table, name, kind, source) if role == "measure" else "none"),
            unit=unit or (self._market.currency if kind == "NUMERIC" else None),
        )

    def _source(self, table: str, name: str) -> Labels | None:
        """The labels of the column that this one is read from."""
        if self._draft.columns[table][name].from_ is None:
            return None
        step = self._draft.step(table, name)
        target = step.history or self._draft.points_to(table, step.through) or ""
        if self._draft.keys[target] == [step.column]:
            return None  # a foreign key gets the description of a foreign key
        return self.of(target, step.column)

    def _usual_description(self, table: str, name: str) -> str:
        column, one = self._draft.columns[table][name], self.singular(table)
        target = self._draft.points_to(table, name)
        if column.key is not None:
            return self._said.identifies.format(row=one)
        if target is not None:
            return self._said.reference.format(target=_capital(self.singular(target)), row=one)
        parent = self._draft.parent_of(table)
        whose = self.singular(parent) if parent else one
        rows = self._draft.tables[table].rows
        if column.position is not None:
            return self._said.position.format(row=whose)
        if column.period_start is not None:
            return self._said.period_start.format(period=self._period(rows))
        if column.state is not None:
            return self._said.state.format(row=whose)
        if column.entered_at is not None:
            return self._said.began
        return self._said.ended if column.left_at is not None else ""

    def _usual_synonyms(self, table: str, name: str) -> list[str]:
        column, one = self._draft.columns[table][name], self.singular(table)
        target = self._draft.points_to(table, name)
        if column.key is not None:
            return [self._said.number.format(row=one), self._said.code.format(row=one)]
        if target is not None:
            same_target = [
                other for other in self._draft.tables[table].columns if self._draft.points_to(table, other) == target
            ]
            if len(same_target) > 1:
                return [name.removesuffix("_id").replace("_", " ")]
            return self.of(target, self._draft.keys[target][0]).synonyms
        rows = self._draft.tables[table].rows
        if column.position is not None:
            return [self._said.position_word.format(row=one)]
        if column.period_start is not None:
            return [self._period(rows)]
        if column.state is not None:
            return [self._said.status]
        if column.entered_at is not None:
            return [self._said.since, self._said.valid_from]
        return [self._said.until, self._said.valid_to] if column.left_at is not None else []

    def _period(self, rows: object) -> str:
        period = rows.period if isinstance(rows, RowsByPeriod) else "period"
        return period if self._in_english else self._periods.get(period, "")

    def _role(self, table: str, name: str, kind: GoogleSqlType) -> Role:
        generator = self._draft.columns[table][name].generator
        if generator == "key" or self._draft.keys[table] == [name] or self._draft.points_to(table, name):
            return "key"
        if generator == "text" or _is_contact(self._draft.columns[table][name]):
            return "text"
        if kind in ("DATE", "DATETIME"):
            return "time"
        if generator in ("position", "address") or kind in ("STRING", "BOOL"):
            return "dimension"
        return "measure"

    def _usual_aggregation(
        self, table: str, name: str, kind: GoogleSqlType, source: Labels | None
    ) -> Literal["sum", "avg"]:
        """Amounts and counts add up; prices, values of another row, and fractions are averaged."""
        column = self._draft.columns[table][name]
        if source is not None and source.aggregation != "none":
            return cast(Literal["sum", "avg"], source.aggregation)
        if column.generator in AVERAGED:
            return "avg"
        if column.rollup is not None and roll_up_of(column, ()).function not in ("sum", "count"):
            return "avg"
        return "avg" if kind == "FLOAT64" else "sum"

    def singular(self, table: str) -> str:
        """The name of one row of a table; in another language than English, where the table's name is not of it, its synonym."""
        written = self._draft.tables[table]
        if written.singular or (written.synonyms and not self._in_english):
            return written.singular or written.synonyms[0]
        return singular_of(table.replace("_", " "))


def _is_contact(column: BlueprintColumn) -> bool:
    """Whether a column is a street or telephone number. Each row has its own, so it is not grouped by."""
    part = column.address if isinstance(column.address, str) or column.address is None else column.address.part
    return part in ("street", "phone")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
