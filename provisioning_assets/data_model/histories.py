"""What is known about a history of states before anything is drawn: its states, their number, and their order."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from provisioning_assets.data_model.calendar import DAY_SECONDS
from provisioning_assets.data_model.keyed_random import Floats
from provisioning_assets.data_model.populations import (
    Milestones,
    State,
    StateSequence,
)

UNIT_SECONDS: Mapping[str, int] = {"minutes": 60, "hours": 3600, "days": DAY_SECONDS}


def state_names(history: StateSequence | Milestones) -> list[str]:
    """Return the states of a history, in the order in which they are declared."""
    return list(history.states if isinstance(history, StateSequence) else history.moments)


def most_states(history: StateSequence | Milestones) -> int:
    """Return the largest number of states that one row can pass through."""
    if isinstance(history, Milestones):
        return len(history.moments)
    reached, steps = set(history.begin or list(history.states)[:1]), 0
    while reached and steps < history.most:
        steps += 1
        reached = {name for state in reached if state in history.states for name in followers(history.states[state])}
    return max(steps, 1)


def followers(state: State) -> set[str]:
    """Return the states that may follow this one."""
    cases = [state.next, *state.next_by.values()]
    return {name for case in cases for name, probability in case.items() if probability > 0}


def usual_states(history: StateSequence | Milestones, history_days: int) -> float:
    """Return roughly how many states a row passes through on average, until they have lasted as long as the history."""
    if isinstance(history, Milestones):
        return float(len(history.moments))
    table = Transitions.of(history)
    there, elapsed, states = table.begin / table.begin.sum(), 0.0, 0.0
    days = np.exp(np.log(table.medians[-1]) + table.sigmas**2 / 2) * UNIT_SECONDS[history.unit] / DAY_SECONDS
    for _ in range(history.most):
        if there.sum() < 0.001 or elapsed > history_days:
            break
        states += there.sum()
        elapsed += float(there @ days) / float(there.sum())
        there = there @ table.probabilities[-1][:, :-1]
    return states


@dataclass(frozen=True)
class Transitions:
    """A sequence of states as arrays. The first axis is the case of ``by``; its last entry is for all other values.

    ``medians[case, state]`` is in the sequence's unit (1 if a state is never left). ``probabilities[case, state, next]`` has one
    more column at the end: the probability that the state is never left.
    """

    cases: list[str]
    medians: Floats
    sigmas: Floats
    minimums: Floats
    probabilities: Floats
    begin: Floats

    @classmethod
    def of(cls, history: StateSequence) -> "Transitions":
        names, states = list(history.states), list(history.states.values())
        named = [case for state in states for case in [*state.median_by, *state.next_by]]
        cases = list(dict.fromkeys(named)) if history.by is not None else []
        probabilities = np.zeros((len(cases) + 1, len(states), len(states) + 1))
        medians = np.ones((len(cases) + 1, len(states)))
        for number, case in enumerate([*cases, None]):
            for index, state in enumerate(states):
                medians[number, index] = state.median_by.get(case or "", state.median or 1.0)
                for follower, probability in state.next_by.get(case or "", state.next).items():
                    probabilities[number, index, names.index(follower)] = probability
        probabilities[:, :, -1] = np.maximum(1.0 - probabilities.sum(axis=2), 0.0)
        begin = history.begin or {names[0]: 1.0}
        return cls(
            cases=cases,
            medians=medians,
            sigmas=np.array([state.sigma for state in states]),
            minimums=np.array([state.minimum for state in states]),
            probabilities=probabilities,
            begin=np.array([begin.get(name, 0.0) for name in names]),
        )
