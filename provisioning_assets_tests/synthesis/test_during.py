"""References, periods and effects that need a state occur only in that state."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.data_model.rules.model_rules import generation_problems, model_problems
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis import populations
from provisioning_assets.synthesis.clock import NEVER
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.references import Choice, with_effects
from provisioning_assets.synthesis.spells import LONG_AGO, Spells, always, both
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.gym_model import events, fees, gym_model, gym_tables
from provisioning_assets_tests.synthesis.retail_model import column, reference


@pytest.fixture(scope="module")
def gym(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return generated(gym_model(), tmp_path_factory.mktemp("gym"))


def states_then(gym: Generated, table: str, at: pl.Expr, history: str = "member_states") -> pl.Series:
    """The state of each row's member at a moment, of rows that have a member."""
    rows = gym.read(table).filter(pl.col("member_id").is_not_null()).with_columns(at=at).sort("at")
    versions = gym.read(history).select("member_id", "since", "state").sort("since")
    return rows.join_asof(versions, left_on="at", right_on="since", by="member_id", check_sortedness=False)["state"]


# --- references ----------------------------------------------------------------------------------------------------


def test_visits_are_of_members_who_are_active_then(gym: Generated) -> None:
    assert set(states_then(gym, "visits", pl.col("happened_at"))) == {"Active"}
    assert gym.read("visits")["member_id"].null_count() == 0


def test_calls_are_of_members_on_a_short_trial_in_the_same_city(gym: Generated) -> None:
    assert set(states_then(gym, "calls", pl.col("happened_at"))) == {"Trial"}
    calls = gym.read("calls")
    assert calls["member_id"].is_not_null().mean() > 0.7  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]
    joined = calls.join(gym.read("members"), on="member_id")
    assert (joined["city"] == joined["home"]).all()


def test_a_call_has_a_member_whenever_one_is_on_trial(gym: Generated) -> None:
    calls, trials = gym.read("calls"), gym.read("member_states").filter(pl.col("state") == "Trial")
    trials = trials.join(gym.read("members").select("member_id", "home"), on="member_id")
    missing = calls.filter(pl.col("member_id").is_null())
    assert len(missing) > 0
    could = missing.join(trials, left_on="city", right_on="home").filter(
        (pl.col("since") <= pl.col("happened_at"))
        & (pl.col("until").is_null() | (pl.col("happened_at") < pl.col("until")))
    )
    assert len(could) == 0


def test_lessons_are_of_members_in_both_states_who_have_not_moved(gym: Generated) -> None:
    assert set(states_then(gym, "lessons", pl.col("happened_at"))) == {"Active", "Trial"}
    assert set(states_then(gym, "lessons", pl.col("happened_at"), "coaching")) == {"coached"}
    joined = gym.read("lessons").join(gym.read("members"), on="member_id")
    assert (joined["moved_at"].is_null() | (joined["moved_at"] > joined["happened_at"])).all()


def test_a_popular_member_is_popular_in_every_table(gym: Generated) -> None:
    busy = [gym.read(table)["member_id"].value_counts() for table in ("visits", "lessons")]
    both_ = busy[0].join(busy[1], on="member_id", how="inner", suffix="_other")
    assert both_.select(pl.corr("count", "count_other", method="spearman")).item() > 0.2


def test_a_reference_without_candidates_is_an_error_unless_it_is_optional(tmp_path: Path) -> None:
    tables = gym_tables()
    tables[4]["columns"][3]["generator"]["optional"] = False
    with pytest.raises(ProvisioningError, match="none is in the required state"):
        synthesise(gym_model(300, tables=tables), tmp_path)


def test_blocks_and_workers_make_no_difference(tmp_path: Path) -> None:
    model = gym_model(3_000)
    with patch.object(populations, "BLOCK_ROWS", 300), ThreadPoolExecutor(2) as executor:
        one = synthesise(model, tmp_path / "one")
        two = synthesise(model, tmp_path / "two", workers=executor)
    assert len(one.tables[3].files) > 3
    assert [table.files for table in one.tables] == [table.files for table in two.tables]
    many = Generated(model, one, tmp_path / "one")
    assert set(states_then(many, "visits", pl.col("happened_at"))) == {"Active"}


def test_two_guests_of_a_party_are_never_the_same(tmp_path: Path) -> None:
    parties = {**events("parties", 0.4, {"member_states": "Active"}), "foreign_keys": []}
    parties["columns"] = parties["columns"][:2]
    guest = {"kind": "reference", "table": "members", "at": "met_at", "during": {"member_states": "Active"}, "skew": 2}
    guests = {
        "name": "guests",
        "description": "Guests",
        "population": {"kind": "per_parent", "parent": "parties", "count": {"first": 2, "weights": [1, 1, 1]}},
        "primary_key": ["guest_id"],
        "foreign_keys": [reference("member_id", "members", "member_id")],
        "columns": [
            column("guest_id", "INT64", {"kind": "sequence"}, "key"),
            column("event_id", "INT64", {"kind": "parent_key"}, "key"),
            column(
                "happened_at", "DATETIME", {"kind": "lookup", "through": "event_id", "column": "happened_at"}, "time"
            ),
            column(
                "met_at", "DATETIME", {"kind": "after", "base": "happened_at", "unit": "days", "median": 100}, "time"
            ),
            column("member_id", "INT64", {**guest, "distinct_in_parent": True, "optional": True}, "key"),
        ],
    }
    made = generated(gym_model(1_000, tables=[*gym_tables()[:3], parties, guests]), tmp_path)
    found = made.read("guests").filter(pl.col("member_id").is_not_null())
    assert not found.select(pl.struct("event_id", "member_id").is_duplicated().any()).item()
    assert set(states_then(made, "guests", pl.col("met_at"))) == {"Active"}
    # members come back to a state, so that the same one could stand for two spells of hers
    spells = made.read("member_states").filter(pl.col("state") == "Active")
    assert spells["member_id"].is_duplicated().any()


@st.composite
def spells_of_rows(draw: st.DrawFn) -> pl.DataFrame:
    """Times of a few rows that do not overlap within a row."""
    rows = []
    for row in range(draw(st.integers(1, 6))):
        edges = draw(st.lists(st.integers(0, 60), min_size=0, max_size=6, unique=True).map(sorted))
        rows += [(row, start, end) for start, end in zip(edges[::2], [*edges[1::2], NEVER], strict=False)]
    return pl.DataFrame(rows, schema={"row": pl.Int64, "start": pl.Int64, "end": pl.Int64}, orient="row")


@given(spells_of_rows(), st.lists(st.integers(-5, 70), min_size=1, max_size=40), st.data())
def test_exactly_the_rows_whose_spell_lasts_are_drawn(times: pl.DataFrame, at: list[int], data: st.DataObject) -> None:
    teams = pl.DataFrame({"team": data.draw(st.lists(st.sampled_from(["a", "b", None]), min_size=6, max_size=6))},
                         schema={"team": pl.String})  # fmt: skip
    wanted = pl.DataFrame(
        {"team": data.draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=len(at), max_size=len(at)))}
    )
    weights = np.array(data.draw(st.lists(st.sampled_from([0.0, 1.0, 3.0]), min_size=6, max_size=6)))
    matched = data.draw(st.booleans())
    spells = Spells.of(times, weights, teams if matched else None)
    moments = np.array(at)
    low, high = spells.stretches(moments, wanted if matched else None)
    choice = Choice(
        spells.candidates,
        low,
        high,
        variants=np.zeros(len(at), dtype=np.int64),
        weights_of=with_effects(spells.candidates.weights, []),
        at=moments,
        parents=None,
    )
    chosen = choice.draw(np.random.default_rng(1))
    for number, moment in enumerate(at):
        lasting = {
            row
            for row, start, end in times.iter_rows()
            if start <= moment < end
            and weights[row] > 0
            and (not matched or teams["team"][row] == wanted["team"][number])
        }
        assert chosen[number] in lasting if lasting else chosen[number] == -1


def test_rows_are_drawn_by_their_weight_whatever_the_length_of_their_spells() -> None:
    times = pl.DataFrame({"row": [0, 1, 2, 3], "start": [0, 40, 49, 0], "end": [NEVER, 60, 52, 10]})
    spells = Spells.of(times, np.array([1.0, 2.0, 3.0, 50.0]), None)
    at = np.full(60_000, 50)
    low, high = spells.stretches(at, None)
    weights = with_effects(spells.candidates.weights, [])
    choice = Choice(spells.candidates, low, high, np.zeros(len(at), dtype=np.int64), weights, at, None)
    shares = np.bincount(choice.draw(np.random.default_rng(4)), minlength=4) / len(at)
    assert shares == pytest.approx(np.array([1, 2, 3, 0]) / 6, abs=0.01)


def test_times_that_lie_in_both() -> None:
    some = pl.DataFrame({"row": [0, 0, 1], "start": [10, 30, 5], "end": [20, NEVER, 9]})
    found = both(always(2, np.array([15, NEVER]), np.array([40, NEVER])), some)
    assert found.rows() == [(0, 15, 20), (0, 30, 40)]
    assert both(always(2, None, None), some).rows() == some.rows()
    assert always(1, None, None).rows() == [(0, LONG_AGO, NEVER)]


# --- periods -------------------------------------------------------------------------------------------------------


def all_periods(gym: Generated, folder: Path) -> pl.DataFrame:
    """The same fees without the condition, with the state at the end of each first day."""
    tables = [*gym_tables()[:6], fees("fees")]
    made = generated(gym.model.model_copy(update={"tables": gym_model(tables=tables).tables}), folder)
    rows = made.read("fees").with_columns(at=pl.col("begins_on").cast(pl.Datetime("us")) + pl.duration(seconds=86_399))
    versions = made.read("member_states").select("member_id", "since", "state").sort("since")
    return rows.sort("at").join_asof(versions, left_on="at", right_on="since", by="member_id", check_sortedness=False)


def test_fees_are_due_in_the_months_in_which_a_member_is_active(gym: Generated, tmp_path: Path) -> None:
    expected = all_periods(gym, tmp_path).filter(pl.col("state") == "Active").sort("member_id", "begins_on")
    found = gym.read("fees")
    assert found.select("member_id", "begins_on").equals(expected.select("member_id", "begins_on"))
    assert (found["number"] == found.select(pl.int_range(1, pl.len() + 1).over("member_id")).to_series()).all()


def test_the_latest_periods_are_counted_among_those_in_the_state(gym: Generated, tmp_path: Path) -> None:
    tables = [*gym_tables()[:6], fees("fees", during={"member_states": "Active"}, most=3)]
    found = generated(gym_model(tables=tables), tmp_path).read("fees")
    every = gym.read("fees")
    latest = every.filter(pl.col("number") > pl.col("number").max().over("member_id") - 3)
    assert found.select("member_id", "begins_on").equals(latest.select("member_id", "begins_on"))
    assert found["number"].max() == 3


# --- effects -------------------------------------------------------------------------------------------------------


def test_an_effect_touches_rows_in_the_state(tmp_path: Path) -> None:
    effect: dict[str, Any] = {
        "insight_id": "i",
        "table": "visits",
        "column": "minutes",
        "factor": 3,
        "during": {"through": "member_id", "history": "coaching", "states": "coached"},
    }
    made = generated(gym_model(effects=[effect]), tmp_path)
    rows = made.read("visits").sort("happened_at")
    versions = made.read("coaching").select("member_id", "since", "state").sort("since")
    rows = rows.join_asof(versions, left_on="happened_at", right_on="since", by="member_id", check_sortedness=False)
    medians = dict(rows.group_by(pl.col("state").eq_missing("coached")).agg(pl.col("minutes").median()).iter_rows())
    assert medians[True] == pytest.approx(180, rel=0.05)
    assert medians[False] == pytest.approx(60, rel=0.05)


def test_an_effect_touches_rows_by_their_own_state_and_in_its_window(tmp_path: Path) -> None:
    tables = gym_tables()
    tables[0]["columns"] += [
        column("asked_at", "DATETIME", {"kind": "after", "base": "joined_at", "unit": "days", "median": 300}, "time"),
        column("likes", "BOOL", {"kind": "flag", "rate": 0.1}),
    ]
    effect: dict[str, Any] = {
        "insight_id": "i",
        "table": "members",
        "column": "likes",
        "factor": 8,
        "time": "asked_at",
        "from_days_ago": 500,
        "during": {"history": "member_states", "states": ["Active", "Frozen"]},
    }
    made = generated(gym_model(40_000, tables=tables, effects=[effect]), tmp_path)
    rows = made.read("members").filter(pl.col("asked_at").is_not_null()).sort("asked_at")
    versions = made.read("member_states").select("member_id", "since", "state").sort("since")
    rows = rows.join_asof(versions, left_on="asked_at", right_on="since", by="member_id", check_sortedness=False)
    inside = pl.col("asked_at").dt.date() >= made.model.as_of - timedelta(days=500)
    touched = inside & pl.col("state").is_in(["Active", "Frozen"])
    assert rows.filter(touched)["likes"].mean() == pytest.approx(0.8, abs=0.05)
    assert rows.filter(~touched)["likes"].mean() == pytest.approx(0.1, abs=0.03)


# --- refused -------------------------------------------------------------------------------------------------------

THROUGH: dict[str, Any] = {"through": "member_id", "history": "coaching", "states": "coached"}
EFFECT: dict[str, Any] = {"insight_id": "i", "table": "visits", "column": "minutes", "factor": 2}

REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {"during": {"members": "Active"}},
        {},
        "visits.member_id.reference.during.members: 'members' is not a history of members.",
    ),
    ({"during": {"member_states": "Activ"}}, {}, "'Activ' is not a state of member_states. Did you mean 'Active'?"),
    ({}, {"during": {"fees": "Active"}}, "fees.rows.during.fees: 'fees' is not a history of members."),
    ({}, {"during": {"coaching": ["coached", "lost"]}}, "'lost' is not a state of coaching."),
]


@pytest.mark.parametrize(("settings", "population", "words"), REFUSED)
def test_an_impossible_state_is_refused(settings: dict[str, Any], population: dict[str, Any], words: str) -> None:
    tables = gym_tables()
    tables[3]["columns"][3]["generator"].update(settings)
    tables[6]["population"].update(population)
    found = [str(problem) for problem in generation_problems(gym_model(tables=tables))]
    assert any(words in problem for problem in found), found


def test_a_history_that_does_not_name_the_state_is_refused() -> None:
    tables = gym_tables()
    del tables[1]["columns"][2]
    found = [str(problem) for problem in generation_problems(gym_model(tables=tables))]
    assert any("does not say which row is in which state" in problem for problem in found)


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        ({"during": {**THROUGH, "through": "city"}}, "'city' is not a foreign key of visits."),
        ({"during": {**THROUGH, "through": None}}, "'coaching' is not a history of visits."),
        ({"during": {**THROUGH, "states": ["lost"]}}, "'lost' is not a state of coaching."),
        ({"during": THROUGH, "time": "city"}, "No column of visits says at which moment the state counts."),
        (
            {"during": THROUGH, "column": "happened_at"},
            "has arrivals, and an effect on these cannot depend on a state.",
        ),
    ],
)
def test_an_effect_in_an_impossible_state_is_refused(effect: dict[str, Any], words: str) -> None:
    found = [str(problem) for problem in generation_problems(gym_model(effects=[{**EFFECT, **effect}]))]
    assert any(words in problem for problem in found), found


def test_a_state_needs_a_moment() -> None:
    tables = gym_tables()
    tables[3]["columns"][3]["generator"]["at"] = None
    assert any(problem.place[-1] == "at" for problem in model_problems(gym_model(tables=tables)))


def test_a_correct_model_is_not_refused() -> None:
    assert model_problems(gym_model(effects=[{**EFFECT, "during": THROUGH}])) == []
