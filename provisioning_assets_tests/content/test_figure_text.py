"""Numbers are formatted as readers expect them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.content.column_texts import column_texts, is_quantity
from provisioning_assets.figure_text import day, figure, percent, plural, quantity


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (31.4, "percent", "31.4%"),
        (1204.0, "percent", "1,204%"),
        (48_200.0, "GBP", "£48,200"),
        (19.5, "EUR", "€19.50"),
        (9_999_999.0, "JPY", "¥9,999,999"),
        (11_531_813_087.0, "IDR", "IDR\N{NO-BREAK SPACE}11.5\N{NO-BREAK SPACE}billion"),
        (-12_340_000.0, "EUR", "-€12.3\N{NO-BREAK SPACE}million"),
        (2_500.0, "MYR", "MYR\N{NO-BREAK SPACE}2,500"),
        (3.25, "days", "3.25 days"),
        (12_500.4, "count", "12,500"),
        (0.034, "count", "0.034"),
        (-7.0, "count", "-7"),
        (-0.004, "percent", "-0.004%"),
        (-0.2, "", "-0.2"),
        (-1000.2, "", "-1,000"),
        (2e15, "GBP", "2.000e+15 GBP"),
        (None, "percent", "–"),
        (float("nan"), "count", "not a number"),
    ],
)
def test_a_figure_has_its_unit(value: float | None, unit: str, text: str) -> None:
    assert figure(value, unit) == text


def test_a_column_has_as_many_decimals_in_every_row() -> None:
    assert column_texts([428480.0, 420697.32, None], "revenue", "NUMERIC") == ["428,480.00", "420,697.32", ""]
    assert column_texts([428480.0, 420697.32, None], "revenue", "NUMERIC", "EUR") == ["428,480", "420,697", ""]
    assert column_texts([12.5, 420.0], "fee", "NUMERIC", "EUR") == ["12.50", "420.00"]
    assert column_texts([12.0, 420.0], "fee", "NUMERIC", "JPY") == ["12", "420"]
    assert column_texts([7.8, 18.0], "rate", "FLOAT64") == ["7.8", "18.0"]
    assert column_texts([0.07, 12.0], "points", "FLOAT64") == ["0.07", "12.00"]
    assert column_texts([0.0034, 12.0], "rate", "FLOAT64") == ["0.0034", "12.0000"]
    assert column_texts([2.0, float("inf")], "x", "FLOAT64") == ["2", "not a number"]


def test_what_names_something_has_no_separators() -> None:
    assert column_texts([2026, 100234], "order_id", "INT64") == ["2026", "100234"]
    assert column_texts([2026], "year", "INT64") == ["2026"]
    assert column_texts([2026], "orders", "INT64") == ["2,026"]
    assert not is_quantity("order_id", "INT64")
    assert is_quantity("orders", "INT64")
    assert not is_quantity("name", "STRING")


def test_texts_and_flags() -> None:
    assert column_texts([True, False], "member", "BOOL") == ["yes", "no"]
    assert column_texts(["2026-01-31T00:00:00", "2026-01-31T10:20:00"], "at", "DATETIME") == [
        "2026-01-31",
        "2026-01-31 10:20:00",
    ]
    assert column_texts(["2026-01-01", "2026-02-01"], "order_month", "DATE") == ["Jan 2026", "Feb 2026"]
    assert column_texts(["2026-01-01", "0000-01-01"], "day", "DATE") == ["2026-01-01", "0000-01-01"]
    assert column_texts(["2026-01-15", "0000-01-01"], "month", "DATE") == ["2026-01-15", "0000-01-01"]
    assert column_texts(["a T b"], "name", "STRING") == ["a T b"]


@given(st.lists(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), max_size=6), st.text(), st.text())
def test_whatever_a_query_returns_is_shown(values: list, column: str, type_: str) -> None:
    assert len(column_texts(values, column, type_)) == len(values)


def test_a_share_is_whole_only_when_it_is() -> None:
    assert [percent(share) for share in (0, 0.001, 0.5, 0.999, 1)] == ["0%", "1%", "50%", "99%", "100%"]


def test_words() -> None:
    assert plural(1, "query", "queries") == "1 query"
    assert plural(1200, "row") == "1,200 rows"
    assert quantity(1234567) == "1,234,567"
    assert day(date(2026, 6, 30)) == "30 June 2026"
