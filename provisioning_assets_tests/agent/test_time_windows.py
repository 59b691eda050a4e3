"""Time windows in questions, relative to a given day, and dates moved by units."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.agent.understanding.lexicon import words_of
from provisioning_assets.agent.understanding.time_windows import (
    Times,
    Window,
    add_units,
    read_times,
    start_of,
    whole_periods,
)

TODAY = date(2026, 6, 15)  # a Monday


def read(text: str) -> Times:
    return read_times([word.text for word in words_of(text)], TODAY)


def windows(text: str) -> list[Window]:
    return [window for _, window, _ in read(text).windows_at]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("last 30 days", "2026-05-17", "2026-06-16"),
        ("in the last 7 days", "2026-06-09", "2026-06-16"),
        ("last 2 weeks", "2026-06-02", "2026-06-16"),
        ("over the past twelve months", "2025-06-15", "2026-06-16"),
        ("in the last 3 complete months", "2026-03-01", "2026-06-01"),
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
        ("since last month", "2026-05-01", "2026-06-16"),
        ("in the third quarter", "2025-07-01", "2025-10-01"),
        ("in the third quarter of 2024", "2024-07-01", "2024-10-01"),
        ("in October last year", "2025-10-01", "2025-11-01"),
        ("on 3 May 2026", "2026-05-03", "2026-05-04"),
        ("on May 3", "2026-05-03", "2026-05-04"),
        ("on 2026-05-03", "2026-05-03", "2026-05-04"),
        ("between 1 and 15 May", "2026-05-01", "2026-05-16"),
        ("between 25 April and 10 May", "2026-04-25", "2026-05-11"),
        ("this year up to today", "2026-01-01", "2026-06-16"),
        ("year and a half", None, None),
    ],
)
def test_a_window_is_read(text: str, start: str | None, end: str | None) -> None:
    times = read(f"orders {text}")
    if (start, end) == (None, None):
        assert times.windows_at == ()
        return
    places, window, _ = times.windows_at[0]
    assert tuple(day.isoformat() if day else None for day in window.dates(TODAY)) == (start, end)
    assert 0 not in places


@pytest.mark.parametrize(
    ("text", "grain"),
    [
        ("revenue by month", "month"),
        ("monthly revenue", "month"),
        ("month by month", "month"),
        ("weekly", "week"),
        ("per quarter", "quarter"),
        ("on a daily basis", "day"),
        ("annual sales", "year"),
        ("which month was best", "month"),
        ("year by year", "year"),
        ("revenue last month", None),
    ],
)
def test_a_grain_is_read(text: str, grain: str | None) -> None:
    assert [found for _, found in read(text).grains_at] == ([grain] if grain else [])


def test_two_windows_are_two() -> None:
    assert [w.words for w in windows("revenue 2025 versus 2024")] == ["2025", "2024"]


def test_an_impossible_date_is_not_read_as_a_window() -> None:
    assert windows("orders since 2026-02-31") == []
    assert windows("between 2026-13-01 and 2026-14-01") == []


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("last month versus the same month last year", "2025-05-01", "2025-06-01"),
        ("in Q1 and the quarter before", "2025-10-01", "2026-01-01"),
        ("this year against the same period of last year", "2025-01-01", "2025-06-16"),
    ],
)
def test_a_second_window_moves_the_first(text: str, start: str, end: str) -> None:
    _, second = windows(text)
    assert [str(day) for day in second.dates(TODAY)] == [start, end]


def test_a_moved_window_without_the_first_is_not_read() -> None:
    assert windows("orders in the same month last year") == []


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
