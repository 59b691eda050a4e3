"""Tables have the same bytes however they are generated, and are complete or absent, even if a run is killed."""

import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock
from upath import UPath

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.quality.coherence import coherence
from provisioning_assets.synthesis import engine
from provisioning_assets.synthesis.engine import LOCK, RETIRED, STAGING_PREFIX, synthesise, workers_for
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.synthesis.workforce import POLARS_THREADS
from provisioning_assets_tests.synthesis.conftest import Generated, read
from provisioning_assets_tests.synthesis.retail_model import column, retail_model, retail_tables

SEVERAL_BLOCKS = 180_000
"""Order lines of a retail model whose orders take two blocks."""


def digests(tables: SyntheticTables) -> dict[str, str]:
    return {file.path: file.sha256 for table in tables.tables for file in table.files}


def test_the_same_model_gives_the_same_bytes(retail: Generated, tmp_path: Path) -> None:
    again = synthesise(DataModel.model_validate_json(retail.model.model_dump_json()), tmp_path)
    assert digests(again) == digests(retail.tables)


@pytest.mark.parametrize("threads", [None, "2"])
def test_processes_do_not_change_a_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: str | None) -> None:
    if threads is None:
        monkeypatch.delenv(POLARS_THREADS, raising=False)
    else:
        monkeypatch.setenv(POLARS_THREADS, threads)
    model = retail_model(SEVERAL_BLOCKS)
    alone = synthesise(model, tmp_path / "alone")
    assert len(next(table for table in alone.tables if table.name == "orders").files) > 1
    assert digests(synthesise(model, tmp_path / "two", workers=2)) == digests(alone)
    assert os.environ.get(POLARS_THREADS) == threads
    assert [rule for rule in coherence(model, alone, tmp_path / "alone") if rule.violations] == []


def test_a_given_executor_is_used(retail: Generated, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as executor:
        assert digests(synthesise(retail.model, tmp_path, workers=executor)) == digests(retail.tables)


def test_another_seed_gives_other_rows(retail: Generated, tmp_path: Path) -> None:
    other = digests(synthesise(retail_model(seed=8), tmp_path))
    assert not set(other.values()) & set(digests(retail.tables).values())


def test_a_larger_size_keeps_the_rows_of_the_smaller(retail: Generated, tmp_path: Path) -> None:
    synthesise(retail_model(40_000), tmp_path)
    for table, columns in (
        ("customers", ["customer_id", "given_name", "family_name", "email", "city", "postcode", "phone", "segment"]),
        ("products", ["product_id", "product_name", "category", "list_price", "unit_cost"]),
    ):
        small = retail.read(table)
        assert read(tmp_path, table).head(small.height).select(columns).equals(small.select(columns))


def test_progress_reports_rows_and_ends_complete(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    tables = synthesise(retail_model(2_000), tmp_path, progress=lambda rows, expected: calls.append((rows, expected)))
    assert len(calls) == 3  # customers, products, orders with all that descends from them
    assert calls[-1][0] == tables.rows
    assert all(rows <= expected for rows, expected in calls)


def test_small_models_take_one_process_and_large_ones_two() -> None:
    assert workers_for(retail_model()) == 1
    assert workers_for(retail_model(4_000_000)) == min(2, os.cpu_count() or 1)


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name not in ("tables", LOCK))


def test_a_finished_run_leaves_tables_only(retail: Generated) -> None:
    assert leftovers(retail.folder) == []
    assert sorted(path.name for path in (retail.folder / "tables").iterdir()) == sorted(
        table.name for table in retail.model.tables
    )


KILLED_RUN = """
    import os, signal, sys
    from pathlib import Path
    from provisioning_assets.synthesis.engine import synthesise
    from provisioning_assets_tests.synthesis.retail_model import retail_model

    def kill(rows, expected):
        if rows > {rows}:
            os.kill(os.getpid(), signal.SIGKILL)

    synthesise(retail_model({facts}, seed=8), Path(sys.argv[1]), progress=kill)
"""


def test_a_killed_run_leaves_the_earlier_tables_and_the_next_one_continues(retail: Generated, tmp_path: Path) -> None:
    before = synthesise(retail_model(2_000), tmp_path)
    script = textwrap.dedent(KILLED_RUN.format(rows=0, facts=3_000))
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert read(tmp_path, "orders").height == next(t.rows for t in before.tables if t.name == "orders")
    (staging,) = tmp_path.glob(f"{STAGING_PREFIX}*")
    finished = {path: path.stat().st_mtime_ns for path in staging.rglob("*.json")}
    assert len(finished) > 1

    generated: list[int] = []
    after = synthesise(retail_model(3_000, seed=8), tmp_path, progress=lambda rows, _: generated.append(rows))
    assert digests(after) == digests(synthesise(retail_model(3_000, seed=8), tmp_path / "fresh"))
    assert leftovers(tmp_path) == ["fresh"]


def test_a_finished_block_is_not_generated_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = retail_model(2_000)

    def stop(rows: int, expected: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesise(model, tmp_path, progress=stop)
    assert not (tmp_path / "tables").exists()
    written: list[str] = []
    from provisioning_assets.synthesis import generation

    write = generation.write_part

    def watched(staging: Path, table: str, number: int, frame: pl.DataFrame):
        written.append(table)
        return write(staging, table, number, frame)

    monkeypatch.setattr(generation, "write_part", watched)
    tables = synthesise(model, tmp_path)
    assert "customers" not in written
    assert "orders" in written
    assert {table.name for table in tables.tables} == {table.name for table in model.tables}


def test_the_staging_of_another_model_is_cleared(tmp_path: Path) -> None:
    other = tmp_path / f"{STAGING_PREFIX}0123456789abcdef"
    (other / "tables").mkdir(parents=True)
    synthesise(retail_model(2_000), tmp_path)
    assert leftovers(tmp_path) == []


def test_a_kill_between_the_two_renames_is_repaired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = synthesise(retail_model(2_000), tmp_path)
    (tmp_path / "tables").rename(tmp_path / RETIRED)

    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(engine, "_generate_blocks", fail)
    with pytest.raises(OSError, match="no space left"):
        synthesise(retail_model(3_000), tmp_path)
    assert read(tmp_path, "orders").height == next(t.rows for t in before.tables if t.name == "orders")


def test_retired_tables_go_when_the_new_ones_are_in_place(tmp_path: Path) -> None:
    synthesise(retail_model(2_000), tmp_path)
    (tmp_path / RETIRED / "orders").mkdir(parents=True)
    synthesise(retail_model(2_000), tmp_path)
    assert leftovers(tmp_path) == []


def test_two_runs_of_one_customer_exclude_each_other(tmp_path: Path) -> None:
    with FileLock(tmp_path / LOCK), pytest.raises(ProvisioningError, match="Another run"):
        synthesise(retail_model(2_000), tmp_path)


def test_an_object_store_gets_the_same_files_and_loses_stale_ones(tmp_path: Path) -> None:
    folder = UPath("memory://bucket/demo/shop_com")
    (folder / "tables" / "orders" / "part-00009.parquet").write_bytes(b"stale")
    tables = synthesise(retail_model(2_000), folder)
    assert digests(tables) == digests(synthesise(retail_model(2_000), tmp_path))
    stored = {path.name for path in (folder / "tables" / "orders").iterdir()}
    assert stored == {"part-00000.parquet"}
    assert all((folder / file).exists() for file in tables.files())


def test_a_reference_that_nothing_can_satisfy_names_table_and_column(tmp_path: Path) -> None:
    tables = retail_tables()
    customers = next(table for table in tables if table["name"] == "customers")
    orders = next(table for table in tables if table["name"] == "orders")
    reference = next(found for found in orders["columns"] if found["name"] == "customer_id")["generator"]
    # No segment is called as a channel is; an expression hides it until the rows are there.
    orders["columns"].append(column("wanted", "STRING", {"kind": "expression", "sql": "lower(channel)"}))
    reference["match"] = {"wanted": "segment"}
    assert customers["columns"]
    with pytest.raises(
        ProvisioningError, match=r"rows of orders, customer_id has no row of customers.*orders.customer_id optional"
    ):
        synthesise(retail_model(2_000, tables=tables), tmp_path)
    reference["optional"] = True
    synthesise(retail_model(2_000, tables=tables), tmp_path)
    assert read(tmp_path, "orders")["customer_id"].null_count() == read(tmp_path, "orders").height
