"""How an insight's figure varies from seed to seed, with its effects and without them: for an author who plants it.

Nothing is stored: each seed's tables are generated into a temporary folder, which is removed.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.models import DemoPlan, Insight, Question
from provisioning_assets.quality.answer_figures import Figures, asserted_group, naming_columns, read_figures
from provisioning_assets.quality.table_views import table_views
from provisioning_assets.quality.unplanted_demo import Generate, without_planted_changes
from provisioning_assets.synthesis.models import SyntheticTables

Make = Callable[[int], tuple[DemoPlan, DataModel]]
"""Seed -> plan and model. The size of the model is the size that is generated; ``small`` takes about a second per seed."""

Translate = Callable[[str, date], str]
"""(GoogleSQL, the date that its CURRENT_DATE() returns) -> DuckDB SQL."""


class SeedFigure(Document):
    """An insight's figure for one seed, in the insight's unit."""

    seed: int
    figure: float | None = Field(description="figure in the result of its question; null if there is none")
    without_effects: float | None = Field(description="the same figure without planted changes; null if there is none")
    within_tolerance: bool = Field(description="whether the figure is within the tolerance of the expected one")
    reason: str | None = Field(default=None, description="why there is no figure")


class InsightSpread(Document):
    """An insight's figure over several seeds, in the insight's unit."""

    insight_id: str
    headline: str
    unit: str
    expected: float
    tolerance: float
    seeds: list[SeedFigure]
    mean: float | None = Field(description="mean of the figures; null if there are none")
    standard_deviation: float | None = Field(
        description="sample standard deviation of the figures (n - 1); null for fewer than two figures"
    )
    mean_without_effects: float | None
    standard_deviation_without_effects: float | None
    share_within_tolerance: float = Field(
        description="share of the seeds, 0-1; a seed without a figure is outside the tolerance"
    )


def insight_spread(make: Make, seeds: Sequence[int], translate: Translate, generate: Generate) -> list[InsightSpread]:
    """Measure every insight of a plan for several seeds.

    Args:
        make: seed -> plan and model; called once for each seed. The insights are those of the first seed's plan.
        seeds: at least one.
        translate: translates GoogleSQL to DuckDB's SQL.
        generate: generates the tables of a model under a folder.

    Returns:
        One spread an insight, in the plan's order.

    Raises:
        ProvisioningError: a model cannot be generated.
        ValueError: no seed is given.
    """
    if not seeds:
        raise ValueError("No seed is given. Give at least one.")
    insights: dict[str, Insight] = {}
    figures: dict[str, list[SeedFigure]] = {}
    for seed in seeds:
        plan, model = make(seed)
        insights = insights or {insight.id: insight for insight in plan.insights}
        with tempfile.TemporaryDirectory(prefix="insight-spread-") as folder:
            tables = generate(model, Path(folder))
            measured = seed_figures(plan, model, tables, Path(folder), translate, generate)
        for insight_id, figure in measured.items():
            figures.setdefault(insight_id, []).append(figure)
    return [spread_of(insight, figures.get(insight.id, [])) for insight in insights.values()]


def seed_figures(
    plan: DemoPlan,
    model: DataModel,
    tables: SyntheticTables,
    folder: Path,
    translate: Translate,
    generate: Generate,
) -> dict[str, SeedFigure]:
    """Insight id -> its figure for the model's seed, in tables that are generated already and without effects.

    Args:
        plan: insights and questions.
        model, tables, folder: what was modelled, and its files.
        translate: translates GoogleSQL to DuckDB's SQL.
        generate: generates the tables without effects, under a temporary folder.
    """
    questions = {question.id: question for question in plan.questions}
    asked = [insight for insight in plan.insights if insight.query_id in questions]

    def answers(tables: SyntheticTables, folder: Path) -> dict[str, Figures | str]:
        with table_views(tables, folder) as connection:
            return {
                insight.id: _answer(connection, insight, questions[insight.query_id], model, translate)
                for insight in asked
            }

    planted = answers(tables, folder)
    with tempfile.TemporaryDirectory(prefix="without-effects-") as other:
        unplanted = answers(generate(without_planted_changes(model), Path(other)), Path(other))
    return {
        insight.id: _seed_figure(model.seed, insight, planted[insight.id], unplanted[insight.id]) for insight in asked
    }


def _answer(
    connection: duckdb.DuckDBPyConnection, insight: Insight, question: Question, model: DataModel, translate: Translate
) -> Figures | str:
    """The answer to the insight's question; a text says why there is none."""
    try:
        return read_figures(connection, translate(question.sql, model.as_of), naming_columns(question, [insight]))
    except (duckdb.Error, ProvisioningError) as error:
        return f"The query of {question.id} failed: {str(error).strip().splitlines()[0]}"


def _seed_figure(seed: int, insight: Insight, planted: Figures | str, unplanted: Figures | str) -> SeedFigure:
    if isinstance(planted, str):
        return SeedFigure(seed=seed, figure=None, without_effects=None, within_tolerance=False, reason=planted)
    column = insight.assertion.column.lower()
    group = asserted_group(insight.assertion, planted)
    figure = None if group is None else planted.values.get(column, {}).get(group)
    without = None
    if group is not None and not isinstance(unplanted, str):
        without = unplanted.values.get(column, {}).get(group)
    return SeedFigure(
        seed=seed,
        figure=figure,
        without_effects=without,
        within_tolerance=figure is not None and abs(figure - insight.expected) <= insight.tolerance,
        reason=None if figure is not None else _missing(insight, planted),
    )


def _missing(insight: Insight, shown: Figures) -> str:
    """Why an answer has no figure where the insight's assertion looks for it."""
    columns: Mapping[str, object] = {**shown.values, **dict.fromkeys(shown.naming)}
    for name in [insight.assertion.column, *insight.assertion.where]:
        if name.lower() not in columns:
            return f"The answer of {insight.query_id} has no column {name}; it has {', '.join(columns)}."
    named = ", ".join(f"{name} = {text}" for name, text in insight.assertion.where.items())
    return f"The answer of {insight.query_id} has no row {f'where {named}' if named else 'at all'}, or no number there."


def spread_of(insight: Insight, figures: Sequence[SeedFigure]) -> InsightSpread:
    """An insight's figures of several seeds, put together."""
    planted = [each.figure for each in figures if each.figure is not None]
    unplanted = [each.without_effects for each in figures if each.without_effects is not None]
    return InsightSpread(
        insight_id=insight.id,
        headline=insight.told(insight.headline, _mean(planted)),
        unit=insight.unit,
        expected=insight.expected,
        tolerance=insight.tolerance,
        seeds=list(figures),
        mean=_mean(planted),
        standard_deviation=_standard_deviation(planted),
        mean_without_effects=_mean(unplanted),
        standard_deviation_without_effects=_standard_deviation(unplanted),
        share_within_tolerance=float(np.mean([each.within_tolerance for each in figures])) if figures else 0.0,
    )


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _standard_deviation(values: Sequence[float]) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) > 1 else None
