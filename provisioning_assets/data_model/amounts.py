"""Rounding amounts as a database does: halves away from zero, although the product was computed in binary."""

from functools import cache

import numpy as np

from provisioning_assets.data_model.keyed_random import Floats, Integers


def round_half_away(values: Floats, decimals: int) -> Floats:
    """Values rounded to ``decimals``; what binary arithmetic left a hair below a half counts as the half."""
    scale = 10.0**decimals
    magnitude = np.abs(values)
    magnitude *= scale
    hair = magnitude * 2e-15
    hair += 1e-7
    # in place: each array that is made anew costs as much as the arithmetic in it
    magnitude += 0.5
    magnitude += hair
    np.floor(magnitude, out=magnitude)
    np.copysign(magnitude, values, out=magnitude)
    magnitude /= scale
    magnitude += 0.0
    return magnitude


def cents(values: Floats) -> Integers:
    """Whole hundredths of amounts that are already rounded; exact to 2**53 hundredths."""
    return np.rint(values * 100.0).astype(np.int64)


def price_step(median: float, digits: int) -> float:
    """What an ending is a fraction of: one unit, or the leading two digits' step where amounts are large."""
    if digits > 0 and median < 2_000:
        return 1.0
    return max(10.0 ** (np.floor(np.log10(max(median, 1.0))) - 1), 1.0)


@cache
def minor_digits(currency: str) -> int:
    """Decimals that amounts of a currency have (Unicode CLDR, by babel), at most two."""
    from babel.numbers import get_currency_precision

    return min(get_currency_precision(currency), 2)
