"""Executes the questions of the plan: results, charts, and whether each planted insight is visible in its result."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.golden.charts import NUMERIC_TYPES, TIME_TYPES, draw_chart, render_png
from provisioning_assets.golden.models import GoldenQueries, GoldenQuery, InsightProof, MeasuredKpi
from provisioning_assets.googlesql.column_titles import headings_from, trade_headings
from provisioning_assets.googlesql.portability import Schema, lint, schema_of
from provisioning_assets.googlesql.results import QueryResult, ResultColumn
from provisioning_assets.googlesql.statements import pretty
from provisioning_assets.googlesql.sums import summed_columns
from provisioning_assets.googlesql.units import Units, units_of, units_of_columns
from provisioning_assets.labels.catalogue import labels_of
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE
from provisioning_assets.planning.models import ChartPlan, DemoPlan, Insight, Kpi, Question

Run = Callable[[str], QueryResult]

ROWS_KEPT = 200
"""Largest number of rows of a result that are stored."""
ROWS_EXAMINED = 10_000
"""Number of rows that ``run`` is asked for, so that an insight's row is also found in a long result."""

FEWEST_GROUPS = 3
FEWEST_PERIODS = 6
MOST_DOMINANT_SHARE = 0.95
FLAT_WITHIN = 0.05
"""Relative difference from 1/n of the sum within which the largest of n values is not notable: all groups look the same."""


def execute_golden_queries(plan: DemoPlan, model: DataModel, run: Run, *, pictures: bool = True) -> GoldenQueries:
    """Execute every question of a plan.

    Args:
        plan: questions, their charts, and the insights they prove.
        model: the data set's tables; each question's SQL is checked against them first.
        run: executes one GoogleSQL query at the model's as-of date and returns up to ``ROWS_EXAMINED`` rows.
        pictures: whether charts are also drawn as PNG pictures, which takes most of the time.

    Returns:
        One golden query per question, in the plan's order. A question that fails has its error there, and the others
        are still executed.
    """
    schema = schema_of(model.tables)
    units = units_of_columns(model.tables)
    terms = [*(term.term for term in plan.glossary), *(kpi.name for kpi in plan.kpis)]
    insights = {insight.id: insight for insight in plan.insights}
    return GoldenQueries(
        as_of=model.as_of,
        queries=[
            _execute(
                question,
                insights.get(question.insight_id or ""),
                schema,
                units,
                run,
                headings=_headings(question, model, plan.language),
                terms=terms,
                language=plan.language,
                pictures=pictures,
            )
            for question in plan.questions
        ],
        kpis=[measure(kpi, schema, run) for kpi in plan.kpis],
    )


def measure(kpi: Kpi, schema: Schema, run: Run) -> MeasuredKpi:
    """The value of a KPI: the one number that its query returns; or the error if it does not return one number."""
    problems = lint(kpi.sql, schema)
    if problems:
        return MeasuredKpi(name=kpi.name, unit=kpi.unit, value=None, error=" ".join(problems))
    try:
        rows = run(kpi.sql).rows
    except ProvisioningError as error:
        return MeasuredKpi(name=kpi.name, unit=kpi.unit, value=None, error=error.problem)
    value = rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return MeasuredKpi(name=kpi.name, unit=kpi.unit, value=None, error="its query does not return one number")
    return MeasuredKpi(name=kpi.name, unit=kpi.unit, value=float(value))


def _headings(question: Question, model: DataModel, language: str) -> dict[str, str]:
    """Column of the result -> its heading: the question's own; in another language than English, where names are not of the
    language, else the first synonym of the column or table with this name.
    """
    if language == DEFAULT_LANGUAGE:
        return question.headings
    named = [(one.name, one.synonyms) for table in model.tables for one in (table, *table.columns)]
    return {**headings_from(named, labels_of(language).periods), **question.headings}


def _execute(
    question: Question,
    insight: Insight | None,
    schema: Schema,
    units: Units,
    run: Run,
    *,
    headings: dict[str, str],
    terms: Sequence[str],
    language: str,
    pictures: bool,
) -> GoldenQuery:
    problems = lint(question.sql, schema)
    if problems:
        return _failed(question, insight, " ".join(problems))
    try:
        result = run(question.sql).with_units(units_of(question.sql, units))
        result = result.with_headings(trade_headings(result.columns, question.question, terms) | headings)
    except ProvisioningError as error:
        return _failed(question, insight, error.problem)
    reason = dull_because(result, question.chart)
    chart, picture, chart_problem = _drawn(question, result, language, pictures=pictures)
    return GoldenQuery(
        **_asked(question),
        sql=pretty(question.sql),
        chart=chart,
        chart_png=picture,
        chart_problem=chart_problem,
        columns=result.columns,
        rows=result.rows[:ROWS_KEPT],
        row_count=result.row_count,
        seconds=result.seconds,
        proof=prove(insight, result) if insight else None,
        interesting=reason is None,
        dull_because=reason,
    )


def _failed(question: Question, insight: Insight | None, error: str) -> GoldenQuery:
    return GoldenQuery(
        **_asked(question),
        sql=question.sql,
        chart=None,
        columns=[],
        rows=[],
        row_count=0,
        seconds=0.0,
        error=error,
        proof=_not_shown(insight, "its query failed") if insight else None,
        interesting=False,
        dull_because="it could not be executed",
    )


def _asked(question: Question) -> dict[str, Any]:
    return question.model_dump(include={"id", "question", "paraphrases", "complexity", "business_value", "insight_id"})


def _drawn(
    question: Question, result: QueryResult, language: str, *, pictures: bool
) -> tuple[dict[str, Any] | None, str | None, str | None]:
    plan = question.chart
    if plan is None or not result.rows:
        return None, None, None
    adds_up = plan.y.lower() in summed_columns(question.sql)
    try:
        chart = draw_chart(plan, result.columns, result.rows[:ROWS_KEPT], language=language, adds_up=adds_up)
        return chart, render_png(chart) if pictures else None, None
    except (ProvisioningError, ValueError) as error:
        return None, None, str(error).splitlines()[0]


# --- insights ----------------------------------------------------------------------------------------------------


def prove(insight: Insight, result: QueryResult) -> InsightProof:
    """Read the insight's figure from a result and compare it with what was planted."""
    assertion = insight.assertion
    names = [column.name.lower() for column in result.columns]
    missing = sorted({name for name in (assertion.column, *assertion.where) if name.lower() not in names})
    if missing:
        return _not_shown(insight, f"the result has no column {', '.join(missing)}")
    wanted = {names.index(name.lower()): value for name, value in assertion.where.items()}
    row = next((row for row in result.rows if all(same_value(row[at], value) for at, value in wanted.items())), None)
    if row is None:
        condition = ", ".join(f"{name} = {value}" for name, value in assertion.where.items())
        return _not_shown(insight, f"the result has no row{f' where {condition}' if condition else ''}")
    value = row[names.index(assertion.column.lower())]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _not_shown(insight, f"{assertion.column} is {value!r}, not a number")
    holds = abs(value - insight.expected) <= insight.tolerance
    return InsightProof(
        insight_id=insight.id,
        expected=insight.expected,
        tolerance=insight.tolerance,
        measured=float(value),
        holds=holds,
        explanation=(
            f"{assertion.column} is {value:.6g} {insight.unit}; "
            f"planted was {insight.expected:g} ± {insight.tolerance:g}"
        ),
    )


def same_value(cell: Scalar, text: str) -> bool:
    """Whether a cell equals the text of an assertion: ``5`` is 5 and 5.0, ``true`` is True, a date is its midnight."""
    if cell is None:
        return text.strip().lower() in ("", "null")
    if isinstance(cell, bool):
        return text.strip().lower() == str(cell).lower()
    if isinstance(cell, int | float):
        try:
            return math.isclose(float(text), cell, rel_tol=1e-9)
        except ValueError:
            return False
    return cell.strip().removesuffix("T00:00:00") == text.strip().removesuffix("T00:00:00")


def _not_shown(insight: Insight, reason: str) -> InsightProof:
    return InsightProof(
        insight_id=insight.id,
        expected=insight.expected,
        tolerance=insight.tolerance,
        measured=None,
        holds=False,
        explanation=reason,
    )


# --- worth showing? ----------------------------------------------------------------------------------------------


def dull_because(result: QueryResult, chart: ChartPlan | None) -> str | None:
    """Why a result is not worth showing; None if it is.

    A result is worth showing if it has at least three groups or six periods, if its values are not all equal or missing,
    and if the largest share is not about 1/n and not above 95%. This is measured on the chart's columns; without a chart
    on the first column that is not numeric and the first numeric column.
    """
    if not result.row_count:
        return "the result is empty"
    group, measure = _measured_columns(result.columns, chart)
    if measure is None:
        alone = result.columns[group].type in NUMERIC_TYPES
        return "the result has one column and nothing to compare" if alone else "the result has no column of numbers"
    names = [column.name.lower() for column in result.columns]
    groups = list(dict.fromkeys(row[group] for row in result.rows if row[group] is not None))
    in_time = result.columns[group].type in TIME_TYPES or _are_periods(groups)
    fewest, word = (FEWEST_PERIODS, "periods") if in_time else (FEWEST_GROUPS, "groups")
    if len(groups) < fewest:
        return f"{len(groups)} {word} of {names[group]}, fewer than {fewest}"
    values = [abs(value) for row in result.rows if isinstance(value := row[measure], int | float)]
    if not values:
        return f"{names[measure]} has no values"
    total, largest = sum(values), max(values)
    if total == 0 or max(values) == min(values):
        return f"every value of {names[measure]} is the same"
    if largest / total > MOST_DOMINANT_SHARE:
        return f"one value is {largest / total:.0%} of the sum of {names[measure]}"
    if largest / total <= (1 + FLAT_WITHIN) / len(values):
        return f"all values of {names[measure]} are nearly the same"
    return None


def _measured_columns(columns: Sequence[ResultColumn], chart: ChartPlan | None) -> tuple[int, int | None]:
    names = [column.name.lower() for column in columns]
    if chart is not None and chart.x.lower() in names and chart.y.lower() in names:
        return names.index(chart.x.lower()), names.index(chart.y.lower())
    group = next((at for at, column in enumerate(columns) if column.type not in NUMERIC_TYPES), 0)
    measures = (at for at, column in enumerate(columns) if at != group and column.type in NUMERIC_TYPES)
    return group, next(measures, None)


def _are_periods(groups: Sequence[Scalar]) -> bool:
    return all(isinstance(group, str) and re.fullmatch(r"\d{4}[- ]?(Q[1-4]|W\d\d|\d\d)?", group) for group in groups)
