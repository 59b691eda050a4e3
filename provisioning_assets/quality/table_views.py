"""A customer's Parquet files as views in a DuckDB of their own, in bounded memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from upath import UPath

from provisioning_assets.googlesql.duckdb_signals import stopped_by_signals
from provisioning_assets.quality.local_tables import local_tables
from provisioning_assets.synthesis.models import SyntheticTables

MEMORY_LIMIT = "512MB"
"""Memory that DuckDB may use; beyond it, DuckDB writes to disk."""


@contextmanager
def engine(**settings: str | int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory. What does not fit is spilled into a temporary folder, which is removed afterwards.

    By default DuckDB would spill into the current folder of the process.
    """
    with TemporaryDirectory(prefix="quality-") as spill:
        connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": spill, **settings})
        try:
            with stopped_by_signals(connection):
                yield connection
        finally:
            connection.close()


@contextmanager
def table_views(tables: SyntheticTables, folder: UPath | Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with one view for each table, over its files under the customer's ``folder``, and for each of its sources.

    The SQL that is executed here comes from data files: it can read these tables and nothing else on the machine.
    """
    with local_tables(tables, folder) as local, engine() as connection:
        local = local.resolve()
        connection.execute("SET allowed_directories = ?", [[str(local)]])
        connection.execute("SET enable_external_access = false")
        for table in tables.tables:
            for part in {table.name: table, **{part.name: part for part in table.parts()}}.values():
                connection.read_parquet([str(local / file.path) for file in part.files]).create_view(part.name)
        yield connection
