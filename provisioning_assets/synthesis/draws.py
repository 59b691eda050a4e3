"""Random numbers that depend only on their purpose.

A draw is keyed by (seed, table, column, block, purpose). Neither the number of workers nor the order of work can change it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provisioning_assets.data_model.keyed_random import Floats, Integers

FEW_STEPS = 32
"""With at most this many totals, comparing a draw with each is faster than a search (2 against 20 nanoseconds a draw)."""

GUIDE_CELLS = 2
"""Cells of the guide table for each total; a draw then finds its position in little more than one step."""

MOST_GUIDE_CELLS = 1 << 22
"""Maximum number of cells (16 MB); with more totals, several share a cell."""


GUIDED_STEPS = 16
"""Steps from the position in the guide table; if a cell has more totals, a binary search does the rest."""


@dataclass(frozen=True)
class RunningTotals:
    """Ascending totals of weights, and a guide table: for each of equal cells of their range, how many totals are in earlier cells.

    A binary search in a million totals has about twenty cache misses (240 nanoseconds a draw, measured). A guide table leads
    to a position next to the right one (15 nanoseconds). Source: Chen and Asau, "On Generating Random Variates from an
    Empirical Distribution", AIIE Transactions 6 (1974).
    """

    totals: Floats
    guide: NDArray[np.int32]

    @classmethod
    def of(cls, totals: Floats) -> "RunningTotals":
        """Totals with their guide table; no total may be smaller than the one before it."""
        cells = min(1 << int(np.log2(GUIDE_CELLS * len(totals))), MOST_GUIDE_CELLS)
        guide = np.zeros(cells, dtype=np.int32)
        np.cumsum(np.bincount(_cells(totals, totals[-1], cells), minlength=cells)[:-1], out=guide[1:], dtype=np.int32)
        return cls(totals, guide)

    def find(self, reached: Floats) -> Integers:
        """Index of the first total above each ``reached`` (0 or more); the number of totals where there is none."""
        last = len(self.totals) - 1
        found = self.guide.take(_cells(reached, self.totals[-1], len(self.guide))).astype(np.int64)
        behind = np.flatnonzero(self.totals.take(np.minimum(found, last)) <= reached)
        for _ in range(GUIDED_STEPS):
            found[behind] += 1
            behind = behind[found[behind] <= last]
            behind = behind[self.totals[found[behind]] <= reached[behind]]
            if len(behind) == 0:
                return found
        found[behind] = np.searchsorted(self.totals, reached[behind], side="right")
        return found


def _cells(reached: Floats, whole: float, cells: int) -> NDArray[np.int32]:
    """The cell of each value. Cells never decrease as values increase, so a value in an earlier cell is smaller."""
    if whole <= 0:
        return np.zeros(len(reached), dtype=np.int32)
    return np.minimum((reached / whole * cells).astype(np.int32), cells - 1)


def choose(cumulative: Floats, uniforms: Floats) -> Integers:
    """Index of the interval of ``cumulative`` (ascending, any total) that each uniform draw falls into."""
    reached = uniforms * cumulative[-1]
    last = len(cumulative) - 1
    if last < FEW_STEPS:
        return steps_up(cumulative[:-1], reached).astype(np.int64)
    return np.minimum(first_above(cumulative, reached), last)


def first_above(totals: Floats, reached: Floats) -> Integers:
    """Index of the first of ascending totals above each ``reached`` (0 or more); the number of totals if there is none.

    For a few values no guide table is made, because that would take longer than the search.
    """
    if len(reached) < GUIDE_CELLS * len(totals):
        return np.searchsorted(totals, reached, side="right").astype(np.int64, copy=False)
    return RunningTotals.of(totals).find(reached)


def steps_up(totals: Floats, reached: Floats) -> NDArray[np.int8]:
    """For each ``reached``, how many of the ascending totals (127 at most) are less than or equal to it."""
    found = np.zeros(len(reached), dtype=np.int8)
    for total in totals:
        found += reached >= total
    return found


def distinct(codes: Integers) -> Integers:
    """The different values among codes, ascending; fast if all are equal, which is the case without planted effects."""
    if len(codes) and (codes == codes[0]).all():
        return codes[:1]
    return np.unique(codes)
