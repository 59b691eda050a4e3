"""Formats numbers and dates for readers: separated thousands, currency signs, dates in words."""

import math
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from babel.core import Locale
from babel.dates import format_date
from babel.numbers import format_currency, list_currencies

from provisioning_assets.data_model.names import Scalar

# The booklet is written in English; the customer's own words keep their language.
ENGLISH = Locale("en")
# Larger numbers are written in exponent form, because their digits cannot be read at a glance.
LARGEST_WRITTEN_OUT = 1e15
# Amounts from here on are written in millions, billions or trillions.
FEWEST_SCALED = 1e7
_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
NUMERIC_TYPES = frozenset({"INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"})
# Integers that identify something are not quantities: 2026 is a year, 100234 an order.
_NAMING_COLUMN = re.compile(r"(^|_)(id|key|number|no|year|code|postcode|zip|isoweek|week)$")
_MONTH_COLUMN = re.compile(r"(^|_)(month|cohort)(_|$)")
_FIRST_OF_MONTH = re.compile(r"(?!0000)\d{4}-(0[1-9]|1[0-2])-01", re.ASCII)
_CURRENCIES = frozenset(list_currencies())


def column_texts(values: Sequence[Scalar], column: str, type_: str) -> list[str]:
    """Return the cells of a result's column as text. Null gives an empty text; all rows have the same number of decimals.

    Args:
        values: as the query returned them.
        column: the column's name; an integer of a column such as ``order_id`` or ``year`` gets no separators.
        type_: the column's GoogleSQL type.
    """
    fractions = [value for value in values if isinstance(value, float) and math.isfinite(value)]
    decimals = max((_decimals(value) for value in fractions), default=0)
    if any(0 < abs(value) < 0.1 for value in fractions):
        decimals = 4
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
        return quantity(value) if odd else f"{value:,.{decimals}f}"
    if type_ == "DATE" and _MONTH_COLUMN.search(column.lower()) and _FIRST_OF_MONTH.fullmatch(value):
        return format_date(date.fromisoformat(value), format="MMM yyyy", locale=ENGLISH)
    if type_ == "DATETIME":
        return value.removesuffix("T00:00:00").replace("T", " ")
    return value


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


def figure(value: float | None, unit: str) -> str:
    """A figure with its unit: ``12.4%``, ``€1,234``, ``IDR 11.5 billion``, ``3.2 days``; a dash for None."""
    if value is None:
        return "–"
    if unit in ("percent", "%"):
        return f"{quantity(value, 1)}%"
    if unit in _CURRENCIES and abs(value) < LARGEST_WRITTEN_OUT:
        scale, word = next((step for step in _SCALES if abs(value) >= FEWEST_SCALED and abs(value) >= step[0]), (1, ""))
        scaled, whole = value / scale, abs(value) >= 1000
        pattern = "¤#,##0.0" if word else "¤#,##0" if whole else None
        text = format_currency(scaled, unit, format=pattern, locale=ENGLISH, currency_digits=not whole)
        # A currency code is separated from its amount (IDR 1,200), a sign is not. No line break inside an amount.
        text = re.sub(r"(?<=[^\W\d_])(?=\d)", "\N{NO-BREAK SPACE}", text)
        return f"{text}\N{NO-BREAK SPACE}{word}" if word else text
    text = quantity(value, 0 if abs(value) >= 1000 else 2)
    return text if unit in ("", "count", "number") else f"{text} {unit}"


def percent(share: float) -> str:
    """``0.954`` -> ``95%``. A share below 1 is never rounded up to 100%."""
    if 0 < share < 1:
        return f"{min(99, max(1, round(share * 100)))}%"
    return f"{round(share * 100)}%"


def day(value: date) -> str:
    """``30 June 2026``."""
    return format_date(value, format="d MMMM yyyy", locale=ENGLISH)


def heading(name: str) -> str:
    """A column's name as a heading: ``order_month`` -> ``Order month``, ``return_rate_pct`` -> ``Return rate %``."""
    words = re.sub(r"[_\s]+", " ", name).strip()
    words = re.sub(r" (pct|percent)$", " %", words)
    return words[:1].upper() + words[1:]


def plural(count: int, noun: str, plural_noun: str | None = None) -> str:
    """``1 table``, ``7 tables``."""
    return f"{quantity(count)} {noun if count == 1 else plural_noun or noun + 's'}"
