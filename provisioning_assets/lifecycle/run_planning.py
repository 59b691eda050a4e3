"""Finds what the plan of a run is reckoned from: the customer's own model or one of its trade, and what already exists."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import dagster as dg

from provisioning_assets import clock
from provisioning_assets.customers import CustomerRequest, Planner, build_request
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.lifecycle.provisioning import dagster_instance
from provisioning_assets.lifecycle.run_plan import Cost, Place, RunPlan, plan_run
from provisioning_assets.lifecycle.runs import stages_to_run
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.settings import Settings

if TYPE_CHECKING:
    from provisioning_assets.targets import Target


def planned_run(key: str, target: "Target", settings: Settings) -> RunPlan:
    """Return what ``provision run`` would do for a customer, with the request it has, or the default one. Nothing is stored.

    Raises:
        ProvisioningError: it is not a customer key, or what exists cannot be read.
    """
    store = target.store
    earlier = store.find_readable(key, CustomerRequest)
    request = build_request(key, {}, today=clock.today(), previous=earlier)
    plan, model = store.find_readable(key, DemoPlan), store.find_readable(key, DataModel)
    basis = "the customer's own data model"
    if plan is None or model is None:
        plan, model, basis = _of_the_trade(request, store.find_readable(key, CustomerProfile))
    with dagster_instance() as (instance, _):
        from provisioning_assets.definitions import defs

        stages = list(stages_to_run(defs, instance, store, request, everything=False).to_run)
        metadata = _metadata_of_last_run(instance, key)
    claude, tokens = _claude(request, stages, target)
    return plan_run(
        store,
        request,
        _place(key, target, settings),
        stages=stages,
        plan=plan,
        model=model,
        basis=basis,
        budget_usd=settings.budget_usd,
        metadata=metadata,
        claude=claude,
        claude_tokens=tokens,
    )


def _claude(request: CustomerRequest, stages: list[str], target: "Target") -> tuple[Cost | None, int]:
    """What a plan by Claude costs and its tokens; None if it will not be asked."""
    if not target.claude.is_used or request.planner == Planner.BLUEPRINTS or "demo_blueprint" not in stages:
        return None, 0
    from provisioning_assets.planning.demo_blueprint import blueprint_for
    from provisioning_assets.planning.plan_cost import expected_usage
    from provisioning_assets.planning.plan_material import shared_material
    from provisioning_assets.planning.planner import planner_prompt
    from provisioning_assets.research.website.models import CustomerWebsite

    profile = target.store.find_readable(request.key, CustomerProfile)
    website = target.store.find_readable(request.key, CustomerWebsite)
    shared = None
    if profile is not None and website is not None:
        prior = blueprint_for(profile, request.model_copy(update={"edits": []}))
        shared = sum(len(text) for text in shared_material(prior, profile, website))
    expected, spent = expected_usage(len(planner_prompt().text), shared), target.claude.spent(request.key)
    return Cost(
        what=f"Claude ({target.claude.model})",
        quantity=f"about {expected.calls} calls, {expected.tokens:,} tokens, {expected.output:,} of them written; answers that "
        "were paid for are used again",
        planned_usd=expected.usd(target.claude.model),
        actual_usd=spent.usd if spent.calls else None,
        actual=f"all runs so far: {spent.told()}" if spent.calls else "",
    ), expected.tokens


def _of_the_trade(request: CustomerRequest, profile: CustomerProfile | None) -> tuple[DemoPlan, DataModel, str]:
    """Plan and data model of a company of the customer's trade, as far as it is known."""
    from provisioning_assets.planning.blueprint_files import load_blueprint
    from provisioning_assets.planning.blueprint_sources import GENERAL_BLUEPRINT, blueprint_ids
    from provisioning_assets.planning.sample_customer import DEFAULT_COUNTRY, sample_demo

    industry = request.industry or (profile.industry if profile else None)
    chosen = industry if industry in blueprint_ids() else GENERAL_BLUEPRINT
    plan, model = sample_demo(
        load_blueprint(chosen), DEFAULT_COUNTRY, size=request.size.value, as_of=request.as_of.isoformat()
    )
    why = f"a company of the trade {chosen}" if chosen == industry else f"a {chosen} demo"
    unread = "" if profile else ", because the website has not been read"
    return plan, model, f"{why}{unread}"


def _place(key: str, target: "Target", settings: Settings) -> Place:
    from provisioning_assets.agent.data_agent import agent_id_for, existing_agents

    with target.data_agents.session() as session:
        agents = existing_agents(session.agent_client, session.parent, key)
        agent = f"{session.parent}/dataAgents/{agent_id_for(key)}"
    cloud = settings.target == "gcp"
    return Place(
        target=settings.target,
        dataset=f"{settings.google_cloud_project}.demo_{key}" if cloud else f"demo_{key}",
        agent=agent,
        region=settings.bigquery_location if cloud else "",
        has_dataset=target.warehouse.exists(key),
        agents=tuple(agents),
    )


def _metadata_of_last_run(instance: dg.DagsterInstance, key: str) -> Mapping[str, object]:
    """Metadata of the last materialization of the customer's golden queries; empty if there is none."""
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey("golden_queries"), asset_partitions=[key]), limit=1
    )
    made = found.records[0].asset_materialization if found.records else None
    return {name: value.value for name, value in made.metadata.items()} if made else {}
