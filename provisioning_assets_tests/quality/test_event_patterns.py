"""Patterns are equal to a plain count of the same rows."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from provisioning_assets.data_model.calendar import history_start
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.quality.event_patterns import EventPattern, event_patterns
from provisioning_assets_tests.synthesis.conftest import Generated


def orders_of(patterns: list[EventPattern]) -> EventPattern:
    return next(pattern for pattern in patterns if pattern.table == "orders")


@pytest.fixture(scope="module")
def orders(retail: Generated) -> EventPattern:
    return orders_of(event_patterns(retail.model, retail.tables, retail.folder))


def changed(model: DataModel, table: str, **values: object) -> DataModel:
    """The model with one table's settings changed."""
    tables = [each.model_copy(update=values) if each.name == table else each for each in model.tables]
    return model.model_copy(update={"tables": tables})


def test_amounts_have_their_quantiles_and_all_shares(retail: Generated, orders: EventPattern) -> None:
    totals = retail.read("orders")["order_total"]
    assert orders.amounts is not None
    assert orders.amounts.median == pytest.approx(totals.median(), rel=0.01)
    assert orders.amounts.high == pytest.approx(totals.quantile(0.99), rel=0.01)
    assert sum(share for _, _, share in orders.amounts.bars) == pytest.approx(1.0)
    low, high, share = max(orders.amounts.bars, key=lambda bar: bar[2])
    assert share == pytest.approx(((totals >= low) & (totals < high)).mean())


def test_entities_are_grouped_by_their_events(retail: Generated, orders: EventPattern) -> None:
    counts = retail.read("orders")["customer_id"].value_counts()["count"]
    assert orders.entities is not None
    groups = dict(orders.entities.groups)
    assert list(groups)[:5] == ["1", "2", "3", "4", "5–6"]
    assert groups["1"] == pytest.approx((counts == 1).mean())
    assert groups["5–6"] == pytest.approx(counts.is_between(5, 6).mean())
    assert sum(groups.values()) == pytest.approx(1.0)


def test_the_calendar_is_in_relation_to_the_average(retail: Generated, orders: EventPattern) -> None:
    start = history_start(retail.model)
    moments: list[datetime] = retail.read("orders")["ordered_at"].to_list()
    within = [moment for moment in moments if moment.date() >= start]
    days = [start + timedelta(days=age) for age in range(retail.model.history_days)]
    a_day = len(within) / len(days)
    saturdays = sum(moment.weekday() == 5 for moment in within) / sum(day.weekday() == 5 for day in days)
    decembers = sum(moment.month == 12 for moment in within) / sum(day.month == 12 for day in days)
    assert orders.calendar is not None
    assert orders.calendar.weekdays[5] == pytest.approx(saturdays / a_day)
    assert orders.calendar.months[11] == pytest.approx(decembers / a_day)
    assert orders.calendar.hours[3] == pytest.approx(24 * sum(moment.hour == 3 for moment in moments) / len(moments))
    assert sum(orders.calendar.hours) == pytest.approx(24)


def test_what_a_table_does_not_have_is_left_out(retail: Generated) -> None:
    def of(**values: object) -> EventPattern:
        return orders_of(event_patterns(changed(retail.model, "orders", **values), retail.tables, retail.folder))

    assert of(amount=None).amounts is None
    assert of(entity=None).entities is None
    assert of(rhythm="machines").entities is None
    assert of(rhythm="machines").calendar is not None
    assert of(rhythm="schedule").calendar is None


def test_tables_without_events_or_patterns_are_left_out(retail: Generated) -> None:
    mute = changed(retail.model, "orders", amount=None, entity=None, rhythm="schedule")
    assert "orders" not in [pattern.table for pattern in event_patterns(mute, retail.tables, retail.folder)]
    timeless = changed(retail.model, "orders", event_time=None)
    assert "orders" not in [pattern.table for pattern in event_patterns(timeless, retail.tables, retail.folder)]


def test_the_largest_tables_come_first_and_those_of_a_calendar_last(retail: Generated) -> None:
    def names(model: DataModel, most: int = 3) -> list[str]:
        return [pattern.table for pattern in event_patterns(model, retail.tables, retail.folder, most=most)]

    both = changed(retail.model, "customers", event_time="signed_up_at")
    assert names(both) == ["orders", "customers"]
    assert names(both, most=1) == ["orders"]
    assert names(changed(both, "orders", rhythm="schedule")) == ["customers", "orders"]


def test_an_empty_table_has_no_pattern(retail: Generated, tmp_path: Path) -> None:
    shutil.copytree(retail.folder / "tables", tmp_path / "tables")
    file = tmp_path / "tables" / "orders" / "part-00000.parquet"
    pl.read_parquet(file).clear().write_parquet(file)
    emptied = [
        table.model_copy(update={"rows": 0}) if table.name == "orders" else table for table in retail.tables.tables
    ]
    tables = retail.tables.model_copy(update={"tables": emptied})
    assert "orders" not in [pattern.table for pattern in event_patterns(retail.model, tables, tmp_path)]
