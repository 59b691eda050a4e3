"""The retail tables are shaped as real shops' are; the bounds are those of two real data sets, with room around them."""

import numpy as np
import polars as pl

from provisioning_assets_tests.synthesis.conftest import Generated


def buyers(retail: Generated) -> pl.DataFrame:
    return (
        retail.read("orders")
        .group_by("customer_id")
        .agg(pl.len().alias("orders"), pl.col("order_total").sum().alias("revenue"))
        .sort("revenue", descending=True)
    )


def test_few_customers_bring_most_revenue(retail: Generated) -> None:
    revenue = buyers(retail)["revenue"].to_numpy()
    assert 0.50 <= revenue[: len(revenue) // 5].sum() / revenue.sum() <= 0.85
    assert 0.08 <= revenue[: len(revenue) // 100].sum() / revenue.sum() <= 0.40


def test_many_buy_once_and_some_very_often(retail: Generated) -> None:
    orders = buyers(retail)["orders"].to_numpy()
    assert (orders == 1).mean() >= 0.10
    assert 3 <= orders.var() / orders.mean() <= 30


def test_amounts_have_a_long_tail(retail: Generated) -> None:
    amounts = retail.read("orders")["order_total"].to_numpy()
    assert 4 <= np.percentile(amounts, 99) / np.median(amounts) <= 25


def test_weekdays_and_hours_are_peoples(retail: Generated) -> None:
    moments = retail.read("orders")["ordered_at"]
    weekdays = moments.dt.weekday().value_counts()["count"].to_numpy()
    assert weekdays.max() / weekdays.min() >= 1.10
    hours = np.bincount(moments.dt.hour().to_numpy(), minlength=24)
    assert hours[3] / hours.mean() <= 0.5
    assert (moments.dt.truncate("1d") == moments).sum() < 0.1 * len(moments)


def test_growth_is_as_planned(retail: Generated) -> None:
    days = retail.read("orders")["ordered_at"].dt.date()
    latest = retail.model.as_of
    ages = (pl.lit(latest) - pl.col("day")).dt.total_days()
    frame = pl.DataFrame({"day": days}).with_columns(age=ages)
    this, before = frame.filter(pl.col("age") < 365).height, frame.filter(pl.col("age").is_between(365, 729)).height
    assert abs(this / before - 1.15) < 0.05


def test_prices_stand_on_usual_endings(retail: Generated) -> None:
    cents = (retail.read("products")["list_price"] * 100).round().cast(pl.Int64) % 100
    assert cents.is_in([99, 95, 49, 0]).sum() >= 0.8 * len(cents)


def test_cost_is_below_price(retail: Generated) -> None:
    products = retail.read("products")
    assert (products["unit_cost"] < products["list_price"]).all()


def test_recent_orders_are_open(retail: Generated) -> None:
    orders = retail.read("orders")
    recent = orders.filter(pl.col("ordered_at").dt.date() == retail.model.as_of)
    assert recent.height > 0
    assert recent["delivered_at"].null_count() == recent.height
    assert orders["delivered_at"].null_count() < orders.height * 0.1


def test_categories_are_not_alike(retail: Generated) -> None:
    counts = retail.read("orders")["channel"].value_counts()["count"].to_list()
    assert max(counts) / min(counts) >= 1.5
