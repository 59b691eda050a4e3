"""Run by the interpreter of ``build/judges``, where Misata is: judges tables, or generates some. Prints JSON.

Usage: ``python misata_process.py judge FOLDER``, where ``FOLDER/TABLE/*.parquet`` or ``FOLDER/TABLE.parquet`` are the
tables; or ``... generate FOLDER ORDER_LINES MONTHS``, where ``MONTHS`` is a JSON object of each month's share of the orders
(``{"2026-01": 0.04, ...}``; empty: Misata's own calendar). Nothing of the project is imported: it is not installed there.
"""

import json
import sys
import time
import warnings
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import misata  # pyright: ignore[reportMissingImports]
import pandas as pd

SEED = 7
FIRST_DAY, LAST_DAY = "2024-04-22", "2026-06-30"
FIRST_CUSTOMER = "2020-04-22"
"""As in the project's own tables, customers came in the four years before the first order, too."""

TIMES = {"start": FIRST_DAY, "end": LAST_DAY}


def judge(folder: Path) -> dict[str, Any]:
    """Misata's realism report on a folder of Parquet tables: the score, 0-1, and each check that did not pass."""
    places = sorted(place for place in folder.iterdir() if place.is_dir() or place.suffix == ".parquet")
    report = misata.realism_report({place.stem: _read(place) for place in places})
    return {
        "score": report.score,
        "checks": len(report.checks),
        "tells": [f"{tell.check}: {tell.table}.{tell.column}: {tell.message}" for tell in report.tells],
    }


def _read(place: Path) -> pd.DataFrame:
    """A table; exact decimals as floats, which are the numbers that the report knows."""
    table = pd.read_parquet(place)
    for name in table.columns:
        known = table[name].dropna()
        if table[name].dtype == object and len(known) and isinstance(known.iloc[0], Decimal):
            table[name] = table[name].astype(float)
    return table


def generate(folder: Path, lines: int, months: Mapping[str, float]) -> dict[str, Any]:
    """Five related retail tables to Parquet. Seconds count from the schema to the last file.

    Raises:
        RuntimeError: Misata left out a column that it was asked for.
    """
    began = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        tables = misata.generate_from_schema(retail_schema(lines, months))
    left_out = [str(warning.message) for warning in caught if "skipped" in str(warning.message)]
    if left_out:
        raise RuntimeError(f"Misata left out what it was asked for: {left_out}")
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet", compression="zstd")
    return {
        "rows": sum(len(table) for table in tables.values()),
        "generate_seconds": time.perf_counter() - began,
    }


def retail_schema(lines: int, months: Mapping[str, float]) -> Any:
    """Customers, products, orders, order lines and returns, of the columns and sizes of the project's own retail model.

    Each column is declared as Misata's own e-commerce schemas declare it, and what the project keeps is asked for where
    Misata has a word for it: totals are sums of the lines, no order is without a line, none has a product twice, none comes
    before its customer, what is sent arrives later, and each month has its share of the orders.
    """
    customers, orders, returns = round(lines * 0.16), round(lines * 0.4), round(lines * 0.06)
    products = min(max(round(lines * 0.002), 60), 5000)
    columns = {
        "customers": [
            _key("customer_id", customers),
            _column("signup_date", "datetime", start=FIRST_CUSTOMER, end=LAST_DAY),
            _column("first_name", "text", text_type="first_name"),
            _column("last_name", "text", text_type="last_name"),
            _column("email", "text", text_type="email", null_rate=0.03),
            _column("city", "text", text_type="city"),
            _column("region", "text", text_type="state"),
            _column("postcode", "text", text_type="postcode"),
            _column("phone", "text", text_type="phone"),
            _chosen("segment", Family=0.5, Single=0.3, Senior=0.2),
        ],
        "products": [
            _key("product_id", products),
            _column("product_name", "text", text_type="product_name"),
            _chosen("category", Living=0.3, Clothing=0.26, Beauty=0.2, Electronics=0.14, Outdoor=0.1),
            _column("list_price", "float", distribution="lognormal", mu=3.33, sigma=0.6, min=3, max=400, decimals=2),
            _column("unit_cost", "float", formula="list_price * 0.55", decimals=2),
        ],
        "orders": [
            _key("order_id", orders),
            _column("ordered_at", "datetime", **TIMES),
            _column("customer_id", "foreign_key"),
            _chosen("channel", Shop=0.5, App=0.35, Marketplace=0.15),
            _column("discount_pct", "int", distribution="categorical", choices=[0, 10, 20], probabilities=[0.75, 0.15, 0.1]),
            _column("is_cancelled", "boolean", probability=0.04),
            *(_days_of_delivery() if months else _moments_of_delivery()),
            _column("order_total", "float", rollup=_rollup("sum", "line_total")),
            _column("item_count", "int", rollup=_rollup("count", "order_line_id")),
        ],
        "order_lines": [
            _key("order_line_id", lines),
            _column("order_id", "foreign_key", popularity_sigma=0.4),
            _column("line_number", "int", distribution="uniform", min=1, max=99),
            _column("product_id", "foreign_key"),
            _column("quantity", "int", distribution="categorical", choices=[1, 2, 3, 5], probabilities=[0.7, 0.19, 0.07, 0.04]),
            _column("unit_price", "float", formula="@products.list_price"),
            _column("line_total", "float", formula="quantity * unit_price * (1 - @orders.discount_pct / 100)", decimals=2),
            _column("is_returned", "boolean", probability=0.08),
        ],
        "returns": [
            _key("return_id", returns),
            _column("order_line_id", "foreign_key"),
            _column("order_id", "int", formula="@order_lines.order_id"),
            _column("customer_id", "int", formula="@orders.customer_id"),
            _column("requested_at", "datetime", **TIMES),
            _chosen("reason", Size=0.4, Damaged=0.3, Late=0.1, Other=0.2),
            _column("refund", "float", formula="@order_lines.line_total"),
        ],
    }  # fmt: skip
    sizes = {
        "customers": customers, "products": products, "orders": orders, "order_lines": lines, "returns": returns,
    }  # fmt: skip
    rules = {
        # a rule between moments moves the earlier one too: the months would not hold
        "orders": [] if months else [_ordered("shipped_at", "ordered_at"), _ordered("delivered_at", "shipped_at")],
        "order_lines": [
            misata.Constraint(
                name="lines are numbered",
                type="unique_combination",
                group_by=["order_id", "line_number"],
                action="drop",
            ),
            misata.Constraint(
                name="no product twice", type="unique_combination", group_by=["order_id", "product_id"], action="drop"
            ),
        ],
    }
    return misata.SchemaConfig(
        name="Retail",
        domain="ecommerce",
        seed=SEED,
        tables=[
            misata.Table(name=name, row_count=rows, constraints=rules.get(name, [])) for name, rows in sizes.items()
        ],
        columns=columns,
        outcome_curves=[_monthly_orders(orders, months)] if months else [],
        relationships=[
            _related("customers", "orders", "customer_id", parent_time="signup_date", child_time="ordered_at"),
            _related("orders", "order_lines", "order_id", min_children=1),
            _related("products", "order_lines", "product_id"),
            _related("order_lines", "returns", "order_line_id"),
        ],
    )


def _moments_of_delivery() -> list[Any]:
    return [
        _column("shipped_at", "datetime", **TIMES, null_rate=0.04),
        _column("delivered_at", "datetime", **TIMES, null_rate=0.05),
    ]


def _days_of_delivery() -> list[Any]:
    return [
        _column("shipped_at", "date", after_column="ordered_at", min_delta_days=0, max_delta_days=3, null_rate=0.04),
        _column("delivered_at", "date", after_column="shipped_at", min_delta_days=1, max_delta_days=5, null_rate=0.05),
    ]


def _ordered(later: str, earlier: str) -> Any:
    return misata.Constraint(
        name=f"{later} is above {earlier}", type="inequality", column_a=later, operator=">", column_b=earlier
    )


def _monthly_orders(orders: int, months: Mapping[str, float]) -> Any:
    """How many orders each month has: Misata's exact monthly curve."""
    return misata.OutcomeCurve(
        table="orders",
        column="order_id",
        time_column="ordered_at",
        time_unit="month",
        value_mode="count",
        intra_period_pattern="weekend_heavy",
        start_date=f"{min(months)}-01",
        max_transactions_per_period=orders,
        curve_points=[{"period": month, "target_value": round(share * orders)} for month, share in months.items()],
    )


def _column(name: str, kind: str, **parameters: Any) -> Any:
    return misata.Column(name=name, type=kind, nullable="null_rate" in parameters, distribution_params=parameters)


def _key(name: str, rows: int) -> Any:
    return misata.Column(name=name, type="int", unique=True, distribution_params={"min": 1, "max": 2 * rows})


def _chosen(name: str, **shares: float) -> Any:
    return _column(name, "categorical", choices=list(shares), probabilities=list(shares.values()))


def _rollup(function: str, column: str) -> dict[str, str]:
    return {"from_table": "order_lines", "fk": "order_id", "agg": function, "column": column}


def _related(parent: str, child: str, key: str, **more: Any) -> Any:
    return misata.Relationship(parent_table=parent, child_table=child, parent_key=key, child_key=key, **more)


if __name__ == "__main__":
    command, where, asked = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    where.mkdir(parents=True, exist_ok=True)
    if command == "judge":
        warnings.simplefilter("ignore")
        print(json.dumps(judge(where)))
    else:
        print(json.dumps(generate(where, int(asked[0]), json.loads(asked[1]))))
