"""Evaluates row expressions over the rows of a frame, and translates them into SQL for checks.

The language is described in docs/row-expressions.md. Expressions come from data files and from language models, so this project
parses and types each of them before it is passed to an engine.
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
    """Check that a text is a row expression; its types are not checked.

    Raises:
        ExpressionError: not a row expression; the message gives the reason.
    """
    parsed(sql)


def duckdb_sql(sql: str, types: Mapping[str, GoogleSqlType]) -> str:
    """Return an expression as DuckDB SQL over a stored table.

    Args:
        sql: a row expression.
        types: the type of each column that the expression may read.

    Raises:
        ExpressionError: not a row expression, or types that do not fit.
    """
    return duckdb_text(typed_expression(sql, types))


def evaluate(sql: str, frame: pl.DataFrame) -> pl.Series:
    """Return the value of the expression for each row of the frame.

    Raises:
        ExpressionError: not a row expression, a missing column, or types that do not fit.
    """
    schema = frame.schema
    columns = columns_of(sql)
    if any(name not in schema for name in columns):
        columns = tuple(schema)  # so that the message lists the existing columns
    other = [name for name in columns if schema[name] != _computed_with(schema[name])]
    rows = frame.with_columns(pl.col(name).cast(_computed_with(schema[name])) for name in other) if other else frame
    expression = _expression(sql, tuple((name, _type_of(schema[name])) for name in columns))
    result = rows.select(expression.alias("value")).to_series()
    return result.new_from_index(0, frame.height) if len(result) == 1 and frame.height != 1 else result


def holds(sql: str, frame: pl.DataFrame) -> pl.Series:
    """Return for each row whether the condition is true; null counts as false, as in a WHERE clause.

    Raises:
        ExpressionError: as for ``evaluate``, or the expression is not a condition.
    """
    result = evaluate(sql, frame)
    if result.dtype not in (pl.Boolean, pl.Null):
        raise ExpressionError(f"`{sql}` is {_type_of(result.dtype)}, where a condition is needed: true or false")
    return result.cast(pl.Boolean).fill_null(False)


@lru_cache(maxsize=8192)
def _expression(sql: str, types: tuple[tuple[str, ValueType], ...]) -> pl.Expr:
    return polars_expression(typed_expression(sql, dict(types)))


def _type_of(dtype: pl.DataType) -> ValueType:
    """Return the expression type of a frame's column. A frame does not record which floats are money."""
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
    """Return the type to which a column is converted before expressions are computed."""
    kind = _type_of(dtype)
    return dtype if kind == "NULL" or kind == "INTERVAL" else WORKING_TYPES[kind]
