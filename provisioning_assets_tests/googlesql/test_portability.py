# ruff: noqa: E501 - the cases are a table that reads across
"""What BigQuery refuses in a query, or computes otherwise than DuckDB, is named with a fix; the rest is not."""

import pytest

from provisioning_assets.googlesql.portability import lint, schema_of
from provisioning_assets_tests.warehouse.retail_dataset import retail_model

SCHEMA = schema_of(retail_model().tables)

PORTABLE = [
    "SELECT status, RANK() OVER (PARTITION BY status ORDER BY SUM(total)) AS place FROM orders GROUP BY ROLLUP(status)",
    "SELECT status, SUM(o.total) AS total FROM orders AS o GROUP BY status HAVING SUM(o.total) > 1",
    "SELECT status, SUM(total) AS total FROM orders GROUP BY status HAVING total > 1 ORDER BY SUM(total) OVER ()",
    "SELECT status, SUM(total) AS total FROM orders GROUP BY status HAVING COUNT(*) > 2 ORDER BY total",
    "SELECT status, RANK() OVER (PARTITION BY status ORDER BY SUM(total) DESC) AS place FROM orders AS o GROUP BY o.status",
    "SELECT status AS state, RANK() OVER (PARTITION BY status ORDER BY SUM(total) DESC) AS place FROM orders GROUP BY state",
    "SELECT status AS state, RANK() OVER (PARTITION BY status ORDER BY SUM(total) DESC) AS place FROM orders GROUP BY 1",
    "SELECT EXTRACT(YEAR FROM order_date) AS `order`, RANK() OVER (ORDER BY total) AS place FROM orders",
    "SELECT CAST(ROUND(total) AS INT64), CAST(order_id AS STRING), CAST(order_date AS STRING) FROM orders",
    "SELECT CAST(FLOOR(total) AS INT64), CAST(COUNT(*) AS STRING) FROM orders GROUP BY 1",
    "SELECT DATETIME_SUB(ordered_at, INTERVAL 1 DAY), DATE_SUB(DATE(ordered_at), INTERVAL 1 DAY) FROM orders",
    "SELECT DATE_SUB(order_date, INTERVAL 1 DAY) FROM orders WHERE ordered_at >= DATETIME(DATE_SUB(CURRENT_DATE(), INTERVAL 1 DAY))",
]


@pytest.mark.parametrize("sql", PORTABLE)
def test_what_is_the_same_on_both_is_not_named(sql: str) -> None:
    assert lint(sql, SCHEMA) == []


NOT_PORTABLE = [
    ("SELECT status, RANK() OVER (ORDER BY total) FROM orders GROUP BY 9", "grouped"),
    ("SELECT status, RANK() OVER (ORDER BY total) FROM orders GROUP BY 0", "grouped"),
    ("SELECT total / order_id FROM orders", "SAFE_DIVIDE"),
    ("SELECT 1 / 0", "SAFE_DIVIDE"),
    ("SELECT SUM(total) / COUNT(*) FROM orders", "NULLIF"),
    ("SELECT ARRAY_AGG(status ORDER BY order_id LIMIT 1)[OFFSET(0)] FROM orders", "LIMIT inside an aggregate"),
    ("SELECT STRING_AGG(status, ',' LIMIT 2) FROM orders", "LIMIT inside an aggregate"),
    ("SELECT EXTRACT(WEEK(TUESDAY) FROM order_date) FROM orders", "WEEK(TUESDAY)"),
    ("SELECT EXTRACT(DATE FROM ordered_at AT TIME ZONE 'UTC') FROM orders", "time zones"),
    ("SELECT FORMAT_DATE('%e', order_date) FROM orders", "%e"),
    ("SELECT FORMAT_DATE('%E4Y', order_date) FROM orders", "%E4"),
    ("SELECT FORMAT_DATE(status, order_date) FROM orders", "written out"),
    ("SELECT FORMAT('%t', order_date) FROM orders", "FORMAT()"),
    ("SELECT FORMAT(status, order_date) FROM orders", "FORMAT()"),
    ("SELECT FORMAT('%d %d', order_id) FROM orders", "FORMAT()"),
    ("SELECT FORMAT('%d', order_id, order_id) FROM orders", "FORMAT()"),
    ("SELECT SAFE.SUBSTR(status, 1) FROM orders", "prefix"),
    ("SELECT DATE_SUB(ordered_at, INTERVAL 1 DAY) FROM orders", "DATETIME_SUB"),
    ("SELECT CAST(total AS STRING) FROM orders", "AS STRING"),
    ("SELECT CAST(AVG(weight) AS STRING) FROM orders", "AS STRING"),
    ("SELECT CAST(total AS INT64) FROM orders", "AS INT64"),
    ("WITH o AS (SELECT SUM(weight) AS w FROM orders) SELECT CAST(w AS INT64) FROM o", "AS INT64"),
    ("SELECT TIMESTAMP_DIFF(ordered_at, ordered_at, HOUR) FROM orders", "TIMESTAMP_DIFF"),
    ("SELECT status FROM orders QUALIFY ROW_NUMBER() OVER (ORDER BY total) = 1", "WHERE TRUE"),
    ("SELECT RAND()", "different at every run"),
    ("SELECT CURRENT_TIME()", "CURRENT_DATETIME()"),
    ("SELECT MEDIAN(total) FROM orders", "MEDIAN()"),
    ("SELECT STRFTIME(order_date, '%Y') FROM orders", "STRFTIME()"),
    ("SELECT TIMESTAMP(order_date) FROM orders", "TIMESTAMP"),
    ("SELECT CAST(order_date AS TIMESTAMP) FROM orders", "TIMESTAMP"),
    ("SELECT CAST(total AS BIGNUMERIC) FROM orders", "BIGNUMERIC"),
    ("SELECT CAST(order_date AS STRING FORMAT 'YYYY') FROM orders", "FORMAT"),
    ("SELECT status FROM orders TABLESAMPLE SYSTEM (10 PERCENT)", "TABLESAMPLE"),
    ("SELECT x, o FROM UNNEST([1, 2]) AS x WITH OFFSET AS o", "WITH OFFSET"),
    ("SELECT SUM(total) AS s, s * 2 AS t FROM orders", "alias"),
    ("SELECT total AS t FROM orders WHERE t > 1", "alias"),
    ("SELECT status, SUM(total) AS total FROM orders GROUP BY status HAVING SUM(total) > 1", "another alias"),
    ("SELECT status, SUM(total) AS total FROM orders GROUP BY status ORDER BY AVG(total)", "another alias"),
    ("SELECT SUM(total) OVER () AS total FROM orders ORDER BY MAX(total) OVER ()", "another alias"),
    ("SELECT SUM(total) OVER () AS total FROM orders WHERE TRUE QUALIFY MAX(total) OVER () > 1", "another alias"),
    ("SELECT AVG(total) AS new FROM orders", "reserved word"),
    ("SELECT rows.total FROM orders AS rows", "reserved word"),
    ("SELECT DATE_TRUNC(order_date, MONTH) AS month, LAG(COUNT(*)) OVER (ORDER BY DATE_TRUNC(order_date, MONTH)) FROM orders GROUP BY month", "grouped"),
    ("SELECT UPPER(status), RANK() OVER (PARTITION BY UPPER(status) ORDER BY COUNT(*)) FROM orders GROUP BY UPPER(status)", "grouped"),
    ("SELECT UPPER(status), RANK() OVER (PARTITION BY UPPER(status) ORDER BY COUNT(*)) FROM orders GROUP BY 1", "grouped"),
    ("SELECT nothing FROM orders", "nothing"),
    ("SELECT secret FROM customers", "secret"),
    ("SELECT 1 FROM sales", "There is no table sales"),
    ("SELECT 1; SELECT 2", "one single SELECT"),
    ("SELEC 1", "not GoogleSQL"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "said"), NOT_PORTABLE)
def test_differences_are_reported_with_a_fix(sql: str, said: str) -> None:
    assert said in " ".join(lint(sql, SCHEMA))


@pytest.mark.parametrize("divisor", ["100", "100.0", "(60 * 24)", "-2", "NULLIF(order_id, 0)", "GREATEST(order_id, 1)", "CAST(12 AS FLOAT64)"])  # fmt: skip
def test_a_divisor_that_is_never_zero_is_not_named(divisor: str) -> None:
    assert lint(f"SELECT total / {divisor} FROM orders", SCHEMA) == []


def test_without_a_schema_names_are_not_judged() -> None:
    assert lint("SELECT anything FROM anywhere") == []
