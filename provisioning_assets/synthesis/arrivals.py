"""When rows come to be: growth, months, weekdays, holidays and hours as one density over the history.

Row i of N stands at quantile (i + jitter) / N of that density. So rows are in order of time, and a block of rows can be
computed without the others.
"""

from collections.abc import Sequence
from functools import lru_cache

import holidays
import numpy as np

from provisioning_assets.planning.data_model import Arrival, DataModel, Effect
from provisioning_assets.synthesis.clock import DAY_SECONDS, MOST_OF_AN_HOUR, day_number, history_start, last_open
from provisioning_assets.synthesis.draws import Floats, Integers, first_above, generator

CUSTOMER_BASE_DAYS = 4 * 365
"""Rows that arrived before the history are spread over so many days before it."""


def moments(
    model: DataModel,
    table: str,
    column: str,
    arrival: Arrival,
    effects: Sequence[Effect],
    total: int,
    first: int,
    jitter: Floats,
) -> Integers:
    """Seconds of the rows ``first`` .. ``first + len(jitter)`` out of ``total``, growing.

    ``jitter`` is uniform in [0, 1): where in its own 1/total of the density a row stands.
    """
    before = round(arrival.before_history * total)
    rows = first + np.arange(len(jitter))
    start = day_number(history_start(model))
    seconds = np.empty(len(jitter), dtype=np.int64)
    early = rows < before
    if early.any():
        days = _base_days(arrival, start - CUSTOMER_BASE_DAYS)
        quantiles = (rows[early] + jitter[early]) / before
        seconds[early] = _inverse(days, arrival.hours, quantiles, start - CUSTOMER_BASE_DAYS)
    if not early.all():
        days = day_weights(model, table, column, arrival, effects)
        quantiles = (rows[~early] - before + jitter[~early]) / (total - before)
        seconds[~early] = _inverse(days, arrival.hours, quantiles, start)
    return seconds


def day_weights(model: DataModel, table: str, column: str, arrival: Arrival, effects: Sequence[Effect]) -> Floats:
    """Density of each day of the history, shape (history_days,). A day's own noise is keyed by its age."""
    first = history_start(model)
    ages = np.arange(model.history_days)[::-1]
    dates = (day_number(first) + np.arange(model.history_days)).astype("datetime64[D]")
    growth = (1.0 + arrival.growth_per_year) ** (-ages / 365.25)
    noise = np.exp(arrival.day_noise * generator(model.seed, table, column, "day").standard_normal(model.history_days))[
        ::-1
    ]
    weights = growth * _calendar(arrival, dates) * noise
    if arrival.holidays != 1.0:
        public = public_holidays(model.country, first.year, model.as_of.year)
        weights[np.isin(dates.astype(np.int64), public)] *= arrival.holidays
    for effect in effects:
        last, oldest = effect.to_days_ago, model.history_days if effect.from_days_ago is None else effect.from_days_ago
        weights[(ages >= last) & (ages <= oldest)] *= effect.factor
    return weights


@lru_cache(maxsize=16)
def public_holidays(country: str, first_year: int, last_year: int) -> tuple[int, ...]:
    """Day numbers of a country's public holidays; empty where the ``holidays`` package has no calendar for it."""
    try:
        calendar = holidays.country_holidays(country, years=range(first_year, last_year + 1))
    except NotImplementedError:  # what the package says to a country it does not know
        return ()
    return tuple(sorted(day_number(day) for day in calendar))


def _base_days(arrival: Arrival, first_day: int) -> Floats:
    """A customer base grew over the years before: density in proportion to its age, in the same months and weekdays."""
    days = np.arange(CUSTOMER_BASE_DAYS)
    growth = (1.0 + max(arrival.growth_per_year, 0.0)) ** (days / 365.25)
    return (0.3 + days / CUSTOMER_BASE_DAYS) * growth * _calendar(arrival, (first_day + days).astype("datetime64[D]"))


def _calendar(arrival: Arrival, dates: np.ndarray) -> Floats:
    """Factor of each date's month and weekday."""
    months = np.asarray(arrival.months)[dates.astype("datetime64[M]").astype(np.int64) % 12]
    return months * np.asarray(arrival.weekdays)[(dates.astype(np.int64) + 3) % 7]


def _inverse(days: Floats, hours: Sequence[float], quantiles: Floats, first_day: int) -> Integers:
    """Moments at the quantiles of the density ``days`` x ``hours``, which is even within an hour."""
    shares = np.asarray(hours, dtype=np.float64) / np.sum(hours)
    cumulative = np.concatenate([[0.0], np.cumsum(np.outer(days, shares).ravel())])
    reached = quantiles * cumulative[-1]
    hour = np.clip(first_above(cumulative, reached) - 1, 0, last_open(cumulative))
    width = np.diff(cumulative).take(hour)
    within = np.clip((reached - cumulative.take(hour)) / np.where(width > 0, width, 1.0), 0.0, MOST_OF_AN_HOUR)
    return first_day * DAY_SECONDS + ((hour + within) * 3600).astype(np.int64)
