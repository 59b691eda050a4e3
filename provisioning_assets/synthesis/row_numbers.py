"""Values of a column at row numbers, the row numbers of keys, and steps through a range of numbers."""

from dataclasses import dataclass
from functools import lru_cache
from math import gcd

import numpy as np
import polars as pl

from provisioning_assets.data_model.keyed_random import Integers
from provisioning_assets.synthesis.clock import with_nulls


def at_rows(series: pl.Series, rows: np.ndarray) -> pl.Series:
    """The series' value at each row number, 0 or more, of any integer type.

    Row numbers are narrowed by NumPy: polars checks each while it does (3 nanoseconds a row, as much as the gathering).
    """
    return series.gather(pl.Series(rows.astype(np.uint32, copy=False)))


def at_pointers(series: pl.Series, pointers: Integers) -> pl.Series:
    """The series' value at each row number; null at -1."""
    if len(series) == 0:
        return pl.Series([None] * len(pointers), dtype=series.dtype)
    return with_nulls(at_rows(series, np.maximum(pointers, 0)), pointers >= 0)


@dataclass(frozen=True)
class KeyRows:
    """The rows of a table by their key: ``keys`` ascending, and the row number of each (None: they are in order)."""

    keys: pl.Series
    rows: Integers | None

    @classmethod
    def of(cls, keys: pl.Series) -> "KeyRows":
        """Different keys in row order, none null."""
        if keys.is_sorted():
            return cls(keys, None)
        order = keys.arg_sort()
        return cls(keys.gather(order), order.to_numpy().astype(np.int64))

    def find(self, wanted: pl.Series) -> Integers:
        """The row number of each key; -1 where it is null or no row has it."""
        if len(self.keys) == 0:
            return np.full(len(wanted), -1, dtype=np.int64)
        places = np.minimum(self.keys.search_sorted(wanted).to_numpy().astype(np.int64), len(self.keys) - 1)
        same = (at_rows(self.keys, places) == wanted).fill_null(False).to_numpy()
        return np.where(same, places if self.rows is None else self.rows[places], -1)


@lru_cache(maxsize=1024)
def stride(size: int) -> int:
    """A step that visits every one of ``size`` numbers before it repeats, near the golden section so that neighbours differ."""
    step = max(int(size * 0.6180339887), 1)
    while gcd(step, size) != 1:
        step += 1
    return step
