"""Builds GoogleSQL from a query plan. It builds a syntax tree, so words of a question are never part of the SQL text."""

from datetime import date

import sqlglot.expressions as exp

from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn
from provisioning_assets.agent.understanding.query_plan import PlannedFilter, PlannedMeasure, QueryPlan
from provisioning_assets.agent.understanding.time_windows import Moment, Window
from provisioning_assets.googlesql import statements as googlesql

_COMPARISONS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    ">": exp.GT,
    ">=": exp.GTE,
    "<": exp.LT,
    "<=": exp.LTE,
}


def build_sql(plan: QueryPlan, catalog: Catalog) -> str:
    """Return the GoogleSQL of a plan with bare table names, formatted for reading."""
    qualified = bool(plan.joins)
    select = exp.Select().from_(_table(catalog, plan.base))
    for relationship in plan.joins:
        on = [
            exp.EQ(this=_name(a, relationship.table), expression=_name(b, relationship.references))
            for a, b in zip(relationship.columns, relationship.references_columns, strict=True)
        ]
        select = select.join(_table(catalog, relationship.references), on=exp.and_(*on), join_type="left")
    groups: list[exp.Expr] = []
    period = _period(plan, qualified=qualified)
    if period is not None:
        select = select.select(exp.alias_(period, plan.grain or "weekday"))
        groups.append(exp.column(plan.grain or "weekday"))
    for dimension in plan.dimensions:
        column = _column(dimension.column, qualified=qualified)
        renamed = dimension.name != dimension.column.name
        select = select.select(exp.alias_(column, dimension.name) if renamed else column)
        groups.append(exp.column(dimension.name) if renamed else column.copy())
    conditions, within = _conditions(plan, qualified=qualified)
    for measure in plan.measures:
        figure = _share(measure, within, qualified=qualified) if plan.share else _figure(measure, qualified=qualified)
        select = select.select(exp.alias_(figure, measure.name))
    if conditions:
        select = select.where(exp.and_(*conditions))
    if groups and not plan.listing:
        select = select.group_by(*groups)
    return googlesql.pretty(_ordered(select, plan, groups).limit(plan.limit).sql("bigquery"))


def _ordered(select: exp.Select, plan: QueryPlan, groups: list[exp.Expr]) -> exp.Select:
    if not groups:
        return select
    if plan.listing or plan.order == "time":
        return select.order_by(*(group.copy() for group in groups[: 1 if plan.listing else None]))
    first = exp.Ordered(this=exp.column(plan.measures[0].name), desc=plan.descending)
    # with a second sort key, the order and therefore the cut are the same every time
    return select.order_by(first, *(group.copy() for group in groups))


# --- parts -------------------------------------------------------------------------------------------------------


def _table(catalog: Catalog, name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(catalog.tables[name].name))


def _name(column: str, table: str) -> exp.Column:
    return exp.column(exp.to_identifier(column), table=exp.to_identifier(table))


def _column(column: CatalogColumn, *, qualified: bool) -> exp.Column:
    return _name(column.name, column.table) if qualified else exp.column(exp.to_identifier(column.name))


def _figure(measure: PlannedMeasure, *, qualified: bool) -> exp.Expr:
    if measure.column is None:
        figure: exp.Expr = exp.Count(this=exp.Star())
    else:
        column = _column(measure.column, qualified=qualified)
        if measure.function == "count":
            figure = exp.Count(this=exp.Distinct(expressions=[column]) if measure.distinct else column)
        else:
            figure = {"sum": exp.Sum, "avg": exp.Avg, "min": exp.Min, "max": exp.Max}[measure.function](this=column)
    if measure.per is not None:
        per = exp.Count(this=exp.Distinct(expressions=[_column(measure.per, qualified=qualified)]))
        return exp.SafeDivide(this=figure, expression=per)
    return figure


def _share(measure: PlannedMeasure, within: exp.Expr | None, *, qualified: bool) -> exp.Expr:
    """Return the share of a figure that matches the question's filters, or each group's share of the whole."""
    if within is None:
        figure = _figure(measure, qualified=qualified)
        if measure.function == "avg":
            return figure
        whole = exp.Window(this=exp.Sum(this=figure.copy()))
        return exp.SafeDivide(this=figure, expression=whole)
    if measure.column is None or measure.function == "count":
        if measure.distinct and measure.column is not None:
            column = _column(measure.column, qualified=qualified)
            part: exp.Expr = exp.Count(this=exp.Distinct(expressions=[exp.If(this=within.copy(), true=column)]))
            return exp.SafeDivide(this=part, expression=_figure(measure, qualified=qualified))
        return exp.SafeDivide(this=exp.CountIf(this=within.copy()), expression=exp.Count(this=exp.Star()))
    column = _column(measure.column, qualified=qualified)
    part = exp.Sum(this=exp.If(this=within.copy(), true=column, false=exp.Literal.number(0)))
    return exp.SafeDivide(this=part, expression=exp.Sum(this=column.copy()))


def _conditions(plan: QueryPlan, *, qualified: bool) -> tuple[list[exp.Expr], exp.Expr | None]:
    """Return the conditions of WHERE, and for a share the condition of its numerator."""
    filters = [_filter(f, qualified=qualified) for f in plan.filters]
    times: list[exp.Expr] = []
    if plan.windows and plan.time_column is not None:
        moment = _day(plan.time_column, qualified=qualified)
        either = [exp.and_(*_window(moment, window)) for window in plan.windows]
        times = [either[0] if len(either) == 1 else exp.paren(exp.or_(*either))]
    times += [_filter(f, qualified=qualified) for f in plan.standing]
    if plan.share and filters:
        return times, exp.and_(*filters)
    return [*filters, *times], None


def _filter(wanted: PlannedFilter, *, qualified: bool) -> exp.Expr:
    column = _column(wanted.column, qualified=qualified)
    literals = [exp.convert(int(v) if isinstance(v, float) and v.is_integer() else v) for v in wanted.values]
    if isinstance(wanted.values[0], bool):
        return column if wanted.values[0] else exp.Not(this=column)
    if len(literals) > 1:
        within = exp.In(this=column, expressions=literals)
        return exp.Not(this=within) if wanted.operator == "!=" else within
    return _COMPARISONS[wanted.operator](this=column, expression=literals[0])


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


def _period(plan: QueryPlan, *, qualified: bool) -> exp.Expr | None:
    if plan.time_column is None or not (plan.grain or plan.weekday):
        return None
    day = _day(plan.time_column, qualified=qualified)
    if plan.grain:
        return day if plan.grain == "day" else _truncated(day, plan.grain)
    return exp.func("FORMAT_DATE", exp.Literal.string("%A"), day, dialect="bigquery")
