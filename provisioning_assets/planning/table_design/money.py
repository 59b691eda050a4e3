"""Converts amounts, which authors write in euros, into usual amounts of the customer's market."""

import math
from collections.abc import Mapping
from statistics import median

from provisioning_assets.planning.markets import Market
from provisioning_assets.planning.written import OwnAmount

COARSE_LEVEL = 20
"""Price level from which on amounts are whole numbers with three significant digits: 1,600 yen instead of 1,598.40."""

FEWEST_KNOWN_PRICES = 3
"""Smallest number of the customer's own prices from which their level is derived; fewer may be exceptions."""


def usual_amount(amount: float, market: Market) -> float:
    """An amount written in euros as a usual price in the market's currency: 19.99 -> 29.99 CAD, 3,200 JPY.

    An ``OwnAmount`` is in the customer's currency already, and stays.
    """
    if isinstance(amount, OwnAmount):
        return float(amount)
    if market.price_level == 1 or amount == 0:
        return amount
    scaled = amount * market.price_level
    if market.price_level >= COARSE_LEVEL:
        digits = 2 - math.floor(math.log10(abs(scaled)))
        return float(round(scaled, min(digits, 0)))
    ending = market.endings[0] if amount != int(amount) else 0.0
    return round(round(scaled - ending) + ending, 2)


def level_of(known: Mapping[str, float], usual: float) -> float:
    """How many times as expensive as usual the customer is, judged by their own prices; 1 if too few are known.

    Args:
        known: word -> the price on the customer's site.
        usual: the blueprint's median price, in the customer's currency.
    """
    return median(known.values()) / usual if len(known) >= FEWEST_KNOWN_PRICES else 1.0
