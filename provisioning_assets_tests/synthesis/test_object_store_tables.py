"""Tables in Cloud Storage: the same bytes as in a folder, replaced so that a killed process leaves nothing half done unnoticed."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from upath import UPath

from provisioning_assets.atomic_files import write_whole
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.engine import LOCK, STAGING_PREFIX, synthesise
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.synthesis.row_counts import file_errors
from provisioning_assets.synthesis.tables_report import daily_events
from provisioning_assets_tests.emulators import STORAGE_VARIABLE, StorageEmulator
from provisioning_assets_tests.storage_server import serving
from provisioning_assets_tests.synthesis.conftest import Generated
from provisioning_assets_tests.synthesis.retail_model import retail_model
from provisioning_assets_tests.synthesis.test_engine import SEVERAL_BLOCKS, digests

KEY = "shop_com"


@pytest.fixture
def store(bucket: str) -> DemoStore:
    """An empty store on the emulator."""
    return DemoStore(root=f"gs://{bucket}/demos")


def test_a_bucket_gets_the_same_files_as_a_folder(
    store: DemoStore, retail: Generated, storage_emulator: StorageEmulator, bucket: str
) -> None:
    tables = synthesise(retail.model, store.folder(KEY))
    assert digests(tables) == digests(retail.tables)
    assert storage_emulator.objects(bucket) == sorted(f"demos/{KEY}/{file}" for file in tables.files())
    for file in tables.files():
        assert (storage_emulator.folder / bucket / "demos" / KEY / file).read_bytes() == (
            retail.folder / file
        ).read_bytes()
    store.write(KEY, tables)
    assert store.is_complete(KEY, SyntheticTables)
    assert file_errors(retail.model, tables, store.folder(KEY)) == []
    orders = next(table for table in retail.model.tables if table.name == "orders")
    assert daily_events(orders, tables, store.folder(KEY)).equals(daily_events(orders, retail.tables, retail.folder))


def test_blocks_of_several_processes_meet_in_the_bucket(store: DemoStore, tmp_path: Path) -> None:
    model = retail_model(SEVERAL_BLOCKS)
    assert digests(synthesise(model, store.folder(KEY), workers=2)) == digests(synthesise(model, tmp_path))


def test_the_same_tables_again_change_no_object(
    store: DemoStore, storage_emulator: StorageEmulator, bucket: str
) -> None:
    model = retail_model(2_000)
    store.write(KEY, synthesise(model, store.folder(KEY)))
    folder = storage_emulator.folder / bucket / "demos" / KEY
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    assert len(before) == 6
    synthesise(model, store.folder(KEY))
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == before


def test_other_tables_replace_all_and_what_was_left_behind(store: DemoStore) -> None:
    folder = store.folder(KEY)
    synthesise(retail_model(SEVERAL_BLOCKS), folder)
    write_whole(folder / f"{STAGING_PREFIX}0123456789abcdef" / "model.json", b"{}")
    write_whole(folder / "booklet" / "index.html", b"<p>")
    tables = synthesise(retail_model(2_000), folder)
    names = {path.removeprefix(folder.path + "/") for path in folder.fs.find(folder.path)}
    assert names == {*tables.files(), "booklet/index.html"}


@pytest.mark.parametrize(
    "moment",
    ["before the first copy", "between two copies", "before stale files go", "while the staging folder goes"],
)
def test_a_process_killed_while_it_replaces_tables_is_noticed_and_repaired(
    store: DemoStore, bucket: str, storage_emulator: StorageEmulator, tmp_path: Path, moment: str
) -> None:
    earlier = synthesise(retail_model(SEVERAL_BLOCKS), store.folder(KEY))
    store.write(KEY, earlier)
    wanted = retail_model(2_000)
    script = textwrap.dedent(f"""
        import os, signal, sys
        from upath import UPath
        from provisioning_assets.cloud_storage import BucketFileSystem
        from provisioning_assets.synthesis.engine import synthesise
        from provisioning_assets_tests.synthesis.retail_model import retail_model

        request, copied = BucketFileSystem._request, []

        def now(method, path, args):
            name = args[1] if len(args) > 1 else ""
            copied.extend([name] if "rewriteTo" in path else [])
            return {{
                "before the first copy": "rewriteTo" in path,
                "between two copies": len(copied) == 3,
                "before stale files go": method == "DELETE" and "/tables/" in name and ".tables-" not in name,
                "while the staging folder goes": method == "DELETE" and name.endswith("blocks/orders/00000.json"),
            }}[{moment!r}]

        async def killed(self, method, path, *args, **kwargs):
            if now(method, path, args):
                os.kill(os.getpid(), signal.SIGKILL)
            return await request(self, method, path, *args, **kwargs)

        BucketFileSystem._request = killed
        synthesise(retail_model(2_000), UPath({str(store.folder(KEY))!r}))
    """)
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_FOLDER)}
    process = subprocess.run([sys.executable, "-c", script], check=False, env=environment, capture_output=True)
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()
    # nobody takes what is there for the tables of a record
    assert store.find(KEY, SyntheticTables) is None
    assert not store.is_complete(KEY, SyntheticTables)
    tables = synthesise(wanted, store.folder(KEY))
    store.write(KEY, tables)
    assert store.is_complete(KEY, SyntheticTables)
    assert digests(tables) == digests(synthesise(wanted, tmp_path))
    left = {name.removeprefix(f"demos/{KEY}/") for name in storage_emulator.objects(bucket)}
    assert left == {*tables.files(), "synthetic_tables.json"}
    assert file_errors(wanted, tables, store.folder(KEY)) == []


def test_a_run_that_is_stopped_keeps_the_earlier_tables_and_their_record(store: DemoStore) -> None:
    earlier = synthesise(retail_model(2_000), store.folder(KEY))
    store.write(KEY, earlier)

    def stop(rows: int, expected: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesise(retail_model(4_000), store.folder(KEY), progress=stop)
    assert store.read(KEY, SyntheticTables) == earlier
    assert file_errors(retail_model(2_000), earlier, store.folder(KEY)) == []
    assert not (store.folder(KEY) / LOCK).exists()


def test_two_runs_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving("demos") as server:
        monkeypatch.setenv(STORAGE_VARIABLE, server.address)
        folder = UPath("gs://demos/two_runs")
        seen: list[str] = []

        def second(rows: int, expected: int) -> None:
            with pytest.raises(ProvisioningError, match="Another run is generating tables"):
                synthesise(retail_model(2_000), folder)
            seen.append("refused")
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            synthesise(retail_model(2_000), folder, progress=second)
        assert seen == ["refused"]
        assert (folder / LOCK).path not in server.objects


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: write_whole(path, b"half a file"), "does not have"),
        (lambda path: write_whole(path, bytes(300_000)), "does not have"),
    ],
    ids=["missing", "shorter", "longer"],
)
def test_a_file_that_is_not_as_its_manifest_says_is_named(
    store: DemoStore, harm: Callable[[UPath], object], words: str
) -> None:
    model = retail_model(20_000)
    tables = synthesise(model, store.folder(KEY))
    harm(store.folder(KEY) / "tables" / "orders" / "part-00000.parquet")
    [error] = file_errors(model, tables, store.folder(KEY))
    assert "tables/orders/part-00000.parquet" in error
    assert words in error


def test_a_file_whose_metadata_are_long_is_read_to_their_beginning(store: DemoStore, tmp_path: Path) -> None:
    model = retail_model(2_000)
    tables = synthesise(model, store.folder(KEY))
    wide = tmp_path / "wide.parquet"
    pl.DataFrame({f"column_{number}": [1.5] for number in range(2_000)}).write_parquet(wide)
    manifest = next(table for table in tables.tables if table.name == "orders")
    file = manifest.files[0].model_copy(update={"bytes": wide.stat().st_size, "rows": 1})
    write_whole(store.folder(KEY) / file.path, wide.read_bytes())
    others = [table for table in tables.tables if table.name != "orders"]
    changed = tables.model_copy(update={"tables": [*others, manifest.model_copy(update={"files": [file]})]})
    assert file_errors(model, changed, store.folder(KEY)) == []
