"""What must hold of a data model before a row is generated: names, keys, references, and columns that expressions name.

These are rules of the model's structure; whether a generator can be executed is the synthesis' own to say.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.expression_paths import columns_of
from provisioning_assets.data_model.expression_tree import ExpressionError
from provisioning_assets.data_model.generators import (
    After,
    Arrival,
    Category,
    EnteredAt,
    Flag,
    FromRecord,
    Generator,
    LeftAt,
    Lookup,
    Number,
    ParentKey,
    PeriodStart,
    Position,
    Price,
    Reference,
    RollUp,
    StateName,
    Text,
)
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import Milestones, PerParent, PerPeriod, Records, Scaled, StateSequence
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.planning.blueprint import suggestion
from provisioning_assets.quality_bars import FEWEST_TABLES, MOST_TABLES

RESERVED_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        all and any array as asc assert_rows_modified at between by case cast collate contains create cross
        cube current default define desc distinct else end enum escape except exclude exists extract false
        fetch following for from full group grouping groups hash having if ignore in inner intersect
        interval into is join lateral left like limit lookup merge natural new no not null nulls of on or
        order outer over partition preceding proto qualify range recursive respect right rollup rows select
        set some struct tablesample then to treat true unbounded union unnest using when where window with
        within
        """,
    )
)
"""Words that GoogleSQL does not take as a bare name. Source: GoogleSQL lexical structure, "Reserved keywords"."""

CHANGEABLE = (Flag, Number, Price, After, Category, Reference, Arrival, ParentKey, StateName, LeftAt)
"""Generators that an effect can change."""


@dataclass(frozen=True)
class ModelProblem:
    """What is wrong, and where: ``("tables", "orders", "columns", "status")``."""

    place: tuple[str | int, ...]
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(str(part) for part in self.place if part not in ('tables', 'columns'))}: {self.message}"


def model_problems(model: DataModel) -> list[ModelProblem]:
    """Everything wrong with a data model; empty when it can be generated and loaded."""
    problems = table_problems(model.tables, model.effects)
    if not FEWEST_TABLES <= len(model.tables) <= MOST_TABLES:
        problems.append(
            ModelProblem(
                (), f"{len(model.tables)} tables; a prospect finds their way in {FEWEST_TABLES} to {MOST_TABLES}"
            )
        )
    return problems


def table_problems(tables: Sequence[Table], effects: Sequence[Effect]) -> list[ModelProblem]:
    """Everything wrong with tables and the changes planted in them."""
    by_name = {table.name: table for table in tables}
    problems = []
    for table in tables:
        problems += _name_problems(table)
        problems += _key_problems(table, by_name)
        problems += _population_problems(table, by_name)
        for column in table.columns:
            problems += _description_problems(column, table)
            problems += _generator_problems(column, table, by_name)
    problems += _cycle_problems(by_name)
    for index, effect in enumerate(effects):
        problems += _effect_problems(effect, index, by_name)
    return problems


# --- names and descriptions ----------------------------------------------------------------------------------------


def _name_problems(table: Table) -> Iterator[ModelProblem]:
    place = ("tables", table.name)
    if table.name in RESERVED_WORDS:
        yield ModelProblem(place, "is a reserved word of GoogleSQL; choose another name")
    seen: set[str] = set()
    for column in table.columns:
        at = (*place, "columns", column.name)
        if column.name in RESERVED_WORDS:
            yield ModelProblem(at, "is a reserved word of GoogleSQL; choose another name")
        if column.name == table.name:
            yield ModelProblem(at, "is named like its table, which makes queries ambiguous")
        if column.name in seen:
            yield ModelProblem(at, "stands twice in the table")
        seen.add(column.name)
    for name in (table.event_time, table.amount, table.entity):
        if name is not None and name not in seen:
            yield ModelProblem(
                place, f"event_time, amount or entity '{name}' is not a column; {suggestion(name, sorted(seen))}"
            )


def _description_problems(column: Column, table: Table) -> Iterator[ModelProblem]:
    if column.internal:
        return
    place = ("tables", table.name, "columns", column.name)
    if len(column.description) < 8:
        yield ModelProblem(place, "its description says too little to tell what a value means")
    if not column.synonyms:
        yield ModelProblem(place, "has no synonyms: what else do people call it?")
    others = {
        word.casefold(): other.name
        for other in table.columns
        if other.name != column.name and not other.internal
        for word in other.synonyms
    }
    for synonym in column.synonyms:
        if synonym.casefold() in others:
            yield ModelProblem(
                place,
                f"shares the synonym '{synonym}' with {others[synonym.casefold()]}: nobody could tell which is meant",
            )


# --- keys ----------------------------------------------------------------------------------------------------------


def _key_problems(table: Table, by_name: dict[str, Table]) -> Iterator[ModelProblem]:
    place = ("tables", table.name)
    columns = {column.name: column for column in table.columns}
    for name in table.primary_key:
        if name not in columns:
            yield ModelProblem(place, f"its primary key '{name}' is not a column; {suggestion(name, columns)}")
        elif columns[name].internal or columns[name].null_share:
            yield ModelProblem((*place, "columns", name), "is part of the primary key: it is stored and never null")
    for key in table.foreign_keys:
        target = by_name.get(key.references_table)
        at = (*place, "columns", key.columns[0]) if key.columns else place
        if target is None:
            yield ModelProblem(
                at,
                f"refers to '{key.references_table}', not a table; {suggestion(key.references_table, by_name)}",
            )
            continue
        if key.references_columns != target.primary_key:
            yield ModelProblem(
                at,
                f"refers to {', '.join(key.references_columns)} of {target.name}, whose key is "
                f"{', '.join(target.primary_key)}",
            )
            continue
        theirs = {column.name: column for column in target.columns}
        for own_name, their_name in zip(key.columns, key.references_columns, strict=True):
            if own_name not in columns:
                yield ModelProblem(at, f"its foreign key '{own_name}' is not a column; {suggestion(own_name, columns)}")
            elif columns[own_name].type != theirs[their_name].type:
                yield ModelProblem(
                    (*place, "columns", own_name),
                    f"is {columns[own_name].type}, but {target.name}.{their_name} is {theirs[their_name].type}",
                )


# --- populations ---------------------------------------------------------------------------------------------------


def _population_problems(table: Table, by_name: dict[str, Table]) -> Iterator[ModelProblem]:
    place = ("tables", table.name, "rows")
    population = table.population
    if isinstance(population, Records) and not population.rows:
        yield ModelProblem(place, "no rows are written")
    if isinstance(population, PerParent | PerPeriod):
        parent = by_name.get(population.parent)
        if parent is None:
            yield ModelProblem(
                (*place, "parent"), f"'{population.parent}' is not a table; {suggestion(population.parent, by_name)}"
            )
            return
        theirs = _names(parent)
        if isinstance(population, PerParent) and population.where:
            yield from _expression_problems(population.where, theirs, (*place, "where"), f"columns of {parent.name}")
        if isinstance(population, PerParent):
            yield from _history_problems(population, parent, by_name, place)
        if isinstance(population, PerPeriod):
            for name in (population.start, population.end):
                if name is not None and name not in theirs:
                    yield ModelProblem(place, f"'{name}' is not a column of {parent.name}; {suggestion(name, theirs)}")


def _history_problems(
    population: PerParent, parent: Table, by_name: Mapping[str, Table], place: tuple[str, ...]
) -> Iterator[ModelProblem]:
    theirs = {column.name: column for column in parent.columns}
    history = population.history
    if isinstance(history, Milestones):
        for state, name in history.moments.items():
            if name not in theirs:
                yield ModelProblem(
                    (*place, "milestones", state),
                    f"'{name}' is not a column of {parent.name}; {suggestion(name, theirs)}",
                )
    if not isinstance(history, StateSequence):
        return
    for field, name in (("start", history.start), ("by", history.by)):
        if name is not None and name not in theirs:
            yield ModelProblem(
                (*place, field), f"'{name}' is not a column of {parent.name}; {suggestion(name, theirs)}"
            )
    for name, state in history.states.items():
        here = (*place, "states", name)
        for follower in dict.fromkeys([*state.next, *(state for case in state.next_by.values() for state in case)]):
            if follower not in history.states:
                yield ModelProblem(here, f"next: '{follower}' is not a state; {suggestion(follower, history.states)}")
        yield from _by_problems(history.by, {**state.median_by, **state.next_by}, theirs, parent, by_name, here)


def _cycle_problems(by_name: dict[str, Table]) -> Iterator[ModelProblem]:
    """Tables that wait for each other: a row cannot refer to one that refers back."""
    needs = {
        name: sorted(
            {
                target
                for target in [
                    *(column.generator.table for column in table.columns if isinstance(column.generator, Reference)),
                    *([table.population.parent] if isinstance(table.population, PerParent | PerPeriod) else []),
                ]
                if target in by_name
            }
        )
        for name, table in by_name.items()
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> Iterator[ModelProblem]:
        if name in path:
            circle = [*path[path.index(name) :], name]
            yield ModelProblem(
                ("tables", name),
                "refers to itself: " + " -> ".join(f"{a}" for a, _ in pairwise(circle)) + f" -> {name}",
            )
            return
        if name not in done:
            for target in needs[name]:
                yield from visit(target, (*path, name))
            done.add(name)

    for name in by_name:
        yield from visit(name, ())


# --- generators ----------------------------------------------------------------------------------------------------


def _generator_problems(column: Column, table: Table, by_name: dict[str, Table]) -> Iterator[ModelProblem]:
    generator = column.generator
    place = ("tables", table.name, "columns", column.name)
    population = table.population
    own = {other.name: other for other in table.columns if other.name != column.name}
    goes_with = getattr(generator, "correlation", None)
    named = [(field, getattr(generator, field, None)) for field in ("by", "base", "at", "through")]
    for field, name in [*named, ("correlation", goes_with and goes_with.column)]:
        if name is not None and name not in own:
            yield ModelProblem(
                (*place, generator.kind),
                f"{field}: '{name}' is not another column of {table.name}; {suggestion(name, own)}",
            )
    for field in ("sql", "where", "times"):
        expression = getattr(generator, field, None)
        if expression is not None and not isinstance(generator, RollUp):
            yield from _expression_problems(
                expression, own, (*place, generator.kind, field), f"other columns of {table.name}"
            )
    if isinstance(generator, ParentKey) and not isinstance(population, PerParent | PerPeriod):
        yield ModelProblem(place, "parent_key needs a table whose rows have a parent")
    if isinstance(generator, Position) and not isinstance(population, PerParent | PerPeriod):
        yield ModelProblem(place, "position counts within a parent, and the rows have none")
    if isinstance(generator, PeriodStart) and not isinstance(population, PerPeriod):
        yield ModelProblem(place, "period_start needs rows by period")
    if isinstance(generator, StateName | EnteredAt | LeftAt) and not (
        isinstance(population, PerParent) and population.history
    ):
        yield ModelProblem(place, f"{generator.kind} needs rows by `states` or `milestones`")
    if isinstance(generator, Arrival) and not isinstance(population, Scaled):
        yield ModelProblem(
            place, "arrival needs independent rows (share); use `after` for rows that follow from others"
        )
    if isinstance(generator, Category):
        if len(generator.values) != len(generator.weights):
            yield ModelProblem(place, f"{len(generator.weights)} weights for {len(generator.values)} values")
        yield from _by_problems(generator.by, generator.weights_by, own, table, by_name, place)
    if isinstance(generator, Flag):
        yield from _by_problems(generator.by, generator.rate_by, own, table, by_name, place)
    if isinstance(generator, Price | After):
        yield from _by_problems(generator.by, generator.median_by, own, table, by_name, place)
    if isinstance(generator, Text):
        yield from _by_problems(generator.by, generator.templates_by, own, table, by_name, place)
    if isinstance(generator, Reference):
        yield from _reference_problems(generator, table, own, by_name, place)
    if isinstance(generator, Lookup):
        yield from _lookup_problems(generator, table, by_name, place)
    if isinstance(generator, RollUp):
        yield from _rollup_problems(generator, table, by_name, place)


def _by_problems(
    by: str | None,
    cases: Mapping[str, object],
    own: dict[str, Column],
    table: Table,
    by_name: Mapping[str, Table],
    place: tuple[str, ...],
) -> Iterator[ModelProblem]:
    """Cases for values that the other column never takes would silently do nothing."""
    if cases and by is None:
        yield ModelProblem(place, "has cases by value, but no 'by': the column whose value decides")
    if by is None or by not in own:
        return
    values = _values_of(own[by], table, by_name)
    if values is not None:
        for case in cases:
            if case not in values:
                yield ModelProblem(place, f"'{case}' is never a value of {by}; {suggestion(case, sorted(values))}")


def _values_of(column: Column, table: Table, by_name: Mapping[str, Table]) -> set[str] | None:
    """The values a column takes, where they are written out, here or where it looks them up."""
    generator = column.generator
    if isinstance(generator, Category):
        return {str(value) for value in generator.values}
    population = table.population
    if isinstance(generator, StateName) and isinstance(population, PerParent) and population.history is not None:
        history = population.history
        return set(history.states if isinstance(history, StateSequence) else history.moments)
    if isinstance(generator, FromRecord) and isinstance(table.population, Records):
        return {str(row.get(column.name)) for row in table.population.rows}
    if isinstance(generator, Lookup):
        key = next((key for key in table.foreign_keys if key.columns == [generator.through]), None)
        target = by_name.get(generator.history or key.references_table) if key else None
        looked_up = (
            next((other for other in target.columns if other.name == generator.column), None) if target else None
        )
        return _values_of(looked_up, target, by_name) if target and looked_up else None
    return None


def _reference_problems(
    generator: Reference, table: Table, own: dict[str, Column], by_name: dict[str, Table], place: tuple[str, ...]
) -> Iterator[ModelProblem]:
    target = by_name.get(generator.table)
    if target is None:
        yield ModelProblem(
            place, f"refers to '{generator.table}', which is not a table; {suggestion(generator.table, by_name)}"
        )
        return
    theirs = _names(target)
    for name in (generator.weight, generator.since, generator.until, *generator.match.values()):
        if name is not None and name not in theirs:
            yield ModelProblem(place, f"'{name}' is not a column of {target.name}; {suggestion(name, theirs)}")
    for name in generator.match:
        if name not in own:
            yield ModelProblem(place, f"match: '{name}' is not another column of {table.name}; {suggestion(name, own)}")
    if (generator.since is None and generator.until is None) != (generator.at is None):
        yield ModelProblem(
            place, "'at' (a column of this table) is given together with 'since' or 'until' (columns of the other)"
        )
    if generator.distinct_in_parent and not isinstance(table.population, PerParent):
        yield ModelProblem(place, "distinct_in_parent needs a table whose rows have a parent")


def _lookup_problems(
    generator: Lookup, table: Table, by_name: dict[str, Table], place: tuple[str, ...]
) -> Iterator[ModelProblem]:
    key = next((key for key in table.foreign_keys if key.columns == [generator.through]), None)
    if key is None:
        yield ModelProblem(place, f"looks through '{generator.through}', which is not a foreign key of {table.name}")
        return
    target = by_name.get(key.references_table)
    if generator.history is not None:
        target = by_name.get(generator.history)
        if target is None:
            yield ModelProblem(
                place, f"history: '{generator.history}' is not a table; {suggestion(generator.history, by_name)}"
            )
    if (generator.history is None) != (generator.at is None):
        yield ModelProblem(place, "'history' (a table) and 'at' (a column of this table) are given together")
    if target is not None and generator.column not in _names(target):
        yield ModelProblem(
            place,
            f"'{generator.column}' is not a column of {target.name}; {suggestion(generator.column, _names(target))}",
        )


def _rollup_problems(
    generator: RollUp, table: Table, by_name: dict[str, Table], place: tuple[str, ...]
) -> Iterator[ModelProblem]:
    child = by_name.get(generator.table)
    if (
        child is None
        or not isinstance(child.population, PerParent | PerPeriod)
        or child.population.parent != table.name
    ):
        children = [
            other.name
            for other in by_name.values()
            if isinstance(other.population, PerParent | PerPeriod) and other.population.parent == table.name
        ]
        yield ModelProblem(
            place,
            f"rolls up '{generator.table}', which is no child of {table.name}; {suggestion(generator.table, children)}",
        )
        return
    theirs = _names(child)
    if generator.function != "count" and generator.column is None:
        yield ModelProblem(place, f"{generator.function} needs a column of {child.name}")
    if generator.column is not None and generator.column not in theirs:
        yield ModelProblem(
            place, f"'{generator.column}' is not a column of {child.name}; {suggestion(generator.column, theirs)}"
        )
    if generator.where:
        yield from _expression_problems(generator.where, theirs, place, f"columns of {child.name}")


# --- effects -------------------------------------------------------------------------------------------------------


def _effect_problems(effect: Effect, index: int, by_name: dict[str, Table]) -> Iterator[ModelProblem]:
    place = ("insights", effect.insight_id, "effects")
    table = by_name.get(effect.table)
    if table is None:
        yield ModelProblem(
            place, f"effect {index}: '{effect.table}' is not a table; {suggestion(effect.table, by_name)}"
        )
        return
    columns = {column.name: column for column in table.columns}
    if effect.column not in columns:
        yield ModelProblem(
            place, f"'{effect.column}' is not a column of {table.name}; {suggestion(effect.column, columns)}"
        )
        return
    generator = columns[effect.column].generator
    if not isinstance(generator, CHANGEABLE):
        accepted = ", ".join(model.model_fields["kind"].default for model in CHANGEABLE)
        yield ModelProblem(
            place,
            f"{table.name}.{effect.column} is generated by '{generator.kind}', which no effect changes. "
            f"Accepted: {accepted}.",
        )
    if isinstance(generator, Category) and effect.value not in generator.values:
        yield ModelProblem(
            place,
            f"value {effect.value!r} is not among the values of {effect.column}; "
            f"{suggestion(str(effect.value), map(str, generator.values))}",
        )
    if effect.operation == "set" and not isinstance(generator, Flag | ParentKey):
        yield ModelProblem(
            place,
            "operation 'set' replaces a flag's rate or the share of parents with children; all else is multiplied",
        )
    measured = _measured_on(table, generator, by_name)
    if effect.time is not None and effect.time not in measured:
        yield ModelProblem(place, f"time: '{effect.time}' is not a column; {suggestion(effect.time, measured)}")
    if effect.from_days_ago is not None and effect.from_days_ago <= effect.to_days_ago:
        yield ModelProblem(
            place, f"from_days_ago ({effect.from_days_ago}) must lie before to_days_ago ({effect.to_days_ago})"
        )
    if effect.where:
        yield from _expression_problems(effect.where, measured, place, f"columns the change of {effect.column} can see")
    yield from _referenced_problems(effect, generator, by_name, place)


def _measured_on(table: Table, generator: Generator, by_name: Mapping[str, Table]) -> list[str]:
    """Columns that an effect's window and condition may name: the parent's, when it changes which rows there are."""
    population = table.population
    if isinstance(generator, ParentKey | StateName | LeftAt) and isinstance(population, PerParent | PerPeriod):
        parent = by_name.get(population.parent)
        entered = [] if isinstance(generator, ParentKey) else _entered_columns(table)
        return [*_names(parent), *entered] if parent else []
    return _names(table)


def _entered_columns(table: Table) -> list[str]:
    """Columns on which the window of a change of states is measured."""
    return [column.name for column in table.columns if isinstance(column.generator, EnteredAt)]


def _referenced_problems(
    effect: Effect, generator: Generator, by_name: Mapping[str, Table], place: tuple[str, ...]
) -> Iterator[ModelProblem]:
    if not isinstance(generator, Reference):
        if effect.value_column is not None or effect.referenced is not None:
            yield ModelProblem(place, "'value_column' and 'referenced' are for a column generated by 'reference'")
        return
    target = by_name.get(generator.table)
    if target is None:
        return
    if effect.value_column is None and effect.referenced is None:
        yield ModelProblem(place, f"which rows of {target.name}? Give 'value_column' and 'value', or 'referenced'")
    if effect.value_column is not None and effect.value_column not in _names(target):
        near = suggestion(effect.value_column, _names(target))
        yield ModelProblem(place, f"value_column: '{effect.value_column}' is not a column of {target.name}; {near}")
    if effect.referenced is not None:
        yield from _expression_problems(effect.referenced, _names(target), place, f"columns of {target.name}")


# --- expressions ---------------------------------------------------------------------------------------------------


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _expression_problems(
    expression: str, known: Iterable[str], place: tuple[str, ...], whose: str
) -> Iterator[ModelProblem]:
    known = list(known)
    try:
        names = columns_of(expression)
    except ExpressionError as failure:
        yield ModelProblem(place, f"'{expression}' is not a row expression: {failure}")
        return
    for name in names:
        if name not in known:
            yield ModelProblem(place, f"'{name}' is not among the {whose}; {suggestion(name, known)}")
