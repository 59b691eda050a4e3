"""In the share of rows that a habit says, the value is the usual one of the row's owner; every other row is drawn as without it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.rules.model_rules import generation_problems
from provisioning_assets.quality.coherence import coherence
from provisioning_assets.synthesis import populations
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.gym_model import gym_model, gym_tables
from provisioning_assets_tests.synthesis.retail_model import column, reference, with_effect

SHARE = 0.8
USUAL = {
    "usual_city": ("STRING", {"kind": "category", "values": ["a", "b"], "weights": [1, 1]}),
    "usual_trainer": ("INT64", {"kind": "reference", "table": "trainers"}),
    "is_early": ("BOOL", {"kind": "flag", "rate": 0.5}),
    "usual_minutes": ("FLOAT64", {"kind": "number", "distribution": "lognormal", "a": 200, "b": 0.2}),
}
"""What members are used to: the name, type and generator of a column of theirs."""

DRAWN: dict[str, tuple[str, dict[str, Any], str]] = {
    "trainer_id": ("INT64", {"kind": "reference", "table": "trainers", "weight": "popularity"}, "usual_trainer"),
    "area": ("STRING", {"kind": "category", "values": ["a", "b", "c"], "weights": [1, 1, 8]}, "usual_city"),
    "early": ("BOOL", {"kind": "flag", "rate": 0.1}, "is_early"),
    "stay": ("FLOAT64", {"kind": "number", "distribution": "lognormal", "a": 60, "b": 0.3}, "usual_minutes"),
    "charge": ("FLOAT64", {"kind": "expression", "sql": "minutes * 2", "decimals": 2}, "usual_minutes"),
    "room": ("STRING", {"kind": "expression", "sql": "'hall'"}, "usual_city"),
}
"""What is drawn for a visit: type, generator, and the column of the member with what is usual."""

TRAINERS = {
    "name": "trainers",
    "description": "Trainers",
    "population": {
        "kind": "records",
        "rows": [{"trainer_id": number, "popularity": number, "city": "ab"[number % 2]} for number in range(1, 9)],
    },
    "primary_key": ["trainer_id"],
    "columns": [
        column("trainer_id", "INT64", {"kind": "record"}, "key"),
        column("popularity", "INT64", {"kind": "record"}, "measure"),
        column("city", "STRING", {"kind": "record"}),
    ],
}


def visits_model(
    *, usually: bool = True, share: Any = SHARE, effects: list[Any] | None = None, **changes: Any
) -> DataModel:
    """The gym with what members are used to; ``changes`` are settings of the drawn generators."""
    tables = [*gym_tables(), TRAINERS]
    members, visits = tables[0], next(table for table in tables if table["name"] == "visits")
    members["columns"] += [column(name, kind, generator) for name, (kind, generator) in USUAL.items()]
    for name, (kind, generator, usual) in DRAWN.items():
        through = {"kind": "lookup", "through": "member_id", "column": usual}
        visits["columns"].append(column(f"{name}_usual", kind, through, internal=False))
        habit = {"column": f"{name}_usual", "share": share} if usually else None
        visits["columns"].append(column(name, kind, {**generator, **changes.get(name, {})}, usually=habit))
    visits["foreign_keys"].append(reference("trainer_id", "trainers", "trainer_id"))
    return gym_model(tables=tables, effects=effects or [])


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    model = visits_model()
    assert generation_problems(model) == []
    return generated(model, tmp_path_factory.mktemp("visits")).read("visits")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The same visits without any habit."""
    return generated(visits_model(usually=False), tmp_path_factory.mktemp("drawn")).read("visits")


@pytest.mark.parametrize("name", DRAWN)
def test_a_row_has_the_usual_value_or_the_one_that_is_drawn_without_a_habit(
    visits: pl.DataFrame, drawn: pl.DataFrame, name: str
) -> None:
    usual = visits[name].eq_missing(visits[f"{name}_usual"])
    assert (usual | visits[name].eq_missing(drawn[name])).all()
    already = drawn[name].eq_missing(drawn[f"{name}_usual"])
    followed = usual.filter(~already)  # rows that would not have the usual value by chance
    bound = 4.5 * (SHARE * (1 - SHARE) / len(followed)) ** 0.5
    assert float(followed.mean() or 0) == pytest.approx(SHARE, abs=bound)  # pyright: ignore[reportArgumentType]


def test_a_share_goes_by_cases(tmp_path: Path) -> None:
    share = {"by": "city", "cases": {"a": 1.0}, "otherwise": 0.0}
    made = generated(visits_model(share=share), tmp_path / "cases").read("visits")
    without = generated(visits_model(usually=False), tmp_path / "none").read("visits")
    in_a, elsewhere = (made["city"] == "a"), (made["city"] != "a")
    assert (made["area"] == made["area_usual"]).filter(in_a).all()
    assert (made["area"] == without["area"]).filter(elsewhere).all()


def test_without_a_usual_value_it_is_drawn(tmp_path: Path) -> None:
    model = visits_model(share=1)
    for table in model.tables:
        for found in table.columns:
            if found.name in ("usual_trainer", "usual_city"):
                found.null_share = 0.5
    made = generated(model, tmp_path).read("visits")
    for name in ("trainer_id", "area"):
        none = made[f"{name}_usual"].is_null()
        assert none.any()
        assert made[name].null_count() == 0
        assert (made[name] == made[f"{name}_usual"]).filter(~none).all()


def test_a_usual_row_that_does_not_match_is_not_chosen(tmp_path: Path) -> None:
    model = visits_model(share=1, trainer_id={"match": {"city": "city"}})
    found = generated(model, tmp_path)
    joined = found.read("visits").join(found.read("trainers").rename({"city": "works_in"}), on="trainer_id")
    assert (joined["works_in"] == joined["city"]).all()
    works_in = dict(found.read("trainers").select("trainer_id", "city").iter_rows())
    could = joined.filter(pl.col("trainer_id_usual").replace_strict(works_in, return_dtype=pl.String) == pl.col("city"))
    assert 0 < len(could) < len(joined)
    assert (could["trainer_id"] == could["trainer_id_usual"]).all()


WINDOW = {"from_days_ago": 200, "to_days_ago": 50, "time": "happened_at"}


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("trainer_id", {"factor": 5, "value_column": "city", "value": "a"}),
        ("area", {"factor": 4, "value": "a"}),
        ("early", {"operation": "set", "factor": 0.7}),
        ("stay", {"factor": 2}),
    ],
)
def test_rows_that_an_effect_changes_are_as_without_the_habit(
    tmp_path: Path, name: str, effect: dict[str, Any]
) -> None:
    """So an effect is as strong as without a habit; every other row keeps to it."""
    effects = with_effect(table="visits", column=name, **WINDOW, **effect)
    found = generated(visits_model(effects=effects), tmp_path / "habit")
    without = generated(visits_model(usually=False, effects=effects), tmp_path / "drawn").read("visits")
    made = found.read("visits")
    age = (pl.lit(found.model.as_of) - pl.col("happened_at").dt.date()).dt.total_days()
    inside = made.select(age.is_between(50, 200)).to_series()
    assert inside.any()
    assert made[name].filter(inside).equals(without[name].filter(inside))
    usual = (made[name] == made[f"{name}_usual"]).filter(~inside)
    assert float(usual.mean() or 0) >= SHARE - 0.03  # pyright: ignore[reportArgumentType]


def regulars(share: float = 1.0, **settings: Any) -> DataModel:
    """The gym, where groups of a desk are called: the members that a group usually calls, each in the right state."""
    tables = gym_tables()
    calls = next(table for table in tables if table["name"] == "lessons")
    desk = {
        "name": "desks",
        "description": "Desks with the member that each usually teaches",
        "population": {"kind": "scaled", "share": 0.05},
        "primary_key": ["desk_id"],
        "columns": [
            column("desk_id", "INT64", {"kind": "sequence"}, "key"),
            column("member_id", "INT64", {"kind": "reference", "table": "members"}, "key"),
        ],
    }
    calls["columns"] = [
        *calls["columns"][:2],
        column("desk_id", "INT64", {"kind": "reference", "table": "desks"}, "key"),
        column("usual_id", "INT64", {"kind": "lookup", "through": "desk_id", "column": "member_id"}, "key"),
        *calls["columns"][2:],
    ]
    member = next(found for found in calls["columns"] if found["name"] == "member_id")
    member["usually"] = {"column": "usual_id", "share": share}
    member["generator"] |= settings
    return gym_model(tables=[*tables, desk])


def test_a_usual_row_is_chosen_exactly_while_it_can_be(tmp_path: Path) -> None:
    """Between its first and last moment, and in the states that are required."""
    model = regulars()
    assert generation_problems(model) == []
    found = generated(model, tmp_path)
    assert [rule for rule in coherence(model, found.tables, found.folder) if rule.violations] == []
    lessons = found.read("lessons").join(
        found.read("members").select(usual_id="member_id", joined="joined_at", moved="moved_at"), on="usual_id"
    )
    able = (pl.col("joined") <= pl.col("happened_at")) & (
        pl.col("moved").is_null() | (pl.col("moved") > pl.col("happened_at"))
    )
    for history, states in (("member_states", ["Active", "Trial"]), ("coaching", ["coached"])):
        versions = found.read(history).select(usual_id="member_id", since="since", state="state").sort("since")
        lessons = lessons.sort("happened_at").join_asof(
            versions, left_on="happened_at", right_on="since", by="usual_id", check_sortedness=False, suffix=history
        )
        lessons = lessons.rename({"state": f"state_{history}"}).drop("since")
        able &= pl.col(f"state_{history}").is_in(states).fill_null(False)
    lessons = lessons.with_columns(able=able)
    assert 0.02 < float(lessons["able"].mean() or 0) < 0.98  # pyright: ignore[reportArgumentType]
    chosen = lessons.filter("able")
    assert (chosen["member_id"] == chosen["usual_id"]).all()


def test_two_rows_of_one_parent_never_choose_the_same_by_habit(tmp_path: Path) -> None:
    tables = [*gym_tables(), TRAINERS]
    tables[0]["columns"].append(column("usual_trainer", "INT64", {"kind": "reference", "table": "trainers"}, "key"))
    session = {
        "name": "sessions",
        "description": "Sessions of a member, each with another trainer",
        "population": {"kind": "per_parent", "parent": "members", "count": {"first": 3, "weights": [1, 1, 1]}},
        "primary_key": ["session_id"],
        "columns": [
            column("session_id", "INT64", {"kind": "sequence"}, "key"),
            column("member_id", "INT64", {"kind": "parent_key"}, "key"),
            column("usual_id", "INT64", {"kind": "lookup", "through": "member_id", "column": "usual_trainer"}, "key"),
            column(
                "trainer_id",
                "INT64",
                {"kind": "reference", "table": "trainers", "weight": "popularity", "distinct_in_parent": True},
                "key",
                usually={"column": "usual_id", "share": 0.6},
            ),
        ],
    }
    found = generated(gym_model(tables=[*tables, session]), tmp_path)
    sessions = found.read("sessions")
    assert not sessions.select("member_id", "trainer_id").is_duplicated().any()
    has_usual = (
        sessions.with_columns(usual=pl.col("trainer_id") == pl.col("usual_id"))
        .group_by("member_id")
        .agg(pl.col("usual").any(), rows=pl.len())
    )
    wanted = (1 - 0.4 ** has_usual["rows"]).mean()  # at least one of the rows follows the habit
    assert float(has_usual["usual"].mean() or 0) >= float(wanted or 0) - 0.05  # pyright: ignore[reportArgumentType]


def test_blocks_and_workers_make_no_difference(tmp_path: Path) -> None:
    for number, model in enumerate((visits_model(), regulars(0.7))):
        with patch.object(populations, "BLOCK_ROWS", 300), ThreadPoolExecutor(2) as executor:
            one = synthesise(model, tmp_path / f"one {number}")
            two = synthesise(model, tmp_path / f"two {number}", workers=executor)
        assert len(one.tables[3].files) > 3
        assert [table.files for table in one.tables] == [table.files for table in two.tables]
        many = Generated(model, one, tmp_path / f"one {number}")
        assert [rule for rule in coherence(model, many.tables, many.folder) if rule.violations] == []


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (
            {"column": "nothing", "share": 0.5},
            ("area", "usually", "column"),
            "'nothing' is not another column of visits.",
        ),
        (
            {"column": "early_usual", "share": 0.5},
            ("area", "usually", "column"),
            "early_usual is BOOL, but area is STRING.",
        ),
        (
            {"column": "stay_usual", "share": 0.5},
            ("trainer_id", "usually", "column"),
            "stay_usual is no key of another table, but trainer_id refers to trainers.",
        ),
        (
            {"column": "area_usual", "share": {"by": "city", "cases": {"a": 1.5}, "otherwise": 0}},
            ("area", "usually", "share", "a"),
            "The share is 1.5 for 'a'.",
        ),
        (
            {"column": "area_usual", "share": {"by": "city", "cases": {"z": 0.5}, "otherwise": 0}},
            ("area", "usually", "share", "z"),
            "'z' is never a value of visits.city.",
        ),
        ({"column": "area_usual", "share": 0.5}, ("happened_at", "usually"), "follow no habit"),
    ],
)
def test_a_habit_that_cannot_be_kept_is_refused(change: dict[str, Any], place: tuple[str, ...], words: str) -> None:
    model = visits_model(usually=False).model_dump(mode="json")
    visits = next(table for table in model["tables"] if table["name"] == "visits")
    found = next(found for found in visits["columns"] if found["name"] == place[0])
    found["usually"] = change
    problems = generation_problems(DataModel.model_validate(model))
    assert any(
        problem.place == ("tables", "visits", "columns", *place) and words in problem.message for problem in problems
    ), problems
