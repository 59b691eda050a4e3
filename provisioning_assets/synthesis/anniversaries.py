"""Exact calendar arithmetic in months; a day that a shorter month does not have becomes the last day of that month."""

import numpy as np

from provisioning_assets.data_model.calendar import PERIOD_DAYS, PERIOD_MONTHS
from provisioning_assets.data_model.keyed_random import Integers


def months_later(days: Integers, months: Integers) -> Integers:
    """Day numbers ``months`` months after ``days`` (days since 1970-01-01). 31 January plus one month is the last of February."""
    first, place = _month_and_place(days)
    month = first + months
    return _first_day(month) + np.minimum(place, _first_day(month + 1) - _first_day(month) - 1)


def whole_months(since: Integers, until: Integers) -> Integers:
    """The number of complete months from ``since`` to ``until``; negative if ``until`` is earlier."""
    first, place = _month_and_place(since)
    month, day = _month_and_place(until)
    ahead = np.minimum(place, _first_day(month + 1) - _first_day(month) - 1) > day
    return month - first - ahead


def whole_periods(since: Integers, until: Integers, period: str) -> Integers:
    """The number of complete periods from ``since`` to ``until``, which are day numbers."""
    if period in PERIOD_DAYS:
        return (until - since) // PERIOD_DAYS[period]
    return whole_months(since, until) // PERIOD_MONTHS[period]


def periods_later(days: Integers, number: Integers, period: str) -> Integers:
    """Day numbers ``number`` periods after ``days``."""
    return (
        days + number * PERIOD_DAYS[period]
        if period in PERIOD_DAYS
        else months_later(days, number * PERIOD_MONTHS[period])
    )


def _month_and_place(days: Integers) -> tuple[Integers, Integers]:
    """Months since January 1970, and days since the first of the month."""
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return month, days - _first_day(month)


def _first_day(months: Integers) -> Integers:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
