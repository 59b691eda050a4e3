"""A question's answer as figures: which of its rows is which group, and what each column of numbers says about it."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb
import sqlglot
from sqlglot import exp

from provisioning_assets.planning.models import Insight, InsightAssertion, Question

Group = tuple[str, ...]
"""Identifies a row of an answer: its cells in the answer's columns of words, in the answer's order."""

_NUMBERS = re.compile(r"TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|FLOAT|DOUBLE|DECIMAL")
_MOMENTS = ("DATE", "TIMESTAMP")
_PERIOD = re.compile(r"\d{4}[- ]?(Q[1-4]|W\d\d|\d\d)?")

_DAYS = {"DAY": 1, "WEEK": 7, "MONTH": 30.4, "QUARTER": 91.3, "YEAR": 365.25}
"""Unit of an interval -> its average number of days."""
_INTERVAL = re.compile(r"INTERVAL\s+(\d+)\s+(DAY|WEEK|MONTH|QUARTER|YEAR)", re.IGNORECASE)


@dataclass(frozen=True)
class Figures:
    """The figures of one answer.

    ``values[column][group]`` is a figure. ``naming`` are the columns whose cells make up a group, and ``groups`` the groups of the
    answer in its order. ``counts`` are the columns of whole numbers. ``periods`` is true when the rows are days, months or
    quarters, which cannot be followed as groups from one day to another.
    """

    values: dict[str, dict[Group, float]]
    naming: list[str]
    groups: list[Group]
    counts: list[str]
    periods: bool


def read_figures(connection: duckdb.DuckDBPyConnection, sql: str, named: Sequence[str] = ()) -> Figures:
    """Execute DuckDB SQL and read its answer.

    Columns that are not numbers, and those of ``named`` (lower case), name a row. Without any, the first column does; the name of
    a row with one number alone is empty.
    """
    cursor = connection.execute(sql)
    kinds = {str(column[0]): str(column[1]) for column in cursor.description or []}
    names = [name.lower() for name in kinds]
    naming = [at for at, (name, kind) in enumerate(kinds.items()) if name.lower() in named or not _is_number(kind)]
    naming = naming or [*range(len(names) - 1)][:1]
    values: dict[str, dict[Group, float]] = {name: {} for at, name in enumerate(names) if at not in naming}
    rows = cursor.fetchall()
    groups = [tuple(str(row[at]) for at in naming) for row in rows]
    for group, row in zip(groups, rows, strict=True):
        for at, name in enumerate(names):
            if name in values and isinstance(cell := row[at], int | float | Decimal) and not isinstance(cell, bool):
                values[name].setdefault(group, float(cell))
    counts = [name.lower() for name, kind in kinds.items() if name.lower() in values and _is_whole(kind)]
    kinds_of_naming = [list(kinds.values())[at] for at in naming]
    periods = any(kind.startswith(_MOMENTS) for kind in kinds_of_naming) or (
        bool(groups) and any(all(_PERIOD.fullmatch(group[at]) for group in groups) for at in range(len(naming)))
    )
    return Figures(values, [names[at] for at in naming], groups, counts, periods)


def largest_parts_sql(sql: str) -> str | None:
    """The query whose columns hold, for each sum of an answer, the largest row in it: MAX(x) for SUM(x).

    Args:
        sql: DuckDB SQL of a question.

    Returns:
        A query with the answer's groups and its sums; None for a query without a sum, and for one that is not a plain SELECT.
    """
    select = sqlglot.parse_one(sql, dialect="duckdb")
    if not isinstance(select, exp.Select):
        return None
    kept: list[exp.Expr] = []
    for column in select.expressions:
        inner = column.unalias()
        while isinstance(inner, exp.Round | exp.Cast):
            inner = inner.this
        if isinstance(inner, exp.Sum) and not isinstance(inner.this, exp.Distinct):
            kept.append(exp.alias_(exp.Max(this=exp.Abs(this=inner.this.copy())), column.alias_or_name))
        elif not column.find(exp.AggFunc, exp.Window):
            kept.append(column.copy())
    if not any(column.find(exp.Max) for column in kept):
        return None
    largest = select.copy()
    largest.set("expressions", kept)
    for clause in ("order", "limit", "having", "qualify"):
        largest.set(clause, None)
    return largest.sql(dialect="duckdb")


def _is_number(kind: str) -> bool:
    return _NUMBERS.match(kind.removeprefix("U")) is not None


def _is_whole(kind: str) -> bool:
    return _is_number(kind) and not kind.startswith(("FLOAT", "DOUBLE", "DECIMAL"))


def naming_columns(question: Question, insights: Sequence[Insight]) -> list[str]:
    """Columns that name a row of the answer although they may be numbers: the chart's axis, the insights' conditions."""
    axis = [question.chart.x] if question.chart is not None and question.chart.mark != "scatter" else []
    return [name.lower() for name in [*axis, *(name for insight in insights for name in insight.assertion.where)]]


def asserted_group(assertion: InsightAssertion, shown: Figures) -> Group | None:
    """The row of an answer that an insight's assertion picks: the first when it names none; None when there is no such row."""
    wanted = {name.lower(): text for name, text in assertion.where.items()}
    if not wanted:
        return shown.groups[0] if shown.groups else None
    at = {name: place for place, name in enumerate(shown.naming)}
    if not wanted.keys() <= at.keys():
        return None
    return next(
        (group for group in shown.groups if all(_same(group[at[name]], text) for name, text in wanted.items())),
        None,
    )


def _same(cell: str, text: str) -> bool:
    """Whether a cell is what an assertion means: the same words, or the same number, ``5`` and ``5.0``, true and True."""
    if cell.strip() == text.strip() or {cell.lower(), text.lower()} in ({"true"}, {"false"}):
        return True
    try:
        return math.isclose(float(cell), float(text), rel_tol=1e-9)
    except ValueError:
        return False


def windows(googlesql: str) -> list[float]:
    """The lengths of time that a query names, days, shortest first."""
    return sorted(int(number) * _DAYS[unit.upper()] for number, unit in _INTERVAL.findall(googlesql))


def a_day_that_is_not_named(googlesql: str) -> date:
    """A day that can stand for today in a translated query and be found again in it."""
    return next(day for year in range(9000, 9999) if (day := date(year, 3, 7)).isoformat() not in googlesql)


def words_of(queries: Sequence[str]) -> set[str]:
    """Every word of the queries: whatever columns they read are among them."""
    return {word for query in queries for word in re.findall(r"\w+", query.lower())}
