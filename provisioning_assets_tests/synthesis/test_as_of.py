"""A new today moves the data in time and keeps their stories.

Exactly, where the calendar is the same: over whole weeks, and without months or public holidays of their own weight, every
moment moves by as many days as today did, and all else stays. Where the calendar differs - another weekday, another season -
rows stand at other moments, but they are the same rows: their ids, their persons, and whatever is drawn without looking at a
moment; and the ages of rows are distributed as before.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.models import DataModel
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.history_model import history_model
from provisioning_assets_tests.synthesis.retail_model import retail_model, retail_tables

WEEKS = 7 * 9


def evenly(tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tables whose arrivals know neither months nor public holidays; weekdays and hours stay."""
    for table in tables:
        for column in table["columns"]:
            if column["generator"]["kind"] == "arrival":
                column["generator"] |= {"months": [1.0] * 12, "holidays": 1.0}
    return tables


def moved(model: DataModel, days: int) -> DataModel:
    """The model of another today."""
    return model.model_copy(update={"as_of": model.as_of + timedelta(days=days)})


def times(frame: pl.DataFrame) -> list[str]:
    """Columns that are moments."""
    return [name for name, kind in frame.schema.items() if kind.is_temporal()]


@pytest.mark.parametrize(
    "model",
    [
        history_model(
            effects=[
                Effect.model_validate(
                    {
                        "insight_id": "i",
                        "table": "memberships",
                        "column": "tier",
                        "value": "Silver",
                        "factor": 1.4,
                        "from_days_ago": 200,
                        "time": "valid_from",
                    }
                )
            ]
        ),
        retail_model(4_000, tables=evenly(retail_tables())),
    ],
    ids=["histories", "retail"],
)
def test_over_whole_weeks_every_moment_moves_with_today_and_all_else_stays(model: DataModel, tmp_path: Path) -> None:
    before = generated(model, tmp_path / "before")
    after = generated(moved(model, WEEKS), tmp_path / "after")
    for table in model.tables:
        one, two = before.read(table.name), after.read(table.name)
        assert two.with_columns(pl.col(times(two)) - pl.duration(days=WEEKS)).equals(one), table.name


def ages(found: Generated, table: str, column: str) -> np.ndarray:
    """Ages of a table's rows in days, sorted."""
    days = found.read(table).select((pl.lit(found.model.as_of) - pl.col(column).dt.date()).dt.total_days())
    return np.sort(days.to_series().to_numpy())


@pytest.mark.parametrize("days", [1, 30, 200])
def test_on_another_day_of_the_year_the_same_rows_come_at_about_the_same_ages(days: int, tmp_path: Path) -> None:
    model = retail_model(8_000)
    before, after = generated(model, tmp_path / "before"), generated(moved(model, days), tmp_path / "after")
    for table, columns in (
        ("customers", ["customer_id", "given_name", "family_name", "email", "city", "postcode", "phone", "segment"]),
        ("products", ["product_id", "product_name", "category", "list_price", "unit_cost"]),
        ("orders", ["order_id"]),
        ("order_lines", ["order_line_id", "order_id", "product_id", "quantity"]),
    ):
        one, two = before.read(table), after.read(table)
        assert one.select(columns).equals(two.select(columns)), table
    for table, column in (("customers", "signed_up_at"), ("orders", "ordered_at")):
        one, two = ages(before, table, column), ages(after, table, column)
        assert len(one) == len(two)
        grid = np.linspace(0, one.max(), 200)
        shares = np.searchsorted(one, grid) / len(one), np.searchsorted(two, grid) / len(two)
        assert np.abs(shares[0] - shares[1]).max() < 0.08
