"""How a data set's file is opened for reading: for this one purpose, without a way out."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from provisioning_assets.errors import ProvisioningError

QUERY_MEMORY = "1GB"
QUERY_SPILL = "16GB"
"""What a query may put on disk when its groups do not fit into memory: keys of 50 million rows do not."""


@contextlib.contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can read the data set and nothing else: no files, no network, no extensions, no settings.

    The file is attached to an engine of its own. Opening it directly would share one engine a process and path, and
    hand out the replaced file for as long as anybody still read it. Division by zero is an error, as in BigQuery.

    What does not fit into memory goes into a folder of its own that is gone afterwards. It is the one place that DuckDB
    would let SQL reach; a query that is one SELECT over bare tables (``googlesql.parse``) cannot name it.

    Raises:
        ProvisioningError: there is no such file, or it is not a DuckDB file.
    """
    if not path.is_file():
        raise ProvisioningError(f"There is no data set at {path}.", "Materialize demo_dataset for this customer first.")
    with tempfile.TemporaryDirectory(prefix="query-") as spill, _engine(spill) as connection:
        try:
            connection.execute(f"ATTACH {literal(str(path))} AS demo (READ_ONLY)")
        except duckdb.Error as error:
            raise ProvisioningError(
                f"{path} cannot be opened as a data set: {error}.", "Materialize demo_dataset for this customer again."
            ) from error
        connection.execute("USE demo")
        for setting, value in (
            ("error_on_division_by_zero", "true"),
            ("ieee_floating_point_ops", "false"),
            ("enable_external_access", "false"),
            ("lock_configuration", "true"),
        ):
            connection.execute(f"SET {setting} = {value}")
        yield connection


def _engine(spill: str) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        ":memory:",
        config={
            "memory_limit": QUERY_MEMORY,
            "temp_directory": spill,
            "max_temp_directory_size": QUERY_SPILL,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )


def quoted(name: str) -> str:
    """A name as a DuckDB identifier, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a DuckDB string literal, whatever is in it."""
    return "'" + text.replace("'", "''") + "'"
