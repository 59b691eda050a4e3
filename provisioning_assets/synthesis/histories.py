"""States that rows pass through: drawn one after the other, or derived from moments that the row already has.

A history is a table with one row for each state of a parent. Its rows are ordered by parent and, within a parent, by time.
So the current state of a parent is its last row, and a state ends when the next one begins.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from provisioning_assets.data_model.calendar import DAY_SECONDS, day_number, end_of_as_of
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.expressions import holds
from provisioning_assets.data_model.generators import EnteredAt, LeftAt, StateName
from provisioning_assets.data_model.histories import UNIT_SECONDS, Transitions
from provisioning_assets.data_model.keyed_random import Floats, Integers, generator
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.populations import Milestones, PerParent, StateSequence
from provisioning_assets.synthesis.clock import NEVER, in_hours, seconds_of
from provisioning_assets.synthesis.draws import choose
from provisioning_assets.synthesis.effects import Mask


@dataclass(frozen=True)
class Passed:
    """The states that rows passed through, ordered by parent and time.

    One entry for each state: the parent's row number, the index into ``state_names``, and the second at which it began.
    """

    parents: Integers
    states: Integers
    entered: Integers

    def of_parents(self, chosen: Mask) -> "Passed":
        """Only the states of some parents; ``chosen`` has one entry for each parent."""
        kept = chosen[self.parents]
        return Passed(self.parents[kept], self.states[kept], self.entered[kept])


def passed(lineage: Lineage, table: str, block: int, parent: pl.DataFrame) -> Passed:
    """All states that the rows of ``parent`` have passed through by the as-of date, even those that ``where`` excludes.

    ``table`` is a per_parent table with a history, ``parent`` the parent's rows in the block.
    """
    population = lineage.tables[table].population
    history = population.history if isinstance(population, PerParent) else None
    if isinstance(history, StateSequence):
        return _drawn(lineage, table, history, block, parent)
    if isinstance(history, Milestones):
        return _read_off(history, parent, end_of_as_of(lineage.model))
    raise TypeError(f"{table} has no history")


def left_at(parents: Integers, entered: Integers) -> Integers:
    """When each state ended, which is when the next state of its parent began; ``NEVER`` for a parent's last state."""
    left = np.full(len(entered), NEVER, dtype=np.int64)
    followed = parents[1:] == parents[:-1]
    left[:-1][followed] = entered[1:][followed]
    return left


@dataclass(frozen=True)
class Versions:
    """A history indexed by the rows of its parent.

    ``first`` is the row of each parent's first version, ``count`` the number of its versions, ``entered`` the second at which
    each version began. The versions of a parent are next to each other, ordered by time.
    """

    first: NDArray[np.int32] | Integers
    count: NDArray[np.int32] | Integers
    entered: Integers

    @classmethod
    def of(cls, parents: pl.Series, whose: pl.Series, entered: Integers) -> "Versions":
        """Versions from the parents' keys in row order (``parents``) and the parent key of each version (``whose``)."""
        runs = (
            pl.DataFrame({"key": whose}).with_row_index("first").filter(pl.col("key").ne_missing(pl.col("key").shift()))
        )
        ends = pl.concat([runs["first"].slice(1), pl.Series("first", [len(whose)], dtype=runs["first"].dtype)])
        runs = runs.with_columns(count=ends - runs["first"])
        found = pl.DataFrame({"key": parents}).join(runs, on="key", how="left", maintain_order="left")
        # Int32 takes half the memory of row numbers: a worker keeps two values for each of the parents
        first, count = (found[name].cast(pl.Int32).fill_null(0).to_numpy() for name in ("first", "count"))
        return cls(first, count, entered)

    def valid_at(self, parents: Integers, at: Integers) -> Integers:
        """Row number of the last version of each parent row (-1: none) that began at or before ``at``; -1 if there is none."""
        first = self.first.take(np.maximum(parents, 0)).astype(np.int64)  # the sum of two row numbers needs the width
        low, high = first.copy(), first + np.where(parents >= 0, self.count.take(np.maximum(parents, 0)), 0)
        while (open_ := low < high).any():
            middle = np.where(open_, (low + high) // 2, 0)
            begun = self.entered[middle] <= at
            low = np.where(open_ & begun, middle + 1, low)
            high = np.where(open_ & ~begun, middle, high)
        return np.where(low > first, low - 1, -1)

    def times(self, chosen: Mask) -> pl.DataFrame:
        """The times of the chosen versions: the parent's ``row``, ``start`` in seconds, and ``end`` (not included)."""
        count = self.count.astype(np.int64)
        rows = np.repeat(np.arange(len(count)), count)
        firsts = np.repeat(self.first.astype(np.int64) - np.cumsum(count) + count, count)
        versions = firsts + np.arange(len(rows))
        entered = self.entered[versions]
        times = pl.DataFrame({"row": rows, "start": entered, "end": left_at(rows, entered)})
        return times.filter(pl.Series(chosen[versions]))


# --- moments that the parent has ---------------------------------------------------------------------------------------


def _read_off(history: Milestones, parent: pl.DataFrame, last_moment: int) -> Passed:
    columns = [seconds_of(parent[name], missing=NEVER) for name in history.moments.values()]
    moments = np.stack(columns, axis=1)
    order = np.argsort(moments, axis=1, kind="stable")
    moments = np.take_along_axis(moments, order, axis=1)
    parents, ranks = np.nonzero(moments <= last_moment)
    return Passed(parents.astype(np.int64), order[parents, ranks].astype(np.int64), moments[parents, ranks])


# --- drawn states ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Planted:
    """An effect on a sequence: the parents it may change, its state (None: every state), and the seconds of its window."""

    factor: float
    parents: Mask
    state: int | None
    first: int
    last: int

    def touches(self, rows: Integers, moments: Integers) -> Mask:
        return self.parents[rows] & (moments >= self.first) & (moments <= self.last)


def _drawn(lineage: Lineage, table: str, history: StateSequence, block: int, parent: pl.DataFrame) -> Passed:
    """Draw the states step by step for all parents at once. Each parent has its own draws in each step, used or not."""
    transitions = Transitions.of(history)
    end = end_of_as_of(lineage.model)
    whole_days = _in_whole_days(lineage, table, history, parent)
    lasting = _planted(lineage, table, LeftAt, history, parent)
    passing = _planted(lineage, table, StateName, history, parent)
    group = _cases(transitions.cases, history.by, parent)

    def uniforms(purpose: str, step: int, rows: Integers) -> Floats:
        return generator(lineage.model.seed, table, "history", block, purpose, step).random(parent.height)[rows]

    entered = seconds_of(parent[history.start], missing=NEVER)
    if whole_days:
        entered = np.where(entered == NEVER, NEVER, entered // DAY_SECONDS * DAY_SECONDS)
    rows = np.flatnonzero(entered <= end)
    entered = entered[rows]
    state = choose(np.cumsum(transitions.begin), uniforms("begin", 0, rows))
    parents, states, moments = [rows], [state], [entered]
    for step in range(1, history.most):
        medians = transitions.medians[group[rows], state]
        for effect in lasting:
            mine = effect.touches(rows, entered)
            mine = mine if effect.state is None else mine & (state == effect.state)
            medians = np.where(mine, medians * effect.factor, medians)
        normals = generator(lineage.model.seed, table, "history", block, "lasts", step).standard_normal(parent.height)
        lasted = np.exp(np.log(medians) + transitions.sigmas[state] * normals[rows])
        lasted = np.maximum(lasted, transitions.minimums[state])
        lasted = np.maximum(np.rint(lasted), 1.0) if whole_days else lasted
        # A billion seconds (32 years) is beyond every history; more would overflow.
        then = entered + np.clip(lasted * UNIT_SECONDS[history.unit], 1, 1e9).astype(np.int64)
        if history.hours is not None:
            then = in_hours(then, entered, uniforms("hour", step, rows), history.hours)
        probabilities = transitions.probabilities[group[rows], state]
        for effect in passing:
            probabilities = _shifted(probabilities, effect, effect.touches(rows, then))
        running = np.cumsum(probabilities, axis=1)
        drawn = (running <= (uniforms("next", step, rows) * running[:, -1])[:, None]).sum(axis=1)
        goes_on = (drawn < len(transitions.begin)) & (then <= end)
        rows, state, entered = rows[goes_on], drawn[goes_on], then[goes_on]
        if len(rows) == 0:
            break
        parents.append(rows)
        states.append(state)
        moments.append(entered)
    everyone = np.concatenate(parents)
    order = np.argsort(everyone, kind="stable")
    return Passed(everyone[order], np.concatenate(states)[order], np.concatenate(moments)[order])


def _in_whole_days(lineage: Lineage, table: str, history: StateSequence, parent: pl.DataFrame) -> bool:
    """Whether states begin on days rather than at moments; two states of a parent then never begin on the same day."""
    dated = any(
        isinstance(column.generator, EnteredAt) and column.type == "DATE" for column in lineage.tables[table].columns
    )
    return history.unit == "days" and (dated or parent[history.start].dtype == pl.Date)


def _cases(cases: list[str], by: str | None, parent: pl.DataFrame) -> Integers:
    """Number of the case that applies to each parent; the last number stands for all other values."""
    if by is None or not cases:
        return np.zeros(parent.height, dtype=np.int64)
    numbers = list(range(len(cases)))
    found = parent[by].cast(pl.String).replace_strict(cases, numbers, default=None, return_dtype=pl.Int64)
    return found.fill_null(len(cases)).to_numpy()


def _planted(lineage: Lineage, table: str, kind: type, history: StateSequence, parent: pl.DataFrame) -> list[_Planted]:
    names = list(history.states)
    today = day_number(lineage.model.as_of)
    found = []
    for column in lineage.tables[table].columns:
        for effect in lineage.effects_on(table, column.name) if isinstance(column.generator, kind) else ():
            first, last = _window(effect, today)
            concerned: Mask = np.ones(parent.height, dtype=np.bool_)
            if effect.where is not None:
                concerned = holds(effect.where, parent).to_numpy()
            state = None if effect.value is None else names.index(str(effect.value))
            found.append(_Planted(effect.factor, concerned, state, first, last))
    return found


def _window(effect: Effect, today: int) -> tuple[int, int]:
    """First and last second of an effect's window; without ``from_days_ago`` the window covers all time."""
    if effect.from_days_ago is None:
        return -NEVER, NEVER
    return (today - effect.from_days_ago) * DAY_SECONDS, (today - effect.to_days_ago + 1) * DAY_SECONDS - 1


def _shifted(probabilities: Floats, effect: _Planted, rows: Mask) -> Floats:
    """Multiply the probability of one state and rescale the others to the remainder, or let the state never be left."""
    if effect.state is None or not rows.any():
        return probabilities
    before = probabilities[rows]
    wanted = np.minimum(before[:, effect.state] * effect.factor, 1.0)
    rest = 1.0 - before[:, effect.state]
    after = before * np.where(rest > 0, (1.0 - wanted) / np.where(rest > 0, rest, 1.0), 0.0)[:, None]
    after[:, -1] += np.where(rest > 0, 0.0, 1.0 - wanted)
    after[:, effect.state] = wanted
    shifted = probabilities.copy()
    shifted[rows] = after
    return shifted
