"""Formats the cells of a result's columns for readers."""

import math
import re
from collections.abc import Sequence

from provisioning_assets.data_model.names import Scalar
from provisioning_assets.figure_text import LARGEST_WRITTEN_OUT, is_currency, number_text, quantity, shown_digits
from provisioning_assets.googlesql.column_titles import period_text
from provisioning_assets.labels.catalogue import labels_of
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE

NUMERIC_TYPES = frozenset({"INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"})
# Integers that identify something are not quantities: 2026 is a year, 100234 an order.
_NAMING_COLUMN = re.compile(r"(^|_)(id|key|number|no|year|code|postcode|zip|isoweek|week)$")


def column_texts(
    values: Sequence[Scalar], column: str, type_: str, unit: str | None = None, language: str = DEFAULT_LANGUAGE
) -> list[str]:
    """Return the cells of a result's column as text. Null gives an empty text; all rows have the same number of decimals.

    The cells of a column of money do not repeat its currency, which is in the column's heading.

    Args:
        values: as the query returned them.
        column: the column's name; an integer of a column such as ``order_id`` or ``year`` gets no separators.
        type_: the column's GoogleSQL type.
        unit: the column's unit, such as a currency code.
        language: in which numbers, dates and "yes" are written, ISO 639-1.
    """
    fractions = [value for value in values if isinstance(value, float) and math.isfinite(value)]
    if unit is not None and is_currency(unit):
        decimals = shown_digits(max(map(abs, fractions), default=0), unit)
    elif any(0 < abs(value) < 0.01 for value in fractions):
        decimals = 4
    else:
        decimals = max((_decimals(value) for value in fractions), default=0)
    return [_cell_text(value, column, type_, decimals, language) for value in values]


def is_quantity(column: str, type_: str) -> bool:
    """Return whether a column's values are numbers that count or measure. Such columns are right-aligned."""
    return type_ in NUMERIC_TYPES and not (type_ == "INT64" and _NAMING_COLUMN.search(column.lower()))


def _decimals(value: float) -> int:
    """Return the number of decimals the value needs, at most two."""
    return next((count for count in range(2) if abs(round(value, count) - value) < 5e-4), 2)


def _cell_text(value: Scalar, column: str, type_: str, decimals: int, language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        said = labels_of(language).picture
        return said.affirmed if value else said.denied
    if isinstance(value, int):
        return str(value) if _NAMING_COLUMN.search(column.lower()) else quantity(value, 0, language)
    if isinstance(value, float):
        odd = not math.isfinite(value) or abs(value) >= LARGEST_WRITTEN_OUT
        return quantity(value, 0, language) if odd else number_text(value, decimals, language)
    return period_text(value, column, language) if type_ in ("DATE", "DATETIME") else value
