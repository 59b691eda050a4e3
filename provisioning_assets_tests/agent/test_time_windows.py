"""Time windows in questions, relative to a given day, and dates moved by units."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.agent.understanding.time_windows import add_units, read_times, start_of, whole_periods
from provisioning_assets.agent.understanding.words import words_of

TODAY = date(2026, 6, 15)  # a Monday


def read(text: str):
    return read_times([word.text for word in words_of(text)], TODAY)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("last 30 days", "2026-05-16", "2026-06-16"),
        ("over the past twelve months", "2025-06-15", "2026-06-16"),
        ("in the last 3 complete months", "2026-03-15", "2026-06-16"),
        ("two years back", "2024-06-15", "2026-06-16"),
        ("since three months ago", "2026-03-15", "2026-06-16"),
        ("past year", "2025-06-15", "2026-06-16"),
        ("over the last year", "2025-06-15", "2026-06-16"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("last month", "2026-05-01", "2026-06-01"),
        ("previous quarter", "2026-01-01", "2026-04-01"),
        ("last week", "2026-06-08", "2026-06-15"),
        ("this year", "2026-01-01", "2026-06-16"),
        ("year to date", "2026-01-01", "2026-06-16"),
        ("MTD", "2026-06-01", "2026-06-16"),
        ("today", "2026-06-15", "2026-06-16"),
        ("yesterday", "2026-06-14", "2026-06-15"),
        ("in 2025", "2025-01-01", "2026-01-01"),
        ("Q3 2025", "2025-07-01", "2025-10-01"),
        ("in Q3", "2025-07-01", "2025-10-01"),
        ("in Q2", "2026-04-01", "2026-07-01"),
        ("H1 2025", "2025-01-01", "2025-07-01"),
        ("second half of 2025", "2025-07-01", "2026-01-01"),
        ("in March", "2026-03-01", "2026-04-01"),
        ("in August", "2025-08-01", "2025-09-01"),
        ("Feb 2024", "2024-02-01", "2024-03-01"),
        ("between January and March 2026", "2026-01-01", "2026-04-01"),
        ("from November to February", "2025-11-01", "2026-03-01"),
        ("from 2024 to 2025", "2024-01-01", "2026-01-01"),
        ("between 2026-01-05 and 2026-01-09", "2026-01-05", "2026-01-10"),
        ("since April", "2026-04-01", None),
        ("after March 2026", "2026-04-01", None),
        ("before 2025", None, "2025-01-01"),
        ("until May 2025", None, "2025-06-01"),
        ("since 2026-05-05", "2026-05-05", None),
        ("year and a half", None, None),
    ],
)
def test_a_window_is_read(text: str, start: str | None, end: str | None) -> None:
    times = read(f"orders {text}")
    if (start, end) == (None, None):
        assert times.windows == ()
        return
    dates = times.windows[0].dates(TODAY)
    assert tuple(day.isoformat() if day else None for day in dates) == (start, end)
    assert 0 not in times.used


@pytest.mark.parametrize(
    ("text", "grain"),
    [
        ("revenue by month", "month"),
        ("monthly revenue", "month"),
        ("month over month", "month"),
        ("weekly", "week"),
        ("per quarter", "quarter"),
        ("on a daily basis", "day"),
        ("annual sales", "year"),
        ("which month was best", "month"),
        ("year over year", "year"),
        ("revenue last month", None),
    ],
)
def test_a_grain_is_read(text: str, grain: str | None) -> None:
    assert read(text).grain == grain


def test_two_windows_are_two() -> None:
    assert [w.words for w in read("revenue 2025 versus 2024").windows] == ["2025", "2024"]


def test_an_impossible_date_is_not_read_as_a_window() -> None:
    assert read("orders since 2026-02-31").windows == ()
    assert read("between 2026-13-01 and 2026-14-01").windows == ()


def test_whole_periods_end_before_the_current_one() -> None:
    assert whole_periods((12, "month")).dates(TODAY) == (date(2025, 6, 1), date(2026, 6, 1))


@given(
    st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(-60, 60), st.sampled_from(["month", "quarter", "year"])
)
def test_moving_by_months_keeps_the_day_or_the_months_last(day: date, count: int, unit) -> None:
    moved = add_units(day, count, unit)
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(days=1)).day == 1)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_a_period_begins_not_after_its_days_and_is_its_own_start(day: date, unit) -> None:
    start = start_of(day, unit)
    assert start <= day < add_units(start, 1, unit)
    assert start_of(start, unit) == start


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(text: str) -> None:
    read(text)
