"""How strong each planted insight is, and whether any figure that was not planted is stronger.

The golden questions are asked of the unplanted demo - the same customer without planted changes - on days of the past year, with
the tables as they stood on each day. From these answers each figure gets a baseline of its own (``seasonal_baseline``).

- An insight's *z* is the figure that the customer's own tables show today, minus the baseline, divided by the spread. Its *rank*
  is its place among all groups of the same answer and column when they are ordered by the distance from their own baselines,
  largest first; an answer with one row has rank 1.
- An *unplanned finding* is a figure that the unplanted demo shows today and that is far from its own baseline. That baseline comes
  from days whose time windows do not overlap today's; otherwise a recent change would be part of its own baseline. Three
  expectations are tried: the figure stays at its level, it goes on drifting as before, or it takes another step from where it
  was, as a stock does, such as the customers of today. What one of them explains is not a finding: a few days whose windows
  overlap do not tell a level from a drift or a chance rise. Nor is what one row of a sum explains, such as a company with many
  lines that came or went. The z is converted to that of a normal distribution (the spread comes
  from few days), then corrected
  for the number of figures that were searched.

A question whose rows are days, months or quarters is not searched: its groups are not the same from one day to another.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
from upath import UPath

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.planning.models import DemoPlan, Insight, Question
from provisioning_assets.quality.answer_figures import (
    Figures,
    Group,
    a_day_that_is_not_named,
    asserted_group,
    largest_parts_sql,
    naming_columns,
    read_figures,
    windows,
    words_of,
)
from provisioning_assets.quality.as_it_stood import AsItStood, as_it_stood
from provisioning_assets.quality.models import InsightStrength, UnplannedFinding
from provisioning_assets.quality.seasonal_baseline import (
    FEWEST_DAYS,
    Baseline,
    as_normal,
    corrected,
    seasonal_baseline,
)
from provisioning_assets.quality.table_views import table_views
from provisioning_assets.quality.unplanted_demo import Generate, UnplantedDemo, unplanted_demo
from provisioning_assets.quality_bars import LEAST_INSIGHT_Z, MOST_UNPLANNED_Z
from provisioning_assets.synthesis.models import SyntheticTables

STEP_DAYS = 28
"""Number of days between two past days on which a question is asked: whole weeks, so that each has the same weekdays."""

MOST_DAYS = 13
"""Largest number of past days. Thirteen times 28 days are a year, so that their mean contains every season once."""

FINDINGS_KEPT = 10

_Parts = dict[str, dict[Group, float]]
"""Column of sums -> group -> the largest row in the sum."""

Translate = Callable[[str, date], str]
"""(GoogleSQL, the date that its CURRENT_DATE() returns) -> DuckDB SQL."""


@dataclass(frozen=True)
class _Asked:
    """A question with the insights it proves, and its SQL for any day."""

    question: Question
    insights: list[Insight]
    template: str
    placeholder: str

    def on(self, day: date) -> str:
        return self.template.replace(self.placeholder, day.isoformat())

    def figures(self, connection: duckdb.DuckDBPyConnection, day: date) -> Figures:
        return read_figures(connection, self.on(day), naming_columns(self.question, self.insights))

    def largest_parts(self, connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, dict[Group, float]]:
        """Column of sums -> group -> the largest row in the sum."""
        sql = largest_parts_sql(self.on(day))
        if sql is None:
            return {}
        return read_figures(connection, sql, naming_columns(self.question, self.insights)).values


@dataclass(frozen=True)
class _Panel:
    """One column of a question's answer in the unplanted demo: the groups that are in it on every day, and their baseline."""

    groups: list[Group]
    values: np.ndarray
    sizes: np.ndarray | None
    baseline: Baseline


def insight_strength(
    plan: DemoPlan,
    model: DataModel,
    tables: SyntheticTables,
    folder: UPath | Path,
    translate: Translate,
    generate: Generate,
) -> tuple[list[InsightStrength], list[UnplannedFinding], int]:
    """Compare every planted insight, and every figure that was not planted, with the customer's own past.

    Args:
        plan: insights and questions.
        model: the model that the tables were generated from.
        tables: the customer's tables, in Parquet under ``folder``.
        folder: the customer's folder.
        translate: translates GoogleSQL to DuckDB's SQL.
        generate: generates the tables of the unplanted demo.

    Returns:
        One strength an insight, in the plan's order; the most striking unplanned findings, strongest first; and how many
        figures were searched for them.
    """
    with unplanted_demo(model, generate) as unplanted:
        return strength_against(unplanted, plan, model, tables, folder, translate)


def strength_against(
    unplanted: UnplantedDemo,
    plan: DemoPlan,
    model: DataModel,
    tables: SyntheticTables,
    folder: UPath | Path,
    translate: Translate,
) -> tuple[list[InsightStrength], list[UnplannedFinding], int]:
    """``insight_strength`` against an unplanted demo that was generated already."""
    asked = [_asked(question, plan, translate) for question in plan.questions]
    past, parts = _past(asked, unplanted)
    panels = {each.question.id: _panels(past[each.question.id], _lengths(each, unplanted.model)) for each in asked}
    findings = [
        finding
        for each in asked
        for finding in _findings(each, past[each.question.id], parts[each.question.id], unplanted.model)
    ]
    places = len(findings)
    findings = [
        finding.model_copy(update={"corrected_z": _signed(finding.z, corrected(finding.corrected_z, places))})
        for finding in findings
    ]
    by_question = {each.question.id: each for each in asked}
    strengths: list[InsightStrength] = []
    with table_views(tables, folder) as connection:
        for insight in plan.insights:
            shown = by_question[insight.query_id].figures(connection, model.as_of)
            strengths.append(_strength(insight, shown, panels[insight.query_id]))
    return strengths, sorted(findings, key=lambda finding: -abs(finding.corrected_z))[:FINDINGS_KEPT], places


def unplanned_problems(strengths: Sequence[InsightStrength], findings: Sequence[UnplannedFinding]) -> list[str]:
    """Every unplanned figure that would draw attention away from a planted one, in words; empty when there is none."""
    planted = [abs(strength.z) for strength in strengths if strength.z is not None]
    weakest = min(planted, default=MOST_UNPLANNED_Z)
    return [
        f"{finding.query_id}: {finding.column} of {finding.group} is {finding.figure:.6g} where {finding.expected:.6g} was "
        f"expected (z {finding.corrected_z:.1f}, allowing for all figures that were searched)"
        for finding in findings
        if abs(finding.corrected_z) > min(weakest, MOST_UNPLANNED_Z)
    ]


def _signed(sign: float, size: float) -> float:
    return float(np.copysign(size, sign))


def _asked(question: Question, plan: DemoPlan, translate: Translate) -> _Asked:
    insights = [insight for insight in plan.insights if insight.query_id == question.id]
    day = a_day_that_is_not_named(question.sql)
    return _Asked(question, insights, translate(question.sql, day), day.isoformat())


# --- the past ------------------------------------------------------------------------------------------------------


def _past(asked: Sequence[_Asked], unplanted: UnplantedDemo) -> tuple[dict[str, list[Figures]], dict[str, _Parts]]:
    """Question id -> its figures on each past day whose time windows lie within the history, oldest first, today last.

    The second result has the largest rows of today's sums for each question.
    """
    as_of = unplanted.model.as_of
    figures: dict[str, list[Figures]] = {each.question.id: [] for each in asked}
    words = words_of([each.question.sql for each in asked])
    with as_it_stood(unplanted.model, unplanted.tables, unplanted.folder, words) as stood:
        since = {each.question.id: _first_full_day(each, unplanted.model, stood) for each in asked}
        for day in [as_of - timedelta(days=STEP_DAYS * step) for step in range(MOST_DAYS, -1, -1)]:
            due = [each for each in asked if since[each.question.id] <= day]
            if due:
                stood.set_day(day)
            for each in due:
                figures[each.question.id].append(each.figures(stood.connection, day))
        parts = {each.question.id: each.largest_parts(stood.connection, as_of) for each in asked}
    return figures, parts


def _first_full_day(asked: _Asked, model: DataModel, stood: AsItStood) -> date:
    """The first day on which the longest time window that the question names lies within the history of its tables."""
    begins = model.as_of - timedelta(days=model.history_days)
    mentioned = words_of([asked.question.sql])
    begins = max([begins, *(first for table in mentioned if (first := stood.first_period(table)) is not None)])
    return min(begins + timedelta(days=max(windows(asked.question.sql), default=0)), model.as_of)


def _panels(past: Sequence[Figures], lengths: tuple[float, float]) -> dict[str, _Panel]:
    """Column -> its panel, of the columns that have groups on every day."""
    panels: dict[str, _Panel] = {}
    if len(past) <= FEWEST_DAYS or past[-1].periods:
        return panels
    rows = _rows(past)
    for column, today in past[-1].values.items():
        groups = [group for group in today if all(group in day.values[column] for day in past)]
        if groups:
            values = np.array([[day.values[column][group] for day in past] for group in groups])
            is_count = column in past[-1].counts
            sizes = None if is_count or rows is None else np.array([rows.get(group, 0.0) for group in groups])
            panels[column] = _Panel(groups, values, sizes, seasonal_baseline(values, STEP_DAYS, lengths, sizes))
    return panels


def _rows(past: Sequence[Figures]) -> dict[Group, float] | None:
    """Group -> how many rows it is made of: the answer's column of whole numbers with the largest sum, on the last past day."""
    counted = [past[-2].values[column] for column in past[-2].counts]
    return max(counted, key=lambda column: sum(column.values()), default=None)


def _lengths(asked: _Asked, model: DataModel) -> tuple[float, float]:
    named = windows(asked.question.sql)
    return (named[0], named[-1]) if named else (0.0, float(model.history_days))


# --- planted insights ----------------------------------------------------------------------------------------------


def _strength(insight: Insight, shown: Figures, panels: dict[str, _Panel]) -> InsightStrength:
    column = insight.assertion.column.lower()
    real = shown.values.get(column, {})
    group = asserted_group(insight.assertion, shown)
    panel = panels.get(column)
    figure = None if group is None else real.get(group)
    if figure is None or group is None:
        return _unmeasured(insight, figure, f"the result of the question has no {insight.assertion.column} for it")
    if panel is None or group not in panel.groups:
        return _unmeasured(
            insight,
            figure,
            f"without planted changes, the question has {' '.join(group)} on too few past days to compare with",
        )
    at = panel.groups.index(group)
    compared = [other for other in panel.groups if other in real]
    places = [panel.groups.index(other) for other in compared]
    distances = np.abs(panel.baseline.z(np.array([real.get(other, np.nan) for other in panel.groups])))
    z = (figure - panel.baseline.expected[at]) / panel.baseline.spread[at]
    rank = 1 + sum(bool(distances[place] > distances[at]) for place in places)
    reason = None
    if abs(z) < LEAST_INSIGHT_Z:
        reason = f"it is {abs(z):.1f} standard deviations from its seasonal baseline; at least {LEAST_INSIGHT_Z:g} are needed"
    elif rank > 1:
        stronger = compared[int(np.argmax(distances[places]))]
        reason = f"{' '.join(stronger)} is further from its own baseline"
    return InsightStrength(
        insight_id=insight.id,
        headline=insight.told(insight.headline, figure),
        figure=figure,
        without=float(panel.values[at, -1]),
        seasonal_baseline=float(panel.baseline.expected[at]),
        spread=float(panel.baseline.spread[at]),
        z=float(z),
        rank=rank,
        groups=len(compared),
        history=[float(value) for value in panel.values[at, :-1]],
        passed=reason is None,
        reason=reason,
    )


def _unmeasured(insight: Insight, figure: float | None, reason: str) -> InsightStrength:
    return InsightStrength(
        insight_id=insight.id,
        headline=insight.told(insight.headline, figure),
        figure=figure,
        without=None,
        seasonal_baseline=None,
        spread=None,
        z=None,
        rank=None,
        groups=0,
        history=[],
        passed=False,
        reason=reason,
    )


# --- unplanned findings --------------------------------------------------------------------------------------------------


def _findings(asked: _Asked, past: Sequence[Figures], parts: _Parts, model: DataModel) -> Iterator[UnplannedFinding]:
    """Every figure of the answer today, compared with the nearest of the expectations of it.

    ``corrected_z`` does not allow for the number of figures yet. A figure that lies between two expectations has a z of 0, and
    so has a sum that one row more or less would bring to what is expected.
    """
    lengths = _lengths(asked, model)
    for column, panel in _panels(past, lengths).items():
        today = panel.values[:, -1]
        largest = np.array([parts.get(column, {}).get(group, 0.0) for group in panel.groups])
        baselines = _expectations(panel, lengths)
        z = np.array([_z_without_one_row(baseline, today, largest) for baseline in baselines])
        unlikely = np.array([as_normal(each, baseline.freedom) for each, baseline in zip(z, baselines, strict=True)])
        between = (unlikely.min(axis=0) < 0) & (unlikely.max(axis=0) > 0)
        for at, nearest in enumerate(np.abs(unlikely).argmin(axis=0)):
            yield UnplannedFinding(
                query_id=asked.question.id,
                group=" · ".join(panel.groups[at]),
                column=column,
                figure=float(today[at]),
                expected=float(baselines[nearest].expected[at]),
                z=0.0 if between[at] else float(z[nearest, at]),
                corrected_z=0.0 if between[at] else float(unlikely[nearest, at]),
            )


def _z_without_one_row(baseline: Baseline, today: np.ndarray, largest: np.ndarray) -> np.ndarray:
    """How many standard deviations figures lie from what is expected, beyond what their largest row can explain."""
    distance = today - baseline.expected
    return np.sign(distance) * np.maximum(np.abs(distance) - largest, 0) / baseline.spread


def _expectations(panel: _Panel, lengths: tuple[float, float]) -> list[Baseline]:
    """What can be expected of a panel's figures today, from the days whose shortest time window ended before today's begins.

    When too few such days are left, all are used, and only a level is expected.
    """
    gap = max(1, math.ceil(lengths[0] / STEP_DAYS))
    if panel.values.shape[1] - gap < FEWEST_DAYS:
        return [panel.baseline]
    apart = np.hstack([panel.values[:, :-gap], panel.values[:, -1:]])
    level, drift = (
        seasonal_baseline(apart, STEP_DAYS, lengths, panel.sizes, gap, drift=drift) for drift in (False, True)
    )
    return [level, drift, *_next_step(panel, gap)]


def _next_step(panel: _Panel, gap: int) -> list[Baseline]:
    """Another step of ``gap`` days from the last figure of the past; nothing if there are too few past steps to know their spread.

    A step of today that is not larger than every past one of the column is expected as it is: a stock can move in lumps, such as
    a company with many lines. Steps are compared in units of the square root of their group's level, as those of a count vary.
    """
    past = panel.values[:, :-gap]
    steps = np.column_stack([past[:, gap:] - past[:, :-gap], panel.values[:, -1] - past[:, -1]])
    if steps.shape[1] <= FEWEST_DAYS:
        return []
    length = float(gap * STEP_DAYS)
    step = seasonal_baseline(steps, STEP_DAYS, (length, length), panel.sizes)
    sizes = np.abs(steps - step.expected[:, None]) / np.sqrt(np.abs(past).mean(axis=1) + 1e-9)[:, None]
    usual = np.where(sizes[:, -1] <= sizes[:, :-1].max(), steps[:, -1], step.expected)
    return [replace(step, expected=past[:, -1] + usual)]
