"""Generators of single columns: the types they fill, the rows they need, and their settings."""

import pytest

from provisioning_assets_tests.data_model.broken_models import (
    Change,
    generator,
    history_problems,
    of_column,
    places,
    retail_problems,
    setting,
)

SKU, PRICE, SHARE = "products.product_id", "products.list_price", "products.cost_share"
SHIPPED, CHANNEL = "orders.shipped_at", "orders.channel"


def column(place: str, *fields: str) -> str:
    """``table.column`` as a place of the document."""
    table, name = place.split(".")
    return ".".join(["tables", table, "columns", name, *fields])


RETAIL: dict[str, tuple[Change, list[str]]] = {
    "a flag as text": (
        of_column("order_lines.is_returned", type="STRING"),
        [column("order_lines.is_returned", "type"), "tables.returns.rows.where"],
    ),
    "a text key without prefix": (setting(SKU, prefix=None), [column(SKU, "sequence.prefix")]),
    "a number key with prefix": (
        setting("customers.customer_id", prefix="C-"),
        [column("customers.customer_id", "sequence.prefix")],
    ),
    "a parent's key without a parent": (
        generator("orders.item_count", kind="parent_key"),
        [column("orders.item_count", "parent_key")],
    ),
    "a position without a parent": (
        generator("orders.item_count", kind="position"),
        [column("orders.item_count", "position")],
    ),
    "a period without periods": (
        generator("orders.delivered_at", kind="period_start"),
        [column("orders.delivered_at", "period_start")],
    ),
    "an arrival of children": (
        generator("returns.requested_at", kind="arrival"),
        [column("returns.requested_at", "arrival")],
    ),
    "weights that are too few": (setting(CHANNEL, weights=[1.0]), [column(CHANNEL, "category.weights")]),
    "weights of a case that are too few": (
        setting(CHANNEL, by="discount_pct", weights_by={"10": [1.0]}),
        [column(CHANNEL, "category.weights_by.10")],
    ),
    "weights that are all 0": (setting(CHANNEL, weights=[0, 0, 0]), [column(CHANNEL, "category.weights")]),
    "weights that are not numbers": (
        setting(CHANNEL, weights=[1.0, float("inf"), 1.0]),
        [column(CHANNEL, "category.weights.1")],
    ),
    "a deciding column that does not exist": (setting(CHANNEL, by="mood"), [column(CHANNEL, "category.by")]),
    "a deciding column that is the column": (setting(CHANNEL, by="channel"), [column(CHANNEL, "category.by")]),
    "values of another type": (of_column(CHANNEL, type="INT64"), [column(CHANNEL, "category.values")]),
    "numbers that are texts": (of_column(CHANNEL, type="FLOAT64"), [column(CHANNEL, "category.values")]),
    "a category of dates": (of_column(CHANNEL, type="DATE"), [column(CHANNEL, "type")]),
    "a value twice": (setting(CHANNEL, values=["Shop", "Shop", "App"]), [column(CHANNEL, "category.values")]),
    "a lognormal number of nothing": (
        setting(SHARE, distribution="lognormal", a=0),
        [column(SHARE, "number.a")],
    ),
    "a negative spread": (setting(SHARE, distribution="normal", b=-1), [column(SHARE, "number.b")]),
    "a gamma number without a shape": (setting(SHARE, distribution="gamma", a=1, b=0), [column(SHARE, "number.b")]),
    "a range upside down": (setting(SHARE, a=1, b=0), [column(SHARE, "number.b")]),
    "bounds upside down": (setting(SHARE, minimum=1, maximum=0), [column(SHARE, "number.minimum")]),
    "what is not a number": (setting(SHARE, a=float("nan")), [column(SHARE, "number.a")]),
    "a number beyond INT64": (
        setting("returns.return_id", start=2**70),
        [column("returns.return_id", "sequence.start")],
    ),
    "endings above one": (setting(PRICE, endings=[99]), [column(PRICE, "price.endings")]),
    "no endings": (setting(PRICE, endings=[]), [column(PRICE, "price.endings")]),
    "a range in which no price ends": (
        setting(PRICE, minimum=10.2, maximum=10.4, endings=[0.99, 0.5]),
        [column(PRICE, "price.endings")],
    ),
    "a price range upside down": (setting(PRICE, minimum=500), [column(PRICE, "price.minimum")]),
    "a price median of nothing": (
        setting(PRICE, by="category", median_by={"Living": 0}),
        [column(PRICE, "price.median_by.Living")],
    ),
    "a rate above one": (
        setting("orders.is_cancelled", by="channel", rate_by={"App": 2}),
        [column("orders.is_cancelled", "flag.rate_by.App")],
    ),
    "a base that is not a moment": (setting(SHIPPED, base="channel"), [column(SHIPPED, "after.base")]),
    "a base that does not exist": (setting(SHIPPED, base="sent_at"), [column(SHIPPED, "after.base")]),
    "a duration of nothing": (
        setting(SHIPPED, by="channel", median_by={"App": 0}),
        [column(SHIPPED, "after.median_by.App")],
    ),
    "durations upside down": (setting(SHIPPED, minimum=9, maximum=2), [column(SHIPPED, "after.minimum")]),
    "hours that are all closed": (setting(SHIPPED, hours=[0.0] * 24), [column(SHIPPED, "after.hours")]),
    "weekdays that are all closed": (setting(SHIPPED, weekdays=[0.0] * 7), [column(SHIPPED, "after.weekdays")]),
    "months without weight": (
        setting("orders.ordered_at", months=[0.0] * 12),
        [column("orders.ordered_at", "arrival.months")],
    ),
    "growth below nothing": (
        setting("orders.ordered_at", growth_per_year=-1),
        [column("orders.ordered_at", "arrival.growth_per_year")],
    ),
    "negative holidays": (
        setting("orders.ordered_at", holidays=-0.5),
        [column("orders.ordered_at", "arrival.holidays")],
    ),
    "a placeholder without words": (
        setting("products.product_name", templates=["{colour} {thing}"]),
        [column("products.product_name", "text.templates")],
    ),
    "a placeholder of a case without words": (
        setting("products.product_name", by="category", templates_by={"Living": ["{colour}"]}),
        [column("products.product_name", "text.templates_by.Living")],
    ),
    "a case without templates": (
        setting("products.product_name", by="category", templates_by={"Living": []}),
        [column("products.product_name", "text.templates_by.Living")],
    ),
    "a part of itself": (
        setting("products.product_name", parts={"style": ["{thing}"], "thing": ["{style}"], "number": ["1"]}),
        [column("products.product_name", "text.templates")],
    ),
    "a company that does not exist": (
        setting("customers.email", company="employer"),
        [column("customers.email", "person.company")],
    ),
    "a company that is not a text": (
        setting("customers.email", company="customer_id"),
        [column("customers.email", "person.company")],
    ),
    "a latitude as text": (
        generator("customers.city", kind="address", part="latitude"),
        [column("customers.city", "type")],
    ),
}

HISTORY: dict[str, tuple[Change, list[str]]] = {
    "a correlation with what is not a number": (
        setting("visits.spent", correlation={"column": "tier", "rho": 0.5}),
        [column("visits.spent", "number.correlation.column")],
    ),
    "a correlation of a count": (
        setting("visits.spent", distribution="poisson"),
        [column("visits.spent", "number.correlation")],
    ),
}


@pytest.mark.parametrize("case", RETAIL)
def test_the_problem_is_reported_at_its_place(case: str) -> None:
    change, expected = RETAIL[case]
    assert places(retail_problems(change)) == expected


@pytest.mark.parametrize("case", HISTORY)
def test_an_impossible_correlation_is_reported(case: str) -> None:
    change, expected = HISTORY[case]
    assert places(history_problems(change)) == expected
