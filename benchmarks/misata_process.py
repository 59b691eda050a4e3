"""Run by the interpreter of ``build/judges``, where Misata is: judges tables, or generates some. Prints JSON.

Usage: ``python misata_process.py judge FOLDER``, where ``FOLDER/TABLE/*.parquet`` or ``FOLDER/TABLE.parquet`` are the
tables; or ``... generate FOLDER ORDER_LINES``. Nothing of the project is imported: it is not installed there.
"""

import json
import sys
import time
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import misata  # pyright: ignore[reportMissingImports]
import pandas as pd

SEED = 7
FIRST_DAY, LAST_DAY = "2024-04-22", "2026-06-30"
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


def generate(folder: Path, lines: int) -> dict[str, Any]:
    """Five related retail tables to Parquet. Seconds count from the schema to the last file."""
    began = time.perf_counter()
    tables = misata.generate_from_schema(retail_schema(lines))
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet", compression="zstd")
    return {
        "rows": sum(len(table) for table in tables.values()),
        "generate_seconds": time.perf_counter() - began,
    }


def retail_schema(lines: int) -> Any:
    """Customers, products, orders, order lines and returns, of the columns and sizes of the project's own retail model.

    Each column is declared as Misata's own e-commerce schemas declare it, and what the project keeps is asked for where
    Misata has a word for it: totals are sums of the lines, no order is without a line, none has a product twice, none comes
    before its customer, and what is sent arrives later.
    """
    customers, orders, returns = round(lines * 0.16), round(lines * 0.4), round(lines * 0.06)
    products = min(max(round(lines * 0.002), 60), 5000)
    columns = {
        "customers": [
            _key("customer_id", customers),
            _column("signup_date", "datetime", **TIMES),
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
            _column("shipped_at", "datetime", **TIMES, null_rate=0.04),
            _column("delivered_at", "datetime", **TIMES, null_rate=0.05),
            _column("order_total", "float", rollup=_rollup("sum", "line_total")),
            _column("item_count", "int", rollup=_rollup("count", "order_line_id")),
        ],
        "order_lines": [
            _key("order_line_id", lines),
            _column("order_id", "foreign_key", popularity_sigma=0.4),
            _column("product_id", "foreign_key"),
            _column("quantity", "int", distribution="categorical", choices=[1, 2, 3, 5], probabilities=[0.7, 0.19, 0.07, 0.04]),
            _column("unit_price", "float", formula="@products.list_price"),
            _column("line_total", "float", formula="quantity * unit_price", decimals=2),
            _column("is_returned", "boolean", probability=0.08),
        ],
        "returns": [
            _key("return_id", returns),
            _column("order_line_id", "foreign_key"),
            _column("requested_at", "datetime", **TIMES),
            _chosen("reason", Size=0.4, Damaged=0.3, Late=0.1, Other=0.2),
            _column("refund", "float", formula="@order_lines.line_total"),
        ],
    }  # fmt: skip
    sizes = {
        "customers": customers, "products": products, "orders": orders, "order_lines": lines, "returns": returns,
    }  # fmt: skip
    rules = {
        "orders": [_ordered("shipped_at", "ordered_at"), _ordered("delivered_at", "shipped_at")],
        "order_lines": [
            misata.Constraint(
                name="no product twice", type="unique_combination", group_by=["order_id", "product_id"], action="drop"
            )
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
        relationships=[
            _related("customers", "orders", "customer_id", parent_time="signup_date", child_time="ordered_at"),
            _related("orders", "order_lines", "order_id", min_children=1),
            _related("products", "order_lines", "product_id"),
            _related("order_lines", "returns", "order_line_id"),
        ],
    )


def _column(name: str, kind: str, **parameters: Any) -> Any:
    return misata.Column(name=name, type=kind, nullable="null_rate" in parameters, distribution_params=parameters)


def _key(name: str, rows: int) -> Any:
    return misata.Column(name=name, type="int", unique=True, distribution_params={"min": 1, "max": 2 * rows})


def _chosen(name: str, **shares: float) -> Any:
    return _column(name, "categorical", choices=list(shares), probabilities=list(shares.values()))


def _rollup(function: str, column: str) -> dict[str, str]:
    return {"from_table": "order_lines", "fk": "order_id", "agg": function, "column": column}


def _ordered(later: str, earlier: str) -> Any:
    return misata.Constraint(
        name=f"{later} is above {earlier}", type="inequality", column_a=later, operator=">", column_b=earlier
    )


def _related(parent: str, child: str, key: str, **more: Any) -> Any:
    return misata.Relationship(parent_table=parent, child_table=child, parent_key=key, child_key=key, **more)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    command, where = sys.argv[1], Path(sys.argv[2])
    where.mkdir(parents=True, exist_ok=True)
    print(json.dumps(judge(where) if command == "judge" else generate(where, int(sys.argv[3]))))
