"""Running queries: values of results, read-only access, and the time limit."""

import os
import tempfile
import time
from pathlib import Path

import duckdb
import pytest

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql import duckdb_connection
from provisioning_assets.googlesql.duckdb_connection import KeptEngine, literal, quoted, reading
from provisioning_assets.googlesql.duckdb_queries import run_query
from provisioning_assets.googlesql.duckdb_types import googlesql_type
from provisioning_assets.warehouse.duckdb_dataset import build_dataset
from provisioning_assets_tests.warehouse.retail_dataset import AS_OF, retail_frames, retail_model, write_tables


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("it's")
    build_dataset(retail_model(), write_tables(retail_frames(), folder), folder=folder)
    return folder / "dataset.duckdb"


def test_values_and_types_come_back_as_googlesqls(dataset: Path) -> None:
    result = run_query(
        dataset,
        "SELECT o.*, c.name, c.is_member, NULL AS nothing FROM orders AS o JOIN customers AS c USING (customer_id) "
        "WHERE order_id = 100",
        as_of=AS_OF,
    )
    types = {column.name: column.type for column in result.columns}
    assert types == {
        "order_id": "INT64", "customer_id": "INT64", "ordered_at": "DATETIME", "order_date": "DATE", "total": "NUMERIC",
        "weight": "FLOAT64", "status": "STRING", "name": "STRING", "is_member": "BOOL", "nothing": "INT64",
    }  # fmt: skip
    assert result.rows == [
        [100, 10, "2025-06-30T12:00:00", "2025-06-30", 59.5, 24.75, "shipped", "Ann O'Brien", False, None]
    ]
    assert result.seconds > 0


def test_all_rows_are_counted_and_some_are_kept(dataset: Path) -> None:
    result = run_query(dataset, "SELECT order_id FROM orders ORDER BY order_id", as_of=AS_OF, most_rows=7)
    assert result.row_count == 100
    assert result.rows == [[number] for number in range(1, 8)]
    many = run_query(dataset, "SELECT x FROM UNNEST(GENERATE_ARRAY(1, 120000)) AS x", as_of=AS_OF)
    assert (many.row_count, len(many.rows)) == (120_000, 200)


def test_what_json_cannot_hold_becomes_none_or_text(dataset: Path) -> None:
    sql = (
        "SELECT CAST('inf' AS FLOAT64), CAST('nan' AS FLOAT64), [1, 2], [DATE '2025-01-01'], STRUCT(1 AS a, 'ü' AS b), "
        "INTERVAL 3 DAY, CAST('10:00:00' AS TIME)"
    )
    result = run_query(dataset, sql, as_of=AS_OF)
    assert result.rows == [
        [None, None, "[1, 2]", '["2025-01-01"]', '{"a": 1, "b": "ü"}', "3 days, 0:00:00", "10:00:00"]
    ]
    assert [column.type for column in result.columns] == [
        "FLOAT64", "FLOAT64", "ARRAY<INT64>", "ARRAY<DATE>", "STRUCT", "INTERVAL", "TIME",
    ]  # fmt: skip
    assert googlesql_type("BIT") == "BIT"


def test_division_by_zero_fails_as_in_bigquery(dataset: Path) -> None:
    for sql in ("SELECT 1 / 0", "SELECT total / (order_id - order_id) FROM orders", "SELECT MOD(1, 0)"):
        with pytest.raises(ProvisioningError, match="Division by zero"):
            run_query(dataset, sql, as_of=AS_OF)


def test_a_failing_query_says_why(dataset: Path) -> None:
    with pytest.raises(ProvisioningError, match="nothing") as raised:
        run_query(dataset, "SELECT nothing FROM orders", as_of=AS_OF)
    assert "\n" not in raised.value.problem


def test_a_query_that_takes_too_long_is_stopped(dataset: Path) -> None:
    sql = "SELECT COUNT(*) FROM " + " CROSS JOIN ".join(f"order_lines AS l{number}" for number in range(8))
    began = time.monotonic()
    with pytest.raises(ProvisioningError, match=r"longer than 0\.3 seconds"):
        run_query(dataset, sql, as_of=AS_OF, seconds=0.3)
    assert time.monotonic() - began < 20
    assert run_query(dataset, "SELECT COUNT(*) FROM orders", as_of=AS_OF, seconds=5).rows == [[100]]


WRITES_AND_ESCAPES = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM glob('/*')",
    "COPY orders TO '/tmp/never-written.csv'",
    "COPY orders FROM '/etc/passwd'",
    "ATTACH '/tmp/never-written.duckdb' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "EXPORT DATABASE '/tmp/never-written'",
    "SET enable_external_access = true",
    "SET memory_limit = '100GB'",
    "RESET lock_configuration",
    "CREATE TABLE demo.stolen AS SELECT 1",
    "INSERT INTO customers VALUES (99, 'x', true)",
    "UPDATE orders SET total = 0",
    "DELETE FROM orders",
    "DROP TABLE order_lines",
    "ALTER TABLE orders ADD COLUMN x INTEGER",
    "COMMENT ON TABLE orders IS 'changed'",
]


@pytest.mark.parametrize("sql", WRITES_AND_ESCAPES)
def test_writes_and_escapes_are_refused_by_both_protections(dataset: Path, sql: str) -> None:
    before = dataset.read_bytes()
    with pytest.raises(ProvisioningError):
        run_query(dataset, sql, as_of=AS_OF)
    with reading(dataset) as connection, pytest.raises(duckdb.Error):  # the second wall, without the first
        connection.execute(sql)
    assert dataset.read_bytes() == before


def test_reading_a_file_by_its_name_as_a_table_is_refused(dataset: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for sql in (f"SELECT * FROM `{secret}`", f"SELECT * FROM '{secret}'"):
        with pytest.raises(ProvisioningError):
            run_query(dataset, sql, as_of=AS_OF)
    with reading(dataset) as connection, pytest.raises(duckdb.Error):
        connection.execute(f"SELECT * FROM {literal(str(secret))}")


def test_a_file_that_is_not_a_data_set_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ProvisioningError, match="no data set"):
        run_query(tmp_path / "dataset.duckdb", "SELECT 1", as_of=AS_OF)
    (tmp_path / "dataset.duckdb").write_bytes(b"x" * 8192)
    with pytest.raises(ProvisioningError, match="cannot be opened"):
        run_query(tmp_path / "dataset.duckdb", "SELECT 1", as_of=AS_OF)


def test_names_and_texts_are_quoted() -> None:
    assert quoted('a"b') == '"a""b"'
    assert literal("it's") == "'it''s'"


def test_what_a_query_spills_is_gone_afterwards(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(duckdb_connection, "QUERY_MEMORY", "80MB")
    with reading(dataset) as connection:
        sql = "SELECT count(*) FROM (SELECT x::VARCHAR || '-some-longer-text' AS t FROM range(3000000) r(x) ORDER BY t)"
        connection.execute(sql)
        [folder] = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == []


def test_a_kept_engine_is_reused_by_the_next_reader_unless_the_file_was_replaced(dataset: Path) -> None:
    kept = KeptEngine()

    def engine() -> int:
        with reading(dataset, kept) as connection:
            assert connection.execute("SELECT count(*) FROM orders").fetchone()
            return id(connection)

    first = engine()
    assert engine() == first
    with pytest.raises(ZeroDivisionError), reading(dataset, kept) as connection:
        raise ZeroDivisionError  # what it left behind is anybody's guess: such an engine is not used again
    with pytest.raises(duckdb.ConnectionException):
        connection.execute("SELECT 1")
    with reading(dataset, kept) as one, reading(dataset, kept) as other:
        assert one is not other
    with reading(dataset, kept) as connection:
        before = connection
    os.utime(dataset)
    with reading(dataset, kept) as connection:
        assert connection is not before
        kept.close()
    with duckdb.connect(str(dataset)) as writing:  # no connection holds the file any longer
        writing.execute("CREATE TABLE more (x INT)")
    with reading(dataset) as connection:
        assert connection.execute("SELECT count(*) FROM more").fetchone() == (0,)
