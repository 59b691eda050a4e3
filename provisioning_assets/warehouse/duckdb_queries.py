"""Runs GoogleSQL on a customer's DuckDB file: one SELECT, read-only, within a time."""

import json
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from provisioning_assets.data_model.names import Scalar
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.golden.models import ResultColumn
from provisioning_assets.googlesql.statements import to_duckdb
from provisioning_assets.warehouse.duckdb_connection import KeptEngine, reading
from provisioning_assets.warehouse.duckdb_types import googlesql_type
from provisioning_assets.warehouse.models import QueryResult

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
        as_of: what CURRENT_DATE() is.
        most_rows: rows kept of the result; all are counted.
        seconds: how long it may take before it is interrupted.
        kept: for one of many queries of the same file.

    Returns:
        GoogleSQL types; dates and datetimes as ISO 8601 text, NUMERIC as float, infinities and NaN as None, arrays and
        structs as JSON text.

    Raises:
        ProvisioningError: no data set, not one SELECT, the query failed, or it took too long.
    """
    sql = to_duckdb(googlesql, as_of=as_of)
    began = time.perf_counter()
    with reading(path, kept) as connection, _interrupted_after(connection, seconds):
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
            raise ProvisioningError(f"The query failed: {reason}.", "Mend the query.") from error
        columns = [
            ResultColumn(name=name, type=googlesql_type(str(kind))) for name, kind, *_ in cursor.description or []
        ]
    return QueryResult(
        columns=columns,
        rows=[[_scalar(value) for value in row] for row in rows],
        row_count=row_count,
        seconds=time.perf_counter() - began,
    )


@contextmanager
def _interrupted_after(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _scalar(value: Any) -> Scalar:
    match value:
        case None | bool() | int() | str():
            return value
        case float() | Decimal():
            number = float(value)
            return number if math.isfinite(number) else None
        case date() | datetime() | time_of_day():
            return value.isoformat()
        case list() | tuple() | dict():
            return json.dumps(value, default=lambda part: _scalar(part), ensure_ascii=False)
        case _:
            return str(value)
