"""The trade's own laws and relations, executed in the finished files: rows that break a law are counted, figures measured."""

# ruff: noqa: S608  (a law is one SELECT that sqlglot parsed and wrote anew)

import math
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import duckdb
from upath import UPath

from provisioning_assets.data_model.laws import Law, Relation
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.duckdb_queries import interrupted_after
from provisioning_assets.googlesql.results import scalar_of
from provisioning_assets.quality.models import LawResult, RelationResult
from provisioning_assets.quality.table_views import table_views
from provisioning_assets.synthesis.models import SyntheticTables

ROWS_SHOWN = 3
COLUMNS_SHOWN = 8
LONGEST_CELL = 80
"""Largest number of rows, columns and characters of a cell that are shown; they are enough to find the fault."""

DIGITS_KEPT = 9
"""Significant digits of a figure that are kept. A double has 15 to 17; its last ones depend on how DuckDB's threads shared a sum,
and the report of the same files must be the same."""

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


def trade_relations(
    model: DataModel, tables: SyntheticTables, folder: UPath | Path, translate: Callable[[str, date], str]
) -> list[RelationResult]:
    """Every relation of the model with its figure in the files under the customer's ``folder``.

    As for laws: one that cannot be measured has the reason in ``error``, and does not hold.

    Args:
        model, tables, folder, translate: as for ``trade_laws``.
    """
    if not model.relations:
        return []
    with table_views(tables, folder) as connection:
        connection.execute("SET lock_configuration = true")
        return [_relation(connection, relation, model.as_of, translate) for relation in model.relations]


Value = TypeVar("Value")


def _executed(
    connection: duckdb.DuckDBPyConnection, sql: Callable[[], str], read: Callable[[str], Value]
) -> tuple[Value | None, str | None]:
    """What is read by a query in DuckDB's SQL, or why it cannot be executed."""
    try:
        query = sql()
        with interrupted_after(connection, MOST_SECONDS):
            return read(query), None
    except ProvisioningError as error:
        return None, error.problem
    except duckdb.InterruptException:
        return None, f"The query took longer than {MOST_SECONDS:g} seconds."
    except duckdb.Error as error:
        return None, f"The query failed: {str(error).strip().splitlines()[0]}"


def _result(
    connection: duckdb.DuckDBPyConnection, law: Law, as_of: date, translate: Callable[[str, date], str]
) -> LawResult:
    def counted(sql: str) -> LawResult:
        found = connection.execute(f"SELECT count(*) FROM ({sql})").fetchone()
        broken = found[0] if found else 0
        if not broken:
            return LawResult(id=law.id, says=law.says, violations=0)
        shown = connection.execute(f"SELECT * FROM ({sql}) LIMIT {ROWS_SHOWN}")
        return LawResult(
            id=law.id,
            says=law.says,
            violations=broken,
            columns=[str(column[0]) for column in shown.description or []][:COLUMNS_SHOWN],
            examples=[[_cell(value) for value in row[:COLUMNS_SHOWN]] for row in shown.fetchall()],
        )

    result, error = _executed(connection, lambda: translate(law.sql, as_of), counted)
    return result or LawResult(id=law.id, says=law.says, error=error)


def _relation(
    connection: duckdb.DuckDBPyConnection, relation: Relation, as_of: date, translate: Callable[[str, date], str]
) -> RelationResult:
    def fetched(sql: str) -> tuple[list[str], list[tuple[object, ...]]]:
        cursor = connection.execute(sql)
        return [str(column[0]) for column in cursor.description or []], cursor.fetchmany(2)

    lowest, highest = relation.between
    result = RelationResult(
        id=relation.id,
        says=relation.says,
        unit=relation.unit,
        lowest=lowest,
        highest=highest,
        source=relation.source,
    )
    answer, error = _executed(connection, lambda: translate(relation.sql, as_of), fetched)
    if answer is None:
        return result.model_copy(update={"error": error})
    names, rows = answer
    if len(rows) != 1:
        count = "no row" if not rows else "more than one row"
        return result.model_copy(update={"error": f"The query returned {count}; it must return one."})
    measured = [_number(value) for value in rows[0]]
    if measured[0] is None:
        given = "nothing: no rows fit its conditions" if rows[0][0] is None else f"{_cell(rows[0][0])!r}"
        return result.model_copy(update={"error": f"The query returned {given}; it must return a number."})
    return result.model_copy(update={"figure": measured[0], "parts": dict(zip(names[1:], measured[1:], strict=True))})


def _number(value: object) -> float | None:
    """A number of a result, to ``DIGITS_KEPT`` digits; None for everything else, and for what is not finite."""
    scalar = scalar_of(value)
    if isinstance(scalar, bool) or not isinstance(scalar, int | float):
        return None
    return float(f"{scalar:.{DIGITS_KEPT}g}") if math.isfinite(scalar) else None


def _cell(value: object) -> str:
    scalar = scalar_of(value)
    text = "" if scalar is None else str(scalar)
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}…"
