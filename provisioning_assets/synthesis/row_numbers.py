"""Values of a column at row numbers, row numbers of keys, and a step that visits all numbers of a range."""

from dataclasses import dataclass
from functools import lru_cache
from math import gcd

import numpy as np
import polars as pl

from provisioning_assets.data_model.keyed_random import Integers
from provisioning_assets.synthesis.clock import with_nulls


def at_rows(series: pl.Series, rows: np.ndarray) -> pl.Series:
    """The series' value at each row number; the row numbers are 0 or more and of any integer type.

    NumPy casts the row numbers, because polars checks each one when it casts (3 nanoseconds a row, as long as the lookup).
    """
    return series.gather(pl.Series(rows.astype(np.uint32, copy=False)))


def at_pointers(series: pl.Series, pointers: Integers) -> pl.Series:
    """The series' value at each row number; null at -1."""
    if len(series) == 0:
        return pl.Series([None] * len(pointers), dtype=series.dtype)
    return with_nulls(at_rows(series, np.maximum(pointers, 0)), pointers >= 0)


@dataclass(frozen=True)
class KeyRows:
    """The rows of a table by key: ``keys`` ascending, and the row number of each key (None: row numbers are in key order)."""

    keys: pl.Series
    rows: Integers | None

    @classmethod
    def of(cls, keys: pl.Series) -> "KeyRows":
        """From unique keys in row order, without nulls."""
        if keys.is_sorted():
            return cls(keys, None)
        order = keys.arg_sort()
        return cls(keys.gather(order), order.to_numpy().astype(np.int64))

    def find(self, wanted: pl.Series) -> Integers:
        """The row number of each key; -1 if the key is null or no row has it."""
        if len(self.keys) == 0:
            return np.full(len(wanted), -1, dtype=np.int64)
        places = np.minimum(self.keys.search_sorted(wanted).to_numpy().astype(np.int64), len(self.keys) - 1)
        same = (at_rows(self.keys, places) == wanted).fill_null(False).to_numpy()
        return np.where(same, places if self.rows is None else self.rows[places], -1)


@lru_cache(maxsize=1024)
def stride(size: int) -> int:
    """A step that visits all ``size`` numbers before any repeats; near the golden section, so that consecutive ones differ."""
    step = max(int(size * 0.6180339887), 1)
    while gcd(step, size) != 1:
        step += 1
    return step
