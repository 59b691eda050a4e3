"""The JSON schema of a blueprint, for editors and language models."""

from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.blueprint_files import BLUEPRINTS, blueprint_ids, read_yaml
from provisioning_assets.planning.blueprint_schema import blueprint_schema

SCHEMA = blueprint_schema()


def document_of(blueprint_id: str) -> dict[str, Any]:
    text = (BLUEPRINTS / f"{blueprint_id}.yaml").read_text(encoding="utf-8")
    return read_yaml(text, f"{blueprint_id}.yaml")[0]


def problems(document: Any) -> list[str]:
    found = Draft202012Validator(SCHEMA).iter_errors(document)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message:.200}" for error in found]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("blueprint_id", blueprint_ids())
def test_every_blueprint_is_valid(blueprint_id: str) -> None:
    assert problems(document_of(blueprint_id)) == []


def test_what_is_written_back_is_valid() -> None:
    blueprint = Blueprint.model_validate(document_of("telecom"))
    assert problems(blueprint.model_dump(mode="json")) == []


PARTS: dict[str, dict[str, Any]] = {"Blueprint": SCHEMA, **SCHEMA["$defs"]}


@pytest.mark.parametrize(("name", "part"), PARTS.items(), ids=PARTS)
def test_every_part_and_field_says_what_it_is(name: str, part: dict[str, Any]) -> None:
    assert part["title"]
    assert "Blueprint" not in part["title"] or name == "Blueprint"
    assert part["description"]
    assert [field for field, schema in part.get("properties", {}).items() if not schema.get("description")] == []
    assert "``" not in str(part)


def column(**written: object) -> dict[str, Any]:
    """The path to a column of the first table, and its settings."""
    return {"at": ["tables", None, "columns", "tried"], "write": {"description": "Tried", **written}}


@pytest.mark.parametrize(
    "written",
    [
        column(flag=0.05),
        column(flag={"by": "segment", "Small business": 0.13, "otherwise": 0.05}),
        column(category={"Annual": 54, "Monthly": 46}),
        column(category=["a", "b"]),
        column(category="$segments"),
        column(category={"by": "segment", "Small business": {"Annual": 54, "Monthly": 46}, "otherwise": {"Annual": 1}}),
        column(category={"$segments": [36, 24, 18]}),
        column(reference="customers"),
        column(reference={"table": "customers", "skew": 1.2, "match": {"region": "region"}}),
        column(rollup="sum(order_items.line_total)"),
        column(arrival=True),
        column(arrival={"hours": "office", "weekdays": [1, 1, 1, 1, 1, 0, 0]}),
        column(**{"from": "account_id.opportunity_id.plan_id"}),
    ],
    ids=str,
)
def test_short_and_long_forms_are_both_in_it(written: dict[str, Any]) -> None:
    assert problems(_with(**written)) == []


@pytest.mark.parametrize(
    ("written", "named"),
    [
        (column(categry={"a": 1}), "categry"),
        (column(category={"a": "often"}), "category"),
        (column(category={"by": "segment", "Small business": 3}), "category"),
        (column(flag="seldom"), "flag"),
        (column(flag={"Small business": 0.13}), "flag"),
        (column(lognormal={"sigma": 0.5}), "lognormal"),
        (column(reference={"tabel": "customers"}), "reference"),
        (column(reference="Customers"), "reference"),
        (column(type="MONEY"), "type"),
        (column(parent=False), "parent"),
        (column(after={"base": "ordered_at", "median": 3, "unit": "weeks"}), "unit"),
        (column(arrival={"weekdays": [1, 2, 3]}), "arrival"),
        ({"at": ["tables", "Not A Name"], "write": document_of("saas")["tables"]["plans"]}, "Not A Name"),
        ({"at": ["tables", None, "rows"], "write": {"period": "month", "parent": "orders"}}, "rows"),
        ({"at": ["history_days"], "write": 365}, "history_days"),
        ({"at": ["kpis"], "write": []}, "kpis"),
        ({"at": ["insights", None, "tolerance"], "write": 0}, "tolerance"),
        ({"at": ["questions", None, "complexity"], "write": "hard"}, "complexity"),
        ({"at": ["titel"], "write": "A title"}, "titel"),
    ],
    ids=str,
)
def test_typical_mistakes_are_found_where_they_are(written: dict[str, Any], named: str) -> None:
    found = problems(_with(**written))
    assert len(found) == 1
    assert named in found[0]


@pytest.mark.parametrize("section", [name for name, field in Blueprint.model_fields.items() if field.is_required()])
def test_a_section_that_is_missing_is_named(section: str) -> None:
    document = document_of("saas")
    del document[section]
    assert problems(document) == [f": '{section}' is a required property"]


def _with(at: list[str | None], write: object) -> dict[str, Any]:
    """A valid blueprint with one value written at a place; None in the place is the first key."""
    document = deepcopy(document_of("retail_ecommerce"))
    place: Any = document
    for part in at[:-1]:
        place = place[part if part is not None else next(iter(place))]
    place[at[-1]] = write
    return document
