"""The planning room as Dagster sees it."""

from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.planning.assets import data_model, demo_plan
from provisioning_assets.planning.checks import blueprint_fits_industry, data_model_is_valid, plan_is_complete
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.planning.plan_report import markdown_table
from provisioning_assets_tests.planning.conftest import facts, profile, request_for


def called(stage: Callable[..., object], *artefacts: object) -> Any:
    """An asset or a check called as plain Python."""
    return stage(*artefacts)


@pytest.fixture
def plan() -> DemoPlan:
    return called(demo_plan, request_for(), profile()).value


@pytest.fixture
def model(plan: DemoPlan) -> DataModel:
    return called(data_model, request_for(), profile(), plan).value


def test_the_plan_is_told_in_metadata():
    result = called(demo_plan, request_for(), profile(company_name="Joe <b>'s</b>|x"))
    assert isinstance(result.value, DemoPlan)
    assert result.metadata["questions"] == len(result.value.questions)
    assert "revenue_by_month" not in result.metadata["plan"].value
    assert "Scenes" in result.metadata["plan"].value
    assert "| categories | blueprint |" in result.metadata["vocabulary"].value


def test_the_model_is_told_in_metadata(plan: DemoPlan):
    result = called(data_model, request_for(), profile(), plan)
    assert result.metadata["tables"] == len(result.value.tables)
    schema = result.metadata["schema"].value
    assert "| orders | 0.46 of the size | order_id |" in schema
    assert "one a month for each of marketing_channels" in schema
    assert "return_wanted" not in schema, "internal columns are not shown"


def test_customers_words_are_no_markup_in_metadata():
    told = markdown_table(["a"], [["<img src=x> [l](javascript:1) | `c` **b**"]])
    assert "<img" not in told
    assert told.count("|") - told.count("\\|") == 6
    known = profile(product_categories=facts("[a](javascript:alert(1))", "b", "c", "d"))
    assert "[a](" not in called(demo_plan, request_for(), known).metadata["plan"].value


def test_a_user_mistake_fails_with_what_to_do(plan: DemoPlan):
    with pytest.raises(dg.Failure) as failure:
        called(data_model, request_for(), profile(), plan.model_copy(update={"blueprint_version": 99}))
    assert "Materialize demo_plan again" in (failure.value.description or "")


def test_checks_pass_on_a_good_plan(plan: DemoPlan, model: DataModel):
    for result in (
        called(plan_is_complete, plan),
        called(blueprint_fits_industry, plan),
        called(data_model_is_valid, model, plan),
    ):
        assert isinstance(result, dg.AssetCheckResult)
        assert result.passed
        assert result.metadata["errors"].value == []


def test_checks_name_what_is_wrong(plan: DemoPlan, model: DataModel):
    plan.scenes.clear()
    assert "no scenes" in called(plan_is_complete, plan).metadata["errors"].value
    model.tables[0].columns[0].synonyms.clear()
    plan.questions[0] = plan.questions[0].model_copy(update={"sql": "SELECT 1 FROM nowhere"})
    errors = called(data_model_is_valid, model, plan).metadata["errors"].value
    assert any("has no synonyms" in error for error in errors)
    assert any("'nowhere' is not a table" in error for error in errors)


def test_a_general_blueprint_for_another_industry_warns(plan: DemoPlan):
    result = called(blueprint_fits_industry, plan.model_copy(update={"industry": "nonprofit"}))
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.WARN
    assert "nonprofit has no blueprint yet" in result.metadata["errors"].value[0]
