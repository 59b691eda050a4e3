"""The functions that row expressions may call: their names, parameters and result types.

They are computed in expression_polars.py (when rows are generated) and expression_duckdb.py (when stored tables are checked).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from provisioning_assets.data_model.expression_tree import Call, ExpressionError, Node, walk
from provisioning_assets.data_model.problems import suggestion

Kind = Literal["number", "whole number", "digits", "text", "written text", "date", "moment", "any"]
"""What a parameter accepts. A "date" is DATE or DATETIME, a "moment" only DATETIME. "digits" (a number of decimals) and
"written text" must be constants; columns are refused."""

Result = Literal["STRING", "INT64", "FLOAT64", "DATE", "the arguments", "rounded", "the date"]
"""Type of a function's result: a fixed type; "the arguments": the common type of the arguments; "rounded": INT64 for numbers and
NUMERIC for money; "the date": the type of the first argument."""

DATE_FIELDS: dict[str, str] = {
    "year": "year",
    "quarter": "quarter, 1 to 4",
    "month": "month, 1 to 12",
    "week": "week of ISO 8601, 1 to 53",
    "day": "day of the month, 1 to 31",
    "doy": "day of the year, 1 to 366",
    "dow": "weekday, 0 is Sunday, 6 is Saturday",
    "isodow": "weekday, 1 is Monday, 7 is Sunday",
    "hour": "hour, 0 to 23",
    "minute": "minute, 0 to 59",
    "epoch": "seconds since 1970-01-01, with their fraction",
}
"""Field that ``extract`` accepts -> its meaning, as in the documentation."""

TIME_FIELDS = ("hour", "minute")
"""Fields that need a time of day, so a DATETIME."""

METRE_DIGITS = 3
"""Decimals of a distance in kilometres: libraries differ in the last digits of a sine, which no row shall show."""


@dataclass(frozen=True)
class Parameter:
    """One parameter. A ``repeated`` one takes one or more arguments."""

    name: str
    kind: Kind
    optional: bool = False
    repeated: bool = False


@dataclass(frozen=True)
class BuiltIn:
    """A function of the expression language."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Result
    description: str

    @property
    def signature(self) -> str:
        """The function with its parameters, such as ``round(x[, digits])``."""
        text = ""
        for place, parameter in enumerate(self.parameters):
            comma = ", " if place else ""
            text += f"[{comma}{parameter.name}]" if parameter.optional else comma + parameter.name
        return f"{self.name}({text}{', ...' if self.parameters[-1].repeated else ''})"

    def takes(self, count: int) -> bool:
        """Return whether the function can be called with ``count`` arguments."""
        least = sum(not parameter.optional for parameter in self.parameters)
        return count >= least and (self.parameters[-1].repeated or count <= len(self.parameters))

    def parameter(self, place: int) -> Parameter:
        """Return the parameter for the argument at position ``place``, counted from 0."""
        return self.parameters[min(place, len(self.parameters) - 1)]


_X, _Y = Parameter("x", "number"), Parameter("y", "number")
_A, _B, _MORE = Parameter("a", "any"), Parameter("b", "any"), Parameter("b", "any", repeated=True)
_S, _D, _T = Parameter("s", "text"), Parameter("d", "date"), Parameter("t", "moment")
_N = Parameter("n", "whole number")
_FROM, _UNTIL = Parameter("a", "date"), Parameter("b", "date")

_ALL = [
    BuiltIn(
        "round",
        (_X, Parameter("digits", "digits", optional=True)),
        "rounded",
        "x rounded to this number of decimals, or to a whole number; a half goes to the even neighbour: 2.5 gives 2",
    ),
    BuiltIn("floor", (_X,), "rounded", "The largest whole number that is not above x"),
    BuiltIn("ceil", (_X,), "rounded", "The smallest whole number that is not below x"),
    BuiltIn("abs", (_X,), "the arguments", "Absolute value of x"),
    BuiltIn("sign", (_X,), "INT64", "-1 if x is negative, 1 if x is positive, else 0"),
    BuiltIn(
        "mod", (_X, _Y), "the arguments", "Remainder of x / y, with the sign of x; the same as x % y. Null if y is 0"
    ),
    BuiltIn("power", (_X, _Y), "FLOAT64", "x to the power of y; null if that is not a number"),
    BuiltIn("sqrt", (_X,), "FLOAT64", "Square root of x; null if x is negative"),
    BuiltIn("ln", (_X,), "FLOAT64", "Natural logarithm of x; null unless x is above 0"),
    BuiltIn("exp", (_X,), "FLOAT64", "e to the power of x"),
    BuiltIn(
        "distance_km",
        (
            Parameter("lat1", "number"),
            Parameter("lon1", "number"),
            Parameter("lat2", "number"),
            Parameter("lon2", "number"),
        ),
        "FLOAT64",
        "Kilometres as the crow flies between two places given in degrees, to the metre; null if one is null. Roads are about "
        "1.3 times as long",
    ),
    BuiltIn("coalesce", (_A, _MORE), "the arguments", "The first argument that is not null"),
    BuiltIn("nullif", (_A, _B), "the arguments", "a; null if a equals b"),
    BuiltIn("greatest", (_A, _MORE), "the arguments", "The greatest argument that is not null; null if all are null"),
    BuiltIn("least", (_A, _MORE), "the arguments", "The least argument that is not null; null if all are null"),
    BuiltIn("lower", (_S,), "STRING", "s in lower-case letters"),
    BuiltIn("upper", (_S,), "STRING", "s in capital letters"),
    BuiltIn("length", (_S,), "INT64", "Number of characters"),
    BuiltIn(
        "substr",
        (_S, Parameter("start", "whole number"), Parameter("n", "whole number", optional=True)),
        "STRING",
        "n characters, beginning with the one at `start` (counted from 1); without n, all from there on",
    ),
    BuiltIn("left", (_S, _N), "STRING", "The first n characters"),
    BuiltIn("right", (_S, _N), "STRING", "The last n characters"),
    BuiltIn(
        "replace",
        (_S, Parameter("old", "written text"), Parameter("new", "written text")),
        "STRING",
        "s with every `old` replaced by `new`",
    ),
    BuiltIn(
        "concat",
        (_A, Parameter("b", "any", repeated=True, optional=True)),
        "STRING",
        "The arguments joined to one text; nulls are left out (with `||` the result is null)",
    ),
    BuiltIn("add_days", (_D, _N), "the date", "n days later; earlier when n is negative"),
    BuiltIn("add_months", (_D, _N), "the date", "n months later; the last day of the month if that month is too short"),
    BuiltIn("add_years", (_D, _N), "the date", "n years later; 28 February instead of 29 February in years without it"),
    BuiltIn("days_between", (_FROM, _UNTIL), "INT64", "Days from a to b by the calendar; negative when b is earlier"),
    BuiltIn(
        "months_between",
        (_FROM, _UNTIL),
        "INT64",
        "Complete months from the day of a to the day of b; negative when b is earlier",
    ),
    BuiltIn(
        "years_between",
        (_FROM, _UNTIL),
        "INT64",
        "Complete years from the day of a to the day of b; negative when b is earlier",
    ),
    BuiltIn(
        "hours_between",
        (Parameter("a", "moment"), Parameter("b", "moment")),
        "FLOAT64",
        "Hours from a to b with their fraction; for complete ones, write floor(...)",
    ),
    BuiltIn(
        "minutes_between",
        (Parameter("a", "moment"), Parameter("b", "moment")),
        "FLOAT64",
        "Minutes from a to b with their fraction; for complete ones, write floor(...)",
    ),
    BuiltIn("month_start", (_D,), "DATE", "First day of the month of d"),
    BuiltIn("month_end", (_D,), "DATE", "Last day of the month of d"),
    BuiltIn("quarter_start", (_D,), "DATE", "First day of the quarter of d"),
    BuiltIn("quarter_end", (_D,), "DATE", "Last day of the quarter of d"),
    BuiltIn("year_start", (_D,), "DATE", "1 January of the year of d"),
    BuiltIn("year_end", (_D,), "DATE", "31 December of the year of d"),
    BuiltIn("next_workday", (_D,), "DATE", "d if it is a day from Monday to Friday, else the next Monday"),
    BuiltIn("weekday", (_D,), "INT64", "1 is Monday, 7 is Sunday"),
    BuiltIn("hour_of", (_T,), "INT64", "Hour, 0 to 23"),
    BuiltIn("date_of", (_D,), "DATE", "The day of d, without the time"),
    BuiltIn(
        "earlier_of",
        (_FROM, _UNTIL),
        "the arguments",
        "The earlier of the two; null if one of them is null (`least` leaves nulls out)",
    ),
    BuiltIn(
        "later_of",
        (_FROM, _UNTIL),
        "the arguments",
        "The later of the two; null if one of them is null (`greatest` leaves nulls out)",
    ),
]

FUNCTIONS: Mapping[str, BuiltIn] = {function.name: function for function in _ALL}
"""Name -> function, for every function that row expressions may call."""

_AGGREGATE_NAMES = """
    sum avg mean count min max median mode stddev stddev_pop stddev_samp variance var_pop var_samp string_agg array_agg
    bool_and bool_or every any_value first last approx_count_distinct count_if countif sumif corr percentile_cont
    percentile_disc row_number rank dense_rank lag lead ntile first_value last_value nth_value
"""
AGGREGATES = frozenset(_AGGREGATE_NAMES.split())
"""Functions of SQL that read several rows. They are refused: an expression reads one row."""

OWN_ROW_ONLY = (
    "an expression reads only the columns of its own row. For a figure over the rows of another table, write a column with "
    "`rollup`"
)
"""End of the messages that refuse queries, aggregates and window functions."""

MEANT_BY_OTHER_NAMES = {
    "ceiling": "ceil(x)",
    "pow": "power(x, y)",
    "log": "ln(x)",
    "trunc": "floor(x), or round(x)",
    "truncate": "floor(x), or round(x)",
    "substring": "substr(s, start, n)",
    "char_length": "length(s)",
    "len": "length(s)",
    "ifnull": "coalesce(a, b)",
    "nvl": "coalesce(a, b)",
    "if": "case when ... then ... else ... end",
    "iif": "case when ... then ... else ... end",
    "date_trunc": "month_start(d), quarter_start(d) or year_start(d)",
    "date_part": "extract(month from d)",
    "datepart": "extract(month from d)",
    "year": "extract(year from d)",
    "quarter": "extract(quarter from d)",
    "month": "extract(month from d)",
    "day": "extract(day from d)",
    "hour": "hour_of(t)",
    "dayofweek": "weekday(d)",
    "isodow": "weekday(d)",
    "date": "date_of(t), or a date like date '2026-05-31'",
    "last_day": "month_end(d)",
    "date_diff": "days_between(a, b), months_between(a, b) or hours_between(a, b)",
    "datediff": "days_between(a, b), months_between(a, b) or hours_between(a, b)",
    "timestamp_diff": "minutes_between(a, b) or hours_between(a, b)",
    "distance": "distance_km(lat1, lon1, lat2, lon2)",
    "st_distance": "distance_km(lat1, lon1, lat2, lon2)",
    "haversine": "distance_km(lat1, lon1, lat2, lon2)",
    "age": "days_between(a, b), months_between(a, b) or years_between(a, b)",
    "date_add": "add_days(d, n), add_months(d, n), or d + interval '3 days'",
    "dateadd": "add_days(d, n), add_months(d, n), or d + interval '3 days'",
    "date_sub": "add_days(d, -n), add_months(d, -n), or d - interval '3 days'",
}
"""Function of another SQL dialect -> what to write instead; part of the message that refuses it."""


def check_calls(tree: Node) -> None:
    """Check that every call names a function of the language and has an accepted number of arguments.

    Raises:
        ExpressionError: a call is not accepted; the message says what is.
    """
    for node in walk(tree):
        if isinstance(node, Call):
            check_call(node)


def check_call(call: Call) -> None:
    """Do the same as ``check_calls`` for a single call."""
    refuse_aggregate(call.name)
    function = FUNCTIONS.get(call.name)
    if function is None:
        raise ExpressionError(f"'{call.name}' is not a function. {_hint(call.name)}")
    if not function.takes(len(call.arguments)):
        raise ExpressionError(
            f"`{call.text}` has the wrong number of arguments ({len(call.arguments)}); write {function.signature}. "
            f"{function.description}."
        )


def refuse_aggregate(name: str) -> None:
    """Refuse a function that reads more than one row.

    Raises:
        ExpressionError: the function reads more than one row.
    """
    if name not in AGGREGATES:
        return
    per_row = {
        "min": " For the least of several values of a row, write least(a, b).",
        "max": " For the greatest of several values of a row, write greatest(a, b).",
    }
    raise ExpressionError(f"{name}(...) reads more than one row; {OWN_ROW_ONLY}.{per_row.get(name, '')}")


def _hint(name: str) -> str:
    if name in MEANT_BY_OTHER_NAMES:
        return f"write {MEANT_BY_OTHER_NAMES[name]}. Accepted: {', '.join(FUNCTIONS)}."
    return suggestion(name, FUNCTIONS)
