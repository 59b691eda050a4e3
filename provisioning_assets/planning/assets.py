"""What Dagster sees of the planning room: the demo's story, the data model that carries it, its questions executed."""

import dagster as dg

from provisioning_assets.customers import CustomerRequest
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.research.models import CustomerProfile
from provisioning_assets.stage import demo_asset
from provisioning_assets.store import materialized


@demo_asset(
    group_name="planning",
    kinds={"python", "yaml"},
    description=(
        "The story of the demo: business challenges, KPIs, scenes, planted insights and the questions that find them. "
        "From the blueprint of the customer's industry, told with the customer's own words."
    ),
)
def demo_plan(customer_request: CustomerRequest, customer_profile: CustomerProfile) -> dg.MaterializeResult[DemoPlan]:
    """``CustomerRequest`` and ``CustomerProfile`` in, ``DemoPlan`` out."""
    from provisioning_assets.planning.demo_plan import plan_demo
    from provisioning_assets.planning.plan_report import plan_markdown, vocabulary_markdown

    plan = plan_demo(customer_profile, customer_request)
    return materialized(
        plan,
        {
            "title": plan.title,
            "industry": plan.industry,
            "blueprint": f"{plan.blueprint}, version {plan.blueprint_version}",
            "questions": len(plan.questions),
            "insights": len(plan.insights),
            "minutes": sum(scene.minutes for scene in plan.scenes),
            "vocabulary": dg.MetadataValue.md(vocabulary_markdown(plan)),
            "plan": dg.MetadataValue.md(plan_markdown(plan)),
        },
    )


@demo_asset(
    group_name="planning",
    kinds={"python", "yaml"},
    description=(
        "Tables, columns, keys, descriptions and synonyms, and how each column is generated, in the customer's words, "
        "currency and country, at the requested size."
    ),
)
def data_model(
    customer_request: CustomerRequest, customer_profile: CustomerProfile, demo_plan: DemoPlan
) -> dg.MaterializeResult[DataModel]:
    """``DemoPlan`` in, ``DataModel`` out, at the size, seed and as-of date of the ``CustomerRequest``."""
    from provisioning_assets.planning.data_model_design import design_data_model
    from provisioning_assets.planning.plan_report import schema_markdown

    model = design_data_model(demo_plan, customer_profile, customer_request)
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
