"""The Dagster assets of planning: the customer's blueprint, the demo plan, and the data model."""

import dagster as dg

from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.claude.resources import Claude
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.planning.blueprint_sources import all_blueprints_digest
from provisioning_assets.planning.models import DemoBlueprint, DemoPlan
from provisioning_assets.planning.resources import PlanGates
from provisioning_assets.pools import CLAUDE
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.research.website.models import CustomerWebsite
from provisioning_assets.store import DemoStore, materialized

CODE_VERSION = "7"
"""Increase it when the same profile, request and blueprint files would give another blueprint, plan or model."""


@demo_asset(
    group_name="planning",
    kinds={"python", "yaml"},
    pool=CLAUDE,
    # Dagster does not know that the files are an input; with their digest, editing a file makes the asset out of date.
    code_version=f"{CODE_VERSION}-{all_blueprints_digest()}",
    description=(
        "The industry's blueprint for this customer: the customer's words fill its slots, each with its source, Claude writes the "
        "parts that are different about this customer, if there is a key for it, and the CE's edits are applied. The story, the "
        "tables and the questions are made from it."
    ),
)
def demo_blueprint(
    customer_request: CustomerRequest,
    customer_profile: CustomerProfile,
    store: DemoStore,
    claude: Claude,
    plan_gates: PlanGates,
) -> dg.MaterializeResult[DemoBlueprint]:
    """Make the ``DemoBlueprint`` from the ``CustomerRequest`` and the ``CustomerProfile``; Claude reads the site's pages, too."""
    from provisioning_assets.planning.plan_report import (
        blueprint_markdown,
        claude_figures,
        parts_markdown,
        words_markdown,
    )
    from provisioning_assets.planning.planner import written_blueprint

    log = dg.get_dagster_logger()
    client = claude.client(customer_request.key)
    made = written_blueprint(
        customer_request,
        customer_profile,
        client,
        lambda: store.read(customer_request.key, CustomerWebsite),
        plan_gates.open,
        say=log.info,
    )
    for sentence in made.claude.told() if made.claude and made.claude.parts_of("blueprint") else []:
        log.warning(sentence)
    return materialized(
        made,
        {
            "industry": made.industry,
            "blueprint": f"{made.source.id}, version {made.source.version}",
            "edits": len(made.edits),
            "words": dg.MetadataValue.md(words_markdown(made)),
            "as YAML": dg.MetadataValue.md(blueprint_markdown(made)),
            **({"Claude": dg.MetadataValue.md(parts_markdown(made.claude))} if made.claude else {}),
            **(claude_figures(made.claude, client.usage(), client.usage_by_part()) if made.claude and client else {}),
        },
    )


@demo_asset(
    group_name="planning",
    kinds={"python", "yaml"},
    code_version=CODE_VERSION,
    description=(
        "The story of the demo: business challenges, KPIs, scenes, planted insights and the questions that find them, "
        "in the customer's own words."
    ),
)
def demo_plan(demo_blueprint: DemoBlueprint) -> dg.MaterializeResult[DemoPlan]:
    """Make the ``DemoPlan`` from the ``DemoBlueprint``."""
    from provisioning_assets.planning.demo_plan import plan_demo
    from provisioning_assets.planning.plan_report import plan_markdown

    plan = plan_demo(demo_blueprint)
    return materialized(
        plan,
        {
            "title": plan.title,
            "questions": len(plan.questions),
            "insights": len(plan.insights),
            "minutes": sum(scene.minutes for scene in plan.scenes),
            "plan": dg.MetadataValue.md(plan_markdown(plan)),
        },
    )


@demo_asset(
    group_name="planning",
    kinds={"python", "yaml"},
    code_version=CODE_VERSION,
    description=(
        "Tables, columns, keys, descriptions and synonyms, and how each column is generated, in the customer's words, "
        "currency and country, at the requested size."
    ),
)
def data_model(customer_request: CustomerRequest, demo_blueprint: DemoBlueprint) -> dg.MaterializeResult[DataModel]:
    """Make the ``DataModel`` from the ``DemoBlueprint``, with the ``CustomerRequest``'s size, seed and as-of date."""
    from provisioning_assets.planning.data_model_design import design_data_model
    from provisioning_assets.planning.plan_report import schema_markdown

    model = design_data_model(demo_blueprint, customer_request)
    return materialized(
        model,
        {
            "tables": len(model.tables),
            "columns": sum(not column.internal for table in model.tables for column in table.columns),
            "planted changes": len(model.effects),
            "fact rows": model.fact_rows,
            "as of": str(model.as_of),
            "locale": model.locale,
            "currency": model.currency,
            "schema": dg.MetadataValue.md(schema_markdown(model)),
        },
    )
