"""Checks that the data set in the warehouse is the one that was modelled and generated."""

from collections.abc import Iterable

import dagster as dg

from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse.assets import demo_dataset
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets.warehouse.resources import WarehouseResource


@demo_check(
    asset=demo_dataset,
    additional_ins={"data_model": dg.AssetIn("data_model"), "synthetic_tables": dg.AssetIn("synthetic_tables")},
    blocking=True,
    description="Every table has the rows that were generated, and the columns and types that were modelled.",
)
def dataset_matches_tables(
    context: dg.AssetCheckExecutionContext,
    demo_dataset: DemoDataset,
    data_model: DataModel,
    synthetic_tables: SyntheticTables,
    warehouse: WarehouseResource,
) -> dg.AssetCheckResult:
    """The data set is the generated one; otherwise the results of queries on it prove nothing."""
    from provisioning_assets.warehouse.dataset_rules import differences

    described = warehouse.describe(context.partition_key)
    return _result(
        differences(data_model, synthetic_tables, described),
        {"tables": len(demo_dataset.tables), "rows": sum(table.rows for table in described)},
    )


@demo_check(
    asset=demo_dataset,
    description="Every table and every column is described in the warehouse: the agent reads descriptions there.",
)
def descriptions_present(
    context: dg.AssetCheckExecutionContext, demo_dataset: DemoDataset, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Every table and column has a description, because the agent needs it to understand the data."""
    from provisioning_assets.warehouse.dataset_rules import undescribed

    described = warehouse.describe(context.partition_key)
    return _result(
        undescribed(described),
        {"tables": len(demo_dataset.tables), "columns": sum(len(table.columns) for table in described)},
    )


@demo_check(
    asset=demo_dataset,
    additional_ins={"data_model": dg.AssetIn("data_model")},
    blocking=True,
    description="Primary and foreign keys are declared, no key is repeated or missing, every reference resolves.",
)
def keys_declared_and_hold(
    context: dg.AssetCheckExecutionContext,
    demo_dataset: DemoDataset,
    data_model: DataModel,
    warehouse: WarehouseResource,
) -> dg.AssetCheckResult:
    """Keys are declared and hold; a join over a broken key counts rows twice, or not at all."""
    from provisioning_assets.warehouse.dataset_rules import undeclared_keys
    from provisioning_assets.warehouse.key_rules import broken_keys

    key = context.partition_key
    rows = {table.name: table.rows for table in demo_dataset.tables}
    with warehouse.querying(key, as_of=demo_dataset.as_of, seconds=600) as run:
        broken = broken_keys(data_model, rows, run)
    return _result(
        [*undeclared_keys(data_model, demo_dataset, warehouse.describe(key)), *broken],
        {
            "primary_keys": len(data_model.tables),
            "foreign_keys": sum(len(table.foreign_keys) for table in data_model.tables),
            "only_checked": [table.name for table in demo_dataset.tables if not (table.keyed and table.referencing)],
        },
    )


def _result(errors: Iterable[str], metadata: dict[str, int | list[str]]) -> dg.AssetCheckResult:
    found = list(errors)
    return dg.AssetCheckResult(passed=not found, metadata={**metadata, "errors": found})
