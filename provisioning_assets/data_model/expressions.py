"""SQL scalar expressions over the columns of a row, evaluated by polars.

Expressions come from data files and from models, so they are parsed first: an aggregate, a window or a subquery would see a
whole block instead of a row, and is refused.
"""

import re
from functools import lru_cache

import polars as pl

FRACTION = re.compile(r"(?<![\w.])(\d+\.\d+)(?![\w.])")
"""A number with a decimal point, outside of quotes."""


class ExpressionError(ValueError):
    """The expression cannot be evaluated row by row."""


@lru_cache(maxsize=4096)
def columns_of(sql: str) -> tuple[str, ...]:
    """Columns that an expression reads, in order of appearance.

    Raises:
        ExpressionError: not a scalar expression, or not one that polars evaluates.
    """
    return tuple(dict.fromkeys(_parsed(sql).meta.root_names()))


@lru_cache(maxsize=4096)
def _parsed(sql: str) -> pl.Expr:
    """The expression with fractions as floats: polars takes ``0.5`` for an exact decimal, twenty times as slow to reckon with."""
    pieces = sql.split("'")
    pieces[::2] = [FRACTION.sub(r"CAST(\1 AS DOUBLE)", piece) for piece in pieces[::2]]
    try:
        return pl.sql_expr("'".join(pieces))
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ExpressionError(str(error).splitlines()[0]) from error


def check_scalar(sql: str) -> None:
    """Refuse what looks at more than one row.

    Raises:
        ExpressionError: with the reason.
    """
    # only who checks needs the parser: a worker that generates starts without it
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        tree = sqlglot.parse_one(sql, read="postgres")
    except SqlglotError as error:
        raise ExpressionError(str(error).splitlines()[0]) from error
    for node in tree.walk():
        if isinstance(node, exp.AggFunc | exp.Window | exp.Subquery | exp.Select | exp.Star):
            raise ExpressionError(f"{node.sql()} looks at more than one row")
    columns_of(sql)


def duckdb_sql(sql: str) -> str:
    """A scalar expression as DuckDB reads it, written anew from what was parsed: no comment or second statement survives."""
    import sqlglot

    check_scalar(sql)
    return sqlglot.parse_one(sql, read="postgres").sql(dialect="duckdb", comments=False)


def evaluate(sql: str, frame: pl.DataFrame) -> pl.Series:
    """Value of the expression for each row of the frame.

    Raises:
        ExpressionError: a type does not fit.
    """
    try:
        result = frame.select(_parsed(sql).alias("value")).to_series()
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ExpressionError(str(error).splitlines()[0]) from error
    return result.new_from_index(0, frame.height) if len(result) == 1 and frame.height != 1 else result


def holds(sql: str, frame: pl.DataFrame) -> pl.Series:
    """Truth of the expression for each row; unknown (null) is false, as in a WHERE clause."""
    return evaluate(sql, frame).cast(pl.Boolean).fill_null(False)
