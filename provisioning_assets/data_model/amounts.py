"""Rounds amounts as a database does.

Halves are rounded away from zero, although the product was computed in binary.
"""

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
