"""Describes a result in sentences: the figures that answer the question, formatted with their units."""

from dataclasses import dataclass
from itertools import pairwise

from provisioning_assets.agent.understanding.catalog import NUMERIC_TYPES, TIME_TYPES
from provisioning_assets.data_model.amounts import LARGEST_WRITTEN_OUT, amount_text, is_currency
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.googlesql.results import QueryResult, ResultColumn

_SHARE = "share"
# Endings of result names whose values are fractions of one.
_FRACTIONS = ("share", "rate", "ratio", "fraction")
_PERCENTS = ("pct", "percent", "percentage")


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
            else:
                figures.append(index)
        else:
            labels.append(index)
    return Shape(tuple(periods), tuple(labels), tuple(figures))


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
    number = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
    return f"{number} {unit}" if unit and unit != "count" else number


def describe(result: QueryResult) -> str:
    """Return the answer as one or two sentences."""
    columns, rows = result.columns, result.rows
    if not rows:
        return "No rows match the question."
    shape = shape_of(columns, rows)

    def figure(row: list[Scalar], index: int) -> str:
        return format_figure(row[index], columns[index].name, columns[index].unit)

    if len(rows) == 1:
        parts = [f"{readable(c.name)}: {figure(rows[0], i)}" for i, c in enumerate(columns)]
        return "; ".join(parts) + "."
    if not shape.figures:
        shown = ", ".join(_label(row, shape) for row in rows[:5])
        return f"{result.row_count:,} rows: {shown}{', …' if result.row_count > 5 else '.'}"
    main = _ranking_figure(shape, rows)
    name = readable(columns[main].name)
    measured = [row for row in rows if isinstance(row[main], (int, float))]
    if not measured:
        return f"{result.row_count:,} rows, none with a value of {name.lower()}."
    if shape.periods and not shape.labels:
        top = max(measured, key=lambda row: _number(row[main]))
        first, last = measured[0], measured[-1]
        return (
            f"{name} went from {figure(first, main)} in {_period(first, shape)} to {figure(last, main)} in "
            f"{_period(last, shape)}; the highest is {figure(top, main)} in {_period(top, shape)}."
        )
    leading = [f"{_label(row, shape)} ({figure(row, main)})" for row in rows[:3]]
    rest = f" Total rows: {result.row_count:,}." if result.row_count > 3 else ""
    followers = f", followed by {' and '.join(leading[1:])}" if len(leading) > 1 else ""
    return f"{name}: {leading[0]} comes first{followers}.{rest}"


def _ranking_figure(shape: Shape, rows: list[list[Scalar]]) -> int:
    """Return the first figure that falls from row to row, else the first figure. The sentence ranks the rows by it."""

    def falls(index: int) -> bool:
        values = [_number(row[index]) for row in rows]
        return values[0] > values[-1] and all(one >= other for one, other in pairwise(values))

    return next((index for index in shape.figures if falls(index)), shape.figures[0])


def readable(name: str) -> str:
    """``total_revenue`` -> ``Total revenue``, ``total_order_total`` -> ``Order total``."""
    text = name.replace("_", " ").strip()
    if text.startswith("total ") and text.endswith(" total"):
        text = text.removeprefix("total ")
    return text[:1].upper() + text[1:]


def _number(value: Scalar) -> float:
    return float(value) if isinstance(value, (int, float)) else float("-inf")


def _period(row: list[Scalar], shape: Shape) -> str:
    return " ".join(str(row[i])[:10] for i in shape.periods)


def _label(row: list[Scalar], shape: Shape) -> str:
    return ", ".join(str(row[i]) if row[i] is not None else "none" for i in (*shape.periods, *shape.labels)) or str(
        row[0]
    )
