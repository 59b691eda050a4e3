"""Rules about `during`: can references, periods and effects select rows by the state of another row?"""

from collections.abc import Iterator

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generator_words import words_of
from provisioning_assets.data_model.generators import (
    Arrival,
    EnteredAt,
    LeftAt,
    ParentKey,
    Reference,
    Renewal,
    StateName,
)
from provisioning_assets.data_model.histories import state_names
from provisioning_assets.data_model.lineage import Lineage, generator_as
from provisioning_assets.data_model.names import States, listed_states
from provisioning_assets.data_model.populations import PerPeriod
from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.data_model.rules.checked_column import TIMES, CheckedColumn, table_place
from provisioning_assets.data_model.tables import Table

WITHOUT_A_STATE = (Arrival, ParentKey, StateName, LeftAt, Renewal)
"""Generators whose effects cannot have ``during``: they have no row, or no single moment, for which a state could be looked up."""


def reference_during_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of the states in which referenced rows must be."""
    generator = generator_as(checked.column, Reference)
    for history, states in generator.during.items():
        place = checked.setting("during", history)
        yield from _history_problems(checked.lineage, place, generator.table, history, states)


def period_during_problems(lineage: Lineage, table: Table, population: PerPeriod) -> Iterator[Problem]:
    """Report problems of the states in which a parent must be to have a row for a period."""
    for history, states in population.during.items():
        place = table_place(table.name, "rows", "during", history)
        yield from _history_problems(lineage, place, population.parent, history, states)


def effect_during_problems(lineage: Lineage, place: Place, effect: Effect) -> Iterator[Problem]:
    """Report problems of the effect at ``place`` if it only applies to rows in certain states."""
    column, during = lineage.columns.get((effect.table, effect.column)), effect.during
    if column is None or during is None:
        return
    place = (*place, "during")
    if isinstance(column.generator, WITHOUT_A_STATE):
        yield Problem(
            place,
            f"{effect.column} has {words_of(column.generator)}, and an effect on these cannot depend on a state.",
            "Drop `during`, or write the condition as `where`.",
        )
        return
    whose: str | None = effect.table
    if during.through is not None:
        known = (effect.table, during.through) in lineage.columns
        whose = lineage.target(effect.table, during.through) if known else None
        if whose is None or whose not in lineage.tables:
            yield Problem(
                (*place, "through"),
                f"'{during.through}' is not a foreign key of {effect.table}.",
                "Name a reference, the column with the parent's key, or another foreign key.",
            )
            return
    yield from _history_problems(lineage, (*place, "history"), whose or "", during.history, during.states)
    time = lineage.columns.get((effect.table, lineage.effect_time(effect) or ""))
    if time is None or time.type not in TIMES:
        yield Problem(
            place, f"No column of {effect.table} says at which moment the state counts.", "Name one in `time`."
        )


def _history_problems(lineage: Lineage, place: Place, whose: str, history: str, states: States) -> Iterator[Problem]:
    """Report problems of states in a history of the rows of the table ``whose``."""
    histories = [
        name for name in lineage.tables if lineage.parent(name) == whose and lineage.history_of(name) is not None
    ]
    found = lineage.history_of(history) if history in histories else None
    if found is None:
        yield Problem(place, f"'{history}' is not a history of {whose}.", suggestion(history, histories))
        return
    kinds = {type(column.generator) for column in lineage.tables[history].columns}
    if not {ParentKey, EnteredAt, StateName} <= kinds:
        yield Problem(
            place,
            f"{history} does not say which row is in which state, and since when.",
            "Give it columns with the parent's key, the state, and the moment at which it began (`entered_at`).",
        )
    for state in listed_states(states):
        if state not in state_names(found):
            yield Problem(place, f"'{state}' is not a state of {history}.", suggestion(state, state_names(found)))
