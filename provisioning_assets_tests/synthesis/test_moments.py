"""Moments before others, moments that follow from columns, the first of several, and the grids that moments are moved to."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.data_model.calendar import DAY_SECONDS, day_number
from provisioning_assets.data_model.open_days import public_holidays
from provisioning_assets.data_model.snap import Snap
from provisioning_assets.synthesis.clock import in_earlier_hours, on_weekdays
from provisioning_assets.synthesis.snapping import snapped
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.contract_model import (
    changed,
    class_model,
    class_table,
    contract_model,
    contract_table,
)
from provisioning_assets_tests.synthesis.retail_model import AS_OF

END = datetime(AS_OF.year, AS_OF.month, AS_OF.day) + timedelta(days=1)
OPEN = [0.0] * 8 + [1.0] * 8 + [0.0] * 8


def seconds(*moments: str) -> np.ndarray:
    return np.array(moments, dtype="datetime64[s]").astype(np.int64)


def text(found: np.ndarray) -> list[str]:
    return found.astype("datetime64[s]").astype(str).tolist()


@pytest.fixture(scope="module")
def bookings(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return generated(class_model(), tmp_path_factory.mktemp("classes")).read("bookings")


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return generated(contract_model(6_000), tmp_path_factory.mktemp("contracts")).read("contracts")


# --- before --------------------------------------------------------------------------------------------------------


def test_a_booking_lies_between_joining_and_the_class_which_may_be_to_come(bookings: pl.DataFrame) -> None:
    booked = bookings.filter(pl.col("booked_at").is_not_null())
    assert (booked["booked_at"] <= booked["starts_at"]).all()
    assert (booked["booked_at"] >= booked["joined_at"]).all()
    assert booked["booked_at"].max() < END  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]
    assert (booked["starts_at"] > END).sum() > 3


def test_a_booking_is_missing_where_the_class_came_first_or_it_lies_ahead(bookings: pl.DataFrame) -> None:
    missing = bookings.filter(pl.col("booked_at").is_null())
    came_first = missing["starts_at"] < missing["joined_at"]
    assert came_first.sum() == (bookings["starts_at"] < bookings["joined_at"]).sum() > 0
    assert (missing.filter(~came_first)["starts_at"] > END).all()


def test_how_long_before_is_as_declared(tmp_path: Path) -> None:
    table = changed(changed(class_table(), "booked_at", not_before=None, snap=None), "waits", a=0)
    found = generated(class_model(20_000, tables=[table]), tmp_path).read("bookings")
    old = found.filter(pl.col("starts_at") < END)
    ahead = (old["starts_at"] - old["booked_at"]).dt.total_seconds() / 3600
    assert ahead.median() == pytest.approx(30, rel=0.03)
    assert ahead.log().std() == pytest.approx(0.5, rel=0.05)


def test_an_effect_changes_how_long_before(tmp_path: Path) -> None:
    table = changed(changed(class_table(), "booked_at", not_before=None, snap=None), "waits", a=0)
    effect = {"insight_id": "i", "table": "bookings", "column": "booked_at", "factor": 3, "where": "waits > 20"}
    found = generated(class_model(20_000, tables=[table], effects=[effect]), tmp_path).read("bookings")
    ahead = found.select("waits", hours=(pl.col("starts_at") - pl.col("booked_at")).dt.total_minutes() / 60)
    old = ahead.filter(found["starts_at"] < END)
    assert old.filter(pl.col("waits") > 20)["hours"].median() == pytest.approx(90, rel=0.05)
    assert old.filter(pl.col("waits") <= 20)["hours"].median() == pytest.approx(30, rel=0.05)


def test_a_condition_a_share_and_cases_choose_and_shift(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "where": "waits > 10",
        "probability": 0.5,
        "by": "waits",
        "median_by": {"20": 300},
        "not_before": None,
    }
    table = changed(class_table(), "booked_at", **settings)
    found = generated(class_model(40_000, tables=[table]), tmp_path).read("bookings")
    assert found.filter(pl.col("waits") <= 10)["booked_at"].is_null().all()
    past = found.filter((pl.col("waits") > 10) & (pl.col("starts_at") < END))
    assert past["booked_at"].is_not_null().mean() == pytest.approx(0.5, abs=0.02)
    ahead = past.with_columns(hours=(pl.col("starts_at") - pl.col("booked_at")).dt.total_minutes() / 60)
    assert ahead.filter(pl.col("waits") == 20)["hours"].median() == pytest.approx(300, rel=0.1)
    assert ahead.filter(pl.col("waits") != 20)["hours"].median() == pytest.approx(30, rel=0.05)


def test_a_missing_bound_does_not_bind(tmp_path: Path) -> None:
    table = class_table()
    bound = next(found for found in table["columns"] if found["name"] == "joined_at")
    table["columns"].append({**bound, "name": "asked_at", "null_share": 0.5})
    changed(table, "booked_at", not_before="asked_at", median=2_000)
    found = generated(class_model(tables=[table]), tmp_path).read("bookings")
    booked = found.filter(pl.col("booked_at").is_not_null())
    free = booked.filter(pl.col("asked_at").is_null())
    assert (free["booked_at"] < free["joined_at"]).mean() > 0.9  # pyright: ignore[reportOperatorIssue]
    bound_ = booked.filter(pl.col("asked_at").is_not_null())
    assert (bound_["booked_at"] >= bound_["asked_at"]).all()


def test_notice_is_given_on_a_working_day_or_on_the_first_one_of_the_contract(contracts: pl.DataFrame) -> None:
    given_ = contracts.filter(pl.col("notice_on").is_not_null())
    assert len(given_) == contracts["ended_on"].is_not_null().sum()
    weekend = given_.filter(pl.col("notice_on").dt.weekday() > 5)
    assert (weekend["notice_on"] == weekend["started_on"]).all()
    assert (given_["notice_on"] <= given_["ended_on"]).all()
    assert (given_["notice_on"] >= given_["started_on"]).all()


def test_weekdays_move_back_as_far_as_they_move_on() -> None:
    days = np.arange(7_000) * DAY_SECONDS
    chance = np.random.default_rng(2).random(7_000)
    weights = [1.0, 1.0, 1.0, 1.0, 1.0, 0.2, 0.0]
    back = on_weekdays(days, days + DAY_SECONDS, chance, weights, earlier=True)
    assert ((back <= days) & (back > days - 7 * DAY_SECONDS)).all()
    busy = np.bincount((back // DAY_SECONDS + 3) % 7, minlength=7) / 7_000
    assert busy == pytest.approx(np.array(weights) / sum(weights), abs=0.02)
    friday = (back // DAY_SECONDS + 3) % 7 == 4
    assert (days[friday] // DAY_SECONDS + 3)[days[friday] > back[friday]].size > 0


def test_a_moment_outside_the_hours_is_earlier_the_same_day_or_the_day_before() -> None:
    base = seconds("2026-03-03T20:00:00")[[0, 0, 0, 0]]
    at = seconds("2026-03-03T19:00:00", "2026-03-03T10:30:00", "2026-03-03T07:00:00", "2026-03-01T23:00:00")
    found = in_earlier_hours(at, base, np.array([0.5, 0.5, 0.5, 0.25]), OPEN)
    assert text(found) == ["2026-03-03T12:00:00", "2026-03-03T10:30:00", "2026-03-02T12:00:00", "2026-03-01T10:00:00"]


# --- moments and the first of several --------------------------------------------------------------------------------


def test_a_moment_follows_from_columns_and_is_missing_while_it_lies_ahead(contracts: pl.DataFrame) -> None:
    expected = contracts.select(pl.col("ended_on").dt.offset_by("30d").alias("day"))
    expected = expected.select(pl.when(pl.col("day") <= AS_OF).then(pl.col("day"))).to_series()
    assert contracts["archived_on"].equals(expected)
    assert contracts["archived_on"].null_count() - contracts["ended_on"].null_count() > 0


def test_the_first_of_several_ends_is_the_end_and_its_label_the_cause(contracts: pl.DataFrame) -> None:
    ends = contracts.select(pl.min_horizontal("left_on", "moved_on").alias("end"))["end"]
    assert contracts["ended_on"].equals(ends, check_names=False)
    cause = contracts.select(
        pl.when(pl.col("left_on").is_null() & pl.col("moved_on").is_null())
        .then(None)
        .when(pl.col("moved_on").is_null() | (pl.col("left_on") <= pl.col("moved_on")))
        .then(pl.lit("left"))
        .otherwise(pl.lit("moved"))
    ).to_series()
    assert contracts["end_cause"].equals(cause, check_names=False)
    assert set(contracts["end_cause"]) == {"left", "moved", None}


def test_of_equal_moments_the_first_listed_is_the_cause(tmp_path: Path) -> None:
    table = contract_table(300)
    moments = {"second": "started_on", "first": "started_on", "left": "left_on"}
    for name in ("ended_on", "end_cause"):
        changed(table, name, moments=moments)
    found = generated(contract_model(tables=[table]), tmp_path).read("contracts")
    assert set(found.filter(pl.col("started_on").is_not_null())["end_cause"]) == {"second"}
    assert found.filter(pl.col("started_on").is_null())["end_cause"].is_null().all()


def test_a_date_and_a_moment_are_compared_from_midnight(tmp_path: Path) -> None:
    table = class_table()
    day = {"kind": "expression", "sql": "cast(joined_at as date)"}
    first = {"kind": "first_of", "part": "cause", "moments": {"moment": "joined_at", "day": "joined_on"}}
    like = table["columns"][0]
    table["columns"] += [
        {**like, "name": "joined_on", "type": "DATE", "generator": day},
        {**like, "name": "what", "type": "STRING", "generator": first},
    ]
    found = generated(class_model(tables=[table]), tmp_path).read("bookings")
    at_midnight = found["joined_at"].dt.time() == datetime.min.time()
    assert (found["what"] == "moment").equals(at_midnight, check_names=False)


# --- grids ---------------------------------------------------------------------------------------------------------

SNAPS: list[tuple[dict[str, Any], str, str]] = [
    ({"minutes": 15}, "2026-03-04T16:08:32", "2026-03-04T16:00:00"),
    ({"minutes": 15}, "2026-03-04T16:15:00", "2026-03-04T16:15:00"),
    ({"to": "day_start"}, "2026-03-04T16:08:32", "2026-03-04T00:00:00"),
    ({"to": "week_start"}, "2026-03-04T16:08:32", "2026-03-02T00:00:00"),
    ({"to": "month_start"}, "2026-03-04T16:08:32", "2026-03-01T00:00:00"),
    ({"to": "quarter_start"}, "2026-03-04T16:08:32", "2026-01-01T00:00:00"),
    ({"to": "month_end"}, "2026-02-04T16:08:32", "2026-02-28T16:08:32"),
    ({"to": "month_end"}, "2026-02-28T16:08:32", "2026-02-28T16:08:32"),
    ({"to": "quarter_end"}, "2026-02-04T16:08:32", "2026-03-31T16:08:32"),
    ({"to": "year_end"}, "2026-02-04T16:08:32", "2026-12-31T16:08:32"),
    ({"to": "workday"}, "2026-03-07T16:08:32", "2026-03-09T16:08:32"),
    ({"to": "workday"}, "2026-12-24T10:00:00", "2026-12-24T10:00:00"),
    ({"to": "workday"}, "2026-12-25T10:00:00", "2026-12-28T10:00:00"),
    ({"times": ["09:00", "18:30"]}, "2026-03-04T09:00:01", "2026-03-04T18:30:00"),
    ({"times": ["18:30", "09:00"]}, "2026-03-04T18:30:01", "2026-03-05T09:00:00"),
    ({"times": ["09:00"], "weekdays": [0, 3]}, "2026-03-03T08:00:00", "2026-03-05T09:00:00"),
    ({"times": ["09:00"], "weekdays": [0, 3]}, "2026-03-05T09:30:00", "2026-03-09T09:00:00"),
]


@pytest.mark.parametrize(("settings", "moment", "expected"), SNAPS)
def test_a_moment_moves_to_the_grid(settings: dict[str, Any], moment: str, expected: str) -> None:
    found, inside = snapped(Snap.model_validate(settings), "DE", seconds(moment))
    assert text(found) == [expected]
    assert inside.all()


FORWARD = [
    ({"minutes": 15}, "2026-03-04T16:08:32", "2026-03-04T16:02:00", "2026-03-04T16:15:00"),
    ({"to": "week_start"}, "2026-03-04T16:08:32", "2026-03-03T10:00:00", "2026-03-09T00:00:00"),
    ({"to": "month_start"}, "2026-03-04T16:08:32", "2026-03-01T00:00:00", "2026-03-01T00:00:00"),
    ({"to": "month_start"}, "2026-03-04T16:08:32", "2026-03-01T00:00:01", "2026-04-01T00:00:00"),
]


@pytest.mark.parametrize(("settings", "moment", "base", "expected"), FORWARD)
def test_a_moment_is_moved_on_where_back_would_be_before_its_base(
    settings: dict[str, Any], moment: str, base: str, expected: str
) -> None:
    found, inside = snapped(Snap.model_validate(settings), "DE", seconds(moment), earliest=seconds(base))
    assert text(found) == [expected]
    assert inside.all()


def test_a_moment_is_moved_back_where_on_would_be_too_late_and_has_no_place_where_neither_fits() -> None:
    snap = Snap(to="month_end")
    moment, until = seconds("2026-02-10T12:00:00"), seconds("2026-02-20T00:00:00")
    found, inside = snapped(snap, "DE", moment, latest=until)
    assert (text(found), inside.all()) == (["2026-01-31T12:00:00"], True)
    _, inside = snapped(snap, "DE", moment, earliest=seconds("2026-02-01T00:00:00"), latest=until)
    assert not inside.any()


ANY_SNAP = st.one_of(
    st.sampled_from([5, 15, 60, 720]).map(lambda minutes: Snap(minutes=minutes)),
    st.sampled_from(["day_start", "week_start", "month_start", "quarter_start", "month_end", "quarter_end", "year_end"])
    .map(lambda to: Snap.model_validate({"to": to})),
    st.just(Snap(to="workday")),
    st.builds(
        lambda times, weekdays: Snap(times=[f"{hour:02d}:30" for hour in times], weekdays=weekdays),
        st.lists(st.integers(0, 23), min_size=1, max_size=3),
        st.none() | st.lists(st.integers(0, 6), min_size=1, max_size=3),
    ),
)  # fmt: skip


@given(ANY_SNAP, st.integers(0, 2**31), st.integers(0, 400 * DAY_SECONDS), st.integers(0, 400 * DAY_SECONDS))
def test_a_snapped_moment_stays_where_it_is_and_keeps_its_bounds(snap: Snap, at: int, before: int, after: int) -> None:
    earliest, latest = np.array([at - before]), np.array([at + after])
    found, inside = snapped(snap, "DE", np.array([at]), earliest, latest)
    if inside[0]:
        assert earliest[0] <= found[0] <= latest[0]
        again, still = snapped(snap, "DE", found, earliest, latest)
        assert still.all()
        assert (again == found).all()


def test_payments_keep_their_timetable_and_come_after_the_booking(bookings: pl.DataFrame) -> None:
    paid = bookings.filter(pl.col("paid_at").is_not_null())
    assert set(paid["paid_at"].dt.strftime("%H:%M:%S")) == {"09:00:00", "18:30:00"}
    assert paid["paid_at"].dt.weekday().max() == 5
    assert (paid["paid_at"] >= paid["booked_at"]).all()
    assert paid["paid_at"].max() < END  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]


def test_invoices_are_written_on_working_days(contracts: pl.DataFrame) -> None:
    days = contracts["invoiced_on"].drop_nulls()
    assert days.dt.weekday().max() == 5
    holidays = public_holidays(contract_model(1).country, 1974, 2026)
    assert holidays
    assert set(holidays).isdisjoint(day_number(day) for day in days)


@pytest.mark.parametrize(
    ("kind", "snap"),
    [
        ("DATETIME", {"minutes": 15}),
        ("DATETIME", {"to": "week_start"}),
        ("DATETIME", {"times": ["07:00", "17:30"], "weekdays": [0, 2, 5]}),
        ("DATE", {"to": "workday"}),
        ("DATE", {"to": "quarter_end"}),
        ("DATE", {"to": "month_start"}),
    ],
)
def test_rows_arrive_in_order_on_a_grid_within_the_history(kind: str, snap: dict[str, Any], tmp_path: Path) -> None:
    table = changed(class_table(), "joined_at", snap=snap)
    table["columns"][1]["type"] = kind
    table["columns"] = table["columns"][:2]
    found = generated(class_model(tables=[{**table, "event_time": "joined_at"}]), tmp_path)
    joined = found.read("bookings")["joined_at"]
    assert joined.null_count() == 0
    assert joined.is_sorted()
    first = AS_OF - timedelta(days=found.model.history_days - 1)
    assert first <= joined.cast(pl.Date).min()  # pyright: ignore[reportOperatorIssue]
    assert joined.cast(pl.Date).max() <= AS_OF  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]


# --- cases ---------------------------------------------------------------------------------------------------------


def test_a_number_depends_on_another_column(contracts: pl.DataFrame) -> None:
    large = pl.col("segment") == "large"
    assert contracts.filter(large)["seats"].median() == pytest.approx(200, rel=0.05)
    assert contracts.filter(~large)["seats"].median() == pytest.approx(10, rel=0.1)


@pytest.mark.parametrize(
    ("distribution", "b", "mean"), [("poisson", 0, 40), ("gamma", 2, 40), ("normal", 1, 40), ("uniform", 60, 50)]
)
def test_every_distribution_has_cases(distribution: str, b: float, mean: float, tmp_path: Path) -> None:
    table = changed(contract_table(6_000), "seats", distribution=distribution, b=b, a_by={"large": 40})
    found = generated(contract_model(tables=[table]), tmp_path).read("contracts")
    assert found.filter(pl.col("segment") == "large")["seats"].mean() == pytest.approx(mean, rel=0.05)


def test_rows_are_the_same_whatever_comes_after_them(tmp_path: Path) -> None:
    few: Generated = generated(contract_model(400), tmp_path / "few")
    many = generated(contract_model(900), tmp_path / "many")
    assert many.read("contracts").head(400).equals(few.read("contracts"))


def test_an_as_of_date_hides_what_comes_later(tmp_path: Path) -> None:
    then = AS_OF - timedelta(days=300)
    now = generated(contract_model(), tmp_path / "now").read("contracts")
    before = generated(contract_model(as_of=then), tmp_path / "then").read("contracts")
    for name in ("moved_on", "ended_on", "archived_on", "invoiced_on"):
        known = now.select(pl.when(pl.col(name) <= date(then.year, then.month, then.day)).then(pl.col(name)))
        assert known.to_series().equals(before[name], check_names=False), name
