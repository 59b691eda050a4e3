"""Cases by another column's value must name values that this column can have."""

import pytest

from provisioning_assets_tests.data_model.broken_models import (
    Change,
    generator,
    places,
    retail_problems,
    setting,
    written,
)

CANCELLED = "tables.orders.columns.is_cancelled.flag"

CASES: dict[str, tuple[list[Change], list[str]]] = {
    "of a category": (
        [setting("orders.is_cancelled", by="channel", rate_by={"Phone": 0.5, "App": 0.1})],
        [f"{CANCELLED}.rate_by.Phone"],
    ),
    "of a category's weights": (
        [setting("orders.discount_pct", by="channel", weights_by={"Ap": [1, 1, 1]})],
        ["tables.orders.columns.discount_pct.category.weights_by.Ap"],
    ),
    "of a value without weight": (
        [
            setting("orders.channel", weights=[1, 1, 0]),
            setting("orders.is_cancelled", by="channel", rate_by={"Marketplace": 0.5}),
        ],
        [f"{CANCELLED}.rate_by.Marketplace"],
    ),
    "of a looked-up category": (
        [setting("order_lines.is_returned", by="category", rate_by={"Toys": 0.5})],
        ["tables.order_lines.columns.is_returned.flag.rate_by.Toys"],
    ),
    "of a flag": (
        [setting("orders.discount_pct", by="is_cancelled", weights_by={"true": [1, 1, 1], "yes": [1, 1, 1]})],
        ["tables.orders.columns.discount_pct.category.weights_by.yes"],
    ),
    "of written rows": (
        [
            written(*({"product_id": f"p{number}", "list_price": 3, "category": "Tea"} for number in range(8))),
            generator("products.category", kind="record"),
            setting("order_lines.is_returned", by="category", rate_by={"Tea": 0.5, "Fish": 0.5}),
        ],
        ["tables.order_lines.columns.is_returned.flag.rate_by.Fish"],
    ),
    "of a duration": (
        [setting("orders.shipped_at", by="channel", median_by={"Phone": 3.0})],
        ["tables.orders.columns.shipped_at.after.median_by.Phone"],
    ),
    "of a price": (
        [setting("products.list_price", by="category", median_by={"Fish": 3.0})],
        ["tables.products.columns.list_price.price.median_by.Fish"],
    ),
    "of a text": (
        [setting("products.product_name", by="category", templates_by={"Fish": ["{thing}"]})],
        ["tables.products.columns.product_name.text.templates_by.Fish"],
    ),
    "without a deciding column": ([setting("orders.is_cancelled", rate_by={"App": 0.5})], [f"{CANCELLED}.by"]),
    "of values that are not known": (
        [setting("orders.is_cancelled", by="customer_id", rate_by={"10001": 0.5})],
        [],
    ),
    "beside another problem of the generator": (
        [setting("orders.is_cancelled", by="channel", rate_by={"Phone": 0.5, "App": 3})],
        [f"{CANCELLED}.rate_by.App", f"{CANCELLED}.rate_by.Phone"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_case_that_cannot_occur_is_reported(case: str) -> None:
    changes, expected = CASES[case]
    assert places(retail_problems(*changes)) == expected


def test_the_values_that_it_takes_are_named() -> None:
    (problem,) = retail_problems(setting("orders.is_cancelled", by="channel", rate_by={"Shopp": 0.5}))
    assert "'Shop'?" in problem.remedy
    assert "App, Marketplace, Shop" in problem.remedy
