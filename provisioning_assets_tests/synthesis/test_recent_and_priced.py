"""Two things that experts check first: recent orders are still open, and nothing is sold below its cost."""

import polars as pl

from provisioning_assets_tests.synthesis.conftest import Generated


def test_cost_is_below_price(retail: Generated) -> None:
    products = retail.read("products")
    assert (products["unit_cost"] < products["list_price"]).all()


def test_recent_orders_are_open(retail: Generated) -> None:
    orders = retail.read("orders")
    recent = orders.filter(pl.col("ordered_at").dt.date() == retail.model.as_of)
    assert recent.height > 0
    assert recent["delivered_at"].null_count() == recent.height
    assert orders["delivered_at"].null_count() < orders.height * 0.1
