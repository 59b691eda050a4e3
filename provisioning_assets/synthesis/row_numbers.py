"""Values of a column at row numbers."""

import numpy as np
import polars as pl

from provisioning_assets.synthesis.clock import with_nulls
from provisioning_assets.synthesis.draws import Integers


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
