"""What Dagster sees of the planning room: the demo's story, the data model that carries it, its questions executed."""

import dagster as dg

from provisioning_assets.customers import CustomerRequest
from provisioning_assets.planning.data_model import DataModel
from provisioning_assets.planning.models import DemoPlan, GoldenQueries
from provisioning_assets.research.models import CustomerProfile
from provisioning_assets.stage import demo_asset
from provisioning_assets.store import materialized
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets.warehouse.resources import WarehouseResource


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


@demo_asset(
    group_name="planning",
    kinds={"sql", "vegalite"},
    description=(
        "Every question of the plan, executed on the data set: its rows, its chart, whether it is worth showing, and "
        "whether the insight planted for it shows. A question that fails stands there with its error."
    ),
)
def golden_queries(
    context: dg.AssetExecutionContext,
    demo_plan: DemoPlan,
    data_model: DataModel,
    demo_dataset: DemoDataset,
    warehouse: WarehouseResource,
) -> dg.MaterializeResult[GoldenQueries]:
    """``DemoPlan``, ``DataModel`` and ``DemoDataset`` in, ``GoldenQueries`` out."""
    from provisioning_assets.planning.golden_queries import ROWS_EXAMINED, execute_golden_queries
    from provisioning_assets.planning.golden_report import chart_markdown, queries_markdown

    key = context.partition_key
    golden = execute_golden_queries(
        demo_plan,
        data_model,
        lambda sql: warehouse.query(key, sql, as_of=demo_dataset.as_of, most_rows=ROWS_EXAMINED),
    )
    return materialized(
        golden,
        {
            "dagster/row_count": len(golden.queries),
            "failed": sum(query.error is not None for query in golden.queries),
            "empty": sum(query.error is None and not query.row_count for query in golden.queries),
            "interesting": sum(query.interesting for query in golden.queries),
            "insights that hold": sum(query.proof is not None and query.proof.holds for query in golden.queries),
            "queries": dg.MetadataValue.md(queries_markdown(golden)),
            "charts": dg.MetadataValue.md(
                "\n\n".join(chart_markdown(query) for query in golden.queries if query.chart_png)
            ),
        },
    )
