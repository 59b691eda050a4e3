"""Which columns of a query's result are sums or counts, so that the values of several rows can be added or stacked."""

from sqlglot import exp

from provisioning_assets.googlesql.result_columns import Sources, known_of_results

_SAME_VALUE = (exp.Alias, exp.Cast, exp.Paren, exp.Round, exp.Neg, exp.Trunc)
"""Expressions whose value can be added if their first argument's can."""


def summed_columns(sql: str) -> frozenset[str]:
    """The result columns whose values are sums or counts of rows, or parts of one whole.

    The rates, means and ratios of two groups do not add up to that of both, so they are not among them.

    Args:
        sql: a GoogleSQL query.

    Returns:
        Names in lower case; empty if sqlglot cannot resolve the query's names.

    Raises:
        SqlglotError: the text is not GoogleSQL.
    """
    known = known_of_results(sql, {}, lambda item, sources: _adds_up(item, sources) or None)
    return frozenset(name.lower() for name in known)


def _adds_up(node: exp.Expr | None, sources: Sources[bool]) -> bool:
    match node:
        case exp.Count() | exp.CountIf() | exp.Sum():
            return True
        case exp.Column():
            return any(node.name in source for name, source in sources.items() if node.table in ("", name))
        case exp.Coalesce():
            return all(
                _adds_up(part, sources) or isinstance(part, exp.Literal) for part in (node.this, *node.expressions)
            )
        case exp.Add() | exp.Sub():
            return _adds_up(node.left, sources) and _adds_up(node.right, sources)
        case exp.Mul():
            parts = (node.left, node.right)
            return any(isinstance(part, exp.Literal) for part in parts) and any(
                _adds_up(part, sources) for part in parts
            )
        case exp.Div() | exp.SafeDivide():
            whole = node.expression
            return _adds_up(node.this, sources) and (isinstance(whole, exp.Literal) or _is_whole(whole))
        case _ if isinstance(node, _SAME_VALUE):
            return _adds_up(node.this, sources)
        case _:
            return False


def _is_whole(node: exp.Expr) -> bool:
    """Whether it is a sum over several rows of the result, such as ``SUM(SUM(amount)) OVER (PARTITION BY month)``."""
    inner = node.unnest() if isinstance(node, exp.Paren) else node
    return isinstance(inner, exp.Window) and isinstance(inner.this, exp.Sum | exp.Count)
