"""Can the states of a history be drawn, or read off its parent's moments, as they are written?"""

from collections.abc import Iterator, Mapping
from math import isfinite

from provisioning_assets.data_model.generators import EnteredAt, LeftAt, StateName
from provisioning_assets.data_model.histories import followers
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.populations import CountWeights, Milestones, PerParent, State, StateSequence
from provisioning_assets.data_model.rules.faults import TIMES, ModelFault, listed, weights_fit
from provisioning_assets.data_model.tables import Table

ROUNDING = 1e-9
"""Probabilities such as 0.1 + 0.2 + 0.7 may be so much above 1."""


def history_faults(lineage: Lineage, table: Table) -> Iterator[ModelFault]:
    """Faults of a per_parent table's history; its parent is a table of the model."""
    population = table.population
    if not isinstance(population, PerParent) or population.history is None:
        return
    if population.count != CountWeights(first=1, weights=[1.0]):
        yield ModelFault(
            table.name, None, "it has a history and child counts.", "Drop the counts: each state passed is one row."
        )
    yield from _column_faults(table)
    parent = lineage.tables[population.parent]
    if isinstance(population.history, Milestones):
        for state, name in population.history.moments.items():
            yield from _moment_faults(table, parent, f"the moment of '{state}'", name)
        return
    yield from _moment_faults(table, parent, "the start of its states", population.history.start)
    yield from _sequence_faults(table, parent, population.history)


def _column_faults(table: Table) -> Iterator[ModelFault]:
    entered = [column for column in table.columns if isinstance(column.generator, EnteredAt)]
    for column in table.columns:
        if isinstance(column.generator, LeftAt) and not any(other.type == column.type for other in entered):
            yield ModelFault(
                table.name,
                column.name,
                f"it is {column.type}, and no entered_at of the table is.",
                "Give the table an entered_at of the same type.",
            )


def _moment_faults(table: Table, parent: Table, what: str, name: str) -> Iterator[ModelFault]:
    moments = [column.name for column in parent.columns if column.type in TIMES]
    if name not in moments:
        yield ModelFault(
            table.name,
            None,
            f"{what}, '{name}', is no DATE or DATETIME column of {parent.name}.",
            f"Name one of: {listed(moments)}.",
        )


def _sequence_faults(table: Table, parent: Table, sequence: StateSequence) -> Iterator[ModelFault]:
    names = list(sequence.states)
    cases = any(state.median_by or state.next_by for state in sequence.states.values())
    if sequence.by is None and cases:
        yield ModelFault(
            table.name, None, "median_by and next_by need `by`.", f"Name a column of {parent.name} in `by`."
        )
    elif sequence.by is not None and sequence.by not in {column.name for column in parent.columns}:
        yield ModelFault(
            table.name,
            None,
            f"the `by` of its states, '{sequence.by}', is no column of {parent.name}.",
            f"Name one of: {listed(column.name for column in parent.columns)}.",
        )
    for name in sequence.begin:
        if name not in names:
            yield ModelFault(
                table.name, None, f"it begins with '{name}', which is no state.", f"Name one of: {listed(names)}."
            )
    if sequence.begin and not weights_fit(list(sequence.begin.values())):
        yield ModelFault(table.name, None, "`begin` has no usable weights.", "Give weights of which one is above 0.")
    if sequence.hours is not None and not weights_fit(sequence.hours):
        yield ModelFault(
            table.name, None, "the hours of its states are all 0 or too large.", "Give 24 weights, not all 0."
        )
    if sequence.unit != "days" and any(
        isinstance(column.generator, EnteredAt) and column.type == "DATE" for column in table.columns
    ):
        yield ModelFault(
            table.name, None, f"states that last {sequence.unit} begin on a DATE.", "Make entered_at DATETIME."
        )
    named = any(isinstance(column.generator, StateName) for column in table.columns)
    for name, state in sequence.states.items():
        yield from _state_faults(table, name, state, names, named)
    for name in sorted(set(names) - _reached(sequence)):
        yield ModelFault(
            table.name,
            None,
            f"its state '{name}' is never reached.",
            "Let another state lead to it, or `begin` with it.",
        )


def _state_faults(table: Table, name: str, state: State, names: list[str], named: bool) -> Iterator[ModelFault]:
    place = (table.name, None)
    for label, following in [("", state.next), *((f" by '{case}'", given) for case, given in state.next_by.items())]:
        for follower in following:
            if follower not in names:
                yield ModelFault(
                    *place, f"'{name}' is followed{label} by '{follower}', no state.", f"Name one of: {listed(names)}."
                )
        if not probable(following):
            yield ModelFault(
                *place,
                f"what follows '{name}'{label} has the probabilities {listed(map(str, following.values()))}.",
                "Give probabilities from 0 to 1 that are 1 together at most; the rest stays.",
            )
        if named and following.get(name, 0) > 0:
            yield ModelFault(
                *place, f"'{name}' is followed by itself.", "Drop it from `next`, or drop the table's state column."
            )
    goes_on = bool(followers(state))
    if goes_on and state.median is None:
        yield ModelFault(*place, f"'{name}' is left, but nobody knows when.", "Give it a median.")
    if not goes_on and (state.median is not None or state.median_by):
        yield ModelFault(*place, f"'{name}' has a median, but nothing follows it.", "Drop the median, or give `next`.")
    if any(not median > 0 for median in state.median_by.values()):
        yield ModelFault(*place, f"a median of '{name}' is not above 0.", "Change median_by.")


def probable(following: Mapping[str, float]) -> bool:
    """Whether these are probabilities of which one comes true at most."""
    values = list(following.values())
    return all(isfinite(value) and 0 <= value <= 1 for value in values) and sum(values) <= 1 + ROUNDING


def _reached(sequence: StateSequence) -> set[str]:
    found: set[str] = set()
    ahead = [name for name, weight in sequence.begin.items() if weight > 0] or list(sequence.states)[:1]
    while ahead:
        name = ahead.pop()
        if name in sequence.states and name not in found:
            found.add(name)
            ahead += followers(sequence.states[name])
    return found
