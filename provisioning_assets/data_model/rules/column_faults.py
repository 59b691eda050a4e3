"""Can each column's generator be executed as it is written?"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import polars as pl

from provisioning_assets.data_model.amounts import minor_digits, price_step
from provisioning_assets.data_model.generators import (
    Address,
    After,
    Arrival,
    Category,
    EnteredAt,
    Expression,
    Flag,
    FromRecord,
    LeftAt,
    Lookup,
    Number,
    ParentKey,
    PeriodStart,
    Person,
    Position,
    Price,
    Reference,
    RollUp,
    StateName,
    Text,
    Walk,
)
from provisioning_assets.data_model.generators import Sequence as KeySequence
from provisioning_assets.data_model.lineage import Lineage, generator_as
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.populations import PerParent, PerPeriod, Records
from provisioning_assets.data_model.row_counts import most_children, root_rows
from provisioning_assets.data_model.rules.faults import (
    NUMBERS,
    TIMES,
    ModelFault,
    expression_faults,
    listed,
    weights_fit,
)
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.data_model.text_grammar import GrammarError, check_grammar
from provisioning_assets.data_model.working_types import WORKING_TYPES

ACCEPTED_TYPES: dict[type, tuple[GoogleSqlType, ...]] = {
    KeySequence: ("INT64", "STRING"),
    Position: ("INT64",),
    PeriodStart: TIMES,
    StateName: ("STRING",),
    EnteredAt: TIMES,
    LeftAt: TIMES,
    Walk: NUMBERS,
    Flag: ("BOOL",),
    Number: NUMBERS,
    Price: ("NUMERIC", "FLOAT64", "INT64"),
    Person: ("STRING",),
    Text: ("STRING",),
    Arrival: TIMES,
    After: TIMES,
}
"""Generator -> types of column it can fill; others take what they are given."""

ROUNDING = 1e-9
"""Bounds and endings are decimals, and not all of them are binary numbers."""

NORMAL = ("lognormal", "normal")
"""Distributions whose draws are normal scores, so that two of them can be correlated."""


def column_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    """Faults of one column's generator; the tables, keys and parents of the model are sound."""
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
    if isinstance(generator, StateName | EnteredAt | LeftAt) and lineage.history_of(table.name) is None:
        yield ModelFault(
            *place,
            f"{generator.kind} needs a table whose rows are states of their parent.",
            "Give the population a history of states or milestones.",
        )
    if isinstance(generator, PeriodStart) and not isinstance(population, PerPeriod):
        yield ModelFault(*place, "period_start needs rows by period.", "Make the table per_period.")
    if isinstance(generator, Arrival) and isinstance(population, PerParent | PerPeriod):
        yield ModelFault(
            *place, "rows that have a parent follow from it and do not arrive.", "Use `after` on the parent's time."
        )
    if isinstance(generator, StateName | EnteredAt | LeftAt) and column.null_share > 0:
        yield ModelFault(*place, f"a {generator.kind} with missing values tells no history.", "Drop null_share.")
    for name, value in _numbers_within(generator.model_dump()):
        if not math.isfinite(value):
            yield ModelFault(*place, f"its {name} is {value}, no number.", "Write a number.")
            return
    check = CHECKS.get(type(generator))
    if check is not None:
        yield from check(lineage, table, column)


def _numbers_within(given: object, name: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a generator's settings with the name of its field."""
    if isinstance(given, Mapping):
        for key, value in given.items():
            yield from _numbers_within(value, name or str(key))
    elif isinstance(given, list):
        for value in given:
            yield from _numbers_within(value, name)
    elif isinstance(given, float):
        yield name, given


def _by_faults(table: Table, column: Column, by: str | None) -> Iterator[ModelFault]:
    if by is not None:
        yield from _own_faults(table, column, "by", [by])


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
                f"Name one of: {listed(own)}.",
            )
        elif types is not None and own[name].type not in types:
            yield ModelFault(
                table.name, column.name, f"its {field} '{name}' is {own[name].type}.", f"Name a {' or '.join(types)}."
            )


def _category_faults(_lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = generator_as(column, Category)
    yield from _by_faults(table, column, generator.by)
    for case, weights in [("", generator.weights), *generator.weights_by.items()]:
        label = f"the weights for '{case}'" if case else "the weights"
        if len(weights) != len(generator.values) or not weights_fit(weights):
            yield ModelFault(
                table.name,
                column.name,
                f"{label} do not fit {len(generator.values)} values.",
                "Give one for each, not all 0.",
            )
    texts = [str(value) for value in generator.values]
    if len(set(texts)) < len(texts):
        twice = {text for text in texts if texts.count(text) > 1}
        yield ModelFault(table.name, column.name, f"it has {listed(twice)} twice.", "Write each value once.")
    wanted = {"INT64": int, "BOOL": bool}.get(column.type)
    if column.type not in ("STRING", "INT64", "BOOL", "FLOAT64", "NUMERIC"):
        yield ModelFault(table.name, column.name, f"a category cannot fill {column.type}.", "Make it STRING or INT64.")
    elif wanted is not None and not all(type(value) is wanted for value in generator.values):
        yield ModelFault(
            table.name, column.name, f"its values are not all {column.type}.", "Change the values or the type."
        )
    elif column.type in ("FLOAT64", "NUMERIC") and not all(isinstance(value, int) for value in generator.values):
        yield ModelFault(table.name, column.name, "its values are not numbers.", "Change the values or the type.")


def _number_faults(_lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = generator_as(column, Number)
    if generator.times is not None:
        yield from expression_faults(table.name, column.name, "times", generator.times, table)
    positive = {"lognormal": generator.a, "poisson": generator.a, "gamma": min(generator.a, generator.b)}
    if positive.get(generator.distribution, 1.0) <= 0 or (generator.b < 0 and generator.distribution != "uniform"):
        yield ModelFault(
            table.name, column.name, f"{generator.distribution} needs parameters above 0.", "Change a and b."
        )
    if generator.distribution == "uniform" and generator.b < generator.a:
        yield ModelFault(table.name, column.name, "its upper end b is below its lower end a.", "Exchange them.")
    yield from _bounds_faults(table, column, generator.minimum, generator.maximum)
    if generator.correlation is not None:
        yield from _correlation_faults(table, column, generator, generator.correlation.column)


def _correlation_faults(table: Table, column: Column, generator: Number, name: str) -> Iterator[ModelFault]:
    numbers = {
        other.name
        for other in table.columns
        if other.name != column.name and isinstance(other.generator, Number) and other.generator.distribution in NORMAL
    }
    if generator.distribution not in NORMAL:
        yield ModelFault(
            table.name,
            column.name,
            f"a {generator.distribution} number has no declared correlation.",
            f"Make it one of: {', '.join(NORMAL)}.",
        )
    if name not in numbers:
        yield ModelFault(
            table.name,
            column.name,
            f"it goes with '{name}', which is no other {' or '.join(NORMAL)} number of {table.name}.",
            f"Name one of: {listed(numbers)}.",
        )


def _walk_faults(_lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = generator_as(column, Walk)
    yield from _own_faults(table, column, "base", [generator.base], NUMBERS)
    if not isinstance(table.population, PerParent | PerPeriod):
        yield ModelFault(
            table.name, column.name, "a walk goes from row to row of a parent.", "Make the table per_parent."
        )


def _bounds_faults(table: Table, column: Column, minimum: float | None, maximum: float | None) -> Iterator[ModelFault]:
    if minimum is not None and maximum is not None and minimum > maximum:
        yield ModelFault(
            table.name, column.name, f"its minimum {minimum} is above its maximum {maximum}.", "Exchange them."
        )


def _price_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = generator_as(column, Price)
    yield from _by_faults(table, column, generator.by)
    yield from _bounds_faults(table, column, generator.minimum, generator.maximum)
    if not generator.endings or not all(0 <= ending < 1 for ending in generator.endings):
        yield ModelFault(
            table.name, column.name, "price endings are fractions of a unit.", "Give at least one, from 0 to below 1."
        )
    elif generator.minimum <= generator.maximum and not _an_ending_fits(lineage, generator):
        yield ModelFault(
            table.name,
            column.name,
            f"no price from {generator.minimum} to {generator.maximum} ends in {listed(map(str, generator.endings))}.",
            "Widen the range, or give an ending that lies in it.",
        )
    if any(median <= 0 for median in generator.median_by.values()):
        yield ModelFault(table.name, column.name, "a median of its cases is not above 0.", "Change median_by.")


def _an_ending_fits(lineage: Lineage, generator: Price) -> bool:
    step = price_step(generator.median, minor_digits(lineage.model.currency))
    lowest = [math.ceil(generator.minimum / step - ending - ROUNDING) + ending for ending in generator.endings]
    return min(lowest) * step <= generator.maximum + ROUNDING


def _flag_faults(_lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = generator_as(column, Flag)
    yield from _by_faults(table, column, generator.by)
    if not all(0 <= rate <= 1 for rate in generator.rate_by.values()):
        yield ModelFault(table.name, column.name, "a rate of its cases is not between 0 and 1.", "Change rate_by.")


def _after_faults(_lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = generator_as(column, After)
    yield from _by_faults(table, column, generator.by)
    yield from _own_faults(table, column, "base", [generator.base], TIMES)
    yield from _bounds_faults(table, column, generator.minimum, generator.maximum)
    if generator.where is not None:
        yield from expression_faults(table.name, column.name, "where", generator.where, table)
    if any(median <= 0 for median in generator.median_by.values()):
        yield ModelFault(table.name, column.name, "a median of its cases is not above 0.", "Change median_by.")
    if generator.hours is not None and not weights_fit(generator.hours):
        yield ModelFault(table.name, column.name, "its hours are all 0 or too large.", "Give 24 weights, not all 0.")
    if generator.weekdays is not None and not weights_fit(generator.weekdays):
        yield ModelFault(
            table.name, column.name, "its weekdays are all 0 or negative.", "Give 7 weights, Monday first, one above 0."
        )


def _arrival_faults(_lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = generator_as(column, Arrival)
    for label, weights in (("months", generator.months), ("weekdays", generator.weekdays), ("hours", generator.hours)):
        if not weights_fit(weights):
            yield ModelFault(
                table.name, column.name, f"its {label} are all 0 or negative.", "Give weights, one above 0."
            )
    if generator.growth_per_year <= -1 or generator.holidays < 0:
        yield ModelFault(
            table.name, column.name, "growth is above -1 and the holiday factor not negative.", "Change them."
        )


def _expression_column_faults(_lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    yield from expression_faults(table.name, column.name, "sql", generator_as(column, Expression).sql, table)


def _text_faults(_lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = generator_as(column, Text)
    yield from _by_faults(table, column, generator.by)
    others = [other.name for other in table.columns if other.name != column.name]
    for templates in [generator.templates, *generator.templates_by.values()]:
        try:
            check_grammar(templates, generator.parts, others)
        except GrammarError as error:
            yield ModelFault(table.name, column.name, f"{error}.", "Add the part, or name a column of the table.")


def _person_faults(_lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    yield from _own_faults(table, column, "company", [generator_as(column, Person).company], ["STRING"])


def _address_faults(_lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    part = generator_as(column, Address).part
    wanted = "FLOAT64" if part in ("latitude", "longitude") else "STRING"
    if column.type != wanted:
        yield ModelFault(table.name, column.name, f"a {part} is {wanted}.", f"Make it {wanted}.")


def _reference_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator, place = generator_as(column, Reference), (table.name, column.name)
    target = lineage.tables.get(generator.table)
    if target is None:
        yield ModelFault(
            *place, f"it references '{generator.table}', which is no table.", f"Name one of: {listed(lineage.tables)}."
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
                f"Name one of: {listed(theirs)}.",
            )
    yield from _own_faults(table, column, "at", [generator.at], TIMES)
    if (generator.since is not None or generator.until is not None) != (generator.at is not None):
        yield ModelFault(*place, "`since` or `until` and `at` are given together.", "Give both or none.")
    yield from _own_faults(table, column, "match", list(generator.match))
    for own, their in generator.match.items():
        if their not in theirs:
            yield ModelFault(
                *place, f"its match '{their}' is no column of {target.name}.", f"Name one of: {listed(theirs)}."
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
    generator, place = generator_as(column, Lookup), (table.name, column.name)
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
    if generator.history is not None or generator.at is not None:
        yield from _valid_at_faults(lineage, table, column, generator, other)
        return
    if (other, generator.column) not in lineage.columns:
        names = [theirs.name for theirs in lineage.tables[other].columns]
        yield ModelFault(*place, f"'{generator.column}' is no column of {other}.", f"Name one of: {listed(names)}.")
    elif lineage.root(other) == lineage.root(table.name) and other not in lineage.ancestors(table.name):
        yield ModelFault(
            *place,
            f"{other} is of the same family but no ancestor of {table.name}.",
            "Look through the parent_key instead.",
        )


def _valid_at_faults(
    lineage: Lineage, table: Table, column: Column, generator: Lookup, other: str
) -> Iterator[ModelFault]:
    """Faults of a lookup of what was valid at a moment; ``other`` is the table that its foreign key points to."""
    place = (table.name, column.name)
    if generator.history is None or generator.at is None:
        yield ModelFault(*place, "`history` and `at` are given together.", "Give both or none.")
        return
    yield from _own_faults(table, column, "at", [generator.at], TIMES)
    histories = [
        name for name in lineage.tables if lineage.parent(name) == other and lineage.history_of(name) is not None
    ]
    if generator.history not in histories:
        yield ModelFault(
            *place, f"'{generator.history}' is no history of {other}.", f"Name one of: {listed(histories)}."
        )
        return
    theirs = lineage.tables[generator.history].columns
    kinds = {type(their.generator) for their in theirs}
    if not {ParentKey, EnteredAt} <= kinds:
        yield ModelFault(
            *place,
            f"{generator.history} does not say whose its rows are and since when.",
            "Give it a parent_key and an entered_at.",
        )
    if generator.column not in [their.name for their in theirs]:
        yield ModelFault(
            *place,
            f"'{generator.column}' is no column of {generator.history}.",
            f"Name one of: {listed(their.name for their in theirs)}.",
        )


def _rollup_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator, place = generator_as(column, RollUp), (table.name, column.name)
    child = lineage.tables.get(generator.table)
    if child is None or lineage.parent(generator.table) != table.name:
        children = [name for name in lineage.tables if lineage.parent(name) == table.name]
        yield ModelFault(
            *place, f"'{generator.table}' is no child of {table.name}.", f"Name one of: {listed(children)}."
        )
        return
    theirs = {other.name: other for other in child.columns}
    if generator.column is None:
        if generator.function != "count":
            yield ModelFault(*place, f"{generator.function} needs a column of {child.name}.", "Name it.")
    elif generator.column not in theirs:
        yield ModelFault(
            *place, f"'{generator.column}' is no column of {child.name}.", f"Name one of: {listed(theirs)}."
        )
    else:
        allowed = {"sum": NUMBERS, "mean": NUMBERS, "min": (*NUMBERS, *TIMES), "max": (*NUMBERS, *TIMES)}
        kind = theirs[generator.column].type
        if kind not in allowed.get(generator.function, (kind,)):
            yield ModelFault(*place, f"{generator.function} of {kind} is not possible.", "Name a number or a time.")
    if generator.where is not None:
        yield from expression_faults(*place, "where", generator.where, child)


def _record_faults(_lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    if not isinstance(table.population, Records):
        yield ModelFault(
            table.name, column.name, "it has no generator and the table no records.", "Give it a generator."
        )
        return
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


CHECKS: dict[type, Callable[[Lineage, Table, Column], Iterator[ModelFault]]] = {
    FromRecord: _record_faults,
    Category: _category_faults,
    Flag: _flag_faults,
    Number: _number_faults,
    Walk: _walk_faults,
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
