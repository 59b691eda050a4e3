"""Follows what is known of a query's columns through its subqueries to the columns of its result."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

Known = TypeVar("Known")

Sources = Mapping[str, Mapping[str, Known]]
"""Table, or name of a subquery -> column -> what is known of it; only columns of which something is known."""


def known_of_results(
    sql: str, tables: Sources[Known], judge: Callable[[exp.Expr, Sources[Known]], Known | None]
) -> dict[str, Known]:
    """What is known of each result column.

    Args:
        sql: a GoogleSQL query that names its tables with or without project and dataset.
        tables: what is known of the tables' columns.
        judge: what is known of a selected expression, given what is known of the columns that it can use; None: nothing.

    Returns:
        Column name -> what is known; of a UNION, that of its first query. Empty if sqlglot cannot resolve the query's names.

    Raises:
        SqlglotError: the text is not GoogleSQL.
    """
    query = sqlglot.parse_one(sql, read="bigquery")
    try:
        scopes = traverse_scope(query)
    except SqlglotError:
        return {}
    known: dict[int, dict[str, Known]] = {}
    for scope in scopes:
        known[id(scope)] = _of_scope(scope, known, tables, judge)
    return known[id(scopes[-1])] if scopes else {}


def _of_scope(
    scope: Scope,
    known: Mapping[int, dict[str, Known]],
    tables: Sources[Known],
    judge: Callable[[exp.Expr, Sources[Known]], Known | None],
) -> dict[str, Known]:
    if scope.set_operation_scopes:
        return dict(known[id(scope.set_operation_scopes[0])])
    if not isinstance(scope.expression, exp.Select):
        return {}
    sources = {
        name: known.get(id(source), {}) if isinstance(source, Scope) else tables.get(source.name, {})
        for name, (_, source) in scope.selected_sources.items()
    }
    found: dict[str, Known] = {}
    for item in scope.expression.selects:
        if item.is_star:
            for source in [sources.get(item.table, {})] if isinstance(item, exp.Column) else sources.values():
                found |= source
        elif (judged := judge(item, sources)) is not None:
            found[item.alias_or_name] = judged
    return found
