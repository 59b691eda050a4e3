"""Asset checks: every file exists and is complete, and there are as many rows as planned."""

import dagster as dg

from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.assets import synthetic_tables
from provisioning_assets.synthesis.models import SyntheticTables


@demo_check(
    asset=synthetic_tables,
    additional_ins={"data_model": dg.AssetIn("data_model")},
    blocking=True,
    description="Every table of the model has its files, and each file has as many rows as its manifest says.",
)
def files_are_complete(
    context: dg.AssetCheckExecutionContext,
    synthetic_tables: SyntheticTables,
    data_model: DataModel,
    store: DemoStore,
) -> dg.AssetCheckResult:
    """Check the files: measures and loads of an incomplete table would be wrong."""
    from provisioning_assets.synthesis.row_counts import file_errors

    errors = file_errors(data_model, synthetic_tables, store.folder(context.partition_key))
    files = sum(len(table.files) for table in synthetic_tables.tables)
    return dg.AssetCheckResult(passed=not errors, metadata={"files": files, "errors": errors})


@demo_check(
    asset=synthetic_tables,
    additional_ins={"data_model": dg.AssetIn("data_model")},
    description=(
        "No table is empty; independent tables have exactly the planned rows, and the largest table is about as large as "
        "the demo's size."
    ),
)
def rows_are_as_planned(synthetic_tables: SyntheticTables, data_model: DataModel) -> dg.AssetCheckResult:
    """Check the row counts: a demo of a different size than requested costs a different amount of time and money."""
    from provisioning_assets.synthesis.row_counts import row_errors

    errors = row_errors(data_model, synthetic_tables)
    return dg.AssetCheckResult(
        passed=not errors,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"rows": {table.name: table.rows for table in synthetic_tables.tables}, "errors": errors},
    )
