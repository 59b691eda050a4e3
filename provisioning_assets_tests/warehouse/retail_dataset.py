"""A small retail data set, written as Parquet by hand: what the tests of this room load and query."""

import hashlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from provisioning_assets.data_model.generators import FromRecord, Lookup, Sequence
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import PerParent, Records, Scaled
from provisioning_assets.data_model.tables import Column, ForeignKey, Table
from provisioning_assets.synthesis.models import SyntheticTables, TableFile, TableManifest

AS_OF = date(2025, 6, 30)


def retail_model() -> DataModel:
    """Customers, orders and their lines; one internal column; descriptions with quotes and semicolons in them."""
    return DataModel(
        name="retail",
        description="Orders of a shop",
        as_of=AS_OF,
        history_days=365,
        size="small",
        fact_rows=100,
        seed=7,
        locale="en_GB",
        country="GB",
        currency="GBP",
        tables=[
            Table(
                name="order_lines",
                description="What was bought: one line a product",
                population=PerParent(parent="orders"),
                primary_key=["order_id", "line"],
                foreign_keys=[
                    ForeignKey(columns=["order_id"], references_table="orders", references_columns=["order_id"])
                ],
                columns=[
                    _column("order_id", "INT64", role="key"),
                    _column("line", "INT64", role="key"),
                    _column("amount", "NUMERIC"),
                ],
            ),
            Table(
                name="customers",
                description="The customer's customers; \"as in O'Brien\"",
                population=Scaled(share=0.1),
                primary_key=["customer_id"],
                columns=[
                    _column("customer_id", "INT64", role="key"),
                    _column("name", "STRING"),
                    _column("is_member", "BOOL"),
                    _column("secret", "FLOAT64", internal=True),
                ],
            ),
            Table(
                name="orders",
                description="Orders",
                population=Records(rows=[]),
                primary_key=["order_id"],
                foreign_keys=[
                    ForeignKey(
                        columns=["customer_id"], references_table="customers", references_columns=["customer_id"]
                    )
                ],
                columns=[
                    _column("order_id", "INT64", role="key"),
                    _column("customer_id", "INT64", role="key"),
                    _column("ordered_at", "DATETIME"),
                    _column("order_date", "DATE"),
                    _column("total", "NUMERIC"),
                    _column("weight", "FLOAT64"),
                    _column("status", "STRING"),
                ],
            ),
        ],
    )


def _column(name: str, kind: str, *, role: str = "dimension", internal: bool = False) -> Column:
    generator = Lookup(through="order_id", column="total") if name == "amount" else Sequence()
    return Column.model_validate(
        {
            "name": name,
            "type": kind,
            "description": f'The {name}; it\'s a "{kind}"',
            "role": role,
            "internal": internal,
            "generator": FromRecord() if internal else generator,
        }
    )


def retail_frames(orders: int = 100) -> dict[str, pl.DataFrame]:
    """The rows: ten orders a customer, one every six hours back from the as-of day's noon; two lines an order."""
    customers = max(1, orders // 10)
    moments = [datetime(2025, 6, 30, 12) - timedelta(hours=6 * (orders - 1 - i)) for i in range(orders)]
    totals = [Decimal(1000 + 50 * i) / 100 for i in range(orders)]
    return {
        "customers": pl.DataFrame(
            {
                "customer_id": range(1, customers + 1),
                "name": [["Ann O'Brien", "Bob <b>", "Çelik"][i % 3] for i in range(customers)],
                "is_member": [i % 2 == 0 for i in range(customers)],
                "secret": [0.5] * customers,
            }
        ),
        "orders": pl.DataFrame(
            {
                "order_id": range(1, orders + 1),
                "customer_id": [1 + i % customers for i in range(orders)],
                "ordered_at": moments,
                "order_date": [moment.date() for moment in moments],
                "total": totals,
                "weight": [None if i % 10 == 0 else i / 4 for i in range(orders)],
                "status": [["open", "shipped", "returned", "shipped"][i % 4] for i in range(orders)],
            },
            schema_overrides={"total": pl.Decimal(18, 2)},
        ),
        "order_lines": pl.DataFrame(
            {
                "order_id": [1 + i // 2 for i in range(2 * orders)],
                "line": [1 + i % 2 for i in range(2 * orders)],
                "amount": [totals[i // 2] / 2 for i in range(2 * orders)],
            },
            schema_overrides={"amount": pl.Decimal(18, 2)},
        ),
    }


def write_tables(frames: dict[str, pl.DataFrame], folder: Path, *, parts: int = 2) -> SyntheticTables:
    """Parquet as synthesis leaves it: one folder a table, in parts."""
    manifests = []
    for name, frame in frames.items():
        files = []
        size = max(1, -(-frame.height // parts))
        for number, start in enumerate(range(0, frame.height, size)):
            relative = f"tables/{name}/part-{number:05d}.parquet"
            path = folder / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            part = frame.slice(start, size)
            part.write_parquet(path, compression="snappy")
            content = path.read_bytes()
            files.append(
                TableFile(
                    path=relative, rows=part.height, bytes=len(content), sha256=hashlib.sha256(content).hexdigest()
                )
            )
        manifests.append(TableManifest(name=name, rows=frame.height, files=files))
    return SyntheticTables(
        seed=7, as_of=AS_OF, tables=manifests, rows=sum(frame.height for frame in frames.values()), seconds=0.1
    )
