"""Contracts are renewed on the exact day, are left as often as declared, and their parts agree."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.data_model.calendar import day_number
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.synthesis.anniversaries import months_later, whole_months
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.contract_model import (
    changed,
    contract_model,
    contract_rows,
    contract_table,
    later,
    part,
)
from provisioning_assets_tests.synthesis.retail_model import AS_OF

MONTHS = {"Monthly": 1, "Annual": 12, "Open": None}


DAYS = st.dates(date(1950, 1, 1), date(2060, 12, 31))


@given(DAYS, st.integers(0, 900))
def test_months_are_counted_as_on_a_calendar(day: date, months: int) -> None:
    found = months_later(np.array([day_number(day)]), np.array([months]))
    assert found.tolist() == [day_number(later(day, months))]


@given(DAYS, DAYS)
def test_whole_months_are_the_most_that_fit(since: date, until: date) -> None:
    [months] = whole_months(np.array([day_number(since)]), np.array([day_number(until)])).tolist()
    assert later(since, months) <= until < later(since, months + 1)


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return generated(contract_model(6_000), tmp_path_factory.mktemp("contracts")).read("contracts")


def renewal_days(start: date, months: int, until: date) -> list[date]:
    found, number = [], 1
    while (day := later(start, number * months)) <= until:
        found.append(day)
        number += 1
    return found


def test_every_part_is_what_a_calendar_says(contracts: pl.DataFrame) -> None:
    seen = {"ended": 0, "running": 0, "never": 0, "none": 0}
    for row in contracts.iter_rows(named=True):
        parts = [row[name] for name in ("latest_renewal_on", "next_renewal_on", "left_on", "renewals")]
        start, months = row["started_on"], MONTHS[row["term"]]
        if start is None or start > AS_OF:
            assert parts == [None] * 4
            seen["none"] += 1
        elif months is None:
            assert parts == [None, None, None, 0]
            seen["never"] += 1
        elif (left := row["left_on"]) is not None:
            days = renewal_days(start, months, AS_OF)
            assert left in days
            assert parts == [left, None, left, days.index(left)]
            seen["ended"] += 1
        else:
            days = renewal_days(start, months, AS_OF)
            assert parts == [days[-1] if days else None, later(start, (len(days) + 1) * months), None, len(days)]
            seen["running"] += 1
    assert min(seen.values()) > 100


@pytest.mark.parametrize(("segment", "leave"), [("small", 0.2), ("large", 0.05), ("other", 0.1)])
def test_contracts_are_left_as_often_as_declared(contracts: pl.DataFrame, segment: str, leave: float) -> None:
    renewed = contracts.filter((pl.col("segment") == segment) & (pl.col("term") != "Open"))
    left = renewed["left_on"].len() - renewed["left_on"].null_count()
    assert left / (left + int(renewed["renewals"].sum())) == pytest.approx(leave, rel=0.1)


def test_a_contract_can_run_for_decades(tmp_path: Path) -> None:
    table = contract_table(500)
    for name in ("latest_renewal_on", "next_renewal_on", "left_on", "renewals"):
        changed(table, name, leave=0, leave_by={})
    contracts = generated(contract_model(tables=[table]), tmp_path).read("contracts")
    assert contracts["renewals"].max() > 600  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]
    assert contracts["left_on"].is_null().all()


def test_all_leave_at_their_first_renewal(tmp_path: Path) -> None:
    table = contract_table(500)
    for name in ("latest_renewal_on", "next_renewal_on", "left_on", "renewals"):
        changed(table, name, leave=1, leave_by={})
    contracts = generated(contract_model(tables=[table]), tmp_path).read("contracts")
    left = contracts.filter(pl.col("left_on").is_not_null())
    assert (left["renewals"] == 0).all()
    assert (left["latest_renewal_on"] == left["left_on"]).all()
    assert contracts.filter(pl.col("left_on").is_null())["latest_renewal_on"].is_null().all()


def test_a_contract_that_never_ends_needs_no_end(tmp_path: Path) -> None:
    table = contract_table(200)
    table["columns"] = table["columns"][:4] + [
        part(name, which, leave=0, leave_by={}, leave_case=None) for name, which in (("due", "due"), ("ahead", "next"))
    ]
    contracts = generated(contract_model(tables=[table]), tmp_path).read("contracts")
    begun = contracts.filter((pl.col("started_on") <= AS_OF) & (pl.col("term") != "Open"))
    assert (begun["ahead"] > AS_OF).all()


def test_two_contracts_of_a_row_are_left_independently(tmp_path: Path) -> None:
    table = contract_table(3_000)
    table["columns"].append(part("other_left_on", "ended", of="other"))
    found = generated(contract_model(tables=[table]), tmp_path).read("contracts").filter(pl.col("term") == "Monthly")
    both = found.filter(pl.col("left_on").is_not_null() & pl.col("other_left_on").is_not_null())
    assert 0 < (both["left_on"] == both["other_left_on"]).mean() < 0.3  # pyright: ignore[reportOperatorIssue]


def test_more_contracts_leave_the_earlier_ones_alone(tmp_path: Path) -> None:
    few = generated(contract_model(700), tmp_path / "few").read("contracts")
    many = generated(contract_model(1_500), tmp_path / "many").read("contracts")
    assert contract_rows(1_500)[:700] == contract_rows(700)
    assert many.head(700).equals(few)


def test_an_earlier_as_of_date_shows_the_same_contracts_earlier(tmp_path: Path) -> None:
    then = AS_OF - timedelta(days=400)
    now = generated(contract_model(), tmp_path / "now").read("contracts")["left_on"]
    before = generated(contract_model(as_of=then), tmp_path / "then").read("contracts")["left_on"]
    known = pl.DataFrame({"now": now}).select(pl.when(pl.col("now") <= then).then(pl.col("now"))).to_series()
    assert 0 < known.null_count() < len(known)
    assert known.equals(before)


# --- effects -------------------------------------------------------------------------------------------------------


def rate(frame: pl.DataFrame, first: date, last: date) -> float:
    """Share of the monthly contracts that end at a renewal from ``first`` to ``last``."""
    ended = renewed = 0
    for row in frame.filter(pl.col("term") == "Monthly").iter_rows(named=True):
        until = min(row["left_on"] or AS_OF, last)
        renewed += sum(day >= first for day in renewal_days(row["started_on"], 1, until))
        ended += row["left_on"] is not None and first <= row["left_on"] <= last
    return ended / renewed


def planted(folder: Path, **effect: Any) -> Generated:
    table = contract_table(8_000)
    for number, row in enumerate(table["population"]["rows"]):
        row |= {"term": "Monthly", "started_on": str(AS_OF - timedelta(days=number * 7919 % 900))}
    for name in ("latest_renewal_on", "next_renewal_on", "left_on", "renewals"):
        changed(table, name, every_months=1, by=None, every_months_by={}, leave=0.05, leave_by={}, leave_case=None)
    effects = [Effect.model_validate({"insight_id": "i", "table": "contracts", "column": "left_on", **effect})]
    return generated(contract_model(tables=[table], effects=effects), folder)


def test_more_leave_at_the_renewals_in_a_window(tmp_path: Path) -> None:
    found = planted(tmp_path, factor=4, from_days_ago=120, to_days_ago=31).read("contracts")
    first, last = AS_OF - timedelta(days=120), AS_OF - timedelta(days=31)
    assert rate(found, first, last) == pytest.approx(0.2, rel=0.12)
    assert rate(found, date(2020, 1, 1), first - timedelta(days=1)) == pytest.approx(0.05, rel=0.12)
    assert rate(found, last + timedelta(days=1), AS_OF) == pytest.approx(0.05, rel=0.25)


def test_a_planted_rate_of_leaving_applies_only_to_its_rows(tmp_path: Path) -> None:
    found = planted(tmp_path, factor=3, where="segment = 'small'").read("contracts")
    small = pl.col("segment") == "small"
    always = (date(1970, 1, 1), AS_OF)
    assert rate(found.filter(small), *always) == pytest.approx(0.15, rel=0.1)
    assert rate(found.filter(~small), *always) == pytest.approx(0.05, rel=0.1)


def test_no_one_leaves_in_a_window_with_factor_0(tmp_path: Path) -> None:
    found = planted(tmp_path, factor=0, from_days_ago=200, to_days_ago=0).read("contracts")
    assert (found["left_on"].drop_nulls() < AS_OF - timedelta(days=200)).all()
