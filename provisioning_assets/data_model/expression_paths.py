"""Finds the columns that a row expression reads: columns of the same row, and columns of other rows reached by dotted paths."""

from collections.abc import Callable
from functools import lru_cache

from provisioning_assets.data_model.expression_parser import parsed
from provisioning_assets.data_model.expression_tree import Column, Node, changed, walk


def paths_of(sql: str) -> list[tuple[str, ...]]:
    """Return every column and path that an expression reads, once each, in order of appearance.

    ``seats * account_id.opportunity_id.seat_price`` gives ``("seats",)`` and ``("account_id", "opportunity_id", "seat_price")``.

    Raises:
        ExpressionError: not a row expression.
    """
    return list(dict.fromkeys(node.path for node in walk(parsed(sql)) if isinstance(node, Column)))


@lru_cache(maxsize=8192)
def columns_of(sql: str) -> tuple[str, ...]:
    """Do the same as ``paths_of``, but return each path as dotted text.

    Raises:
        ExpressionError: not a row expression.
    """
    return tuple(".".join(path) for path in paths_of(sql))


def with_columns(sql: str, name_of: Callable[[tuple[str, ...]], str]) -> str:
    """Return the expression as canonical text, with each column and path replaced by another column.

    Args:
        sql: the expression, in which the author's functions are already expanded.
        name_of: returns the name of the column that replaces a path; a plain column name is a path of one part.

    Raises:
        ExpressionError: not a row expression. Errors that ``name_of`` raises are passed on.
    """

    def renamed(node: Node) -> Node:
        return Column((name_of(node.path),)) if isinstance(node, Column) else node

    return changed(parsed(sql), renamed).text
