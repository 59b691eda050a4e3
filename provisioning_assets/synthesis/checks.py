"""Do the tables hold together, and are there as many rows, and as recent ones, as planned?"""

from collections.abc import Sequence

import dagster as dg

from provisioning_assets.planning.data_model import DataModel
from provisioning_assets.quality.models import CoherenceResult
from provisioning_assets.stage import demo_check
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.assets import synthetic_tables
from provisioning_assets.synthesis.models import SyntheticTables


@demo_check(
    asset=synthetic_tables,
    additional_ins={"data_model": dg.AssetIn("data_model")},
    blocking=True,
    description=(
        "Keys are unique, references resolve, totals equal their lines, nothing happens before its cause or after the "
        "as-of date: each is counted in the files, and must hold without exception."
    ),
)
def tables_are_coherent(
    context: dg.AssetCheckExecutionContext,
    synthetic_tables: SyntheticTables,
    data_model: DataModel,
    store: DemoStore,
) -> dg.AssetCheckResult:
    """A head of data who joins two tables would find it."""
    from provisioning_assets.quality.coherence import coherence

    return _counted(coherence(data_model, synthetic_tables, store.folder(context.partition_key)))


@demo_check(
    asset=synthetic_tables,
    additional_ins={"data_model": dg.AssetIn("data_model")},
    description=(
        "Every file has the rows its manifest says; no table is empty; independent tables have exactly the planned rows, "
        "and the largest table is about as large as the demo's size."
    ),
)
def rows_are_as_planned(
    context: dg.AssetCheckExecutionContext,
    synthetic_tables: SyntheticTables,
    data_model: DataModel,
    store: DemoStore,
) -> dg.AssetCheckResult:
    """A demo of another size than asked for costs other time and money."""
    from provisioning_assets.synthesis.row_counts import row_errors

    errors = row_errors(data_model, synthetic_tables, store.folder(context.partition_key))
    return dg.AssetCheckResult(
        passed=not errors,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"rows": {table.name: table.rows for table in synthetic_tables.tables}, "errors": errors},
    )


@demo_check(
    asset=synthetic_tables,
    additional_ins={"data_model": dg.AssetIn("data_model")},
    blocking=True,
    description="The last days up to the as-of date have events: a question about last week has an answer.",
)
def recent_days_populated(
    context: dg.AssetCheckExecutionContext,
    synthetic_tables: SyntheticTables,
    data_model: DataModel,
    store: DemoStore,
) -> dg.AssetCheckResult:
    """Stale data make every question about "last month" come back empty."""
    from provisioning_assets.quality.coherence import recent_days

    return _counted(recent_days(data_model, synthetic_tables, store.folder(context.partition_key)))


def _counted(results: Sequence[CoherenceResult]) -> dg.AssetCheckResult:
    broken = [result for result in results if result.violations]
    lines = [f"| {result.table} | {result.rule} | {result.violations:,} |" for result in results]
    return dg.AssetCheckResult(
        passed=not broken,
        metadata={
            "rules": len(results),
            "broken": len(broken),
            "errors": [
                f"{result.table}.{result.column}: {result.rule} ({result.violations:,} times not)" for result in broken
            ],
            "counted": dg.MetadataValue.md("\n".join(["| table | rule | violations |", "|---|---|--:|", *lines])),
        },
    )
