"""References, look-ups and roll-ups, and whether every row finds something to refer to."""

import pytest

from provisioning_assets_tests.data_model.broken_models import (
    Change,
    Tables,
    added,
    foreign_key,
    generator,
    of_column,
    places,
    retail_problems,
    rows,
    setting,
    written,
)
from provisioning_assets_tests.synthesis.retail_model import column

BUYER = "tables.orders.columns.customer_id"
ARTICLE = "tables.order_lines.columns.product_id"
UNIT_PRICE = "tables.order_lines.columns.unit_price"
TOTAL = "tables.orders.columns.order_total"


def lookup(through: str, name: str) -> dict:
    """Looks a column up."""
    return {"kind": "lookup", "through": through, "column": name}


def category(name: str, values: list[str]) -> dict:
    """A column of one of these values, each as likely."""
    return column(name, "STRING", {"kind": "category", "values": values, "weights": [1.0] * len(values)})


def wanted(*values: str) -> Change:
    """Orders that want one of these categories; each line chooses a product of it."""

    def change(tables: Tables) -> None:
        added("orders", category("wanted", list(values)))(tables)
        added("order_lines", column("wanted", "STRING", lookup("order_id", "wanted")))(tables)
        setting("order_lines.product_id", match={"wanted": "category"})(tables)

    return change


def begun(table: str, since: str) -> dict:
    """Refers to rows that have begun when an order comes."""
    return {"kind": "reference", "table": table, "since": since, "at": "ordered_at"}


def two_keys(tables: Tables) -> None:
    """Customers have a key of two columns, and nothing declares a foreign key to them."""
    tables["customers"]["primary_key"] = ["customer_id", "city"]
    tables["orders"]["foreign_keys"] = []
    del tables["returns"]["foreign_keys"][1]


CASES: dict[str, tuple[list[Change], list[str]]] = {
    "a table that does not exist": ([setting("orders.customer_id", table="people")], [f"{BUYER}.reference.table"]),
    "a table of the same family": (
        [generator("returns.customer_id", kind="reference", table="orders")],
        ["tables.returns.columns.customer_id.reference.table"],
    ),
    "a table with a key of two columns": ([two_keys], [f"{BUYER}.reference.table"]),
    "a parent with a key of two columns": (
        [
            lambda tables: tables["order_lines"].update(primary_key=["order_id", "line_number"]),
            lambda tables: tables["returns"]["foreign_keys"].pop(0),
        ],
        ["tables.returns.columns.order_line_id.parent_key"],
    ),
    "a parent's key of another type": (
        [of_column("returns.order_line_id", type="STRING"), lambda tables: tables["returns"]["foreign_keys"].pop(0)],
        ["tables.returns.columns.order_line_id.type"],
    ),
    "a key of another type": (
        [of_column("orders.customer_id", type="STRING"), lambda tables: tables["orders"]["foreign_keys"].clear()],
        [f"{BUYER}.type", "tables.returns.columns.customer_id.type"],
    ),
    "a weight that is a text": ([setting("orders.customer_id", weight="segment")], [f"{BUYER}.reference.weight"]),
    "a weight that does not exist": ([setting("orders.customer_id", weight="size")], [f"{BUYER}.reference.weight"]),
    "since without at": ([setting("orders.customer_id", at=None)], [f"{BUYER}.reference.at"]),
    "at without since": ([setting("orders.customer_id", since=None)], [f"{BUYER}.reference.at"]),
    "until what is not a moment": ([setting("orders.customer_id", until="city")], [f"{BUYER}.reference.until"]),
    "a match of columns that do not exist": (
        [setting("orders.customer_id", match={"channel": "mood", "town": "city"})],
        [f"{BUYER}.reference.match.channel", f"{BUYER}.reference.match.town"],
    ),
    "a match of other types": (
        [setting("orders.customer_id", match={"discount_pct": "segment"})],
        [f"{BUYER}.reference.match.discount_pct"],
    ),
    "distinct without a parent": (
        [setting("orders.customer_id", distinct_in_parent=True)],
        [f"{BUYER}.reference.distinct_in_parent"],
    ),
    "distinct out of too few": (
        [rows("products", share=0.0001, minimum=3)],
        [f"{ARTICLE}.reference.distinct_in_parent"],
    ),
    "a weight that no row has": (
        [
            written({"product_id": "a", "list_price": 0}, {"product_id": "b"}),
            setting("order_lines.product_id", weight="list_price", distinct_in_parent=False),
        ],
        [f"{ARTICLE}.reference.weight"],
    ),
    "a match that no row has": ([wanted("Toys", "Living")], [f"{ARTICLE}.reference.match.wanted"]),
    "a match that all rows have": ([wanted("Beauty", "Living")], []),
    "more lines than different products may match": (
        [
            written(
                *({"product_id": f"p{number}", "list_price": 3, "category": "AB"[number % 2]} for number in range(8))
            ),
            generator("products.category", kind="record"),
            wanted("A", "B"),
        ],
        [f"{ARTICLE}.reference.distinct_in_parent"],
    ),
    "customers who come later than the first order": (
        [
            setting("customers.signed_up_at", before_history=0),
            added(
                "customers",
                column(
                    "verified_at",
                    "DATETIME",
                    {"kind": "after", "base": "signed_up_at", "unit": "days", "median": 3},
                    "time",
                ),
            ),
            setting("orders.customer_id", since="verified_at"),
        ],
        [f"{BUYER}.reference.since"],
    ),
    "orders before the first customer": (
        [setting("customers.signed_up_at", before_history=0), setting("orders.ordered_at", before_history=0.2)],
        [f"{BUYER}.reference.since"],
    ),
    "products that are sold from a later day on": (
        [
            written(
                *({"product_id": f"p{day}", "list_price": 3, "sold_from": f"2026-06-0{day}"} for day in range(1, 9))
            ),
            added("products", column("sold_from", "DATE", {"kind": "record"}, "time")),
            added("orders", column("product_id", "STRING", begun("products", "sold_from"))),
        ],
        ["tables.orders.columns.product_id.reference.since"],
    ),
    "a look-up through what is not a key": (
        [setting("order_lines.unit_price", through="quantity")],
        [f"{UNIT_PRICE}.lookup.through"],
    ),
    "a look-up through what does not exist": (
        [setting("order_lines.unit_price", through="article")],
        [f"{UNIT_PRICE}.lookup.through"],
    ),
    "a look-up of a column that does not exist": (
        [setting("order_lines.unit_price", column="price")],
        [f"{UNIT_PRICE}.lookup.column"],
    ),
    "a look-up of another type": (
        [setting("order_lines.unit_price", column="category")],
        [f"{UNIT_PRICE}.type"],
    ),
    "a roll-up of what is not a child": (
        [setting("orders.order_total", table="products")],
        [f"{TOTAL}.rollup.table"],
    ),
    "a roll-up of a column that does not exist": (
        [setting("orders.order_total", column="total")],
        [f"{TOTAL}.rollup.column"],
    ),
    "a sum of nothing": ([setting("orders.order_total", column=None)], [f"{TOTAL}.rollup.column"]),
    "a sum of texts": ([setting("orders.order_total", column="product_id")], [f"{TOTAL}.rollup.column"]),
    "a moment as an amount": (
        [setting("orders.order_total", function="max", column="ordered_at")],
        [f"{TOTAL}.type"],
    ),
    "a count as a text": (
        [of_column("orders.item_count", type="STRING")],
        ["tables.orders.columns.item_count.type"],
    ),
    "a roll-up's condition on a column that does not exist": (
        [setting("orders.order_total", where="total > 1")],
        [f"{TOTAL}.rollup.where"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_problem_is_reported_at_its_place(case: str) -> None:
    changes, expected = CASES[case]
    assert places(retail_problems(*changes)) == expected


def test_look_ups_in_a_circle_are_reported() -> None:
    circle = generator("order_lines.product_id", kind="lookup", through="unit_price", column="product_id")
    assert f"{ARTICLE}.lookup.through" in places(retail_problems(circle))
    undeclared = foreign_key("order_lines", ["order_id"], "orders", ["order_id"])
    found = places(retail_problems(circle, undeclared))
    assert {f"{ARTICLE}.lookup.through", f"{UNIT_PRICE}.lookup.through"} <= set(found)


def test_only_the_first_of_look_ups_one_after_the_other_is_reported() -> None:
    nowhere = setting("returns.order_id", through="reason")
    assert places(retail_problems(nowhere)) == ["tables.returns.columns.order_id.lookup.through"]


def test_a_look_up_into_a_sister_table_is_refused() -> None:
    def sisters(tables: Tables) -> None:
        tables["returns"]["population"] = {"kind": "per_parent", "parent": "orders"}
        tables["returns"]["foreign_keys"] = [
            {"columns": ["line"], "references_table": "order_lines", "references_columns": ["order_line_id"]}
        ]
        tables["returns"]["columns"] = [
            column("return_id", "INT64", {"kind": "sequence"}, "key"),
            column("order_id", "INT64", {"kind": "parent_key"}, "key"),
            column("line", "INT64", {"kind": "position"}, "key"),
            column("refund", "NUMERIC", lookup("line", "line_total"), "measure"),
        ]

    assert places(retail_problems(sisters)) == ["tables.returns.columns.refund.lookup.through"]
