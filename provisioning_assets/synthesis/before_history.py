"""The last opening time before the history: the first row of a table that other rows must come after is placed there."""

import numpy as np

from provisioning_assets.data_model.calendar import DAY_SECONDS, THURSDAY, day_number, history_start
from provisioning_assets.data_model.generators import Arrival
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.open_days import public_holidays

LONGEST_CLOSED_DAYS = 366
"""Within a year there is at least one day whose weekday and month are both open."""


def last_open_moment(model: DataModel, arrival: Arrival) -> int:
    """Second at which the last open day before the history opened.

    If the first day of the history is open at midnight, return that midnight.

    Hours, weekdays and months of weight 0 are closed, and so are public holidays of factor 0.
    """
    start = history_start(model)
    opens = next(hour for hour, weight in enumerate(arrival.hours) if weight > 0)
    first = day_number(start) - LONGEST_CLOSED_DAYS
    days = np.arange(first, day_number(start) + (1 if opens == 0 else 0))
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    weekdays = (days + THURSDAY) % 7
    open_ = (np.asarray(arrival.months)[months] > 0) & (np.asarray(arrival.weekdays)[weekdays] > 0)
    if arrival.holidays == 0:
        open_ &= ~np.isin(days, public_holidays(model.country, start.year - 1, start.year))
    return int(days[open_][-1]) * DAY_SECONDS + opens * 3600
