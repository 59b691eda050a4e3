"""Days on which something can happen: open weekdays, without the public holidays of a country."""

from functools import lru_cache

import holidays

from provisioning_assets.data_model.calendar import day_number
from provisioning_assets.data_model.generators import After, Arrival, Before, Moment

WORKING_DAYS = (True, True, True, True, True, False, False)
"""Whether each weekday, from Monday on, is a working day."""


@lru_cache(maxsize=16)
def public_holidays(country: str, first_year: int, last_year: int) -> tuple[int, ...]:
    """Return the day numbers of a country's public holidays; empty if the ``holidays`` package has no calendar for it."""
    try:
        calendar = holidays.country_holidays(country, years=range(first_year, last_year + 1))
    except NotImplementedError:  # the package raises this for an unknown country
        return ()
    return tuple(sorted(day_number(day) for day in calendar))


def open_weekdays(generator: Arrival | After | Before | Moment) -> list[bool]:
    """Return for each weekday, from Monday on, whether its weight, and its timetable if it has one, leave it open."""
    given = [weight > 0 for weight in generator.weekdays or [1.0] * 7]
    snap = generator.snap
    if snap is not None and snap.weekdays is not None:
        given = [is_open and day in snap.weekdays for day, is_open in enumerate(given)]
    if snap is not None and snap.to == "workday":
        given = [is_open and working for is_open, working in zip(given, WORKING_DAYS, strict=True)]
    return given


def keeps_its_day(generator: Arrival | After | Before | Moment) -> bool:
    """Return whether the grid of a moment lets it lie on open days alone.

    Rows that arrive are placed on open days first and moved to their grid then, so the grid must keep the day. Other moments
    leave closed days last, by whole days, so the grid must be one of times or of open days.
    """
    snap = generator.snap
    if isinstance(generator, Arrival):
        return snap is None or snap.minutes is not None or snap.to == "day_start"
    return snap is None or snap.to in (None, "day_start", "workday")
