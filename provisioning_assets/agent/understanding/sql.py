"""Builds GoogleSQL from a query. It builds a syntax tree, so words of a question are never part of the SQL text."""

from datetime import date

import sqlglot.expressions as exp

from provisioning_assets.agent.understanding.asked import Operator
from provisioning_assets.agent.understanding.catalog import CatalogColumn, Relationship
from provisioning_assets.agent.understanding.query import (
    DatedCondition,
    Kept,
    Query,
    QueryCondition,
    QueryFigure,
    RelatedRows,
)
from provisioning_assets.agent.understanding.time_windows import Moment, Window
from provisioning_assets.googlesql import statements as googlesql

_COMPARISONS: dict[Operator, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    ">": exp.GT,
    ">=": exp.GTE,
    "<": exp.LT,
    "<=": exp.LTE,
}
_SECONDS = {"day": 86_400, "hour": 3_600}


def build_sql(query: Query) -> str:
    """Return the GoogleSQL of a query with bare table names, formatted for reading."""
    qualified = bool(query.joins) or any(isinstance(kept, RelatedRows) for kept in (*query.kept, *query.part))
    select = _from(query.base, query.joins)
    if query.listed:
        select = select.select(*(_column(column, qualified=qualified) for column in query.listed))
        select = _where(select, query.kept, qualified=qualified)
        first = _column(query.listed[0], qualified=qualified)
        return googlesql.pretty(select.order_by(first).limit(query.limit).sql("bigquery"))
    groups: list[exp.Expr] = []
    period = _period(query, qualified=qualified)
    if period is not None:
        name = query.grain or "weekday"
        select = select.select(exp.alias_(period, name))
        groups.append(exp.column(name))
    for group in query.groups:
        column = _column(group.column, qualified=qualified)
        select = select.select(column)
        groups.append(column.copy())
    median = any(figure.function == "median" for figure in query.figures)
    for figure in query.figures:
        value = _share(figure, query.part, qualified=qualified) if query.share else _figure(figure, qualified=qualified)
        if figure.function == "median":
            value = exp.Window(this=value, partition_by=[_grouped(query, g, qualified=qualified) for g in groups])
        select = select.select(exp.alias_(value, figure.name))
    select = _where(select, query.kept, qualified=qualified)
    if median:
        return googlesql.pretty(_ordered(select.distinct(), query, groups).limit(query.limit).sql("bigquery"))
    if groups:
        select = select.group_by(*groups)
    if query.having is not None:
        operator, number = query.having
        figure = _figure(query.figures[0], qualified=qualified)
        select = select.having(_COMPARISONS[operator](this=figure, expression=_number(number)))
    if query.each:
        select = _first_of_each(select, query, groups)
    return googlesql.pretty(_ordered(select, query, groups).limit(query.limit).sql("bigquery"))


def _grouped(query: Query, group: exp.Expr, *, qualified: bool) -> exp.Expr:
    """Return a group as an expression that may be used beside it: the period itself, not its name."""
    period = _period(query, qualified=qualified)
    return period if period is not None and group == exp.column(query.grain or "weekday") else group.copy()


def _first_of_each(select: exp.Select, query: Query, groups: list[exp.Expr]) -> exp.Select:
    """Keep the first rows of each group; the last named group is the one that each stands for."""
    each = [groups[-1].copy()]
    by = exp.Ordered(this=_figure(query.figures[0], qualified=bool(query.joins)), desc=query.descending is not False)
    numbered = exp.Window(this=exp.RowNumber(), partition_by=each, order=exp.Order(expressions=[by]))
    return select.qualify(exp.LTE(this=numbered, expression=exp.Literal.number(query.each)))


def _ordered(select: exp.Select, query: Query, groups: list[exp.Expr]) -> exp.Select:
    if not groups:
        return select
    if query.each:
        first = exp.Ordered(this=exp.column(query.figures[0].name), desc=query.descending is not False)
        return select.order_by(groups[-1].copy(), first)
    if not query.figures or ((query.grain or query.weekday) and query.descending is None):
        return select.order_by(*(group.copy() for group in groups))
    first = exp.Ordered(this=exp.column(query.figures[0].name), desc=query.descending is not False)
    # with a second sort key, the order and therefore the cut are the same every time
    return select.order_by(first, *(group.copy() for group in groups))


# --- parts -------------------------------------------------------------------------------------------------------


def _from(base: str, joins: tuple[Relationship, ...]) -> exp.Select:
    select = exp.Select().from_(exp.Table(this=exp.to_identifier(base)))
    for relationship in joins:
        on = [
            exp.EQ(this=_name(a, relationship.table), expression=_name(b, relationship.references))
            for a, b in zip(relationship.columns, relationship.references_columns, strict=True)
        ]
        table = exp.Table(this=exp.to_identifier(relationship.references))
        select = select.join(table, on=exp.and_(*on), join_type="left")
    return select


def _where(select: exp.Select, kept: tuple[Kept, ...], *, qualified: bool) -> exp.Select:
    return select.where(*(_kept(each, qualified=qualified) for each in kept)) if kept else select


def _name(column: str, table: str) -> exp.Column:
    return exp.column(exp.to_identifier(column), table=exp.to_identifier(table))


def _column(column: CatalogColumn, *, qualified: bool) -> exp.Column:
    return _name(column.name, column.table) if qualified else exp.column(exp.to_identifier(column.name))


def _figure(figure: QueryFigure, *, qualified: bool) -> exp.Expr:
    if figure.column is None:
        value: exp.Expr = exp.Count(this=exp.Star())
    else:
        column: exp.Expr = _column(figure.column, qualified=qualified)
        if figure.since is not None:
            column = _duration(figure, qualified=qualified)
        if figure.function == "count":
            value = exp.Count(this=exp.Distinct(expressions=[column]) if figure.distinct else column)
        elif figure.function == "median":
            value = exp.PercentileCont(this=column, expression=exp.Literal.number("0.5"))
        else:
            value = {"sum": exp.Sum, "avg": exp.Avg, "min": exp.Min, "max": exp.Max}[figure.function](this=column)
    if figure.per is not None:
        per = exp.Count(this=exp.Distinct(expressions=[_column(figure.per, qualified=qualified)]))
        return exp.SafeDivide(this=value, expression=per)
    return value


def _duration(figure: QueryFigure, *, qualified: bool) -> exp.Expr:
    if figure.since is None or figure.column is None or figure.unit is None:
        raise ValueError("a duration has two times and a unit")
    start, end = figure.since, figure.column
    if "DATE" in (start.type, end.type):
        return exp.func(
            "DATE_DIFF",
            _day(end, qualified=qualified),
            _day(start, qualified=qualified),
            exp.var("DAY"),
            dialect="bigquery",
        )
    between = exp.func(
        "DATETIME_DIFF",
        _column(end, qualified=qualified),
        _column(start, qualified=qualified),
        exp.var("SECOND"),
        dialect="bigquery",
    )
    return exp.Div(this=between, expression=exp.Literal.number(_SECONDS[figure.unit]))


def _share(figure: QueryFigure, part: tuple[Kept, ...], *, qualified: bool) -> exp.Expr:
    """Return the share of a figure for which the part's conditions hold, or each group's share of the whole."""
    if not part:
        value = _figure(figure, qualified=qualified)
        return exp.SafeDivide(this=value, expression=exp.Window(this=exp.Sum(this=value.copy())))
    within = exp.and_(*(_kept(each, qualified=qualified) for each in part))
    if figure.column is None:
        known = [each.column for each in part if isinstance(each, QueryCondition) and each.column.type == "BOOL"]
        whole = _column(known[0], qualified=qualified) if len(known) == len(part) == 1 else exp.Star()
        return exp.SafeDivide(this=exp.CountIf(this=within), expression=exp.Count(this=whole))
    column = _column(figure.column, qualified=qualified)
    if figure.distinct:
        inside = exp.Count(this=exp.Distinct(expressions=[exp.If(this=within, true=column)]))
        return exp.SafeDivide(this=inside, expression=_figure(figure, qualified=qualified))
    inside = exp.Sum(this=exp.If(this=within, true=column, false=exp.Literal.number(0)))
    return exp.SafeDivide(this=inside, expression=exp.Sum(this=column.copy()))


def _kept(kept: Kept, *, qualified: bool) -> exp.Expr:
    if isinstance(kept, DatedCondition):
        day = _day(kept.column, qualified=qualified)
        return exp.or_(*(exp.and_(*_window(day, window)) for window in kept.windows))
    if isinstance(kept, RelatedRows):
        return _related(kept)
    column = _column(kept.column, qualified=qualified)
    if kept.operator in ("set", "unset"):
        empty = exp.Is(this=column, expression=exp.Null())
        return exp.Not(this=empty) if kept.operator == "set" else empty
    if kept.than is not None:
        read = _day if "DATE" in (kept.column.type, kept.than.type) else _column
        first, second = (read(each, qualified=qualified) for each in (kept.column, kept.than))
        return _COMPARISONS[kept.operator](this=first, expression=second)
    if isinstance(kept.values[0], bool):
        return column if kept.values[0] else exp.Not(this=column)
    literals = [exp.convert(int(v) if isinstance(v, float) and v.is_integer() else v) for v in kept.values]
    if len(literals) > 1:
        within = exp.In(this=column, expressions=literals)
        return exp.Not(this=within) if kept.operator == "!=" else within
    return _COMPARISONS[kept.operator](this=column, expression=literals[0])


def _related(related: RelatedRows) -> exp.Expr:
    """Return that so many related rows exist. Where none is enough, those with too many are left out."""
    reference = _name(related.reference.name, related.reference.table)
    select = _from(related.table, related.joins).select(reference)
    select = _where(select, related.conditions, qualified=True)
    select = select.where(exp.Not(this=exp.Is(this=reference.copy(), expression=exp.Null())))
    operator, number = related.operator, related.number
    includes_none = operator in ("<", "<=") or (operator == "=" and number == 0)
    if includes_none:
        operator, number = (">", number) if operator in ("<=", "=") else (">=", number)
    if related.summed is not None or (operator, number) not in ((">=", 1), (">", 0)):
        count: exp.Expr = exp.Count(this=exp.Star())
        if related.summed is not None:
            count = exp.Sum(this=_name(related.summed.name, related.summed.table))
        select = select.group_by(reference.copy()).having(
            _COMPARISONS[operator](this=count, expression=_number(number))
        )
    within = exp.In(this=_name(related.key.name, related.key.table), query=select.subquery())
    return exp.Not(this=within) if includes_none else within


def _number(number: float) -> exp.Expr:
    return exp.convert(int(number) if float(number).is_integer() else number)


def _day(column: CatalogColumn, *, qualified: bool) -> exp.Expr:
    """Return the column as a DATE, because windows and periods are whole days."""
    name = _column(column, qualified=qualified)
    return name if column.type == "DATE" else exp.Date(this=name)


def _window(moment: exp.Expr, window: Window) -> list[exp.Expr]:
    parts: list[exp.Expr] = []
    if window.start is not None:
        parts.append(exp.GTE(this=moment.copy(), expression=_moment(window.start)))
    if window.end is not None:
        parts.append(exp.LT(this=moment.copy(), expression=_moment(window.end)))
    return parts


def _moment(moment: Moment) -> exp.Expr:
    if moment.day is not None:
        return _date(moment.day)
    start: exp.Expr = exp.CurrentDate()
    if moment.truncate:
        start = _truncated(start, moment.truncate)
    if moment.shift == 0:
        return start
    shifted = exp.DateAdd if moment.shift > 0 else exp.DateSub
    return shifted(this=start, expression=exp.Literal.number(abs(moment.shift)), unit=exp.var(moment.unit.upper()))


def _date(day: date) -> exp.Expr:
    return exp.cast(exp.Literal.string(day.isoformat()), "date")


def _truncated(day: exp.Expr, unit: str) -> exp.Expr:
    # only with ISOWEEK, weeks begin on Monday in both dialects
    return exp.DateTrunc(this=day, unit=exp.var("ISOWEEK" if unit == "week" else unit.upper()))


def _period(query: Query, *, qualified: bool) -> exp.Expr | None:
    if query.clock is None or not (query.grain or query.weekday):
        return None
    day = _day(query.clock, qualified=qualified)
    if query.grain:
        return day if query.grain == "day" else _truncated(day, query.grain)
    return exp.func("FORMAT_DATE", exp.Literal.string("%A"), day, dialect="bigquery")
