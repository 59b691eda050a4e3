"""A retailer in five related tables (customers, products, orders, order lines, returns): for tests and the benchmark."""

from datetime import date
from typing import Any

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import WAKING_HOURS
from provisioning_assets.data_model.models import DataModel

AS_OF = date(2026, 6, 30)

SHOPPING_DAYS = [1.1, 1.0, 1.0, 1.0, 0.95, 0.85, 1.15]
DELIVERY_DAYS = [1.3, 1.15, 1.0, 1.0, 1.0, 0.6, 0.0]
DELIVERY_HOURS = [0.0] * 7 + [0.4, 1.0, 1.4, 1.6, 1.6, 1.4, 1.3, 1.3, 1.2, 1.1, 1.0, 0.8, 0.5, 0.2, 0.0, 0.0, 0.0]
DISPATCH_HOURS = [0.0] * 5 + [
    0.3,
    1.0,
    1.6,
    1.9,
    2.0,
    1.9,
    1.7,
    1.4,
    1.6,
    1.8,
    1.9,
    1.8,
    1.6,
    1.3,
    1.0,
    0.7,
    0.3,
    0.0,
    0.0,
]
DESK_DAYS = [1.15, 1.05, 1.0, 1.0, 0.9, 0.7, 0.75]
"""Weights of a week, Monday first, and of a day: of shoppers, of parcel carriers, of a warehouse, of what people do at
a desk."""

ROWS_PER_FACT_ROW = 1.62
"""Rows of all five tables for each order line, about: 185,000 lines are 300,000 related rows."""


def column(name: str, kind: str, generator: dict[str, Any], role: str = "dimension", **more: Any) -> dict[str, Any]:
    """A column as plain data, with a description that says its name."""
    return {
        "name": name,
        "type": kind,
        "description": f"The {name.replace('_', ' ')}",
        "role": role,
        "generator": generator,
        **more,
    }


def reference(name: str, table: str, key: str) -> dict[str, Any]:
    """A declared foreign key of one column."""
    return {"columns": [name], "references_table": table, "references_columns": [key]}


def retail_tables() -> list[dict[str, Any]]:
    """The five tables as plain data, so that a test can change one thing."""
    categories = ["Living", "Clothing", "Beauty", "Electronics", "Outdoor"]
    return [
        {
            "name": "customers",
            "description": "Registered customers",
            "population": {"kind": "scaled", "share": 0.16, "minimum": 200},
            "primary_key": ["customer_id"],
            "columns": [
                column("customer_id", "INT64", {"kind": "sequence", "start": 10001}, "key"),
                column(
                    "signed_up_at",
                    "DATETIME",
                    {"kind": "arrival", "before_history": 0.4, "growth_per_year": 0.2, "weekdays": SHOPPING_DAYS},
                    "time",
                ),
                column("given_name", "STRING", {"kind": "person", "part": "given_name"}),
                column("family_name", "STRING", {"kind": "person", "part": "family_name"}),
                column("email", "STRING", {"kind": "person", "part": "email"}, null_share=0.03),
                column("city", "STRING", {"kind": "address", "part": "city"}),
                column("region", "STRING", {"kind": "address", "part": "region"}),
                column("postcode", "STRING", {"kind": "address", "part": "postcode"}),
                column("phone", "STRING", {"kind": "address", "part": "phone"}),
                column(
                    "segment",
                    "STRING",
                    {"kind": "category", "values": ["Family", "Single", "Senior"], "weights": [5, 3, 2]},
                ),
            ],
        },
        {
            "name": "products",
            "description": "Articles on sale",
            "population": {"kind": "scaled", "share": 0.002, "minimum": 60, "maximum": 5000},
            "primary_key": ["product_id"],
            "columns": [
                column("product_id", "STRING", {"kind": "sequence", "prefix": "SKU-", "width": 5}, "key"),
                column(
                    "product_name",
                    "STRING",
                    {
                        "kind": "text",
                        "templates": ["{style} {thing}", "{thing} {number}"],
                        "parts": {
                            "style": ["Classic", "Slim", "Soft", "Nordic", "Urban", "Light"],
                            "thing": ["Lamp", "Shirt", "Serum", "Speaker", "Tent", "Mug", "Jacket", "Mat"],
                            "number": ["100", "200", "300", "Pro", "Mini"],
                        },
                    },
                    "text",
                ),
                column(
                    "category", "STRING", {"kind": "category", "values": categories, "weights": [30, 26, 20, 14, 10]}
                ),
                column(
                    "list_price",
                    "NUMERIC",
                    {"kind": "price", "median": 28, "sigma": 0.6, "minimum": 3, "maximum": 400},
                    "measure",
                ),
                column(
                    "cost_share",
                    "FLOAT64",
                    {"kind": "number", "distribution": "uniform", "a": 0.4, "b": 0.7, "decimals": 4},
                    "measure",
                    internal=True,
                ),
                column(
                    "unit_cost",
                    "NUMERIC",
                    {"kind": "expression", "sql": "list_price * cost_share", "decimals": 2},
                    "measure",
                ),
            ],
        },
        {
            "name": "orders",
            "description": "Orders placed",
            "population": {"kind": "scaled", "share": 0.4},
            "primary_key": ["order_id"],
            "event_time": "ordered_at",
            "amount": "order_total",
            "entity": "customer_id",
            "foreign_keys": [reference("customer_id", "customers", "customer_id")],
            "columns": [
                column("order_id", "INT64", {"kind": "sequence", "start": 500001}, "key"),
                column(
                    "ordered_at",
                    "DATETIME",
                    {
                        "kind": "arrival",
                        "growth_per_year": 0.15,
                        "months": [0.9, 0.8, 0.9, 0.95, 1, 0.95, 0.9, 0.9, 1, 1.1, 1.5, 1.4],
                        "weekdays": SHOPPING_DAYS,
                        "holidays": 0.8,
                    },
                    "time",
                ),
                column(
                    "customer_id",
                    "INT64",
                    {
                        "kind": "reference",
                        "table": "customers",
                        "skew": 1.3,
                        "since": "signed_up_at",
                        "at": "ordered_at",
                    },
                    "key",
                ),
                column(
                    "channel",
                    "STRING",
                    {"kind": "category", "values": ["Shop", "App", "Marketplace"], "weights": [50, 35, 15]},
                ),
                column(
                    "discount_pct",
                    "INT64",
                    {"kind": "category", "values": [0, 10, 20], "weights": [75, 15, 10]},
                    "measure",
                ),
                column("is_cancelled", "BOOL", {"kind": "flag", "rate": 0.04}),
                column(
                    "shipped_at",
                    "DATETIME",
                    {
                        "kind": "after",
                        "base": "ordered_at",
                        "unit": "hours",
                        "median": 26,
                        "sigma": 0.4,
                        "minimum": 1,
                        "where": "not is_cancelled",
                        "hours": DISPATCH_HOURS,
                    },
                    "time",
                ),
                column(
                    "delivered_at",
                    "DATETIME",
                    {
                        "kind": "after",
                        "base": "shipped_at",
                        "unit": "hours",
                        "median": 44,
                        "sigma": 0.4,
                        "minimum": 6,
                        "hours": DELIVERY_HOURS,
                        "weekdays": DELIVERY_DAYS,
                    },
                    "time",
                ),
                column(
                    "item_count", "INT64", {"kind": "rollup", "table": "order_lines", "function": "count"}, "measure"
                ),
                column(
                    "order_total",
                    "NUMERIC",
                    {"kind": "rollup", "table": "order_lines", "function": "sum", "column": "line_total"},
                    "measure",
                    aggregation="sum",
                ),
            ],
        },
        {
            "name": "order_lines",
            "description": "Lines of the orders",
            "population": {
                "kind": "per_parent",
                "parent": "orders",
                "count": {"first": 1, "weights": [42, 27, 16, 9, 6]},
            },
            "primary_key": ["order_line_id"],
            "foreign_keys": [
                reference("order_id", "orders", "order_id"),
                reference("product_id", "products", "product_id"),
            ],
            "columns": [
                column("order_line_id", "INT64", {"kind": "sequence", "start": 1}, "key"),
                column("order_id", "INT64", {"kind": "parent_key"}, "key"),
                column("line_number", "INT64", {"kind": "position"}),
                column(
                    "product_id",
                    "STRING",
                    {"kind": "reference", "table": "products", "skew": 0.8, "distinct_in_parent": True},
                    "key",
                ),
                column(
                    "category",
                    "STRING",
                    {"kind": "lookup", "through": "product_id", "column": "category"},
                    internal=True,
                ),
                column(
                    "ordered_at",
                    "DATETIME",
                    {"kind": "lookup", "through": "order_id", "column": "ordered_at"},
                    "time",
                    internal=True,
                ),
                column(
                    "delivered_at",
                    "DATETIME",
                    {"kind": "lookup", "through": "order_id", "column": "delivered_at"},
                    "time",
                    internal=True,
                ),
                column(
                    "discount_pct",
                    "INT64",
                    {"kind": "lookup", "through": "order_id", "column": "discount_pct"},
                    "measure",
                    internal=True,
                ),
                column(
                    "quantity",
                    "INT64",
                    {"kind": "category", "values": [1, 2, 3, 5], "weights": [70, 19, 7, 4]},
                    "measure",
                ),
                column(
                    "unit_price",
                    "NUMERIC",
                    {"kind": "lookup", "through": "product_id", "column": "list_price"},
                    "measure",
                ),
                column(
                    "line_total",
                    "NUMERIC",
                    {"kind": "expression", "sql": "quantity * unit_price * (1 - discount_pct / 100.0)", "decimals": 2},
                    "measure",
                    aggregation="sum",
                ),
                column("is_returned", "BOOL", {"kind": "flag", "rate": 0.08}),
            ],
        },
        {
            "name": "returns",
            "description": "Order lines sent back",
            "population": {
                "kind": "per_parent",
                "parent": "order_lines",
                "where": "is_returned and delivered_at is not null",
            },
            "primary_key": ["return_id"],
            "foreign_keys": [
                reference("order_line_id", "order_lines", "order_line_id"),
                reference("customer_id", "customers", "customer_id"),
            ],
            "columns": [
                column("return_id", "INT64", {"kind": "sequence", "start": 1}, "key"),
                column("order_line_id", "INT64", {"kind": "parent_key"}, "key"),
                column(
                    "order_id", "INT64", {"kind": "lookup", "through": "order_line_id", "column": "order_id"}, "key"
                ),
                column(
                    "customer_id", "INT64", {"kind": "lookup", "through": "order_id", "column": "customer_id"}, "key"
                ),
                column(
                    "delivered_at",
                    "DATETIME",
                    {"kind": "lookup", "through": "order_id", "column": "delivered_at"},
                    "time",
                    internal=True,
                ),
                column(
                    "requested_at",
                    "DATETIME",
                    {
                        "kind": "after",
                        "base": "delivered_at",
                        "unit": "days",
                        "median": 5,
                        "minimum": 0.1,
                        "hours": WAKING_HOURS,
                        "weekdays": DESK_DAYS,
                    },
                    "time",
                ),
                column(
                    "reason",
                    "STRING",
                    {"kind": "category", "values": ["Size", "Damaged", "Late", "Other"], "weights": [4, 3, 1, 2]},
                ),
                column(
                    "refund",
                    "NUMERIC",
                    {"kind": "lookup", "through": "order_line_id", "column": "line_total"},
                    "measure",
                ),
            ],
        },
    ]


def retail_model(fact_rows: int = 20_000, seed: int = 7, **changes: Any) -> DataModel:
    """The retail model; ``fact_rows`` is about the number of order lines. ``changes`` replace fields of the model."""
    fields: dict[str, Any] = {
        "name": "Retail",
        "description": "Orders of a retailer",
        "as_of": AS_OF,
        "history_days": 800,
        "size": "small",
        "fact_rows": fact_rows,
        "seed": seed,
        "locale": "en_US",
        "country": "US",
        "currency": "USD",
        "tables": retail_tables(),
        **changes,
    }
    return DataModel.model_validate(fields)


def with_effect(**fields: Any) -> list[dict[str, Any]]:
    """One planted effect as the model's list of them."""
    return [Effect.model_validate({"insight_id": "planted", **fields}).model_dump()]
