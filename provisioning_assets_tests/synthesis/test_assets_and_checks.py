"""The asset and its checks as Dagster runs them, on a store in a folder."""

from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets_tests.production_runs import evaluations, materialize, passed
from provisioning_assets_tests.synthesis.retail_model import retail_model, retail_tables

KEY = "acme_com"


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    return DemoStore(root=str(tmp_path))


def generate(store: DemoStore, model: DataModel, only_checks: bool = False) -> dg.ExecuteInProcessResult:
    return materialize(store, KEY, "synthetic_tables", artefacts=[model], only_checks=only_checks)


def test_the_tables_are_generated_shown_and_pass_their_checks(store: DemoStore) -> None:
    result = generate(store, retail_model())
    assert result.success
    tables = store.read(KEY, SyntheticTables)
    assert store.is_complete(KEY, SyntheticTables)
    assert passed(result) == {"files_are_complete": True, "rows_are_as_planned": True}
    [materialization] = result.asset_materializations_for_node("synthetic_tables")
    metadata = materialization.metadata
    assert metadata["dagster/row_count"].value == tables.rows
    assert "| orders | 8,000 | 1 |" in str(metadata["tables"].value)
    assert str(metadata["events a day"].value).startswith("![orders a day](data:image/png;base64,iVBOR")
    assert metadata["stand-ins"].value == "none"


def test_changed_files_and_another_size_fail_the_checks_with_what_is_wrong(store: DemoStore) -> None:
    generate(store, retail_model())
    file = Path(str(store.folder(KEY))) / "tables" / "orders" / "part-00000.parquet"
    pl.read_parquet(file).head(6_000).write_parquet(file)
    result = generate(store, retail_model(200_000), only_checks=True)
    assert passed(result) == {"files_are_complete": False, "rows_are_as_planned": False}
    found = evaluations(result)
    whole, planned = found["files_are_complete"], found["rows_are_as_planned"]
    assert whole.severity == dg.AssetCheckSeverity.ERROR
    assert "its manifest says 8,000" in str(whole.metadata["errors"].value)
    assert planned.severity == dg.AssetCheckSeverity.WARN
    assert "customers has 3,200 rows, but 32,000 are planned" in str(planned.metadata["errors"].value)


def test_a_model_that_cannot_be_generated_fails_with_its_remedy(store: DemoStore) -> None:
    tables = retail_tables()
    tables[2]["columns"][3]["generator"]["weights"] = [1.0]
    result = generate(store, retail_model(tables=tables))
    assert not result.success
    [failure] = result.get_step_failure_events()
    assert "orders.channel.category.weights: " in str(failure.step_failure_data.user_failure_data)
    assert not (Path(str(store.folder(KEY))) / "tables").exists()


def test_a_model_without_events_has_no_picture(store: DemoStore) -> None:
    tables = [table for table in retail_tables() if table["name"] == "products"]
    result = generate(store, retail_model(2_000, tables=tables))
    [materialization] = result.asset_materializations_for_node("synthetic_tables")
    assert "events a day" not in materialization.metadata
