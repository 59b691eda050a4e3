"""Every blueprint's insights, at every size: each differs from the customer's past, and no unplanned figure does."""

import os
from datetime import date
from pathlib import Path

import pytest

from provisioning_assets.customers import DemoSize
from provisioning_assets.googlesql.statements import to_duckdb
from provisioning_assets.planning.blueprint_sources import blueprint_ids
from provisioning_assets.quality.insight_strength import insight_strength, unplanned_problems
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.planning.conftest import planned, profile, request_for

SIZES = os.environ.get("PROVISIONING_SWEEP_SIZES", "small,medium,large").split(",")
SEEDS = min(3, int(os.environ.get("PROVISIONING_SWEEP_SEEDS", "3")))
"""Seeds of the sweep; the larger sizes take their time."""


def translate(sql: str, day: date) -> str:
    return to_duckdb(sql, as_of=day)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("industry", blueprint_ids())
def test_every_insight_stands_out_and_nothing_else_does(industry: str, size: str, seed: int, tmp_path: Path):
    customer, request = profile(industry=industry), request_for(seed=seed, size=DemoSize(size))
    plan, model = planned(customer, request)
    tables = synthesise(model, tmp_path)
    strengths, found, places = insight_strength(plan, model, tables, tmp_path, translate, synthesise)
    assert [f"{strength.insight_id}: {strength.reason}" for strength in strengths if not strength.passed] == []
    assert unplanned_problems(strengths, found) == []
    assert places > 50
