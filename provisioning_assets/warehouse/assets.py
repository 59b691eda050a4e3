"""The Dagster asset of the warehouse: the customer's data set."""

import dagster as dg

from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.tables import Table
from provisioning_assets.markdown import markdown_table
from provisioning_assets.store import materialized
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets.warehouse.resources import WarehouseResource

CODE_VERSION = "1"
"""Increase it when the same inputs would give another artefact; artefacts made before are then out of date."""


@demo_asset(
    group_name="warehouse",
    code_version=CODE_VERSION,
    kinds={"duckdb", "sql", "table"},
    description="The customer's tables in a warehouse: typed, described, keys declared; replaced whole, or not at all. "
    "On this machine one DuckDB file a customer, in Google Cloud one BigQuery data set.",
    # Tables that are not coherent are not loaded.
    deps=["data_quality_report"],
)
def demo_dataset(
    context: dg.AssetExecutionContext,
    data_model: DataModel,
    synthetic_tables: SyntheticTables,
    warehouse: WarehouseResource,
) -> dg.MaterializeResult[DemoDataset]:
    """Load the ``SyntheticTables`` of the ``DataModel`` into the warehouse; returns the ``DemoDataset``."""
    dataset = warehouse.load(context.partition_key, data_model, synthetic_tables)
    rows = sum(table.rows for table in dataset.tables)
    context.log.info(f"loaded {rows:,} rows in {len(dataset.tables)} tables as {dataset.dataset}")
    return materialized(
        dataset,
        {
            "dataset": dataset.dataset,
            "location": dataset.location,
            "dagster/row_count": rows,
            "bytes": dataset.bytes,
            "tables": dg.MetadataValue.md(_tables_markdown(dataset, data_model)),
            "dagster/column_schema": _column_schema(data_model.tables),
        },
    )


def _tables_markdown(dataset: DemoDataset, model: DataModel) -> str:
    descriptions = {table.name: table.description for table in model.tables}
    return markdown_table(
        ["table", "rows", "columns", "what it holds"],
        [[table.name, f"{table.rows:,}", str(table.columns), descriptions[table.name]] for table in dataset.tables],
        numbers=("rows", "columns"),
    )


def _column_schema(tables: list[Table]) -> dg.TableSchemaMetadataValue:
    """Every stored column of every table, as ``table.column``."""
    return dg.MetadataValue.table_schema(
        dg.TableSchema(columns=[column for table in tables for column in _described_columns(table)])
    )


def _described_columns(table: Table) -> list[dg.TableColumn]:
    alone = set(table.primary_key) if len(table.primary_key) == 1 else set()
    references = {
        own: f"{key.references_table}.{theirs}"
        for key in table.foreign_keys
        for own, theirs in zip(key.columns, key.references_columns, strict=True)
    }
    return [
        dg.TableColumn(
            f"{table.name}.{column.name}",
            column.type,
            description=column.description,
            constraints=dg.TableColumnConstraints(
                nullable=column.name not in table.primary_key,
                unique=column.name in alone,
                other=[f"references {references[column.name]}"] if column.name in references else [],
            ),
        )
        for column in table.columns
        if not column.internal
    ]
