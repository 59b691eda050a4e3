"""Says why a column of a query cannot be resolved: it exists nowhere, is not stored, or exists more than once."""

import re
from collections.abc import Collection, Iterable, Mapping

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from provisioning_assets.data_model.problems import suggestion
from provisioning_assets.data_model.tables import Table

Helpers = Mapping[str, Collection[str]]
"""Table -> its helper columns: they generate other columns and are not stored."""

_NAMED_BY_SQLGLOT = re.compile(r"^(?:Unknown column: |Column ')(?P<name>\w+)")


def helpers_of(tables: Iterable[Table]) -> Helpers:
    """Return for each table its columns that are not stored."""
    return {table.name: [column.name for column in table.columns if column.internal] for table in tables}


def unresolved_column(
    reported: str, query: exp.Query, schema: Mapping[str, Mapping[str, str]], helpers: Helpers
) -> str | None:
    """Return one or two sentences: what is wrong with the column, and the names that are accepted.

    Args:
        reported: the first line of sqlglot's message, which names the column.
        query: the query; it is not changed.
        schema: table -> its stored columns.
        helpers: table -> its columns that are not stored.

    Returns:
        None if the message names no column, or the column is an alias of its own SELECT, which is another mistake.
    """
    named = _NAMED_BY_SQLGLOT.match(reported)
    if named is None:
        return None
    name = named["name"].casefold()
    try:
        scopes = traverse_scope(query)
    except SqlglotError:
        return None
    for scope in scopes:
        for column in scope.columns:
            if column.name.casefold() == name:
                words = _words(column, scope, schema, helpers)
                if words is not None:
                    return words
    return None


def _words(column: exp.Column, scope: Scope, schema: Mapping[str, Mapping[str, str]], helpers: Helpers) -> str | None:
    reachable = _reachable(scope, schema)
    name = column.name
    if column.table and column.table not in reachable:
        return f"`{column.table}` is not a table or an alias of the query there. {suggestion(column.table, reachable)}"
    sources = {column.table: reachable[column.table]} if column.table else reachable
    if any(columns is None for _, columns in sources.values()):
        return None
    having = [alias for alias, (_, columns) in sources.items() if name.casefold() in map(str.casefold, columns or [])]
    if len(having) == 1:
        return None
    if having:
        return f"`{name}` may be {' or '.join(f'{alias}.{name}' for alias in having)}. Write one of them."
    accepted = suggestion(name, dict.fromkeys(each for _, columns in sources.values() for each in columns or []))
    for table, _ in sources.values():
        if name.casefold() in map(str.casefold, helpers.get(table, [])):
            return f"`{name}` is a helper of {table}, which is not stored: make it a column, or use another. {accepted}"
    if _means_an_alias(column, scope):
        return None
    return f"`{name}` is not a column of {', '.join(table for table, _ in sources.values())}. {accepted}"


def _reachable(scope: Scope, schema: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, list[str] | None]]:
    """Alias -> name of what is read and its columns, None if they are not known. Those of enclosing queries come last."""
    found: dict[str, tuple[str, list[str] | None]] = {}
    enclosing: Scope | None = scope
    while enclosing is not None:
        for alias, source in enclosing.sources.items():
            if alias not in found and alias in enclosing.selected_sources:
                found[alias] = _columns_of(alias, source, schema)
        enclosing = enclosing.parent if enclosing.is_correlated_subquery else None
    return found


def _columns_of(alias: str, source: object, schema: Mapping[str, Mapping[str, str]]) -> tuple[str, list[str] | None]:
    if isinstance(source, exp.Table):
        return source.name, list(schema[source.name]) if source.name in schema else None
    if isinstance(source, Scope) and isinstance(source.expression, exp.Query) and not source.expression.is_star:
        return alias, source.expression.named_selects
    return alias, None


def _means_an_alias(column: exp.Column, scope: Scope) -> bool:
    """Whether the name is an alias of the same SELECT that is used outside of its own definition."""
    select = scope.expression
    if column.table or not isinstance(select, exp.Select):
        return False
    name = column.name.casefold()
    definition = next((each for each in select.expressions if each.alias.casefold() == name), None)
    return isinstance(definition, exp.Alias) and all(each is not column for each in definition.find_all(exp.Column))
