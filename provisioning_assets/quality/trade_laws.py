"""The trade's own laws: each is executed in the finished files, and the rows that break it are counted."""

# ruff: noqa: S608  (a law is one SELECT that sqlglot parsed and wrote anew)

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
from upath import UPath

from provisioning_assets.data_model.laws import Law
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.duckdb_queries import interrupted_after
from provisioning_assets.googlesql.results import scalar_of
from provisioning_assets.quality.models import LawResult
from provisioning_assets.quality.table_views import table_views
from provisioning_assets.synthesis.models import SyntheticTables

ROWS_SHOWN = 3
COLUMNS_SHOWN = 8
LONGEST_CELL = 80
"""Largest number of rows, columns and characters of a cell that are shown; they are enough to find the fault."""

MOST_SECONDS = 120.0
"""Time limit for one law, in seconds. At 50 million rows, a join of two tables takes about 30 seconds."""


def trade_laws(
    model: DataModel, tables: SyntheticTables, folder: UPath | Path, translate: Callable[[str, date], str]
) -> list[LawResult]:
    """Every law of the model with the number of rows that break it in the files under the customer's ``folder``.

    A law sees the stored tables and columns and nothing else. One that cannot be executed is not passed over: its result has the
    reason in ``error`` and counts as broken.

    Args:
        model: the laws, and the as-of date that is today in them.
        tables, folder: the files.
        translate: GoogleSQL and the date of its CURRENT_DATE() -> DuckDB's SQL.
    """
    if not model.rules:
        return []
    with table_views(tables, folder) as connection:
        connection.execute("SET lock_configuration = true")
        return [_result(connection, law, model.as_of, translate) for law in model.rules]


def _result(
    connection: duckdb.DuckDBPyConnection, law: Law, as_of: date, translate: Callable[[str, date], str]
) -> LawResult:
    try:
        sql = translate(law.sql, as_of)
        with interrupted_after(connection, MOST_SECONDS):
            counted = connection.execute(f"SELECT count(*) FROM ({sql})").fetchone()
            broken = counted[0] if counted else 0
            shown = connection.execute(f"SELECT * FROM ({sql}) LIMIT {ROWS_SHOWN}") if broken else None
    except ProvisioningError as error:
        return LawResult(id=law.id, says=law.says, error=error.problem)
    except duckdb.InterruptException:
        return LawResult(id=law.id, says=law.says, error=f"The query took longer than {MOST_SECONDS:g} seconds.")
    except duckdb.Error as error:
        return LawResult(id=law.id, says=law.says, error=f"The query failed: {str(error).strip().splitlines()[0]}")
    if shown is None:
        return LawResult(id=law.id, says=law.says, violations=0)
    return LawResult(
        id=law.id,
        says=law.says,
        violations=broken,
        columns=[str(column[0]) for column in shown.description or []][:COLUMNS_SHOWN],
        examples=[[_cell(value) for value in row[:COLUMNS_SHOWN]] for row in shown.fetchall()],
    )


def _cell(value: object) -> str:
    scalar = scalar_of(value)
    text = "" if scalar is None else str(scalar)
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}…"
