"""Dates and date-times as whole seconds since 1970-01-01 00:00, the customer's local time without a zone."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from provisioning_assets.data_model.calendar import DAY_SECONDS, THURSDAY
from provisioning_assets.data_model.keyed_random import Floats, Integers
from provisioning_assets.synthesis.draws import steps_up

NEVER = np.iinfo(np.int64).max
"""Stands for a moment that has not happened (yet)."""

MOST_OF_AN_HOUR = 1.0 - 1e-9
"""Upper limit of a moment's position in its hour, 3.6 microseconds before the end, so that it is never rounded up."""

BEFORE_ALL = np.iinfo(np.int64).min // 4
"""Stands for an unknown moment; earlier than all moments."""


def seconds_of(series: pl.Series, missing: int) -> Integers:
    """Seconds of a Date or Datetime series; a date is its midnight; null becomes ``missing``."""
    if series.dtype == pl.Date:
        days = series.to_physical().cast(pl.Int64).fill_null(-1 << 40).to_numpy()
        seconds = days * DAY_SECONDS
        return np.where(days == -1 << 40, missing, seconds)
    physical = series.cast(pl.Datetime("us")).to_physical()
    if physical.null_count() == 0:
        return physical.to_numpy() // 1_000_000
    micros = physical.fill_null(np.iinfo(np.int64).min).to_numpy()
    return np.where(micros == np.iinfo(np.int64).min, missing, micros // 1_000_000)


def series_of(seconds: Integers, as_date: bool, valid: np.ndarray | None = None) -> pl.Series:
    """Date or Datetime series of seconds; null where not ``valid``."""
    if as_date:
        series = pl.Series(values=(seconds // DAY_SECONDS).astype(np.int32)).cast(pl.Date)
    else:
        series = pl.Series(values=seconds * 1_000_000).cast(pl.Datetime("us"))
    return series if valid is None else with_nulls(series, valid)


def with_nulls(series: pl.Series, valid: np.ndarray) -> pl.Series:
    """The series with null where ``valid`` is false."""
    if valid.all():
        return series
    frame = pl.DataFrame({"value": series, "valid": valid})
    return frame.select(pl.when(pl.col("valid")).then(pl.col("value")).alias("value")).to_series()


def months_of(seconds: Integers) -> Integers:
    """Months since January 1970 of each moment."""
    return seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)


def month_starts(months: Integers) -> Integers:
    """Seconds of the first day of each month."""
    return months.astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)


def on_weekdays(
    moments: Integers, began: Integers, uniforms: Floats, weights: list[float], *, earlier: bool = False
) -> Integers:
    """Moments moved forward by whole days (at most six), so that the weekdays match their weights (Monday first).

    A moment on the day of ``began`` stays unchanged, so that minutes do not become days, unless that weekday is closed: then
    it moves to the next open day. With ``earlier`` the moments are moved back instead.
    """
    given = np.asarray(weights[::-1] if earlier else weights, dtype=np.float64)
    day = moments // DAY_SECONDS
    weekday = (day + THURSDAY) % len(given)
    if earlier:  # the same computation on a reversed week
        weekday = len(given) - 1 - weekday
    days = np.where(
        day == began // DAY_SECONDS, _days_closed(given)[weekday], _days_passed_on(weekday, uniforms, given)
    )
    return moments + days * np.int64(-DAY_SECONDS if earlier else DAY_SECONDS)


def _days_closed(weights: Floats) -> NDArray[np.int8]:
    """Number of days from each weekday to the next open one; 0 for an open one."""
    open_ = np.flatnonzero(weights)
    ahead = (open_[None, :] - np.arange(len(weights))[:, None]) % len(weights)
    return ahead.min(axis=1).astype(np.int8)


def _days_passed_on(weekday: Integers, uniforms: Floats, weights: Floats) -> NDArray[np.int8]:
    """Number of days by which each moment is moved forward, given its original weekday.

    The computation assumes that equally many moments fall on each weekday. A day has a capacity ``f`` (the share of its
    weight) and receives ``c`` from the days before. It keeps ``f`` of ``1/7 + c``, whatever their original weekday, and
    passes on the rest. At least one day passes nothing on, so the computation ends.
    """
    come = 1 / len(weights)
    backlog = np.cumsum(come - weights / np.sum(weights))
    backlog -= backlog.min()
    passing = backlog / (np.roll(backlog, 1) + come)
    passing[weights == 0] = 1.0  # exact, because of rounding errors: a closed day passes everything on
    passed = np.ones(len(weights))
    days = np.zeros(len(weekday), dtype=np.int8)
    for later in range(len(weights) - 1):
        # The share of each weekday's moments that moves beyond `later` days; one draw for each row decides which rows move.
        passed *= np.roll(passing, -later)
        if not passed.any():
            break
        days += uniforms < passed.take(weekday)
    return days


def in_hours(moments: Integers, began: Integers, uniforms: Floats, weights: list[float]) -> Integers:
    """Moments moved into opening hours, given as 24 hourly weights; never before ``began``.

    If the moment is on a later day than ``began``, the hour is drawn. On the same day the moment stays unchanged, unless that
    hour is closed: then the hour is drawn from the rest of the day, or from the next day.
    """
    cumulative = np.concatenate([[0.0], np.cumsum(np.asarray(weights, dtype=np.float64))])
    day = moments // DAY_SECONDS
    hour = (moments - day * DAY_SECONDS) // 3600
    same_day = day == began // DAY_SECONDS
    closed = np.asarray(weights)[hour] == 0
    over = np.where(same_day & closed, cumulative[hour], 0.0)
    day = np.where(over >= cumulative[-1], day + 1, day)
    over = np.where(over >= cumulative[-1], 0.0, over)
    opening = day * DAY_SECONDS + _second_of_day(cumulative, over + uniforms * (cumulative[-1] - over))
    return np.where(same_day & ~closed, moments, opening)


def in_earlier_hours(moments: Integers, base: Integers, uniforms: Floats, weights: list[float]) -> Integers:
    """Moments before ``base`` moved into opening hours (24 hourly weights); never to a later day, nor after ``base``.

    If the moment is on an earlier day than ``base``, the hour is drawn. On the same day the moment stays unchanged, unless
    that hour is closed: then the hour is drawn from the earlier part of the day, or from the day before.
    """
    cumulative = np.concatenate([[0.0], np.cumsum(np.asarray(weights, dtype=np.float64))])
    day, hour = moments // DAY_SECONDS, moments % DAY_SECONDS // 3600
    same_day = day == base // DAY_SECONDS
    closed = np.asarray(weights)[hour] == 0
    until = np.where(same_day & closed, cumulative[hour], cumulative[-1])
    day = np.where(until <= 0, day - 1, day)
    until = np.where(until <= 0, cumulative[-1], until)
    opening = day * DAY_SECONDS + _second_of_day(cumulative, uniforms * until)
    return np.where(same_day & ~closed, moments, opening)


def last_open(cumulative: Floats) -> int:
    """Number of the last hour that has a weight; ``cumulative`` are the running totals of hourly weights, 0 first.

    A drawn value may be rounded up to the full total. Closed hours at the end of the day have that same total, so a search
    could return one of them instead of this hour.
    """
    return int(np.searchsorted(cumulative, cumulative[-1])) - 1


def _second_of_day(cumulative: Floats, reached: Floats) -> Integers:
    """Second of the day at which the running totals of 24 hourly weights (0 first) reach each value; always in an open hour.

    The result is the same as from ``np.interp``, which is slower because it searches (21 against 5 nanoseconds a value).
    """
    hour = steps_up(cumulative[1 : last_open(cumulative) + 1], reached).astype(np.intp)
    widths = np.diff(cumulative)
    within = reached - cumulative.take(hour)
    # One divided by a weight below the smallest normal number would be infinite: such moments get the start of the hour.
    divisible = widths >= np.finfo(np.float64).tiny
    within *= np.divide(1.0, widths, out=np.zeros(len(widths)), where=divisible).take(hour)
    np.minimum(within, MOST_OF_AN_HOUR, out=within)
    within += hour
    within *= 3600
    return within.astype(np.int64)
