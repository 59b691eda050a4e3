"""Types of row expressions: the type of an expression's values, and its tree with every conversion added.

NUMERIC is money. The result is still money when money is added, multiplied by a number, rounded, or chosen by a function. Money
divided by money, and money times money, is a plain number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal as OneOf
from typing import NoReturn

from provisioning_assets.data_model.expression_functions import FUNCTIONS, TIME_FIELDS, BuiltIn
from provisioning_assets.data_model.expression_parser import MICROSECONDS_OF_DAY, date_value, datetime_value, parsed
from provisioning_assets.data_model.expression_tree import (
    CAST_NAMES,
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    ExpressionError,
    Extract,
    In,
    Interval,
    IsNull,
    Like,
    Literal,
    Node,
    Unary,
)
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.problems import suggestion

ValueType = GoogleSqlType | OneOf["NULL", "INTERVAL"]
"""Type of a part of an expression. ``null`` fits every type. A column cannot have an interval as its value."""

NUMBERS: tuple[ValueType, ...] = ("INT64", "FLOAT64", "NUMERIC")
TIMES: tuple[ValueType, ...] = ("DATE", "DATETIME")

ADD_MICROSECONDS = "add_microseconds"
"""Name of the function that replaces intervals that contain parts of days. Authors cannot call it."""

MOST_DIGITS = 15
"""Largest number of decimals that ``round(x, digits)`` accepts: a 64-bit float has 15 reliable digits."""

CASTS: dict[GoogleSqlType, tuple[ValueType, ...]] = {
    "STRING": ("STRING", "INT64", "FLOAT64", "NUMERIC", "BOOL", "DATE", "DATETIME"),
    "INT64": ("INT64", "FLOAT64", "NUMERIC", "BOOL", "STRING", "DATE"),
    "FLOAT64": ("INT64", "FLOAT64", "NUMERIC", "STRING"),
    "NUMERIC": ("INT64", "FLOAT64", "NUMERIC", "STRING"),
    "BOOL": ("BOOL", "INT64"),
    "DATE": ("DATE", "DATETIME", "STRING"),
    "DATETIME": ("DATE", "DATETIME", "STRING"),
}
"""Type -> the types that can be cast to it."""

READABLE_TEXTS: dict[GoogleSqlType, str] = {
    "INT64": r"[+-]?\d+",
    "FLOAT64": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?",
    "NUMERIC": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?",
    "DATE": r"\d{4}-\d\d-\d\d",
    "DATETIME": r"\d{4}-\d\d-\d\d( ([01]\d|2[0-3]):[0-5]\d:[0-5]\d)?",
}
"""Type -> regular expression of the texts that can be cast to it. Any other text gives null."""


@dataclass(frozen=True)
class Typed:
    """A node with its type. ``parts`` are the node's parts, converted to the types that the node computes with."""

    node: Node
    type: ValueType
    parts: "tuple[Typed, ...]" = ()


def type_of(sql: str, types: Mapping[str, GoogleSqlType]) -> GoogleSqlType:
    """Return the type of an expression's values.

    Args:
        sql: a row expression.
        types: the type of each column that the expression may read, by its name; the key of a path is its dotted text.

    Raises:
        ExpressionError: not a row expression, a missing column, or types that do not fit.
    """
    found = typed_expression(sql, types).type
    if found == "NULL" or found == "INTERVAL":
        raise ExpressionError(
            f"`{sql}` is always null, so its type is unknown; give it a type, like cast(null as date)"
        )
    return found


def typed_expression(sql: str, types: Mapping[str, ValueType]) -> Typed:
    """Parse a text and add types and conversions, as ``typed`` does.

    Raises:
        ExpressionError: not a row expression, an interval by itself, or an error of ``typed``.
    """
    return _value(parsed(sql), types)


def typed(node: Node, types: Mapping[str, ValueType]) -> Typed:
    """Return the tree with types and conversions. Intervals and date arithmetic are replaced by function calls.

    Raises:
        ExpressionError: a missing column, or types that do not fit.
    """
    match node:
        case Column():
            return _column(node, types)
        case Literal():
            return Typed(node, _literal_type(node))
        case Interval():
            return Typed(node, "INTERVAL")
        case Unary("not"):
            return Typed(node, "BOOL", (_condition(node.value, types, node),))
        case Unary():
            return _negative(node, types)
        case Binary("and" | "or"):
            return Typed(node, "BOOL", tuple(_condition(part, types, node) for part in node.parts))
        case Binary("+" | "-" | "*" | "/" | "%"):
            return _arithmetic(node, types)
        case Binary("||"):
            return Typed(node, "STRING", tuple(_as_text(typed(part, types), node) for part in node.parts))
        case Binary() | In() | Between():
            return Typed(node, "BOOL", _same_type([typed(part, types) for part in node.parts], node, "compares"))
        case IsNull():
            return Typed(node, "BOOL", (_value(node.value, types),))
        case Like():
            return Typed(
                node,
                "BOOL",
                (_one_of(typed(node.value, types), ("STRING",), node, "`like` takes a text (write cast(x as text))"),),
            )
        case Case():
            return _case(node, types)
        case Cast():
            return _cast(node, types)
        case Extract():
            return _extract(node, types)
        case Call():
            return _call(node, types)
    raise AssertionError(f"unknown kind of node: {node!r}")


# --- columns, literals, conversions --------------------------------------------------------------------------------


def _column(node: Column, types: Mapping[str, ValueType]) -> Typed:
    if node.name not in types:
        raise ExpressionError(f"'{node.name}' is not a column. {suggestion(node.name, types)}")
    return Typed(node, types[node.name])


def _literal_type(node: Literal) -> ValueType:
    match node.value:
        case None:
            return "NULL"
        case bool():
            return "BOOL"
        case int():
            return "INT64"
        case float():
            return "FLOAT64"
        case str():
            return "STRING"
        case datetime():
            return "DATETIME"
        case date():
            return "DATE"


def _short(node: Node) -> str:
    """Return an expression as it is quoted in a message."""
    return f"`{node.text}`" if len(node.text) <= 90 else f"`{node.text[:87]}...`"


def _is(value: Typed) -> str:
    """Return a text such as ``price is NUMERIC``, for messages."""
    return f"{_short(value.node)} is {value.type}"


def _refuse(node: Node, why: str) -> NoReturn:
    raise ExpressionError(f"{_short(node)}: {why}")


def _refuse_interval(node: Node) -> NoReturn:
    _refuse(node, "an interval can only be added to a date or subtracted from one, like started_on + interval '3 days'")


def _value(node: Node, types: Mapping[str, ValueType]) -> Typed:
    found = typed(node, types)
    if found.type == "INTERVAL":
        _refuse_interval(node)
    return found


def _as(value: Typed, kind: ValueType) -> Typed:
    """Return a value converted to a wider type that includes its own."""
    if value.type == kind:
        return value
    if value.type == "NULL" or kind == "NULL" or kind == "INTERVAL":
        return Typed(Literal(None), kind)
    if value.type in NUMBERS and kind in ("FLOAT64", "NUMERIC"):
        if value.type == "NUMERIC" and isinstance(value.node, Column):
            return Typed(Cast(value.node, kind), kind, (value,))  # stored as an exact decimal
        if value.type != "INT64":
            return replace(value, type=kind)
        if isinstance(value.node, Literal) and isinstance(value.node.value, int):
            return Typed(Literal(float(value.node.value)), kind)
    return Typed(Cast(value.node, kind), kind, (value,))


def _as_text(value: Typed, whole: Node) -> Typed:
    if value.type == "INTERVAL":
        _refuse_interval(whole)
    return _as(value, "STRING")


def _one_of(value: Typed, kinds: Sequence[ValueType], whole: Node, wanted: str) -> Typed:
    """Return the value if its type is one of ``kinds``; null gets the first of them. Any other type is refused."""
    if value.type == "NULL":
        return _as(value, kinds[0])
    if value.type not in kinds:
        _refuse(whole, f"{wanted}, but {_is(value)}")
    return value


def _condition(node: Node, types: Mapping[str, ValueType], whole: Node) -> Typed:
    return _one_of(typed(node, types), ("BOOL",), whole, "a condition must be true or false, like x > 0")


def _dated(value: Typed, whole: Node) -> Typed:
    """Return a constant text as the date or moment that it contains; return any other value unchanged."""
    written = value.node.value if isinstance(value.node, Literal) else None
    if not isinstance(written, str):
        return value
    found = date_value(written) or datetime_value(written)
    if found is None:
        _refuse(whole, f"a date is needed, but '{written}' is not a date; write it like '2026-05-31'")
    node = Literal(found)
    return Typed(node, _literal_type(node))


def _common(kinds: Sequence[ValueType]) -> ValueType | None:
    """Return the narrowest type that includes all of them; None if there is none."""
    known: set[ValueType] = {kind for kind in kinds if kind != "NULL"}
    if not known:
        return "NULL"
    if len(known) == 1:
        return known.pop()
    if known <= set(NUMBERS):
        return "NUMERIC" if "NUMERIC" in known else "FLOAT64"
    return "DATETIME" if known == set(TIMES) else None


def _same_type(values: Sequence[Typed], whole: Node, does: str) -> tuple[Typed, ...]:
    """Return the values converted to one common type.

    Raises:
        ExpressionError: no type includes all of them.
    """
    if any(value.type == "INTERVAL" for value in values):
        _refuse_interval(whole)
    if any(value.type in TIMES for value in values):
        values = [_dated(value, whole) for value in values]
    kind = _common([value.type for value in values])
    if kind is None:
        first = next(value for value in values if value.type != "NULL")
        other = next(value for value in values if _common([first.type, value.type]) is None)
        _refuse(
            whole,
            f"it {does} values of different types: {_is(first)}, {_is(other)}. Convert one of them, like cast(x as text)",
        )
    return tuple(_as(value, kind) for value in values)


# --- arithmetic ----------------------------------------------------------------------------------------------------


def _negative(node: Unary, types: Mapping[str, ValueType]) -> Typed:
    value = typed(node.value, types)
    if value.type == "INTERVAL":
        return Typed(node, "INTERVAL")
    value = _one_of(value, NUMBERS, node, "`-` takes a number")
    return Typed(node, value.type, (value,))


def _arithmetic(node: Binary, types: Mapping[str, ValueType]) -> Typed:
    left, right = typed(node.left, types), typed(node.right, types)
    if "INTERVAL" in (left.type, right.type):
        return _with_interval(node, left, right, types)
    if node.operator in ("+", "-") and (left.type in TIMES or right.type in TIMES):
        return _date_arithmetic(node, left, right)
    wanted = (
        "`+` and `-` take two numbers, or a date and days"
        if node.operator in "+-"
        else f"`{node.operator}` takes numbers"
    )
    for value, other in ((left, right), (right, left)):
        if value.type not in (*NUMBERS, "NULL"):
            _refuse(node, f"{wanted}, but {_is(value)}" + _joining_hint(node, value, other))
    kind = _arithmetic_type(node.operator, left.type, right.type)
    within: ValueType = "INT64" if kind == "INT64" else "FLOAT64"
    return Typed(node, kind, (_as(left, within), _as(right, within)))


def _joining_hint(node: Binary, value: Typed, other: Typed) -> str:
    texts = node.operator == "+" and "STRING" in (value.type, other.type)
    return ". To join texts, write ||" if texts else ""


def _arithmetic_type(operator: str, left: ValueType, right: ValueType) -> ValueType:
    money = (left, right).count("NUMERIC")
    if operator == "/":
        return "NUMERIC" if left == "NUMERIC" and money == 1 else "FLOAT64"
    if money:
        return "FLOAT64" if operator == "*" and money == 2 else "NUMERIC"
    return "FLOAT64" if "FLOAT64" in (left, right) else "INT64"


def _date_arithmetic(node: Binary, left: Typed, right: Typed) -> Typed:
    """Return ``date + days``, ``date - days`` and ``date - date`` as function calls."""
    days = node.operator == "-" and left.type in TIMES and right.type in TIMES
    if days and left.type == right.type == "DATE":
        return Typed(Call("days_between", (node.right, node.left)), "INT64", (right, left))
    if days:
        _refuse(
            node,
            f"only two values of type DATE can be subtracted, but {_is(left)}, {_is(right)}; write days_between(a, b), "
            "hours_between(a, b) or minutes_between(a, b)",
        )
    if node.operator == "+" and right.type in TIMES:
        left, right = right, left
    if left.type == "DATE" and right.type in ("INT64", "NULL"):
        count = _as(right, "INT64")
        return _add("add_days", left, count if node.operator == "+" else _negated(count))
    _refuse(
        node,
        f"these values cannot be added or subtracted: {_is(left)}, {_is(right)}. Accepted: a DATE and whole days "
        "(started_on + 30); a DATE or DATETIME and an interval (called_at + interval '2 hours', or interval '1 day' * x "
        "for a number x of days)",
    )


def _negated(value: Typed) -> Typed:
    if isinstance(value.node, Literal) and isinstance(value.node.value, int | float):
        return Typed(Literal(-value.node.value), value.type)
    return Typed(Unary("-", value.node), value.type, (value,))


def _scaled(value: Typed, factor: int) -> Typed:
    """Return a number multiplied by a whole number."""
    if factor == 1:
        return value
    if isinstance(value.node, Literal) and isinstance(value.node.value, int | float):
        return Typed(Literal(value.node.value * factor), value.type)
    by = _as(Typed(Literal(factor), "INT64"), value.type)
    return Typed(Binary("*", value.node, by.node), value.type, (value, by))


def _add(function: str, moment: Typed, count: Typed) -> Typed:
    return Typed(Call(function, (moment.node, count.node)), moment.type, (moment, count))


# --- intervals -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Length:
    """An interval times a number."""

    unit: Interval
    count: Typed


def _length(node: Node, types: Mapping[str, ValueType]) -> _Length | None:
    """Return the length of an interval that may have a factor or a sign; None if the node is not such an interval."""
    match node:
        case Interval():
            return _Length(node, Typed(Literal(1), "INT64"))
        case Unary("-"):
            inner = _length(node.value, types)
            return None if inner is None else replace(inner, count=_negated(inner.count))
        case Binary("*"):
            for own, factor in ((node.left, node.right), (node.right, node.left)):
                inner = _length(own, types)
                if inner is not None:
                    return replace(inner, count=_times(node, inner.count, _value(factor, types)))
    return None


def _times(whole: Node, count: Typed, factor: Typed) -> Typed:
    factor = _one_of(factor, NUMBERS, whole, "an interval is multiplied by a number")
    if isinstance(count.node, Literal) and isinstance(count.node.value, int):
        return _scaled(factor, count.node.value)
    kind = _arithmetic_type("*", count.type, factor.type)
    return Typed(Binary("*", count.node, factor.node), kind, (_as(count, kind), _as(factor, kind)))


def _with_interval(node: Binary, left: Typed, right: Typed, types: Mapping[str, ValueType]) -> Typed:
    if node.operator == "*" and _length(node, types) is not None:
        return Typed(node, "INTERVAL")
    moment, written = (right, node.left) if left.type == "INTERVAL" else (left, node.right)
    length = _length(written, types)
    if length is None or node.operator not in ("+", "-") or (node.operator == "-" and left.type == "INTERVAL"):
        _refuse_interval(node)
    moment = _one_of(
        _dated(moment, node), TIMES, node, "an interval can only be added to a date or subtracted from one"
    )
    if node.operator == "-":
        length = replace(length, count=_negated(length.count))
    return _shifted(node, moment, length)


def _shifted(whole: Node, moment: Typed, length: _Length) -> Typed:
    """Return a date or moment plus a length. A date plus whole days or months is still a date."""
    unit, count = length.unit, length.count
    if unit.months:
        if count.type != "INT64":
            _refuse(
                whole, f"the number of months or years must be whole, but {_is(count)}; write round({count.node.text})"
            )
        moment = _add("add_months", moment, _scaled(count, unit.months))
    if not unit.microseconds:
        return moment
    days, rest = divmod(unit.microseconds, MICROSECONDS_OF_DAY)
    if rest:
        moment = _as(moment, "DATETIME")
    elif moment.type == "DATE":
        scaled = _scaled(count, days)
        # after a fraction of a day, the result is the date on which the moment falls
        whole_days = scaled if scaled.type == "INT64" else Typed(Call("floor", (scaled.node,)), "INT64", (scaled,))
        return _add("add_days", moment, whole_days)
    return _add(ADD_MICROSECONDS, moment, _as(_scaled(count, unit.microseconds), "INT64"))


# --- the other forms -----------------------------------------------------------------------------------------------


def _case(node: Case, types: Mapping[str, ValueType]) -> Typed:
    conditions = [condition for condition, _ in node.branches]
    values = [value for _, value in node.branches] + ([] if node.otherwise is None else [node.otherwise])
    if node.subject is None:
        subject, tests = (), [_condition(condition, types, node) for condition in conditions]
    else:
        first, *tests = _same_type([typed(part, types) for part in (node.subject, *conditions)], node, "compares")
        subject = (first,)
    results = _same_type([typed(value, types) for value in values], node, "returns")
    branches = zip(tests, results, strict=False)
    otherwise = results[len(tests) :]
    return Typed(node, results[0].type, (*subject, *(part for branch in branches for part in branch), *otherwise))


def _cast(node: Cast, types: Mapping[str, ValueType]) -> Typed:
    value = _value(node.value, types)
    if value.type not in CASTS[node.type] and value.type != "NULL":
        accepted = ", ".join(kind for kind in CASTS[node.type])
        hint = "; for a text, write a comparison such as x = 'yes'" if node.type == "BOOL" else ""
        _refuse(node, f"{_is(value)}, but a cast to {CAST_NAMES[node.type]} accepts {accepted}{hint}")
    if node.type in TIMES and value.type == "STRING":
        dated = _dated(value, node)
        return _as(dated, node.type) if dated is not value else Typed(node, node.type, (value,))
    return _as(value, node.type)


def _extract(node: Extract, types: Mapping[str, ValueType]) -> Typed:
    value = _dated(_value(node.value, types), node)
    if node.field in TIME_FIELDS:
        value = _one_of(value, ("DATETIME",), node, f"{node.field} needs a DATETIME")
    value = _one_of(value, TIMES, node, f"{node.field} needs a DATE or a DATETIME")
    if node.field == "epoch":
        return Typed(node, "FLOAT64", (_as(value, "DATETIME"),))
    return Typed(node, "INT64", (value,))


def _call(node: Call, types: Mapping[str, ValueType]) -> Typed:
    function = FUNCTIONS[node.name]
    values = [_argument(node, function, place, typed(part, types)) for place, part in enumerate(node.arguments)]
    if node.name == "concat":
        return Typed(node, "STRING", tuple(_as(value, "STRING") for value in values))
    if function.result == "the arguments":
        return _chosen(node, values)
    if function.result == "rounded":
        return _rounded(node, values)
    if function.result == "the date":
        return _added(node, values)
    if function.result == "DATE" or node.name in ("days_between", "months_between", "years_between"):
        # functions that only use the calendar get dates
        values = [_as(value, "DATE") for value in values]
        return values[0] if node.name == "date_of" else Typed(node, function.result, tuple(values))
    if function.result == "FLOAT64" and node.name not in ("hours_between", "minutes_between"):
        values = [_as(value, "FLOAT64") for value in values]
    return Typed(node, function.result, tuple(values))


def _argument(node: Call, function: BuiltIn, place: int, value: Typed) -> Typed:
    """Return the argument; refuse it if the parameter does not accept its type."""
    parameter = function.parameter(place)
    takes = f"{function.signature}: `{parameter.name}` must be"
    written = value.node.value if isinstance(value.node, Literal) else None
    match parameter.kind:
        case "number":
            return _one_of(value, NUMBERS, node, f"{takes} a number")
        case "whole number":
            hint = f"; write round({value.node.text})" if value.type in ("FLOAT64", "NUMERIC") else ""
            if hint:
                _refuse(node, f"{takes} a whole number, but {_is(value)}{hint}")
            return _one_of(value, ("INT64",), node, f"{takes} a whole number")
        case "digits":
            if not isinstance(written, int) or isinstance(written, bool) or not 0 <= written <= MOST_DIGITS:
                _refuse(node, f"{takes} a constant from 0 to {MOST_DIGITS}, not a column")
            return value
        case "text":
            hint = " (write cast(x as text))" if value.type not in ("STRING", "NULL") else ""
            return _one_of(value, ("STRING",), node, f"{takes} a text{hint}")
        case "written text":
            if not isinstance(written, str) or (parameter.name == "old" and not written):
                _refuse(
                    node,
                    f"{takes} a text in quotes, not a column" + (", and must not be empty" if written == "" else ""),
                )
            return value
        case "date":
            return _one_of(_dated(value, node), TIMES, node, f"{takes} a date")
        case "moment":
            value = _one_of(_dated(value, node), ("DATETIME", "DATE"), node, f"{takes} a moment")
            if value.type == "DATE":
                _refuse(
                    node,
                    f"{takes} a moment, but {_is(value)}, without a time of day; for midnight, write cast(x as timestamp)",
                )
            return value
        case "any":
            if value.type == "INTERVAL":
                _refuse_interval(node)
            return value


def _chosen(node: Call, values: list[Typed]) -> Typed:
    """Return the call of a function whose result has the type of its arguments."""
    parts = _same_type(values, node, "chooses among" if len(values) > 1 else "takes")
    kind = parts[0].type
    if node.name in ("greatest", "least") and kind == "BOOL":
        _refuse(node, "truth values cannot be ordered; write `a or b` for greatest, `a and b` for least")
    if node.name == "mod":
        return Typed(Binary("%", *node.arguments), kind, parts)
    return Typed(node, kind, parts)


def _rounded(node: Call, values: list[Typed]) -> Typed:
    value, digits = values[0], values[1:]
    if value.type == "INT64":
        return value
    some = bool(digits) and digits[0].node != Literal(0)
    kind: ValueType = "INT64" if value.type == "FLOAT64" and not some else value.type
    return Typed(node, kind, tuple(values))


def _added(node: Call, values: list[Typed]) -> Typed:
    moment, count = values
    if node.name == "add_years":
        return _add("add_months", moment, _scaled(count, 12))
    if node.name == "add_days" and moment.type == "DATETIME":
        return _add(ADD_MICROSECONDS, moment, _scaled(count, MICROSECONDS_OF_DAY))
    return _add(node.name, moment, count)
