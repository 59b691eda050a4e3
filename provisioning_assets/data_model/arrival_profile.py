"""The density of arrivals over the days of the history: growth, months, weekdays, holidays, and a random factor for each day."""

from collections.abc import Sequence

import numpy as np

from provisioning_assets.data_model.calendar import THURSDAY, day_number, history_start
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import (
    Arrival,
)
from provisioning_assets.data_model.keyed_random import Floats, Integers, generator
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.open_days import public_holidays
from provisioning_assets.data_model.peaks import peak_factors


def day_weights(model: DataModel, table: str, column: str, arrival: Arrival, effects: Sequence[Effect]) -> Floats:
    """Return the density of each day of the history, shape (history_days,). The random factor of a day is keyed by its age."""
    first = history_start(model)
    ages = np.arange(model.history_days)[::-1]
    days = day_number(first) + np.arange(model.history_days)
    growth = (1.0 + arrival.growth_per_year) ** (-ages / 365.25)
    noise = np.exp(arrival.day_noise * generator(model.seed, table, column, "day").standard_normal(model.history_days))[
        ::-1
    ]
    weights = growth * calendar_factor(model.country, arrival, days) * noise
    for effect in effects:
        last, oldest = effect.to_days_ago, model.history_days if effect.from_days_ago is None else effect.from_days_ago
        weights[(ages >= last) & (ages <= oldest)] *= effect.factor
    return weights


def earlier_weights(model: DataModel, arrival: Arrival) -> Floats:
    """Return the density of each of the ``before_days`` days before the history, which goes on as ``day_weights``."""
    ages = model.history_days + np.arange(arrival.before_days)[::-1]
    growth = (1.0 + arrival.growth_per_year) ** (-ages / 365.25)
    return growth * calendar_factor(model.country, arrival, day_number(model.as_of) - ages) if len(ages) else growth


def share_before(model: DataModel, table: str, column: str, arrival: Arrival, effects: Sequence[Effect]) -> float:
    """Return the share of the rows that arrived before the history."""
    if arrival.before_days == 0:
        return arrival.before_history
    earlier = earlier_weights(model, arrival).sum()
    return float(earlier / (earlier + day_weights(model, table, column, arrival, effects).sum()))


def calendar_factor(country: str, arrival: Arrival, days: Integers) -> Floats:
    """Return for each day, counted from 1970-01-01, the product of the factors of its month, weekday, public holiday and peaks."""
    dates = days.astype("datetime64[D]")
    months = np.asarray(arrival.months)[dates.astype("datetime64[M]").astype(np.int64) % 12]
    factors = months * np.asarray(arrival.weekdays)[(days + THURSDAY) % 7]
    if arrival.holidays != 1.0:
        first, last = (int(str(date)[:4]) for date in dates[[0, -1]])
        factors[np.isin(days, public_holidays(country, first, last))] *= arrival.holidays
    if arrival.peaks:
        factors *= peak_factors(arrival.peaks, days)
    return factors
