"""A row for each period in which a parent is active: by the calendar, or from anniversary to anniversary."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.row_counts import SHORTEST_PERIOD_DAYS, most_children
from provisioning_assets.quality.as_it_stood import as_it_stood, observable
from provisioning_assets.quality.coherence import coherence
from provisioning_assets.synthesis import populations
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.contract_model import later
from provisioning_assets_tests.synthesis.gym_model import fees, gym_model, gym_tables
from provisioning_assets_tests.synthesis.retail_model import AS_OF

PERIODS = ["day", "week", "month", "quarter", "year"]
ADD: dict[str, Callable[[date, int], date]] = {
    "day": lambda start, number: start + timedelta(days=number),
    "week": lambda start, number: start + timedelta(weeks=number),
    "month": later,
    "quarter": lambda start, number: later(start, 3 * number),
    "year": lambda start, number: later(start, 12 * number),
}


def gym(folder: Path, fact_rows: int = 600, **population: Any) -> Generated:
    """Fees of members who have moved at some time."""
    tables = [*gym_tables()[:2], fees("fees", **{"end": "moved_at", **population})]
    return generated(gym_model(fact_rows, tables=tables), folder)


def expected(found: Generated, begins: Callable[[date], list[date]]) -> dict[int, list[date]]:
    """The periods of each member who has any: of those that begin, the ones in the history and in the active time."""
    first = AS_OF - timedelta(days=found.model.history_days - 1)
    periods = {}
    for row in found.read("members").iter_rows(named=True):
        start = row["joined_at"].date()
        end = row["moved_at"].date() if row["moved_at"] else AS_OF
        own = [day for day in begins(start) if max(first, start) <= day <= end]
        if own:
            periods[row["member_id"]] = own
    return periods


def made(found: Generated) -> dict[int, list[date]]:
    """The periods of each member, which are numbered from 1."""
    rows = found.read("fees")
    assert (rows["number"] == rows.select(pl.int_range(1, pl.len() + 1).over("member_id")).to_series()).all()
    return dict(rows.group_by("member_id").agg("begins_on").iter_rows())


@pytest.mark.parametrize("period", PERIODS)
def test_anchored_periods_begin_on_the_start_and_its_anniversaries(period: str, tmp_path: Path) -> None:
    found = gym(tmp_path, period=period, anchored=True)

    def begins(start: date) -> list[date]:
        days, number = [], 0
        while (day := ADD[period](start, number)) <= AS_OF:
            days.append(day)
            number += 1
        return days

    assert made(found) == expected(found, begins)
    assert [result for result in coherence(found.model, found.tables, found.folder) if result.violations] == []


@pytest.mark.parametrize(("period", "months"), [("month", 1), ("quarter", 3), ("year", 12)])
def test_other_periods_begin_with_the_calendar(period: str, months: int, tmp_path: Path) -> None:
    found = gym(tmp_path, period=period)
    days = [date(year, month, 1) for year in range(2015, 2027) for month in range(1, 13, months)]
    assert made(found) == expected(found, lambda start: days)
    assert [result for result in coherence(found.model, found.tables, found.folder) if result.violations] == []


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("anchored", [False, True])
def test_no_member_has_more_periods_than_are_reckoned_with(period: str, anchored: bool, tmp_path: Path) -> None:
    found = gym(tmp_path, period=period, anchored=anchored)
    most = max(len(days) for days in made(found).values())
    assert most <= most_children(Lineage(found.model), "fees")
    gaps = found.read("fees").select(pl.col("begins_on").diff().over("member_id").dt.total_days()).to_series()
    assert gaps.min() >= SHORTEST_PERIOD_DAYS[period]  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]


def test_the_shortest_quarter_is_from_the_end_of_january(tmp_path: Path) -> None:
    days = [later(date(2026, 1, 31), 3 * number) for number in range(-12, 4)]
    assert min((two - one).days for one, two in pairwise(days)) == SHORTEST_PERIOD_DAYS["quarter"]


def test_only_the_latest_anniversaries_are_kept(tmp_path: Path) -> None:
    every = made(gym(tmp_path / "every", period="quarter", anchored=True))
    latest = made(gym(tmp_path / "latest", period="quarter", anchored=True, most=2))
    assert latest == {member: days[-2:] for member, days in every.items()}


def test_anniversaries_and_keys_hold_over_several_blocks(tmp_path: Path) -> None:
    with patch.object(populations, "BLOCK_ROWS", 40):
        parts = gym(tmp_path / "parts", period="year", anchored=True)
    assert len(parts.tables.tables[2].files) > 3
    assert not parts.read("fees")["fee_id"].is_duplicated().any()
    assert [result for result in coherence(parts.model, parts.tables, parts.folder) if result.violations] == []


def test_a_period_that_begins_on_another_day_is_counted(tmp_path: Path) -> None:
    for number, anchored in enumerate((False, True)):
        found = gym(tmp_path / str(number), period="quarter", anchored=anchored, end=None)
        file = found.folder / "tables" / "fees" / "part-00000.parquet"
        pl.read_parquet(file).with_columns(pl.col("begins_on") + pl.duration(days=1)).write_parquet(file)
        broken = coherence(found.model, found.tables, found.folder)
        assert ("on_schedule", "begins_on") in {(result.kind, result.column) for result in broken if result.violations}


def test_periods_as_they_stood_are_those_that_had_begun(tmp_path: Path) -> None:
    tables = [*gym_tables()[:2], fees("fees", period="quarter", anchored=True, end="moved_at")]
    model = observable(gym_model(600, tables=tables))
    day = AS_OF - timedelta(days=150)
    tables_ = synthesise(model, tmp_path)
    with as_it_stood(model, tables_, tmp_path) as engine:
        engine.set_day(day)
        then = engine.connection.sql("SELECT begins_on FROM fees").pl()
    every = pl.read_parquet(tmp_path / "tables" / "fees" / "*.parquet")
    assert len(then) == (every["begins_on"] <= day).sum() > 0
