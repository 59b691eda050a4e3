"""Moments moved to a grid: multiples of some minutes or hours, calendar boundaries, working days, or a timetable."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from provisioning_assets.data_model.calendar import DAY_SECONDS, PERIOD_MONTHS, THURSDAY
from provisioning_assets.data_model.keyed_random import Integers
from provisioning_assets.data_model.open_days import WORKING_DAYS, public_holidays
from provisioning_assets.data_model.snap import Snap
from provisioning_assets.synthesis.clock import month_starts, months_of
from provisioning_assets.synthesis.effects import Mask

LONGEST_CLOSED_DAYS = 31
"""There is an open day within this many days of any day, even with many consecutive holidays."""


@dataclass(frozen=True)
class Grid:
    """``last(moments)``: the latest grid point not after each moment. ``next(moments)``: the earliest not before it.

    ``back``: whether a moment is moved to the last grid point rather than to the next one.
    """

    last: Callable[[Integers], Integers]
    next: Callable[[Integers], Integers]
    back: bool


def snapped(
    snap: Snap, country: str, moments: Integers, earliest: Integers | None = None, latest: Integers | None = None
) -> tuple[Integers, Mask]:
    """Moments, in seconds, on the grid of ``snap``, and whether each is within its bounds.

    ``earliest`` and ``latest`` are the bounds of each moment, and the moment itself must be within them. If the grid point that a
    moment is moved to is out of bounds, the moment is moved in the other direction. If that grid point is out of bounds, too,
    the grid has no point within the bounds.
    """
    return on_grid(grid_of(snap, country), moments, earliest, latest)


def on_grid(
    grid: Grid, moments: Integers, earliest: Integers | None = None, latest: Integers | None = None
) -> tuple[Integers, Mask]:
    """Like ``snapped``, for a grid."""
    if len(moments) == 0:
        return moments, np.ones(0, dtype=np.bool_)
    found = grid.last(moments) if grid.back else grid.next(moments)
    inside: Mask = np.ones(len(moments), dtype=np.bool_)
    if earliest is not None:
        if grid.back:
            found = np.where(found < earliest, grid.next(moments), found)
        inside &= found >= earliest
    if latest is not None:
        if not grid.back:
            found = np.where(found > latest, grid.last(moments), found)
        inside &= found <= latest
    if earliest is not None:
        inside &= found >= earliest
    return found, inside


def grid_of(snap: Snap, country: str) -> Grid:
    """The grid of a snap rule; ``country`` selects the public holidays."""
    if snap.minutes is not None:
        return _steps(snap.minutes * 60)
    if snap.times is not None:
        return _timetable(snap.times, snap.weekdays)
    if snap.to == "workday":
        return open_days(country, WORKING_DAYS)
    if snap.to == "day_start":
        return _steps(DAY_SECONDS)
    if snap.to == "week_start":
        return _starts(_weeks_of, _week_starts)
    unit, _, end = (snap.to or "").partition("_")
    if end == "start":
        return _starts(partial(_spans_of, PERIOD_MONTHS[unit]), partial(_span_starts, PERIOD_MONTHS[unit]))
    return Grid(partial(_last_end, PERIOD_MONTHS[unit]), partial(_next_end, PERIOD_MONTHS[unit]), back=False)


def _steps(seconds: int) -> Grid:
    return Grid(
        lambda moments: moments // seconds * seconds, lambda moments: -(-moments // seconds) * seconds, back=True
    )


# --- calendar boundaries -------------------------------------------------------------------------------------------


def _starts(number: Callable[[Integers], Integers], start: Callable[[Integers], Integers]) -> Grid:
    """Grid of the first midnights of periods: ``number`` gives the period of a moment, ``start`` the midnight of a period."""

    def following(moments: Integers) -> Integers:
        numbers = number(moments)
        first = start(numbers)
        return np.where(first == moments, first, start(numbers + 1))

    return Grid(lambda moments: start(number(moments)), following, back=True)


def _weeks_of(moments: Integers) -> Integers:
    return (moments // DAY_SECONDS + THURSDAY) // 7


def _week_starts(weeks: Integers) -> Integers:
    return (weeks * 7 - THURSDAY) * DAY_SECONDS


def _spans_of(months: int, moments: Integers) -> Integers:
    return months_of(moments) // months


def _span_starts(months: int, spans: Integers) -> Integers:
    return month_starts(spans * months)


def _next_end(months: int, moments: Integers) -> Integers:
    """The last day of the span of months that contains each moment, at the same time of day."""
    return _span_starts(months, _spans_of(months, moments) + 1) - DAY_SECONDS + moments % DAY_SECONDS


def _last_end(months: int, moments: Integers) -> Integers:
    end = _next_end(months, moments)
    before = _span_starts(months, _spans_of(months, moments)) - DAY_SECONDS + moments % DAY_SECONDS
    return np.where(end == moments, end, before)


# --- open days and timetables --------------------------------------------------------------------------------------


def open_days(country: str, weekdays: Sequence[bool], *, back: bool = False) -> Grid:
    """Grid of the days on an open weekday (Monday first, one of them open) that are no public holiday, at any time of day."""
    return Grid(
        partial(_open_day, country, weekdays, back=True), partial(_open_day, country, weekdays, back=False), back=back
    )


def on_holiday(country: str, moments: Integers) -> Mask:
    """Which moments are on a public holiday of the country."""
    days, first, public = _public_days(country, moments)
    return public[days - first]


def _open_day(country: str, weekdays: Sequence[bool], moments: Integers, *, back: bool) -> Integers:
    """The nearest open day on or after each moment (with ``back``: on or before it), at the same time of day."""
    days, first, public = _public_days(country, moments)
    range_ = np.arange(first, first + len(public))
    open_ = np.asarray(weekdays)[(range_ + THURSDAY) % 7] & ~public
    if back:
        nearest = np.maximum.accumulate(np.where(open_, range_, first))
    else:
        nearest = np.minimum.accumulate(np.where(open_, range_, range_[-1])[::-1])[::-1]
    return nearest[days - first] * DAY_SECONDS + moments % DAY_SECONDS


def _public_days(country: str, moments: Integers) -> tuple[Integers, int, Mask]:
    """The day of each moment; the first of the days around all of them; and which of these days are public holidays."""
    days = moments // DAY_SECONDS
    first, last = int(days.min()) - LONGEST_CLOSED_DAYS, int(days.max()) + LONGEST_CLOSED_DAYS
    range_ = np.arange(first, last + 1)
    years = range_[[0, -1]].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return days, first, np.isin(range_, public_holidays(country, int(years[0]), int(years[1])))


def _timetable(times: Sequence[str], weekdays: Sequence[int] | None) -> Grid:
    seconds = np.unique([int(time[:2]) * 3600 + int(time[3:]) * 60 for time in times])
    open_ = np.isin(np.arange(7), list(range(7)) if weekdays is None else weekdays)
    days_on = np.array([next(step for step in range(1, 8) if open_[(day + step) % 7]) for day in range(7)])
    days_back = np.array([next(step for step in range(1, 8) if open_[(day - step) % 7]) for day in range(7)])

    def following(moments: Integers) -> Integers:
        day, weekday = moments // DAY_SECONDS, (moments // DAY_SECONDS + THURSDAY) % 7
        place = np.searchsorted(seconds, moments % DAY_SECONDS, side="left")
        today = open_[weekday] & (place < len(seconds))
        at = np.where(today, seconds[np.minimum(place, len(seconds) - 1)], seconds[0])
        return np.where(today, day, day + days_on[weekday]) * DAY_SECONDS + at

    def preceding(moments: Integers) -> Integers:
        day, weekday = moments // DAY_SECONDS, (moments // DAY_SECONDS + THURSDAY) % 7
        place = np.searchsorted(seconds, moments % DAY_SECONDS, side="right") - 1
        today = open_[weekday] & (place >= 0)
        at = np.where(today, seconds[np.maximum(place, 0)], seconds[-1])
        return np.where(today, day, day - days_back[weekday]) * DAY_SECONDS + at

    return Grid(preceding, following, back=False)
