"""Rules about histories: the states that a row of the parent passes through, drawn or read from its moments."""

from collections.abc import Iterator, Mapping
from math import isfinite

from provisioning_assets.data_model.generators import EnteredAt, LeftAt
from provisioning_assets.data_model.histories import followers
from provisioning_assets.data_model.populations import CountWeights, Milestones, PerParent, State, StateSequence
from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.data_model.rules.checked_column import (
    TIMES,
    column_place,
    column_problems,
    columns_by_name,
    listed,
    table_place,
)
from provisioning_assets.data_model.rules.numbers import unusable_number_problems, weights_problems
from provisioning_assets.data_model.tables import Table

ROUNDING = 1e-9
"""Tolerance by which a sum of probabilities may exceed 1: the sum of 0.1, 0.2 and 0.7 can exceed it as floats."""


def history_problems(
    table: Table, population: PerParent, history: StateSequence | Milestones, parent: Table
) -> Iterator[Problem]:
    """Report problems of the history of a table whose parent exists."""
    place, theirs, whose = table_place(table.name, "rows"), columns_by_name(parent), f"a column of {parent.name}"
    if population.count != CountWeights(first=1, weights=[1.0]):
        yield Problem(
            (*place, "weights"),
            "Rows by states or milestones cannot have a count: each state that a parent passes through is one row.",
            "Drop the count.",
        )
    yield from _left_at_problems(table)
    if isinstance(history, Milestones):
        for state, name in history.moments.items():
            yield from column_problems((*place, "milestones", state), name, theirs, whose, TIMES)
        return
    yield from column_problems((*place, "start"), history.start, theirs, whose, TIMES)
    yield from column_problems((*place, "by"), history.by, theirs, whose)
    if history.by is None and any(state.median_by or state.next_by for state in history.states.values()):
        yield Problem(
            (*place, "by"),
            "States have cases (median_by, next_by), but `by` does not say which column decides.",
            f"Name a column of {parent.name} in `by`.",
        )
    yield from _sequence_problems(table, history)


def _left_at_problems(table: Table) -> Iterator[Problem]:
    """Report different types of `entered_at` and `left_at`: a state ends when the next one begins, so both must have one type."""
    entered = {column.type for column in table.columns if isinstance(column.generator, EnteredAt)}
    for column in table.columns:
        if isinstance(column.generator, LeftAt) and column.type not in entered:
            yield Problem(
                column_place(table.name, column.name, "type"),
                f"The moment at which a state ended is {column.type}, but the table has no `entered_at` column of this type.",
                f"Make it {listed(sorted(entered), 'or')}." if entered else "Give the table an `entered_at` column.",
            )


def _sequence_problems(table: Table, history: StateSequence) -> Iterator[Problem]:
    place, states = table_place(table.name, "rows"), history.states
    for name in history.begin:
        yield from _state_name_problems((*place, "begin", name), name, states)
    if history.begin:
        yield from weights_problems((*place, "begin"), list(history.begin.values()))
    yield from weights_problems((*place, "hours"), history.hours)
    for column in table.columns:
        if isinstance(column.generator, EnteredAt) and column.type == "DATE" and history.unit != "days":
            yield Problem(
                column_place(table.name, column.name, "type"),
                f"Two states that last {history.unit} can begin on one day, but the column is a DATE.",
                "Make it DATETIME, or measure the states in days.",
            )
    for name, state in states.items():
        yield from _state_problems((*place, "states", name), name, state, states)
    reached = _reached(history)
    for name in [name for name in states if name not in reached]:
        yield Problem(
            (*place, "states", name),
            f"The state '{name}' is never reached.",
            "Name it in `next` of another state, or in `begin`.",
        )


def _state_name_problems(place: Place, name: str, states: Mapping[str, State]) -> Iterator[Problem]:
    if name not in states:
        yield Problem(place, f"'{name}' is not a state of this table.", suggestion(name, states))


def _state_problems(place: Place, name: str, state: State, states: Mapping[str, State]) -> Iterator[Problem]:
    yield from unusable_number_problems(place, state.model_dump(exclude={"next", "next_by"}))
    cases = [((*place, "next_by", case), following) for case, following in state.next_by.items()]
    for where, following in [((*place, "next"), state.next), *cases]:
        for follower in following:
            yield from _state_name_problems((*where, follower), follower, states)
        if not _are_probabilities(list(following.values())):
            yield Problem(
                where,
                f"The states that follow '{name}' have the probabilities {listed(following.values())}.",
                "Give numbers from 0 to 1 whose sum is at most 1; the rest stays in the state.",
            )
    if followers(state) and state.median is None:
        yield Problem(
            (*place, "median"),
            f"'{name}' is followed by other states, but has no median of how long it lasts.",
            "Give it a median.",
        )
    if not followers(state) and (state.median is not None or state.median_by):
        yield Problem(
            (*place, "median"),
            f"'{name}' has a median of how long it lasts, but no state follows it.",
            "Drop median and median_by, or name the states that follow in `next`.",
        )
    for case, median in state.median_by.items():
        if not median > 0:
            yield Problem((*place, "median_by", case), f"The median {median} is not above 0.", "Give a number above 0.")


def _are_probabilities(values: list[float]) -> bool:
    """Return whether the values can be probabilities of exclusive events: each from 0 to 1, with a sum of at most 1."""
    return all(isfinite(value) and 0 <= value <= 1 for value in values) and sum(values) <= 1 + ROUNDING


def _reached(history: StateSequence) -> set[str]:
    """Return the states that a row can reach."""
    found: set[str] = set()
    ahead = [name for name, weight in history.begin.items() if weight > 0] or list(history.states)[:1]
    while ahead:
        name = ahead.pop()
        if name in history.states and name not in found:
            found.add(name)
            ahead += followers(history.states[name])
    return found
