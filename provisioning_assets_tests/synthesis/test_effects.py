"""Planted changes are in the data with their planted strength, at their place and time, and nowhere else."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.retail_model import retail_model, retail_tables, with_effect

FACTS = 60_000
WINDOW: dict[str, Any] = {"from_days_ago": 120, "to_days_ago": 31}


def planted(folder: Path, tables: list[dict[str, Any]] | None = None, **effect: Any) -> Generated:
    model = retail_model(FACTS, tables=tables or retail_tables(), effects=with_effect(**effect))
    return generated(model, folder)


def aged(frame: pl.DataFrame, found: Generated, time: str = "ordered_at") -> pl.DataFrame:
    """With the age in days, and whether a row lies in the window."""
    age = (pl.lit(found.model.as_of) - pl.col(time).dt.date()).dt.total_days()
    return frame.with_columns(age=age).with_columns(inside=pl.col("age").is_between(31, 120))


def lines(found: Generated) -> pl.DataFrame:
    orders = found.read("orders").select("order_id", "ordered_at", "channel", "customer_id")
    products = found.read("products").select("product_id", "category", "list_price")
    joined = found.read("order_lines").join(orders, on="order_id").join(products, on="product_id")
    return aged(joined, found)


def test_a_flags_rate_is_multiplied(tmp_path: Path) -> None:
    found = planted(
        tmp_path, table="orders", column="is_cancelled", where="channel = 'App'", factor=5, time="ordered_at", **WINDOW
    )
    orders = aged(found.read("orders"), found)
    rate = {
        (inside, app): orders.filter((pl.col("inside") == inside) & ((pl.col("channel") == "App") == app))[
            "is_cancelled"
        ].mean()
        for inside in (True, False)
        for app in (True, False)
    }
    assert rate[True, True] == pytest.approx(0.20, abs=0.035)
    for elsewhere in [(True, False), (False, True), (False, False)]:
        assert rate[elsewhere] == pytest.approx(0.04, abs=0.012)


def test_a_rate_is_set_and_the_window_defaults_to_the_event_time(tmp_path: Path) -> None:
    found = planted(tmp_path, table="orders", column="is_cancelled", operation="set", factor=0.5, **WINDOW)
    orders = aged(found.read("orders"), found)
    assert orders.filter("inside")["is_cancelled"].mean() == pytest.approx(0.5, abs=0.04)
    assert orders.filter(~pl.col("inside"))["is_cancelled"].mean() == pytest.approx(0.04, abs=0.01)


def test_a_duration_is_multiplied_and_order_holds(tmp_path: Path) -> None:
    found = planted(tmp_path, table="orders", column="shipped_at", factor=3, time="ordered_at", **WINDOW)
    orders = aged(found.read("orders"), found).with_columns(
        hours=(pl.col("shipped_at") - pl.col("ordered_at")).dt.total_minutes() / 60
    )
    assert orders.filter("inside")["hours"].median() == pytest.approx(78, rel=0.06)
    assert orders.filter(~pl.col("inside"))["hours"].median() == pytest.approx(26, rel=0.06)
    assert (orders["delivered_at"] >= orders["shipped_at"]).drop_nulls().all()


def test_a_category_values_weight_is_multiplied(tmp_path: Path) -> None:
    found = planted(tmp_path, table="orders", column="channel", value="App", factor=4, time="ordered_at", **WINDOW)
    orders = aged(found.read("orders"), found)
    share = 4 * 35 / (50 + 4 * 35 + 15)
    assert (orders.filter("inside")["channel"] == "App").mean() == pytest.approx(share, abs=0.04)
    assert (orders.filter(~pl.col("inside"))["channel"] == "App").mean() == pytest.approx(0.35, abs=0.02)


@pytest.mark.parametrize(
    "selected", [{"value_column": "category", "value": "Living"}, {"referenced": "category = 'Living'"}]
)
def test_demand_for_referenced_rows_falls(tmp_path: Path, selected: dict[str, Any]) -> None:
    found = planted(
        tmp_path, table="order_lines", column="product_id", factor=0.2, time="ordered_at", **selected, **WINDOW
    )
    sold = lines(found)
    usual = (sold.filter(~pl.col("inside"))["category"] == "Living").mean()
    fallen = (sold.filter("inside")["category"] == "Living").mean()
    assert isinstance(usual, float)
    assert fallen == pytest.approx(0.2 * usual / (0.2 * usual + 1 - usual), abs=0.03)
    assert sold.select(pl.struct("order_id", "product_id").is_duplicated().any()).item() is False


def test_arrivals_grow_denser(tmp_path: Path) -> None:
    found = planted(tmp_path, table="orders", column="ordered_at", factor=2, **WINDOW)
    plain = generated(retail_model(FACTS), tmp_path / "plain")
    share = aged(found.read("orders"), found)["inside"].mean()
    usual = aged(plain.read("orders"), plain)["inside"].mean()
    assert isinstance(usual, float)
    assert share == pytest.approx(2 * usual / (1 + usual), rel=0.05)


def test_a_price_level_is_multiplied(tmp_path: Path) -> None:
    found = planted(tmp_path, table="products", column="list_price", where="category = 'Living'", factor=3)
    plain = generated(retail_model(FACTS), tmp_path / "plain")
    both = found.read("products").join(plain.read("products"), on="product_id", suffix="_before")
    ratio = both.with_columns(ratio=pl.col("list_price") / pl.col("list_price_before"))
    assert ratio.filter(pl.col("category") == "Living")["ratio"].median() == pytest.approx(3, rel=0.05)
    assert (ratio.filter(pl.col("category") != "Living")["ratio"] == 1).all()


def test_a_number_is_multiplied(tmp_path: Path) -> None:
    tables = retail_tables()
    lines_table = next(table for table in tables if table["name"] == "order_lines")
    for column in lines_table["columns"]:
        if column["name"] == "quantity":
            column["generator"] = {"kind": "number", "distribution": "gamma", "a": 40, "b": 4}
    found = planted(
        tmp_path,
        tables,
        table="order_lines",
        column="quantity",
        where="category = 'Beauty'",
        factor=2,
        time="ordered_at",
        **WINDOW,
    )
    sold = lines(found)
    beauty = pl.col("category") == "Beauty"
    assert sold.filter(pl.col("inside") & beauty)["quantity"].mean() == pytest.approx(80, rel=0.1)
    assert sold.filter(pl.col("inside") & ~beauty)["quantity"].mean() == pytest.approx(40, rel=0.1)
    assert (sold["line_total"] - sold["quantity"] * sold["unit_price"]).max() == pytest.approx(0, abs=0.006)


def test_more_parents_have_children(tmp_path: Path) -> None:
    tables = retail_tables()
    returns = next(table for table in tables if table["name"] == "returns")
    returns["population"] = {
        "kind": "per_parent",
        "parent": "order_lines",
        "where": "delivered_at is not null",
        "probability": 0.05,
    }
    found = planted(
        tmp_path,
        tables,
        table="returns",
        column="order_line_id",
        where="category = 'Living'",
        factor=4,
        time="ordered_at",
        **WINDOW,
    )
    sold = lines(found).with_columns(
        back=pl.col("order_line_id").is_in(found.read("returns")["order_line_id"].implode())
    )
    living = pl.col("category") == "Living"
    assert sold.filter(pl.col("inside") & living)["back"].mean() == pytest.approx(0.2, abs=0.04)
    assert sold.filter(pl.col("inside") & ~living)["back"].mean() == pytest.approx(0.05, abs=0.02)
