"""The planning assets and checks, run by Dagster."""

from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.demo_edits import Edit
from provisioning_assets.planning.assets import data_model, demo_blueprint, demo_plan
from provisioning_assets.planning.checks import (
    blueprint_fits_industry,
    blueprint_holds_together,
    data_model_is_valid,
    plan_is_complete,
)
from provisioning_assets.planning.models import DemoBlueprint, DemoPlan
from provisioning_assets.planning.plan_report import markdown_table
from provisioning_assets_tests.planning.conftest import facts, profile, request_for


def called(stage: Callable[..., object], *artefacts: object) -> Any:
    """An asset or a check called as plain Python."""
    return stage(*artefacts)


@pytest.fixture
def made() -> DemoBlueprint:
    return called(demo_blueprint, request_for(), profile()).value


@pytest.fixture
def plan(made: DemoBlueprint) -> DemoPlan:
    return called(demo_plan, made).value


@pytest.fixture
def model(made: DemoBlueprint) -> DataModel:
    return called(data_model, request_for(), made).value


def test_the_blueprint_is_shown_in_metadata_with_every_word_and_its_page():
    known = profile(product_categories=facts("Vitamins", "Baby", "Beauty", "Groceries", page="https://acme.com/shop"))
    metadata = called(demo_blueprint, request_for(), known).metadata
    assert "| categories | Vitamins | customer | https://acme.com/shop |" in metadata["words"].value
    assert "| hubs | Chicago | blueprint |" in metadata["words"].value
    assert "\ntables:\n  warehouses:" in metadata["as YAML"].value


def test_the_plan_is_shown_in_metadata(made: DemoBlueprint):
    result = called(demo_plan, made)
    assert isinstance(result.value, DemoPlan)
    assert result.metadata["questions"] == len(result.value.questions)
    assert "revenue_by_month" not in result.metadata["plan"].value
    assert "Scenes" in result.metadata["plan"].value


def test_the_model_is_shown_in_metadata(made: DemoBlueprint):
    result = called(data_model, request_for(), made)
    assert result.metadata["tables"] == len(result.value.tables)
    schema = result.metadata["schema"].value
    assert "| orders | 0.46 of the demo's size | order_id |" in schema
    assert "one row each month for each row of marketing_channels" in schema
    helpers = {name for table in made.blueprint.tables.values() for name in table.helpers}
    assert helpers
    assert not [name for name in helpers if f"| {name} |" in schema], "helpers are not stored, and not shown"


def test_customers_words_are_not_markup_in_metadata():
    shown = markdown_table(["a"], [["<img src=x> [l](javascript:1) | `c` **b**"]])
    assert "<img" not in shown
    assert shown.count("|") - shown.count("\\|") == 6
    known = profile(product_categories=facts("[a](javascript:alert(1))", "b", "c", "```\n# d"))
    result = called(demo_blueprint, request_for(), known)
    assert "[a](" not in called(demo_plan, result.value).metadata["plan"].value
    assert "[a](" not in result.metadata["words"].value


def test_the_blueprint_in_metadata_cannot_end_its_own_fence():
    edit = Edit(path="story", value="````\n# A heading\n```")
    yaml = called(demo_blueprint, request_for(edits=[edit]), profile()).metadata["as YAML"].value
    fence = yaml[: yaml.index("yaml")]
    assert len(fence) > 4
    assert yaml.count(fence) == 2
    assert yaml.endswith(fence)


def test_a_user_mistake_fails_with_what_to_do():
    with pytest.raises(dg.Failure) as failure:
        called(demo_blueprint, request_for(edits=[Edit(path="insights.late_trucks", value=None)]), profile())
    assert "insights.late_trucks" in (failure.value.description or "")
    assert "Change the edits" in (failure.value.description or "")


def test_checks_pass_on_a_good_plan(made: DemoBlueprint, plan: DemoPlan, model: DataModel):
    for result in (
        called(blueprint_holds_together, made),
        called(blueprint_fits_industry, made),
        called(plan_is_complete, plan),
        called(data_model_is_valid, model, plan),
    ):
        assert isinstance(result, dg.AssetCheckResult)
        assert result.passed
        assert result.metadata["errors"].value == []


def test_checks_name_what_is_wrong(made: DemoBlueprint, plan: DemoPlan, model: DataModel):
    plan.scenes.clear()
    assert "no scenes" in called(plan_is_complete, plan).metadata["errors"].value
    model.tables[0].columns[0].synonyms.clear()
    plan.questions[0] = plan.questions[0].model_copy(update={"sql": "SELECT 1 FROM nowhere"})
    result = called(data_model_is_valid, model, plan)
    assert not result.passed
    errors = result.metadata["errors"].value
    assert any("has no synonyms" in error for error in errors)
    assert any("'nowhere' is not a table" in error for error in errors)
    made.blueprint.slots["categories"].filled.clear()
    result = called(blueprint_holds_together, made)
    assert not result.passed
    assert any("slots.categories.filled: There are 0 words." in error for error in result.metadata["errors"].value)


def test_a_general_blueprint_for_another_industry_warns(made: DemoBlueprint):
    result = called(blueprint_fits_industry, made.model_copy(update={"industry": "nonprofit"}))
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.WARN
    assert "nonprofit has no blueprint yet" in result.metadata["errors"].value[0]
