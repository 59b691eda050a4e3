"""No rows arrive in closed times: hours, weekdays and months with weight 0, and public holidays with factor 0."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from provisioning_assets.data_model.open_days import public_holidays
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.history_model import history_model, history_tables

SHOP_HOURS = [0.0] * 9 + [1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 3.0, 2.0, 1.0] + [0.0] * 6
CLOSED_SUNDAYS = [1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 0.0]
SEASON = [0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 1.0, 1.0, 0.0, 0.0]


def club(folder: Path, **of_arrivals: Any) -> Generated:
    """Generated tables of members and visits that arrive only at these times, and of parcels that are sent in shop hours."""
    tables = history_tables()
    members, visits, parcels = tables[0]["columns"], tables[2]["columns"], tables[3]["columns"]
    members[1] |= {"name": "joined_at", "type": "DATETIME"}
    members[1]["generator"] |= of_arrivals
    tables[1]["population"]["history"] |= {"start": "joined_at"}
    visits[1]["generator"] |= of_arrivals
    visits[2]["generator"]["since"] = "joined_at"
    parcels[2]["generator"]["hours"] = SHOP_HOURS
    return generated(history_model(6_000, tables=tables), folder)


def moments(found: Generated) -> dict[str, pl.Series]:
    """When members joined and visits were made."""
    return {"members": found.read("members")["joined_at"], "visits": found.read("visits")["visited_at"]}


@pytest.mark.parametrize("table", ["members", "visits"])
def test_no_rows_arrive_outside_opening_hours(table: str, tmp_path: Path) -> None:
    found = moments(club(tmp_path, hours=SHOP_HOURS, weekdays=CLOSED_SUNDAYS, months=SEASON))[table]
    assert found.dt.hour().min() == 9
    assert found.dt.hour().max() == 17
    assert set(found.dt.weekday()) == {1, 2, 3, 4, 5, 6}
    assert set(found.dt.month()) == {4, 5, 6, 7, 8, 9, 10}


def test_no_rows_arrive_on_public_holidays_with_factor_0(tmp_path: Path) -> None:
    found = club(tmp_path, holidays=0.0)
    model = found.model
    days = moments(found)["visits"].dt.date().cast(pl.Int32).unique().to_numpy()
    closed = public_holidays(model.country, model.as_of.year - 3, model.as_of.year)
    assert len(closed) > 30
    assert not np.isin(days, closed).any()


def test_a_following_moment_waits_for_opening_hours(tmp_path: Path) -> None:
    parcels = club(tmp_path).read("parcels").filter(pl.col("sent_at").is_not_null())
    assert parcels["posted_at"].dt.hour().is_between(0, 6).any()
    assert parcels["sent_at"].dt.hour().is_between(9, 17).all()
    assert (parcels["sent_at"] >= parcels["posted_at"]).all()
