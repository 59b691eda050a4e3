"""Arrival times of rows: growth, months, weekdays, holidays and hours combined into one density over the history.

How many of the N rows arrive within four weeks follows from the density, so that growth and months are as asked for. Within four
weeks rows arrive independently of each other, like calls or customers: how many of them come in each hour is drawn from the seed
(a multinomial draw, which is a Poisson process with a known number of events). Row i stands in the hour in which the running total
of these numbers reaches i. So rows are in order of time, and a block of rows can be computed without the others.
"""

from collections.abc import Sequence

import numpy as np

from provisioning_assets.data_model.arrival_profile import calendar_factor, day_weights, earlier_weights, share_before
from provisioning_assets.data_model.calendar import DAY_SECONDS, day_number, history_start
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import Arrival
from provisioning_assets.data_model.keyed_random import Floats, Integers, generator
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.synthesis.clock import MOST_OF_AN_HOUR

CUSTOMER_BASE_DAYS = 4 * 365
"""Rows that arrived before the history are spread over this many days before it."""

EVEN_HOURS = 28 * 24
"""Hours of the four weeks whose number of rows is not left to chance."""


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

    ``jitter`` is uniform in [0, 1): the position of a row among those of its hour.
    """
    before = round(share_before(model, table, column, arrival, effects) * total)
    rows = first + np.arange(len(jitter))
    start = day_number(history_start(model))
    seconds = np.empty(len(jitter), dtype=np.int64)
    early = rows < before
    if early.any():
        days = earlier_weights(model, arrival) if arrival.before_days else _base_days(model, arrival, start)
        draw = generator(model.seed, table, column, "rows of an hour before")
        seconds[early] = _placed(days, arrival.hours, before, rows[early], jitter[early], draw, start - len(days))
    if not early.all():
        days = day_weights(model, table, column, arrival, effects)
        draw = generator(model.seed, table, column, "rows of an hour")
        late = ~early
        seconds[late] = _placed(days, arrival.hours, total - before, rows[late] - before, jitter[late], draw, start)
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


def _placed(
    days: Floats,
    hours: Sequence[float],
    total: int,
    rows: Integers,
    jitter: Floats,
    draw: np.random.Generator,
    first_day: int,
) -> Integers:
    """Moments of ``rows`` (counted from 0) among ``total`` rows that arrive by the density ``days`` x ``hours``.

    The draw begins with the newest hour, so that rows keep their age when the as-of date moves by whole weeks.
    """
    newest_first = np.outer(days, np.asarray(hours, dtype=np.float64)).ravel()[::-1]
    cumulative = np.concatenate([[0.0], np.cumsum(newest_first)])
    arriving = np.zeros(len(newest_first), dtype=np.int64)
    placed = 0
    for start in range(0, len(newest_first), EVEN_HOURS):
        density = newest_first[start : start + EVEN_HOURS]
        reached = round(total * cumulative[start + len(density)] / cumulative[-1])
        open_hours = start + np.flatnonzero(density)
        if len(open_hours):
            shares = newest_first[open_hours]
            arriving[open_hours] = draw.multinomial(reached - placed, shares / shares.sum())
            placed = reached
    arriving = arriving[::-1]
    ends = np.cumsum(arriving)
    hour = np.searchsorted(ends, rows, side="right")
    within = (rows - (ends - arriving)[hour] + jitter) / arriving[hour]
    return first_day * DAY_SECONDS + ((hour + np.minimum(within, MOST_OF_AN_HOUR)) * 3600).astype(np.int64)
