"""The tables of every blueprint, at every size, seed and day, are coherent, keep the trade's laws, and are realistic."""

import os
from datetime import date
from pathlib import Path

import pytest

from provisioning_assets.customers import DemoSize
from provisioning_assets.googlesql.statements import to_duckdb
from provisioning_assets.planning.blueprint_sources import blueprint_ids
from provisioning_assets.quality.coherence import coherence, recent_days
from provisioning_assets.quality.realism import realism
from provisioning_assets.quality.trade_laws import trade_laws, trade_relations
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.planning.conftest import planned, profile, request_for
from provisioning_assets_tests.quality.second_opinion import validity

SEEDS = int(os.environ.get("PROVISIONING_SWEEP_SEEDS", "3"))
SIZES = os.environ.get("PROVISIONING_SWEEP_SIZES", "small,medium,large").split(",")
"""Seeds and days, and sizes of the slow sweep; continuous integration takes the small size alone."""


def translate(sql: str, day: date) -> str:
    return to_duckdb(sql, as_of=day)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("blueprint_id", blueprint_ids())
def test_a_blueprints_data_are_coherent_and_lifelike(blueprint_id: str, size: str, tmp_path: Path) -> None:
    customer = profile(industry=blueprint_id)
    for seed in range(1, SEEDS + 1):
        day = date(2024 + seed % 3, 1 + seed * 5 % 12, 1 + seed * 7 % 28)
        request = request_for(seed=seed, as_of=day, size=DemoSize(size))
        _, model = planned(customer, request)
        tables = synthesise(model, tmp_path, workers=1)
        kept = [*coherence(model, tables, tmp_path), *recent_days(model, tables, tmp_path)]
        assert [result for result in kept if result.violations] == [], f"seed {seed}, {day}"
        assert [score for score in validity(model, tables, tmp_path) if score.score < 1] == [], f"seed {seed}, {day}"
        laws = trade_laws(model, tables, tmp_path, translate)
        assert [law.failure() for law in laws if not law.holds()] == [], f"seed {seed}, {day}"
        relations = trade_relations(model, tables, tmp_path, translate)
        assert [each.failure() for each in relations if not each.holds()] == [], f"seed {seed}, {day}"
        measured = realism(model, tables, tmp_path)
        assert len(measured) >= 15
        assert [result for result in measured if result.passed is False] == [], f"seed {seed}, {day}"
