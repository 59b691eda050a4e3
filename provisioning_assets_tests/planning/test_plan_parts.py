"""The parts of a plan: how an answer changes the blueprint, what stands or falls together, and the schema of answers."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.blueprint_sources import blueprint_ids
from provisioning_assets.planning.demo_blueprint import blueprint_for
from provisioning_assets.planning.models import PartName
from provisioning_assets.planning.plan_parts import PARTS, STEPS, answer_schema, replaced_with, with_answer
from provisioning_assets_tests.planning.conftest import request_for
from provisioning_assets_tests.planning.planner_answers import garden_shop, good_answers


@pytest.fixture
def document(example: Blueprint) -> dict[str, Any]:
    return example.model_dump(mode="json")


def test_an_empty_answer_keeps_everything_and_the_document_given_is_not_changed(document: dict[str, Any]) -> None:
    before = json.dumps(document)
    for part in PARTS.values():
        assert with_answer(document, part, {}) == (document, [])
    with_answer(document, PARTS["tables"], {"tables": {"riders": {"description": "People."}, "repairs": None}})
    assert json.dumps(document) == before


def test_fields_columns_and_entries_change_one_by_one(document: dict[str, Any]) -> None:
    answer = {
        "tables": {
            "riders": {
                "description": "People.",
                "columns": {
                    "plan": {"category": ["Day", "Year"], "description": "Plan", "synonyms": ["tariff"]},
                    "rider_name": None,
                },
            },
            "rentals": {"realism": None},
            "repairs": None,
            "docks": {"description": "Docks."},
        },
        "rules": {"law": {"says": "Never", "sql": "SELECT 1"}},
        "relations": {"large_stations_are_busier": {"between": [1, 2]}, "breakdowns_are_reported_soon": None},
        "functions": {"f(a)": "a + 1"},
    }
    changed, problems = with_answer(document, PARTS["tables"], answer)
    assert problems == []
    riders = changed["tables"]["riders"]
    assert riders["description"] == "People."
    assert riders["rows"] == document["tables"]["riders"]["rows"]
    assert list(riders["columns"]) == ["rider_id", "registered_at", "plan"]
    assert riders["columns"]["plan"]["category"] == ["Day", "Year"]
    assert "realism" not in changed["tables"]["rentals"]
    assert "repairs" not in changed["tables"]
    assert changed["tables"]["docks"] == {"description": "Docks."}
    assert changed["rules"]["law"]["says"] == "Never"
    assert list(changed["relations"]) == ["large_stations_are_busier"]
    assert changed["relations"]["large_stations_are_busier"]["between"] == [1, 2]
    assert changed["relations"]["large_stations_are_busier"]["source"] == "experience"
    assert changed["functions"] == {"f(a)": "a + 1"}


def test_a_column_whose_texts_alone_are_given_is_generated_as_before(document: dict[str, Any]) -> None:
    texts = {"description": "Tarif der Person", "synonyms": ["Tarif"]}
    before = document["tables"]["riders"]["columns"]
    answer = {"tables": {"riders": {"columns": {"plan": texts, "rider_id": {"key": 5}, "new": texts}}}}
    changed, problems = with_answer(document, PARTS["tables"], answer)
    assert problems == []
    after = changed["tables"]["riders"]["columns"]
    assert after["plan"] == {**before["plan"], **texts}
    assert after["rider_id"] == {"key": 5}
    assert after["new"] == texts


def test_a_correction_is_made_on_top_of_what_was_handed_in_before(document: dict[str, Any]) -> None:
    first, _ = with_answer(
        document, PARTS["questions"], {"questions": {"revenue_by_plan": {"business_value": "First."}}}
    )
    second, _ = with_answer(first, PARTS["questions"], {"questions": {"revenue_by_plan": {"question": "What now?"}}})
    assert second["questions"]["revenue_by_plan"]["business_value"] == "First."
    assert second["questions"]["revenue_by_plan"]["question"] == "What now?"


@pytest.mark.parametrize(
    ("part", "answer", "place"),
    [
        ("tables", {"tables": "DROP TABLE riders"}, ("tables",)),
        ("tables", {"tables": {"riders": [1]}}, ("tables", "riders")),
        ("tables", {"tables": {"riders": {"columns": 3}}}, ("tables", "riders", "columns")),
        ("tables", {"tables": {"riders": {"columns": {"nowhere": None}}}}, ("tables", "riders", "columns", "nowhere")),
        ("tables", {"tables": {"nowhere": None}}, ("tables", "nowhere")),
        ("tables", {"questions": {}}, ("questions",)),
        ("tables", {"../../etc/passwd": 1}, ("../../etc/passwd",)),
        ("story", {"agent": {"persona": "a pirate"}}, ("agent",)),
        ("scenes", {"agent": {"persona": "a pirate"}}, ("agent", "persona")),
        ("scenes", {"agent": "a pirate"}, ("agent",)),
    ],
)
def test_what_cannot_be_made_is_said_with_its_place(
    document: dict[str, Any], part: PartName, answer: dict[str, Any], place: tuple[str, ...]
) -> None:
    changed, problems = with_answer(document, PARTS[part], answer)
    assert [problem.place for problem in problems] == [place]
    assert problems[0].remedy
    assert changed["agent"]["persona"] == document["agent"]["persona"]


@pytest.mark.parametrize(
    ("failed", "by_claude", "replaced"),
    [
        ("tables", (), {"tables"}),
        ("insights", ("tables",), {"tables", "insights"}),
        ("insights", (), {"insights"}),
        ("questions", ("tables", "insights", "story"), {"tables", "insights", "questions", "story"}),
        ("story", ("questions",), {"story"}),
        ("story", ("tables", "questions"), {"story", "tables", "questions"}),
        ("scenes", ("story",), {"scenes"}),
        ("scenes", ("questions", "story"), {"scenes", "questions"}),
        (
            "scenes",
            ("tables", "insights", "questions", "story"),
            {"tables", "insights", "questions", "story", "scenes"},
        ),
    ],
)
def test_parts_that_refer_to_each_other_are_replaced_together(
    failed: PartName, by_claude: tuple[PartName, ...], replaced: set[str]
) -> None:
    assert replaced_with(failed, {*by_claude}) == replaced


def test_each_part_is_asked_for_after_those_it_rests_on() -> None:
    done: set[str] = set()
    for step in STEPS:
        assert all(done.issuperset(PARTS[name].rests_on) for name in step)
        done.update(step)
    assert done == set(PARTS)


def test_the_schema_accepts_the_blueprints_own_parts_and_changes_of_them() -> None:
    schema = answer_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for industry in blueprint_ids():
        written = load_blueprint(industry).model_dump(mode="json")
        whole = {key: written[key] for key in schema["properties"] if key in written}
        whole["agent"].pop("persona")
        assert [error.message for error in validator.iter_errors(whole)] == []
    prior = blueprint_for(garden_shop(), request_for()).blueprint.model_dump(mode="json")
    for part, answer in good_answers(prior).items():
        assert [f"{part}: {error.message}" for error in validator.iter_errors(answer)] == []
    assert validator.is_valid({"tables": {"riders": None, "bikes": {"columns": {"model": None}, "realism": None}}})
    assert not validator.is_valid({"agent": {"persona": "a pirate"}})
    assert not validator.is_valid({"id": "other"})
