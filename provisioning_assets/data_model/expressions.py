"""Row expressions evaluated: the values they give for the rows of a frame, and the SQL they are in a check.

The language is described in docs/row-expressions.md. Expressions come from data files and from models, so each is read and
typed by this project before an engine sees it.
"""

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from provisioning_assets.data_model.expression_duckdb import duckdb_text
from provisioning_assets.data_model.expression_parser import parsed
from provisioning_assets.data_model.expression_paths import columns_of
from provisioning_assets.data_model.expression_polars import polars_expression
from provisioning_assets.data_model.expression_tree import ExpressionError
from provisioning_assets.data_model.expression_types import ValueType, typed_expression
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.working_types import WORKING_TYPES

__all__ = ["ExpressionError", "check_scalar", "columns_of", "duckdb_sql", "evaluate", "holds"]


def check_scalar(sql: str) -> None:
    """Refuse what is not a row expression; types are not looked at.

    Raises:
        ExpressionError: with the reason.
    """
    parsed(sql)


def duckdb_sql(sql: str, types: Mapping[str, GoogleSqlType]) -> str:
    """An expression as DuckDB's SQL over a stored table.

    Args:
        sql: a row expression.
        types: type of each column it may read.

    Raises:
        ExpressionError: not a row expression, or types that do not fit.
    """
    return duckdb_text(typed_expression(sql, types))


def evaluate(sql: str, frame: pl.DataFrame) -> pl.Series:
    """Value of the expression for each row of the frame.

    Raises:
        ExpressionError: not a row expression, a column that is not there, or types that do not fit.
    """
    schema = frame.schema
    columns = columns_of(sql)
    if any(name not in schema for name in columns):
        columns = tuple(schema)  # for the message, which lists what is there
    other = [name for name in columns if schema[name] != _computed_with(schema[name])]
    rows = frame.with_columns(pl.col(name).cast(_computed_with(schema[name])) for name in other) if other else frame
    expression = _expression(sql, tuple((name, _type_of(schema[name])) for name in columns))
    result = rows.select(expression.alias("value")).to_series()
    return result.new_from_index(0, frame.height) if len(result) == 1 and frame.height != 1 else result


def holds(sql: str, frame: pl.DataFrame) -> pl.Series:
    """Truth of the expression for each row; unknown (null) is false, as in a WHERE clause.

    Raises:
        ExpressionError: as for ``evaluate``, or it is not a condition.
    """
    result = evaluate(sql, frame)
    if result.dtype not in (pl.Boolean, pl.Null):
        raise ExpressionError(f"`{sql}` is {_type_of(result.dtype)}, where a condition is needed: true or false")
    return result.cast(pl.Boolean).fill_null(False)


@lru_cache(maxsize=8192)
def _expression(sql: str, types: tuple[tuple[str, ValueType], ...]) -> pl.Expr:
    return polars_expression(typed_expression(sql, dict(types)))


def _type_of(dtype: pl.DataType) -> ValueType:
    """The type of a column as expressions speak of it; a frame does not know which of its floats are money."""
    if dtype.is_integer():
        return "INT64"
    if dtype.is_float() or dtype.is_decimal():
        return "FLOAT64"
    if dtype == pl.Null:
        return "NULL"
    for kind, known in WORKING_TYPES.items():
        if dtype == known:
            return kind
    return "DATETIME" if dtype.is_temporal() else "STRING"


def _computed_with(dtype: pl.DataType) -> pl.DataType:
    """The type that a column is converted to before expressions are computed."""
    kind = _type_of(dtype)
    return dtype if kind == "NULL" or kind == "INTERVAL" else WORKING_TYPES[kind]
