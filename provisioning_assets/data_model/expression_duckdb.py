"""Translates row expressions into DuckDB SQL, for checks of stored tables.

Every kind of expression gives the same values as in expression_polars.py; a test compares them over random rows. Names are always
quoted and texts are always literals, so the content of an expression cannot become another part of the query.
"""

from collections.abc import Callable
from datetime import date, datetime

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
    Unary,
    quoted,
    reads_columns,
)
from provisioning_assets.data_model.expression_types import ADD_MICROSECONDS, READABLE_TEXTS, Typed, ValueType
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.geography.distance import EARTH_RADIUS_KM

TYPES: dict[GoogleSqlType, str] = {
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DOUBLE",
    "BOOL": "BOOLEAN",
    "DATE": "DATE",
    "DATETIME": "TIMESTAMP",
}
"""Column type -> DuckDB type of the computation. Money is DOUBLE here, as it is while rows are generated."""

Build = Callable[..., str]


def duckdb_text(value: Typed) -> str:
    """Return the SQL that computes a typed tree over a stored table. It can be used wherever SQL accepts a value."""
    node, parts = value.node, [duckdb_text(part) for part in value.parts]
    match node:
        case Column():
            return f"CAST({quoted(node.name)} AS DOUBLE)" if value.type == "NUMERIC" else quoted(node.name)
        case Literal():
            return _literal(node, value.type)
        case Unary("not"):
            return f"(NOT {parts[0]})"
        case Unary():
            return f"(- {parts[0]})"
        case Binary():
            return _binary(node, value, parts)
        case IsNull():
            return f"({parts[0]} IS {'NOT ' if node.negated else ''}NULL)"
        case In():
            return f"({parts[0]} {'NOT ' if node.negated else ''}IN ({', '.join(parts[1:])}))"
        case Between():
            return f"({parts[0]} {'NOT ' if node.negated else ''}BETWEEN {parts[1]} AND {parts[2]})"
        case Like():
            return f"({parts[0]} {'NOT ' if node.negated else ''}LIKE {_text(node.pattern)})"
        case Case():
            return _case(node, parts)
        case Cast():
            return _cast(parts[0], value.parts[0].type, node.type)
        case Extract():
            if node.field == "epoch":
                return _over_constant(f"epoch_us({parts[0]})", "1000000e0", value)
            return f"extract('{node.field}' FROM {parts[0]})"
        case Call("round"):
            rounded = f"round_even({parts[0]}, {parts[1] if len(parts) > 1 else 0})"
            return _whole(rounded) if value.type == "INT64" else rounded
        case Call("floor" | "ceil"):
            return _whole(f"{node.name}({parts[0]})") if value.type == "INT64" else f"{node.name}({parts[0]})"
        case Call("add_months"):
            moved = f"({parts[0]} + to_months(CAST({parts[1]} AS INTEGER)))"
            return f"CAST({moved} AS DATE)" if value.type == "DATE" else moved
        case Call("hours_between" | "minutes_between"):
            unit = "3600000000e0" if node.name == "hours_between" else "60000000e0"
            return _over_constant(f"(epoch_us({parts[1]}) - epoch_us({parts[0]}))", unit, value)
        case Call():
            return BUILDS[node.name](*parts)
    raise AssertionError(f"a kind of node that DuckDB does not compute: {node!r}")


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _literal(node: Literal, kind: ValueType) -> str:
    match node.value:
        case None:
            return "NULL" if kind in ("NULL", "INTERVAL") else f"CAST(NULL AS {TYPES[kind]})"
        case bool():
            return str(node.value).upper()
        case float():
            written = repr(node.value)
            return written if "e" in written else f"{written}e0"  # otherwise DuckDB reads an exact decimal
        case str():
            return _text(node.value)
        case datetime():
            return f"TIMESTAMP '{node.value.isoformat(sep=' ')}'"
        case date():
            return f"DATE '{node.value.isoformat()}'"
        case _:
            return str(node.value)


def _binary(node: Binary, value: Typed, parts: list[str]) -> str:
    left, right = parts
    if node.operator in ("/", "%") and not (isinstance(value.parts[1].node, Literal) and value.parts[1].node.value):
        right = f"nullif({right}, 0)"
    if node.operator == "/" and not reads_columns(value.parts[1].node):
        return _over_constant(left, right, value.parts[0])
    if node.operator == "%" and value.type != "INT64":
        # not DuckDB's own operator: it is exact, this one is binary, and both engines must agree
        return f"(sign({left}) * (abs({left}) - floor(abs({left}) / abs({right})) * abs({right})))"
    if value.type == "INT64" and not isinstance(value.parts[0].node, Column | Binary):
        left = f"CAST({left} AS BIGINT)"  # DuckDB reads a literal as 32 bits
    return f"({left} {node.operator.upper()} {right})"


def _over_constant(left: str, right: str, dividend: Typed) -> str:
    """Return a division by a value that is the same in every row, computed as polars does: multiplied by the reciprocal."""
    return f"({left} * (1 / {right}))" if reads_columns(dividend.node) else f"({left} / {right})"


def _case(node: Case, parts: list[str]) -> str:
    words = ["CASE", *([] if node.subject is None else [parts.pop(0)])]
    otherwise = [] if node.otherwise is None else ["ELSE", parts.pop()]
    for condition, result in zip(parts[::2], parts[1::2], strict=True):
        words += ["WHEN", condition, "THEN", result]
    return " ".join([*words, *otherwise, "END"])


def _whole(number: str) -> str:
    return f"TRY_CAST({number} AS BIGINT)"


def _cast(value: str, given: ValueType, wanted: GoogleSqlType) -> str:
    if given == "STRING" and wanted in READABLE_TEXTS:
        return f"CASE WHEN regexp_full_match({value}, '{READABLE_TEXTS[wanted]}') THEN TRY_CAST({value} AS {TYPES[wanted]}) END"
    if (given, wanted) == ("DATETIME", "STRING"):
        return f"strftime({value}, '%Y-%m-%d %H:%M:%S')"
    if (given, wanted) == ("DATE", "INT64"):
        return f"({value} - DATE '1970-01-01')"
    if (given, wanted) == ("NUMERIC", "FLOAT64"):
        return value
    return f"TRY_CAST({value} AS {TYPES[wanted]})" if wanted == "INT64" else f"CAST({value} AS {TYPES[wanted]})"


def _months_between(start: str, end: str) -> str:
    months = f"((year({end}) - year({start})) * 12 + month({end}) - month({start}))"
    reached = f"least(day({start}), day(last_day({end})))"
    return (
        f"({months} + CASE WHEN {end} >= {start} AND day({end}) < {reached} THEN -1 "
        f"WHEN {end} < {start} AND day({end}) > {reached} THEN 1 ELSE 0 END)"
    )


def _add_days(day: str, count: str) -> str:
    return f"({day} + CAST({count} AS INTEGER))"


def _no_less(number: str, bound: int) -> str:
    """Return SQL for the number, raised to the bound where it is smaller; null stays null."""
    return f"CASE WHEN {number} < {bound} THEN {bound} ELSE {number} END"


def _distance_km(latitude: str, longitude: str, other_latitude: str, other_longitude: str) -> str:
    width = (
        f"pow(sin(radians({other_latitude} - {latitude}) / 2), 2) + cos(radians({latitude})) "
        f"* cos(radians({other_latitude})) * pow(sin(radians({other_longitude} - {longitude}) / 2), 2)"
    )
    within = f"CASE WHEN {width} > 1 THEN 1 WHEN {width} < 0 THEN 0 ELSE {width} END"
    return f"round({2 * EARTH_RADIUS_KM}e0 * asin(sqrt({within})), {METRE_DIGITS})"


def _joined(*values: str) -> str:
    return ", ".join(values)


BUILDS: dict[str, Build] = {
    "abs": lambda x: f"abs({x})",
    "sign": lambda x: f"CAST(sign({x}) AS BIGINT)",
    "power": lambda x, y: f"CASE WHEN NOT isnan(pow({x}, {y})) THEN pow({x}, {y}) END",
    "sqrt": lambda x: f"CASE WHEN {x} >= 0 THEN sqrt({x}) END",
    "ln": lambda x: f"CASE WHEN {x} > 0 THEN ln({x}) END",
    "exp": lambda x: f"exp({x})",
    "distance_km": _distance_km,
    "coalesce": lambda *values: f"coalesce({_joined(*values)})",
    "nullif": lambda a, b: f"nullif({a}, {b})",
    "greatest": lambda *values: f"greatest({_joined(*values)})",
    "least": lambda *values: f"least({_joined(*values)})",
    "lower": lambda s: f"lower({s})",
    "upper": lambda s: f"upper({s})",
    "length": lambda s: f"length({s})",
    "substr": lambda s, start, *count: (
        f"substr({_joined(s, _no_less(start, 1), *(_no_less(each, 0) for each in count))})"
    ),
    "left": lambda s, n: f"left({s}, {_no_less(n, 0)})",
    "right": lambda s, n: f"right({s}, {_no_less(n, 0)})",
    "replace": lambda s, old, new: f"replace({s}, {old}, {new})",
    "concat": lambda *values: f"concat({_joined(*values)})",
    "add_days": _add_days,
    ADD_MICROSECONDS: lambda t, n: f"({t} + to_microseconds(CAST({n} AS BIGINT)))",
    "days_between": lambda a, b: f"({b} - {a})",
    "months_between": _months_between,
    "years_between": lambda a, b: f"CAST(trunc({_months_between(a, b)} / 12) AS BIGINT)",
    "month_start": lambda d: f"CAST(date_trunc('month', {d}) AS DATE)",
    "month_end": lambda d: f"last_day({d})",
    "quarter_start": lambda d: f"CAST(date_trunc('quarter', {d}) AS DATE)",
    "quarter_end": lambda d: f"last_day(CAST(date_trunc('quarter', {d}) + INTERVAL 2 MONTH AS DATE))",
    "year_start": lambda d: f"CAST(date_trunc('year', {d}) AS DATE)",
    "year_end": lambda d: f"make_date(year({d}), 12, 31)",
    "next_workday": lambda d: _add_days(d, f"CASE isodow({d}) WHEN 6 THEN 2 WHEN 7 THEN 1 ELSE 0 END"),
    "weekday": lambda d: f"isodow({d})",
    "hour_of": lambda t: f"hour({t})",
    "earlier_of": lambda a, b: f"CASE WHEN {a} <= {b} THEN {a} WHEN {a} > {b} THEN {b} END",
    "later_of": lambda a, b: f"CASE WHEN {a} >= {b} THEN {a} WHEN {a} < {b} THEN {b} END",
}
"""Function -> builds its DuckDB SQL from the SQL of its arguments. Only functions that need nothing but their arguments are
listed."""
