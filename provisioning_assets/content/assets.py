"""Dagster assets for what the Customer Engineer receives: the booklet, and the scorecard that says if the demo is ready."""

import dagster as dg

from provisioning_assets.agent.models import AgentEvaluation, DataAgent
from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.atomic_files import browser_address, write_whole
from provisioning_assets.content.demo import Demo
from provisioning_assets.content.models import DemoBooklet, DemoScorecard
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.markdown import markdown_picture
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.quality.models import DataQualityReport
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.research.website.models import CustomerWebsite
from provisioning_assets.store import DemoStore, materialized
from provisioning_assets.warehouse.models import DemoDataset

CODE_VERSION = "8"
"""Increase it when the same inputs would give another artefact; artefacts made before are then out of date."""


@demo_asset(
    group_name="content",
    code_version=CODE_VERSION,
    kinds={"html"},
    description="The Customer Engineer's page: story, script with timings, questions, results, charts, schema and "
    "sources in one HTML file that works offline and can be printed. Questions that failed are listed at its end.",
)
def demo_booklet(
    context: dg.AssetExecutionContext,
    store: DemoStore,
    customer_request: CustomerRequest,
    customer_website: CustomerWebsite,
    customer_profile: CustomerProfile,
    demo_plan: DemoPlan,
    data_model: DataModel,
    demo_dataset: DemoDataset,
    golden_queries: GoldenQueries,
    data_agent: DataAgent,
    agent_evaluation: AgentEvaluation,
    data_quality_report: DataQualityReport,
) -> dg.MaterializeResult[DemoBooklet]:
    """Write ``booklet/index.html`` from all artefacts of the customer and return its ``DemoBooklet``."""
    from provisioning_assets.content.booklet import BOOKLET_PATH, describe_booklet, set_page
    from provisioning_assets.content.booklet_view import booklet_view
    from provisioning_assets.content.schema_picture import schema_png

    demo = Demo(
        customer_request, customer_website, customer_profile, demo_plan, data_model, demo_dataset, golden_queries,
        data_agent, agent_evaluation, data_quality_report,
    )  # fmt: skip
    view = booklet_view(demo)
    html = set_page(view)
    path = store.folder(context.partition_key) / BOOKLET_PATH
    write_whole(path, html.encode())
    booklet = describe_booklet(html, view)
    context.log.info("%s: %d scenes, %d questions, %d bytes", path, booklet.scenes, booklet.questions, booklet.bytes)
    rows = {table.name: table.rows for table in demo_dataset.tables}
    schema = schema_png(data_model, view.palette, rows, demo_plan.language)
    picture = markdown_picture(view.labels.booklet.schema_region, schema)
    return materialized(
        booklet,
        {
            "booklet": dg.MetadataValue.path(str(path)),
            "open": dg.MetadataValue.url(browser_address(path)),
            "scenes": booklet.scenes,
            "questions": booklet.questions,
            "left_out": len(view.dropped),
            "data quality": data_quality_report.summary(),
            "minutes": view.minutes,
            "bytes": booklet.bytes,
            "schema": dg.MetadataValue.md(picture),
        },
    )


@demo_asset(
    group_name="content",
    code_version=CODE_VERSION,
    kinds={"python"},
    description="Whether the demo is ready to be shown: each figure with its bar, and for each missed bar what to do.",
)
def demo_scorecard(
    context: dg.AssetExecutionContext,
    customer_request: CustomerRequest,
    customer_website: CustomerWebsite,
    customer_profile: CustomerProfile,
    demo_plan: DemoPlan,
    data_model: DataModel,
    demo_dataset: DemoDataset,
    golden_queries: GoldenQueries,
    data_agent: DataAgent,
    agent_evaluation: AgentEvaluation,
    data_quality_report: DataQualityReport,
    demo_booklet: DemoBooklet,
) -> dg.MaterializeResult[DemoScorecard]:
    """Return the ``DemoScorecard`` computed from all artefacts of the customer."""
    from provisioning_assets.content.scorecard import score_demo
    from provisioning_assets.content.scorecard_text import scorecard_markdown

    demo = Demo(
        customer_request, customer_website, customer_profile, demo_plan, data_model, demo_dataset, golden_queries,
        data_agent, agent_evaluation, data_quality_report,
    )  # fmt: skip
    scorecard = score_demo(demo, demo_booklet)
    context.log.info("%s: %s", scorecard.company_name, "ready" if scorecard.ready else "; ".join(scorecard.reasons))
    return materialized(
        scorecard,
        {
            "ready": dg.MetadataValue.bool(scorecard.ready),
            "reasons": dg.MetadataValue.json(scorecard.reasons),
            "scorecard": dg.MetadataValue.md(scorecard_markdown(scorecard)),
            "as_of": demo_dataset.as_of.isoformat(),
            "questions_in_script": demo_booklet.questions,
            "bytes": demo_dataset.bytes,
            **{figure.name: figure.value for figure in scorecard.figures},
        },
    )
