"""The Dagster asset of the golden queries: the questions of the plan, executed."""

import dagster as dg

from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.markdown import markdown_picture
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.store import materialized
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets.warehouse.resources import WarehouseResource

CODE_VERSION = "4"
"""Increase it when the same inputs would give another artefact; artefacts made before are then out of date."""


@demo_asset(
    group_name="golden",
    code_version=CODE_VERSION,
    kinds={"sql", "vegalite"},
    description=(
        "Every question of the plan, executed on the data set: its rows, its chart, whether the result is worth showing, "
        "and whether its planted insight is in the result. A question that failed is included with its error."
    ),
)
def golden_queries(
    context: dg.AssetExecutionContext,
    demo_plan: DemoPlan,
    data_model: DataModel,
    demo_dataset: DemoDataset,
    warehouse: WarehouseResource,
) -> dg.MaterializeResult[GoldenQueries]:
    """Execute the questions of the ``DemoPlan`` on the ``DemoDataset``; returns ``GoldenQueries``."""
    from provisioning_assets.golden.golden_queries import ROWS_EXAMINED, execute_golden_queries
    from provisioning_assets.golden.query_costs import BytesCounted
    from provisioning_assets.golden.report_text import queries_markdown

    with warehouse.querying(context.partition_key, as_of=demo_dataset.as_of, most_rows=ROWS_EXAMINED) as run:
        counted = BytesCounted(run)
        golden = execute_golden_queries(demo_plan, data_model, counted)
    return materialized(
        golden,
        {
            "dagster/row_count": len(golden.queries),
            "failed": sum(query.error is not None for query in golden.queries),
            "empty": sum(query.error is None and not query.row_count for query in golden.queries),
            "interesting": sum(query.interesting for query in golden.queries),
            "insights that hold": sum(query.proof is not None and query.proof.holds for query in golden.queries),
            **counted.metadata(demo_dataset.region),
            "queries": dg.MetadataValue.md(queries_markdown(golden)),
            "charts": dg.MetadataValue.md(
                "\n\n".join(markdown_picture(query.id, query.chart_png) for query in golden.queries if query.chart_png)
            ),
        },
    )
