"""Numbers and cases of rows, by the value of one of their columns."""

from collections.abc import Mapping, Sequence

import polars as pl

from provisioning_assets.data_model.case_numbers import CaseNumber, NumberByCase
from provisioning_assets.data_model.keyed_random import Floats, Integers

Columns = Mapping[str, pl.Series] | pl.DataFrame
"""The columns of some rows, by name."""


def number(columns: Columns, given: CaseNumber) -> Floats | float:
    """A number, or the number of each row if it depends on one of its columns."""
    return by_value(columns[given.by], given.cases, given.otherwise) if isinstance(given, NumberByCase) else given


def bounds(
    columns: Columns, minimum: CaseNumber | None, maximum: CaseNumber | None
) -> tuple[Floats | float | None, Floats | float | None]:
    """The smallest and largest value, of all rows or of each row; None where there is no bound."""
    return (
        None if minimum is None else number(columns, minimum),
        None if maximum is None else number(columns, maximum),
    )


def case_numbers(column: pl.Series, cases: Sequence[str]) -> Integers:
    """For each row, the position of the column's value among the cases; their number for null and for other values."""
    places = column.cast(pl.String).replace_strict(
        list(cases), list(range(len(cases))), default=None, return_dtype=pl.Int64
    )
    return places.fill_null(len(cases)).to_numpy()


def by_value(column: pl.Series, cases: Mapping[str, float], otherwise: float) -> Floats:
    """The number of each row by the column's value; ``otherwise`` for null and for values without a case."""
    found = column.cast(pl.String).replace_strict(
        list(cases), list(cases.values()), default=None, return_dtype=pl.Float64
    )
    return found.fill_null(otherwise).to_numpy()
