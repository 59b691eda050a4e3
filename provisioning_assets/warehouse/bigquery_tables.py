"""Tables of the data model as BigQuery's: schema, keys, partitions, clusters; and BigQuery's tables as we describe them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from google.cloud import bigquery
from google.cloud.bigquery.table import TableConstraints

from provisioning_assets.data_model.tables import Table
from provisioning_assets.warehouse.dataset_content import stored_columns
from provisioning_assets.warehouse.models import DeclaredForeignKey, DescribedColumn, DescribedTable

MOST_CLUSTERED = 4
"""Largest number of columns that a table is clustered by (BigQuery's documentation, "Limitations of clustered tables")."""

LONGEST_TABLE_DESCRIPTION = 16_384
LONGEST_COLUMN_DESCRIPTION = 1_024
"""Largest number of characters of a description (BigQuery's documentation, "Quotas and limits", tables and columns)."""

_GOOGLESQL_NAMES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}
"""The REST API's older names of types -> GoogleSQL's."""

_NOT_CLUSTERED = frozenset({"FLOAT64"})


def schema_fields(table: Table) -> list[bigquery.SchemaField]:
    """The stored columns with types and descriptions.

    Every column is NULLABLE, also those of the primary key: the columns of the Parquet files are optional, and BigQuery does not
    load an optional column into a REQUIRED one.
    """
    return [
        bigquery.SchemaField(column.name, column.type, description=column.description[:LONGEST_COLUMN_DESCRIPTION])
        for column in stored_columns(table)
    ]


def staged_table(reference: bigquery.TableReference, table: Table) -> bigquery.Table:
    """The table as it is created for loading: typed, described, partitioned, clustered; without keys.

    Keys are declared at the end, in the final data set: a foreign key cannot refer to another data set, and a copy replaces the
    keys of its target by those of its source (BigQuery's documentation of TABLE_CONSTRAINTS).
    """
    made = bigquery.Table(reference, schema=schema_fields(table))
    made.description = table.description[:LONGEST_TABLE_DESCRIPTION]
    months, clusters = partitioning(table), clustering(table)
    if months is not None:
        made.time_partitioning = months
    if clusters:
        made.clustering_fields = clusters
    return made


def partitioning(table: Table) -> bigquery.TimePartitioning | None:
    """By month of the table's event time; None if it has none that is stored.

    A month: history of ten years is 120 partitions of 10,000 that a table may have, and one load job may fill 4,000. By day,
    small demos would have partitions of some rows each, which makes queries slower, not faster.
    """
    stored = {column.name: column.type for column in stored_columns(table)}
    if table.event_time is None or stored.get(table.event_time) not in ("DATE", "DATETIME"):
        return None
    return bigquery.TimePartitioning(type_=bigquery.TimePartitioningType.MONTH, field=table.event_time)


def clustering(table: Table) -> list[str]:
    """Up to four columns that rows are sorted by: dimensions, then references, then the primary key.

    Questions filter by dimensions and join by references. BigQuery sorts by the first column first, so columns with few values
    come before those with many: behind a column that differs in every row, no other would help. FLOAT64 cannot be clustered,
    and the column of the partitions already orders the rows.
    """
    stored = {column.name: column for column in stored_columns(table)}
    references = [name for key in table.foreign_keys for name in key.columns]
    dimensions = [name for name, column in stored.items() if column.role == "dimension"]
    wanted = dict.fromkeys([*(name for name in dimensions if name not in references), *references, *table.primary_key])
    return [
        name
        for name in wanted
        if name in stored and stored[name].type not in _NOT_CLUSTERED and name != table.event_time
    ][:MOST_CLUSTERED]


def same_layout(one: bigquery.Table, other: bigquery.Table) -> bool:
    """Whether both have the same columns, partitions and clusters: only then one is copied over the other.

    A partitioned table can only be copied over one of the same partitions (BigQuery's documentation, "Copy partitioned tables").
    What a copy makes of other columns or clusters is not documented.
    """
    return _layout(one) == _layout(other)


def _layout(table: bigquery.Table) -> tuple[object, ...]:
    months = table.time_partitioning
    return (
        [(field.name, googlesql_type(field)) for field in table.schema],
        None if months is None else (str(months.type_), months.field),
        list(table.clustering_fields or []),
    )


def keys_resource(dataset: bigquery.DatasetReference, table: Table, *, referring: bool) -> dict[str, Any]:
    """The table's keys as the REST API's ``TableConstraints``; ``foreignKeys`` is empty without ``referring``.

    It is written out because the client leaves empty lists away, and then an update keeps foreign keys that are there. A
    reference to the table itself is left out: BigQuery refuses it ("A foreign key cannot refer to a column in the same table").
    """
    return {
        "primaryKey": {"columns": table.primary_key},
        "foreignKeys": [
            {
                "name": f"fk_{number}_{key.references_table}",
                "referencedTable": dataset.table(key.references_table).to_api_repr(),
                "columnReferences": [
                    {"referencingColumn": own, "referencedColumn": theirs}
                    for own, theirs in zip(key.columns, key.references_columns, strict=True)
                ],
            }
            for number, key in enumerate(declared_references(table) if referring else [], start=1)
        ],
    }


def declared_references(table: Table) -> list[Any]:
    """The foreign keys that are declared: all but those to the table itself."""
    return [key for key in table.foreign_keys if key.references_table != table.name]


def update_of(
    reference: bigquery.TableReference,
    *,
    described: Table | None = None,
    expires: datetime | Literal["as it is"] | None = "as it is",
    keys: dict[str, Any] | None = None,
) -> tuple[bigquery.Table, list[str]]:
    """An update for ``Client.update_table``: the table and the names of the fields that change. Without ``expires``, it stays."""
    made = bigquery.Table.from_api_repr(
        {"tableReference": reference.to_api_repr(), **({"tableConstraints": keys} if keys is not None else {})}
    )
    fields = [] if keys is None else ["table_constraints"]
    if described is not None:
        made.schema = schema_fields(described)
        made.description = described.description[:LONGEST_TABLE_DESCRIPTION]
        fields += ["schema", "description"]
    if expires != "as it is":
        made.expires = expires
        fields.append("expires")
    return made, fields


def described_table(table: bigquery.Table, rows: int) -> DescribedTable:
    """A table as BigQuery reports it, with its number of rows."""
    keys = table.table_constraints
    return DescribedTable(
        name=table.table_id,
        description=table.description or "",
        rows=rows,
        columns=[
            DescribedColumn(name=field.name, type=googlesql_type(field), description=field.description or "")
            for field in table.schema
        ],
        primary_key=list(keys.primary_key.columns) if keys and keys.primary_key else [],
        foreign_keys=declared_foreign_keys(keys),
    )


def declared_foreign_keys(keys: TableConstraints | None) -> list[DeclaredForeignKey]:
    """The foreign keys of a table as BigQuery reports them."""
    return [
        DeclaredForeignKey(
            columns=[pair.referencing_column for pair in key.column_references],
            references_table=key.referenced_table.table_id,
            references_columns=[pair.referenced_column for pair in key.column_references],
        )
        for key in (keys.foreign_keys if keys and keys.foreign_keys else [])
    ]


def googlesql_type(field: bigquery.SchemaField) -> str:
    """``INTEGER`` -> ``INT64``, a repeated one -> ``ARRAY<INT64>``; a RECORD is a ``STRUCT``."""
    name = _GOOGLESQL_NAMES.get(field.field_type, field.field_type)
    return f"ARRAY<{name}>" if field.mode == "REPEATED" else name


def missing_keys(tables: Sequence[bigquery.Table], wanted: Sequence[Table]) -> list[str]:
    """Names of the tables that BigQuery reports without all the keys of the model."""
    found = {table.table_id: described_table(table, 0) for table in tables}
    return [
        table.name
        for table in wanted
        if found[table.name].primary_key != table.primary_key
        or any(
            DeclaredForeignKey(
                columns=key.columns, references_table=key.references_table, references_columns=key.references_columns
            )
            not in found[table.name].foreign_keys
            for key in declared_references(table)
        )
    ]
