"""Columns and tables that depend on each other in a circle."""

from provisioning_assets_tests.data_model.broken_models import (
    Tables,
    history_problems,
    places,
    retail_problems,
    setting,
)
from provisioning_assets_tests.synthesis.retail_model import column


def reference(table: str) -> dict:
    """Refers to a table."""
    return {"kind": "reference", "table": table}


def favourites(tables: Tables) -> None:
    """Customers refer to products, and products to customers."""
    tables["customers"]["columns"].append(column("favourite", "STRING", reference("products")))
    tables["products"]["columns"].append(column("inventor", "INT64", reference("customers")))


def test_tables_that_refer_to_each_other() -> None:
    (problem,) = retail_problems(favourites)
    assert problem.place == ("tables", "products", "columns", "inventor")
    assert "customers needs products, products needs customers" in problem.message


def test_columns_that_are_calculated_from_each_other() -> None:
    (problem,) = retail_problems(setting("products.cost_share", times="unit_cost"))
    assert problem.place == ("tables", "products", "columns", "unit_cost")
    assert (
        "products.cost_share needs products.unit_cost, products.unit_cost needs products.cost_share" in problem.message
    )


def test_numbers_that_are_correlated_with_each_other() -> None:
    found = history_problems(setting("visits.minutes", correlation={"column": "spent", "rho": 0.5}))
    assert places(found) == ["tables.visits.columns.spent"]


def test_circles_and_other_problems_are_reported_together() -> None:
    found = retail_problems(
        favourites,
        setting("products.cost_share", times="unit_cost"),
        setting("orders.is_cancelled", by="channel", rate_by={"Phone": 0.5}),
        setting("orders.shipped_at", base="sent_at"),
    )
    assert places(found) == [
        "tables.products.columns.unit_cost",
        "tables.products.columns.inventor",
        "tables.orders.columns.is_cancelled.flag.rate_by.Phone",
        "tables.orders.columns.shipped_at.after.base",
    ]


def test_cases_of_columns_in_a_circle_are_still_checked() -> None:
    found = retail_problems(
        setting("products.cost_share", times="unit_cost"),
        setting("products.list_price", by="category", median_by={"Fish": 3.0}),
    )
    assert len(found) == 2
