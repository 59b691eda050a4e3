"""Which queries of Claude may run: what analysts write passes, and whatever else is said is refused with a reason."""

import pytest

from provisioning_assets.agent.claude_answers.query_checks import checked_query, result_fault
from provisioning_assets.agent.context import build_context
from provisioning_assets.agent.understanding.catalog import Catalog, read_catalog
from provisioning_assets.agent.understanding.read_only_sql import RejectedSqlError
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.googlesql.results import QueryResult, ResultColumn
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets_tests.agent import small_shop


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    dataset = DemoDataset(target="duckdb", dataset="demo_x", location="d", as_of=small_shop.AS_OF, tables=[], bytes=1)
    golden = GoldenQueries(as_of=small_shop.AS_OF, queries=[])
    return read_catalog(build_context(small_shop.demo_plan(), small_shop.data_model(), golden, dataset, "local"))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) AS orders_count FROM orders",
        "SELECT COUNT(*) AS orders_count FROM `local`.`demo_x`.orders",
        "SELECT channel, COUNT(*) AS orders_count FROM orders GROUP BY channel ORDER BY orders_count DESC LIMIT 3",
        "WITH t AS (SELECT SUM(order_total) AS total FROM orders) SELECT o.channel, "
        "ROUND(100 * SAFE_DIVIDE(SUM(o.order_total), MAX(t.total)), 1) AS share_pct FROM orders AS o CROSS JOIN t GROUP BY 1",
        "SELECT c.segment, COUNT(DISTINCT o.customer_id) AS customers FROM orders AS o "
        "LEFT JOIN customers AS c ON c.customer_id = o.customer_id GROUP BY c.segment",
        "SELECT product_id, order_total FROM orders JOIN order_items USING (order_id)",
        "SELECT DATE_TRUNC(DATE(ordered_at), MONTH) AS month, AVG(rating) AS average_rating FROM orders "
        "WHERE DATE(ordered_at) >= DATE_SUB(CURRENT_DATE(), INTERVAL 90 DAY) GROUP BY month ORDER BY month",
        "SELECT full_name, age FROM customers WHERE TRUE QUALIFY ROW_NUMBER() OVER (ORDER BY age DESC) <= 3",
        "WITH months AS (SELECT month FROM UNNEST(GENERATE_DATE_ARRAY(DATE '2026-01-01', CURRENT_DATE())) AS month) "
        "SELECT m.month, COUNT(*) AS signups FROM months AS m CROSS JOIN customers AS c WHERE c.signup_date <= m.month GROUP BY 1",
        "SELECT channel FROM orders UNION DISTINCT SELECT payment_method FROM orders",
    ],
)
def test_what_analysts_write_passes(catalog: Catalog, sql: str) -> None:
    assert "demo_x" not in checked_query(sql, catalog, strictly=True)


@pytest.mark.parametrize("strictly", [True, False])
@pytest.mark.parametrize(
    "sql",
    [
        "",
        ";",
        "-- nothing",
        "\x00",
        "FROM orders |> AGGREGATE COUNT(*) AS n",
        "SELECT AS VALUE 1",
        "TABLE orders",
        "VALUES (1)",
        "ASSERT TRUE",
        "SELECT $1 AS a",
        "SELECT {fn NOW()} AS n",
        "SELECT channel AS c FROM orders TABLESAMPLE SYSTEM (10 PERCENT)",
        "SELECT * EXCEPT (channel) FROM orders",
        "SELECT a.b.c.d AS x FROM orders",
        "SELECT COUNT(*) AS n FROM orders NATURAL JOIN stores",
        "SELECT * FROM (SELECT channel, order_total FROM orders) PIVOT(SUM(order_total) FOR channel IN ('Store'))",
        "SELECT channel, CHANNEL FROM orders",
        "SELECT 1 AS `a b`",
    ],
)
def test_anything_else_is_refused_with_a_reason(catalog: Catalog, sql: str, strictly: bool) -> None:
    with pytest.raises(RejectedSqlError, match=r"\w"):
        checked_query(sql, catalog, strictly=strictly)


def test_a_division_is_refused_only_strictly(catalog: Catalog) -> None:
    """Where the divisor is 0, the data set fails the query."""
    division = "SELECT SUM(order_total) / COUNT(*) AS mean FROM orders"
    with pytest.raises(RejectedSqlError, match="SAFE_DIVIDE"):
        checked_query(division, catalog, strictly=True)
    assert "/" in checked_query(division, catalog, strictly=False)


def test_every_fault_is_told_at_once(catalog: Catalog) -> None:
    with pytest.raises(RejectedSqlError) as refused:
        checked_query("SELECT RAND(), SUM(order_total) / COUNT(*) FROM orders, stores", catalog, strictly=True)
    for part in ("name of its own", "no ON", "RAND()", "divisor is 0"):
        assert part in str(refused.value)


def test_rows_that_are_too_large_are_not_shown() -> None:
    result = QueryResult(
        columns=[ResultColumn(name="t", type="STRING")], rows=[["x" * 600_000]] * 2, row_count=2, seconds=0
    )
    assert "1,200,000 bytes" in (result_fault(result) or "")
    assert result_fault(result.model_copy(update={"rows": result.rows[:1]})) is None
