"""One table whose rows come from several sources: check-ins of visits, and of bookings that were attended."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.data_model.rules.sources import source_problems
from provisioning_assets.data_model.sources import by_source, whole_table
from provisioning_assets.quality.as_it_stood import as_it_stood, observable
from provisioning_assets.quality.coherence import coherence, recent_days, rules
from provisioning_assets.quality.realism import realism
from provisioning_assets.synthesis import populations
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.preview import preview
from provisioning_assets.synthesis.row_counts import file_errors, row_errors
from provisioning_assets_tests.quality.second_opinion import validity
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.gym_model import events, gym_model, gym_tables
from provisioning_assets_tests.synthesis.retail_model import column, reference

NOTHING: dict[str, Any] = {"kind": "expression", "sql": "null"}


def check_ins() -> dict[str, Any]:
    """The table as plain data: source 0 is visits, source 1 the attended bookings."""
    table = events("check_ins", 1, {"member_states": "Active"})
    table["population"] = {
        "kind": "several",
        "sources": [
            {"kind": "scaled", "share": 0.6},
            {"kind": "per_parent", "parent": "bookings", "where": "attended"},
        ],
    }
    table["foreign_keys"].append(reference("booking_id", "bookings", "event_id"))
    key, time, city, member, minutes = table["columns"]
    key["generator"] = {"kind": "sequence", "start": 1001}
    time["source_generators"] = {1: {"kind": "lookup", "through": "booking_id", "column": "happened_at"}}
    member["source_generators"] = {1: {"kind": "lookup", "through": "booking_id", "column": "member_id"}}
    booking = column("booking_id", "INT64", {"kind": "parent_key"}, "key", source_generators={0: NOTHING})
    left = column(
        "left_at", "DATETIME", {"kind": "after", "base": "happened_at", "unit": "minutes", "median": 60}, "time"
    )
    table["columns"] = [key, booking, time, city, member, minutes, left]
    return table


def tables() -> list[dict[str, Any]]:
    bookings = events("bookings", 0.5, {"member_states": "Active"})
    bookings["columns"].append(column("attended", "BOOL", {"kind": "flag", "rate": 0.8}))
    return [*gym_tables()[:2], bookings, check_ins()]


def model(fact_rows: int = 5_000, **changes: Any) -> DataModel:
    return gym_model(fact_rows, **{"tables": tables(), **changes})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return generated(model(), tmp_path_factory.mktemp("sources"))


def test_the_rows_of_all_sources_are_in_one_table(made: Generated) -> None:
    assert [table.name for table in made.tables.tables] == ["members", "member_states", "bookings", "check_ins"]
    rows, bookings = made.read("check_ins"), made.read("bookings")
    visits, attended = rows.filter(pl.col("booking_id").is_null()), rows.filter(pl.col("booking_id").is_not_null())
    assert len(visits) == 3_000
    assert sorted(attended["booking_id"]) == sorted(bookings.filter("attended")["event_id"])
    joined = attended.join(bookings, left_on="booking_id", right_on="event_id", suffix="_booked")
    assert (joined["happened_at"] == joined["happened_at_booked"]).all()
    assert (joined["member_id"] == joined["member_id_booked"]).all()


def test_keys_are_unique_and_each_source_keeps_its_turn(made: Generated) -> None:
    rows = made.read("check_ins")
    assert not rows["event_id"].is_duplicated().any()
    assert set(rows.filter(pl.col("booking_id").is_null())["event_id"] % 2) == {1}
    assert set(rows.filter(pl.col("booking_id").is_not_null())["event_id"] % 2) == {0}


def test_every_law_holds_in_every_source(made: Generated) -> None:
    results = coherence(made.model, made.tables, made.folder)
    assert [result for result in results if result.violations] == []
    own = {(result.kind, result.rule) for result in results if result.table == "check_ins"}
    assert {
        ("key_unique", "no key of check_ins is repeated or missing"),
        ("ids_grow_with_time", "event_id of check_ins (source 0) grows with happened_at"),
        ("has_required_children", "every row of bookings has check_ins (source 1) if attended"),
        ("in_state", "each member_id of check_ins (source 0) is Active in member_states at happened_at"),
        ("in_order", "check_ins (source 1): left_at is not before happened_at"),
    } <= own
    assert all(whole_table(result.table)[1] is None for result in results)
    assert [result for result in recent_days(made.model, made.tables, made.folder) if result.violations] == []


def test_a_broken_law_of_one_source_and_a_key_that_two_share_are_counted(made: Generated, tmp_path: Path) -> None:
    twice = generated(made.model, tmp_path)
    for file in twice.tables.tables[3].files:
        frame = pl.read_parquet(tmp_path / file.path)
        if file.source == 0:
            frame = frame.with_columns(event_id=pl.col("event_id") + 1)
        frame.with_columns(left_at=pl.col("happened_at") - pl.duration(hours=1)).write_parquet(tmp_path / file.path)
    broken = {
        (result.kind, result.rule) for result in coherence(made.model, twice.tables, tmp_path) if result.violations
    }
    assert ("key_unique", "no key of check_ins is repeated or missing") in broken
    assert ("in_order", "check_ins (source 0): left_at is not before happened_at") in broken
    assert ("in_order", "check_ins (source 1): left_at is not before happened_at") in broken


def test_everything_else_sees_one_table(made: Generated) -> None:
    assert file_errors(made.model, made.tables, made.folder) == []
    assert row_errors(made.model, made.tables) == []
    assert all(score.score == 1 for score in validity(made.model, made.tables, made.folder))
    assert {result.table for result in realism(made.model, made.tables, made.folder)} >= {"bookings", "check_ins"}
    seen = preview(made.model, "a test", rows=2, sample=500).tables[3]
    assert seen.name == "check_ins"
    assert seen.expected_rows == pytest.approx(len(made.read("check_ins")), rel=0.1)


def test_blocks_workers_and_a_continued_run_make_no_difference(tmp_path: Path) -> None:
    with patch.object(populations, "BLOCK_ROWS", 500), ThreadPoolExecutor(2) as executor:
        one = synthesise(model(), tmp_path / "one")
        two = synthesise(model(), tmp_path / "two", workers=executor)
    assert one.tables == two.tables
    sources = {file.source for file in one.tables[3].files}
    assert sources == {0, 1}
    rows = Generated(model(), one, tmp_path / "one").read("check_ins")
    assert not rows["event_id"].is_duplicated().any()
    assert len(rows) == one.tables[3].rows
    found = coherence(model(), one, tmp_path / "one")
    assert [result for result in found if result.violations] == []


def test_more_rows_leave_the_keys_of_the_earlier_ones(made: Generated, tmp_path: Path) -> None:
    larger = generated(model(10_000), tmp_path).read("check_ins")
    for source in (pl.col("booking_id").is_null(), pl.col("booking_id").is_not_null()):
        few, many = made.read("check_ins").filter(source)["event_id"], larger.filter(source)["event_id"]
        common = min(len(few), len(many), 1_000)
        assert many.head(common).equals(few.head(common))


def test_another_source_leaves_the_rows_of_the_others_alone(made: Generated, tmp_path: Path) -> None:
    changed = tables()
    changed[3]["population"]["sources"][1]["where"] = "not attended"
    other = generated(model(tables=changed), tmp_path).read("check_ins")
    visits = pl.col("booking_id").is_null()
    assert other.filter(visits).equals(made.read("check_ins").filter(visits))


def test_an_effect_changes_the_sources_that_have_the_generator_it_changes(tmp_path: Path) -> None:
    longer = {"insight_id": "i", "table": "check_ins", "column": "minutes", "factor": 3}
    denser = {"insight_id": "j", "table": "check_ins", "column": "happened_at", "factor": 4, "from_days_ago": 60}
    assert model_problems(model(effects=[longer, denser])) == []
    found = generated(model(effects=[longer, denser]), tmp_path)
    rows = found.read("check_ins")
    visits = pl.col("booking_id").is_null()
    recent = pl.col("happened_at").dt.date() >= found.model.as_of - timedelta(days=60)
    for source in (visits, ~visits):
        assert rows.filter(source)["minutes"].median() == pytest.approx(180, rel=0.05)
    shares = [rows.filter(source).select(recent.mean()).item() for source in (visits, ~visits)]
    assert shares[0] > 2.5 * shares[1]


def test_what_stood_on_an_earlier_day_is_of_both_sources(tmp_path: Path) -> None:
    whole = observable(model())
    made = synthesise(whole, tmp_path)
    day = whole.as_of - timedelta(days=100)
    with as_it_stood(whole, made, tmp_path) as engine:
        engine.set_day(day)
        then = engine.connection.sql('SELECT * FROM "check_ins"').pl()
        assert engine.first_period("check_ins") is None
    every = pl.read_parquet(tmp_path / "tables" / "check_ins" / "*.parquet")
    assert len(then) == (every["happened_at"].cast(pl.Date) <= day).sum()
    assert 0 < then["booking_id"].null_count() < len(then)
    assert then["left_at"].cast(pl.Date).max() <= day  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]


# --- parts and refusals --------------------------------------------------------------------------------------------


def test_a_model_without_such_tables_is_left_as_it_is() -> None:
    plain = gym_model()
    assert by_source(plain) is plain
    assert rules(plain)


def test_the_parts_are_tables_of_one_source() -> None:
    lineage = Lineage(by_source(model()))
    assert list(lineage.families) == ["members", "bookings", "check_ins~0"]
    assert lineage.families["bookings"] == ["bookings", "check_ins~1"]
    assert whole_table("check_ins~1") == ("check_ins", 1)
    assert whole_table("check_ins") == ("check_ins", None)


def refused(change: Any) -> list[str]:
    changed = tables()
    change({table["name"]: table for table in changed})
    return [str(problem) for problem in source_problems(model(tables=changed))]


def refer(found: dict[str, dict[str, Any]]) -> None:
    found["bookings"]["foreign_keys"].append(reference("check_in_id", "check_ins", "event_id"))
    found["bookings"]["columns"].append(column("check_in_id", "INT64", {"kind": "reference", "table": "check_ins"}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda found: found["check_ins"]["columns"][4]["source_generators"].update({2: NOTHING}), "has no source 2"),
        (
            lambda found: found["bookings"]["columns"][1].update(source_generators={0: NOTHING}),
            "bookings.happened_at.source_generators.0: bookings has no source 0. Only a table with several",
        ),
        (lambda found: found["check_ins"].update(primary_key=["happened_at"]), "give two rows the same key"),
        (lambda found: found["check_ins"]["columns"][0].update(source_generators={0: NOTHING}), "the same key"),
        (
            lambda found: found["check_ins"]["population"]["sources"].append(
                {"kind": "per_parent", "parent": "bookings",
                 "history": {"kind": "milestones", "moments": {"a": "happened_at"}}}
            ),
            "check_ins.rows.sources.2.history: The states of a parent cannot be one of several sources of rows.",
        ),
        (refer, "bookings.check_in_id: It refers to check_ins, which has several sources."),
        (refer, "bookings.foreign_keys: It has a foreign key to check_ins"),
        (
            lambda found: found["bookings"].update(population={"kind": "per_parent", "parent": "check_ins"}),
            "bookings.rows.parent: Its parent check_ins has several sources.",
        ),
    ],
)  # fmt: skip
def test_impossible_sources_are_refused(change: Any, words: str) -> None:
    found = refused(change)
    assert any(words in problem for problem in found), found


def test_a_problem_of_one_source_is_one_of_the_table() -> None:
    changed = tables()
    changed[3]["population"]["sources"][1]["where"] = "arrived"
    [problem] = model_problems(model(tables=changed))
    assert problem.place == ("tables", "check_ins", "rows", "where")


def test_a_preview_promises_the_rows_of_sources_that_grow_differently(tmp_path: Path) -> None:
    given = tables()
    given[2]["population"] |= {"share": 0.1, "minimum": 3_000}
    large = model(20_000, tables=given)
    promised = preview(large, "gym", rows=1).tables[3].expected_rows
    assert promised == pytest.approx(generated(large, tmp_path).tables.tables[3].rows, rel=0.1)
