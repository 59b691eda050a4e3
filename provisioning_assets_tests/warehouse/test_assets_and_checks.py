"""The asset and its checks as Dagster runs them, on a store in a folder."""

from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl
import pytest

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse.dataset_rules import differences, undescribed
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets.warehouse.resources import DuckDBWarehouse, WarehouseResource
from provisioning_assets_tests.production_runs import materialize, passed
from provisioning_assets_tests.warehouse.retail_dataset import AS_OF, retail_frames, retail_model, write_tables

KEY = "acme_com"


def load(store: DemoStore, frames: dict[str, pl.DataFrame] | None = None) -> dg.ExecuteInProcessResult:
    tables = write_tables(frames or retail_frames(), Path(str(store.folder(KEY))))
    return materialize(store, KEY, "demo_dataset", artefacts=[retail_model(), tables])


def value(metadata: Any) -> Any:
    return metadata.value


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    return DemoStore(root=str(tmp_path))


def test_the_data_set_is_materialized_described_and_passes_its_checks(store: DemoStore) -> None:
    result = load(store)
    assert result.success
    dataset = store.read(KEY, DemoDataset)
    assert (dataset.target, dataset.dataset, dataset.location) == ("duckdb", "demo_acme_com", "dataset.duckdb")
    assert {table.name: table.rows for table in dataset.tables} == {"orders": 100, "customers": 10, "order_lines": 200}
    assert store.is_complete(KEY, DemoDataset)
    assert passed(result) == {
        "dataset_matches_tables": True,
        "descriptions_present": True,
        "keys_declared_and_hold": True,
    }
    [materialization] = result.asset_materializations_for_node("demo_dataset")
    metadata = materialization.metadata
    assert metadata["dagster/row_count"].value == 310
    assert "| orders | 100 | 7 |" in str(metadata["tables"].value)
    schema = value(metadata["dagster/column_schema"])
    lines = [column for column in schema.columns if column.name.startswith("order_lines.")]
    assert [column.name for column in lines] == ["order_lines.order_id", "order_lines.line", "order_lines.amount"]
    assert lines[0].constraints.other == ["references orders.order_id"]


def test_rows_that_break_a_key_fail_the_asset_with_what_to_do(store: DemoStore) -> None:
    frames = retail_frames()
    frames["orders"] = frames["orders"].with_columns(pl.lit(5, dtype=pl.Int64).alias("order_id"))
    result = load(store, frames)
    assert not result.success
    [failure] = result.get_step_failure_events()
    assert "orders cannot be loaded" in str(failure.step_failure_data.user_failure_data)


def test_a_data_set_that_was_changed_outside_the_pipeline_fails_its_checks(store: DemoStore) -> None:
    load(store)
    folder = Path(str(store.folder(KEY)))
    with duckdb.connect(str(folder / "dataset.duckdb")) as connection:
        connection.execute("DELETE FROM order_lines WHERE order_id = 1")
        connection.execute("ALTER TABLE order_lines DROP COLUMN amount")
        connection.execute("COMMENT ON COLUMN orders.status IS NULL")
        connection.execute("COMMENT ON TABLE orders IS ''")
        connection.execute("CREATE TABLE stray (x INTEGER)")
    described = DuckDBWarehouse(store=store).describe(KEY)
    tables = store.read(KEY, SyntheticTables)
    assert list(differences(retail_model(), tables, described)) == [
        "stray: is in the data set but not in the model",
        "order_lines: 198 rows in the data set, 200 generated",
        "order_lines.amount: should be NUMERIC, is missing",
    ]
    assert list(undescribed(described)) == [
        "orders: has no description",
        "orders.status: has no description",
        "stray: has no description",
        "stray.x: has no description",
    ]
    model = retail_model()
    model.tables[2].columns[5].type = "NUMERIC"
    model.tables[1].columns.pop(0)
    model.tables[0].name = "lines"
    found = list(differences(model, tables, described))
    assert "lines: is not in the data set" in found
    assert "orders.weight: should be NUMERIC, is FLOAT64" in found
    assert "customers.customer_id: is in the data set but not in the model" in found


def test_the_resource_answers_for_one_customer(store: DemoStore) -> None:
    warehouse: WarehouseResource = DuckDBWarehouse(store=store)
    assert not warehouse.exists(KEY)
    assert warehouse.drop(KEY) is False
    load(store)
    assert warehouse.exists(KEY)
    assert warehouse.query(KEY, "SELECT COUNT(*) AS n FROM orders", as_of=AS_OF).rows == [[100]]
    assert warehouse.drop(KEY) is True
    assert not warehouse.exists(KEY)
    with pytest.raises(ProvisioningError, match="no data set"):
        warehouse.query(KEY, "SELECT 1", as_of=AS_OF)


def test_duckdb_in_an_object_store_is_refused() -> None:
    with pytest.raises(ProvisioningError, match="cannot live in"):
        DuckDBWarehouse(store=DemoStore(root="memory://store")).exists(KEY)


def test_the_model_is_read_back_as_it_was_written(store: DemoStore) -> None:
    store.write(KEY, retail_model())
    assert store.read(KEY, DataModel) == retail_model()
