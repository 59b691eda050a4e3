"""Loading of types, keys and descriptions. A data set is replaced as a whole, even if the process is killed half way."""

import os
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from filelock import FileLock

from provisioning_assets.data_model.tables import ForeignKey
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.duckdb_queries import run_query
from provisioning_assets.googlesql.results import QueryResult
from provisioning_assets.warehouse import key_rules
from provisioning_assets.warehouse.dataset_content import content_digest
from provisioning_assets.warehouse.dataset_rules import undeclared_keys
from provisioning_assets.warehouse.duckdb_dataset import (
    FILE_NAME,
    build_dataset,
    describe_dataset,
    drop_dataset,
)
from provisioning_assets.warehouse.key_rules import broken_keys
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets_tests.warehouse.retail_dataset import AS_OF, retail_frames, retail_model, write_tables

LOAD_SLOWLY = """
import sys
from pathlib import Path
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse import duckdb_dataset
from provisioning_assets_tests.warehouse.retail_dataset import retail_model

folder = Path(sys.argv[1])
insert = duckdb_dataset._insert
def announced(connection, table, files):
    insert(connection, table, files)
    print(table.name, flush=True)
    sys.stdin.readline()
duckdb_dataset._insert = announced
tables = SyntheticTables.model_validate_json((folder / "tables.json").read_text())
duckdb_dataset.build_dataset(retail_model(), tables, folder=folder)
"""


def files_of(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name.startswith((FILE_NAME, "."))}


def count(folder: Path, table: str = "orders") -> int:
    return int(str(run_query(folder / FILE_NAME, f"SELECT COUNT(*) FROM {table}", as_of=AS_OF).rows[0][0]))


def test_the_file_holds_types_keys_and_descriptions(tmp_path: Path) -> None:
    model = retail_model()
    loaded = build_dataset(model, write_tables(retail_frames(), tmp_path), folder=tmp_path)
    assert [(table.name, table.rows, table.columns, table.keyed) for table in loaded] == [
        ("order_lines", 200, 3, True),
        ("customers", 10, 3, True),
        ("orders", 100, 7, True),
    ]
    with duckdb.connect(str(tmp_path / FILE_NAME), read_only=True) as plain:  # as any other program would open it
        types = dict(plain.execute("SELECT column_name, column_type FROM (DESCRIBE orders)").fetchall())
        assert types == {
            "order_id": "BIGINT",
            "customer_id": "BIGINT",
            "ordered_at": "TIMESTAMP",
            "order_date": "DATE",
            "total": "DECIMAL(18,2)",
            "weight": "DOUBLE",
            "status": "VARCHAR",
        }
        assert plain.execute("SELECT sum(total) FROM orders").fetchone() == (Decimal("3475.00"),)
        assert plain.execute("SELECT DISTINCT table_schema FROM information_schema.tables").fetchall() == [("main",)]
        declared = plain.execute("SELECT constraint_type FROM information_schema.table_constraints").fetchall()
        assert {kind for (kind,) in declared} >= {"FOREIGN KEY", "PRIMARY KEY"}
    described = {table.name: table for table in describe_dataset(tmp_path / FILE_NAME)}
    assert set(described) == {"customers", "orders", "order_lines"}
    for table in model.tables:
        found = described[table.name]
        assert found.description == table.description
        stored = [column for column in table.columns if not column.internal]
        assert [(column.name, column.type, column.description) for column in found.columns] == [
            (column.name, column.type, column.description) for column in stored
        ]
        assert found.primary_key == table.primary_key
        assert [key.references_table for key in found.foreign_keys] == [
            key.references_table for key in table.foreign_keys
        ]
    assert files_of(tmp_path) == {FILE_NAME, f".{FILE_NAME}.lock"}


def test_keys_that_do_not_hold_are_refused_and_the_earlier_data_set_stays(tmp_path: Path) -> None:
    build_dataset(retail_model(), write_tables(retail_frames(40), tmp_path), folder=tmp_path)
    broken = retail_frames()
    broken["orders"] = broken["orders"].with_columns(pl.lit(999, dtype=pl.Int64).alias("customer_id"))
    with pytest.raises(ProvisioningError, match=r"orders cannot be loaded.*customer_id: 999"):
        build_dataset(retail_model(), write_tables(broken, tmp_path), folder=tmp_path)
    assert count(tmp_path) == 40
    assert files_of(tmp_path) == {FILE_NAME, f".{FILE_NAME}.lock"}


def test_large_tables_are_loaded_without_declared_keys_but_their_keys_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = retail_model()
    frames = retail_frames()
    frames["order_lines"] = frames["order_lines"].with_columns(pl.lit(1, dtype=pl.Int64).alias("line"))
    frames["orders"] = frames["orders"].with_columns(
        pl.when(pl.col("order_id") < 4).then(77).otherwise(pl.col("customer_id")).alias("customer_id")
    )
    loaded = build_dataset(model, write_tables(frames, tmp_path), folder=tmp_path, most_keyed_rows=50)
    assert {table.name: table.keyed for table in loaded} == {"order_lines": False, "customers": True, "orders": False}
    rows = {table.name: table.rows for table in loaded}
    for together, queries in ((20, 5), (5_000_000, 1)):
        monkeypatch.setattr(key_rules, "ROWS_ASKED_TOGETHER", together)
        asked: list[str] = []

        def run(sql: str, asked: list[str] = asked) -> QueryResult:
            asked.append(sql)
            return run_query(tmp_path / FILE_NAME, sql, as_of=AS_OF)

        assert sorted(broken_keys(model, rows, run)) == [
            "order_lines(order_id, line) is repeated or missing: 200 rows",
            "orders(customer_id) has no customers: 3 rows",
        ]
        assert len(asked) == queries
    with duckdb.connect(str(tmp_path / FILE_NAME)) as connection:
        connection.execute("ALTER TABLE orders RENAME COLUMN customer_id TO buyer")
    [problem] = broken_keys(model, rows, lambda sql: run_query(tmp_path / FILE_NAME, sql, as_of=AS_OF))
    assert "customer_id" in problem
    described = describe_dataset(tmp_path / FILE_NAME)
    dataset = DemoDataset(
        target="duckdb", dataset="demo_x", location=FILE_NAME, as_of=AS_OF, tables=loaded, bytes=1, content=""
    )
    assert list(undeclared_keys(model, dataset, described)) == []
    claims = {"keyed": True, "referencing": True}
    claimed = dataset.model_copy(update={"tables": [t.model_copy(update=claims) for t in loaded]})
    assert len(list(undeclared_keys(model, claimed, described))) == 4


def test_a_table_too_large_for_foreign_keys_gets_its_primary_key_after_loading(tmp_path: Path) -> None:
    model = retail_model()
    frames = retail_frames()
    loaded = build_dataset(model, write_tables(frames, tmp_path), folder=tmp_path, most_referencing_rows=50)
    assert {table.name: (table.keyed, table.referencing) for table in loaded} == {
        "order_lines": (True, False),
        "customers": (True, True),
        "orders": (True, False),
    }
    described = {table.name: table for table in describe_dataset(tmp_path / FILE_NAME)}
    for table in model.tables:
        assert described[table.name].primary_key == table.primary_key
    assert described["orders"].foreign_keys == []
    frames["orders"] = frames["orders"].with_columns(pl.lit(1, dtype=pl.Int64).alias("order_id"))
    with pytest.raises(ProvisioningError, match="The table orders cannot be loaded"):
        build_dataset(model, write_tables(frames, tmp_path), folder=tmp_path, most_referencing_rows=50)
    assert count(tmp_path, "orders") > 1


def test_a_table_that_refers_to_itself_is_loaded(tmp_path: Path) -> None:
    model = retail_model()
    customers = model.tables[1]
    customers.foreign_keys.append(
        ForeignKey(columns=["customer_id"], references_table="customers", references_columns=["customer_id"])
    )
    build_dataset(model, write_tables(retail_frames(), tmp_path), folder=tmp_path)
    assert count(tmp_path, "customers") == 10


def test_references_in_a_circle_are_refused(tmp_path: Path) -> None:
    model = retail_model()
    model.tables[1].foreign_keys.append(
        ForeignKey(columns=["customer_id"], references_table="orders", references_columns=["order_id"])
    )
    with pytest.raises(ProvisioningError, match="circle"):
        build_dataset(model, write_tables(retail_frames(), tmp_path), folder=tmp_path)


def test_files_of_other_tables_or_columns_are_refused(tmp_path: Path) -> None:
    frames = retail_frames()
    with pytest.raises(ProvisioningError, match=r"missing customers, unknown clients"):
        build_dataset(
            retail_model(),
            write_tables(
                {**{n: f for n, f in frames.items() if n != "customers"}, "clients": frames["customers"]}, tmp_path
            ),
            folder=tmp_path,
        )
    frames["orders"] = frames["orders"].drop("status")
    with pytest.raises(ProvisioningError, match=r"orders cannot be loaded.*status"):
        build_dataset(retail_model(), write_tables(frames, tmp_path), folder=tmp_path)
    assert files_of(tmp_path) == {f".{FILE_NAME}.lock"}


def test_names_and_descriptions_are_never_code(tmp_path: Path) -> None:
    model = retail_model()
    model.tables[2].description = "'; DROP TABLE orders; --"
    model.tables[2].columns[6].name = "select"
    frames = retail_frames()
    frames["orders"] = frames["orders"].rename({"status": "select"})
    build_dataset(model, write_tables(frames, tmp_path), folder=tmp_path)
    described = {table.name: table for table in describe_dataset(tmp_path / FILE_NAME)}
    assert described["orders"].description == "'; DROP TABLE orders; --"
    assert described["orders"].columns[6].name == "select"


def test_an_empty_table_is_loaded(tmp_path: Path) -> None:
    frames = {name: frame.head(0) for name, frame in retail_frames().items()}
    build_dataset(retail_model(), write_tables(frames, tmp_path), folder=tmp_path)
    assert count(tmp_path) == 0


@pytest.mark.parametrize("tables_before_the_kill", [1, 2, 3])
def test_a_load_that_is_killed_leaves_the_earlier_data_set(tmp_path: Path, tables_before_the_kill: int) -> None:
    build_dataset(retail_model(), write_tables(retail_frames(40), tmp_path), folder=tmp_path)
    later = write_tables(retail_frames(100), tmp_path)
    (tmp_path / "tables.json").write_text(later.model_dump_json())
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD_SLOWLY, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(tables_before_the_kill):
        assert process.stdout.readline().strip() == ["customers", "orders", "order_lines"][number]
        if number + 1 < tables_before_the_kill:
            process.stdin.write("\n")
            process.stdin.flush()
    with pytest.raises(ProvisioningError, match="being loaded by another run"):
        build_dataset(retail_model(), later, folder=tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdin.close()
    process.stdout.close()

    assert any(name.endswith(".loading") for name in files_of(tmp_path))
    assert count(tmp_path) == 40
    build_dataset(retail_model(), later, folder=tmp_path)
    assert count(tmp_path) == 100
    assert files_of(tmp_path) == {FILE_NAME, f".{FILE_NAME}.lock"}


def test_readers_see_the_old_data_set_or_the_new_one_while_it_is_replaced(tmp_path: Path) -> None:
    sizes = {40, 100}
    small, large = (write_tables(retail_frames(size), tmp_path / f"of_{size}") for size in sorted(sizes))
    for tables, size in ((small, 40), (large, 100)):
        for manifest in tables.tables:
            for file in manifest.files:
                file.path = f"of_{size}/{file.path}"
    build_dataset(retail_model(), small, folder=tmp_path)
    seen: list[tuple[int, int]] = []
    stop = threading.Event()
    failures: list[ProvisioningError] = []

    def read() -> None:
        while not stop.is_set():
            try:
                sql = "SELECT (SELECT COUNT(*) FROM orders), (SELECT COUNT(*) FROM order_lines)"
                orders, lines = run_query(tmp_path / FILE_NAME, sql, as_of=AS_OF).rows[0]
                seen.append((int(str(orders)), int(str(lines))))
            except ProvisioningError as error:
                failures.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(4):
        build_dataset(retail_model(), large, folder=tmp_path)
        time.sleep(0.05)
        build_dataset(retail_model(), small, folder=tmp_path)
        time.sleep(0.05)
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert set(seen) == {(40, 80), (100, 200)}


def test_dropping_removes_the_file_and_what_loading_left(tmp_path: Path) -> None:
    build_dataset(retail_model(), write_tables(retail_frames(), tmp_path), folder=tmp_path)
    (tmp_path / f".{FILE_NAME}.abc.loading").write_bytes(b"half")
    (tmp_path / f".{FILE_NAME}.abc.loading.spill").mkdir()
    assert drop_dataset(tmp_path) is True
    assert files_of(tmp_path) == set()
    assert drop_dataset(tmp_path) is False


def test_a_load_is_refused_while_another_run_loads(tmp_path: Path) -> None:
    tables = write_tables(retail_frames(), tmp_path)
    with FileLock(tmp_path / f".{FILE_NAME}.lock"), pytest.raises(ProvisioningError, match="another run"):
        build_dataset(retail_model(), tables, folder=tmp_path)


def test_the_digest_follows_model_and_content(tmp_path: Path) -> None:
    model, tables = retail_model(), write_tables(retail_frames(), tmp_path / "a")
    assert content_digest(model, tables) == content_digest(model, write_tables(retail_frames(), tmp_path / "b"))
    assert content_digest(model, tables) != content_digest(model, write_tables(retail_frames(90), tmp_path / "c"))
    model.tables[0].description = "other"
    assert content_digest(model, tables) != content_digest(retail_model(), tables)


def test_the_size_of_the_file_does_not_change_the_digest() -> None:
    dataset = DemoDataset(target="duckdb", dataset="demo_x", location=FILE_NAME, as_of=AS_OF, tables=[], bytes=1)
    assert dataset.digest() == dataset.model_copy(update={"bytes": 2}).digest()
    assert dataset.digest() != dataset.model_copy(update={"content": "ab"}).digest()
    assert dataset.files() == [FILE_NAME]
    assert dataset.model_copy(update={"target": "bigquery"}).files() == []
