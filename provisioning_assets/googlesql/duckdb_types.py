"""Converts GoogleSQL's types to DuckDB's, and back."""

import re

from provisioning_assets.data_model.names import GoogleSqlType

DUCKDB_TYPES: dict[GoogleSqlType, str] = {
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DECIMAL(18,2)",
    "BOOL": "BOOLEAN",
    "DATE": "DATE",
    "DATETIME": "TIMESTAMP",
}
"""GoogleSQL type -> DuckDB type of the stored column. NUMERIC is money with two decimals, as in the data model."""

_GOOGLESQL_TYPES = {
    "VARCHAR": "STRING",
    "TINYINT": "INT64",
    "SMALLINT": "INT64",
    "INTEGER": "INT64",
    "BIGINT": "INT64",
    "HUGEINT": "INT64",  # the type of DuckDB's SUM of BIGINT
    "UTINYINT": "INT64",
    "USMALLINT": "INT64",
    "UINTEGER": "INT64",
    "UBIGINT": "INT64",
    "FLOAT": "FLOAT64",
    "DOUBLE": "FLOAT64",
    "BOOLEAN": "BOOL",
    "DATE": "DATE",
    "TIME": "TIME",
    "TIMESTAMP": "DATETIME",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
    "INTERVAL": "INTERVAL",
    "BLOB": "BYTES",
    "JSON": "JSON",
    '"NULL"': "INT64",  # GoogleSQL's type of a bare NULL
}


def googlesql_type(duckdb_type: str) -> str:
    """``DECIMAL(38,2)`` -> ``NUMERIC``, ``BIGINT[]`` -> ``ARRAY<INT64>``; other names stay as they are."""
    if duckdb_type.endswith("[]"):
        return f"ARRAY<{googlesql_type(duckdb_type[:-2])}>"
    if duckdb_type.startswith("STRUCT("):
        return "STRUCT"
    name = re.sub(r"\(.*\)$", "", duckdb_type)
    return "NUMERIC" if name == "DECIMAL" else _GOOGLESQL_TYPES.get(name, name)
