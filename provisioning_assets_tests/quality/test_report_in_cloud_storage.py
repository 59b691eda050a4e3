"""The quality report of tables in Cloud Storage is the report of the same tables in a folder."""

from pathlib import Path

import pytest
from upath import UPath

from provisioning_assets.atomic_files import read_whole, write_whole
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.sample_customer import sample_demo
from provisioning_assets.quality.local_tables import local_tables
from provisioning_assets.quality.models import DataQualityReport
from provisioning_assets.quality.table_views import table_views
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets_tests.emulators import StorageEmulator
from provisioning_assets_tests.production_runs import evaluations, materialize

KEY = "acme_com"


@pytest.fixture(scope="module")
def store(module_bucket: str) -> DemoStore:
    """A store on the emulator with the plan, the model and the tables of a retailer."""
    store = DemoStore(root=f"gs://{module_bucket}/demos")
    plan, model = sample_demo(load_blueprint("retail_ecommerce"), "US", as_of="2026-06-30")
    result = materialize(store, KEY, "synthetic_tables", artefacts=[plan, model])
    assert result.success
    assert all(found.passed for found in evaluations(result).values())
    return store


def test_the_report_of_a_bucket_is_the_report_of_a_folder(
    store: DemoStore, module_bucket: str, storage_emulator: StorageEmulator
) -> None:
    folder = DemoStore(root=str(storage_emulator.folder / module_bucket / "demos"))
    assert materialize(folder, KEY, "data_quality_report").success
    expected = folder.read(KEY, DataQualityReport)
    page = Path(str(folder.folder(KEY) / expected.page))
    words = page.read_bytes()
    page.unlink()
    result = materialize(store, KEY, "data_quality_report")
    assert result.success
    report = store.read(KEY, DataQualityReport)
    assert report.digest() == expected.digest()
    assert store.is_complete(KEY, DataQualityReport)
    assert read_whole(store.folder(KEY) / report.page) == words
    [made] = result.asset_materializations_for_node("data_quality_report")
    assert made.metadata["open"].value == (
        f"https://storage.cloud.google.com/{module_bucket}/demos/{KEY}/quality/index.html"
    )


def test_queries_over_a_bucket_cannot_read_the_machine(store: DemoStore, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    tables = store.read(KEY, SyntheticTables)
    with table_views(tables, store.folder(KEY)) as connection:
        rows = connection.execute("SELECT count(*) FROM orders").fetchone()
        assert rows is not None
        assert rows[0] == next(table.rows for table in tables.tables if table.name == "orders")
        with pytest.raises(Exception, match=r"disabled|Permission"):
            connection.execute(f"SELECT * FROM '{tmp_path / 'secret.csv'}'").fetchall()


def test_a_file_of_another_run_is_not_measured(store: DemoStore, bucket: str) -> None:
    tables = store.read(KEY, SyntheticTables)
    other = UPath(f"gs://{bucket}/other")
    for file in tables.files():
        write_whole(other / file, read_whole(store.folder(KEY) / file))
    with local_tables(tables, other) as copy:
        assert sorted(path.name for path in (copy / "tables").iterdir()) == sorted(
            table.name for table in tables.tables
        )
    assert not copy.exists()
    changed = other / tables.files()[0]
    content = bytearray(read_whole(changed))
    content[len(content) // 2] ^= 1
    write_whole(changed, bytes(content))
    with pytest.raises(ProvisioningError, match="is not the file that"), local_tables(tables, other):
        pass
    changed.unlink()
    with pytest.raises(ProvisioningError, match="is not the file that"), local_tables(tables, other):
        pass
