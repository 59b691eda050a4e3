"""Related retail rows to Parquet and into DuckDB by the engine, and rows of the same shape by a naive Faker loop.

Usage: ``python -m benchmarks.generation engine FOLDER ORDER_LINES``, or ``... faker FOLDER ROWS``. Prints rows and
seconds as JSON; imports do not count.
"""

import json
import random
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

WARM_RUNS = 5
"""After a first one, which reads the lists of names and places."""


def by_the_engine(folder: Path, fact_rows: int) -> dict[str, float]:
    """Five related tables, again and again in one process, then their load into a DuckDB file with keys and descriptions."""
    from provisioning_assets.synthesis.engine import synthesise, workers_for
    from provisioning_assets.warehouse.duckdb_dataset import build_dataset
    from provisioning_assets_tests.synthesis.retail_model import retail_model

    model = retail_model(fact_rows=fact_rows)
    times: list[float] = []
    tables = None
    for _ in range(1 + WARM_RUNS):
        began = time.perf_counter()
        tables = synthesise(model, folder, workers=workers_for(model))
        times.append(time.perf_counter() - began)
    assert tables is not None  # noqa: S101 - at least one run was made
    generated = time.perf_counter()
    build_dataset(model, tables, folder=folder)
    return {
        "rows": tables.rows,
        "first_seconds": times[0],
        "generate_seconds": median(times[1:]),
        "load_seconds": time.perf_counter() - generated,
    }


def by_a_naive_loop(folder: Path, rows: int) -> dict[str, float]:
    """What one writes first: a dictionary a row from Faker, a pandas frame a table. Five such tables, plainer ones."""
    import pandas as pd
    from faker import Faker

    began = time.perf_counter()
    fake = Faker("en_US")
    Faker.seed(7)
    random.seed(7)
    lines = round(rows / 1.62)
    customers = [
        {
            "customer_id": 10001 + number,
            "signed_up_at": fake.date_time_between("-2y"),
            "given_name": fake.first_name(),
            "family_name": fake.last_name(),
            "email": fake.email(),
            "city": fake.city(),
            "region": fake.state(),
            "postcode": fake.postcode(),
            "phone": fake.phone_number(),
            "segment": random.choice(["Family", "Single", "Senior"]),  # noqa: S311
        }
        for number in range(round(lines * 0.16))
    ]
    products = [
        {
            "product_id": f"SKU-{number:05d}",
            "name": fake.word(),
            "price": round(random.uniform(5, 500), 2),  # noqa: S311
        }
        for number in range(max(60, round(lines * 0.002)))
    ]
    orders = [
        {
            "order_id": 1 + number,
            "customer_id": random.choice(customers)["customer_id"],  # noqa: S311
            "ordered_at": fake.date_time_between("-2y"),
            "status": random.choice(["open", "shipped", "returned"]),  # noqa: S311
        }
        for number in range(round(lines * 0.4))
    ]
    order_lines: list[dict[str, Any]] = []
    for number in range(lines):
        product = random.choice(products)  # noqa: S311
        quantity = random.randint(1, 4)  # noqa: S311
        order_lines.append(
            {
                "line_id": 1 + number,
                "order_id": random.choice(orders)["order_id"],  # noqa: S311
                "product_id": product["product_id"],
                "quantity": quantity,
                "amount": round(quantity * product["price"], 2),
            }
        )
    returns = [
        {
            "return_id": 1 + number,
            "line_id": random.choice(order_lines)["line_id"],  # noqa: S311
            "returned_at": fake.date_time_between("-1y"),
            "reason": fake.sentence(nb_words=4),
        }
        for number in range(round(lines * 0.06))
    ]
    tables = {
        "customers": customers, "products": products, "orders": orders, "order_lines": order_lines, "returns": returns,
    }  # fmt: skip
    for name, records in tables.items():
        pd.DataFrame(records).to_parquet(folder / f"{name}.parquet", compression="snappy")
    return {
        "rows": sum(len(records) for records in tables.values()),
        "generate_seconds": time.perf_counter() - began,
    }


if __name__ == "__main__":
    how, where, how_many = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    where.mkdir(parents=True, exist_ok=True)
    print(json.dumps({"engine": by_the_engine, "faker": by_a_naive_loop}[how](where, how_many)))
