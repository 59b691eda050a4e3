"""Translates typed trees of row expressions into polars expressions.

Every kind of expression gives the same values as in expression_duckdb.py; a test compares them over random rows.
"""

import operator
import re
from collections.abc import Callable
from datetime import timedelta
from functools import reduce

import polars as pl

from provisioning_assets.data_model.expression_functions import METRE_DIGITS
from provisioning_assets.data_model.expression_tree import (
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Extract,
    In,
    IsNull,
    Like,
    Literal,
    Node,
    Unary,
)
from provisioning_assets.data_model.expression_types import ADD_MICROSECONDS, READABLE_TEXTS, Typed, ValueType
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.working_types import WORKING_TYPES
from provisioning_assets.geography.distance import EARTH_RADIUS_KM

MOMENT_FORMAT = "%Y-%m-%d %H:%M:%S"
LONG_LIST = 4
"""Smallest number of options for which ``in`` searches the list; with fewer, the value is compared with each option."""

Build = Callable[..., pl.Expr]


def polars_expression(value: Typed) -> pl.Expr:
    """Return the polars expression that computes a typed tree."""
    node, parts = value.node, [polars_expression(part) for part in value.parts]
    match node:
        case Column():
            return pl.col(node.name)
        case Literal():
            return _literal(node, value.type)
        case Unary("not"):
            return ~parts[0]
        case Unary():
            return -parts[0]
        case Binary():
            return _binary(node, value, parts)
        case IsNull():
            return parts[0].is_not_null() if node.negated else parts[0].is_null()
        case In():
            found = _among(value, parts)
            return ~found if node.negated else found
        case Between():
            found = (parts[0] >= parts[1]) & (parts[0] <= parts[2])
            return ~found if node.negated else found
        case Like():
            found = parts[0].str.contains(_pattern(node.pattern))
            return ~found if node.negated else found
        case Case():
            return _case(node, parts)
        case Cast():
            return _cast(parts[0], value.parts[0].type, node.type)
        case Extract():
            return EXTRACTS[node.field](parts[0]).cast(pl.Float64 if node.field == "epoch" else pl.Int64)
        case Call("round"):
            return _round(value, parts[0])
        case Call("replace"):
            _, old, new = (_written(part.node) for part in value.parts)
            return parts[0].str.replace_all(str(old), str(new), literal=True)
        case Call("add_months"):
            return _add_months(value, *parts)
        case Call("floor" | "ceil"):
            whole = parts[0].floor() if node.name == "floor" else parts[0].ceil()
            return _whole(whole) if value.type == "INT64" else whole
        case Call():
            return BUILDS[node.name](*parts)
    raise AssertionError(f"a kind of node that polars does not compute: {node!r}")


def _written(node: Node) -> object:
    return node.value if isinstance(node, Literal) else None


def _literal(node: Literal, kind: ValueType) -> pl.Expr:
    if kind == "NULL" or kind == "INTERVAL":
        return pl.lit(None)
    return pl.lit(node.value, dtype=WORKING_TYPES[kind])


# --- operators and forms -------------------------------------------------------------------------------------------

COMPARISONS: dict[str, Build] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "and": operator.and_,
    "or": operator.or_,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


def _binary(node: Binary, value: Typed, parts: list[pl.Expr]) -> pl.Expr:
    left, right = parts
    match node.operator:
        case "/":
            return left / _not_zero(value.parts[1], right)
        case "%":
            # the remainder has the sign of the dividend, as in PostgreSQL; in polars it has the sign of the divisor
            size, by = left.abs(), _not_zero(value.parts[1], right).abs()
            left_over = size % by if value.type == "INT64" else size - (size / by).floor() * by
            return left_over * left.sign()
        case "||":
            return pl.concat_str(left, right)
    return COMPARISONS[node.operator](left, right)


def _not_zero(divisor: Typed, expression: pl.Expr) -> pl.Expr:
    """Return the divisor, with 0 replaced by null."""
    return expression if _written(divisor.node) else pl.when(expression != 0).then(expression)


def _among(value: Typed, parts: list[pl.Expr]) -> pl.Expr:
    written = [_written(part.node) for part in value.parts[1:]]
    kind = value.parts[0].type
    if len(written) >= LONG_LIST and None not in written and kind not in ("NULL", "INTERVAL"):
        return parts[0].is_in(pl.Series(written, dtype=WORKING_TYPES[kind]).implode())
    return reduce(operator.or_, [parts[0] == option for option in parts[1:]])


def _pattern(like: str) -> str:
    """Return a ``like`` pattern as a regular expression that matches the whole text."""
    return "(?s)^" + "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in like) + "$"


def _case(node: Case, parts: list[pl.Expr]) -> pl.Expr:
    subject = None if node.subject is None else parts.pop(0)
    otherwise = pl.lit(None) if node.otherwise is None else parts.pop()
    chain = pl
    for condition, result in zip(parts[::2], parts[1::2], strict=True):
        chain = chain.when(condition if subject is None else subject == condition).then(result)  # pyright: ignore[reportAttributeAccessIssue]
    return chain.otherwise(otherwise)  # pyright: ignore[reportAttributeAccessIssue]


def _whole(number: pl.Expr) -> pl.Expr:
    """Return a float without a fraction as a whole number; null if it does not fit in 64 bits."""
    return number.cast(pl.Int64, strict=False)


def _round(value: Typed, number: pl.Expr) -> pl.Expr:
    digits = _written(value.parts[1].node) if len(value.parts) > 1 else 0
    rounded = number.round(digits if isinstance(digits, int) else 0)
    return _whole(rounded) if value.type == "INT64" else rounded


def _cast(value: pl.Expr, given: ValueType, wanted: GoogleSqlType) -> pl.Expr:
    match given, wanted:
        case "STRING", _:
            return _where(value.str.contains(f"^(?:{READABLE_TEXTS[wanted]})$"), _read(value, wanted))
        case "DATETIME", "STRING":
            return value.dt.strftime(MOMENT_FORMAT)
        case "FLOAT64" | "NUMERIC", "INT64":
            return _whole(value.round(0))
        case "DATE", "INT64":
            return _days(value)
        case "NUMERIC", "FLOAT64":
            return value
    return value.cast(WORKING_TYPES[wanted])


def _read(text: pl.Expr, wanted: GoogleSqlType) -> pl.Expr:
    """Return a text converted to another type; null where the text cannot be read as that type."""
    match wanted:
        case "DATE":
            return text.str.to_date("%Y-%m-%d", strict=False)
        case "DATETIME":
            full = pl.when(text.str.len_chars() == len("2026-05-31")).then(text + " 00:00:00").otherwise(text)
            return full.str.to_datetime(MOMENT_FORMAT, time_unit="us", strict=False)
    return text.cast(WORKING_TYPES[wanted], strict=False)


EXTRACTS: dict[str, Build] = {
    "year": lambda d: d.dt.year(),
    "quarter": lambda d: d.dt.quarter(),
    "month": lambda d: d.dt.month(),
    "week": lambda d: d.dt.week(),
    "day": lambda d: d.dt.day(),
    "doy": lambda d: d.dt.ordinal_day(),
    "dow": lambda d: d.dt.weekday() % 7,
    "isodow": lambda d: d.dt.weekday(),
    "hour": lambda t: t.dt.hour(),
    "minute": lambda t: t.dt.minute(),
    "epoch": lambda t: t.dt.epoch("us") / 1_000_000,
}


# --- functions -----------------------------------------------------------------------------------------------------


def _where(condition: pl.Expr, value: pl.Expr) -> pl.Expr:
    """Return the value where the condition holds, otherwise null."""
    return pl.when(condition).then(value)


def _number(value: pl.Expr) -> pl.Expr:
    return _where(value.is_not_nan(), value)


def _days(day: pl.Expr) -> pl.Expr:
    """Return the number of days since 1970-01-01."""
    return day.cast(pl.Int32).cast(pl.Int64)


def _add_days(day: pl.Expr, count: pl.Expr) -> pl.Expr:
    return (_days(day) + count).cast(pl.Int32, strict=False).cast(pl.Date)


def _add_microseconds(moment: pl.Expr, count: pl.Expr) -> pl.Expr:
    return moment + count.cast(pl.Duration("us"))


def _add_months(value: Typed, moment: pl.Expr, count: pl.Expr) -> pl.Expr:
    written = _written(value.parts[1].node)
    if isinstance(written, int):
        return moment.dt.offset_by(f"{written}mo")
    months = moment.dt.year().cast(pl.Int64) * 12 + moment.dt.month() - 1 + count
    first = pl.date(months.floordiv(12), months % 12 + 1, 1)
    day = _add_days(first, pl.min_horizontal(moment.dt.day(), first.dt.month_end().dt.day()).cast(pl.Int64) - 1)
    day = _where(moment.is_not_null(), day)
    if value.type == "DATE":
        return day
    return day.cast(pl.Datetime("us")) + (moment - moment.dt.truncate("1d"))


def _months_between(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    months = (end.dt.year() - start.dt.year()).cast(pl.Int64) * 12 + end.dt.month() - start.dt.month()
    # the same day, that many months later; the last day of the month if the month is too short
    reached = pl.min_horizontal(start.dt.day(), end.dt.month_end().dt.day())
    incomplete = (
        pl.when((end >= start) & (end.dt.day() < reached))
        .then(pl.lit(-1, dtype=pl.Int64))
        .when((end < start) & (end.dt.day() > reached))
        .then(pl.lit(1, dtype=pl.Int64))
        .otherwise(pl.lit(0, dtype=pl.Int64))
    )
    return months + incomplete


def _years_between(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    months = _months_between(start, end)
    return months.abs().floordiv(12) * months.sign()


def _next_workday(day: pl.Expr) -> pl.Expr:
    weekday = day.dt.weekday()
    ahead = pl.when(weekday == 6).then(2).when(weekday == 7).then(1).otherwise(0)
    return _add_days(day, ahead.cast(pl.Int64))


def _hours(start: pl.Expr, end: pl.Expr, unit: timedelta) -> pl.Expr:
    return (end.dt.epoch("us") - start.dt.epoch("us")) / (unit // timedelta(microseconds=1))


def _distance_km(latitude: pl.Expr, longitude: pl.Expr, other_latitude: pl.Expr, other_longitude: pl.Expr) -> pl.Expr:
    up, along = (other_latitude - latitude).radians(), (other_longitude - longitude).radians()
    width = (up / 2).sin() ** 2 + latitude.radians().cos() * other_latitude.radians().cos() * (along / 2).sin() ** 2
    return (2 * EARTH_RADIUS_KM * width.clip(0, 1).sqrt().arcsin()).round(METRE_DIGITS)


def _substr(text: pl.Expr, start: pl.Expr, count: pl.Expr | None = None) -> pl.Expr:
    first = start.clip(lower_bound=1) - 1
    if count is None:
        return text.str.slice(first)
    # polars reads a null length as "until the end of the text"
    return _where(count.is_not_null(), text.str.slice(first, count.clip(lower_bound=0)))


def _either(first: pl.Expr, second: pl.Expr, is_first: pl.Expr) -> pl.Expr:
    return _where(first.is_not_null() & second.is_not_null(), pl.when(is_first).then(first).otherwise(second))


BUILDS: dict[str, Build] = {
    "abs": lambda x: x.abs(),
    "sign": lambda x: x.sign().cast(pl.Int64),
    "power": lambda x, y: _number(x.pow(y)),
    "sqrt": lambda x: _where(x >= 0, x.sqrt()),
    "ln": lambda x: _where(x > 0, x.log()),
    "exp": lambda x: x.exp(),
    "distance_km": _distance_km,
    "coalesce": lambda *values: pl.coalesce(*values),
    "nullif": lambda a, b: pl.when(a == b).then(None).otherwise(a),
    "greatest": lambda *values: pl.max_horizontal(*values),
    "least": lambda *values: pl.min_horizontal(*values),
    "lower": lambda s: s.str.to_lowercase(),
    "upper": lambda s: s.str.to_uppercase(),
    "length": lambda s: s.str.len_chars().cast(pl.Int64),
    "substr": _substr,
    "left": lambda s, n: s.str.head(n.clip(lower_bound=0)),
    "right": lambda s, n: s.str.tail(n.clip(lower_bound=0)),
    "concat": lambda *values: pl.concat_str(*values, ignore_nulls=True),
    "add_days": _add_days,
    ADD_MICROSECONDS: _add_microseconds,
    "days_between": lambda a, b: _days(b) - _days(a),
    "months_between": _months_between,
    "years_between": _years_between,
    "hours_between": lambda a, b: _hours(a, b, timedelta(hours=1)),
    "minutes_between": lambda a, b: _hours(a, b, timedelta(minutes=1)),
    "month_start": lambda d: d.dt.month_start(),
    "month_end": lambda d: d.dt.month_end(),
    "quarter_start": lambda d: d.dt.truncate("1q"),
    "quarter_end": lambda d: d.dt.truncate("1q").dt.offset_by("2mo").dt.month_end(),
    "year_start": lambda d: d.dt.truncate("1y"),
    "year_end": lambda d: d.dt.truncate("1y").dt.offset_by("11mo").dt.month_end(),
    "next_workday": _next_workday,
    "weekday": lambda d: d.dt.weekday().cast(pl.Int64),
    "hour_of": lambda t: t.dt.hour().cast(pl.Int64),
    "earlier_of": lambda a, b: _either(a, b, a <= b),
    "later_of": lambda a, b: _either(a, b, a >= b),
}
"""Function -> builds its polars expression from its arguments. Only functions that need nothing but their arguments are listed."""
