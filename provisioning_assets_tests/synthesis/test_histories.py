"""States follow each other as they are declared, versions never overlap, and facts agree with the version valid then."""

from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from provisioning_assets.data_model.calendar import DAY_SECONDS
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.histories import most_states, usual_states
from provisioning_assets.data_model.populations import StateSequence
from provisioning_assets.synthesis.clock import in_hours
from provisioning_assets.synthesis.histories import Versions
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.history_model import TIERS, history_model, history_tables


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return generated(history_model(40_000), tmp_path_factory.mktemp("club"))


def sequence(**changes: Any) -> StateSequence:
    return StateSequence.model_validate({**TIERS, **changes})


def with_history(**changes: Any) -> list[dict[str, Any]]:
    """The tables with other states of members."""
    tables = deepcopy(history_tables())
    tables[1]["population"]["history"] |= changes
    return tables


def median_days(frame: pl.DataFrame) -> float:
    return frame.select((pl.col("valid_to") - pl.col("valid_from")).dt.total_days().median()).item()


# --- drawn states --------------------------------------------------------------------------------------------------


def test_versions_begin_with_the_parent_follow_on_and_end_with_one_current(club: Generated) -> None:
    versions = club.read("memberships").sort("member_id", "version")
    members = club.read("members")
    first = versions.filter(pl.col("version") == 1).join(members, on="member_id")
    assert len(first) == len(members)
    assert (first["valid_from"] == first["joined_on"]).all()
    current = versions.group_by("member_id").agg(pl.col("is_current").sum(), pl.col("is_current").last().alias("last"))
    assert (current["is_current"] == 1).all()
    assert current["last"].all()
    following = versions.with_columns(
        next_from=pl.col("valid_from").shift(-1).over("member_id"), next_tier=pl.col("tier").shift(-1).over("member_id")
    ).filter(pl.col("next_from").is_not_null())
    assert (following["valid_to"] == following["next_from"]).all()
    assert (following["valid_from"] < following["valid_to"]).all()
    assert (following["tier"] != following["next_tier"]).all()
    assert versions["valid_from"].max() <= club.model.as_of  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]


def test_states_last_and_follow_as_declared(tmp_path: Path) -> None:
    """The versions of members who joined long ago, so that no state is cut off by the as-of date."""
    club = generated(history_model(60_000, history_days=90), tmp_path)
    versions = club.read("memberships").join(
        club.read("members").select("member_id", "team", "joined_on"), on="member_id"
    )
    old = versions.filter(pl.col("joined_on") < club.model.as_of - timedelta(days=1000)).sort("member_id", "version")
    first = old.filter(pl.col("version") == 1)
    followed = old.with_columns(next_tier=pl.col("tier").shift(-1).over("member_id")).filter(pl.col("version") == 1)
    assert set(first["tier"]) == {"Bronze"}
    assert median_days(first.filter(pl.col("team") == "a")) == pytest.approx(150, rel=0.08)
    assert median_days(first.filter(pl.col("team") == "b")) == pytest.approx(60, rel=0.08)
    shares = followed["next_tier"].fill_null("stays").value_counts(normalize=True)
    assert dict(shares.iter_rows()) == pytest.approx({"Silver": 0.6, "Gold": 0.1, "stays": 0.3}, abs=0.03)
    silver_b = old.with_columns(next_tier=pl.col("tier").shift(-1).over("member_id")).filter(
        (pl.col("tier") == "Silver") & (pl.col("team") == "b") & pl.col("next_tier").is_not_null()
    )
    assert set(silver_b["next_tier"]) == {"Gold"}


def test_rows_begin_in_the_states_given_and_no_one_has_more_than_the_most(tmp_path: Path) -> None:
    tables = with_history(begin={"Gold": 1, "Silver": 3}, most=3)
    versions = generated(history_model(20_000, tables=tables), tmp_path).read("memberships")
    begun = dict(versions.filter(pl.col("version") == 1)["tier"].value_counts(normalize=True).iter_rows())
    assert begun == pytest.approx({"Gold": 0.25, "Silver": 0.75}, abs=0.03)
    assert versions["version"].max() == 3


def test_a_state_may_follow_itself(tmp_path: Path) -> None:
    """A contract that is renewed: each term is a separate version."""
    states = {"Running": {"median": 365, "sigma": 0.0, "next": {"Running": 0.8, "Ended": 0.2}}, "Ended": {}}
    tables = with_history(states=states, by=None, most=12)
    versions = (
        generated(history_model(20_000, tables=tables), tmp_path).read("memberships").sort("member_id", "version")
    )
    followed = versions.with_columns(next_tier=pl.col("tier").shift(-1).over("member_id"))
    again = followed.filter((pl.col("tier") == "Running") & (pl.col("next_tier") == "Running"))
    assert ((again["valid_to"] - again["valid_from"]).dt.total_days() == 365).all()
    moved_on = followed.filter(pl.col("next_tier").is_not_null())
    assert len(again) / len(moved_on) == pytest.approx(0.8, abs=0.02)
    assert followed.filter(pl.col("tier") == "Ended")["next_tier"].is_null().all()


def test_a_parent_without_a_start_has_no_states(tmp_path: Path) -> None:
    tables = history_tables()
    tables[0]["columns"][1]["null_share"] = 0.3
    tables[2]["columns"][2]["generator"] = {"kind": "reference", "table": "members"}
    club = generated(history_model(tables=tables), tmp_path)
    without = club.read("members").filter(pl.col("joined_on").is_null())
    assert len(without) > 0
    assert set(without["member_id"]).isdisjoint(club.read("memberships")["member_id"])
    assert without["tier"].null_count() == len(without)


def test_states_are_entered_in_their_hours(tmp_path: Path) -> None:
    tables = with_history(hours=[0.0] * 8 + [1.0] * 8 + [0.0] * 8, start="joined_at")
    tables[0]["columns"][1] |= {"name": "joined_at", "type": "DATETIME"}
    tables[2]["columns"][2]["generator"]["since"] = "joined_at"
    for place in (3, 4):
        tables[1]["columns"][place]["type"] = "DATETIME"
    versions = generated(history_model(tables=tables), tmp_path).read("memberships").filter(pl.col("version") > 1)
    assert versions["valid_from"].dt.hour().min() == 8
    assert versions["valid_from"].dt.hour().max() == 15


# --- effects -------------------------------------------------------------------------------------------------------


def changed(tmp_path: Path, **effect: Any) -> pl.DataFrame:
    """Versions of members who joined 400 to 700 days ago, of the planted model."""
    planted = Effect.model_validate({"insight_id": "i", "table": "memberships", **effect})
    club = generated(history_model(60_000, effects=[planted]), tmp_path)
    age = (pl.lit(club.model.as_of) - pl.col("joined_on")).dt.total_days()
    joined = club.read("memberships").join(club.read("members").drop("tier", "fee"), on="member_id")
    return joined.filter(age.is_between(400, 700)).sort("member_id", "version")


def test_an_effect_changes_how_long_a_state_lasts_only_for_its_rows(tmp_path: Path) -> None:
    versions = changed(tmp_path, column="valid_to", value="Bronze", factor=0.5, where="team = 'a'")
    first = versions.filter(pl.col("version") == 1)
    assert median_days(first.filter(pl.col("team") == "a")) == pytest.approx(75, rel=0.1)
    assert median_days(first.filter(pl.col("team") == "b")) == pytest.approx(60, rel=0.1)


def test_an_effect_changes_what_follows_within_its_window(tmp_path: Path) -> None:
    window: dict[str, Any] = {"from_days_ago": 200, "time": "valid_from"}
    versions = changed(tmp_path, column="tier", value="Gold", factor=5, where="team = 'a'", **window)
    left = versions.with_columns(next_tier=pl.col("tier").shift(-1).over("member_id")).filter(
        (pl.col("version") == 1) & (pl.col("team") == "a") & pl.col("next_tier").is_not_null()
    )
    inside = left["valid_to"] >= history_model().as_of - timedelta(days=200)
    # Of those who move on: 0.5 of 0.5 + 0.5 x 0.6 / 0.9 inside, 0.1 of 0.7 before.
    assert (left.filter(inside)["next_tier"] == "Gold").mean() == pytest.approx(0.6, abs=0.06)
    assert (left.filter(~inside)["next_tier"] == "Gold").mean() == pytest.approx(1 / 7, abs=0.04)


# --- milestones ----------------------------------------------------------------------------------------------------


def test_milestones_are_the_moments_of_the_parent(club: Generated) -> None:
    scans, parcels = club.read("scans"), club.read("parcels")
    for state, name in (("posted", "posted_at"), ("sent", "sent_at"), ("arrived", "arrived_at")):
        known = parcels.filter(pl.col(name).is_not_null()).select("parcel_id", moment=name).sort("parcel_id")
        found = scans.filter(pl.col("state") == state).select("parcel_id", moment="scanned_at").sort("parcel_id")
        assert found.equals(known)
    assert (
        parcels["state"] == scans.group_by("parcel_id", maintain_order=True).agg(pl.col("state").last())["state"]
    ).all()
    last = scans.filter(pl.col("left_at").is_null())
    assert len(last) == len(parcels)
    assert parcels["scans"].sum() == len(scans)


# --- what was valid at a moment ------------------------------------------------------------------------------------


def test_a_fact_agrees_with_the_version_valid_then(club: Generated) -> None:
    visits, versions = club.read("visits"), club.read("memberships")
    joined = visits.join(versions, on="member_id", suffix="_then").filter(
        (pl.col("visited_at").dt.date() >= pl.col("valid_from"))
        & (pl.col("valid_to").is_null() | (pl.col("visited_at").dt.date() < pl.col("valid_to")))
    )
    assert len(joined) == len(visits)
    assert (joined["tier"] == joined["tier_then"]).all()
    now = visits.join(club.read("members"), on="member_id", suffix="_now")
    assert (now["tier"] != now["tier_now"]).mean() > 0.2  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]


def test_the_version_valid_then_is_the_last_that_had_begun() -> None:
    entered = np.array([10, 20, 30, 5, 7, 7])
    versions = Versions.of(pl.Series(["a", "b", "c"]), pl.Series(["a"] * 3 + ["b"] * 3), entered)
    parents = np.array([0, 0, 0, 0, 1, 1, 2, -1])
    at = np.array([9, 10, 29, 99, 6, 7, 50, 50])
    assert versions.valid_at(parents, at).tolist() == [-1, 0, 1, 2, 3, 5, -1, -1]


def test_a_version_far_down_in_a_table_of_two_billion_is_found() -> None:
    class FarDown(np.ndarray):
        """Moments by row number, which no memory holds: row 2,000,000,000 + n began at n."""

        def __getitem__(self, rows: Any) -> Any:
            return rows - 2_000_000_000

    entered = np.empty(0, dtype=np.int64).view(FarDown)
    versions = Versions(np.array([2_000_000_000], dtype=np.int32), np.array([10], dtype=np.int32), entered)
    assert versions.valid_at(np.array([0, 0]), np.array([6, 99])).tolist() == [2_000_000_006, 2_000_000_009]


# --- walks ---------------------------------------------------------------------------------------------------------


def test_a_walk_ends_at_its_base_and_never_stands_still(club: Generated) -> None:
    versions = club.read("memberships").sort("member_id", "version")
    members = club.read("members").sort("member_id")
    ends = versions.group_by("member_id", maintain_order=True).agg(
        pl.col("fee").last().alias("last"), pl.col("fee").first().alias("first")
    )
    assert (ends["last"] == members["fee"]).all()
    assert (ends["first"] == members["first_fee"]).all()
    steps = versions.with_columns(before=pl.col("fee").shift(1).over("member_id")).filter(
        pl.col("before").is_not_null()
    )
    assert (steps["fee"] != steps["before"]).all()
    assert (steps["fee"] / steps["before"]).median() == pytest.approx(1.03, abs=0.005)


# --- correlation ---------------------------------------------------------------------------------------------------


def normal_score_correlation(frame: pl.DataFrame, one: str, other: str) -> float:
    from scipy.stats import norm

    ranks = frame.select(pl.col(one, other).rank() / (frame.height + 1)).to_numpy()
    return float(np.corrcoef(norm.ppf(ranks), rowvar=False)[0, 1])


@pytest.mark.parametrize("rho", [-0.7, 0.0, 0.3, 0.9])
def test_two_numbers_go_together_as_declared(rho: float, tmp_path: Path) -> None:
    tables = history_tables()
    tables[2]["columns"][-1]["generator"]["correlation"]["rho"] = rho
    visits = generated(history_model(20_000, tables=tables), tmp_path).read("visits")
    assert normal_score_correlation(visits, "minutes", "spent") == pytest.approx(rho, abs=0.02)
    assert visits["spent"].median() == pytest.approx(12, rel=0.05)
    assert visits["spent"].log().std() == pytest.approx(0.9, rel=0.03)


def test_a_chain_of_three_numbers_goes_together_link_by_link(tmp_path: Path) -> None:
    tables = history_tables()
    third = deepcopy(tables[2]["columns"][-1]) | {"name": "tip"}
    third["generator"] |= {"distribution": "normal", "a": 5, "b": 1, "correlation": {"column": "spent", "rho": 0.8}}
    tables[2]["columns"].append(third)
    visits = generated(history_model(20_000, tables=tables), tmp_path).read("visits")
    assert normal_score_correlation(visits, "spent", "tip") == pytest.approx(0.8, abs=0.02)
    assert normal_score_correlation(visits, "minutes", "tip") == pytest.approx(0.8 * 0.6, abs=0.02)


# --- parts ---------------------------------------------------------------------------------------------------------


def test_how_many_states_there_can_be_follows_from_what_follows_what() -> None:
    straight: dict[str, Any] = {
        "a": {"median": 1, "next": {"b": 1, "c": 0.0}},
        "b": {"median": 1, "next": {"c": 1}},
        "c": {},
    }
    assert most_states(sequence(states=straight, by=None)) == 3
    assert most_states(sequence(states=straight, by=None, most=2)) == 2
    assert most_states(sequence()) == 8


def test_the_usual_number_of_states_counts_what_fits_into_the_history() -> None:
    half: dict[str, Any] = {"a": {"median": 1, "sigma": 0, "next": {"b": 0.5}}, "b": {}}
    assert usual_states(sequence(states=half, by=None), 800) == pytest.approx(1.5)
    again: dict[str, Any] = {"a": {"median": 300, "sigma": 0, "next": {"a": 1}}}
    assert usual_states(sequence(states=again, by=None, most=50), 800) == pytest.approx(3)


def test_a_moment_outside_the_hours_waits_for_them() -> None:
    hours = [0.0] * 8 + [1.0] * 8 + [0.0] * 8
    at = np.array([3, 9, 20, DAY_SECONDS // 3600 + 22]) * 3600
    opened = in_hours(at, np.zeros(4, dtype=np.int64), np.array([0.0, 0.5, 0.5, 0.5]), hours)
    assert (opened // 3600).tolist() == [8, 9, 24 + 12, 24 + 12]
    late = in_hours(
        np.array([13]) * 3600, np.array([12]) * 3600, np.array([0.25]), [0.0] * 8 + [1.0] * 4 + [0.0] * 4 + [1.0] * 8
    )
    assert late.tolist() == [18 * 3600]
