"""Data sets in an emulator of BigQuery, through the real client: what is loaded, what is asked, and what survives a failure."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from provisioning_assets.customers import CustomerRequest, build_request
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.golden.golden_queries import ROWS_EXAMINED, execute_golden_queries
from provisioning_assets.googlesql.duckdb_queries import run_query as run_on_duckdb
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.sample_customer import sample_demo
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.targets import local_target
from provisioning_assets.warehouse.dataset_rules import differences, undeclared_keys, undescribed
from provisioning_assets.warehouse.duckdb_dataset import FILE_NAME, build_dataset
from provisioning_assets.warehouse.key_rules import broken_keys
from provisioning_assets.warehouse.resources import BigQueryWarehouse
from provisioning_assets_tests.emulators import BIGQUERY_VARIABLE, STORAGE_VARIABLE, BigQueryEmulator, StorageEmulator
from provisioning_assets_tests.golden import test_golden_queries as golden
from provisioning_assets_tests.production_runs import evaluations, materialize, passed
from provisioning_assets_tests.warehouse.retail_dataset import AS_OF, retail_frames, retail_model, write_tables

KEY = "acme_com"


@dataclass(frozen=True)
class Cloud:
    """A customer's place in both emulators."""

    warehouse: BigQueryWarehouse
    store: DemoStore
    folder: Path
    """of the customer, as the emulator of Cloud Storage keeps it"""
    client: bigquery.Client

    def generate(self, orders: int = 20) -> SyntheticTables:
        frames = {name: frame.drop("secret", strict=False) for name, frame in retail_frames(orders).items()}
        return write_tables(frames, self.folder)

    def count(self, table: str = "orders") -> Any:
        return self.warehouse.query(KEY, f"SELECT COUNT(*) AS n FROM {table}", as_of=AS_OF).rows[0][0]

    def jobs(self) -> set[str | None]:
        """Ids of the jobs that loaded or copied."""
        found = self.client.list_jobs(max_results=1000)
        return {job.job_id for job in found if isinstance(job, bigquery.LoadJob | bigquery.CopyJob)}


def model() -> DataModel:
    made = retail_model()
    made.tables[2].event_time = "ordered_at"
    return made


@contextmanager
def opened(storage: StorageEmulator, emulated: BigQueryEmulator) -> Iterator[Cloud]:
    """A customer with a request and nothing else, in a project and a bucket of its own."""
    bucket = storage.new_bucket()
    project = f"project-{bucket}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STORAGE_VARIABLE, storage.address)
        patch.setenv(BIGQUERY_VARIABLE, emulated.address)
        store = DemoStore(root=f"gs://{bucket}/demos")
        store.write(KEY, build_request(KEY, {"owner": "ann@acme.com", "ttl_days": 30}, today=date(2098, 1, 1)))
        client = bigquery.Client(project=project, location="EU", credentials=AnonymousCredentials())
        yield Cloud(
            warehouse=BigQueryWarehouse(store=store, project=project, location="EU"),
            store=store,
            folder=storage.folder / bucket / "demos" / KEY,
            client=client,
        )


@pytest.fixture(scope="module")
def loaded(storage_emulator: StorageEmulator, bigquery_emulator: BigQueryEmulator) -> Iterator[Cloud]:
    """For tests that only read."""
    with opened(storage_emulator, bigquery_emulator) as cloud:
        cloud.warehouse.load(KEY, model(), cloud.generate())
        yield cloud


@pytest.fixture
def cloud(storage_emulator: StorageEmulator, bigquery_emulator: BigQueryEmulator) -> Iterator[Cloud]:
    with opened(storage_emulator, bigquery_emulator) as made:
        yield made


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT order_id, customer_id, ordered_at, order_date, total, weight, status FROM orders ORDER BY order_id",
        "SELECT name, is_member FROM customers ORDER BY customer_id",
        "SELECT status, COUNT(*) AS n, SUM(total) AS revenue, AVG(weight) AS weight FROM orders GROUP BY status ORDER BY 1",
        "SELECT EXTRACT(MONTH FROM order_date) AS month, ROUND(SUM(total), 2) AS revenue FROM orders GROUP BY 1 ORDER BY 1",
        "SELECT COUNT(*) AS n FROM orders WHERE order_date > DATE_SUB(CURRENT_DATE(), INTERVAL 3 DAY)",
        "SELECT CURRENT_DATE() AS today, CURRENT_DATETIME() AS moment",
        "SELECT c.name, SUM(l.amount) AS spent FROM order_lines AS l JOIN orders AS o USING (order_id) "
        "JOIN customers AS c USING (customer_id) GROUP BY c.name ORDER BY spent DESC",
        "SELECT ARRAY_AGG(DISTINCT customer_id ORDER BY customer_id) AS ids, NULL AS nothing, 'a\"b' AS text FROM orders",
    ],
)
def test_a_query_gives_the_values_that_it_gives_on_duckdb(sql: str, loaded: Cloud, tmp_path: Path) -> None:
    build_dataset(model(), write_tables(retail_frames(20), tmp_path), folder=tmp_path)
    here = run_on_duckdb(tmp_path / FILE_NAME, sql, as_of=AS_OF)
    there = loaded.warehouse.query(KEY, sql, as_of=AS_OF)
    assert there.rows == here.rows
    assert [(column.name, column.type) for column in there.columns] == [
        (column.name, column.type) for column in here.columns
    ]
    assert there.row_count == here.row_count
    assert (here.bytes_billed, there.bytes_billed) == (None, 0)


def test_all_rows_are_counted_and_some_returned(loaded: Cloud) -> None:
    result = loaded.warehouse.query(KEY, "SELECT order_id FROM orders ORDER BY order_id", as_of=AS_OF, most_rows=3)
    assert (result.rows, result.row_count) == ([[1], [2], [3]], 20)


def test_a_query_that_is_not_valid_is_told(loaded: Cloud) -> None:
    with pytest.raises(ProvisioningError, match="nope"):
        loaded.warehouse.query(KEY, "SELECT nope FROM orders", as_of=AS_OF)


def test_the_moments_of_a_datetime_are_those_that_were_generated(loaded: Cloud) -> None:
    last = loaded.warehouse.query(KEY, "SELECT MAX(ordered_at) AS last FROM orders", as_of=AS_OF)
    assert last.rows == [[datetime(2025, 6, 30, 12).isoformat()]]
    assert last.columns[0].type == "DATETIME"


def test_dagster_hands_the_warehouse_to_an_asset(loaded: Cloud) -> None:
    @dg.asset
    def dataset_there(warehouse: BigQueryWarehouse) -> bool:
        return warehouse.exists(KEY)

    result = dg.materialize([dataset_there], resources={"warehouse": loaded.warehouse})
    assert result.output_for_node("dataset_there") is True


def test_a_loaded_data_set_is_the_modelled_and_generated_one(cloud: Cloud) -> None:
    tables = cloud.generate()
    dataset = cloud.warehouse.load(KEY, model(), tables)
    assert (dataset.target, dataset.location, dataset.region) == (
        "bigquery",
        f"{cloud.client.project}.demo_acme_com",
        "EU",
    )
    assert dataset.files() == []
    described = cloud.warehouse.describe(KEY)
    assert list(differences(model(), tables, described)) == []
    assert list(undescribed(described)) == []
    # this emulator keeps no keys: the data set says that they are not declared, and they are checked by queries
    assert list(undeclared_keys(model(), dataset, described)) == []
    assert not any(table.keyed for table in dataset.tables)
    rows = {table.name: table.rows for table in dataset.tables}
    assert broken_keys(model(), rows, lambda sql: cloud.warehouse.query(KEY, sql, as_of=AS_OF)) == []
    stored = cloud.client.get_dataset("demo_acme_com")
    assert stored.location == "EU"
    assert stored.description == "retail. Orders of a shop"
    assert (
        stored.labels.items() >= {"managed-by": "provisioning-assets", "customer": KEY, "expires": "2098-01-31"}.items()
    )
    assert stored.labels["owner"] == "ann_acme_com"
    orders = cloud.client.get_table("demo_acme_com.orders")
    assert orders.time_partitioning is not None
    assert orders.time_partitioning.field == "ordered_at"
    assert orders.time_partitioning.type_ == "MONTH"
    assert orders.clustering_fields
    assert [item.dataset_id for item in cloud.client.list_datasets()] == ["demo_acme_com"]


def test_a_second_load_of_the_same_content_starts_no_job(cloud: Cloud) -> None:
    tables = cloud.generate()
    first = cloud.warehouse.load(KEY, model(), tables)
    jobs = cloud.jobs()
    request = cloud.store.read(KEY, CustomerRequest)
    cloud.store.write(KEY, request.model_copy(update={"owner": "ben@acme.com", "ttl_days": 60}))
    assert cloud.warehouse.load(KEY, model(), tables) == first
    assert cloud.jobs() == jobs
    labels = cloud.client.get_dataset("demo_acme_com").labels
    assert (labels["owner"], labels["expires"]) == ("ben_acme_com", "2098-03-02")


def test_a_data_set_is_listed_and_kept_longer_without_a_job(cloud: Cloud) -> None:
    cloud.warehouse.load(KEY, model(), cloud.generate())
    jobs = cloud.jobs()
    (stored,) = cloud.warehouse.data_sets()
    assert (stored.key, stored.is_whole, stored.of_this_store, stored.expires) == (KEY, True, True, "2098-01-31")
    assert datetime.now(tz=UTC) - stored.created_at < timedelta(minutes=10)
    assert cloud.warehouse.keep(KEY, date(2099, 1, 1), "ben@acme.com")
    assert cloud.warehouse.keep(KEY, None, "ben@acme.com")
    (stored,) = cloud.warehouse.data_sets()
    assert stored.expires == "never"
    assert cloud.jobs() == jobs
    assert cloud.warehouse.holdings(KEY) == ["demo_acme_com"]
    other = BigQueryWarehouse(store=DemoStore(root="gs://another/store"), project=cloud.client.project, location="EU")
    assert [each.of_this_store for each in other.data_sets()] == [False]


def test_a_load_without_a_table_is_refused_and_the_earlier_data_set_stays(cloud: Cloud) -> None:
    first = cloud.warehouse.load(KEY, model(), cloud.generate())
    before = cloud.client.get_dataset("demo_acme_com").labels
    tables = cloud.generate(30)
    lost = cloud.folder / "tables/orders/part-00001.parquet"
    content = lost.read_bytes()
    lost.unlink()
    with pytest.raises(
        ProvisioningError, match=r"staging_demo_acme_com\.orders cannot be loaded from gs://[^ ]+ \(job project-"
    ):
        cloud.warehouse.load(KEY, model(), tables)
    assert cloud.client.get_dataset("demo_acme_com").labels == before
    assert cloud.count() == 20
    assert {table.name: table.rows for table in cloud.warehouse.describe(KEY)} == {
        table.name: table.rows for table in first.tables
    }
    lost.write_bytes(content)
    cloud.warehouse.load(KEY, model(), tables)
    assert (cloud.count(), cloud.count("order_lines")) == (30, 60)


def test_a_file_that_is_not_parquet_is_refused(cloud: Cloud) -> None:
    tables = cloud.generate()
    (cloud.folder / "tables/orders/part-00000.parquet").write_bytes(b"<html>not found</html>")
    with pytest.raises(ProvisioningError, match=r"\.orders cannot be loaded"):
        cloud.warehouse.load(KEY, model(), tables)
    with pytest.raises(ProvisioningError, match="no data set"):
        cloud.count()


def test_rows_are_compared_with_what_was_generated(cloud: Cloud) -> None:
    cloud.warehouse.load(KEY, model(), cloud.generate())
    tables = cloud.generate(30)
    tables.tables[0].rows += 1
    with pytest.raises(ProvisioningError, match="customers has 3 rows, 4 were generated"):
        cloud.warehouse.load(KEY, model(), tables)
    assert cloud.count() == 20


def test_a_replacement_that_was_stopped_is_not_read_and_is_finished_by_the_next_run(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.warehouse.load(KEY, model(), cloud.generate())
    tables = cloud.generate(30)
    copy = bigquery.Client.copy_table

    def killed(self: bigquery.Client, source: Any, target: bigquery.TableReference, **named: Any) -> Any:
        if target.table_id == "orders":
            raise RuntimeError("killed")
        return copy(self, source, target, **named)

    with monkeypatch.context() as patch:
        patch.setattr(bigquery.Client, "copy_table", killed)
        with pytest.raises(RuntimeError, match="killed"):
            cloud.warehouse.load(KEY, model(), tables)
    with pytest.raises(ProvisioningError, match="being replaced"):
        cloud.count()
    with pytest.raises(ProvisioningError, match="being replaced"):
        cloud.warehouse.describe(KEY)
    assert cloud.warehouse.exists(KEY)
    cloud.warehouse.load(KEY, model(), tables)
    assert (cloud.count(), cloud.count("customers")) == (30, 3)


def test_tables_that_are_gone_from_the_model_are_removed(cloud: Cloud) -> None:
    cloud.warehouse.load(KEY, model(), cloud.generate())
    smaller = model()
    smaller.tables = smaller.tables[1:]
    tables = cloud.generate()
    tables.tables = [table for table in tables.tables if table.name != "order_lines"]
    cloud.warehouse.load(KEY, smaller, tables)
    assert [table.name for table in cloud.warehouse.describe(KEY)] == ["customers", "orders"]


def test_neighbours_keep_their_data_sets(cloud: Cloud, storage_emulator: StorageEmulator) -> None:
    other = "staging__acme_com"
    cloud.store.write(other, build_request(other, {}, today=date(2098, 1, 1)))
    neighbour = replace(cloud, folder=cloud.folder.with_name(other))
    cloud.warehouse.load(other, model(), neighbour.generate(40))
    cloud.warehouse.load(KEY, model(), cloud.generate())
    assert cloud.warehouse.drop(KEY)
    assert cloud.warehouse.query(other, "SELECT COUNT(*) AS n FROM orders", as_of=AS_OF).rows == [[40]]
    assert not cloud.warehouse.exists(KEY)
    assert not cloud.warehouse.drop(KEY)


def test_a_stranger_of_the_same_name_is_left_alone(cloud: Cloud) -> None:
    cloud.client.create_dataset("demo_acme_com")
    cloud.client.create_table(
        bigquery.Table(f"{cloud.client.project}.demo_acme_com.secrets", [bigquery.SchemaField("a", "INT64")])
    )
    tables = cloud.generate()
    for touch in (
        lambda: cloud.warehouse.load(KEY, model(), tables),
        lambda: cloud.warehouse.query(KEY, "SELECT a FROM secrets", as_of=AS_OF),
        lambda: cloud.warehouse.describe(KEY),
        lambda: cloud.warehouse.drop(KEY),
    ):
        with pytest.raises(ProvisioningError, match="has no label managed-by=provisioning-assets"):
            touch()
    assert [item.table_id for item in cloud.client.list_tables("demo_acme_com")] == ["secrets"]


def test_a_key_that_is_no_key_reaches_nothing(cloud: Cloud) -> None:
    for key in ("../acme_com", "acme_com.orders`", "", "ACME"):
        with pytest.raises(ProvisioningError, match="not a customer key"):
            cloud.warehouse.drop(key)


def test_the_production_assets_and_their_checks_run_there(cloud: Cloud) -> None:
    target = replace(local_target(cloud.store), warehouse=cloud.warehouse)
    question = golden.question(
        "revenue_by_status",
        "SELECT status, SUM(total) AS revenue FROM orders GROUP BY status ORDER BY revenue DESC",
        chart=("bar", "status", "revenue"),
        insight="shipped_most",
    )
    insight = golden.insight("shipped_most", "revenue_by_status", 1750, 20, "revenue", status="shipped")
    made = [model(), cloud.generate(100), golden.plan([question], [insight])]
    result = materialize(cloud.store, KEY, "demo_dataset", "golden_queries", artefacts=made, target=target)
    assert result.success
    assert passed(result) == dict.fromkeys(
        [
            "dataset_matches_tables",
            "descriptions_present",
            "keys_declared_and_hold",
            "golden_queries_succeed",
            "golden_queries_interesting",
            "insights_hold",
        ],
        True,
    )
    assert evaluations(result)["keys_declared_and_hold"].metadata["only_checked"].value == [
        "order_lines",
        "customers",
        "orders",
    ]
    [materialization] = result.asset_materializations_for_node("golden_queries")
    assert materialization.metadata["bytes billed"].value == 0
    assert materialization.metadata["cost"].value == "unknown: no price is known for EU"


def test_the_tables_and_questions_of_a_blueprint_work_there_as_on_duckdb(cloud: Cloud, tmp_path: Path) -> None:
    # a fixed day: on some days an average is half a cent, which DuckDB may round the other way
    plan, demo = sample_demo(load_blueprint("retail_ecommerce"), "US", size="small", as_of=f"{AS_OF}")
    tables = synthesise(demo, cloud.store.folder(KEY))
    dataset = cloud.warehouse.load(KEY, demo, tables)
    described = cloud.warehouse.describe(KEY)
    assert list(differences(demo, tables, described)) == []
    rows = {table.name: table.rows for table in dataset.tables}
    there = partial(cloud.warehouse.query, KEY, as_of=demo.as_of, most_rows=ROWS_EXAMINED)
    assert broken_keys(demo, rows, there) == []
    shutil.copytree(cloud.folder / "tables", tmp_path / "tables")
    build_dataset(demo, tables, folder=tmp_path)
    here = partial(run_on_duckdb, tmp_path / FILE_NAME, as_of=demo.as_of, most_rows=ROWS_EXAMINED)
    asked = execute_golden_queries(plan, demo, there, pictures=False)
    wanted = execute_golden_queries(plan, demo, here, pictures=False)
    assert [query.error for query in asked.queries] == [None] * len(plan.questions)
    assert all(query.proof.holds for query in asked.queries if query.proof)
    assert [kpi.value for kpi in asked.kpis] == [kpi.value for kpi in wanted.kpis]
    compared = [pair for pair in zip(asked.queries, wanted.queries, strict=True) if "DATE_TRUNC" not in pair[0].sql]
    assert len(compared) > 10  # this emulator makes a DATETIME of DATE_TRUNC of a DATE
    assert {query.id: query.rows for query, _ in compared} == {query.id: query.rows for _, query in compared}
