"""The rule that addresses lie near the branch of their row holds in generated tables, and finds those that do not."""

from pathlib import Path

import polars as pl
import pytest

from provisioning_assets.geography.cities import addressed_towns, cities_of
from provisioning_assets.geography.distance import great_circle_km
from provisioning_assets.quality.coherence import coherence
from provisioning_assets.quality.models import CoherenceResult
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.near_model import (
    BOSTON,
    NEAR_BRANCH,
    OCEAN,
    ORSTA,
    PORTLAND,
    branches,
    customers,
    model_of,
)


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    model = model_of(branches(PORTLAND, BOSTON, OCEAN), customers(2000, NEAR_BRANCH))
    return generated(model, tmp_path_factory.mktemp("near"))


def results(found: Generated) -> list[CoherenceResult]:
    return [result for result in coherence(found.model, found.tables, found.folder) if result.kind == "address_is_near"]


def test_it_holds_also_where_a_branch_has_no_town_in_reach(near: Generated) -> None:
    assert [(result.column, result.violations) for result in results(near)] == [("city", 0)]


@pytest.mark.parametrize("shown", [("city",), ("city", "postcode")])
def test_it_holds_where_the_nearest_town_is_hardly_out_of_reach(tmp_path: Path, shown: tuple[str, ...]) -> None:
    towns = [*cities_of("NO", "no"), *addressed_towns("NO", "no")]
    nearest = min(great_circle_km(town.latitude, town.longitude, *ORSTA) for town in towns)
    written = customers(400, {**NEAR_BRANCH, "within_km": round(nearest - 0.5, 2)})
    written["columns"] = [
        each for each in written["columns"] if each["generator"]["kind"] != "address" or each["name"] in shown
    ]
    found = generated(model_of(branches(ORSTA), written, country="NO", locale="no_NO", currency="NOK"), tmp_path)
    assert [result for result in results(found) if result.violations] == []


def test_a_customer_who_is_moved_is_found(near: Generated) -> None:
    part: Path = next((near.folder / "tables" / "customers").glob("*.parquet"))
    before = pl.read_parquet(part)
    moved = before.with_row_index().with_columns(
        city=pl.when((pl.col("index") < 40) & (pl.col("branch_id") == 1))
        .then(pl.lit("Houston"))
        .otherwise(pl.col("city"))
    )
    moved.drop("index").write_parquet(part)
    try:
        assert (
            results(near)[0].violations == moved.filter((pl.col("index") < 40) & (pl.col("branch_id") == 1)).height > 0
        )
    finally:
        before.write_parquet(part)
