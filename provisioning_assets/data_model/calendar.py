"""Days of a data model: its history, its as-of date, and day numbers counted from 1970-01-01."""

from datetime import date, timedelta

from provisioning_assets.data_model.models import DataModel

DAY_SECONDS = 86_400


THURSDAY = 3
"""Weekday of 1970-01-01, counted from Monday as 0."""


PERIOD_MONTHS = {"month": 1, "quarter": 3, "year": 12}
"""Period -> its length in months, for periods that consist of whole months."""

PERIOD_DAYS = {"day": 1, "week": 7}
"""Period -> its length in days, for the other periods."""


def day_number(day: date) -> int:
    """Return the number of days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def history_start(model: DataModel) -> date:
    """Return the first day of the model's history, which has ``history_days`` days including the as-of day."""
    return model.as_of - timedelta(days=model.history_days - 1)


def end_of_as_of(model: DataModel) -> int:
    """Return the last second of the as-of day."""
    return (day_number(model.as_of) + 1) * DAY_SECONDS - 1
