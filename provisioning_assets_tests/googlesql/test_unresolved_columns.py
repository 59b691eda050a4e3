"""Messages about columns of a query that cannot be resolved."""

import pytest

from provisioning_assets.googlesql.portability import lint

SCHEMA = {
    "orders": {"order_id": "INT64", "total": "NUMERIC", "shop_id": "INT64"},
    "shops": {"shop_id": "INT64", "shop_name": "STRING"},
}
HELPERS = {"orders": ["effort"], "shops": []}

UNRESOLVED = {
    "of one table": (
        "SELECT totl FROM orders",
        "`totl` is not a column of orders. Did you mean 'total'? Accepted: order_id, total, shop_id.",
    ),
    "by an alias": (
        "SELECT o.totl FROM orders AS o JOIN shops AS s ON s.shop_id = o.shop_id",
        "`totl` is not a column of orders. Did you mean 'total'? Accepted: order_id, total, shop_id.",
    ),
    "of two tables": (
        "SELECT totl FROM orders AS o JOIN shops AS s ON s.shop_id = o.shop_id",
        "`totl` is not a column of orders, shops. Did you mean 'total'? Accepted: order_id, total, shop_id, shop_name.",
    ),
    "of a query within": (
        "SELECT x.t FROM (SELECT total AS tt FROM orders) AS x",
        "`t` is not a column of x. Did you mean 'tt'? Accepted: tt.",
    ),
    "of WITH": (
        "WITH x AS (SELECT total FROM orders) SELECT totl FROM x",
        "`totl` is not a column of x. Did you mean 'total'? Accepted: total.",
    ),
    "of the enclosing query": (
        "SELECT shop_name FROM shops AS s WHERE EXISTS (SELECT 1 FROM orders AS o WHERE o.shop_id = s.shopid)",
        "`shopid` is not a column of shops. Did you mean 'shop_id'? Accepted: shop_id, shop_name.",
    ),
    "helper": (
        "SELECT SUM(effort) AS effort FROM orders",
        "`effort` is a helper of orders, which is not stored: make it a column, or use another. "
        "Accepted: order_id, total, shop_id.",
    ),
    "named as its alias": (
        "SELECT SUM(totl) AS totl FROM orders",
        "`totl` is not a column of orders. Did you mean 'total'? Accepted: order_id, total, shop_id.",
    ),
    "of two possible tables": (
        "SELECT shop_id FROM orders JOIN shops ON TRUE",
        "`shop_id` may be orders.shop_id or shops.shop_id. Write one of them.",
    ),
    "of no table": (
        "SELECT x.total FROM orders",
        "`x` is not a table or an alias of the query there. Accepted: orders.",
    ),
}


@pytest.mark.parametrize("case", UNRESOLVED)
def test_an_unresolved_column_is_named_with_what_is_accepted(case: str) -> None:
    sql, expected = UNRESOLVED[case]
    assert lint(sql, SCHEMA, HELPERS) == [expected]


def test_an_alias_that_is_used_where_it_is_not_known_yet_is_another_mistake() -> None:
    found = lint("SELECT total * 2 AS twice FROM orders WHERE twice > 3", SCHEMA, HELPERS)
    assert len(found) == 1
    assert "BigQuery does not see a SELECT's own alias" in found[0]


def test_what_is_read_from_an_array_is_not_compared_with_columns() -> None:
    found = lint("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 3)) AS n JOIN orders ON order_id = m", SCHEMA, HELPERS)
    assert len(found) == 1
    assert "'m' could not be resolved" in found[0]
