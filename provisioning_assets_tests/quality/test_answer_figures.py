"""Figures of an answer: what names a row, and what its numbers are."""

import duckdb
import pytest

from provisioning_assets.planning.models import InsightAssertion
from provisioning_assets.quality.answer_figures import asserted_group, largest_parts_sql, read_figures


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


def test_the_largest_row_of_each_sum_is_read_by_the_groups_of_the_answer() -> None:
    sql = """
        SELECT p.plan, COUNT(*) AS n, ROUND(SUM(s.lines), 2) AS lines, AVG(s.lines) AS mean
        FROM (VALUES ('A', 3), ('A', 40), ('B', -2), ('B', 1)) AS s(plan, lines) JOIN (VALUES ('A'), ('B')) AS p(plan) USING (plan)
        GROUP BY p.plan HAVING SUM(s.lines) > 0 ORDER BY lines DESC LIMIT 1
    """
    largest = largest_parts_sql(sql)
    assert largest is not None
    with duckdb.connect() as connection:
        assert read_figures(connection, largest).values == {"lines": {("A",): 40.0, ("B",): 2.0}}


@pytest.mark.parametrize(
    "sql", ["SELECT 1 AS n", "SELECT SUM(x) / COUNT(*) AS share FROM t", "SELECT a FROM t UNION ALL SELECT a FROM t"]
)
def test_an_answer_without_sums_has_no_largest_rows(sql: str) -> None:
    assert largest_parts_sql(sql) is None
