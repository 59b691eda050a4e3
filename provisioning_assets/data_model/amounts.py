"""Rounds amounts as a database does, and writes them for readers.

Halves are rounded away from zero, although the product was computed in binary.
"""

import re
from functools import cache

import numpy as np

from provisioning_assets.data_model.keyed_random import Floats, Integers


def round_half_away(values: Floats, decimals: int) -> Floats:
    """Return the values rounded to ``decimals``. A value slightly below a half because of binary arithmetic counts as the half."""
    scale = 10.0**decimals
    magnitude = np.abs(values)
    magnitude *= scale
    hair = magnitude * 2e-15
    hair += 1e-7
    # in place: creating a new array costs as much as the arithmetic on it
    magnitude += 0.5
    magnitude += hair
    np.floor(magnitude, out=magnitude)
    np.copysign(magnitude, values, out=magnitude)
    magnitude /= scale
    magnitude += 0.0
    return magnitude


def cents(values: Floats) -> Integers:
    """Return amounts that are already rounded as whole hundredths; exact up to 2**53 hundredths."""
    return np.rint(values * 100.0).astype(np.int64)


def price_step(median: float, digits: int) -> float:
    """Return the unit that a price ending is a fraction of: 1, or for large amounts the step of the two leading digits."""
    if digits > 0 and median < 2_000:
        return 1.0
    return max(10.0 ** (np.floor(np.log10(max(median, 1.0))) - 1), 1.0)


@cache
def minor_digits(currency: str) -> int:
    """Return the number of decimals of amounts in a currency (from Unicode CLDR, read with babel), at most two."""
    from babel.numbers import get_currency_precision

    return min(get_currency_precision(currency), 2)


FEWEST_WITHOUT_DECIMALS = 1_000
"""Amounts from here on are written without decimals: their cents say nothing to a reader."""

FEWEST_WHOLE = 1_000
"""Figures inside a sentence from here on are written without decimals."""

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


def figure_in_words(value: float, unit: str) -> str:
    """The size of a figure inside a sentence: ``26.7%``, ``€1,234``; other units are left to the sentence: ``3.3``.

    Args:
        value: in ``unit``; its sign is left to the sentence too ("less", "longer").
        unit: ``percent``, an ISO 4217 code, or any other.
    """
    size = abs(value)
    if is_currency(unit):
        return amount_text(size, unit)
    number = f"{size:.1f}".removesuffix(".0") if size < FEWEST_WHOLE else f"{size:,.0f}"
    return f"{number}%" if unit == "percent" else number


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
