"""Formats numbers and dates for readers: separated thousands, currency signs, dates in words."""

import math
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from babel.core import Locale
from babel.dates import format_date

from provisioning_assets.data_model.amounts import LARGEST_WRITTEN_OUT, amount_text, is_currency, shown_digits
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.googlesql.column_titles import period_text

# The booklet is written in English; the customer's own words keep their language.
ENGLISH = Locale("en")
NUMERIC_TYPES = frozenset({"INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"})
# Integers that identify something are not quantities: 2026 is a year, 100234 an order.
_NAMING_COLUMN = re.compile(r"(^|_)(id|key|number|no|year|code|postcode|zip|isoweek|week)$")


def column_texts(values: Sequence[Scalar], column: str, type_: str, unit: str | None = None) -> list[str]:
    """Return the cells of a result's column as text. Null gives an empty text; all rows have the same number of decimals.

    The cells of a column of money do not repeat its currency, which is in the column's heading.

    Args:
        values: as the query returned them.
        column: the column's name; an integer of a column such as ``order_id`` or ``year`` gets no separators.
        type_: the column's GoogleSQL type.
        unit: the column's unit, such as a currency code.
    """
    fractions = [value for value in values if isinstance(value, float) and math.isfinite(value)]
    if unit is not None and is_currency(unit):
        decimals = shown_digits(max(map(abs, fractions), default=0), unit)
    elif any(0 < abs(value) < 0.01 for value in fractions):
        decimals = 4
    else:
        decimals = max((_decimals(value) for value in fractions), default=0)
    return [_cell_text(value, column, type_, decimals) for value in values]


def is_quantity(column: str, type_: str) -> bool:
    """Return whether a column's values are numbers that count or measure. Such columns are right-aligned."""
    return type_ in NUMERIC_TYPES and not (type_ == "INT64" and _NAMING_COLUMN.search(column.lower()))


def _decimals(value: float) -> int:
    """Return the number of decimals the value needs, at most two."""
    return next((count for count in range(2) if abs(round(value, count) - value) < 5e-4), 2)


def _cell_text(value: Scalar, column: str, type_: str, decimals: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value) if _NAMING_COLUMN.search(column.lower()) else quantity(value)
    if isinstance(value, float):
        odd = not math.isfinite(value) or abs(value) >= LARGEST_WRITTEN_OUT
        return quantity(value) if odd else f"{round(value, decimals) + 0:,.{decimals}f}"  # never -0.00
    return period_text(value, column) if type_ in ("DATE", "DATETIME") else value


def quantity(value: float, decimals: int = 0) -> str:
    """``1234.5`` -> ``1,234.5``, with at most ``decimals`` decimals; a value below 0.1 gets two significant digits."""
    if not math.isfinite(value):
        return "not a number"
    if 0 < abs(value) < 0.1 and decimals:
        return f"{value:.2g}"
    if abs(value) >= LARGEST_WRITTEN_OUT:
        return f"{Decimal(value):.4g}"
    # Adding zero turns -0.0 into 0.0.
    text = f"{round(value, decimals) + 0:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def figure(value: float | None, unit: str, decimals: int = 2) -> str:
    """A figure with its unit: ``12.4%``, ``€1,234``, ``IDR 11.5 billion``, ``3.2 days``; a dash for None.

    Args:
        value: in ``unit``.
        unit: percent, an ISO 4217 code, or any other.
        decimals: of a figure below 1,000 that is neither a percentage nor money, at most.
    """
    if value is None:
        return "–"
    if unit in ("percent", "%"):
        return f"{quantity(value, 1)}%"
    if is_currency(unit) and abs(value) < LARGEST_WRITTEN_OUT:
        return amount_text(value, unit)
    text = quantity(value, 0 if abs(value) >= 1000 else decimals)
    return text if unit in ("", "count", "number") else f"{text} {unit}"


def percent(share: float) -> str:
    """``0.954`` -> ``95%``. A share below 1 is never rounded up to 100%."""
    if 0 < share < 1:
        return f"{min(99, max(1, round(share * 100)))}%"
    return f"{round(share * 100)}%"


def day(value: date) -> str:
    """``30 June 2026``."""
    return format_date(value, format="d MMMM yyyy", locale=ENGLISH)


def plural(count: int, noun: str, plural_noun: str | None = None) -> str:
    """``1 table``, ``7 tables``."""
    return f"{quantity(count)} {noun if count == 1 else plural_noun or noun + 's'}"
