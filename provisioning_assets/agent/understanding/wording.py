"""Describes a result in sentences: the figures that answer the question, formatted with their units."""

import re
from dataclasses import dataclass
from itertools import pairwise

import sqlglot
from sqlglot import exp

from provisioning_assets.agent.understanding.catalog import NUMERIC_TYPES, TIME_TYPES
from provisioning_assets.agent.understanding.lexicon import plain_tokens
from provisioning_assets.data_model.amounts import LARGEST_WRITTEN_OUT, amount_text, is_currency
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.googlesql.column_titles import column_title, period_text
from provisioning_assets.googlesql.results import QueryResult, ResultColumn

_SHARE = "share"
# Endings of result names whose values are fractions of one.
_FRACTIONS = ("share", "rate", "ratio", "fraction")
_PERCENTS = ("pct", "percent", "percentage")
_ASK_FOR_A_SHARE = re.compile(r"\b(shares?|rates?|percent(age)?|proportion|how much of)\b", re.IGNORECASE)
# Parts of a column's name that say how it was computed, which a question need not repeat.
_AGGREGATES = frozenset({"avg", "average", "total", "sum", "count", "median", "pct", "number"})


@dataclass(frozen=True)
class Shape:
    """The roles of a result's columns: ``labels`` name a row, ``periods`` date it, ``figures`` measure it."""

    periods: tuple[int, ...]
    labels: tuple[int, ...]
    figures: tuple[int, ...]


def shape_of(columns: list[ResultColumn], rows: list[list[Scalar]]) -> Shape:
    """Return a result's shape, from its column types. Keys and years are labels, not figures."""
    periods, labels, figures = [], [], []
    for index, column in enumerate(columns):
        name = column.name.lower()
        values = [row[index] for row in rows if row[index] is not None]
        whole = bool(values) and all(isinstance(value, (int, float)) and float(value).is_integer() for value in values)
        if column.type in TIME_TYPES or _is_period_text(name, values):
            periods.append(index)
        elif column.type in NUMERIC_TYPES and not (name.endswith("_id") or name == "id"):
            if whole and name in ("year", "month", "quarter", "week", "day", "hour") and len(columns) > 1:
                periods.append(index)
            elif index == 0 and len(columns) > 1 and len(rows) > 1 and _are_places(values):
                labels.append(index)
            else:
                figures.append(index)
        else:
            labels.append(index)
    return Shape(tuple(periods), tuple(labels), tuple(figures))


def _are_places(values: list[Scalar]) -> bool:
    """Whether the values are the numbers of groups: 1, 2, 3 and so on."""
    return values == list(range(1, len(values) + 1))


def _is_period_text(name: str, values: list[Scalar]) -> bool:
    periodic = any(part in ("month", "week", "quarter", "period", "day", "date") for part in name.split("_"))
    return periodic and bool(values) and all(isinstance(value, str) and value[:4].isdigit() for value in values)


def format_figure(value: Scalar, name: str, unit: str | None) -> str:
    """Format a number for readers: ``€1,234.50``, ``12.3%``, ``1,234``."""
    if value is None:
        return "no value"
    if isinstance(value, (bool, str)):
        return str(value)
    ending = name.lower().rsplit("_", 1)[-1]
    if unit in ("percent", "%") or ending in _PERCENTS:
        return f"{value:,.1f}%"
    if unit == _SHARE or (ending in _FRACTIONS and unit is None and -1 <= value <= 1):
        return f"{value:.1%}"
    if unit and is_currency(unit) and abs(value) < LARGEST_WRITTEN_OUT:
        return amount_text(value, unit)
    number = f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{number} {unit}" if unit and unit != "count" else number


def describe(result: QueryResult, question: str = "", sql: str = "") -> str:
    """Return the answer as one or two sentences about the figure that the question asks for.

    That is the figure by which the query orders its rows, else a share if a share is asked for, else the first one that the
    question names.

    Args:
        result: the rows, whose columns have their units.
        question: what was asked, or the verified question.
        sql: the GoogleSQL query.
    """
    columns, rows = result.columns, result.rows
    if not rows:
        return "No rows match the question."
    shape = shape_of(columns, rows)

    def figure(row: list[Scalar], index: int) -> str:
        return format_figure(row[index], columns[index].name, columns[index].unit)

    if len(rows) == 1:
        parts = [f"{readable(c.name)}: {figure(rows[0], i)}" for i, c in enumerate(columns)]
        return "; ".join(parts) + "."
    labels = _labels(shape, columns, rows)
    if not shape.figures:
        shown = ", ".join(labels[:5])
        return f"{result.row_count:,} rows: {shown}{', …' if result.row_count > 5 else '.'}"
    main = _main_figure(shape, columns, question, _ordered_by(sql), rows)
    name = readable(columns[main].name)
    measured = [at for at, row in enumerate(rows) if isinstance(row[main], (int, float))]
    if not measured:
        return f"{result.row_count:,} rows, none with a value of {name}."

    def told(at: int) -> str:
        return f"{figure(rows[at], main)} in {labels[at]}"

    top, bottom = (choose(measured, key=lambda at: _number(rows[at][main])) for choose in (max, min))
    if shape.periods and not shape.labels:
        return f"{name} went from {told(measured[0])} to {told(measured[-1])}; the highest is {told(top)}."
    total = f" Total rows: {result.row_count:,}." if result.row_count > 3 else ""
    if measured == list(range(len(rows))):
        values = [_number(row[main]) for row in rows]
        for first, order in (("highest", values), ("lowest", [-value for value in values])):
            if order[0] > order[-1] and all(one >= other for one, other in pairwise(order)):
                followers = " and ".join(
                    f"{labels[at]} ({figure(rows[at], main)})" for at in range(1, min(3, len(rows)))
                )
                return f"{name} {_verb(name)} {first} for {labels[0]} ({figure(rows[0], main)}), followed by {followers}.{total}"
    high, low = (f"{labels[at]} ({figure(rows[at], main)})" for at in (top, bottom))
    return f"{name} {_verb(name)} highest for {high} and lowest for {low}.{total}"


def _verb(name: str) -> str:
    head = re.split(r" (?:in|of|per|to|by) ", name)[0]  # "Change in shipments" is one figure
    return "are" if head.endswith("s") and not head.endswith(("ss", "NPS")) else "is"


def _main_figure(
    shape: Shape, columns: list[ResultColumn], question: str, ordered_by: str, rows: list[list[Scalar]]
) -> int:
    by_name = {columns[index].name.lower(): index for index in shape.figures}
    if ordered_by in by_name:
        return by_name[ordered_by]
    shares = [index for index in shape.figures if columns[index].name.lower().rsplit("_", 1)[-1] in _PERCENTS]
    if shares and _ASK_FOR_A_SHARE.search(question):
        return shares[0]
    amounts = [index for index in shape.figures if (unit := columns[index].unit) and is_currency(unit)]
    if amounts and re.search(r"\bmoney\b", question, re.IGNORECASE):
        return amounts[0]
    if not question:
        return _ranking_figure(shape, rows)
    said = {token.rstrip("s") for token in plain_tokens(question)}
    named = (
        index
        for index in shape.figures
        if {part.rstrip("s") for part in columns[index].name.lower().split("_")} - _AGGREGATES <= said
    )
    return next(named, shape.figures[0])


def _ordered_by(sql: str) -> str:
    """Return the name of the result column that a query's rows are ordered by first; empty if there is none."""
    if not sql:
        return ""
    order = sqlglot.parse_one(sql, read="bigquery").args.get("order")
    first = order.expressions[0].this if order else None
    return first.name.lower() if isinstance(first, exp.Column) else ""


def _ranking_figure(shape: Shape, rows: list[list[Scalar]]) -> int:
    """Return the first figure that falls from row to row, else the first figure."""

    def falls(index: int) -> bool:
        values = [_number(row[index]) for row in rows]
        return values[0] > values[-1] and all(one >= other for one, other in pairwise(values))

    return next((index for index in shape.figures if falls(index)), shape.figures[0])


def readable(name: str, unit: str | None = None) -> str:
    """``total_revenue`` -> ``Total revenue``, ``total_order_total`` -> ``Order total``, ``late_pct`` -> ``Late %``."""
    text = column_title(name, unit)
    if text.startswith("Total ") and text.endswith(" total"):
        text = text.removeprefix("Total ")
    return text[:1].upper() + text[1:]


def _number(value: Scalar) -> float:
    return float(value) if isinstance(value, (int, float)) else float("-inf")


def _labels(shape: Shape, columns: list[ResultColumn], rows: list[list[Scalar]]) -> list[str]:
    """Return what each row is called: as few of its labels as tell the rows apart, the leftmost first."""
    naming = sorted((*shape.periods, *shape.labels)) if shape.periods or shape.labels else [0]
    if shape.labels and shape.periods and len({row[shape.labels[0]] for row in rows}) == len(rows):
        naming = [shape.labels[0]]
    used = naming[:1]
    while len(used) < len(naming) and len({tuple(row[index] for index in used) for row in rows}) < len(rows):
        used = naming[: len(used) + 1]
    return [", ".join(_label(row[index], columns[index]) for index in used) for row in rows]


def _label(value: Scalar, column: ResultColumn) -> str:
    if value is None:
        return "none"
    if isinstance(value, int) and not isinstance(value, bool) and "year" not in column.name.lower():
        return f"{column_title(column.name).lower()} {value}"
    return period_text(str(value), column.name) if column.type in TIME_TYPES else str(value)
