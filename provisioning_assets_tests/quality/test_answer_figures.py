"""Figures of an answer: what names a row, and what its numbers are."""

import duckdb
import pytest

from provisioning_assets.planning.models import InsightAssertion
from provisioning_assets.quality.answer_figures import asserted_group, read_figures


@pytest.mark.parametrize(
    ("sql", "named", "values"),
    [
        ("SELECT 7.5 AS share", (), {"share": {(): 7.5}}),
        ("SELECT 2024 AS year, 3 AS n", (), {"n": {("2024",): 3.0}}),
        ("SELECT 'A' AS name, 3 AS n, 4.5 AS m", (), {"n": {("A",): 3.0}, "m": {("A",): 4.5}}),
        ("SELECT 3 AS stars, 'A' AS name, 9 AS n", ("stars",), {"n": {("3", "A"): 9.0}}),
        ("SELECT 'A' AS name", (), {}),
    ],
)
def test_columns_that_are_no_numbers_name_a_row(
    sql: str, named: tuple[str, ...], values: dict[str, dict[tuple[str, ...], float]]
) -> None:
    with duckdb.connect() as connection:
        assert read_figures(connection, sql, named).values == values


def test_the_row_of_a_single_number_is_the_first() -> None:
    with duckdb.connect() as connection:
        shown = read_figures(connection, "SELECT 7.5 AS share")
    assert asserted_group(InsightAssertion(column="share"), shown) == ()
