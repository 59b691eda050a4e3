"""The columns that a row expression reads: of its own row, and those reached through foreign keys by dotted paths."""

from collections.abc import Callable
from functools import lru_cache

from provisioning_assets.data_model.expression_parser import parsed
from provisioning_assets.data_model.expression_tree import Column, Node, changed, walk


def paths_of(sql: str) -> list[tuple[str, ...]]:
    """Every column and path that an expression reads, once each, in order of appearance.

    ``seats * account_id.opportunity_id.seat_price`` gives ``("seats",)`` and ``("account_id", "opportunity_id", "seat_price")``.

    Raises:
        ExpressionError: not a row expression.
    """
    return list(dict.fromkeys(node.path for node in walk(parsed(sql)) if isinstance(node, Column)))


@lru_cache(maxsize=8192)
def columns_of(sql: str) -> tuple[str, ...]:
    """As ``paths_of``, with the dotted text of each path.

    Raises:
        ExpressionError: not a row expression.
    """
    return tuple(".".join(path) for path in paths_of(sql))


def with_columns(sql: str, name_of: Callable[[tuple[str, ...]], str]) -> str:
    """The expression with another column in place of each column and path, as canonical text.

    Args:
        sql: the expression; functions of an author are expanded before.
        name_of: the name of the column that takes a path's place; a single name is a path of one part.

    Raises:
        ExpressionError: not a row expression. What ``name_of`` raises goes through.
    """

    def renamed(node: Node) -> Node:
        return Column((name_of(node.path),)) if isinstance(node, Column) else node

    return changed(parsed(sql), renamed).text
