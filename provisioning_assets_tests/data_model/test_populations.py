"""The sources of rows: written rows, independent rows, children and periods."""

import pytest

from provisioning_assets_tests.data_model.broken_models import (
    Change,
    of_column,
    places,
    retail_problems,
    rows,
    written,
)
from provisioning_assets_tests.synthesis.retail_model import column

ROWS = ({"product_id": "a", "list_price": 3}, {"product_id": "b", "list_price": 4})


def products(*given: dict) -> list[Change]:
    """Products as these written rows, from which several lines of an order may be the same."""
    return [written(*given), rows_may_repeat]


def rows_may_repeat(tables: dict) -> None:
    lines = {found["name"]: found for found in tables["order_lines"]["columns"]}
    lines["product_id"]["generator"]["distinct_in_parent"] = False


def periods(**fields: object) -> Change:
    """A table with a row for each month of a customer."""

    def change(tables: dict) -> None:
        tables["returns"].update(
            population={
                "kind": "per_period",
                "parent": "customers",
                "period": "month",
                "start": "signed_up_at",
                **fields,
            },
            primary_key=["customer_id", "month"],
            foreign_keys=[],
            columns=[
                column("customer_id", "INT64", {"kind": "parent_key"}, "key"),
                column("month", "DATE", {"kind": "period_start"}, "time"),
            ],
        )

    return change


CASES: dict[str, tuple[list[Change], list[str]]] = {
    "written rows": (products(*ROWS), []),
    "no written rows": (products(), ["tables.products.rows"]),
    "a value of a column that does not exist": (
        products({**ROWS[0], "colour": "red"}, {**ROWS[1], "colour": "blue"}),
        ["tables.products.rows.0.colour"],
    ),
    "a column without a value": (products({"product_id": "a"}), ["tables.products.columns.list_price"]),
    "a value of another type": (
        products(ROWS[0], {"product_id": "b", "list_price": "dear"}),
        ["tables.products.rows.1.list_price"],
    ),
    "a key that is missing": (products(ROWS[0], {"list_price": 1}), ["tables.products.rows.1"]),
    "a key twice": (products(ROWS[0], ROWS[0]), ["tables.products.rows.1.product_id"]),
    "a column without a generator": (
        [of_column("orders.channel", generator={"kind": "record"})],
        ["tables.orders.columns.channel"],
    ),
    "at most fewer than at least": (
        [rows("customers", minimum=900, maximum=10)],
        ["tables.customers.rows.maximum"],
    ),
    "a share that is not a number": ([rows("customers", share=float("inf"))], ["tables.customers.rows.share"]),
    "a parent that does not exist": (
        [rows("order_lines", parent="carts")],
        [
            "tables.orders.columns.item_count.rollup.table",
            "tables.orders.columns.order_total.rollup.table",
            "tables.order_lines.rows.parent",
        ],
    ),
    "a condition on a column that does not exist": ([rows("returns", where="lost")], ["tables.returns.rows.where"]),
    "a condition that is not true or false": ([rows("returns", where="unit_price")], ["tables.returns.rows.where"]),
    "counts without weight": (
        [rows("order_lines", count={"first": 1, "weights": [0.0]})],
        ["tables.order_lines.rows.weights"],
    ),
    "a parent that never has children": (
        [rows("order_lines", count={"first": 0, "weights": [1.0, 0.0]})],
        ["tables.order_lines.rows.weights"],
    ),
    "periods": ([periods()], []),
    "periods from a column that does not exist": ([periods(start="began_on")], ["tables.returns.rows.start"]),
    "periods to what is not a moment": ([periods(end="city")], ["tables.returns.rows.end"]),
}


@pytest.mark.parametrize("case", CASES)
def test_the_problem_is_reported_at_its_place(case: str) -> None:
    changes, expected = CASES[case]
    assert places(retail_problems(*changes)) == expected


def test_dates_are_written_in_one_way() -> None:
    dates = ["2024-01-31", "31.1.2024", None, "soon"]
    given = [{"product_id": f"p{number}", "list_price": 1, "since": day} for number, day in enumerate(dates)]
    since = lambda tables: tables["products"]["columns"].append(column("since", "DATE", {"kind": "record"}, "time"))  # noqa: E731
    assert places(retail_problems(*products(*given), since)) == [
        "tables.products.rows.1.since",
        "tables.products.rows.3.since",
    ]


def test_a_table_that_descends_from_itself_is_one_problem() -> None:
    found = places(retail_problems(rows("order_lines", parent="returns")))
    assert "tables.order_lines.rows.parent" in found
    assert "tables.returns.rows.parent" not in found
