"""Times in which rows can be referenced: spells with a start and an end; a row can have several.

A draw must find the spells that are active at a moment. Spells are stored in classes by length; the maximum length doubles from
class to class. In a class, only spells that began within its maximum length before the moment can be active, and about half
of them are.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from provisioning_assets.data_model.keyed_random import Floats, Integers
from provisioning_assets.synthesis.clock import NEVER
from provisioning_assets.synthesis.references import SPAN, Candidates, group_codes

MOST_GROUPS = 1 << 21
"""Maximum of length classes x groups of equal columns; more do not fit into a 64-bit key together with a moment."""

LONG_AGO = -(1 << 38)
"""A moment before all others."""


def always(rows: int, since: Integers | None, until: Integers | None) -> pl.DataFrame:
    """One spell for each row, from ``since`` (``NEVER``: no spell) up to but not including ``until`` (``NEVER``: open-ended)."""
    return pl.DataFrame(
        {
            "row": np.arange(rows),
            "start": np.full(rows, LONG_AGO) if since is None else since,
            "end": np.full(rows, NEVER) if until is None else until,
        }
    )


def both(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The intersection of two sets of times: ``row``, ``start``, ``end``. Within one frame, times of a row never overlap."""
    pairs = one.join(other, on="row", maintain_order="left_right")
    times = pairs.select(
        "row",
        start=pl.max_horizontal("start", "start_right"),
        end=pl.min_horizontal("end", "end_right"),
    )
    return times.filter(pl.col("start") < pl.col("end"))


@dataclass(frozen=True)
class Spells:
    """Spells as candidates, ordered by (class of length, matching group, start).

    ``longest`` is the maximum length of the spells of each class in seconds (``NEVER``: open-ended). ``begins`` and ``ends`` are
    the starts and ends of all spells as group x SPAN + moment, in ascending order.
    """

    candidates: Candidates
    longest: Integers
    begins: Integers
    ends: Integers

    @classmethod
    def of(cls, times: pl.DataFrame, weights: Floats, match: pl.DataFrame | None) -> "Spells":
        """Spells of rows; ``weights`` and ``match`` (the columns that must be equal) are indexed by row number."""
        rows, start, end = (times[name].to_numpy() for name in ("row", "start", "end"))
        matched = None if match is None else match[rows]
        groups = None if matched is None else matched.unique(maintain_order=True).drop_nulls().with_row_index("group")
        codes = (
            np.zeros(len(rows), dtype=np.int64) if matched is None or groups is None else group_codes(matched, groups)
        )
        kinds, longest = _classes(np.where(end == NEVER, NEVER, end - start), 1 if groups is None else groups.height)
        candidates = Candidates.ordered(weights[rows], start, end, matched, kinds=kinds)
        known = codes >= 0
        finite = known & (end != NEVER)
        return cls(
            candidates=candidates.of_rows(rows),
            longest=longest,
            begins=np.sort(codes[known] * SPAN + start[known]),
            ends=np.sort(codes[finite] * SPAN + end[finite]),
        )

    def stretches(self, at: Integers, match: pl.DataFrame | None) -> tuple[Integers, Integers]:
        """First and one past the last position that may be active at each row's moment, for each class: (classes, rows)."""
        groups = self.candidates.groups
        codes = np.zeros(len(at), dtype=np.int64) if match is None or groups is None else group_codes(match, groups)
        known = np.where(codes < 0, 0, codes)
        lasting = (codes >= 0) & (self._begun(self.begins, known, at) > self._begun(self.ends, known, at))
        shape = (len(self.longest), len(at))
        low, high = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        count = 1 if groups is None else groups.height
        keys = self.candidates.keys
        for kind, longest in enumerate(self.longest):
            code = kind * count + known
            first = at - longest if longest != NEVER else np.full(len(at), LONG_AGO - 1)
            low[kind] = np.searchsorted(keys, code * SPAN + np.maximum(first, LONG_AGO - 1), side="right")
            high[kind] = np.searchsorted(keys, code * SPAN + at, side="right")
        return np.where(lasting, low, 0), np.where(lasting, np.maximum(high, low), 0)

    @staticmethod
    def _begun(moments: Integers, codes: Integers, at: Integers) -> Integers:
        """For each row, how many of the moments of its group are not after the row's own moment."""
        until = np.searchsorted(moments, codes * SPAN + at, side="right")
        return until - np.searchsorted(moments, codes * SPAN - SPAN // 2)


def _classes(lengths: Integers, groups: int) -> tuple[Integers, Integers]:
    """The class of each length (0 or more) and the maximum length of each class; open-ended spells are in the last class."""
    open_ = lengths == NEVER
    doublings = np.floor(np.log2(np.maximum(np.where(open_, 1, lengths), 1))).astype(np.int64)
    width = 1
    while (int(doublings.max(initial=0)) // width + 2) * groups > MOST_GROUPS and width < 64:
        width *= 2
    kinds = doublings // width
    kinds[open_] = int(kinds.max(initial=0)) + 1
    present, kinds = np.unique(kinds, return_inverse=True)
    longest = np.full(len(present), 0, dtype=np.int64)
    np.maximum.at(longest, kinds, lengths)
    return kinds.astype(np.int64), longest
