"""Units of a query's result columns, followed through its subqueries from the units of the tables' columns."""

from collections.abc import Iterable, Mapping

from sqlglot import exp

from provisioning_assets.data_model.tables import Table
from provisioning_assets.figure_text import is_currency
from provisioning_assets.googlesql.result_columns import known_of_results

Units = Mapping[str, Mapping[str, str]]
"""Table -> column -> its unit; only columns that have one."""

PERCENT = "percent"

_KEEP_THE_UNIT = (
    exp.Abs,
    exp.Alias,
    exp.AnyValue,
    exp.ApproxQuantiles,
    exp.ArgMax,
    exp.ArgMin,
    exp.Avg,
    exp.Bracket,
    exp.Cast,
    exp.Ceil,
    exp.FirstValue,
    exp.Floor,
    exp.IgnoreNulls,
    exp.Lag,
    exp.LastValue,
    exp.Lead,
    exp.Max,
    exp.Median,
    exp.Min,
    exp.Neg,
    exp.Nullif,
    exp.Paren,
    exp.PercentileCont,
    exp.PercentileDisc,
    exp.Quantile,
    exp.Round,
    exp.Stddev,
    exp.StddevPop,
    exp.StddevSamp,
    exp.Sum,
    exp.Trunc,
    exp.Window,
    exp.WithinGroup,
)
"""Functions whose result has the unit of their first argument."""

_TIME_UNITS = {part: f"{part}s".lower() for part in ("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR")}
_CONVERSIONS = {"7", "24", "60", "1440", "3600", "86400"}
"""Constants that make one unit of time out of another: 60 makes hours out of minutes, and seconds as well."""


def units_of_columns(tables: Iterable[Table]) -> dict[str, dict[str, str]]:
    """Return for each table the units of its columns that have one."""
    return {table.name: {column.name: column.unit for column in table.columns if column.unit} for table in tables}


def units_of(sql: str, units: Units) -> dict[str, str]:
    """The unit of each result column that has one.

    A sum, mean or difference of amounts has the unit of the amounts, and so has an amount divided by a number of anything else;
    an amount divided by an amount has none. Of products, money times a number is money, and a number of anything times a constant
    is a number of the same, except that 60 minutes are an hour. A difference of two dates has the unit that it is counted in.

    Args:
        sql: a GoogleSQL query that names its tables with or without project and dataset.
        units: the units of the tables' columns.

    Returns:
        Column name -> unit; empty if sqlglot cannot resolve the query's names.

    Raises:
        SqlglotError: the text is not GoogleSQL.
    """
    return known_of_results(sql, units, _unit)


def _unit(node: exp.Expr | None, sources: Units) -> str | None:
    match node:
        case exp.Column():
            candidates = [sources.get(node.table, {})] if node.table else sources.values()
            return _common(source.get(node.name) for source in candidates)
        case exp.If():
            return _common(_unit(branch, sources) for branch in (node.args["true"], node.args.get("false")))
        case exp.Case():
            branches = [*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")]
            return _common(_unit(branch, sources) for branch in branches)
        case exp.Coalesce() | exp.Greatest() | exp.Least():
            return _common(_unit(part, sources) for part in (node.this, *node.expressions))
        case exp.Add() | exp.Sub():
            return _common(_unit(part, sources) for part in (node.left, node.right))
        case exp.DateDiff() | exp.DatetimeDiff() | exp.TimestampDiff():
            return _TIME_UNITS.get(node.text("unit").upper())
        case exp.Extract() if isinstance(node.expression, exp.LastDay) and node.name.upper() == "DAY":
            return _TIME_UNITS["DAY"]  # the days of a month
        case exp.Mul() | exp.Div() if _converts(node) and _unit(_measured(node), sources) in _TIME_UNITS.values():
            return None
        case exp.Mul():
            unit = _common(unit for part in (node.left, node.right) if (unit := _unit(part, sources)) != PERCENT)
            return unit if unit and (is_currency(unit) or node.find(exp.Literal)) else None
        case exp.Div() | exp.SafeDivide():
            unit = _unit(node.this, sources)
            return None if unit == _unit(node.expression, sources) else unit
        case _ if isinstance(node, _KEEP_THE_UNIT):
            return _unit(node.this, sources)
        case _:
            return None


def _converts(node: exp.Binary) -> bool:
    """Whether a number is multiplied or divided by a constant that makes another unit of time out of it."""
    return any(isinstance(part, exp.Literal) and part.name in _CONVERSIONS for part in (node.left, node.right))


def _measured(node: exp.Binary) -> exp.Expr:
    return node.right if isinstance(node.left, exp.Literal) else node.left


def _common(units: Iterable[str | None]) -> str | None:
    """The only unit among these; None if there is none, or more than one. A number without a unit takes that of the other."""
    found = {unit for unit in units if unit is not None}
    return found.pop() if len(found) == 1 else None
