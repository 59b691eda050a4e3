"""The planning assets and checks, run by Dagster."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from provisioning_assets.authoring.resources import MeasuredGates
from provisioning_assets.claude.resources import Claude
from provisioning_assets.content.models import DemoScorecard
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.definitions import defs
from provisioning_assets.demo_edits import Edit
from provisioning_assets.lifecycle.runs import artefact_kinds
from provisioning_assets.planning.assets import data_model, demo_blueprint, demo_plan
from provisioning_assets.planning.checks import (
    addresses_are_near,
    blueprint_fits_industry,
    blueprint_holds_together,
    data_model_is_valid,
    parts_are_as_asked,
    plan_is_complete,
)
from provisioning_assets.planning.demo_blueprint import blueprint_for
from provisioning_assets.planning.models import DemoBlueprint, DemoPlan, WrittenByClaude, WrittenPart
from provisioning_assets.planning.plan_report import markdown_table
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import local_target
from provisioning_assets_tests.claude_service import ClaudeService, Reply, claude_service
from provisioning_assets_tests.planning.conftest import facts, profile, request_for
from provisioning_assets_tests.planning.planner_answers import answering, asked_part, garden_shop, good_answers, website
from provisioning_assets_tests.production_runs import materialize, passed


def called(stage: Callable[..., object], *artefacts: object) -> Any:
    """An asset or a check called as plain Python."""
    return stage(*artefacts)


def blueprint_asset(request: CustomerRequest, customer: CustomerProfile) -> Any:
    """The asset of the blueprint without a key for Claude."""
    store = DemoStore(root="memory://planning-without-a-key")
    return called(demo_blueprint, request, customer, store, Claude(store=store), MeasuredGates())


@pytest.fixture
def made() -> DemoBlueprint:
    return blueprint_asset(request_for(), profile()).value


@pytest.fixture
def plan(made: DemoBlueprint) -> DemoPlan:
    return called(demo_plan, made).value


@pytest.fixture
def model(made: DemoBlueprint) -> DataModel:
    return called(data_model, request_for(), made).value


def test_the_blueprint_is_shown_in_metadata_with_every_word_and_its_page():
    known = profile(product_categories=facts("Vitamins", "Baby", "Beauty", "Groceries", page="https://acme.com/shop"))
    metadata = blueprint_asset(request_for(), known).metadata
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
    assert re.search(r"\| orders \| 0\.\d+ of the demo's size \| order_id \|", schema)
    assert "one row each month for each row of marketing_channels" in schema
    helpers = {name for table in made.blueprint.tables.values() for name in table.helpers}
    assert helpers
    assert not [name for name in helpers if f"| {name} |" in schema], "helpers are not stored, and not shown"


def test_customers_words_are_not_markup_in_metadata():
    shown = markdown_table(["a"], [["<img src=x> [l](javascript:1) | `c` **b**"]])
    assert "<img" not in shown
    assert shown.count("|") - shown.count("\\|") == 6
    known = profile(product_categories=facts("[a](javascript:alert(1))", "b", "c", "```\n# d"))
    result = blueprint_asset(request_for(), known)
    assert "[a](" not in called(demo_plan, result.value).metadata["plan"].value
    assert "[a](" not in result.metadata["words"].value


def test_the_blueprint_in_metadata_cannot_end_its_own_fence():
    edit = Edit(path="story", value="````\n# A heading\n```")
    yaml = blueprint_asset(request_for(edits=[edit]), profile()).metadata["as YAML"].value
    fence = yaml[: yaml.index("yaml")]
    assert len(fence) > 4
    assert yaml.count(fence) == 2
    assert yaml.endswith(fence)


def test_a_user_mistake_fails_with_what_to_do():
    with pytest.raises(dg.Failure) as failure:
        blueprint_asset(request_for(edits=[Edit(path="insights.late_trucks", value=None)]), profile())
    assert "insights.late_trucks" in (failure.value.description or "")
    assert "Change the edits" in (failure.value.description or "")


def test_checks_pass_on_a_good_plan(made: DemoBlueprint, plan: DemoPlan, model: DataModel):
    for result in (
        called(blueprint_holds_together, made),
        called(blueprint_fits_industry, made),
        called(parts_are_as_asked, made),
        called(plan_is_complete, plan),
        called(data_model_is_valid, model, plan),
        called(addresses_are_near, model),
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


def test_a_part_that_was_replaced_warns_with_the_reason(made: DemoBlueprint):
    parts = [
        WrittenPart(part="tables", author="claude", rounds=1),
        WrittenPart(part="story", author="blueprint", replaced_because="Claude's service answered 529: overloaded."),
    ]
    made.claude = WrittenByClaude(model="claude-sonnet-5-5", parts=parts)
    result = called(parts_are_as_asked, made)
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.WARN
    assert result.metadata["errors"].value == ["story: Claude's service answered 529: overloaded."]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[DemoStore, ClaudeService]]:
    """A store with what the planner reads, and a server in place of Claude's, set as a user sets it."""
    store = DemoStore(root=str(tmp_path))
    for artefact in (request_for(), website(), garden_shop()):
        store.write("acme_com", artefact)
    with claude_service() as service:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", service.address)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-planted")
        yield store, service


def with_claude(store: DemoStore, *assets: str) -> dg.ExecuteInProcessResult:
    target = local_target(store, claude=Claude(store=store, model="claude-sonnet-5-5"))
    return materialize(store, "acme_com", *assets, target=target, raise_on_error=True)


def test_a_wrong_key_leaves_the_blueprints_demo_with_a_warning(asked: tuple[DemoStore, ClaudeService]):
    store, service = asked
    service.answer = lambda _: Reply(status=401, message="invalid x-api-key sk-ant-planted")
    result = with_claude(store, "demo_blueprint", "demo_plan", "data_model")
    made = store.read("acme_com", DemoBlueprint)
    assert made.blueprint == blueprint_for(garden_shop(), request_for()).blueprint
    assert made.claude is not None
    assert [each.author for each in made.claude.parts] == ["blueprint"] * 5
    assert passed(result)["parts_are_as_asked"] is False
    assert passed(result)["data_model_is_valid"] is True
    assert "sk-ant-planted" not in made.model_dump_json()


def test_tokens_money_and_seconds_are_numbers_in_the_metadata(asked: tuple[DemoStore, ClaudeService]):
    store, service = asked
    title = {"title": "{company}: what happens in the garden"}
    nonsense = {"nothing": 1}
    replies = {"story": Reply(title, output_tokens=900, cache_read=30_000)}
    service.answer = lambda body: replies.get(asked_part(body), Reply(nonsense))
    result = with_claude(store, "demo_blueprint")
    (event,) = result.get_asset_materialization_events()
    metadata = event.materialization.metadata
    assert metadata["Claude's parts"].value == 1
    assert metadata["Claude, story: calls"].value == 1
    assert metadata["Claude, story: tokens written"].value == 900
    assert metadata["Claude, story: tokens read"].value == 31_000
    assert metadata["Claude, story: USD"].value == pytest.approx((1_000 * 2 + 900 * 10 + 30_000 * 0.2) / 1e6)
    assert metadata["Claude: calls"].value == 1 + 4 * 4
    assert isinstance(metadata["Claude: seconds"].value, float)
    assert store.read("acme_com", DemoBlueprint).blueprint.title == title["title"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault", [pytest.param(None, marks=pytest.mark.long), Reply(status=404, message="no such model")]
)
def test_a_whole_demo_is_ready_with_claudes_parts_and_without(
    asked: tuple[DemoStore, ClaudeService], fault: Reply | None
):
    store, service = asked
    prior = blueprint_for(garden_shop(), request_for()).blueprint.model_dump(mode="json")
    service.answer = answering(good_answers(prior)) if fault is None else lambda _: fault
    stages = [
        name
        for name in artefact_kinds(defs)
        if name not in ("customer_request", "customer_website", "customer_profile")
    ]
    with_claude(store, *stages)
    scorecard = store.read("acme_com", DemoScorecard)
    assert scorecard.ready, scorecard.reasons
    booklet = (store.folder("acme_com") / "booklet" / "index.html").read_text(encoding="utf-8")
    said = "Claude (claude-sonnet-5-5) wrote: tables" if fault is None else "Not by Claude (claude-sonnet-5-5)"
    assert any(said in notice for notice in scorecard.notices)
    assert ("Written by Claude" if fault is None else "From the blueprint, not by Claude") in booklet
    assert ("assembled at the customer" in booklet) is (fault is None)
