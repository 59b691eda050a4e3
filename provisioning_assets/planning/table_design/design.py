"""Designs the tables and planted changes of a filled blueprint.

This package decides everything that an author leaves out: *keys* (``draft.py``), *types* (``types.py``),
*descriptions, synonyms, roles, aggregations and units* (``labels.py``), *money* in the customer's currency (``money.py``), and
the columns that dotted paths need (``draft.py``).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import PydanticCustomError

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import Expression, FromRecord
from provisioning_assets.data_model.laws import Law, Relation
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.data_model.tables import Column, ForeignKey, Table
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE
from provisioning_assets.planning.blueprint import Blueprint, BlueprintLaw, BlueprintRelation, BlueprintTable
from provisioning_assets.planning.blueprint_columns import BlueprintColumn
from provisioning_assets.planning.blueprint_rows import RowsOfWords
from provisioning_assets.planning.filling import Filling
from provisioning_assets.planning.markets import Market
from provisioning_assets.planning.table_design.category import filled_category
from provisioning_assets.planning.table_design.columns import Columns, Decided, valid
from provisioning_assets.planning.table_design.draft import DesignError, Draft
from provisioning_assets.planning.table_design.effects import effects_of
from provisioning_assets.planning.table_design.expressions import Expressions, declared_functions
from provisioning_assets.planning.table_design.labels import ColumnLabels
from provisioning_assets.planning.table_design.rows import places_of_rows, population, records_of
from provisioning_assets.planning.table_design.types import ColumnTypes
from provisioning_assets.planning.windows import expand_windows
from provisioning_assets.planning.words import CustomerWords


@dataclass(frozen=True)
class Design:
    """The result of designing a blueprint's tables: all tables that could be designed, and all problems.

    ``places`` says where in the blueprint a column of the data model comes from; (table, column) -> place. ``decided`` are
    cases that became part of an expression, where the rules of the data model cannot check them.
    """

    tables: list[Table]
    effects: list[Effect]
    laws: list[Law]
    relations: list[Relation]
    places: Mapping[tuple[str, str], Place]
    problems: list[Problem]
    decided: Sequence[Decided] = ()


def design_tables(
    blueprint: Blueprint,
    words: CustomerWords,
    market: Market,
    language: str = DEFAULT_LANGUAGE,
    scale: float = 1.0,
) -> Design:
    """The data model's tables in the blueprint's order, and the planted changes in the order of the insights.

    ``language`` (ISO 639-1) is that of the descriptions that an author has left out. ``scale`` is how many times as large the
    demo is as a small one: ``{scale}`` in expressions and rules.
    """
    filling = Filling(replace(words, facts={**words.facts, "scale": scale}))
    problems: list[Problem] = []
    try:
        tables = {name: _filled(name, table, filling) for name, table in blueprint.tables.items()}
        records = {name: records_of(name, table, filling, market) for name, table in tables.items()}
        spots = {
            name: [None if place is None else (place.latitude, place.longitude) for place in places]
            for name, table in tables.items()
            if isinstance(table.rows, RowsOfWords) and table.rows.each in words.places
            if any(places := places_of_rows(table, records[name], filling, None))
        }
        draft = Draft(tables, records, spots=spots)
        functions = declared_functions(blueprint.functions, filling)
    except DesignError as error:
        return Design([], [], [], [], {}, [*filling.problems, error.problem])
    expressions = Expressions(draft, functions)
    types = ColumnTypes(draft, expressions)
    columns = Columns(draft, expressions, types, ColumnLabels(draft, types, market, language), filling, market)

    def attempt(make: Callable[[], Any]) -> list[Any]:
        try:
            return [make()]
        except DesignError as error:
            if error.problem not in problems:
                problems.append(error.problem)
            return []

    for name, table in tables.items():
        attempt(lambda name=name, table=table: _check_prices(name, table, blueprint))
    # Effects and populations come first, because their paths add columns.
    effects = [
        effect
        for insight_id, insight in blueprint.insights.items()
        for index, written in enumerate(insight.effects)
        for found in attempt(
            lambda insight_id=insight_id, index=index, written=written: list(
                effects_of(
                    columns, insight_id, index, filling.part(written, ("insights", insight_id, "effects", index))
                )
            )
        )
        for effect in found
    ]

    def populations(names: Iterable[str]) -> dict[str, Any]:
        return {
            name: found
            for name in names
            for found in attempt(lambda name=name: population(columns, name, _with_prices(name, columns)))
        }

    written_out = [name for name, table in tables.items() if isinstance(table.rows, list | RowsOfWords)]
    rows = populations(name for name in tables if name not in written_out)
    made: dict[str, dict[str, list[Column]]] = {name: {} for name in tables}
    while pending := [(table, name) for table in tables for name in draft.columns[table] if name not in made[table]]:
        for table, name in pending:  # making a column may add other columns
            made[table][name] = [
                column
                for found in attempt(lambda table=table, name=name: _columns(table, name, columns))
                for column in found
            ]
    rows |= populations(written_out)  # last: a column may need places in the rows
    designed = [
        found
        for name, table in tables.items()
        if name in rows and all(made[name].values())  # if a column failed, its problem is enough
        for found in attempt(
            lambda name=name, table=table: _table(
                name, table, draft, rows[name], [column for group in made[name].values() for column in group]
            )
        )
    ]
    laws = [
        law
        for name, written in blueprint.rules.items()
        for law in attempt(lambda name=name, written=written: _law(name, written, filling))
    ]
    relations = [
        relation
        for name, written in blueprint.relations.items()
        for relation in attempt(lambda name=name, written=written: _relation(name, written, filling))
    ]
    own = [problem for problem in problems if not filling.explains(problem)]
    problems = [*dict.fromkeys([*filling.problems, *own])]
    return Design(designed, effects, laws, relations, draft.places, problems, columns.decided)


def _law(name: str, written: BlueprintLaw, filling: Filling) -> Law:
    place: Place = ("rules", name)
    return valid(Law, {"id": name, **_says_and_sql(written, filling, place)}, place)


def _relation(name: str, written: BlueprintRelation, filling: Filling) -> Relation:
    place: Place = ("relations", name)
    values = {
        "id": name,
        **_says_and_sql(written, filling, place),
        "between": written.between,
        "unit": filling.text(written.unit, (*place, "unit")) if written.unit else None,
        "source": filling.text(written.source, (*place, "source")),
    }
    return valid(Relation, values, place)


def _says_and_sql(written: BlueprintLaw | BlueprintRelation, filling: Filling, place: Place) -> dict[str, str]:
    """The sentence and the query with the customer's words, and windows of time as plain GoogleSQL."""
    try:
        sql = expand_windows(written.sql)
    except PydanticCustomError as mistake:
        raise DesignError((*place, "sql"), mistake.message()) from mistake
    return {
        "says": filling.text(written.says, (*place, "says")),
        "sql": filling.googlesql(sql, (*place, "sql")).strip(),
    }


def _filled(name: str, table: BlueprintTable, filling: Filling) -> BlueprintTable:
    """A table with the customer's words filled in."""
    filled = filling.part(table, ("tables", name))
    return filled.model_copy(
        update={
            section: {
                column: _with_category(
                    written, getattr(table, section)[column], filling, ("tables", name, section, column)
                )
                for column, written in getattr(filled, section).items()
            }
            for section in ("columns", "helpers")
        }
    )


def _with_category(
    filled: BlueprintColumn, written: BlueprintColumn, filling: Filling, place: Place
) -> BlueprintColumn:
    if written.category is None:
        return filled
    return filled.model_copy(update={"category": filled_category(written.category, filling, (*place, "category"))})


def _table(name: str, table: BlueprintTable, draft: Draft, rows: object, columns: Sequence[Column]) -> Table:
    place: Place = ("tables", name)
    keys = [
        ForeignKey(columns=[column], references_table=target, references_columns=[draft.single_key(target, place)])
        for column in table.columns
        if (target := draft.points_to(name, column))
    ]
    return valid(
        Table,
        {
            "name": name,
            "description": table.description,
            "synonyms": table.synonyms,
            "population": rows,
            "primary_key": draft.keys[name],
            "foreign_keys": keys,
            "columns": columns,
            "event_time": table.event_time,
            "amount": table.amount,
            "entity": table.entity,
            "rhythm": table.rhythm,
            "realism": table.realism,
        },
        place,
    )


# --- the customer's own prices -------------------------------------------------------------------------------------


def _columns(table: str, name: str, columns: Columns) -> list[Column]:
    """The column; if the customer's site has prices, also the two columns that it is computed from."""
    column = columns.column(table, name)
    rows = columns.draft.tables[table].rows
    if not isinstance(rows, RowsOfWords) or rows.prices != name or rows.deals_prices or not columns.known_prices(rows):
        return [column]
    known = column.model_copy(
        update={"name": f"{name}_asked", "internal": True, "generator": FromRecord(), "synonyms": []}
    )
    drawn = column.model_copy(update={"name": f"{name}_drawn", "internal": True, "synonyms": []})
    either = Expression(sql=f"coalesce({known.name}, {drawn.name})")
    return [known, drawn, column.model_copy(update={"generator": either})]


def _with_prices(table: str, columns: Columns) -> list[dict[str, Scalar]]:
    """A table's written rows, with the customer's own prices where they are known."""
    rows, records = columns.draft.tables[table].rows, list(columns.draft.records[table])
    if not isinstance(rows, RowsOfWords) or rows.prices is None or not (known := columns.known_prices(rows)):
        return records
    name = rows.prices if rows.deals_prices else f"{rows.prices}_asked"
    words = columns.filling.words.slots[rows.each]
    return [{**row, name: known.get(word)} for row, word in zip(records, words, strict=True)]


def _check_prices(name: str, table: BlueprintTable, blueprint: Blueprint) -> None:
    """Check that the column of ``prices`` is drawn or dealt where no price is known, and that nothing else changes it."""
    rows = table.rows
    if not isinstance(rows, RowsOfWords) or rows.prices is None:
        return
    place: Place = ("tables", name, "rows", "prices")
    if rows.prices not in table.columns:
        raise DesignError(place, f"'{rows.prices}' is not a column.", suggestion(rows.prices, table.columns))
    column = table.columns[rows.prices]
    if column.price is None and not (rows.deals_prices and column.type == "NUMERIC"):
        raise DesignError(
            place,
            f"{name}.{rows.prices} cannot take the prices of the customer's website.",
            "Generate the column by `price`, or make it NUMERIC and give its values in `values`.",
        )
    priced = f"{name}.{rows.prices}"
    for insight_id, insight in blueprint.insights.items():
        if any(effect.column == priced for effect in insight.effects):
            raise DesignError(
                ("insights", insight_id, "effects"),
                f"{priced} takes the prices of the customer's website, so no effect may change it.",
                "Change another column.",
            )
