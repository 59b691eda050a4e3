"""Types of columns while rows are generated, and in Parquet."""

import polars as pl

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.names import GoogleSqlType

WORKING_TYPES: dict[GoogleSqlType, pl.DataType] = {
    "STRING": pl.String(),
    "INT64": pl.Int64(),
    "FLOAT64": pl.Float64(),
    "NUMERIC": pl.Float64(),
    "BOOL": pl.Boolean(),
    "DATE": pl.Date(),
    "DATETIME": pl.Datetime("us"),
}
"""Column type -> polars type while rows are generated. Money is a rounded float, which is exact to the cent well beyond 10**12."""


STORED_TYPES: dict[GoogleSqlType, pl.DataType] = {**WORKING_TYPES, "NUMERIC": pl.Decimal(18, 2)}
"""Column type -> polars type of the column in Parquet files."""


def empty_frame(lineage: Lineage, table: str) -> pl.DataFrame:
    """Return a frame without rows that has the table's columns with their working types."""
    return pl.DataFrame(schema={column.name: WORKING_TYPES[column.type] for column in lineage.tables[table].columns})
