"""Is the model one that can be generated? Every problem is found before a row is, each with table, column and remedy."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import polars as pl
from upath import UPath

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.data_model import (
    Address,
    After,
    Arrival,
    Category,
    Column,
    DataModel,
    Effect,
    Expression,
    Flag,
    FromRecord,
    GoogleSqlType,
    Lookup,
    Number,
    ParentKey,
    PeriodStart,
    PerParent,
    PerPeriod,
    Person,
    Position,
    Price,
    Records,
    Reference,
    RollUp,
    Table,
    Text,
)
from provisioning_assets.planning.data_model import (
    Sequence as KeySequence,
)
from provisioning_assets.synthesis.block import WORKING_TYPES
from provisioning_assets.synthesis.expressions import ExpressionError, check_scalar, columns_of, evaluate
from provisioning_assets.synthesis.generation import empty_frame, estimated_bytes
from provisioning_assets.synthesis.grammar import GrammarError, check_grammar
from provisioning_assets.synthesis.lineage import CycleError, Lineage, circle_text
from provisioning_assets.synthesis.populations import most_children, root_rows

BANNED_PREFIXES = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier", "_change_")
"""Column names BigQuery refuses, in any case. Source: BigQuery, "Specifying a schema", column names."""

TIMES = ("DATE", "DATETIME")
NUMBERS = ("INT64", "FLOAT64", "NUMERIC")

ACCEPTED_TYPES: dict[type, tuple[GoogleSqlType, ...]] = {
    KeySequence: ("INT64", "STRING"),
    Position: ("INT64",),
    PeriodStart: TIMES,
    Flag: ("BOOL",),
    Number: NUMBERS,
    Price: ("NUMERIC", "FLOAT64", "INT64"),
    Person: ("STRING",),
    Text: ("STRING",),
    Arrival: TIMES,
    After: TIMES,
}
"""Generator -> types of column it can fill; others take what they are given."""

DISK_MARGIN = 2.2
"""Staged and earlier tables are there at the same time, with a little room."""


@dataclass(frozen=True)
class ModelFault:
    """One thing that is wrong, where, and what to do."""

    table: str
    column: str | None
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = self.table if self.column is None else f"{self.table}.{self.column}"
        return f"{place}: {self.problem} {self.remedy}"


def validate_model(model: DataModel, folder: UPath | Path | None = None) -> None:
    """Refuse a model that cannot be generated; with ``folder``, also one that the disk cannot hold.

    Raises:
        ProvisioningError: with every fault that was found, a line each.
    """
    faults = model_faults(model)
    if not faults and folder is not None:
        faults = list(_disk_faults(Lineage(model), folder))
    if faults:
        raise ProvisioningError(
            f"The data model cannot be generated ({len(faults)} faults):\n"
            + "\n".join(f"- {fault}" for fault in faults),
            "Mend each of them in the blueprint or the data model, then run again.",
        )


def model_faults(model: DataModel) -> list[ModelFault]:
    """Every fault of a model; empty when it can be generated."""
    faults = [*_name_faults(model)]
    lineage = Lineage(model)
    for table in model.tables:
        faults += _table_faults(lineage, table)
    if faults:
        return faults
    for table in model.tables:
        for column in table.columns:
            faults += _column_faults(lineage, table, column)
    for effect in model.effects:
        faults += _effect_faults(lineage, effect)
    if not faults:
        faults += _cycle_faults(lineage)
    if not faults:
        faults += _type_faults(lineage)
    return faults


# --- names, keys, populations --------------------------------------------------------------------------------------


def _name_faults(model: DataModel) -> Iterator[ModelFault]:
    seen: set[str] = set()
    for table in model.tables:
        if table.name.lower() in seen:
            yield ModelFault(table.name, None, "there are two tables of this name.", "Rename one.")
        seen.add(table.name.lower())
        columns: set[str] = set()
        for column in table.columns:
            if column.name.lower() in columns:
                yield ModelFault(
                    table.name,
                    column.name,
                    "the table has two columns of this name (case does not count).",
                    "Rename one.",
                )
            columns.add(column.name.lower())
            if column.name.lower().startswith(BANNED_PREFIXES):
                yield ModelFault(table.name, column.name, "BigQuery refuses this prefix.", "Rename the column.")


def _table_faults(lineage: Lineage, table: Table) -> Iterator[ModelFault]:
    names = {column.name for column in table.columns}
    population = table.population
    for name in table.primary_key:
        if name not in names:
            yield ModelFault(table.name, name, "the primary key is no column.", f"Name one of: {_listed(names)}.")
        elif lineage.columns[table.name, name].null_share or lineage.columns[table.name, name].internal:
            yield ModelFault(
                table.name, name, "a primary key is stored and never null.", "Drop null_share and internal."
            )
    if all(column.internal for column in table.columns):
        yield ModelFault(table.name, None, "no column is stored.", "Drop `internal` from at least one.")
    for label, name in (("event_time", table.event_time), ("amount", table.amount), ("entity", table.entity)):
        if name is not None and name not in names:
            yield ModelFault(table.name, name, f"its {label} is no column.", f"Name one of: {_listed(names)}.")
    if isinstance(population, Records) and not population.rows:
        yield ModelFault(table.name, None, "its records have no rows.", "Write at least one row.")
    if isinstance(population, PerParent | PerPeriod):
        if population.parent not in lineage.tables:
            yield ModelFault(
                table.name,
                None,
                f"its parent '{population.parent}' is no table.",
                f"Name one of: {_listed(lineage.tables)}.",
            )
            return
        try:
            lineage.ancestors(table.name)
        except CycleError as circle:
            yield ModelFault(table.name, None, f"it descends from itself ({circle}).", "Make one of them a root table.")
            return
        yield from _parent_faults(lineage, table)
    for key in table.foreign_keys:
        target = lineage.tables.get(key.references_table)
        if target is None:
            yield ModelFault(
                table.name,
                key.columns[0] if key.columns else None,
                f"it references '{key.references_table}', which is no table.",
                f"Name one of: {_listed(lineage.tables)}.",
            )
            continue
        theirs = {column.name for column in target.columns}
        for own, their in zip(key.columns, key.references_columns, strict=False):
            if own not in names or their not in theirs:
                yield ModelFault(
                    table.name,
                    own,
                    f"its foreign key to {target.name}.{their} names a column that is not there.",
                    "Mend the name.",
                )


def _parent_faults(lineage: Lineage, table: Table) -> Iterator[ModelFault]:
    population = table.population
    assert isinstance(population, PerParent | PerPeriod)
    parent = lineage.tables[population.parent]
    theirs = {column.name: column for column in parent.columns}
    if isinstance(population, PerPeriod):
        for name in (population.start, population.end):
            if name is not None and (name not in theirs or theirs[name].type not in TIMES):
                yield ModelFault(
                    table.name,
                    None,
                    f"'{name}' is no DATE or DATETIME column of {parent.name}.",
                    f"Name one of: {_listed(theirs)}.",
                )
        return
    weights = population.count.weights
    if not _weights_fit(weights):
        yield ModelFault(
            table.name, None, "its child counts have no usable weights.", "Give weights of which one is above 0."
        )
    if population.count.first + len(weights) - 1 < 1:
        yield ModelFault(
            table.name, None, "no parent could have a child.", "Let the counts begin at 1 or go on above 0."
        )
    if population.where is not None:
        yield from _expression_faults(table.name, None, "where", population.where, parent)


# --- columns -------------------------------------------------------------------------------------------------------


def _column_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator, place = column.generator, (table.name, column.name)
    accepted = ACCEPTED_TYPES.get(type(generator))
    if accepted is not None and column.type not in accepted:
        yield ModelFault(
            *place, f"a {generator.kind} cannot fill a {column.type} column.", f"Make it one of: {', '.join(accepted)}."
        )
    if isinstance(generator, KeySequence) and (generator.prefix is None) != (column.type == "INT64"):
        yield ModelFault(
            *place, "a sequence is INT64 without a prefix and STRING with one.", "Change the type or the prefix."
        )
    population = table.population
    if isinstance(generator, ParentKey | Position) and not isinstance(population, PerParent | PerPeriod):
        yield ModelFault(
            *place, f"{generator.kind} needs rows that have a parent.", "Make the table per_parent or per_period."
        )
    if isinstance(generator, PeriodStart) and not isinstance(population, PerPeriod):
        yield ModelFault(*place, "period_start needs rows by period.", "Make the table per_period.")
    if isinstance(generator, Arrival) and isinstance(population, PerParent | PerPeriod):
        yield ModelFault(
            *place, "rows that have a parent follow from it and do not arrive.", "Use `after` on the parent's time."
        )
    if isinstance(generator, FromRecord) and not isinstance(population, Records):
        yield ModelFault(*place, "it has no generator and the table no records.", "Give it a generator.")
    check = CHECKS.get(type(generator))
    if check is not None:
        yield from check(lineage, table, column)


def _by_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = column.generator
    assert isinstance(generator, Category | Flag | Price | After | Text)
    if generator.by is not None:
        yield from _own_faults(table, column, "by", [generator.by])


def _own_faults(
    table: Table, column: Column, field: str, names: Sequence[str | None], types: Sequence[str] | None = None
) -> Iterator[ModelFault]:
    own = {other.name: other for other in table.columns if other.name != column.name}
    for name in names:
        if name is None:
            continue
        if name not in own:
            yield ModelFault(
                table.name,
                column.name,
                f"its {field} '{name}' is no other column of {table.name}.",
                f"Name one of: {_listed(own)}.",
            )
        elif types is not None and own[name].type not in types:
            yield ModelFault(
                table.name, column.name, f"its {field} '{name}' is {own[name].type}.", f"Name a {' or '.join(types)}."
            )


def _category_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = column.generator
    assert isinstance(generator, Category)
    yield from _by_faults(lineage, table, column)
    for case, weights in [("", generator.weights), *generator.weights_by.items()]:
        label = f"the weights for '{case}'" if case else "the weights"
        if len(weights) != len(generator.values) or not _weights_fit(weights):
            yield ModelFault(
                table.name,
                column.name,
                f"{label} do not fit {len(generator.values)} values.",
                "Give one for each, not all 0.",
            )
    wanted = {"INT64": int, "BOOL": bool}.get(column.type)
    if column.type not in ("STRING", "INT64", "BOOL", "FLOAT64", "NUMERIC"):
        yield ModelFault(table.name, column.name, f"a category cannot fill {column.type}.", "Make it STRING or INT64.")
    elif wanted is not None and not all(type(value) is wanted for value in generator.values):
        yield ModelFault(
            table.name, column.name, f"its values are not all {column.type}.", "Change the values or the type."
        )
    elif column.type in ("FLOAT64", "NUMERIC") and not all(isinstance(value, int) for value in generator.values):
        yield ModelFault(table.name, column.name, "its values are not numbers.", "Change the values or the type.")


def _number_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = column.generator
    assert isinstance(generator, Number)
    if generator.times is not None:
        yield from _expression_faults(table.name, column.name, "times", generator.times, table)
    positive = {"lognormal": generator.a, "poisson": generator.a, "gamma": min(generator.a, generator.b)}
    if positive.get(generator.distribution, 1.0) <= 0 or (generator.b < 0 and generator.distribution != "uniform"):
        yield ModelFault(
            table.name, column.name, f"{generator.distribution} needs parameters above 0.", "Change a and b."
        )
    if generator.distribution == "uniform" and generator.b < generator.a:
        yield ModelFault(table.name, column.name, "its upper end b is below its lower end a.", "Exchange them.")
    yield from _bounds_faults(table, column, generator.minimum, generator.maximum)


def _bounds_faults(table: Table, column: Column, minimum: float | None, maximum: float | None) -> Iterator[ModelFault]:
    if minimum is not None and maximum is not None and minimum > maximum:
        yield ModelFault(
            table.name, column.name, f"its minimum {minimum} is above its maximum {maximum}.", "Exchange them."
        )


def _price_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = column.generator
    assert isinstance(generator, Price)
    yield from _by_faults(lineage, table, column)
    yield from _bounds_faults(table, column, generator.minimum, generator.maximum)
    if not generator.endings or not all(0 <= ending < 1 for ending in generator.endings):
        yield ModelFault(
            table.name, column.name, "price endings are fractions of a unit.", "Give at least one, from 0 to below 1."
        )
    if any(median <= 0 for median in generator.median_by.values()):
        yield ModelFault(table.name, column.name, "a median of its cases is not above 0.", "Change median_by.")


def _flag_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = column.generator
    assert isinstance(generator, Flag)
    yield from _by_faults(lineage, table, column)
    if not all(0 <= rate <= 1 for rate in generator.rate_by.values()):
        yield ModelFault(table.name, column.name, "a rate of its cases is not between 0 and 1.", "Change rate_by.")


def _after_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = column.generator
    assert isinstance(generator, After)
    yield from _by_faults(lineage, table, column)
    yield from _own_faults(table, column, "base", [generator.base], TIMES)
    yield from _bounds_faults(table, column, generator.minimum, generator.maximum)
    if generator.where is not None:
        yield from _expression_faults(table.name, column.name, "where", generator.where, table)
    if any(median <= 0 for median in generator.median_by.values()):
        yield ModelFault(table.name, column.name, "a median of its cases is not above 0.", "Change median_by.")
    if generator.hours is not None and not _weights_fit(generator.hours):
        yield ModelFault(table.name, column.name, "its hours are all 0.", "Give 24 weights, not all 0.")


def _arrival_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    del lineage
    generator = column.generator
    assert isinstance(generator, Arrival)
    for label, weights in (("months", generator.months), ("weekdays", generator.weekdays), ("hours", generator.hours)):
        if not _weights_fit(weights):
            yield ModelFault(
                table.name, column.name, f"its {label} are all 0 or negative.", "Give weights, one above 0."
            )
    if generator.growth_per_year <= -1 or generator.holidays < 0:
        yield ModelFault(
            table.name, column.name, "growth is above -1 and the holiday factor not negative.", "Change them."
        )


def _expression_column_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    del lineage
    assert isinstance(column.generator, Expression)
    yield from _expression_faults(table.name, column.name, "sql", column.generator.sql, table)


def _text_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = column.generator
    assert isinstance(generator, Text)
    yield from _by_faults(lineage, table, column)
    others = [other.name for other in table.columns if other.name != column.name]
    for templates in [generator.templates, *generator.templates_by.values()]:
        try:
            check_grammar(templates, generator.parts, others)
        except GrammarError as error:
            yield ModelFault(table.name, column.name, f"{error}.", "Add the part, or name a column of the table.")


def _person_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    del lineage
    assert isinstance(column.generator, Person)
    yield from _own_faults(table, column, "company", [column.generator.company], ["STRING"])


def _address_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    del lineage
    assert isinstance(column.generator, Address)
    wanted = "FLOAT64" if column.generator.part in ("latitude", "longitude") else "STRING"
    if column.type != wanted:
        yield ModelFault(table.name, column.name, f"a {column.generator.part} is {wanted}.", f"Make it {wanted}.")


def _reference_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator, place = column.generator, (table.name, column.name)
    assert isinstance(generator, Reference)
    target = lineage.tables.get(generator.table)
    if target is None:
        yield ModelFault(
            *place, f"it references '{generator.table}', which is no table.", f"Name one of: {_listed(lineage.tables)}."
        )
        return
    if lineage.root(target.name) == lineage.root(table.name):
        yield ModelFault(
            *place,
            f"{target.name} is generated together with {table.name}, so its rows cannot be drawn from.",
            "Use parent_key or a lookup for the own parents, or make one of the tables independent (scaled).",
        )
    if len(target.primary_key) != 1:
        yield ModelFault(
            *place, f"{target.name} has a key of {len(target.primary_key)} columns.", "Give it a key of one column."
        )
    elif lineage.columns[target.name, target.primary_key[0]].type != column.type:
        yield ModelFault(
            *place, f"its type is not that of {target.name}.{target.primary_key[0]}.", "Make both types the same."
        )
    theirs = {other.name: other for other in target.columns}
    for label, name, types in (
        ("weight", generator.weight, NUMBERS),
        ("since", generator.since, TIMES),
        ("until", generator.until, TIMES),
    ):
        if name is not None and (name not in theirs or theirs[name].type not in types):
            yield ModelFault(
                *place,
                f"its {label} '{name}' is no {' or '.join(types)} column of {target.name}.",
                f"Name one of: {_listed(theirs)}.",
            )
    yield from _own_faults(table, column, "at", [generator.at], TIMES)
    if (generator.since is not None or generator.until is not None) != (generator.at is not None):
        yield ModelFault(*place, "`since` or `until` and `at` are given together.", "Give both or none.")
    yield from _own_faults(table, column, "match", list(generator.match))
    for own, their in generator.match.items():
        if their not in theirs:
            yield ModelFault(
                *place, f"its match '{their}' is no column of {target.name}.", f"Name one of: {_listed(theirs)}."
            )
        elif (table.name, own) in lineage.columns and lineage.columns[table.name, own].type != theirs[their].type:
            yield ModelFault(
                *place, f"match compares {own} with {target.name}.{their} of another type.", "Make the types the same."
            )
    if generator.distinct_in_parent:
        yield from _distinct_faults(lineage, table, column, target)


def _distinct_faults(lineage: Lineage, table: Table, column: Column, target: Table) -> Iterator[ModelFault]:
    place = (table.name, column.name)
    if not isinstance(table.population, PerParent):
        yield ModelFault(
            *place, "distinct_in_parent needs a per_parent table.", "Drop it, or make the table per_parent."
        )
        return
    most = most_children(lineage, table.name)
    if lineage.parent(target.name) is None and root_rows(lineage, target.name) < most:
        yield ModelFault(
            *place,
            f"a parent has up to {most} rows, but {target.name} only {root_rows(lineage, target.name)} to choose from.",
            f"Give {target.name} more rows or the parent fewer children, or drop distinct_in_parent.",
        )


def _lookup_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator, place = column.generator, (table.name, column.name)
    assert isinstance(generator, Lookup)
    faults = list(_own_faults(table, column, "through", [generator.through]))
    if faults:
        yield from faults
        return
    try:
        other = lineage.target(table.name, generator.through)
    except RecursionError:
        other = None
    if other is None or other not in lineage.tables:
        yield ModelFault(
            *place,
            f"'{generator.through}' is no foreign key.",
            "Look through a reference, the parent_key, or a declared foreign key.",
        )
        return
    if (other, generator.column) not in lineage.columns:
        names = [theirs.name for theirs in lineage.tables[other].columns]
        yield ModelFault(*place, f"'{generator.column}' is no column of {other}.", f"Name one of: {_listed(names)}.")
    elif lineage.root(other) == lineage.root(table.name) and other not in lineage.ancestors(table.name):
        yield ModelFault(
            *place,
            f"{other} is of the same family but no ancestor of {table.name}.",
            "Look through the parent_key instead.",
        )


def _rollup_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator, place = column.generator, (table.name, column.name)
    assert isinstance(generator, RollUp)
    child = lineage.tables.get(generator.table)
    if child is None or lineage.parent(generator.table) != table.name:
        children = [name for name in lineage.tables if lineage.parent(name) == table.name]
        yield ModelFault(
            *place, f"'{generator.table}' is no child of {table.name}.", f"Name one of: {_listed(children)}."
        )
        return
    theirs = {other.name: other for other in child.columns}
    if generator.column is None:
        if generator.function != "count":
            yield ModelFault(*place, f"{generator.function} needs a column of {child.name}.", "Name it.")
    elif generator.column not in theirs:
        yield ModelFault(
            *place, f"'{generator.column}' is no column of {child.name}.", f"Name one of: {_listed(theirs)}."
        )
    else:
        allowed = {"sum": NUMBERS, "mean": NUMBERS, "min": (*NUMBERS, *TIMES), "max": (*NUMBERS, *TIMES)}
        kind = theirs[generator.column].type
        if kind not in allowed.get(generator.function, (kind,)):
            yield ModelFault(*place, f"{generator.function} of {kind} is not possible.", "Name a number or a time.")
    if generator.where is not None:
        yield from _expression_faults(*place, "where", generator.where, child)


CHECKS: dict[type, Callable[[Lineage, Table, Column], Iterator[ModelFault]]] = {
    Category: _category_faults,
    Flag: _flag_faults,
    Number: _number_faults,
    Price: _price_faults,
    After: _after_faults,
    Arrival: _arrival_faults,
    Expression: _expression_column_faults,
    Text: _text_faults,
    Person: _person_faults,
    Address: _address_faults,
    Reference: _reference_faults,
    Lookup: _lookup_faults,
    RollUp: _rollup_faults,
}


def _expression_faults(table: str, column: str | None, field: str, sql: str, over: Table) -> Iterator[ModelFault]:
    try:
        check_scalar(sql)
    except ExpressionError as error:
        yield ModelFault(
            table, column, f"its {field} `{sql}` cannot be evaluated: {error}.", "Write a scalar SQL expression."
        )
        return
    names = {other.name for other in over.columns if (over.name, other.name) != (table, column)}
    for name in columns_of(sql):
        if name not in names:
            yield ModelFault(
                table,
                column,
                f"its {field} reads '{name}', no column of {over.name}.",
                f"Name one of: {_listed(names)}.",
            )


# --- effects -------------------------------------------------------------------------------------------------------

EFFECTIVE = (Flag, Number, Price, After, Category, Reference, Arrival, ParentKey)


def _effect_faults(lineage: Lineage, effect: Effect) -> Iterator[ModelFault]:
    place = (effect.table, effect.column)
    column = lineage.columns.get(place)
    if column is None:
        yield ModelFault(
            *place, f"the effect of '{effect.insight_id}' changes a column that is not there.", "Mend the name."
        )
        return
    generator, table = column.generator, lineage.tables[effect.table]
    if not isinstance(generator, EFFECTIVE):
        yield ModelFault(
            *place,
            f"an effect cannot change a {generator.kind}.",
            "Change the flag, number, price, duration, category, reference, arrival or parent_key it depends on.",
        )
        return
    if not isfinite(effect.factor) or effect.factor < 0:
        yield ModelFault(*place, f"an effect's factor {effect.factor} is not 0 or more.", "Change the factor.")
    if effect.operation == "set" and not isinstance(generator, Flag | ParentKey):
        yield ModelFault(*place, f"`set` replaces a rate, and a {generator.kind} has none.", "Use `multiply`.")
    if effect.operation == "set" and effect.factor > 1:
        yield ModelFault(*place, f"a rate cannot be {effect.factor}.", "Set it between 0 and 1.")
    yield from _window_faults(lineage, effect, generator)
    owner = table
    if isinstance(generator, ParentKey):
        yield from _children_effect_faults(effect, table)
        owner = lineage.tables[lineage.parent(table.name) or table.name]
    if isinstance(generator, Arrival) and effect.where is not None:
        yield ModelFault(
            *place, "when rows arrive cannot depend on their values.", "Drop `where`, or change a reference instead."
        )
    elif effect.where is not None:
        yield from _expression_faults(effect.table, effect.column, "effect's where", effect.where, owner)
    if isinstance(generator, Category) and not any(str(value) == str(effect.value) for value in generator.values):
        yield ModelFault(
            *place,
            f"the effect's value '{effect.value}' is none of the category's.",
            f"Name one of: {_listed(map(str, generator.values))}.",
        )
    if isinstance(generator, Reference):
        yield from _referenced_faults(lineage, effect, generator)


def _window_faults(lineage: Lineage, effect: Effect, generator: object) -> Iterator[ModelFault]:
    place = (effect.table, effect.column)
    if effect.from_days_ago is None:
        return
    if effect.from_days_ago < effect.to_days_ago:
        yield ModelFault(*place, "the effect ends before it begins.", "from_days_ago is the larger number.")
    if isinstance(generator, Arrival):
        return
    time = lineage.effect_time(effect)
    owner = effect.table
    if isinstance(generator, ParentKey):
        owner = lineage.parent(effect.table) or effect.table
    found = lineage.columns.get((owner, time or ""))
    if found is None or found.type not in TIMES:
        yield ModelFault(
            *place,
            f"the effect's window has no time: '{time}' is no DATE or DATETIME column of {owner}.",
            "Name one in `time`.",
        )


def _children_effect_faults(effect: Effect, table: Table) -> Iterator[ModelFault]:
    population = table.population
    if not isinstance(population, PerParent):
        yield ModelFault(
            effect.table, effect.column, "how many periods there are cannot change.", "Change a value instead."
        )
    elif effect.operation == "multiply" and effect.factor > 1 and population.probability >= 1:
        yield ModelFault(
            effect.table,
            effect.column,
            "all parents have children already.",
            "Give the population a probability below 1.",
        )


def _referenced_faults(lineage: Lineage, effect: Effect, generator: Reference) -> Iterator[ModelFault]:
    place, target = (effect.table, effect.column), lineage.tables.get(generator.table)
    if target is None:
        return
    if effect.value_column is None and effect.referenced is None:
        yield ModelFault(
            *place, "the effect does not say which referenced rows.", "Give value_column and value, or `referenced`."
        )
    if effect.value_column is not None and (target.name, effect.value_column) not in lineage.columns:
        yield ModelFault(*place, f"'{effect.value_column}' is no column of {target.name}.", "Mend value_column.")
    if effect.referenced is not None:
        yield from _expression_faults(effect.table, effect.column, "effect's referenced", effect.referenced, target)


# --- order, types, size --------------------------------------------------------------------------------------------


def _cycle_faults(lineage: Lineage) -> Iterator[ModelFault]:
    try:
        order = lineage.family_order
    except CycleError as circle:
        yield ModelFault(
            circle.path[0], None, f"tables refer to each other: {circle_text(circle.path)}.", "Drop one reference."
        )
        return
    for root in order:
        try:
            lineage.column_order(root)
        except CycleError as circle:
            table, _, column = circle.path[0].partition(".")
            yield ModelFault(
                table,
                column,
                f"columns wait for each other: {circle_text(circle.path)}.",
                "Let one of them not depend on the next.",
            )


def _type_faults(lineage: Lineage) -> Iterator[ModelFault]:
    """Evaluate every expression on a table without rows: polars knows the types."""
    for table in lineage.model.tables:
        for column in table.columns:
            generator = column.generator
            if isinstance(generator, Expression):
                yield from _result_faults(lineage, table.name, column.name, generator.sql, table.name, column.type)
            where = getattr(generator, "where", None)
            if where is not None:
                over = generator.table if isinstance(generator, RollUp) else table.name
                yield from _result_faults(lineage, table.name, column.name, where, over, "BOOL")
            if isinstance(generator, Number) and generator.times is not None:
                yield from _result_faults(lineage, table.name, column.name, generator.times, table.name, "FLOAT64")
            if isinstance(generator, FromRecord):
                yield from _record_faults(table, column)
            if isinstance(generator, Lookup):
                yield from _looked_up_faults(lineage, table, column)
        if isinstance(table.population, PerParent) and table.population.where is not None:
            yield from _result_faults(
                lineage, table.name, None, table.population.where, table.population.parent, "BOOL"
            )
    for effect in lineage.model.effects:
        if effect.where is not None:
            key = isinstance(lineage.columns[effect.table, effect.column].generator, ParentKey)
            over = (lineage.parent(effect.table) if key else None) or effect.table
            yield from _result_faults(lineage, effect.table, effect.column, effect.where, over, "BOOL")


def _result_faults(
    lineage: Lineage, table: str, column: str | None, sql: str, over: str, kind: GoogleSqlType
) -> Iterator[ModelFault]:
    try:
        result = evaluate(sql, empty_frame(lineage, over)).dtype
    except ExpressionError as error:
        yield ModelFault(table, column, f"`{sql}` cannot be evaluated: {error}.", "Mend its types; cast where needed.")
        return
    wanted = WORKING_TYPES[kind]
    fits = (
        result == wanted
        or result == pl.Null
        or (result.is_numeric() and wanted.is_numeric())
        or (result.is_temporal() and wanted.is_temporal())
        or (wanted == pl.String and result.is_integer())
    )
    if not fits:
        yield ModelFault(
            table, column, f"`{sql}` gives {result}, where {kind} is needed.", "Change the expression or the type."
        )


def _record_faults(table: Table, column: Column) -> Iterator[ModelFault]:
    assert isinstance(table.population, Records)
    values = [row.get(column.name) for row in table.population.rows]
    known = [value for value in values if value is not None]
    try:
        if column.type in TIMES:
            series = pl.Series(known, dtype=pl.String)
            _ = series.str.to_date() if column.type == "DATE" else series.str.to_datetime(time_unit="us")
        elif column.type != "STRING":
            _ = pl.Series(known, dtype=WORKING_TYPES[column.type], strict=True)
    except (TypeError, pl.exceptions.PolarsError) as error:
        yield ModelFault(
            table.name,
            column.name,
            f"a record's value is no {column.type}: {str(error).splitlines()[0]}.",
            "Mend the records.",
        )
    if not known:
        yield ModelFault(table.name, column.name, "no record has a value for it.", "Give it a generator or values.")
    if column.name in table.primary_key and (
        len(known) < len(values) or (len(table.primary_key) == 1 and len(set(known)) < len(known))
    ):
        yield ModelFault(table.name, column.name, "the records' keys are not one each.", "Mend the records.")


def _looked_up_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    assert isinstance(column.generator, Lookup)
    other = lineage.target(table.name, column.generator.through)
    source = lineage.columns[other or "", column.generator.column]
    numbers = source.type in NUMBERS and column.type in NUMBERS
    times = source.type in TIMES and column.type in TIMES
    if source.type != column.type and not numbers and not times:
        yield ModelFault(
            table.name,
            column.name,
            f"it is {column.type}, but {other}.{source.name} is {source.type}.",
            "Make both types the same.",
        )


def _disk_faults(lineage: Lineage, folder: UPath | Path) -> Iterator[ModelFault]:
    if isinstance(folder, UPath) and folder.protocol not in ("", "file", "local"):
        return
    place = Path(str(folder))
    while not place.exists():
        place = place.parent
    free, needed = shutil.disk_usage(place).free, round(estimated_bytes(lineage) * DISK_MARGIN)
    if needed > free:
        largest = max(lineage.model.tables, key=lambda table: root_rows(lineage, lineage.root(table.name)))
        yield ModelFault(
            largest.name,
            None,
            f"about {needed / 1e9:.1f} GB are needed to generate it, and {free / 1e9:.1f} GB are free in {place}.",
            "Choose a smaller --size, or free space.",
        )


def _weights_fit(weights: Sequence[float]) -> bool:
    return all(isfinite(weight) and weight >= 0 for weight in weights) and sum(weights) > 0


def _listed(names: object) -> str:
    return ", ".join(sorted(map(str, names))) or "none"  # pyright: ignore[reportArgumentType, reportCallIssue]
