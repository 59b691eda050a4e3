"""Every blueprint at every size, seed and day: its tables are coherent, keep the trade's laws and are realistic, and its
insights stand out and nothing else does. Each demo is generated once for all of it; ``make sweep`` counts over more seeds."""

from datetime import date
from pathlib import Path

import pytest

from provisioning_assets.customers import DemoSize
from provisioning_assets.data_model.populations import PerPeriod
from provisioning_assets.googlesql.statements import to_duckdb
from provisioning_assets.planning.blueprint_sources import blueprint_ids
from provisioning_assets.quality.coherence import coherence, recent_days
from provisioning_assets.quality.insight_strength import insight_strength, unplanned_problems
from provisioning_assets.quality.realism import realism
from provisioning_assets.quality.trade_laws import trade_laws, trade_relations
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.planning.conftest import planned, profile, request_for
from provisioning_assets_tests.quality.second_opinion import validity
from provisioning_assets_tests.sweep_size import SEEDS, SIZES


def translate(sql: str, day: date) -> str:
    return to_duckdb(sql, as_of=day)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("blueprint_id", blueprint_ids())
def test_a_demo_holds_together_and_tells_its_stories(blueprint_id: str, size: str, seed: int, tmp_path: Path) -> None:
    day = date(2024 + seed % 3, 1 + seed * 5 % 12, 1 + seed * 7 % 28)
    request = request_for(seed=seed, as_of=day, size=DemoSize(size))
    plan, model = planned(profile(industry=blueprint_id), request)
    tables = synthesise(model, tmp_path, workers=1)

    made = {table.name: table.rows for table in tables.tables}
    estimated = {
        table.name: rows.usual * made[rows.parent]
        for table in model.tables
        if isinstance(rows := table.population, PerPeriod) and rows.usual is not None
    }
    assert {name: made[name] for name, rows in estimated.items() if not rows / 2 < made[name] < 2 * rows} == {}
    kept = [*coherence(model, tables, tmp_path), *recent_days(model, tables, tmp_path)]
    assert [result for result in kept if result.violations] == []
    assert [score for score in validity(model, tables, tmp_path) if score.score < 1] == []
    laws = trade_laws(model, tables, tmp_path, translate)
    assert [law.failure() for law in laws if not law.holds()] == []
    relations = trade_relations(model, tables, tmp_path, translate)
    assert [each.failure() for each in relations if not each.holds()] == []
    measured = realism(model, tables, tmp_path)
    assert len(measured) >= 15
    assert [result for result in measured if result.passed is False] == []

    strengths, found, places = insight_strength(plan, model, tables, tmp_path, translate, synthesise)
    assert [f"{strength.insight_id}: {strength.reason}" for strength in strengths if not strength.passed] == []
    assert unplanned_problems(strengths, found) == []
    assert places > 50
    figures = {strength.insight_id: strength.figure for strength in strengths}
    outside = {
        insight.id: f"{figures[insight.id]}, expected {insight.expected} +- {insight.tolerance}"
        for insight in plan.insights
        if figures[insight.id] != pytest.approx(insight.expected, abs=insight.tolerance)
    }
    assert outside == {}
