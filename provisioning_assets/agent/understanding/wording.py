"""Describes a result in sentences: the figures that answer the question, formatted with their units."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import sqlglot
from sqlglot import exp

from provisioning_assets.agent.understanding.asked_figures import also_asked, asks_for_a_rank, is_rank, named_first
from provisioning_assets.agent.understanding.catalog import NUMERIC_TYPES, TIME_TYPES
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.figure_text import figure, is_currency
from provisioning_assets.googlesql.column_titles import column_title, period_text
from provisioning_assets.googlesql.results import QueryResult, ResultColumn
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE

_SHARE = "share"
# Endings of result names whose values are fractions of one.
_FRACTIONS = ("share", "rate", "ratio", "fraction")
_PERCENTS = ("pct", "percent", "percentage")
_ASK_FOR_A_SHARE = re.compile(r"\b(shares?|rates?|percent(age)?|proportion|how much of)\b", re.IGNORECASE)
# Labels that are named where several have the same figure.
# Smaller counts can be alike by chance.
_FEWEST_PARTS, _LEAST_OF_A_PART = 3, 10
_NAMED_TOGETHER = 3


@dataclass(frozen=True)
class Shape:
    """The roles of a result's columns: ``labels`` name a row, ``periods`` date it, ``figures`` measure it."""

    periods: tuple[int, ...]
    labels: tuple[int, ...]
    figures: tuple[int, ...]


def shape_of(columns: list[ResultColumn], rows: list[list[Scalar]]) -> Shape:
    """Return a result's shape, from its column types. Keys and years are labels, not figures.

    An hour of the day, or a month without its year, comes again and again: it is a label, and nothing goes from hour 0 to hour 23.
    """
    periods, labels, figures = [], [], []
    dated = any(column.type in TIME_TYPES or column.name.lower() == "year" for column in columns)
    for index, column in enumerate(columns):
        name = column.name.lower()
        values = [row[index] for row in rows if row[index] is not None]
        whole = bool(values) and all(isinstance(value, (int, float)) and float(value).is_integer() for value in values)
        if column.type in TIME_TYPES or _is_period_text(name, values):
            periods.append(index)
        elif column.type in NUMERIC_TYPES and not (name.endswith("_id") or name == "id"):
            if whole and name in ("year", "month", "quarter", "week", "day", "hour") and len(columns) > 1:
                (periods if dated else labels).append(index)
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


def format_figure(
    value: Scalar, name: str, unit: str | None, largest: float | None = None, language: str = DEFAULT_LANGUAGE
) -> str:
    """Format a number for readers: ``€1,234.50``, ``12.3%``, ``1,234``.

    Args:
        value: the cell.
        name: the column's name.
        unit: the column's unit; None if it has none.
        largest: the largest amount beside it, on whose scale an amount of money is written.
        language: of the reader, ISO 639-1.
    """
    if value is None:
        return "no value"
    if isinstance(value, (bool, str)):
        return str(value)
    ending = name.lower().rsplit("_", 1)[-1]
    if ending in _PERCENTS:
        unit = "percent"
    elif unit == _SHARE or (ending in _FRACTIONS and unit is None and -1 <= value <= 1):
        value, unit = value * 100, "percent"
    return figure(value, unit or "", largest=largest, language=language)


def describe(result: QueryResult, question: str = "", sql: str = "") -> str:
    """Return the answer as one or a few sentences about the figure that the question asks for, and a second one if it asks for two.

    The first is the figure by which the query orders its rows, else a share if a share is asked for, else the one that the question
    names first. The second is the one that another clause of the question names.

    Args:
        result: the rows, whose columns have their units.
        question: what was asked, or the verified question.
        sql: the GoogleSQL query.
    """
    columns, rows = result.columns, result.rows
    if not rows:
        return "No rows match the question."
    shape = shape_of(columns, rows)
    if len(rows) == 1:
        parts = [f"{_name(c, question)}: {format_figure(rows[0][i], c.name, c.unit)}" for i, c in enumerate(columns)]
        return "; ".join(parts) + "."
    labels = _labels(shape, columns, rows)
    if not shape.figures:
        shown = ", ".join(labels[:5])
        return f"{result.row_count:,} rows: {shown}{', …' if result.row_count > 5 else '.'}"
    ranks = [at for at in shape.figures if is_rank(columns[at], [row[at] for row in rows])]
    others = tuple(at for at in shape.figures if at not in ranks)
    if ranks and shape.labels and (asks_for_a_rank(question) or not others):
        return _ranks_told(shape, columns, rows, ranks[0], labels)
    shape = Shape(shape.periods, shape.labels, others or shape.figures)
    main = main_figure(shape, columns, question, ordered_by(sql), rows)
    second = also_asked(columns, shape.figures, main, question)
    first = _Told.of(main, columns, rows, question)
    if not first.measured:
        return f"{result.row_count:,} rows, none with a value of {first.name}."
    beside = _Told.of(second, columns, rows, question) if second is not None else None
    if shape.periods and not shape.labels:
        both = [first, beside] if beside and beside.measured else [first]
        return " ".join(_over_time(told, labels) for told in both)
    total = f" Total rows: {result.row_count:,}." if result.row_count > 3 else ""
    return _compared(first, beside, labels) + total


def column_texts(result: QueryResult, at: int) -> list[str]:
    """Return the cells of a column as a sentence shows them: figures with their units on one scale, periods, names."""
    columns, rows = result.columns, result.rows
    if at in shape_of(columns, rows).figures:
        return _Told.of(at, columns, rows, "").texts
    return [_label(row[at], columns[at]) for row in rows]


@dataclass(frozen=True)
class _Told:
    """A figure as a sentence tells it: its name, its values, and their texts, all on one scale."""

    name: str
    values: list[float]
    texts: list[str]
    measured: list[int]

    @classmethod
    def of(cls, at: int, columns: list[ResultColumn], rows: list[list[Scalar]], question: str) -> "_Told":
        column = columns[at]
        cells = [row[at] for row in rows]
        measured = [place for place, cell in enumerate(cells) if isinstance(cell, (int, float))]
        values = [_number(cell) for cell in cells]
        largest = max((abs(values[place]) for place in measured), default=None)
        unit = None if column.unit and column.unit.lower() in column.name.lower().split("_") else column.unit
        texts = [format_figure(cell, column.name, unit, largest) for cell in cells]
        return cls(_name(column, question), values, texts, measured)

    @property
    def inline(self) -> str:
        """The name within a sentence: ``average rating``, ``NPS``; a share has its sign at the figure."""
        name = self.name.replace(" % ", " ").removesuffix(" %")
        return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _over_time(told: _Told, labels: list[str]) -> str:
    """``Orders went from 5 in Jan to 7 in Mar; the highest is 9 in Feb.`` Figures that look equal are not told apart."""
    first, last = told.measured[0], told.measured[-1]
    top, bottom = (choose(told.measured, key=lambda at: told.values[at]) for choose in (max, min))
    begins, ends, highest = told.texts[first], told.texts[last], told.texts[top]
    if first == last:
        return f"{told.name} {_verb(told.name)} {begins} in {labels[first]}."
    if told.texts[bottom] == highest:
        return f"{told.name} {_verb(told.name)} {begins} from {labels[first]} to {labels[last]}, without a change."
    if begins == ends:
        sentence = f"{told.name} {_verb(told.name)} {begins} in {labels[first]} and in {labels[last]}"
        if highest == begins:
            return f"{sentence}; the lowest is {told.texts[bottom]} in {labels[bottom]}."
        return f"{sentence}; the highest is {highest} in {labels[top]}."
    sentence = f"{told.name} went from {begins} in {labels[first]} to {ends} in {labels[last]}"
    if top == last:
        return f"{sentence}, which is the highest."
    if top == first:
        return f"{sentence}; the first is the highest."
    if highest in (begins, ends):
        return f"{sentence}; the highest, also {highest}, is in {labels[top]}."
    return f"{sentence}; the highest is {highest} in {labels[top]}."


def _compared(told: _Told, beside: _Told | None, labels: list[str]) -> str:
    """Tell the first rows of an order, else the highest and the lowest one, each with the second figure."""
    name, is_ = told.name, _verb(told.name)

    def row(at: int) -> str:
        also = f"; {beside.inline} {beside.texts[at]}" if beside else ""
        return f"{labels[at]} ({told.texts[at]}{also})"

    def equal(at: int) -> str:
        """The row, or all rows whose figures look the same."""
        same = [place for place in told.measured if told.texts[place] == told.texts[at]]
        if len(same) == 1:
            return row(at)
        named = [labels[place] for place in same[:_NAMED_TOGETHER]]
        if len(same) > _NAMED_TOGETHER:
            named.append(f"{len(same) - _NAMED_TOGETHER} more")
        return f"{', '.join(named[:-1])} and {named[-1]} ({told.texts[at]} each)"

    if len({told.texts[at] for at in told.measured}) == 1 and len(told.measured) > 1:
        return f"{name} {is_} {told.texts[told.measured[0]]} for each of {len(told.measured):,} rows."
    values = told.values
    if told.measured == list(range(len(values))):
        for word, order in (("highest", values), ("lowest", [-value for value in values])):
            if order[0] > order[-1] and all(one >= other for one, other in pairwise(order)):
                same = [at for at, text in enumerate(told.texts) if text == told.texts[0]]
                after = [at for at in range(len(same), max(len(same) + 1, 3)) if at < len(values)]
                # what fell is not told among the highest of what grew
                followers = [row(at) for at in after if word == "lowest" or (values[at] < 0) == (values[0] < 0)]
                follow = f", followed by {' and '.join(followers)}" if followers else ""
                return f"{name} {is_} {word} for {equal(0)}{follow}."
    top, bottom = (choose(told.measured, key=lambda at: values[at]) for choose in (max, min))
    return f"{name} {is_} highest for {equal(top)} and lowest for {equal(bottom)}."


def _ranks_told(
    shape: Shape, columns: list[ResultColumn], rows: list[list[Scalar]], rank: int, labels: list[str]
) -> str:
    """Who is first, in the latest period and in the earliest one: of places, 1 is the best."""
    word = readable(columns[rank].name).lower()
    if not shape.periods:
        order = [labels[at] for at in sorted(range(len(rows)), key=lambda at: _number(rows[at][rank]))]
        return f"{order[0]} has {word} 1, followed by {' and '.join(order[1:3])}. Total rows: {len(rows):,}."
    period, label = shape.periods[0], shape.labels[0]

    def order_in(value: Scalar) -> list[str]:
        of_period = sorted((row for row in rows if row[period] == value), key=lambda row: _number(row[rank]))
        return [_label(row[label], columns[label]) for row in of_period]

    dates = sorted({row[period] for row in rows if row[period] is not None}, key=str)
    latest, earliest = order_in(dates[-1]), order_in(dates[0])
    followers = f", followed by {' and '.join(latest[1:3])}" if latest[1:] else ""
    when, before = (_label(date, columns[period]) for date in (dates[-1], dates[0]))
    sentence = f"In {when}, {latest[0]} has {word} 1{followers}"
    if before == when:
        return f"{sentence}."
    if latest[0] == earliest[0]:
        return f"{sentence}; it had {word} 1 in {before}, too."
    return f"{sentence}; in {before} {earliest[0]} had {word} 1."


def _verb(name: str) -> str:
    head = re.split(r" (?:in|of|per|to|by) ", name)[0]  # "Change in shipments" is one figure
    return "are" if head.endswith("s") and not head.endswith(("ss", "NPS")) else "is"


def main_figure(
    shape: Shape, columns: list[ResultColumn], question: str, ordered: str, rows: list[list[Scalar]]
) -> int:
    """Return which column a sentence is about: the one by which the rows are ordered, else the one that the question names."""
    by_name = {columns[index].name.lower(): index for index in shape.figures}
    if ordered in by_name:
        return by_name[ordered]
    shares = [index for index in shape.figures if columns[index].name.lower().rsplit("_", 1)[-1] in _PERCENTS]
    if shares and _ASK_FOR_A_SHARE.search(question):
        return shares[0]
    amounts = [index for index in shape.figures if (unit := columns[index].unit) and is_currency(unit)]
    if amounts and re.search(r"\bmoney\b", question, re.IGNORECASE):
        return amounts[0]
    if not question:
        return _ranking_figure(shape, rows)
    telling = [at for at in shape.figures if not _divides_evenly([row[at] for row in rows])] or list(shape.figures)
    named = named_first(columns, telling, question)
    return telling[0] if named is None else named


def _divides_evenly(counts: Sequence[Scalar]) -> bool:
    """Whether a figure says nothing but that the rows were made equally large: 140 or 139 customers in each tenth."""
    whole = [count for count in counts if isinstance(count, int) and not isinstance(count, bool)]
    return (
        len(whole) == len(counts) >= _FEWEST_PARTS and min(whole) >= _LEAST_OF_A_PART and max(whole) - min(whole) <= 1
    )


def ordered_by(sql: str) -> str:
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


def readable(name: str, unit: str | None = None, written: str = "") -> str:
    """``total_revenue`` -> ``Total revenue``, ``total_order_total`` -> ``Order total``, ``late_pct`` -> ``Late %``.

    ``written`` is a text whose hyphens the title takes: ``check_ins`` -> ``Check-ins``.
    """
    text = column_title(name, unit, written)
    if text.startswith("Total ") and text.endswith(" total"):
        text = text.removeprefix("Total ")
        text = text[:1].upper() + text[1:]
    return text


def _name(column: ResultColumn, question: str) -> str:
    return column.heading or readable(column.name, written=question)


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
