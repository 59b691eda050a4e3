"""Finds the texts that a query compares stored columns with."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from provisioning_assets.googlesql.portability import Schema
from provisioning_assets.googlesql.statements import parse


class ComparedText(NamedTuple):
    """A text that a column of a table is compared with."""

    table: str
    column: str
    text: str


def compared_texts(sql: str, schema: Schema) -> list[ComparedText]:
    """Return the texts of ``column = 'text'``, ``column != 'text'`` and ``column IN ('text', ...)``, each once, in their order.

    Args:
        sql: a GoogleSQL query without problems (``lint``).
        schema: the data set's tables and columns (``schema_of``).
    """
    query = qualify(parse(sql), schema={**schema}, dialect="bigquery", quote_identifiers=False)
    return list(dict.fromkeys(found for scope in traverse_scope(query) for found in _of_scope(scope)))


def _of_scope(scope: Scope) -> Iterator[ComparedText]:
    for node in scope.find_all(exp.EQ, exp.NEQ, exp.In):
        if isinstance(node, exp.In):
            yield from _pairs(scope, node.this, node.expressions)
        else:
            yield from _pairs(scope, node.this, [node.expression])
            yield from _pairs(scope, node.expression, [node.this])


def _pairs(scope: Scope, column: exp.Expr, compared: list[exp.Expr]) -> Iterator[ComparedText]:
    source = scope.sources.get(column.table) if isinstance(column, exp.Column) else None
    if isinstance(source, exp.Table):
        for each in compared:
            if isinstance(each, exp.Literal) and each.is_string:
                yield ComparedText(source.name, column.name, each.name)
