"""Checks that each effect can be applied to the generator of its column."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import isfinite

from provisioning_assets.data_model.case_numbers import numbers_of
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generator_words import WORDS, words_of
from provisioning_assets.data_model.generators import (
    After,
    Arrival,
    Before,
    Category,
    EnteredAt,
    Flag,
    Generator,
    LeftAt,
    Number,
    ParentKey,
    Price,
    Reference,
    Renewal,
    StateName,
    Walk,
)
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.names import GoogleSqlType, Scalar
from provisioning_assets.data_model.populations import PerParent, StateSequence
from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.data_model.rules.checked_column import NUMBERS, TIMES, column_problems, columns_by_name, listed
from provisioning_assets.data_model.rules.during import effect_during_problems
from provisioning_assets.data_model.rules.expressions import expression_problems
from provisioning_assets.data_model.rules.renewals import renewal_effect_problems
from provisioning_assets.data_model.tables import Column, Table

CHANGEABLE = (
    Flag, Number, Walk, Price, After, Before, Renewal, Category, Reference, Arrival, ParentKey, StateName, LeftAt,
)  # fmt: skip
"""Generators whose values an effect can change."""


def placed_effects(effects: Sequence[Effect]) -> Iterator[tuple[Place, Effect]]:
    """Yield each effect with its place, which has the insight and the number of the effect within the insight, from 0."""
    before: Counter[str] = Counter()
    for effect in effects:
        yield ("insights", effect.insight_id, "effects", before[effect.insight_id]), effect
        before[effect.insight_id] += 1


def effect_problems(lineage: Lineage, place: Place, effect: Effect) -> Iterator[Problem]:
    """Report problems of the effect at ``place``, except those that depend on the values of columns."""
    yield from _factor_problems(place, effect)
    yield from _window_problems(lineage, place, effect)
    table = lineage.tables.get(effect.table)
    if table is None:
        yield Problem((*place, "column"), f"'{effect.table}' is not a table.", suggestion(effect.table, lineage.tables))
        return
    columns = columns_by_name(table)
    if effect.column not in columns:
        yield from column_problems((*place, "column"), effect.column, columns, f"a column of {table.name}")
        return
    generator = columns[effect.column].generator
    if not isinstance(generator, CHANGEABLE):
        changeable = [WORDS[kind.model_fields["kind"].default] for kind in CHANGEABLE]
        yield Problem(
            (*place, "column"),
            f"{table.name}.{effect.column} has {words_of(generator)}, which an effect cannot change.",
            f"Change a column that it depends on, and that has {listed(changeable, 'or')}.",
        )
        return
    yield from _operation_problems(place, effect, generator)
    yield from _time_problems(lineage, place, effect, generator)
    yield from _where_problems(lineage, place, effect, generator)
    match generator:
        case Category():
            yield from _category_problems(place, effect, generator)
        case Flag():
            yield from _rate_problems(place, effect, [generator.rate, *generator.rate_by.values()])
        case ParentKey():
            yield from _children_problems(place, effect, table)
        case StateName() | LeftAt():
            yield from _state_problems(lineage, place, effect, generator)
        case Reference():
            yield from _referenced_problems(lineage, place, effect, generator)
        case Renewal():
            yield from renewal_effect_problems(lineage, place, effect, generator)
        case _:
            pass
    yield from effect_during_problems(lineage, place, effect)
    if not isinstance(generator, Reference):
        for field in ("value_column", "referenced"):
            if getattr(effect, field) is not None:
                yield Problem(
                    (*place, field),
                    f"`{field}` selects referenced rows, but {effect.column} has {words_of(generator)}.",
                    f"Drop `{field}`, or change a column that has references.",
                )


def _factor_problems(place: Place, effect: Effect) -> Iterator[Problem]:
    if not isfinite(effect.factor) or effect.factor < 0:
        yield Problem((*place, "factor"), f"The factor {effect.factor} is negative or not finite.", "Give 0 or more.")
    elif effect.operation == "set" and effect.factor > 1:
        yield Problem((*place, "factor"), f"A rate cannot be set to {effect.factor}.", "Give a number from 0 to 1.")


def _window_problems(lineage: Lineage, place: Place, effect: Effect) -> Iterator[Problem]:
    first, last, days = effect.from_days_ago, effect.to_days_ago, lineage.model.history_days
    if first is not None and first < last:
        yield Problem(
            (*place, "from_days_ago"),
            f"The effect begins {first} days ago and ends {last} days ago, which is earlier.",
            "Exchange them: from_days_ago is the larger number.",
        )
    elif first is not None and not 0 <= last < days:
        yield Problem(
            (*place, "to_days_ago"),
            f"The effect ends {last} days ago, outside the history of {days} days.",
            f"Give a number from 0 to {days - 1}.",
        )


def _operation_problems(place: Place, effect: Effect, generator: Generator) -> Iterator[Problem]:
    if effect.operation == "set" and not isinstance(generator, Flag | ParentKey):
        yield Problem(
            (*place, "operation"),
            f"`set` replaces the rate of a flag, or the share of parents that have rows here; {effect.column} has "
            f"{words_of(generator)}.",
            "Use `multiply`.",
        )


def _time_problems(lineage: Lineage, place: Place, effect: Effect, generator: Generator) -> Iterator[Problem]:
    """Report problems of the column that is compared with the effect's window."""
    at = (*place, "time")
    if isinstance(generator, Arrival) and effect.factor == 0 and _spans_the_history(lineage, effect):
        yield Problem(
            (*place, "factor"), f"No row of {effect.table} would arrive.", "Give a factor above 0, or a window."
        )
    if isinstance(generator, Arrival | Renewal) or (effect.from_days_ago is None and effect.time is None):
        return
    time, own = lineage.effect_time(effect), lineage.tables[effect.table]
    if isinstance(generator, StateName | LeftAt):
        entered = [column.name for column in own.columns if isinstance(column.generator, EnteredAt)]
        if time not in entered:
            yield Problem(
                at,
                "The window of a change of states is measured on the moment at which a state began"
                + (f", not on '{time}'." if time else "."),
                f"Name an `entered_at` column in `time`, or as event_time of {own.name}: {listed(entered) or 'there is none'}.",
            )
        return
    owner = lineage.tables.get(lineage.condition_table(effect))
    if owner is None:
        return
    columns = columns_by_name(owner)
    if time is None:
        times = [column.name for column in owner.columns if column.type in TIMES]
        yield Problem(
            at,
            f"The effect does not say on which column of {owner.name} its window is measured.",
            f"Name one in `time`: {listed(times) or 'there is none'}.",
        )
    else:
        yield from column_problems(at, time, columns, f"a column of {owner.name}", TIMES)


def _spans_the_history(lineage: Lineage, effect: Effect) -> bool:
    oldest = lineage.model.history_days - 1
    return effect.to_days_ago <= 0 and (effect.from_days_ago is None or effect.from_days_ago >= oldest)


def _where_problems(lineage: Lineage, place: Place, effect: Effect, generator: Generator) -> Iterator[Problem]:
    if effect.where is None:
        return
    if isinstance(generator, Arrival):
        yield Problem(
            (*place, "where"),
            "The arrival of a row cannot depend on its values, because they are drawn later.",
            "Drop `where`, or change a reference instead.",
        )
        return
    owner = lineage.tables.get(lineage.condition_table(effect))
    if owner is not None:
        columns = columns_by_name(owner)
        if owner.name == effect.table:
            del columns[effect.column]
        whose = f"another column of {owner.name}" if owner.name == effect.table else f"a column of {owner.name}"
        yield from expression_problems((*place, "where"), effect.where, columns, whose)


def _category_problems(place: Place, effect: Effect, generator: Category) -> Iterator[Problem]:
    values = [str(value) for value in generator.values]
    if effect.value is None:
        yield Problem(
            (*place, "value"),
            f"The effect does not say which value of {effect.column} becomes more or less frequent.",
            f"Name one of: {listed(values)}.",
        )
    elif str(effect.value) not in values:
        yield Problem(
            (*place, "value"),
            f"'{effect.value}' is not a value of {effect.column}.",
            suggestion(str(effect.value), values),
        )


def _state_problems(lineage: Lineage, place: Place, effect: Effect, generator: StateName | LeftAt) -> Iterator[Problem]:
    history = lineage.history_of(effect.table)
    if not isinstance(history, StateSequence):
        yield Problem(
            (*place, "column"),
            f"The states of {effect.table} follow from moments of the parent.",
            "Change the column with the moment instead.",
        )
        return
    if effect.value is None and isinstance(generator, StateName):
        yield Problem(
            (*place, "value"),
            "The effect does not say which state becomes more or less probable.",
            f"Name one of: {listed(history.states)}.",
        )
    elif effect.value is not None and str(effect.value) not in history.states:
        yield Problem(
            (*place, "value"),
            f"'{effect.value}' is not a state of {effect.table}.",
            suggestion(str(effect.value), history.states),
        )
    if isinstance(generator, LeftAt) and effect.factor == 0:
        yield Problem((*place, "factor"), "A state cannot last 0 days.", "Give a factor above 0.")
    if isinstance(generator, StateName):
        cases = [case for state in history.states.values() for case in (state.next, *state.next_by.values())]
        yield from _rate_problems(place, effect, [case.get(str(effect.value), 0.0) for case in cases])


def _rate_problems(place: Place, effect: Effect, rates: list[float]) -> Iterator[Problem]:
    """Report a multiplied rate above 1, because the data would differ from the insight.

    With ``where``, only the lowest rate is checked, because the condition may exclude rows with higher rates.
    """
    positive = [rate for rate in rates if rate > 0]
    highest = max(positive, default=0.0) if effect.where is None else min(positive, default=0.0)
    if effect.operation == "multiply" and highest * effect.factor > 1:
        yield Problem(
            (*place, "factor"),
            f"{effect.factor} times the rate {highest} is above 1.",
            f"Give a factor up to {1 / highest:.2f}, or narrow `where` to rows with a lower rate.",
        )


def _children_problems(place: Place, effect: Effect, table: Table) -> Iterator[Problem]:
    population = table.population
    if not isinstance(population, PerParent):
        yield Problem(
            (*place, "column"),
            f"The rows of {table.name} follow from periods, and an effect cannot change how many there are.",
            "Change one of its other columns.",
        )
    elif effect.operation == "multiply" and effect.factor > 1 and min(numbers_of(population.probability)) >= 1:
        yield Problem(
            (*place, "factor"),
            f"All rows of {population.parent} that can have rows in {table.name} already have them.",
            "Give `rows` a probability below 1, or the effect a factor below 1.",
        )


def _referenced_problems(lineage: Lineage, place: Place, effect: Effect, generator: Reference) -> Iterator[Problem]:
    """Report problems of how the effect selects referenced rows."""
    target = lineage.tables.get(generator.table)
    if target is None:
        return
    theirs, whose = columns_by_name(target), f"a column of {target.name}"
    if effect.value_column is None and effect.referenced is None:
        yield Problem(
            (*place, "value_column"),
            f"The effect does not say which rows of {target.name} are chosen more or less often.",
            "Give `value_column` and `value`, or a condition in `referenced`.",
        )
    yield from column_problems((*place, "value_column"), effect.value_column, theirs, whose)
    if effect.value_column in theirs:
        yield from _value_type_problems((*place, "value"), effect.value, target, theirs[effect.value_column])
    yield from expression_problems((*place, "referenced"), effect.referenced, theirs, whose)


def _value_type_problems(place: Place, value: Scalar, target: Table, column: Column) -> Iterator[Problem]:
    """Report a value that can never be equal to a value of the column."""
    if value is None:
        yield Problem(
            place,
            f"The effect does not say which value of {column.name} the rows of {target.name} have.",
            "Give one in `value`.",
        )
    elif column.type in TIMES:
        yield Problem(
            place,
            f"{target.name}.{column.name} is {column.type}, which `value` cannot be compared with.",
            "Write a condition in `referenced` instead.",
        )
    elif not isinstance(value, _written_as(column.type)) or isinstance(value, bool) != (column.type == "BOOL"):
        yield Problem(
            place,
            f"{value!r} is never a value of {target.name}.{column.name}, which is {column.type}.",
            "Write the value as the column has it.",
        )


def _written_as(kind: GoogleSqlType) -> tuple[type, ...]:
    if kind in NUMBERS:
        return (int, float)
    return (bool,) if kind == "BOOL" else (str,)
