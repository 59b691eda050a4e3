"""Peaks of a trade: days of the year on which much more happens, or much less, such as Black Friday or the end of a quarter."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Literal

import holidays
import numpy as np
from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.keyed_random import Floats, Integers

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Month = Annotated[int, Field(ge=1, le=12)]

DAYS_BETWEEN_FEASTS = 20
"""Days of one feast follow each other; two feasts of one name are most of a year apart, in the Islamic calendar 354 days."""


class PeakDate(Document):
    """The date of a peak in each year. Exactly one of `month`, `holiday` and `month_ends` is given."""

    month: Month | None = Field(default=None, description="with `day`, or with `nth` and `weekday`")
    day: int | None = Field(default=None, ge=1, le=31)
    nth: int | None = Field(default=None, ge=-5, le=5, description="which `weekday` of the month; -1 is the last one")
    weekday: Weekday | None = None
    holiday: str | None = Field(
        default=None, description="a public holiday, as the `holidays` package names it in English; its first day"
    )
    of: str | None = Field(default=None, description="with `holiday`: the country, ISO 3166-1 alpha-2")
    month_ends: list[Month] = Field(default_factory=list, description="months whose last day is meant")
    plus: int = Field(default=0, description="days by which the date is moved")

    def dates(self, first: int, last: int) -> list[date]:
        """Return the dates of the years ``first`` to ``last``, in their order."""
        found = (day for year in range(first, last + 1) for day in self._of_year(year))
        return [day + timedelta(days=self.plus) for day in found]

    def _of_year(self, year: int) -> Iterator[date]:
        if self.holiday is not None:
            yield from _feasts(self.of or "", self.holiday, year)
        elif self.month is not None and self.weekday is not None:
            yield _nth_weekday(year, self.month, WEEKDAYS.index(self.weekday), self.nth or 1)
        elif self.month is not None:
            yield date(year, self.month, self.day or 1)
        for month in self.month_ends:
            yield date(year, month, monthrange(year, month)[1])


class Peak(Document):
    """A peak of a trade in one country."""

    name: str
    factor: float = Field(ge=0, description="how many times as much happens on a day whose share is 1")
    shape: dict[int, Annotated[float, Field(ge=-1, le=1)]] = Field(
        min_length=1,
        description="days after its date (negative: before) -> share of the peak on that day, linear between two of them, none "
        "before the first and after the last; a negative share is a lull",
    )
    on: PeakDate

    def factors(self, days: Integers) -> Floats:
        """Return what the peak multiplies each day by; ``days`` are counted from 1970-01-01, in ascending order."""
        offsets = sorted(self.shape)
        first, last = (int(str(day.astype("datetime64[D]"))[:4]) for day in days[[0, -1]])
        shares = np.zeros(len(days))
        for peak in self.on.dates(first - 1, last + 1):
            after = days - np.datetime64(peak, "D").astype(np.int64)
            share = np.interp(after, offsets, [self.shape[offset] for offset in offsets], left=0.0, right=0.0)
            shares = np.where(np.abs(share) > np.abs(shares), share, shares)
        return np.maximum(1.0 + (self.factor - 1.0) * shares, 0.0)

    def moves(self, first: int, last: int) -> bool:
        """Return whether the peak is in other months, or in none, in some of the years ``first`` to ``last``."""
        months = {tuple(day.month for day in self.on.dates(year, year)) for year in range(first, last + 1)}
        return len(months) > 1


def peak_factors(peaks: Sequence[Peak], days: Integers) -> Floats:
    """Return the product of what the peaks multiply each day by."""
    return np.prod([np.ones(len(days)), *(peak.factors(days) for peak in peaks)], axis=0)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth such weekday of a month, counted from its end if negative; a fifth one that it has not is the fourth."""
    length = monthrange(year, month)[1]
    found = [date(year, month, day) for day in range(1, length + 1) if date(year, month, day).weekday() == weekday]
    return found[min(nth, len(found)) - 1 if nth > 0 else max(nth, -len(found))]


@lru_cache(maxsize=256)
def _feasts(country: str, name: str, year: int) -> tuple[date, ...]:
    """The first day of each feast of this name in a year; days around New Year belong to the year in which the feast begins."""
    calendar = holidays.country_holidays(country, years=(year - 1, year, year + 1), language="en_US")
    days = sorted(calendar.get_named(name))
    begins = [
        day for before, day in zip([date.min, *days], days, strict=False) if (day - before).days > DAYS_BETWEEN_FEASTS
    ]
    return tuple(day for day in begins if day.year == year)
