"""What Dagster sees of the synthesis room: the tables as Parquet files."""

import dagster as dg

from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.markdown import markdown_picture
from provisioning_assets.store import DemoStore, materialized
from provisioning_assets.synthesis.models import ENGINE_VERSION, SyntheticTables
from provisioning_assets.synthesis.resources import TableWorkers

CODE_VERSION = str(ENGINE_VERSION)
"""The engine's version; results of an earlier version are out of date."""


@demo_asset(
    group_name="synthesis",
    code_version=CODE_VERSION,
    kinds={"python", "polars", "parquet"},
    description=(
        "The tables of the data model as Parquet files, one folder for each table: consistent, in the customer's locale, with "
        "the planted insights. The same model gives the same bytes. All files are replaced together."
    ),
)
def synthetic_tables(
    context: dg.AssetExecutionContext, data_model: DataModel, store: DemoStore, table_workers: TableWorkers
) -> dg.MaterializeResult[SyntheticTables]:
    """Take a ``DataModel`` and return ``SyntheticTables``; the files are in the customer's folder."""
    from provisioning_assets.synthesis.engine import synthesise
    from provisioning_assets.synthesis.progress import ProgressReporter
    from provisioning_assets.synthesis.tables_report import (
        daily_events_png,
        main_events,
        stand_ins,
        tables_markdown,
    )

    folder = store.folder(context.partition_key)
    with table_workers.open(data_model) as workers:
        tables = synthesise(data_model, folder, workers=workers, progress=ProgressReporter(context.log.info))
    missing = stand_ins(data_model)
    for words in missing:
        context.log.warning(words)
    events = main_events(data_model, tables)
    pictures = {}
    if events is not None:
        png = daily_events_png(events, tables, folder)
        pictures["events a day"] = dg.MetadataValue.md(markdown_picture(f"{events.name} a day", png))
    return materialized(
        tables,
        {
            "dagster/row_count": tables.rows,
            "rows a second": round(tables.rows / tables.seconds) if tables.seconds else None,
            "seconds": tables.seconds,
            "bytes": sum(file.bytes for table in tables.tables for file in table.files),
            "tables": dg.MetadataValue.md(tables_markdown(tables, data_model)),
            "folder": dg.MetadataValue.path(str(folder / "tables")),
            "stand-ins": "; ".join(missing) or "none",
            **pictures,
        },
    )
