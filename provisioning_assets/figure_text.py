"""Writes numbers, amounts, dates and counts for readers of English, everywhere alike.

The customer's own words keep their language.
"""

import math
import re
from datetime import date
from decimal import Decimal
from functools import cache

from provisioning_assets.data_model.amounts import minor_digits

FEWEST_WHOLE = 1_000
"""Figures from here on are written without decimals."""

FINDING_DECIMALS = 1
"""Decimals of a finding's figure, in its headline and beside it."""

FEWEST_WITHOUT_DECIMALS = 1_000
"""Amounts from here on are written without decimals: their cents say nothing to a reader."""

FEWEST_SCALED = 1e7
"""Amounts from here on are written in millions, billions or trillions."""

LARGEST_WRITTEN_OUT = 1e15
"""Larger numbers are written in exponent form, because their digits cannot be read at a glance."""

SMALLEST_ON_A_SCALE = 0.1
"""Amounts below this part of a scale are not written on it: one decimal would not show them."""

_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


@cache
def is_currency(unit: str) -> bool:
    """Whether a unit is an ISO 4217 code."""
    from babel.numbers import list_currencies

    return unit in list_currencies()


def shown_digits(largest: float, currency: str) -> int:
    """Number of decimals of the amounts of one list, of which ``largest`` is the largest: all have them, or none has."""
    return 0 if abs(largest) >= FEWEST_WITHOUT_DECIMALS else minor_digits(currency)


def _scale_of(value: float) -> tuple[float, str]:
    return next((step for step in _SCALES if abs(value) >= FEWEST_SCALED and abs(value) >= step[0]), (1, ""))


def amount_text(value: float, currency: str, largest: float | None = None) -> str:
    """An amount as a reader of English sees it everywhere: ``€12.50``, ``€1,234``, ``IDR 11.5 billion``.

    Args:
        value: smaller than ``LARGEST_WRITTEN_OUT``.
        currency: ISO 4217 code.
        largest: the largest amount of the same sentence, on whose scale this one is written: ``€8.1 million`` beside
            ``€46.3 million``. Without it, and for an amount too small for that scale, its own.
    """
    from babel.numbers import format_currency

    scale, word = _scale_of(value if largest is None else largest)
    if abs(value) < scale * SMALLEST_ON_A_SCALE:
        scale, word = _scale_of(value)
    whole = shown_digits(value, currency) == 0
    pattern = "¤#,##0.0" if word else "¤#,##0" if whole else None
    text = format_currency(value / scale, currency, format=pattern, locale="en", currency_digits=not whole)
    # A currency code is separated from its amount (IDR 1,200), a sign is not. No line break inside an amount.
    text = re.sub(r"(?<=[^\W\d_])(?=\d)", "\N{NO-BREAK SPACE}", text)
    return f"{text}\N{NO-BREAK SPACE}{word}" if word else text


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


def figure(value: float | None, unit: str, decimals: int = 2, *, largest: float | None = None) -> str:
    """A figure with its unit: ``12.4%``, ``€1,234``, ``IDR 11.5 billion``, ``3.2 days``; a dash for None.

    Args:
        value: in ``unit``.
        unit: ``percent``, an ISO 4217 code, ``count``, or any other word, which follows the figure; empty for none.
        decimals: of other figures than amounts and percentages, at most; those from 1,000 on have none.
        largest: the largest amount of the same sentence, see ``amount_text``.
    """
    if value is None:
        return "–"
    if unit in ("percent", "%"):
        return f"{quantity(value, 1)}%"
    if is_currency(unit) and abs(value) < LARGEST_WRITTEN_OUT:
        return amount_text(value, unit, largest)
    text = quantity(value, 0 if abs(value) >= FEWEST_WHOLE else decimals)
    return text if unit in ("", "count", "number") else f"{text} {unit}"


def figure_in_words(value: float, unit: str) -> str:
    """The size of a figure inside a sentence that says its sign and its unit itself: ``26.7%``, ``€1,234``, ``3.3``.

    Args:
        value: in ``unit``.
        unit: ``percent``, an ISO 4217 code, or any other, which is left to the sentence.
    """
    return figure(abs(value), unit if unit == "percent" or is_currency(unit) else "", FINDING_DECIMALS)


def percent(share: float) -> str:
    """``0.954`` -> ``95%``. A share below 1 is never rounded up to 100%."""
    if 0 < share < 1:
        return f"{min(99, max(1, round(share * 100)))}%"
    return f"{round(share * 100)}%"


def day(value: date) -> str:
    """``30 June 2026``."""
    from babel.dates import format_date

    return format_date(value, format="d MMMM yyyy", locale="en")


def plural(count: int, noun: str, plural_noun: str | None = None) -> str:
    """``1 table``, ``7 tables``."""
    return f"{quantity(count)} {noun if count == 1 else plural_noun or noun + 's'}"
