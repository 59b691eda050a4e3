"""Choosing referenced rows with skew. They must already exist and match, and may be used at most once in a parent.

Candidates are ordered by (matching group, moment from which they can be referenced). So the eligible candidates of a row are
one contiguous range (a "stretch") of that order, and a draw is a binary search in running totals of their weights.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from provisioning_assets.data_model.keyed_random import Floats, Integers, generator
from provisioning_assets.synthesis.clock import NEVER
from provisioning_assets.synthesis.draws import RunningTotals, distinct
from provisioning_assets.synthesis.effects import Mask
from provisioning_assets.synthesis.places import NEAR_FALL, apart_km

REDRAWS = 12
"""Rows that break a rule are drawn again this many times before the slower, exact method is used."""

MOST_COMPARED_SIBLINGS = 12
"""Rows of a parent are compared with this many rows before them; if parents have more children, they are hashed."""

DENSE_CELLS = 2_000_000
"""The exact method weighs this many (row, candidate) pairs at a time."""

MOST_SIGMA = 2.5
"""Limit of the log-normal weights; see ``Reference`` in the data model."""

LEAST_EXPONENT = -600.0
"""Candidates that are farther than this are all as unlikely, so that one of them is chosen if there is no other."""

SPAN = 1 << 40
"""More seconds than between any two moments of a model; separates groups in one sorted key."""


def popularity(seed: int, table: str, rows: int, skew: float) -> Floats:
    """Weight of each referenced row; the first rows keep their weights if the table grows."""
    if skew == 0:
        return np.ones(rows)
    drawn = generator(seed, table, "popularity").standard_normal(rows)
    np.clip(drawn, -MOST_SIGMA, MOST_SIGMA, out=drawn)
    drawn *= skew
    return np.exp(drawn, out=drawn)


@dataclass(frozen=True)
class Candidates:
    """Referenced rows, ordered by (group, since).

    ``rows``: their row numbers (``in_row_order``: the numbers are 0, 1, 2 ...). ``starts``: where each group begins, and the
    end. ``keys``: group x SPAN + since. ``until``: the moment at which they stop being eligible. ``weights``: their weights
    before any effect. ``totals``: running totals of the weights for each combination of effects, kept because they are the same
    in every block.
    """

    rows: Integers
    starts: Integers
    keys: Integers
    until: Integers | None
    weights: Floats
    groups: pl.DataFrame | None
    in_row_order: bool = False
    repeated: bool = False
    totals: dict[int, RunningTotals] = field(default_factory=dict)

    @classmethod
    def ordered(
        cls,
        weights: Floats,
        since: Integers | None,
        until: Integers | None,
        match: pl.DataFrame | None,
        kinds: Integers | None = None,
    ) -> "Candidates":
        """Candidates from columns in row order; ``match`` has the columns that must be equal.

        With ``kinds`` (0 or more), candidates are ordered by kind first, and by group within a kind.
        """
        total = len(weights)
        groups = None
        codes = np.zeros(1, dtype=np.int64) if match is None else np.empty(0, dtype=np.int64)
        if match is not None:
            groups = match.unique(maintain_order=True).drop_nulls().with_row_index("group")
            codes = group_codes(match, groups)
        if kinds is not None:
            codes = np.where(codes < 0, -1, codes + kinds * (1 if groups is None else groups.height))
        moments = since if since is not None else np.zeros(total, dtype=np.int64)
        keys = codes * SPAN + np.minimum(moments, SPAN // 2 - 1)
        known = (codes >= 0) & (moments < NEVER)
        in_row_order = bool(known.all() and (keys[1:] >= keys[:-1]).all())
        if in_row_order:
            order = np.arange(total)  # unchanged, because the rows are already in order of arrival
        else:
            order = np.argsort(np.where(known, keys, np.iinfo(np.int64).max), kind="stable")[: int(known.sum())]
            keys, weights = keys[order], weights[order]
            until = None if until is None else until[order]
        count = 1 if groups is None else groups.height
        starts = np.searchsorted(keys, np.arange(count + 1) * SPAN - SPAN // 2).astype(np.int64)
        return cls(order, starts, keys, until, weights, groups, in_row_order)

    def position_of(self, rows: Integers) -> Integers:
        """A position at which each row number stands; any position for row numbers that are no candidate, and for -1."""
        if self.in_row_order:
            return np.maximum(rows, 0)
        positions = np.zeros(max(int(self.rows.max(initial=0)), int(rows.max(initial=0))) + 1, dtype=np.int64)
        positions[self.rows] = np.arange(len(self.rows))
        return positions[np.maximum(rows, 0)]

    def of_rows(self, rows: Integers) -> "Candidates":
        """The same candidates, with candidate i standing for ``rows[i]``; a row may occur more than once."""
        return replace(self, rows=rows[self.rows], in_row_order=False, repeated=True)

    def stretches(self, at: Integers | None, match: pl.DataFrame | None, rows: int) -> tuple[Integers, Integers]:
        """First and one past the last eligible position of each row; the two are equal if there is none."""
        codes = np.zeros(rows, dtype=np.int64)
        if match is not None and self.groups is not None:
            codes = group_codes(match, self.groups)
        unknown = codes < 0
        codes = np.where(unknown, 0, codes)
        low = self.starts[codes] if len(self.starts) > 1 else np.zeros(rows, dtype=np.int64)
        if at is None:
            high = self.starts[codes + 1] if len(self.starts) > 1 else low
        else:
            high = np.searchsorted(self.keys, codes * SPAN + at, side="right").astype(np.int64)
            high = np.maximum(high, low)
        return low, np.where(unknown, low, high)


def group_codes(values: pl.DataFrame, groups: pl.DataFrame) -> Integers:
    """Number of the group that each row belongs to; -1 if there is none."""
    names = values.columns
    joined = values.join(groups, on=names, how="left", maintain_order="left")
    return joined["group"].cast(pl.Int64).fill_null(-1).to_numpy()


@dataclass(frozen=True)
class Nearness:
    """How the chances of candidates fall with the distance from each row: by e for each third of ``within_km``.

    ``rows`` and ``candidates`` are ``directions``, in the order of the block's rows and of the candidates.
    """

    rows: Floats
    candidates: Floats
    within_km: float

    def factors(self, rows: Integers) -> Floats:
        """(rows, candidates): 1 for each row's nearest candidate. Of a row whose place is not known, no candidate is nearer."""
        away = apart_km(self.rows[:, rows, None], self.candidates[:, None, :])
        away -= np.fmin.reduce(away, axis=1, initial=np.inf, keepdims=True)
        factors = np.nan_to_num(np.exp(np.maximum(NEAR_FALL / self.within_km * away, LEAST_EXPONENT)), nan=0.0)
        factors[np.isnan(self.rows[0][rows])] = 1.0
        return factors


@dataclass(frozen=True)
class Choice:
    """One reference column in one block: what is drawn, for which rows, under which rules.

    ``low`` and ``high`` are the bounds of the eligible stretch of each row. With an additional first axis, each row has several
    stretches. ``usual`` is the row number that each row chooses by habit (-1: none), which must be eligible.
    """

    candidates: Candidates
    low: Integers
    high: Integers
    variants: Integers
    weights_of: Callable[[int], Floats]
    at: Integers | None
    parents: Integers | None
    near: Nearness | None = None
    usual: Integers | None = None

    def draw(self, random: np.random.Generator) -> Integers:
        """Draw a row number for each row; -1 if no row is eligible."""
        rows = self.low.shape[-1]
        if len(self.candidates.rows) == 0:
            return np.full(rows, -1, dtype=np.int64)
        chosen = self._pick(np.arange(rows), random.random(rows))
        by_habit = np.zeros(rows, dtype=np.bool_)
        if self.usual is not None:
            by_habit = self.usual >= 0
            chosen = np.where(by_habit, self.candidates.position_of(self.usual), chosen)
        if self.candidates.until is None and self.parents is None:
            return self._row_numbers(chosen)
        pending = self._broken(chosen, np.arange(rows), by_habit)
        for _ in range(REDRAWS):
            if len(pending) == 0:
                break
            by_habit[pending] = False
            chosen[pending] = self._pick(pending, random.random(len(pending)))
            pending = self._broken(chosen, self._rows_of_same_parents(pending), by_habit)
        if len(pending):
            self._settle(chosen, pending, random)
        return self._row_numbers(chosen)

    def _row_numbers(self, chosen: Integers) -> Integers:
        if self.candidates.in_row_order:
            return chosen
        return np.where(chosen >= 0, self.candidates.rows[chosen], -1)

    def _pick(self, rows: Integers, uniforms: Floats) -> Integers:
        """Position within each row's stretch, drawn by weight; -1 if the total weight of the stretch is 0."""
        if self.near is not None:
            return self._pick_near(rows, uniforms)
        codes = self.variants[rows]
        kinds = distinct(codes)
        if len(kinds) == 1:
            every = len(rows) == self.low.shape[-1]
            low, high = (self.low, self.high) if every else (self.low[..., rows], self.high[..., rows])
            return self._pick_by(int(kinds[0]), low, high, uniforms)
        chosen = np.full(len(rows), -1, dtype=np.int64)
        for code in kinds:
            mine = np.flatnonzero(codes == code)
            chosen[mine] = self._pick_by(
                int(code), self.low[..., rows[mine]], self.high[..., rows[mine]], uniforms[mine]
            )
        return chosen

    def _pick_near(self, rows: Integers, uniforms: Floats) -> Integers:
        """Like ``_pick``, with the weights of all candidates for each row, so many rows at a time that the memory is bounded."""
        positions = np.arange(len(self.candidates.rows))
        step = max(DENSE_CELLS // len(positions), 1)
        pieces = [
            _drawn(self._weights(rows[start : start + step], positions), uniforms[start : start + step])
            for start in range(0, len(rows), step)
        ]
        return np.concatenate([np.empty(0, dtype=np.int64), *pieces])

    def _weights(self, rows: Integers, positions: Integers) -> Floats:
        """(rows, candidates): the weight of each candidate for each row; 0 where it is not in a stretch of the row."""
        codes = self.variants[rows]
        if len(codes) and (codes == codes[0]).all():
            weights = self.weights_of(int(codes[0])) * self._eligible(rows, positions)
        else:
            weights = np.stack([self.weights_of(int(code)) for code in codes]) * self._eligible(rows, positions)
        return weights if self.near is None else weights * self.near.factors(rows)

    def _pick_by(self, code: int, low: Integers, high: Integers, uniforms: Floats) -> Integers:
        if low.ndim > 1:
            return self._pick_among(code, low, high, uniforms)
        running = self._running(code)
        base = running.totals.take(low)
        span = running.totals.take(high) - base
        found = running.find(base + uniforms * span) - 1
        found = np.clip(found, low, np.maximum(high - 1, low))
        found[span <= 0] = -1
        return found

    def _pick_among(self, code: int, low: Integers, high: Integers, uniforms: Floats) -> Integers:
        """Like ``_pick_by``, but from several stretches of each row at once: (stretches, rows)."""
        running = self._running(code)
        base = running.totals.take(low)
        until = np.cumsum(running.totals.take(high) - base, axis=0)
        reached = uniforms * until[-1]
        which = np.minimum((until <= reached).sum(axis=0), len(low) - 1)
        rows = np.arange(low.shape[1])
        before = np.where(which > 0, until[np.maximum(which - 1, 0), rows], 0.0)
        low, high = low[which, rows], high[which, rows]
        found = running.find(base[which, rows] + reached - before) - 1
        found = np.clip(found, low, np.maximum(high - 1, low))
        found[until[-1] <= 0] = -1
        return found

    def _running(self, code: int) -> RunningTotals:
        known = self.candidates.totals
        if code not in known:
            weights = self.weights_of(code)
            totals = np.zeros(len(weights) + 1)
            np.cumsum(weights, out=totals[1:])
            known[code] = RunningTotals.of(totals)
        return known[code]

    def _rows_of_same_parents(self, rows: Integers) -> Integers:
        """All rows with the same parents as ``rows``, because a new choice may be equal to that of a sibling."""
        if self.parents is None:
            return rows
        concerned = np.zeros(int(self.parents.max()) + 1, dtype=np.bool_)
        concerned[self.parents[rows]] = True
        return np.flatnonzero(concerned[self.parents])

    def _broken(self, chosen: Integers, among: Integers, by_habit: Mask) -> Integers:
        """Rows of ``among`` whose choice is no longer eligible at their moment, or repeats the choice of an earlier sibling.

        A choice by habit is eligible, and comes before the choices of siblings that have none.
        """
        picked = chosen[among]
        broken = np.zeros(len(among), dtype=np.bool_)
        if self.candidates.until is not None and self.at is not None:
            broken |= (picked >= 0) & ~by_habit[among] & (self.candidates.until[picked] <= self.at[among])
        if self.parents is not None:
            same = self._row_numbers(picked) if self.candidates.repeated else picked
            parents = self.parents[among]
            if by_habit[among].any():
                order = np.lexsort((~by_habit[among], parents))
                repeated = np.zeros(len(among), dtype=np.bool_)
                repeated[order] = _repeats_a_sibling(parents[order], same[order])
            else:
                repeated = _repeats_a_sibling(parents, same)
            broken |= (picked >= 0) & ~broken & repeated
        return among[broken]

    def _settle(self, chosen: Integers, pending: Integers, random: np.random.Generator) -> None:
        """Exact choice for rows that redrawing did not solve: one row of a parent at a time, with weights of all candidates."""
        chosen[pending] = -1
        width = max(len(self.candidates.rows), 1)
        while len(pending):
            turn = (
                pending
                if self.parents is None
                else pending[pl.Series(self.parents[pending]).is_first_distinct().to_numpy()]
            )
            for start in range(0, len(turn), max(DENSE_CELLS // width, 1)):
                rows = turn[start : start + max(DENSE_CELLS // width, 1)]
                chosen[rows] = self._weigh(rows, chosen, random.random(len(rows)))
            pending = np.setdiff1d(pending, turn, assume_unique=True)

    def _weigh(self, rows: Integers, chosen: Integers, uniforms: Floats) -> Integers:
        positions = np.arange(len(self.candidates.rows))
        weights = self._weights(rows, positions)
        if self.candidates.until is not None and self.at is not None:
            weights *= self.candidates.until > self.at[rows, None]
        if self.parents is not None:
            siblings = self._rows_of_same_parents(rows)
            siblings = siblings[chosen[siblings] >= 0]
            line_of_parent = np.full(int(self.parents.max()) + 1, -1, dtype=np.int64)
            line_of_parent[self.parents[rows]] = np.arange(len(rows))
            lines = line_of_parent[self.parents[siblings]]
            if self.candidates.repeated:
                taken = np.zeros((len(rows), int(self.candidates.rows.max()) + 1), dtype=np.bool_)
                taken[lines, self.candidates.rows[chosen[siblings]]] = True
                weights[taken[:, self.candidates.rows]] = 0.0
            else:
                weights[lines, chosen[siblings]] = 0.0
        return _drawn(weights, uniforms)

    def _eligible(self, rows: Integers, positions: Integers) -> Mask:
        """Whether each position is in a stretch of each row: (rows, positions)."""
        if self.low.ndim == 1:
            return (positions >= self.low[rows, None]) & (positions < self.high[rows, None])
        inside = np.zeros((len(rows), len(positions)), dtype=np.bool_)
        for low, high in zip(self.low, self.high, strict=True):
            inside |= (positions >= low[rows, None]) & (positions < high[rows, None])
        return inside


def _drawn(weights: Floats, uniforms: Floats) -> Integers:
    """Column of each row's weights, drawn by weight; -1 if they are all 0."""
    running = np.cumsum(weights, axis=1)
    total = running[:, -1]
    found = (running <= (uniforms * total)[:, None]).sum(axis=1)
    return np.where(total > 0, np.minimum(found, weights.shape[1] - 1), -1)


def _repeats_a_sibling(parents: Integers, picked: Integers) -> Mask:
    """Rows whose choice was already made by an earlier row of the same parent; rows of a parent must be adjacent."""
    repeated = np.zeros(len(parents), dtype=np.bool_)
    for apart in range(1, len(parents)):
        siblings = parents[apart:] == parents[:-apart]
        if apart > MOST_COMPARED_SIBLINGS:
            pairs = pl.DataFrame({"parent": parents, "picked": picked})
            return ~pairs.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
        if not siblings.any():
            break
        repeated[apart:] |= siblings & (picked[apart:] == picked[:-apart])
    return repeated


def with_effects(
    weights: Floats, factors: Sequence[Callable[[], Floats]], of_case: Callable[[int], Floats] | None = None
) -> Callable[[int], Floats]:
    """Weights for each combination of effects and case, each computed once, when first requested.

    Bit i of the combination's code stands for the i-th factor; the bits above them are the number of the case, whose weights
    ``of_case`` gives instead of ``weights``.
    """
    known: dict[int, Floats] = {}

    def weights_of(code: int) -> Floats:
        if code not in known:
            product = weights if of_case is None else of_case(code >> len(factors))
            for bit, factor in enumerate(factors):
                if code >> bit & 1:
                    product = product * factor()
            known[code] = product
        return known[code]

    return weights_of
