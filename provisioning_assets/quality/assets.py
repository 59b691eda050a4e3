"""The asset of the quality room: the tables measured before they are loaded."""

from hashlib import sha256

import dagster as dg

from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.atomic_files import browser_address, write_whole
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.markdown import markdown_picture
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.quality.models import DataQualityReport
from provisioning_assets.store import DemoStore, materialized
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.synthesis.resources import TableWorkers

CODE_VERSION = "5"
"""Increase it when the same inputs would give another artefact; artefacts made before are then out of date."""


@demo_asset(
    group_name="quality",
    code_version=CODE_VERSION,
    kinds={"python", "duckdb", "html"},
    description=(
        "How good the tables are: whether every rule holds exactly, how close they are to real data sets, how far each "
        "planted insight stands out and whether anything unplanned does, with a page and pictures."
    ),
)
def data_quality_report(
    context: dg.AssetExecutionContext,
    store: DemoStore,
    demo_plan: DemoPlan,
    data_model: DataModel,
    synthetic_tables: SyntheticTables,
    table_workers: TableWorkers,
) -> dg.MaterializeResult[DataQualityReport]:
    """The plan, its model and its tables in; ``quality/index.html`` and its ``DataQualityReport`` out."""
    from provisioning_assets.googlesql.statements import to_duckdb
    from provisioning_assets.quality import report_text as text
    from provisioning_assets.quality.pictures import png_of
    from provisioning_assets.quality.report import measure_quality
    from provisioning_assets.quality.report_page import set_report

    folder = store.folder(context.partition_key)
    report, pictures = measure_quality(
        demo_plan,
        data_model,
        synthetic_tables,
        folder,
        lambda sql, day: to_duckdb(sql, as_of=day),
        table_workers.generate_here,
    )
    path = folder / report.page
    page = set_report(report, demo_plan, data_model, synthetic_tables, pictures).encode()
    write_whole(path, page)
    report.file_sha256 = sha256(page).hexdigest()
    shown = {
        drawn.words: dg.MetadataValue.md(markdown_picture(drawn.words, png_of(drawn.svg)))
        for drawn in pictures.shown_in_dagster()
    }
    return materialized(
        report,
        {
            "report": dg.MetadataValue.path(str(path)),
            "open": dg.MetadataValue.url(browser_address(path)),
            "weakest planted z": report.weakest_z(),
            "strongest unplanned z": report.strongest_unplanned_z(),
            "insights": dg.MetadataValue.md(text.insights_markdown(report.insights)),
            "realism": dg.MetadataValue.md(text.realism_markdown(report.realism)),
            "unplanned": dg.MetadataValue.md(text.unplanned_markdown(report.unplanned)),
            **shown,
        },
    )
