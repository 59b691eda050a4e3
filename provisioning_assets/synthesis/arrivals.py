"""Arrival times of rows: growth, months, weekdays, holidays and hours combined into one density over the history.

Row i of N stands at quantile (i + jitter) / N of that density. So rows are in order of time, and a block of rows can be
computed without the others.
"""

from collections.abc import Sequence

import numpy as np

from provisioning_assets.data_model.arrival_profile import calendar_factor, day_weights, earlier_weights, share_before
from provisioning_assets.data_model.calendar import DAY_SECONDS, day_number, history_start
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import Arrival
from provisioning_assets.data_model.keyed_random import Floats, Integers
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.synthesis.clock import MOST_OF_AN_HOUR, last_open
from provisioning_assets.synthesis.draws import first_above

CUSTOMER_BASE_DAYS = 4 * 365
"""Rows that arrived before the history are spread over this many days before it."""


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
    """Arrival times, in seconds, of the rows ``first`` .. ``first + len(jitter)`` out of ``total``, in ascending order.

    ``jitter`` is uniform in [0, 1): the position of a row within its own 1/total of the density.
    """
    before = round(share_before(model, table, column, arrival, effects) * total)
    rows = first + np.arange(len(jitter))
    start = day_number(history_start(model))
    seconds = np.empty(len(jitter), dtype=np.int64)
    early = rows < before
    if early.any():
        days = earlier_weights(model, arrival) if arrival.before_days else _base_days(model, arrival, start)
        quantiles = (rows[early] + jitter[early]) / before
        seconds[early] = _inverse(days, arrival.hours, quantiles, start - len(days))
    if not early.all():
        days = day_weights(model, table, column, arrival, effects)
        quantiles = (rows[~early] - before + jitter[~early]) / (total - before)
        seconds[~early] = _inverse(days, arrival.hours, quantiles, start)
    return seconds


def _base_days(model: DataModel, arrival: Arrival, start: int) -> Floats:
    """Density per day of a customer base that grew over the years before: proportional to age, same calendar."""
    days = np.arange(CUSTOMER_BASE_DAYS)
    growth = (1.0 + max(arrival.growth_per_year, 0.0)) ** (days / 365.25)
    return (
        (0.3 + days / CUSTOMER_BASE_DAYS)
        * growth
        * calendar_factor(model.country, arrival, start - CUSTOMER_BASE_DAYS + days)
    )


def _inverse(days: Floats, hours: Sequence[float], quantiles: Floats, first_day: int) -> Integers:
    """Moments at the quantiles of the density ``days`` x ``hours``, which is even within an hour."""
    shares = np.asarray(hours, dtype=np.float64) / np.sum(hours)
    cumulative = np.concatenate([[0.0], np.cumsum(np.outer(days, shares).ravel())])
    reached = quantiles * cumulative[-1]
    hour = np.clip(first_above(cumulative, reached) - 1, 0, last_open(cumulative))
    width = np.diff(cumulative).take(hour)
    within = np.clip((reached - cumulative.take(hour)) / np.where(width > 0, width, 1.0), 0.0, MOST_OF_AN_HOUR)
    return first_day * DAY_SECONDS + ((hour + within) * 3600).astype(np.int64)
