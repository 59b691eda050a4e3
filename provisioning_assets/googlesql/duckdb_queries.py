"""Runs GoogleSQL on a customer's DuckDB file: one SELECT, read-only, with a time limit."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.duckdb_connection import KeptEngine, reading
from provisioning_assets.googlesql.duckdb_types import googlesql_type
from provisioning_assets.googlesql.results import QueryResult, ResultColumn, scalar_of
from provisioning_assets.googlesql.statements import to_duckdb

_COUNTED_AT_ONCE = 50_000


def run_query(
    path: Path,
    googlesql: str,
    *,
    as_of: date,
    most_rows: int = 200,
    seconds: float = 30.0,
    kept: KeptEngine | None = None,
) -> QueryResult:
    """Execute one GoogleSQL SELECT.

    Args:
        path: the customer's ``dataset.duckdb``.
        googlesql: the query, over bare table names.
        as_of: the value of CURRENT_DATE().
        most_rows: how many rows of the result are returned at most; all are counted.
        seconds: after this time the query is interrupted.
        kept: pass the same one to several queries of a file, so that they share an engine.

    Returns:
        The result with GoogleSQL types. Dates and datetimes are ISO 8601 text, NUMERIC is float, infinities and NaN are
        None, arrays and structs are JSON text.

    Raises:
        ProvisioningError: there is no data set, the query is not one SELECT, it failed, or it took too long.
    """
    sql = to_duckdb(googlesql, as_of=as_of)
    began = time.perf_counter()
    with reading(path, kept) as connection, interrupted_after(connection, seconds):
        try:
            cursor = connection.execute(sql)
            rows = cursor.fetchmany(most_rows)
            row_count = len(rows)
            while more := len(cursor.fetchmany(_COUNTED_AT_ONCE)):
                row_count += more
        except duckdb.InterruptException as error:
            raise ProvisioningError(
                f"The query took longer than {seconds:g} seconds and was stopped.",
                "Ask for less: a shorter period, fewer groups, or an aggregate.",
            ) from error
        except (duckdb.Error, ValueError, OverflowError) as error:
            reason = str(error).strip().splitlines()[0].rstrip(".")
            raise ProvisioningError(f"The query failed: {reason}.", "Fix the query.") from error
        columns = [
            ResultColumn(name=name, type=googlesql_type(str(kind))) for name, kind, *_ in cursor.description or []
        ]
    return QueryResult(
        columns=columns,
        rows=[[scalar_of(value) for value in row] for row in rows],
        row_count=row_count,
        seconds=time.perf_counter() - began,
    )


@contextmanager
def interrupted_after(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt what the connection executes in the block after that time; raises ``duckdb.InterruptException``."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
