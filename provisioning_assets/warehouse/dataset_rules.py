"""Compares the data model, the generated tables and what the warehouse reports about its data set."""

from collections.abc import Iterator, Sequence

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse.models import DeclaredForeignKey, DemoDataset, DescribedTable


def differences(model: DataModel, tables: SyntheticTables, described: Sequence[DescribedTable]) -> Iterator[str]:
    """Tables, row counts, columns and types that differ from the model or from the generated tables."""
    found = {table.name: table for table in described}
    generated = {manifest.name: manifest.rows for manifest in tables.tables}
    for name in sorted(set(found) - {table.name for table in model.tables}):
        yield f"{name}: is in the data set but not in the model"
    for table in model.tables:
        stored = found.get(table.name)
        if stored is None:
            yield f"{table.name}: is not in the data set"
            continue
        if stored.rows != generated.get(table.name):
            yield f"{table.name}: {stored.rows:,} rows in the data set, {generated.get(table.name, 0):,} generated"
        wanted = [(column.name, column.type) for column in table.columns if not column.internal]
        actual = [(column.name, column.type) for column in stored.columns]
        for name, kind in wanted:
            if (name, kind) not in actual:
                yield f"{table.name}.{name}: should be {kind}, is {dict(actual).get(name, 'missing')}"
        for name, _ in actual:
            if name not in dict(wanted):
                yield f"{table.name}.{name}: is in the data set but not in the model"


def undescribed(described: Sequence[DescribedTable]) -> Iterator[str]:
    """Tables and columns without a description."""
    for table in described:
        if not table.description.strip():
            yield f"{table.name}: has no description"
        for column in table.columns:
            if not column.description.strip():
                yield f"{table.name}.{column.name}: has no description"


def undeclared_keys(model: DataModel, dataset: DemoDataset, described: Sequence[DescribedTable]) -> Iterator[str]:
    """Keys of the model that the load should have declared, but that the warehouse does not report.

    A table's reference to itself is never declared: DuckDB could not load the table, and BigQuery refuses such a key.
    """
    keyed = {table.name for table in dataset.tables if table.keyed}
    referencing = {table.name for table in dataset.tables if table.referencing}
    found = {table.name: table for table in described}
    for table in model.tables:
        stored = found.get(table.name)
        if table.name not in keyed or stored is None:
            continue
        if stored.primary_key != table.primary_key:
            yield f"{table.name}: the primary key ({', '.join(table.primary_key)}) is not declared"
        for key in table.foreign_keys if table.name in referencing else []:
            declared = DeclaredForeignKey(
                columns=key.columns, references_table=key.references_table, references_columns=key.references_columns
            )
            if key.references_table in referencing - {table.name} and declared not in stored.foreign_keys:
                yield f"{table.name}: that {', '.join(key.columns)} refers to {key.references_table} is not declared"
