"""Can each planted effect be applied to the generator it names?"""

from collections.abc import Iterator
from math import isfinite

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import (
    After,
    Arrival,
    Category,
    EnteredAt,
    Flag,
    LeftAt,
    Number,
    ParentKey,
    Price,
    Reference,
    StateName,
)
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.populations import PerParent, StateSequence
from provisioning_assets.data_model.rules.faults import TIMES, ModelFault, expression_faults, listed
from provisioning_assets.data_model.tables import Table
from provisioning_assets.data_model.value_domains import values_of

EFFECTIVE = (Flag, Number, Price, After, Category, Reference, Arrival, ParentKey, StateName, LeftAt)


def effect_faults(lineage: Lineage, effect: Effect) -> Iterator[ModelFault]:
    """Faults of one planted effect."""
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
            "Change the flag, number, price, duration, category, reference, arrival, parent_key or state it depends on.",
        )
        return
    if not isfinite(effect.factor) or effect.factor < 0:
        yield ModelFault(*place, f"an effect's factor {effect.factor} is not 0 or more.", "Change the factor.")
    if effect.operation == "set" and not isinstance(generator, Flag | ParentKey):
        yield ModelFault(*place, f"`set` replaces a rate, and a {generator.kind} has none.", "Use `multiply`.")
    if effect.operation == "set" and effect.factor > 1:
        yield ModelFault(*place, f"a rate cannot be {effect.factor}.", "Set it between 0 and 1.")
    if isinstance(generator, Flag):
        yield from _rate_effect_faults(effect, [generator.rate, *generator.rate_by.values()])
    yield from _window_faults(lineage, effect, generator)
    owner = lineage.tables[lineage.condition_table(effect)]
    if isinstance(generator, ParentKey):
        yield from _children_effect_faults(effect, table)
    if isinstance(generator, StateName | LeftAt):
        yield from _state_effect_faults(lineage, effect, generator)
    if isinstance(generator, Arrival) and effect.factor == 0 and _spans_the_history(lineage, effect):
        yield ModelFault(*place, f"no row of {table.name} would arrive.", "Give a factor above 0, or a window.")
    if isinstance(generator, Arrival) and effect.where is not None:
        yield ModelFault(
            *place, "when rows arrive cannot depend on their values.", "Drop `where`, or change a reference instead."
        )
    elif effect.where is not None:
        yield from expression_faults(effect.table, effect.column, "effect's where", effect.where, owner)
    if isinstance(generator, Category) and not any(str(value) == str(effect.value) for value in generator.values):
        yield ModelFault(
            *place,
            f"the effect's value '{effect.value}' is none of the category's.",
            f"Name one of: {listed(map(str, generator.values))}.",
        )
    if isinstance(generator, Reference):
        yield from _referenced_faults(lineage, effect, generator)


def _window_faults(lineage: Lineage, effect: Effect, generator: object) -> Iterator[ModelFault]:
    place = (effect.table, effect.column)
    if effect.from_days_ago is None:
        return
    if effect.from_days_ago < effect.to_days_ago:
        yield ModelFault(*place, "the effect ends before it begins.", "from_days_ago is the larger number.")
    elif effect.to_days_ago < 0 or effect.to_days_ago >= lineage.model.history_days:
        yield ModelFault(
            *place,
            f"the effect's window, {effect.from_days_ago} to {effect.to_days_ago} days ago, lies outside the history.",
            f"Let it end from 0 to {lineage.model.history_days - 1} days ago.",
        )
    if isinstance(generator, Arrival):
        return
    time = lineage.effect_time(effect)
    if isinstance(generator, StateName | LeftAt):
        found = lineage.columns.get((effect.table, time or ""))
        if found is None or not isinstance(found.generator, EnteredAt):
            yield ModelFault(
                *place,
                f"the window of a change of states is measured on the moment of entering, not on '{time}'.",
                "Name the entered_at column in `time`, or as the table's event_time.",
            )
        return
    owner = lineage.condition_table(effect)
    found = lineage.columns.get((owner, time or ""))
    if found is None or found.type not in TIMES:
        yield ModelFault(
            *place,
            f"the effect's window has no time: '{time}' is no DATE or DATETIME column of {owner}.",
            "Name one in `time`.",
        )


def _spans_the_history(lineage: Lineage, effect: Effect) -> bool:
    oldest = lineage.model.history_days - 1
    return effect.to_days_ago <= 0 and (effect.from_days_ago is None or effect.from_days_ago >= oldest)


def effect_value_faults(lineage: Lineage, effect: Effect) -> Iterator[ModelFault]:
    """Faults of an effect that no referenced row could feel; the model's columns and references are sound."""
    generator = lineage.columns[effect.table, effect.column].generator
    if not isinstance(generator, Reference) or effect.value_column is None:
        return
    values = values_of(lineage, generator.table, effect.value_column)
    if values is not None and str(effect.value) not in values:
        yield ModelFault(
            effect.table,
            effect.column,
            f"no row of {generator.table} has '{effect.value}' in {effect.value_column}.",
            f"Name one of: {listed(values)}.",
        )


def _state_effect_faults(lineage: Lineage, effect: Effect, generator: StateName | LeftAt) -> Iterator[ModelFault]:
    place, history = (effect.table, effect.column), lineage.history_of(effect.table)
    if not isinstance(history, StateSequence):
        yield ModelFault(
            *place, "its states follow from moments of the parent.", "Change the column with the moment instead."
        )
        return
    if effect.value is None and isinstance(generator, StateName):
        yield ModelFault(
            *place, "the effect does not say which state becomes likelier.", f"Name one of: {listed(history.states)}."
        )
    elif effect.value is not None and str(effect.value) not in history.states:
        yield ModelFault(
            *place, f"the effect's state '{effect.value}' is none.", f"Name one of: {listed(history.states)}."
        )
    if isinstance(generator, LeftAt) and effect.factor == 0:
        yield ModelFault(*place, "a state cannot last no time.", "Give a factor above 0.")
    into = [
        following.get(str(effect.value), 0.0)
        for state in history.states.values()
        for following in [state.next, *state.next_by.values()]
    ]
    if isinstance(generator, StateName):
        yield from _rate_effect_faults(effect, into)


def _rate_effect_faults(effect: Effect, rates: list[float]) -> Iterator[ModelFault]:
    """A multiplied rate above 1 would not be what the insight says; a ``where`` may leave the higher rates alone."""
    positive = [rate for rate in rates if rate > 0]
    highest = max(positive, default=0.0) if effect.where is None else min(positive, default=0.0)
    if effect.operation == "multiply" and highest * effect.factor > 1:
        yield ModelFault(
            effect.table,
            effect.column,
            f"{effect.factor} times the rate {highest} is above 1.",
            f"Give a factor up to {1 / highest:.2f}, or narrow its `where`.",
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
        yield from expression_faults(effect.table, effect.column, "effect's referenced", effect.referenced, target)
