"""Grids for moments, such as quarters of an hour, ends of months, working days or a timetable."""

from typing import Annotated, Literal

from pydantic import Field

from provisioning_assets.artefact import Document

TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""Hour and minute on a 24-hour clock, such as ``18:30``."""

Turn = Literal[
    "day_start",
    "week_start",
    "month_start",
    "quarter_start",
    "month_end",
    "quarter_end",
    "year_end",
    "workday",
]
"""A turn of the calendar that moments can be moved to. Weeks begin on Mondays."""


class Snap(Document):
    """A grid that moments are moved to. Exactly one of `minutes`, `to` and `times` is given.

    `minutes` and the values `..._start` of `to` move a moment back; ends, working days and timetables move it forward. If a bound
    of the column forbids that, for example because the moment must be after another one, it is moved the other way.
    """

    minutes: int | None = Field(
        default=None,
        ge=1,
        le=720,
        description="to a multiple of so many minutes from midnight; a divisor of 1440",
    )
    to: Turn | None = Field(
        default=None,
        description="..._start: the first midnight of it; ..._end: its last day, at the same time of day; workday: a day from "
        "Monday to Friday that is not a public holiday of the country, at the same time of day",
    )
    times: list[TimeOfDay] | None = Field(default=None, min_length=1, description="to the next of these times of day")
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] | None = Field(
        default=None, min_length=1, description="with `times`: only on these weekdays; Monday is 0"
    )
