"""Texts that a query compares stored columns with."""

import pytest

from provisioning_assets.googlesql.compared_texts import compared_texts

SCHEMA = {
    "orders": {"order_id": "INT64", "status": "STRING", "channel": "STRING"},
    "stores": {"store_id": "INT64", "city": "STRING"},
}


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT order_id FROM orders WHERE status = 'paid'", [("orders", "status", "paid")]),
        ("SELECT order_id FROM orders WHERE 'paid' != status", [("orders", "status", "paid")]),
        (
            "SELECT COUNTIF(o.status IN ('a', 'b')) AS n FROM orders AS o",
            [("orders", "status", "a"), ("orders", "status", "b")],
        ),
        (
            "WITH paid AS (SELECT channel FROM orders WHERE status = 'paid') SELECT channel FROM paid WHERE channel = 'App'",
            [("orders", "status", "paid")],
        ),
        (
            "SELECT s.city FROM stores AS s JOIN orders AS o ON o.channel = 'App' WHERE s.city = 'Rome'",
            [("orders", "channel", "App"), ("stores", "city", "Rome")],
        ),
        ("SELECT order_id FROM orders WHERE order_id = 3 AND UPPER(status) = 'PAID' AND status = channel", []),
        ("SELECT order_id FROM orders WHERE status = 'paid' OR status = 'paid'", [("orders", "status", "paid")]),
    ],
)
def test_texts_that_stored_columns_are_compared_with(sql: str, found: list[tuple[str, str, str]]) -> None:
    assert sorted(compared_texts(sql, SCHEMA)) == sorted(found)
