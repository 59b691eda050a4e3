"""The rules of contracts, moments and grids hold in generated tables and on earlier days, and violations are found."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.quality.as_it_stood import as_it_stood, observable
from provisioning_assets.quality.coherence import coherence, recent_days
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.contract_model import (
    changed,
    class_model,
    class_table,
    contract_model,
    contract_table,
)
from provisioning_assets_tests.synthesis.gym_model import gym_model
from provisioning_assets_tests.synthesis.retail_model import AS_OF


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return generated(contract_model(), tmp_path_factory.mktemp("contracts"))


@pytest.fixture(scope="module")
def bookings(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return generated(class_model(), tmp_path_factory.mktemp("bookings"))


def test_everything_holds_in_contracts(contracts: Generated) -> None:
    results = coherence(contracts.model, contracts.tables, contracts.folder)
    assert [result for result in results if result.violations] == []
    assert {(result.kind, result.column) for result in results} >= {
        ("renewals_on_their_day", "left_on"),
        ("renewals_on_their_day", "latest_renewal_on"),
        ("renewals_on_their_day", "next_renewal_on"),
        ("renewals_on_their_day", "renewals"),
        ("first_of_all", "ended_on"),
        ("first_of_all", "end_cause"),
        ("in_order", "notice_on"),
        ("expression_holds", "archived_on"),
        ("on_schedule", "invoiced_on"),
        ("not_after_as_of", "left_on"),
        ("not_after_as_of", "ended_on"),
        ("not_after_as_of", "archived_on"),
    }


def test_everything_holds_in_bookings(bookings: Generated) -> None:
    results = coherence(bookings.model, bookings.tables, bookings.folder)
    assert [result for result in results if result.violations] == []
    assert [result.rule for result in results if result.column == "booked_at"] == [
        "no booked_at of bookings is after 2026-06-30",
        "bookings: booked_at is not after starts_at",
        "bookings: booked_at is not before joined_at",
        "each booked_at of bookings is at full 5 minutes",
    ]


@pytest.mark.parametrize(
    ("kind", "snap"),
    [
        ("DATETIME", {"to": "day_start"}),
        ("DATETIME", {"to": "week_start"}),
        ("DATE", {"to": "month_start"}),
        ("DATE", {"to": "quarter_start"}),
        ("DATE", {"to": "month_end"}),
        ("DATE", {"to": "quarter_end"}),
        ("DATE", {"to": "year_end"}),
        ("DATE", {"to": "workday"}),
        ("DATETIME", {"times": ["07:00"], "weekdays": [0, 6]}),
    ],
)
def test_every_grid_is_kept_and_a_moment_off_the_grid_is_counted(
    kind: str, snap: dict[str, object], tmp_path: Path
) -> None:
    table = changed(class_table(), "joined_at", snap=snap)
    table["columns"][1]["type"] = kind
    table["columns"] = table["columns"][:2]
    made = generated(class_model(tables=[{**table, "event_time": "joined_at"}]), tmp_path / "made")
    assert [result for result in coherence(made.model, made.tables, made.folder) if result.violations] == []
    move = pl.col("joined_at").dt.offset_by("1d" if kind == "DATE" else "25h")
    broken = broken_rules(made, tmp_path, "bookings", pl.when(pl.col("nr") == 40).then(move).otherwise("joined_at"))
    # a working day may follow another, but never on a Friday
    assert ("on_schedule", "joined_at") in broken or snap == {"to": "workday"}
    assert [result for result in recent_days(made.model, made.tables, made.folder) if result.violations] == []


def broken_rules(made: Generated, folder: Path, table: str, change: pl.Expr) -> set[tuple[str, str]]:
    """(kind, column) of the rules that are broken after a change of one column."""
    shutil.copytree(made.folder / "tables", folder / "changed" / "tables")
    file = folder / "changed" / "tables" / table / "part-00000.parquet"
    pl.read_parquet(file).with_row_index("nr").with_columns(change).drop("nr").write_parquet(file)
    results = coherence(made.model, made.tables, folder / "changed")
    return {(result.kind, result.column) for result in results if result.violations}


def a_day_on(column: str) -> pl.Expr:
    return (pl.col(column) + pl.duration(days=1)).cast(pl.Date).alias(column)


CONTRACT_BREAKS: list[tuple[pl.Expr, str, str]] = [
    (a_day_on("left_on"), "renewals_on_their_day", "left_on"),
    (a_day_on("latest_renewal_on"), "renewals_on_their_day", "latest_renewal_on"),
    (pl.lit(None, dtype=pl.Date).alias("next_renewal_on"), "renewals_on_their_day", "next_renewal_on"),
    ((pl.col("renewals") + 1).alias("renewals"), "renewals_on_their_day", "renewals"),
    (a_day_on("ended_on"), "first_of_all", "ended_on"),
    (pl.lit("left").alias("end_cause"), "first_of_all", "end_cause"),
    (pl.lit(AS_OF).alias("notice_on"), "in_order", "notice_on"),
    (pl.lit(date(1950, 1, 1)).alias("notice_on"), "in_order", "notice_on"),
    (a_day_on("archived_on"), "expression_holds", "archived_on"),
    (pl.lit(date(2026, 6, 28)).alias("invoiced_on"), "on_schedule", "invoiced_on"),
]


@pytest.mark.parametrize(("change", "kind", "column"), CONTRACT_BREAKS)
def test_a_broken_law_is_counted(contracts: Generated, tmp_path: Path, change: pl.Expr, kind: str, column: str) -> None:
    assert (kind, column) in broken_rules(contracts, tmp_path, "contracts", change)


def test_a_booking_after_its_class_and_off_the_grid_is_counted(bookings: Generated, tmp_path: Path) -> None:
    moved = (pl.col("starts_at") + pl.duration(seconds=20)).alias("booked_at")
    broken = broken_rules(bookings, tmp_path, "bookings", moved)
    assert {("in_order", "booked_at"), ("on_schedule", "booked_at")} <= broken


def test_a_public_holiday_is_not_a_working_day(contracts: Generated, tmp_path: Path) -> None:
    christmas = pl.lit(date(2025, 12, 25)).alias("invoiced_on")
    assert ("on_schedule", "invoiced_on") in broken_rules(contracts, tmp_path, "contracts", christmas)


@pytest.fixture(scope="module")
def gym(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return generated(gym_model(), tmp_path_factory.mktemp("gym"))


def test_everything_happens_in_its_state(gym: Generated) -> None:
    results = coherence(gym.model, gym.tables, gym.folder)
    assert [result for result in results if result.violations] == []
    assert {result.rule for result in results if result.kind == "in_state"} == {
        "each member_id of visits is Active in member_states at happened_at",
        "each member_id of calls is Trial in member_states at happened_at",
        "each member_id of lessons is Active or Trial in member_states at happened_at",
        "each member_id of lessons is coached in coaching at happened_at",
        "each member_id of fees is Active in member_states on begins_on",
    }


def test_a_visit_in_another_state_and_one_before_all_states_are_counted(gym: Generated, tmp_path: Path) -> None:
    moved = pl.when(pl.col("nr") < 300).then(pl.lit(datetime(1990, 1, 1))).otherwise("happened_at")
    broken = broken_rules(gym, tmp_path / "early", "visits", moved.cast(pl.Datetime("us")).alias("happened_at"))
    assert ("in_state", "member_id") in broken
    other = pl.col("member_id").shift(7).backward_fill().alias("member_id")
    assert ("in_state", "member_id") in broken_rules(gym, tmp_path / "other", "calls", other)


def test_a_fee_of_a_frozen_month_is_counted(gym: Generated, tmp_path: Path) -> None:
    moved = pl.col("begins_on").dt.offset_by("4mo")
    assert ("in_state", "member_id") in broken_rules(gym, tmp_path, "fees", moved)


def test_fees_and_visits_as_they_stood_are_those_that_had_come(gym: Generated, tmp_path: Path) -> None:
    day = AS_OF - timedelta(days=200)
    with as_it_stood(observable(gym.model), synthesise(observable(gym.model), tmp_path), tmp_path) as engine:
        engine.set_day(day)
        for table, time in (("fees", "begins_on"), ("visits", "happened_at")):
            then = engine.connection.sql(f'SELECT * FROM "{table}"').pl()
            assert len(then) == (gym.read(table)[time].cast(pl.Date) <= day).sum() > 0


# --- earlier days --------------------------------------------------------------------------------------------------


def stood(model: DataModel, folder: Path, day: date, table: str) -> pl.DataFrame:
    """A table of the model as it stood on a day."""
    made = generated(model, folder)
    with as_it_stood(model, made.tables, folder) as engine:
        engine.set_day(day)
        return engine.connection.sql(f'SELECT * FROM "{table}" ORDER BY ALL').pl()


@pytest.mark.parametrize("days", [0, 1, 200, 1_500])
def test_contracts_as_they_stood_are_those_of_a_model_of_that_day(days: int, tmp_path: Path) -> None:
    day = AS_OF - timedelta(days=days)
    then = stood(observable(contract_model()), tmp_path / "now", day, "contracts")
    of_then = generated(observable(contract_model(as_of=day)), tmp_path / "then").read("contracts")
    for name in then.columns:
        differs = then[name].ne_missing(of_then.sort("contract_id")[name]).sum()
        assert differs == 0, name
    assert then["left_on"].is_not_null().any()


def test_a_moment_on_a_grid_is_absent_when_the_value_it_depends_on_is(tmp_path: Path) -> None:
    table = changed(contract_table(2_000), "archived_on", snap={"to": "month_end"})
    day = AS_OF - timedelta(days=200)
    then = stood(observable(contract_model(tables=[table])), tmp_path, day, "contracts")
    assert then["archived_on"].drop_nulls().max() <= day  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]
    assert then.filter(pl.col("ended_on").is_null())["archived_on"].is_null().all()


def test_bookings_made_by_then_are_present_although_their_class_is_later(tmp_path: Path) -> None:
    day = AS_OF - timedelta(days=100)
    then = stood(observable(class_model()), tmp_path, day, "bookings")
    end = datetime(day.year, day.month, day.day) + timedelta(days=1)
    assert then["booked_at"].max() < end  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]
    assert (then["starts_at"] >= end).sum() > 3
