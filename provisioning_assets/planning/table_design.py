"""A blueprint's tables, filled with words, as the data model's tables: inference of types, keys, roles and units.

What an author leaves out is decided here and nowhere else:

- *primary key*: the `sequence` column; else the parent's key with the position or period; else the first column;
- *foreign keys*: every `reference` and `parent_key`, and a `lookup` of a column that is itself a key;
- *type*: from the generator (a lookup's from where it looks), *role*, *aggregation* and *unit* from type and generator;
- *money*: amounts of NUMERIC columns are written in euros of a usual price and scaled to the customer's currency.
"""

import math
from collections.abc import Mapping
from statistics import median
from typing import Any, Literal, cast

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import Expression, FromRecord, Generator
from provisioning_assets.data_model.names import GoogleSqlType, Scalar
from provisioning_assets.data_model.populations import (
    CountWeights,
    Milestones,
    PerParent,
    PerPeriod,
    Population,
    Records,
    Scaled,
    StateSequence,
)
from provisioning_assets.data_model.tables import Column, ForeignKey, Table
from provisioning_assets.planning.blueprint import (
    Blueprint,
    BlueprintColumn,
    BlueprintTable,
    Rows,
    suggestion,
    type_of_generator,
)
from provisioning_assets.planning.markets import Market
from provisioning_assets.planning.substitution import Vocabulary, fill_row_expression, fill_text

Place = tuple[str | int, ...]

ROW_EXPRESSIONS = frozenset({"sql", "where", "times"})
"""Generator fields that are expressions over the row, not words."""

FALL = 0.6
"""Weights that are not given fall as 1 / rank ** FALL: the first value 2-3 times as frequent as the sixth."""

EXTENSION = 0.8
"""Each weight beyond the given ones, when a slot has more words than weights, is so much of the one before."""

COARSE_LEVEL = 20
"""From this price level on, amounts are whole units with three significant digits: 1,600 yen, not 1,598.40."""


FEWEST_KNOWN_PRICES = 3
"""So many of the customer's own prices tell their level; fewer may be exceptions."""


class DesignError(Exception):
    """The blueprint cannot be made into tables; ``place`` is where in its file."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message


def tables_and_effects(
    blueprint: Blueprint, vocabulary: Vocabulary, market: Market
) -> tuple[list[Table], list[Effect]]:
    """The data model's tables, in the blueprint's order, and the planted changes, in the order of the insights.

    Raises:
        DesignError: with its place in the blueprint.
    """
    design = _Design(blueprint, vocabulary, market)
    tables = [design.table(name) for name in blueprint.tables]
    return tables, design.effects()


def usual_amount(amount: float, market: Market) -> float:
    """An amount written in euros as a usual price in the market's currency: 19.99 -> 29.99 CAD, 3,200 JPY."""
    if market.price_level == 1 or amount == 0:
        return amount
    scaled = amount * market.price_level
    if market.price_level >= COARSE_LEVEL:
        digits = 2 - math.floor(math.log10(abs(scaled)))
        return float(round(scaled, min(digits, 0)))
    ending = market.endings[0] if amount != int(amount) else 0.0
    return round(round(scaled - ending) + ending, 2)


class _Design:
    """One blueprint on its way into tables; keys and types of all tables are known to each column."""

    def __init__(self, blueprint: Blueprint, vocabulary: Vocabulary, market: Market) -> None:
        self.blueprint = blueprint
        self.vocabulary = vocabulary
        self.market = market
        self.settings: dict[tuple[str, str], dict[str, Any]] = {}
        for table_name, table in blueprint.tables.items():
            for column_name, column in table.columns.items():
                self.settings[table_name, column_name] = self._filled_settings(table_name, column_name, column)
        for table_name, table in blueprint.tables.items():
            self._check_prices(table_name, table)
        self.records = {name: self._records(name, table) for name, table in blueprint.tables.items()}
        self.keys = {name: self._primary_key(name, table) for name, table in blueprint.tables.items()}

    # --- tables ---

    def table(self, name: str) -> Table:
        table = self.blueprint.tables[name]
        place: Place = ("tables", name)
        foreign_keys = []
        for column_name in table.columns:
            target = self._points_to(name, column_name)
            if target:
                foreign_keys.append(
                    ForeignKey(
                        columns=[column_name],
                        references_table=target,
                        references_columns=self._single_key(target, place),
                    )
                )
        columns = [column for column_name in table.columns for column in self._columns(name, column_name)]
        return self._valid(
            Table,
            {
                "name": name,
                "description": self._text(table.description, (*place, "description")),
                "synonyms": [self._text(synonym, (*place, "synonyms")) for synonym in table.synonyms],
                "population": self._population(name, table),
                "primary_key": self.keys[name],
                "foreign_keys": foreign_keys,
                "columns": columns,
                "event_time": table.event_time,
                "amount": table.amount,
                "entity": table.entity,
                "rhythm": table.rhythm,
            },
            place,
        )

    def _population(self, name: str, table: BlueprintTable) -> Population:
        place: Place = ("tables", name, "rows")
        rows = table.rows
        if isinstance(rows, list) or rows.kind == "each":
            return Records(rows=self.records[name])
        if rows.kind == "share":
            return self._valid(
                Scaled, {"share": rows.share, "minimum": rows.minimum or 1, "maximum": rows.maximum}, place
            )
        parent = self._existing_table(rows.parent or "", (*place, "parent"))
        if rows.kind == "period":
            return self._valid(
                PerPeriod,
                {"parent": parent, "period": rows.period, "start": rows.start, "end": rows.end, "most": rows.most},
                place,
            )
        where = self._expression(rows.where, (*place, "where")) if rows.where else None
        if rows.kind in ("states", "milestones"):
            history = self._history(rows, place)
            chosen = {"parent": parent, "where": where, "probability": rows.probability or 1.0}
            return self._valid(PerParent, {**chosen, "history": history}, place)
        count = CountWeights(first=1 if rows.first is None else rows.first, weights=rows.weights or [1.0])
        return self._valid(
            PerParent,
            {"parent": parent, "count": count, "where": where, "probability": rows.probability or 1.0},
            place,
        )

    def _history(self, rows: Rows, place: Place) -> StateSequence | Milestones:
        """The states that a parent passes through, with the words of their names filled in."""
        if rows.milestones is not None:
            moments = self._words(rows.milestones, (*place, "milestones"))
            return self._valid(Milestones, {"moments": moments}, (*place, "milestones"))
        states = {name: state.model_dump(exclude_unset=True) for name, state in (rows.states or {}).items()}
        given = {
            "start": rows.start,
            "unit": rows.unit,
            "states": self._words(states, (*place, "states")),
            "begin": self._words(rows.begin or {}, (*place, "begin")),
            "by": rows.by,
            "hours": rows.hours,
            "most": rows.most,
        }
        return self._valid(StateSequence, {name: value for name, value in given.items() if value is not None}, place)

    def _records(self, name: str, table: BlueprintTable) -> list[dict[str, Scalar]]:
        """Written rows, or one for each word of a slot; empty for tables whose rows follow from others."""
        place: Place = ("tables", name, "rows")
        if isinstance(table.rows, list):
            rows = [
                {
                    column: self._text(value, (*place, index, column)) if isinstance(value, str) else value
                    for column, value in row.items()
                }
                for index, row in enumerate(table.rows)
            ]
        elif table.rows.kind == "each":
            rows = self._each(table.rows, place)
        else:
            rows = []
        money = [column for column, written in table.columns.items() if written.type == "NUMERIC"]
        for index, row in enumerate(rows):
            for column in row:
                if column not in table.columns:
                    where = (*place, index, column) if isinstance(table.rows, list) else (*place, "values", column)
                    raise DesignError(
                        where, f"'{column}' is not a column of {name}; {suggestion(column, table.columns)}"
                    )
            for column in money:
                value = row.get(column)
                if isinstance(value, int | float):
                    row[column] = usual_amount(value, self.market)
        if isinstance(table.rows, Rows) and table.rows.prices and (known := self._known_prices(table.rows)):
            words = self.vocabulary.slots[table.rows.each or ""]
            if table.rows.deals_prices:  # half a price list is none: then all are as dealt
                return [{**row, table.rows.prices: known.get(word)} for row, word in zip(rows, words, strict=True)]
            rows = [
                {**row, f"{table.rows.prices}_asked": known.get(word)} for row, word in zip(rows, words, strict=True)
            ]
        return rows

    def _each(self, rows: Rows, place: Place) -> list[dict[str, Scalar]]:
        slot = rows.each or ""
        if slot not in self.vocabulary.slots:
            raise DesignError((*place, "each"), f"'{slot}' is not a slot; {suggestion(slot, self.vocabulary.slots)}")
        groups = self.vocabulary.groups.get(slot)
        written = []
        for index, word in enumerate(self.vocabulary.slots[slot]):
            own = {"word": word, "position": float(index + 1)} | ({"group": groups[index]} if groups else {})
            vocabulary = Vocabulary(self.vocabulary.slots, {**self.vocabulary.facts, **own}, self.vocabulary.groups)
            row: dict[str, Scalar] = {}
            for column, value in rows.values.items():
                dealt = value[index % len(value)] if isinstance(value, list) else value
                row[column] = (
                    self._filled(
                        lambda text=dealt, words=vocabulary: fill_text(text, words), (*place, "values", column)
                    )
                    if isinstance(dealt, str)
                    else dealt
                )
            written.append(row)
        return written

    def _primary_key(self, name: str, table: BlueprintTable) -> list[str]:
        if table.primary_key:
            for column in table.primary_key:
                if column not in table.columns:
                    raise DesignError(
                        ("tables", name, "primary_key"),
                        f"'{column}' is not a column; {suggestion(column, table.columns)}",
                    )
            return table.primary_key
        by_kind = {column.generator: column_name for column_name, column in reversed(table.columns.items())}
        if "sequence" in by_kind:
            return [by_kind["sequence"]]
        if "parent_key" in by_kind:
            within = by_kind.get("position") or by_kind.get("period_start")
            only_child = (
                isinstance(table.rows, Rows) and table.rows.kind == "parent" and len(table.rows.weights or [1]) == 1
            )
            if within or only_child:
                return [by_kind["parent_key"], *([within] if within else [])]
        if self.records[name]:
            return [next(iter(table.columns))]
        raise DesignError(
            ("tables", name),
            "has no primary key: give it a `sequence` column, or `parent_key` with `position` or `period_start`",
        )

    def _existing_table(self, name: str, place: Place) -> str:
        if name not in self.blueprint.tables:
            raise DesignError(place, f"'{name}' is not a table; {suggestion(name, self.blueprint.tables)}")
        return name

    def _single_key(self, table: str, place: Place) -> list[str]:
        key = self.keys[table]
        if len(key) != 1:
            raise DesignError(
                place, f"refers to {table}, whose key has {len(key)} columns; give {table} a `sequence` column"
            )
        return key

    def _points_to(
        self, table_name: str, column_name: str, through: frozenset[tuple[str, str]] = frozenset()
    ) -> str | None:
        """The table that a column's values are keys of, if any."""
        table = self.blueprint.tables[table_name]
        column = table.columns[column_name]
        settings = self.settings[table_name, column_name]
        place: Place = ("tables", table_name, "columns", column_name)
        if column.generator == "reference":
            return self._existing_table(str(settings.get("table", "")), (*place, "reference"))
        if column.generator == "parent_key":
            rows = table.rows
            if isinstance(rows, list) or not rows.parent:
                raise DesignError(place, "parent_key needs a table whose rows have a parent")
            return self._existing_table(rows.parent, ("tables", table_name, "rows", "parent"))
        if column.generator == "lookup":
            target, seen = self._lookup_target(table_name, column_name), (table_name, column_name)
            if target in through or target == seen:
                raise DesignError(place, "looks itself up")
            if self.keys[target[0]] == [target[1]]:
                return target[0]
            return self._points_to(*target, through | {seen})
        return None

    def _lookup_target(self, table_name: str, column_name: str) -> tuple[str, str]:
        """Table and column that a lookup reads."""
        settings = self.settings[table_name, column_name]
        place: Place = ("tables", table_name, "columns", column_name, "lookup")
        through, column = str(settings.get("through", "")), str(settings.get("column", ""))
        own = self.blueprint.tables[table_name].columns
        if through == column_name or through not in own:
            raise DesignError(place, f"'{through}' is not another column of {table_name}; {suggestion(through, own)}")
        target = self._points_to(table_name, through)
        if target is None:
            raise DesignError(
                place, f"'{through}' is not a key of another table: it is generated by {own[through].generator}"
            )
        if settings.get("history"):
            target = self._existing_table(str(settings["history"]), (*place, "history"))
        theirs = self.blueprint.tables[target].columns
        if column not in theirs:
            raise DesignError(place, f"'{column}' is not a column of {target}; {suggestion(column, theirs)}")
        return target, column

    # --- columns ---

    def _columns(self, table_name: str, column_name: str) -> list[Column]:
        """The column; where the customer's site asks prices, with the two that it is put together from."""
        column = self._column(table_name, column_name)
        rows = self.blueprint.tables[table_name].rows
        if isinstance(rows, list) or rows.prices != column_name or rows.deals_prices or not self._known_prices(rows):
            return [column]
        known = column.model_copy(
            update={"name": f"{column_name}_asked", "internal": True, "generator": FromRecord(), "synonyms": []}
        )
        drawn = column.model_copy(update={"name": f"{column_name}_drawn", "internal": True, "synonyms": []})
        either = Expression(sql=f"coalesce({known.name}, {drawn.name})")
        return [known, drawn, column.model_copy(update={"generator": either})]

    def _known_prices(self, rows: Rows) -> Mapping[str, float]:
        known = self.vocabulary.prices.get(rows.each or "", {})
        whole = len(known) == len(self.vocabulary.slots.get(rows.each or "", []))
        return known if whole or not rows.deals_prices else {}

    def _check_prices(self, table_name: str, table: BlueprintTable) -> None:
        """The column of ``prices`` is drawn where no price is known, and nothing else may change it."""
        rows = table.rows
        if isinstance(rows, list) or rows.prices is None:
            return
        place: Place = ("tables", table_name, "rows", "prices")
        if rows.prices not in table.columns:
            raise DesignError(place, f"'{rows.prices}' is not a column; {suggestion(rows.prices, table.columns)}")
        column = table.columns[rows.prices]
        if column.generator != "price" and not (rows.deals_prices and column.type == "NUMERIC"):
            raise DesignError(
                place, f"{table_name}.{rows.prices} must be generated by 'price', or be NUMERIC and dealt by 'values'"
            )
        for insight_id, insight in self.blueprint.insights.items():
            for effect in insight.effects:
                if effect.column == f"{table_name}.{rows.prices}":
                    raise DesignError(
                        ("insights", insight_id, "effects"),
                        f"{effect.column} takes the customer's own prices: plant elsewhere",
                    )

    def _column(self, table_name: str, column_name: str) -> Column:
        column = self.blueprint.tables[table_name].columns[column_name]
        place: Place = ("tables", table_name, "columns", column_name)
        type_ = self._type(table_name, column_name)
        generator = self._generator(table_name, column_name, type_)
        role = column.role or self._role(table_name, column_name, type_)
        unit = column.unit or (self.market.currency if type_ == "NUMERIC" else None)
        return self._valid(
            Column,
            {
                "name": column_name,
                "type": type_,
                "description": self._text(column.description, (*place, "description")),
                "synonyms": [self._text(synonym, (*place, "synonyms")) for synonym in column.synonyms],
                "role": role,
                "aggregation": column.aggregation
                or (_usual_aggregation(column.generator, type_, generator) if role == "measure" else "none"),
                "unit": self._text(unit, (*place, "unit")) if unit else None,
                "generator": generator,
                "null_share": column.null_share,
                "internal": column.internal,
                "rhythm": column.rhythm,
            },
            place,
        )

    def _type(
        self, table_name: str, column_name: str, through: frozenset[tuple[str, str]] = frozenset()
    ) -> GoogleSqlType:
        column = self.blueprint.tables[table_name].columns[column_name]
        settings = self.settings[table_name, column_name]
        place: Place = ("tables", table_name, "columns", column_name)
        seen = through | {(table_name, column_name)}
        if len(seen) == len(through):
            raise DesignError(place, "its type depends on itself; give it a type")
        if column.type:
            return column.type
        kind = column.generator
        if kind == "lookup":
            return self._type(*self._lookup_target(table_name, column_name), seen)
        if kind in ("reference", "parent_key"):
            target = self._points_to(table_name, column_name) or ""
            return self._type(target, self._single_key(target, place)[0], seen)
        if kind == "rollup":
            return self._rollup_type(table_name, column_name, seen)
        if kind == "record":
            return self._record_type(table_name, column_name)
        if kind == "category":
            return _scalar_type(settings.get("values", []))
        if kind == "sequence":
            return "STRING" if settings.get("prefix") else "INT64"
        if kind == "number":
            return "FLOAT64" if settings.get("decimals") else "INT64"
        if kind == "address":
            return "FLOAT64" if settings.get("part") in ("latitude", "longitude") else "STRING"
        if kind == "after":
            return "DATE" if settings.get("unit") == "days" else "DATETIME"
        if kind in ("entered_at", "left_at"):
            return self._moment_type(table_name, place, seen)
        if kind == "walk":
            return self._own_type(table_name, str(settings.get("base", "")), (*place, "walk"), seen)
        if kind == "expression":
            raise DesignError(
                place, "an expression needs a type: STRING, INT64, FLOAT64, NUMERIC (money), BOOL, DATE or DATETIME"
            )
        return _TYPE_OF_KIND[kind]

    def _moment_type(self, table_name: str, place: Place, seen: frozenset[tuple[str, str]]) -> GoogleSqlType:
        """DATE when the parent's own moments are dates, so that a version holds for whole days."""
        rows = self.blueprint.tables[table_name].rows
        if isinstance(rows, list) or rows.kind not in ("states", "milestones"):
            raise DesignError(place, "needs a table whose rows are the states of a parent: `states` or `milestones`")
        parent = self._existing_table(rows.parent or "", ("tables", table_name, "rows", "parent"))
        moments = list(rows.milestones.values()) if rows.milestones is not None else [rows.start or ""]
        where: Place = ("tables", table_name, "rows")
        types = {self._own_type(parent, name, where, seen) for name in moments}
        return "DATE" if types == {"DATE"} else "DATETIME"

    def _own_type(
        self, table_name: str, column_name: str, place: Place, seen: frozenset[tuple[str, str]]
    ) -> GoogleSqlType:
        columns = self.blueprint.tables[table_name].columns
        if column_name not in columns:
            raise DesignError(
                place, f"'{column_name}' is not a column of {table_name}; {suggestion(column_name, columns)}"
            )
        return self._type(table_name, column_name, seen)

    def _rollup_type(self, table_name: str, column_name: str, seen: frozenset[tuple[str, str]]) -> GoogleSqlType:
        settings = self.settings[table_name, column_name]
        place: Place = ("tables", table_name, "columns", column_name, "rollup")
        if settings.get("function") == "count":
            return "INT64"
        child = self._existing_table(str(settings.get("table", "")), place)
        column = str(settings.get("column", ""))
        if column not in self.blueprint.tables[child].columns:
            raise DesignError(
                place,
                f"'{column}' is not a column of {child}; {suggestion(column, self.blueprint.tables[child].columns)}",
            )
        type_ = self._type(child, column, seen)
        return "FLOAT64" if settings.get("function") == "mean" and type_ == "INT64" else type_

    def _record_type(self, table_name: str, column_name: str) -> GoogleSqlType:
        rows = self.records[table_name]
        place: Place = ("tables", table_name, "columns", column_name)
        if not rows:
            raise DesignError(place, f"has no generator; {suggestion('', type_of_generator)}")
        values = [row.get(column_name) for row in rows]
        if all(value is None for value in values):
            raise DesignError(place, "has neither a generator nor a value in the table's rows")
        return _scalar_type(values)

    def _role(self, table_name: str, column_name: str, type_: GoogleSqlType) -> str:
        kind = self.blueprint.tables[table_name].columns[column_name].generator
        if kind == "sequence" or self.keys[table_name] == [column_name] or self._points_to(table_name, column_name):
            return "key"
        if kind == "text":
            return "text"
        if type_ in ("DATE", "DATETIME"):
            return "time"
        if kind in ("position", "address") or type_ in ("STRING", "BOOL"):
            return "dimension"
        return "measure"

    # --- generators ---

    def _filled_settings(self, table_name: str, column_name: str, column: BlueprintColumn) -> dict[str, Any]:
        place: Place = ("tables", table_name, "columns", column_name, column.generator)
        settings = dict(column.settings)
        if column.generator == "text":
            return self._text_settings(settings, place)
        filled = {
            name: self._expression(value, (*place, name))
            if name in ROW_EXPRESSIONS and isinstance(value, str)
            else self._words(value, (*place, name))
            for name, value in settings.items()
        }
        if column.generator == "category":
            return self._category_settings(filled, settings, place)
        return filled

    def _category_settings(self, filled: dict[str, Any], written: dict[str, Any], place: Place) -> dict[str, Any]:
        values = filled.get("values")
        if not isinstance(values, list) or not values:
            raise DesignError((*place, "values"), "a category needs a list of values, or a slot: $name")
        open_ended = "$" in str(written["values"])
        default = filled.get("weights") or [1 / (rank + 1) ** FALL for rank in range(len(values))]

        def fitted(weights: Any, at: Place) -> list[float]:
            if not isinstance(weights, list) or not all(isinstance(weight, int | float) for weight in weights):
                raise DesignError(at, "weights are a list of numbers, one for each value")
            if len(weights) != len(values) and not open_ended:
                raise DesignError(at, f"{len(weights)} weights for {len(values)} values")
            extended = [float(weight) for weight in weights[: len(values)]]
            while len(extended) < len(values):
                extended.append(extended[-1] * EXTENSION)
            return extended

        by = {
            value: fitted(weights, (*place, "weights_by", value))
            for value, weights in (filled.get("weights_by") or {}).items()
        }
        return {**filled, "weights": fitted(default, (*place, "weights")), "weights_by": by}

    def _text_settings(self, settings: dict[str, Any], place: Place) -> dict[str, Any]:
        """A text grammar: its own parts first, then columns of the row; ``{slot}`` draws one of the slot's words."""
        parts: dict[str, Any] = settings.get("parts", {})
        columns = self.blueprint.tables[str(place[1])].columns
        drawn = {
            name: list(words)
            for name, words in self.vocabulary.slots.items()
            if name not in parts and name not in columns
        }
        keep = frozenset([*parts, *drawn, *columns])
        by = self._words(settings.get("templates_by", {}), (*place, "templates_by"), keep)
        templates = self._words(settings.get("templates", []), (*place, "templates"), keep)
        filled_parts = {name: self._words(words, (*place, "parts", name), keep) for name, words in parts.items()}
        everything = str([templates, by, filled_parts])
        used = {name: words for name, words in drawn.items() if f"{{{name}}}" in everything}
        return {**settings, "templates": templates, "templates_by": by, "parts": {**used, **filled_parts}}

    def _generator(self, table_name: str, column_name: str, type_: GoogleSqlType) -> Generator:
        column = self.blueprint.tables[table_name].columns[column_name]
        settings = dict(self.settings[table_name, column_name])
        place: Place = ("tables", table_name, "columns", column_name, column.generator)
        if column.generator == "price" and type_ == "NUMERIC":
            settings = self._priced(settings)
            rows = self.blueprint.tables[table_name].rows
            if isinstance(rows, Rows) and rows.prices == column_name:
                settings = _at_level_of(settings, list(self._known_prices(rows).values()))
        if column.generator == "number" and type_ == "NUMERIC" and not settings.get("times"):
            settings = self._scaled_number(settings)
        if type_ == "NUMERIC" and "decimals" in settings and self.market.price_level >= COARSE_LEVEL:
            settings = {**settings, "decimals": 0}  # what is computed from whole units is paid in whole units
        return cast(Generator, self._valid(type_of_generator[column.generator], settings, place))

    def _priced(self, settings: dict[str, Any]) -> dict[str, Any]:
        level = self.market.price_level
        scaled = {
            name: value * level
            if name in ("median", "minimum", "maximum") and isinstance(value, int | float)
            else value
            for name, value in settings.items()
        }
        if "median_by" in scaled:
            scaled["median_by"] = {key: median * level for key, median in settings["median_by"].items()}
        if level != 1 or "endings" not in settings:
            scaled["endings"] = list(self.market.endings)
        return scaled

    def _scaled_number(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Scale what is an amount: the spread of a log-normal and the shape of a gamma are not."""
        amounts = {"a", "minimum", "maximum"} | (
            {"b"} if settings.get("distribution") in ("normal", "uniform") else set()
        )
        level = self.market.price_level
        return {
            name: value * level if name in amounts and isinstance(value, int | float) else value
            for name, value in settings.items()
        }

    # --- effects ---

    def effects(self) -> list[Effect]:
        planted = []
        for insight_id, insight in self.blueprint.insights.items():
            for index, effect in enumerate(insight.effects):
                place: Place = ("insights", insight_id, "effects", index)
                table, column = effect.column.split(".")
                time = effect.time
                if effect.from_days_ago is not None and time is None:
                    time = self.blueprint.tables[table].event_time
                    if time is None:
                        raise DesignError(place, f"a window needs 'time', or the table {table} its event_time")
                planted.append(
                    self._valid(
                        Effect,
                        {
                            "insight_id": insight_id,
                            "table": table,
                            "column": column,
                            "where": self._expression(effect.where, (*place, "where")) if effect.where else None,
                            "from_days_ago": effect.from_days_ago,
                            "to_days_ago": effect.to_days_ago,
                            "time": time,
                            "operation": effect.operation,
                            "factor": effect.factor,
                            "value": self._text(effect.value, (*place, "value"))
                            if isinstance(effect.value, str)
                            else effect.value,
                            "value_column": effect.value_column,
                            "referenced": self._expression(effect.referenced, (*place, "referenced"))
                            if effect.referenced
                            else None,
                        },
                        place,
                    )
                )
        return planted

    # --- words ---

    def _words(self, value: Any, place: Place, keep: frozenset[str] = frozenset()) -> Any:
        """A value of the file with its words filled in; ``$slot`` is a list, also in a list and as a mapping's key."""
        if isinstance(value, str):
            if value.startswith("$"):
                return self._filled(lambda: self.vocabulary.list_of(value[1:]), place)
            return self._filled(lambda: fill_text(value, self.vocabulary, keep), place)
        if isinstance(value, list):
            filled = []
            for index, item in enumerate(value):
                words = self._words(item, (*place, index), keep)
                filled.extend(words) if isinstance(item, str) and isinstance(words, list) else filled.append(words)
            return filled
        if isinstance(value, dict):
            return self._keyed_words(value, place, keep)
        return value

    def _keyed_words(self, value: Mapping[Any, Any], place: Place, keep: frozenset[str]) -> dict[str, Any]:
        """``{$slot: [a, b]}`` gives the slot's words a, b, a, b ... in order."""
        filled: dict[str, Any] = {}
        for key, item in value.items():
            words = self._words(str(key), (*place, key), keep)
            dealt = self._words(item, (*place, key), keep)
            if isinstance(words, list):
                if not isinstance(dealt, list) or not dealt:
                    raise DesignError((*place, key), f"{key} needs a list that is dealt out to its words in order")
                filled |= {word: dealt[index % len(dealt)] for index, word in enumerate(words)}
            else:
                filled[words] = dealt
        return filled

    def _text(self, template: str, place: Place) -> str:
        return self._filled(lambda: fill_text(template, self.vocabulary), place)

    def _expression(self, template: str, place: Place) -> str:
        return self._filled(lambda: fill_row_expression(template, self.vocabulary), place)

    def _filled(self, attempt: Any, place: Place) -> Any:
        try:
            return attempt()
        except PydanticCustomError as mistake:
            raise DesignError(place, mistake.message()) from mistake

    def _valid(self, model: type[Any], values: dict[str, Any], place: Place) -> Any:
        try:
            return model.model_validate(values)
        except ValidationError as failure:
            error = failure.errors(include_url=False)[0]
            where = tuple(part for part in error["loc"] if part not in type_of_generator)
            told = "is missing" if error["type"] == "missing" else f"{error['msg']} (given: {error['input']!r:.80})"
            raise DesignError((*place, *where), f"{'.'.join(map(str, where))} {told}".strip()) from failure


_TYPE_OF_KIND: Mapping[str, GoogleSqlType] = {
    "position": "INT64",
    "period_start": "DATE",
    "state": "STRING",
    "flag": "BOOL",
    "price": "NUMERIC",
    "person": "STRING",
    "company": "STRING",
    "text": "STRING",
    "arrival": "DATETIME",
}


def _at_level_of(settings: dict[str, Any], known: list[float]) -> dict[str, Any]:
    """A price's settings moved to the level of known prices: their median becomes its median."""
    if len(known) < FEWEST_KNOWN_PRICES:
        return settings
    factor = median(known) / settings["median"]
    moved = {
        name: value * factor if name in ("median", "minimum", "maximum") else value for name, value in settings.items()
    }
    if "median_by" in settings:
        moved["median_by"] = {case: value * factor for case, value in settings["median_by"].items()}
    return moved


def _scalar_type(values: list[Any]) -> GoogleSqlType:
    given = [value for value in values if value is not None]
    if all(isinstance(value, bool) for value in given):
        return "BOOL"
    if all(isinstance(value, int) for value in given):
        return "INT64"
    return "FLOAT64" if all(isinstance(value, int | float) for value in given) else "STRING"


def _usual_aggregation(kind: str, type_: GoogleSqlType, generator: Document) -> Literal["sum", "avg"]:
    """Amounts and counts add up; prices, values of another row, and fractions are averaged."""
    if kind in ("price", "walk", "lookup", "record"):
        return "avg"
    if getattr(generator, "function", None) in ("min", "max", "mean", "first", "last"):
        return "avg"
    return "avg" if type_ == "FLOAT64" else "sum"
