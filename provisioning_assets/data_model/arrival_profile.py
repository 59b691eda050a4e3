"""The density of arrivals over the days of the history: growth, months, weekdays, holidays, and a random factor for each day."""

from collections.abc import Sequence
from functools import lru_cache

import holidays
import numpy as np

from provisioning_assets.data_model.calendar import day_number, history_start
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import (
    Arrival,
)
from provisioning_assets.data_model.keyed_random import Floats, generator
from provisioning_assets.data_model.models import DataModel


def day_weights(model: DataModel, table: str, column: str, arrival: Arrival, effects: Sequence[Effect]) -> Floats:
    """Return the density of each day of the history, shape (history_days,). The random factor of a day is keyed by its age."""
    first = history_start(model)
    ages = np.arange(model.history_days)[::-1]
    dates = (day_number(first) + np.arange(model.history_days)).astype("datetime64[D]")
    growth = (1.0 + arrival.growth_per_year) ** (-ages / 365.25)
    noise = np.exp(arrival.day_noise * generator(model.seed, table, column, "day").standard_normal(model.history_days))[
        ::-1
    ]
    weights = growth * calendar_factor(arrival, dates) * noise
    if arrival.holidays != 1.0:
        public = public_holidays(model.country, first.year, model.as_of.year)
        weights[np.isin(dates.astype(np.int64), public)] *= arrival.holidays
    for effect in effects:
        last, oldest = effect.to_days_ago, model.history_days if effect.from_days_ago is None else effect.from_days_ago
        weights[(ages >= last) & (ages <= oldest)] *= effect.factor
    return weights


@lru_cache(maxsize=16)
def public_holidays(country: str, first_year: int, last_year: int) -> tuple[int, ...]:
    """Return the day numbers of a country's public holidays; empty if the ``holidays`` package has no calendar for it."""
    try:
        calendar = holidays.country_holidays(country, years=range(first_year, last_year + 1))
    except NotImplementedError:  # the package raises this for an unknown country
        return ()
    return tuple(sorted(day_number(day) for day in calendar))


def calendar_factor(arrival: Arrival, dates: np.ndarray) -> Floats:
    """Return for each date the product of its month's factor and its weekday's factor."""
    months = np.asarray(arrival.months)[dates.astype("datetime64[M]").astype(np.int64) % 12]
    return months * np.asarray(arrival.weekdays)[(dates.astype(np.int64) + 3) % 7]
