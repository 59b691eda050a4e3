"""How strong each planted insight is, and whether anything that nobody planted is stronger.

The twin - the same customer without anything planted - is asked the golden questions on days of the past year, as it stood
then. Each figure of an answer so gets a baseline of its own (``seasonal_baseline``).

- An insight's *z* is the figure that the customer's own tables show today, less the baseline, over the spread. Its *rank* is the
  place of its group among all groups of the same answer and column, each against its own baseline, by how far it is from it;
  an answer with one row has rank 1.
- An *unplanned finding* is a figure of the twin today far from its own baseline, taken from days whose windows have nothing in
  common with today's, so that what happened lately does not hide itself; a drift that has been going on all the time goes on, and
  is none. Its z is first made that of a normal
  distribution (the spread comes from few days), then corrected for the number of places looked at.

A question whose rows are days, months or quarters is not searched: its groups are not the same from one day to another.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
from provisioning_assets.quality.twin import Twin, twin_of
from provisioning_assets.quality_bars import LEAST_INSIGHT_Z, MOST_UNPLANNED_Z
from provisioning_assets.synthesis.models import SyntheticTables

STEP_DAYS = 28
"""Whole weeks between two days of the past, so that weekdays weigh the same on each."""

MOST_DAYS = 13
"""Thirteen times 28 days are a year: its mean holds every season once."""

FINDINGS_KEPT = 10

Translate = Callable[[str, date], str]
"""(GoogleSQL, what CURRENT_DATE() is) -> DuckDB's SQL."""


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


@dataclass(frozen=True)
class _Panel:
    """One column of a question's answer in the twin: the groups that were there on every day, and their baseline."""

    groups: list[Group]
    values: np.ndarray
    baseline: Baseline


def insight_strength(
    plan: DemoPlan,
    model: DataModel,
    tables: SyntheticTables,
    folder: UPath | Path,
    translate: Translate,
) -> tuple[list[InsightStrength], list[UnplannedFinding], int]:
    """Hold every planted insight, and everything that was not planted, against the customer's own past.

    Args:
        plan: insights and questions.
        model: the model that the tables were generated from.
        tables: the customer's tables, in Parquet under ``folder``.
        folder: the customer's folder.
        translate: carries GoogleSQL over to DuckDB.

    Returns:
        One strength an insight, in the plan's order; the most striking unplanned findings, strongest first; and how many
        figures were searched for them.
    """
    with twin_of(model) as twin:
        return strength_beside(twin, plan, model, tables, folder, translate)


def strength_beside(
    twin: Twin,
    plan: DemoPlan,
    model: DataModel,
    tables: SyntheticTables,
    folder: UPath | Path,
    translate: Translate,
) -> tuple[list[InsightStrength], list[UnplannedFinding], int]:
    """``insight_strength`` beside a twin that is there already."""
    asked = [_asked(question, plan, translate) for question in plan.questions]
    past = _past(asked, twin)
    panels = {each.question.id: _panels(past[each.question.id], _lengths(each, twin.model)) for each in asked}
    apart = {each.question.id: _apart(past[each.question.id], _lengths(each, twin.model)) for each in asked}
    findings = [finding for each in asked for finding in _findings(each, apart[each.question.id])]
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
    """Why what nobody planted would draw attention away from what was; empty when it does not."""
    planted = [abs(strength.z) for strength in strengths if strength.z is not None]
    weakest = min(planted, default=MOST_UNPLANNED_Z)
    return [
        f"{finding.query_id}: {finding.column} of {finding.group} is {finding.figure:.6g} where {finding.expected:.6g} was to "
        f"be expected (z {finding.corrected_z:.1f} among all places looked at)"
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


def _past(asked: Sequence[_Asked], twin: Twin) -> dict[str, list[Figures]]:
    """Question id -> its figures on each day of the past on which its windows were full, oldest first, today last."""
    as_of = twin.model.as_of
    figures: dict[str, list[Figures]] = {each.question.id: [] for each in asked}
    words = words_of([each.question.sql for each in asked])
    with as_it_stood(twin.model, twin.tables, twin.folder, words) as stood:
        since = {each.question.id: _first_full_day(each, twin.model, stood) for each in asked}
        for day in [as_of - timedelta(days=STEP_DAYS * step) for step in range(MOST_DAYS, -1, -1)]:
            due = [each for each in asked if since[each.question.id] <= day]
            if due:
                stood.set_day(day)
            for each in due:
                figures[each.question.id].append(each.figures(stood.connection, day))
    return figures


def _first_full_day(asked: _Asked, model: DataModel, stood: AsItStood) -> date:
    """The day from which on the longest time that the question names lies within what its tables hold."""
    begins = model.as_of - timedelta(days=model.history_days)
    mentioned = words_of([asked.question.sql])
    begins = max([begins, *(first for table in mentioned if (first := stood.first_period(table)) is not None)])
    return min(begins + timedelta(days=max(windows(asked.question.sql), default=0)), model.as_of)


def _apart(past: Sequence[Figures], lengths: tuple[float, float]) -> dict[str, _Panel]:
    """The panels of days on which the shortest window that the question names ended before today's begins.

    What happened lately is otherwise in the past as well, and hides itself. Where too few such days are left, all count.
    """
    gap = max(1, math.ceil(lengths[0] / STEP_DAYS))
    if len(past) - gap < FEWEST_DAYS:
        return _panels(past, lengths)
    return _panels([*past[:-gap], past[-1]], lengths, gap, drift=True)


def _panels(
    past: Sequence[Figures], lengths: tuple[float, float], gap: int = 1, *, drift: bool = False
) -> dict[str, _Panel]:
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
            panels[column] = _Panel(
                groups, values, seasonal_baseline(values, STEP_DAYS, lengths, sizes, gap, drift=drift)
            )
    return panels


def _rows(past: Sequence[Figures]) -> dict[Group, float] | None:
    """How many rows a group is made of: the largest whole numbers that the answer counts, on the day before today."""
    counted = [past[-2].values[column] for column in past[-2].counts]
    return max(counted, key=lambda column: sum(column.values()), default=None)


def _lengths(asked: _Asked, model: DataModel) -> tuple[float, float]:
    named = windows(asked.question.sql)
    return (named[0], named[-1]) if named else (0.0, float(model.history_days))


# --- what was planted ----------------------------------------------------------------------------------------------


def _strength(insight: Insight, shown: Figures, panels: dict[str, _Panel]) -> InsightStrength:
    column = insight.assertion.column.lower()
    real = shown.values.get(column, {})
    group = _planted_group(insight, shown)
    panel = panels.get(column)
    figure = None if group is None else real.get(group)
    if figure is None or group is None:
        return _unmeasured(insight, figure, f"the question shows no {insight.assertion.column} for it")
    if panel is None or group not in panel.groups:
        return _unmeasured(
            insight,
            figure,
            f"without it, the question shows {' '.join(group)} on too few days of the past to compare with",
        )
    at = panel.groups.index(group)
    compared = [other for other in panel.groups if other in real]
    places = [panel.groups.index(other) for other in compared]
    distances = np.abs(panel.baseline.z(np.array([real.get(other, np.nan) for other in panel.groups])))
    z = (figure - panel.baseline.expected[at]) / panel.baseline.spread[at]
    rank = 1 + sum(bool(distances[place] > distances[at]) for place in places)
    reason = None
    if abs(z) < LEAST_INSIGHT_Z:
        reason = f"it is {abs(z):.1f} standard deviations from its seasonal baseline; {LEAST_INSIGHT_Z:g} are needed"
    elif rank > 1:
        stronger = compared[int(np.argmax(distances[places]))]
        reason = f"{' '.join(stronger)} is further from its own baseline"
    return InsightStrength(
        insight_id=insight.id,
        headline=insight.headline,
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


def _planted_group(insight: Insight, shown: Figures) -> Group | None:
    """The row that the insight's assertion picks: the first of the answer when it names none."""
    wanted = {name.lower(): text for name, text in insight.assertion.where.items()}
    if not wanted:
        return shown.groups[0] if shown.groups else None
    at = {name: place for place, name in enumerate(shown.naming)}
    if not wanted.keys() <= at.keys():
        return None
    return next(
        (group for group in shown.groups if all(_same(group[at[name]], text) for name, text in wanted.items())),
        None,
    )


def _same(cell: str, text: str) -> bool:
    """Whether a cell is what an assertion means: the same words, or the same number, ``5`` and ``5.0``, true and True."""
    if cell.strip() == text.strip() or {cell.lower(), text.lower()} in ({"true"}, {"false"}):
        return True
    try:
        return math.isclose(float(cell), float(text), rel_tol=1e-9)
    except ValueError:
        return False


def _unmeasured(insight: Insight, figure: float | None, reason: str) -> InsightStrength:
    return InsightStrength(
        insight_id=insight.id,
        headline=insight.headline,
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


# --- what was not --------------------------------------------------------------------------------------------------


def _findings(asked: _Asked, panels: dict[str, _Panel]) -> Iterator[UnplannedFinding]:
    """Every figure of the answer today; ``corrected_z`` is still that of the place alone."""
    for column, panel in panels.items():
        today = panel.values[:, -1]
        z = panel.baseline.z(today)
        for at, unlikely in enumerate(as_normal(z, panel.baseline.freedom)):
            yield UnplannedFinding(
                query_id=asked.question.id,
                group=" · ".join(panel.groups[at]),
                column=column,
                figure=float(today[at]),
                expected=float(panel.baseline.expected[at]),
                z=float(z[at]),
                corrected_z=float(unlikely),
            )
