"""Time windows in an author's SQL: the stored SQL selects exactly the days that the words mean."""

from datetime import date, timedelta
from functools import cache

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from provisioning_assets.googlesql.portability import lint
from provisioning_assets.googlesql.statements import to_duckdb
from provisioning_assets.planning.windows import UNITS, expand_windows
from provisioning_assets_tests.property_tests import examples

SCHEMA = {"days": {"day": "DATE"}}
DAYS = st.dates(date(2023, 1, 1), date(2027, 12, 31))


def start_of(day: date, unit: str) -> date:
    """The first day of the period that a day is in; weeks begin on Sunday, as GoogleSQL's do."""
    if unit == "week":
        return day - timedelta(days=(day.weekday() + 1) % 7)
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return date(day.year, 1, 1) if unit == "year" else day


def earlier(day: date, count: int, unit: str) -> date:
    """The first day of the period so many periods before the one that a day is in."""
    first = start_of(day, unit)
    if unit in ("day", "week"):
        return first - timedelta(days=count * (7 if unit == "week" else 1))
    months = first.year * 12 + first.month - 1 - count * {"month": 1, "quarter": 3, "year": 12}[unit]
    return date(months // 12, months % 12 + 1, 1)


def selected(condition: str, as_of: date) -> list[date]:
    """The days of twelve years that a condition accepts, executed on DuckDB."""
    sql = f"SELECT day FROM days WHERE {expand_windows(condition)} ORDER BY day"
    assert lint(sql, SCHEMA) == []
    return [day for (day,) in calendar().execute(to_duckdb(sql, as_of=as_of)).fetchall()]


@cache
def calendar() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE days AS SELECT CAST(range AS DATE) AS day "
        "FROM range(DATE '2017-01-01', DATE '2028-12-31', INTERVAL 1 DAY)"
    )
    return connection


def between(first: date, end: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((end - first).days)]


@settings(max_examples=examples(30))
@given(as_of=DAYS, unit=st.sampled_from(UNITS), count=st.integers(1, 5))
def test_the_last_periods_are_complete_and_the_last_days_end_today(as_of: date, unit: str, count: int):
    plural = "s" * (count != 1)
    found = selected(f"{{last {count} {unit}{plural} of day}} AND day <= CURRENT_DATE()", as_of)
    end = as_of + timedelta(days=1) if unit == "day" else start_of(as_of, unit)
    shift = timedelta(days=unit == "day")  # the last day is today, so that the first is one later
    assert found == between(earlier(as_of, count, unit) + shift, end)
    if unit == "day":
        assert len(found) == count


@settings(max_examples=examples(30))
@given(as_of=DAYS, unit=st.sampled_from(UNITS), count=st.integers(1, 3), more=st.integers(1, 3))
def test_a_window_between_two_moments_ends_where_the_later_one_begins(as_of: date, unit: str, count: int, more: int):
    found = selected(f"{{{count + more} to {count} {unit}s ago of day}}", as_of)
    shift = timedelta(days=unit == "day")
    assert found == between(earlier(as_of, count + more, unit) + shift, earlier(as_of, count, unit) + shift)
    last = selected(f"{{last {count} {unit}s of day}} AND day <= CURRENT_DATE()", as_of)
    assert max(found) + timedelta(days=1) == min(last)


@settings(max_examples=examples(30))
@given(as_of=DAYS, unit=st.sampled_from(UNITS), count=st.integers(1, 5))
def test_a_day_ago_and_the_present_period_are_dates(as_of: date, unit: str, count: int):
    assert selected(f"day = {{{count} {unit}s ago}}", as_of) == [earlier(as_of, count, unit)]
    assert selected(f"day = {{this {unit}}}", as_of) == [start_of(as_of, unit)]


@settings(max_examples=examples(30))
@given(as_of=DAYS)
def test_windows_may_be_joined_and_negated(as_of: date):
    this, last = "{last 2 months of day}", "{14 to 12 months ago of day}"
    either = selected(f"{this} OR {last}", as_of)
    assert either == sorted({*selected(this, as_of), *selected(last, as_of)})
    neither = set(selected(f"NOT {this} AND not {last}", as_of))
    assert not neither & set(either)
    assert len(neither) + len(either) == len(selected("TRUE", as_of))


def test_what_a_window_is_of_is_kept_as_written():
    assert (
        expand_windows("{last 90 days of DATE(o.ordered_at)}")
        == "DATE(o.ordered_at) > DATE_SUB(CURRENT_DATE(), INTERVAL 90 DAY)"
    )


@pytest.mark.parametrize(
    "sql",
    [
        "REGEXP_CONTAINS(phone, r'^[0-9]{3}$')",
        "REGEXP_CONTAINS(phone, r'^\\d{2,4}-\\d{3}$')",
        "x = {company} AND y = {plans[1]}",
        "x = '{}'",
    ],
)
def test_other_braces_are_left_alone(sql: str):
    assert expand_windows(sql) == sql


@pytest.mark.parametrize(
    "window",
    [
        "{last 3 fortnights of day}",
        "{last twelve months of day}",
        "{last 12 months}",
        "{last of day}",
        "{6 to 12 months ago of day}",
        "{6 to 6 months ago of day}",
        "{12 months of day}",
        "{12 to 6 months of day}",
        "{this decade}",
        "{last 0 days of day}",
    ],
)
def test_an_invalid_window_is_refused_with_the_accepted_ones(window: str):
    with pytest.raises(PydanticCustomError) as failure:
        expand_windows(f"SELECT 1 WHERE {window}")
    assert failure.value.message().startswith(f"{window} is not a window. Accepted: {{last 12 months of COLUMN}}")
