"""BigQuery's faults and rules at the wire: what the real client sends, what is tried again, and what a person is told."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.oauth2.service_account import Credentials

from provisioning_assets.cloud_labels import labels_of, store_label
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.tables import ForeignKey
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.results import QueryResult
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse import bigquery_errors, bigquery_jobs
from provisioning_assets.warehouse.bigquery_dataset import (
    Warehouse,
    dataset_exists,
    describe_dataset,
    drop_dataset,
    held_datasets,
    keep_dataset,
    stored_datasets,
)
from provisioning_assets.warehouse.bigquery_load import Loaded, Order, load_dataset
from provisioning_assets.warehouse.bigquery_names import customer_names
from provisioning_assets.warehouse.bigquery_queries import run_query
from provisioning_assets.warehouse.resources import BigQueryWarehouse
from provisioning_assets_tests.warehouse.bigquery_wire import Fault, WireBigQuery, wire_bigquery
from provisioning_assets_tests.warehouse.retail_dataset import retail_frames, retail_model, write_tables

FOLDER = "gs://bucket/demos/acme_com"
FINAL, STAGING = "demo_acme_com", "staging_demo_acme_com"


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[WireBigQuery]:
    short = bigquery_errors.RETRY.with_delay(initial=0.01, maximum=0.05).with_timeout(0.6)
    monkeypatch.setattr(bigquery_errors, "RETRY", short)
    monkeypatch.setattr(bigquery_jobs, "PAUSE_SECONDS", 0.01)
    with wire_bigquery() as server:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", server.address)
        yield server


@pytest.fixture
def warehouse(wire: WireBigQuery) -> Warehouse:
    client = bigquery.Client(project="p", location="US", credentials=AnonymousCredentials())
    return Warehouse(client, customer_names("p", "acme_com"))


def model(**changes: object) -> DataModel:
    """The retail model with an event time, and two tables that refer to each other and one that refers to itself."""
    made = retail_model()
    _lines, customers, orders = made.tables
    orders.event_time = "ordered_at"
    customers.foreign_keys = [
        ForeignKey(columns=["customer_id"], references_table="orders", references_columns=["order_id"]),
        ForeignKey(columns=["customer_id"], references_table="customers", references_columns=["customer_id"]),
    ]
    return made.model_copy(update=changes)


def generated(tmp_path: Path, wire: WireBigQuery, orders: int = 20) -> SyntheticTables:
    tables = write_tables(retail_frames(orders), tmp_path)
    wire.rows |= {f"{FOLDER}/{file.path}": file.rows for table in tables.tables for file in table.files}
    return tables


def order(tables: SyntheticTables, **changes: object) -> Order:
    made = {"model": model(), "folder": FOLDER, "expires_on": date(2099, 1, 14), "owner": "Ann@Acme.com", **changes}
    return Order(tables=tables, **made)  # pyright: ignore[reportArgumentType]


def loading_jobs(wire: WireBigQuery) -> set[str]:
    """Ids of the jobs that load or copy."""
    return {job_id for job_id, job in wire.jobs.items() if "query" not in job["configuration"]}


@pytest.fixture
def loaded(warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path) -> Loaded:
    done = load_dataset(warehouse, order(generated(tmp_path, wire)))
    wire.seen.clear()
    return done


# --- loading ----------------------------------------------------------------------------------------------------


def test_a_load_declares_all_that_bigquery_can_hold(warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path) -> None:
    tables = generated(tmp_path, wire)
    done = load_dataset(warehouse, order(tables))
    assert {table.name: (table.rows, table.keyed, table.referencing) for table in done.tables} == {
        "customers": (2, True, True),
        "orders": (20, True, True),
        "order_lines": (40, True, True),
    }
    assert done.bytes == 62 * 8
    dataset = wire.datasets[FINAL]
    assert dataset["location"] == "US"
    assert dataset["labels"] == {
        "managed-by": "provisioning-assets",
        "customer": "acme_com",
        "expires": "2099-01-14",
        "owner": "ann_acme_com",
        "state": "ready",
        "content": order(tables).content,
        "load": "",
        "store": store_label("gs://bucket/demos"),
    }
    left = timedelta(milliseconds=int(dataset["defaultTableExpirationMs"]))
    assert timedelta(days=365 * 50) < left
    orders = wire.tables[FINAL]["orders"]
    assert orders["timePartitioning"] == {"type": "MONTH", "field": "ordered_at"}
    assert orders["clustering"]["fields"] == ["order_date", "total", "status", "customer_id"]
    assert orders["description"] == "Orders"
    assert {field["mode"] for field in orders["schema"]["fields"]} == {"NULLABLE"}
    assert orders["expirationTime"] == wire.tables[FINAL]["customers"]["expirationTime"]
    assert STAGING not in wire.datasets


def test_a_pinned_demo_does_not_expire_and_can_be_given_a_day_later_without_a_job(
    warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    load_dataset(warehouse, order(generated(tmp_path, wire), expires_on=None))
    jobs = loading_jobs(wire)
    assert wire.datasets[FINAL]["labels"]["expires"] == "never"
    assert not wire.datasets[FINAL].get("defaultTableExpirationMs")
    assert not any(table.get("expirationTime") for table in wire.tables[FINAL].values())
    assert keep_dataset(warehouse, date(2099, 1, 14), "ben@acme.com")
    labels = wire.datasets[FINAL]["labels"]
    assert (labels["expires"], labels["owner"], labels["state"]) == ("2099-01-14", "ben_acme_com", "ready")
    midnight_a_week_later = str(int(datetime(2099, 1, 21, tzinfo=UTC).timestamp() * 1000))
    assert {table["expirationTime"] for table in wire.tables[FINAL].values()} == {midnight_a_week_later}
    assert int(wire.datasets[FINAL]["defaultTableExpirationMs"]) > 0
    assert keep_dataset(warehouse, None, "ben@acme.com")
    assert wire.datasets[FINAL]["labels"]["expires"] == "never"
    assert not wire.datasets[FINAL].get("defaultTableExpirationMs")
    assert not any(table.get("expirationTime") for table in wire.tables[FINAL].values())
    assert loading_jobs(wire) == jobs


def test_nothing_is_kept_where_there_is_no_data_set_or_one_that_is_not_ours(
    warehouse: Warehouse, wire: WireBigQuery
) -> None:
    assert not keep_dataset(warehouse, None, "")
    warehouse.client.create_dataset(FINAL)
    with pytest.raises(ProvisioningError, match="was not made by this program"):
        keep_dataset(warehouse, None, "")
    with pytest.raises(ProvisioningError, match="was not made by this program"):
        held_datasets(warehouse)


def test_the_list_of_all_data_sets_has_ours_and_says_of_which_store_they_are(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery
) -> None:
    def create(name: str, labels: dict[str, str]) -> None:
        made = bigquery.Dataset(f"p.{name}")
        made.labels = labels
        warehouse.client.create_dataset(made)

    create("demo_other_com", labels_of("other_com"))  # of a version that gave no label of the store
    create("staging_demo_acme_com", labels_of("acme_com") | {"store": store_label("gs://bucket/demos")})
    create("demo_somebody_com", {"customer": "somebody_com"})
    create("demo_renamed_com", labels_of("another_com"))
    create("demo_Not_a_key", labels_of("acme_com"))
    found = stored_datasets(warehouse.client, "p", store_label("gs://bucket/demos/"))
    assert [(each.name, each.key, each.is_whole, each.of_this_store, each.expires) for each in found] == [
        ("p.demo_acme_com", "acme_com", True, True, "2099-01-14"),
        ("p.demo_other_com", "other_com", True, False, ""),
        ("p.staging_demo_acme_com", "acme_com", False, True, ""),
    ]
    assert all(datetime.now(tz=UTC) - each.created_at < timedelta(minutes=5) for each in found)
    assert held_datasets(warehouse) == [FINAL, STAGING]


def test_keys_are_declared_also_in_circles_but_not_to_the_table_itself(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery
) -> None:
    described = {table.name: table for table in describe_dataset(warehouse)}
    assert described["order_lines"].primary_key == ["order_id", "line"]
    assert [key.references_table for key in described["order_lines"].foreign_keys] == ["orders"]
    assert [key.references_table for key in described["orders"].foreign_keys] == ["customers"]
    assert [key.references_table for key in described["customers"].foreign_keys] == ["orders"]


def test_keys_that_bigquery_does_not_keep_are_an_error(
    warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = WireBigQuery._update_table

    def forgetful(self: WireBigQuery, dataset: str, name: str, body: dict[str, object]) -> dict[str, object]:
        return update(self, dataset, name, {**body, "tableConstraints": {}})

    monkeypatch.setattr(WireBigQuery, "_update_table", forgetful)
    tables = generated(tmp_path, wire)
    with pytest.raises(ProvisioningError, match=r"does not report the keys of order_lines"):
        load_dataset(warehouse, order(tables))
    done = load_dataset(warehouse, order(tables, keys_required=False))
    assert not any(table.keyed for table in done.tables)


def test_jobs_read_the_stores_files_and_have_ids_of_their_content(
    warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    load_dataset(warehouse, order(generated(tmp_path, wire)))
    loads = [body["configuration"] for body in wire.requests("POST", "^/jobs$") if "load" in body["configuration"]]
    lines = next(load for load in loads if load["load"]["destinationTable"]["tableId"] == "order_lines")
    assert lines["load"]["sourceUris"] == [f"{FOLDER}/tables/order_lines/part-0000{part}.parquet" for part in (0, 1)]
    assert lines["load"]["destinationTable"]["datasetId"] == STAGING
    assert lines["load"]["writeDisposition"] == "WRITE_TRUNCATE_DATA"
    assert lines["labels"] == {"managed-by": "provisioning-assets", "customer": "acme_com"}
    assert len({*wire.started("load"), *wire.started("copy")}) == 6


def test_the_same_content_is_not_loaded_again_but_labels_are_refreshed(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    tables = generated(tmp_path, wire)
    again = load_dataset(warehouse, order(tables, owner="ben@acme.com", expires_on=date(2099, 2, 1)))
    assert again == loaded
    assert wire.started("load") == wire.started("copy") == []
    assert wire.datasets[FINAL]["labels"]["owner"] == "ben_acme_com"
    assert wire.datasets[FINAL]["labels"]["expires"] == "2099-02-01"
    expires = {table["expirationTime"] for table in wire.tables[FINAL].values()}
    assert expires == {str(4_073_587_200_000 + 7 * 86_400_000)}  # 2099-02-01 and a week, in milliseconds
    wire.seen.clear()
    load_dataset(warehouse, order(tables, owner="ben@acme.com", expires_on=date(2099, 2, 1)))
    assert wire.requests("PATCH", "tables") == []


def test_tables_that_were_removed_by_someone_are_loaded_again(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    wire.tables[FINAL].clear()
    assert load_dataset(warehouse, order(generated(tmp_path, wire))) == loaded


def test_content_that_comes_back_is_loaded_by_new_jobs(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    load_dataset(warehouse, order(generated(tmp_path, wire, 30)))
    assert load_dataset(warehouse, order(generated(tmp_path, wire, 20))) == loaded
    assert wire.tables[FINAL]["orders"]["numRows"] == "20"


def test_another_layout_and_other_tables_replace_the_earlier_ones(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    changed = model()
    changed.tables = [table for table in changed.tables if table.name != "order_lines"]
    changed.tables[-1].event_time = None
    tables = generated(tmp_path, wire)
    tables = tables.model_copy(update={"tables": [table for table in tables.tables if table.name != "order_lines"]})
    load_dataset(warehouse, order(tables, model=changed))
    assert set(wire.tables[FINAL]) == {"customers", "orders"}
    assert "timePartitioning" not in wire.tables[FINAL]["orders"]


def test_another_location_is_refused_before_anything_is_touched(
    loaded: Loaded, wire: WireBigQuery, tmp_path: Path
) -> None:
    client = bigquery.Client(project="p", location="EU", credentials=AnonymousCredentials())
    elsewhere = Warehouse(client, customer_names("p", "acme_com"))
    with pytest.raises(ProvisioningError, match="BIGQUERY_LOCATION=US"):
        load_dataset(elsewhere, order(generated(tmp_path, wire)))
    assert {method for method, *_ in wire.seen} == {"GET"}


def test_what_was_staged_in_another_location_is_staged_anew(
    warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    tables = generated(tmp_path, wire)
    wire.job_errors.append(("load-acme_com-orders", "invalid", "bad"))
    with pytest.raises(ProvisioningError):
        load_dataset(warehouse, order(tables))
    client = bigquery.Client(project="p", location="EU", credentials=AnonymousCredentials())
    load_dataset(Warehouse(client, customer_names("p", "acme_com")), order(tables))
    assert wire.datasets[FINAL]["location"] == "EU"
    assert [body["location"] for body in wire.requests("POST", "^/datasets$")] == ["US", "EU", "EU"]


def test_files_outside_of_cloud_storage_are_refused(warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path) -> None:
    with pytest.raises(ProvisioningError, match="PROVISIONING_STORE"):
        load_dataset(warehouse, order(generated(tmp_path, wire), folder=str(tmp_path)))
    assert wire.seen == []


# --- stopped and failed loads -----------------------------------------------------------------------------------


def test_a_load_job_that_fails_names_table_and_job_and_leaves_the_earlier_data_set(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    before = (dict(wire.datasets[FINAL]), dict(wire.tables[FINAL]))
    tables = generated(tmp_path, wire, 30)
    wire.job_errors.append(("load-acme_com-orders", "invalid", "Error while reading data: not a Parquet file"))
    with pytest.raises(ProvisioningError) as refusal:
        load_dataset(warehouse, order(tables))
    assert "staging_demo_acme_com.orders" in refusal.value.problem
    assert "p:US.load-acme_com-orders-" in refusal.value.problem
    assert "not a Parquet file" in refusal.value.problem
    assert (wire.datasets[FINAL], wire.tables[FINAL]) == before
    assert wire.started("copy") == []
    first = set(wire.started("load"))
    wire.seen.clear()
    load_dataset(warehouse, order(tables))
    again = wire.started("load")
    assert [job_id[-2:] for job_id in again] == ["-1", "-2"]  # the used id is refused, the next one works
    assert again[0] in first
    assert wire.tables[FINAL]["orders"]["numRows"] == "30"


def test_a_job_that_bigquery_gave_up_is_started_again_under_the_next_id(
    warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    wire.job_errors += [("load-acme_com-orders", "backendError", "try again")] * 2
    load_dataset(warehouse, order(generated(tmp_path, wire)))
    assert [job_id[-2:] for job_id in wire.started("load") if "-orders-" in job_id] == ["-1", "-2", "-3"]


def test_a_job_that_never_succeeds_is_told_after_three_attempts(
    warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    wire.job_errors += [("load-acme_com-orders", "backendError", "try again")] * 9
    with pytest.raises(ProvisioningError, match="usually passes"):
        load_dataset(warehouse, order(generated(tmp_path, wire)))
    assert len([job_id for job_id in wire.started("load") if "-orders-" in job_id]) == 3


def test_a_job_whose_start_was_not_answered_is_found_and_awaited(
    warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    wire.faults.append(Fault("POST", "^/jobs$", carried_out=True, times=2))
    wire.running = 1
    load_dataset(warehouse, order(generated(tmp_path, wire)))
    assert len(loading_jobs(wire)) == 6  # each was started once
    assert wire.tables[FINAL]["order_lines"]["numRows"] == "40"


def test_a_load_that_was_stopped_continues_with_the_jobs_that_it_started(
    warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    tables = generated(tmp_path, wire)
    wire.faults.append(Fault("POST", "^/jobs$", 403, "quotaExceeded", "Quota exceeded: too many loads"))
    with pytest.raises(ProvisioningError, match=r"console\.cloud\.google\.com/iam-admin/quotas\?project=p"):
        load_dataset(warehouse, order(tables))
    done = loading_jobs(wire)
    load_dataset(warehouse, order(tables))
    assert done < loading_jobs(wire)
    assert len(loading_jobs(wire)) == 6


def test_while_tables_are_replaced_nothing_is_read_and_a_rerun_finishes(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    tables = generated(tmp_path, wire, 30)
    wire.job_errors.append(("copy-acme_com-orders", "accessDenied", "Access Denied"))
    with pytest.raises(ProvisioningError, match=r"demo_acme_com\.orders cannot be replaced"):
        load_dataset(warehouse, order(tables))
    for read in (lambda: describe_dataset(warehouse), lambda: ask(warehouse, "SELECT 1")):
        with pytest.raises(ProvisioningError, match="being replaced"):
            read()
    loads = len(wire.started("load"))
    load_dataset(warehouse, order(tables))
    assert len(wire.started("load")) == loads
    assert wire.datasets[FINAL]["labels"]["state"] == "ready"
    assert {table.name: table.rows for table in describe_dataset(warehouse)}["orders"] == 30


def test_another_content_after_a_stopped_replacement_is_loaded_whole(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    wire.job_errors.append(("copy-acme_com-orders", "accessDenied", "Access Denied"))
    with pytest.raises(ProvisioningError):
        load_dataset(warehouse, order(generated(tmp_path, wire, 30)))
    load_dataset(warehouse, order(generated(tmp_path, wire, 50)))
    rows = {table.name: table.rows for table in describe_dataset(warehouse)}
    assert rows == {"customers": 5, "orders": 50, "order_lines": 100}


def test_rows_that_are_missing_after_loading_stop_before_the_data_set_is_touched(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    before = dict(wire.tables[FINAL])
    tables = generated(tmp_path, wire, 30)
    whole = wire.rows[f"{FOLDER}/tables/orders/part-00001.parquet"]
    wire.rows[f"{FOLDER}/tables/orders/part-00001.parquet"] = whole - 1
    with pytest.raises(ProvisioningError, match="orders has 29 rows, 30 were generated"):
        load_dataset(warehouse, order(tables))
    assert wire.tables[FINAL] == before
    assert STAGING not in wire.datasets
    wire.rows[f"{FOLDER}/tables/orders/part-00001.parquet"] = whole
    load_dataset(warehouse, order(tables))


# --- what is not ours -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "labels", [{}, {"managed-by": "provisioning-assets", "customer": "other_com"}, {"customer": "acme_com"}]
)
@pytest.mark.parametrize("name", [FINAL, STAGING])
def test_a_data_set_that_is_not_ours_is_refused_whatever_its_name(
    name: str, labels: dict[str, str], warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    reference = {"projectId": "p", "datasetId": name}
    wire.datasets[name] = {"datasetReference": reference, "labels": labels, "location": "US"}
    wire.tables[name] = {"orders": {"tableReference": {**reference, "tableId": "orders"}}}
    tables = generated(tmp_path, wire)
    touching = [lambda: load_dataset(warehouse, order(tables)), lambda: drop_dataset(warehouse)]
    if name == FINAL:
        touching += [lambda: ask(warehouse, "SELECT 1"), lambda: describe_dataset(warehouse)]
        touching += [lambda: dataset_exists(warehouse)]
    for touch in touching:
        with pytest.raises(ProvisioningError, match=f"{name} was not made by this program for acme_com"):
            touch()
    assert {method for method, *_ in wire.seen} == {"GET"}
    assert set(wire.tables[name]) == {"orders"}


def test_one_that_appears_while_ours_is_created_is_refused(
    warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    wire.datasets[STAGING] = {"datasetReference": {"projectId": "p", "datasetId": STAGING}, "labels": {}}
    wire.faults.append(Fault("GET", f"^/datasets/{STAGING}$", 404, "notFound", "Not found"))
    with pytest.raises(ProvisioningError, match="was not made by this program"):
        load_dataset(warehouse, order(generated(tmp_path, wire)))
    assert wire.requests("PATCH", "") == wire.requests("DELETE", "") == []


def test_removal_is_complete_and_can_be_repeated(loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery) -> None:
    wire.datasets[STAGING], wire.tables[STAGING] = {**wire.datasets[FINAL]}, {}
    wire.datasets[STAGING]["datasetReference"] = {"projectId": "p", "datasetId": STAGING}
    wire.datasets["demo_other_com"] = {"datasetReference": {"projectId": "p", "datasetId": "demo_other_com"}}
    assert dataset_exists(warehouse)
    assert drop_dataset(warehouse)
    assert not drop_dataset(warehouse)
    assert not dataset_exists(warehouse)
    assert set(wire.datasets) == {"demo_other_com"}


# --- requests that fail -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", "^/datasets$", 503, "unavailable", "try later", times=2),
        Fault("POST", "^/datasets$", 429, "rateLimitExceeded", "slow down", times=2),
        Fault("PATCH", "tables", 403, "rateLimitExceeded", "too many updates of this table"),
        Fault("GET", "tables", 502, "", "bad gateway"),
        Fault("PATCH", "datasets", 504, "", "gateway timeout"),
        Fault("POST", "tables", 500, "backendError", "internal", times=2),
        Fault("POST", "^/datasets$", times=2),
        Fault("POST", "^/datasets$", carried_out=True),
        Fault("POST", "tables", carried_out=True, times=3),
        Fault("DELETE", "datasets", carried_out=True),
        Fault("PATCH", "", carried_out=True, times=2),
    ],
    ids=lambda fault: f"{fault.method} {fault.path} {fault.status or 'reset'}{' after' if fault.carried_out else ''}",
)
def test_a_fault_that_passes_is_not_noticed(
    fault: Fault, warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    wire.faults.append(Fault(**vars(fault)))
    load_dataset(warehouse, order(generated(tmp_path, wire)))
    assert wire.faults == []
    assert wire.datasets[FINAL]["labels"]["state"] == "ready"
    assert set(wire.datasets) == {FINAL}


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [
        (
            Fault("POST", "^/datasets$", 403, "accessDenied", "Permission bigquery.datasets.create denied on project p"),
            "gcloud projects add-iam-policy-binding p --member=MEMBER --role=roles/bigquery.user",
        ),
        (
            Fault("POST", "^/jobs$", 403, "accessDenied", "User does not have bigquery.jobs.create permission in project p"),
            "--role=roles/bigquery.jobUser",
        ),
        (
            Fault(
                "POST", "^/jobs$", 403, "accessDenied",
                "ann@acme.com does not have storage.objects.get access to gs://bucket/demos/x.parquet",
            ),
            "gcloud storage buckets add-iam-policy-binding gs://bucket --member=MEMBER --role=roles/storage.objectViewer",
        ),
        (
            Fault("POST", "^/jobs$", 403, "accessDenied", "Permission 'storage.objects.list' denied on resource"),
            "gcloud storage buckets add-iam-policy-binding gs://bucket --member=MEMBER --role=roles/storage.objectViewer",
        ),
        (Fault("POST", "^/jobs$", 404, "notFound", "Not found: URI gs://bucket/a.parquet"), "synthetic_tables"),
        (
            Fault("POST", "^/jobs$", 400, "invalid", "Cannot read and write in different locations: source: EU, destination: US"),
            "BIGQUERY_LOCATION",
        ),
        (
            Fault("GET", "^/datasets/", 403, "accessNotConfigured", "BigQuery API has not been used in project p before"),
            "gcloud services enable bigquery.googleapis.com --project=p",
        ),
        (Fault("POST", "^/datasets$", 403, "billingNotEnabled", "Billing has not been enabled"), "gcloud billing projects"),
        (Fault("POST", "tables", 404, "notFound", "Not found: Dataset"), "BIGQUERY_LOCATION"),
        (Fault("GET", "^/datasets/", 401, "authError", "Invalid Credentials"), "gcloud auth application-default login"),
        (Fault("POST", "^/jobs$", 400, "invalid", "Invalid URI"), "Correct that"),
        (Fault("GET", "^/datasets/", 503, "", "down", times=9999), "status.cloud.google.com"),
        (Fault("GET", "^/datasets/", times=9999), "bigquery.googleapis.com"),
    ],
    ids=lambda value: f"{value.status} {value.reason}" if isinstance(value, Fault) else None,
)  # fmt: skip
def test_a_fault_that_stays_is_told_with_project_and_remedy(
    fault: Fault, remedy: str, warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    wire.faults.append(Fault(**vars(fault)))
    began = time.monotonic()
    with pytest.raises(ProvisioningError) as refusal:
        load_dataset(warehouse, order(generated(tmp_path, wire)))
    assert "in the project p" in refusal.value.problem
    assert "acme_com" in refusal.value.problem
    assert remedy in refusal.value.remedy
    assert "Traceback" not in str(refusal.value)
    assert "http://127" not in refusal.value.problem
    assert time.monotonic() - began < 10


def service_account(folder: Path, token_server: str = "http://127.0.0.1:9") -> Path:
    """A key file of a service account that does not exist, as Google's clients read it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "key.json"
    account = {
        "type": "service_account",
        "client_email": "nobody@p.iam.gserviceaccount.com",
        "token_uri": f"{token_server}/token",
        "private_key": key.decode(),
    }
    file.write_text(json.dumps(account))
    return file


def test_an_emulator_never_gets_this_machines_credentials(
    wire: WireBigQuery, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(service_account(tmp_path)))
    warehouse = BigQueryWarehouse(store=DemoStore(root=str(tmp_path)), project="p")
    assert not warehouse.exists("acme_com")
    assert len(wire.seen) == 1
    assert wire.credentials == set()


def test_without_credentials_a_person_is_told_how_to_sign_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BIGQUERY_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    warehouse = BigQueryWarehouse(store=DemoStore(root=str(tmp_path)), project="p")
    with pytest.raises(ProvisioningError, match="gcloud auth application-default login"):
        warehouse.exists("acme_com")


@pytest.mark.parametrize(
    ("reached", "remedy"), [(True, "gcloud auth application-default login"), (False, "connection")]
)
def test_credentials_that_do_not_work_are_told_without_their_content(
    reached: bool, remedy: str, wire: WireBigQuery, tmp_path: Path
) -> None:
    wire.faults.append(Fault("POST", "^/token$", 400, "invalid_grant", "account nobody@ is disabled", times=99))
    key = service_account(tmp_path, wire.address) if reached else service_account(tmp_path)
    credentials = Credentials.from_service_account_file(str(key), scopes=["https://www.googleapis.com/auth/bigquery"])
    client = bigquery.Client(project="p", location="US", credentials=credentials)
    with pytest.raises(ProvisioningError, match=remedy) as refusal:
        dataset_exists(Warehouse(client, customer_names("p", "acme_com")))
    assert "nobody@" not in str(refusal.value)
    assert wire.requests("GET", "") == []


LOAD_IN_A_PROCESS = """
import sys
from pathlib import Path
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse.bigquery_dataset import Warehouse
from provisioning_assets.warehouse.bigquery_load import load_dataset
from provisioning_assets.warehouse.bigquery_names import customer_names
from provisioning_assets_tests.warehouse.test_bigquery_wire import order

client = bigquery.Client(project="p", location="US", credentials=AnonymousCredentials())
tables = SyntheticTables.model_validate_json(Path(sys.argv[1]).read_text())
load_dataset(Warehouse(client, customer_names("p", "acme_com")), order(tables))
"""


@pytest.mark.parametrize("verb", ["load", "copy"])
def test_a_process_that_is_killed_leaves_jobs_that_the_next_one_awaits(
    verb: str, warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path
) -> None:
    tables = generated(tmp_path, wire)
    (tmp_path / "tables.json").write_text(tables.model_dump_json())
    wire.slow_jobs = verb
    process = subprocess.Popen([sys.executable, "-c", LOAD_IN_A_PROCESS, str(tmp_path / "tables.json")])
    try:
        deadline = time.monotonic() + 60
        while len(wire.started(verb)) < 3:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = loading_jobs(wire)
    wire.slow_jobs = ""
    for job in wire.jobs.values():
        job["polls"] = 0
    load_dataset(warehouse, order(tables))
    assert before < loading_jobs(wire) if verb == "load" else before == loading_jobs(wire)
    assert len(loading_jobs(wire)) == 6
    assert {table.name: table.rows for table in describe_dataset(warehouse)}["order_lines"] == 40


def test_a_job_that_takes_too_long_is_left_running_and_found_again(
    warehouse: Warehouse, wire: WireBigQuery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bigquery_jobs, "JOB_SECONDS", 0.2)
    wire.running = 10_000
    tables = generated(tmp_path, wire)
    with pytest.raises(ProvisioningError, match="still runs"):
        load_dataset(warehouse, order(tables))
    for job in wire.jobs.values():
        job["polls"] = 0
    load_dataset(warehouse, order(tables))
    assert len(loading_jobs(wire)) == 6


# --- queries ----------------------------------------------------------------------------------------------------


def ask(
    warehouse: Warehouse, sql: str, *, seconds: float = 5, limit: int = 20 * 1024**2, most_rows: int = 200
) -> QueryResult:
    return run_query(
        warehouse, sql, as_of=date(2025, 6, 30), most_rows=most_rows, seconds=seconds, maximum_bytes_billed=limit
    )


def test_a_query_is_tried_dry_then_executed_with_limit_and_labels(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery
) -> None:
    wire.answer = (
        [{"name": "n", "type": "INTEGER"}, {"name": "share", "type": "FLOAT"}, {"name": "day", "type": "DATE"}],
        [["3", "NaN", "2025-06-30"], ["4", "0.5", None]],
    )
    result = ask(warehouse, "SELECT n, share, CURRENT_DATE() AS day FROM orders")
    assert result.rows == [[3, None, "2025-06-30"], [4, 0.5, None]]
    assert [column.type for column in result.columns] == ["INT64", "FLOAT64", "DATE"]
    assert (result.row_count, result.bytes_processed, result.bytes_billed) == (2, 1000, 10 * 1024**2)
    dry, real = (body["configuration"] for body in wire.requests("POST", "^/jobs$"))
    assert dry["dryRun"] is True
    assert "dryRun" not in real
    assert real["query"]["maximumBytesBilled"] == str(20 * 1024**2)
    assert real["query"]["defaultDataset"] == {"projectId": "p", "datasetId": FINAL}
    assert real["query"]["useLegacySql"] is False
    assert "CAST('2025-06-30' AS DATE)" in real["query"]["query"]
    assert real["jobTimeoutMs"] == "5000"
    assert real["labels"] == dry["labels"] == {"managed-by": "provisioning-assets", "customer": "acme_com"}


def test_values_of_every_kind_are_those_of_a_result(loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery) -> None:
    parts = [{"name": "x", "type": "NUMERIC"}, {"name": "day", "type": "DATE"}]
    kinds = {"n": "NUMERIC", "f": "FLOAT", "b": "BOOLEAN", "at": "DATETIME", "t": "TIME", "s": "STRING"}
    fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
    fields += [
        {"name": "list", "type": "INTEGER", "mode": "REPEATED"},
        {"name": "part", "type": "RECORD", "fields": parts},
    ]
    record = {"f": [{"v": "1.5"}, {"v": "2025-06-30"}]}
    row = [
        "12.340000000",
        "-Infinity",
        "true",
        "2025-06-30T12:00:00.5",
        "09:30:00",
        "é",
        [{"v": "1"}, {"v": "2"}],
        record,
    ]
    wire.answer = (fields, [row, [*[None] * 6, [], None]])
    result = ask(warehouse, "SELECT * FROM orders")
    assert result.rows == [
        [12.34, None, True, "2025-06-30T12:00:00.500000", "09:30:00", "é", "[1, 2]", '{"x": 1.5, "day": "2025-06-30"}'],
        [None, None, None, None, None, None, "[]", None],
    ]
    assert [column.type for column in result.columns] == [
        "NUMERIC", "FLOAT64", "BOOL", "DATETIME", "TIME", "STRING", "ARRAY<INT64>", "STRUCT",
    ]  # fmt: skip


def test_a_query_that_would_read_too_much_is_not_executed(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery
) -> None:
    wire.bytes_processed = 30 * 1024**2
    with pytest.raises(ProvisioningError, match="limit"):
        ask(warehouse, "SELECT * FROM orders")
    assert [body["configuration"].get("dryRun") for body in wire.requests("POST", "^/jobs$")] == [True]


def test_a_query_that_bigquery_finds_too_large_is_told(
    loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery
) -> None:
    wire.faults.append(
        Fault("GET", "^/queries/", 400, "bytesBilledLimitExceeded", "Query exceeded limit for bytes billed")
    )
    with pytest.raises(ProvisioningError, match="reads too much"):
        ask(warehouse, "SELECT * FROM orders")


def test_a_query_that_takes_too_long_is_cancelled(loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery) -> None:
    wire.running = 10_000
    with pytest.raises(ProvisioningError, match=r"longer than 0\.5 seconds"):
        ask(warehouse, "SELECT * FROM orders", seconds=0.5)
    assert len(wire.requests("POST", "/cancel$")) == 1


def test_bad_sql_is_told_in_bigquerys_words(loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery) -> None:
    wire.faults.append(Fault("POST", "^/jobs$", 400, "invalidQuery", "Unrecognized name: nope at [1:8]"))
    with pytest.raises(ProvisioningError, match=r"Unrecognized name: nope at \[1:8\]"):
        ask(warehouse, "SELECT nope FROM orders")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT * FROM `other.demo_acme_com.orders`", "reads from"),
        ("SELECT * FROM demo_other_com.orders", "reads from"),
        ("DROP TABLE orders", "not one single SELECT"),
        ("SELECT 1; SELECT 2", "not one single SELECT"),
        ("SELECT * FROM EXTERNAL_QUERY('x', 'y')", "reads from"),
    ],
)
def test_what_is_not_one_select_over_bare_names_reaches_no_server(
    sql: str, words: str, warehouse: Warehouse, wire: WireBigQuery
) -> None:
    with pytest.raises(ProvisioningError, match=words):
        ask(warehouse, sql)
    assert wire.seen == []


def test_a_query_survives_faults_that_pass(loaded: Loaded, warehouse: Warehouse, wire: WireBigQuery) -> None:
    wire.answer = ([{"name": "n", "type": "INTEGER"}], [["1"]])
    wire.faults += [
        Fault("GET", "^/datasets/", 503, "", "down"),
        Fault("POST", "^/jobs$", 429, "rateLimitExceeded", "slow down", times=2),
        Fault("GET", "^/queries/", times=2),
    ]
    assert ask(warehouse, "SELECT COUNT(*) AS n FROM orders").rows == [[1]]
    assert wire.faults == []


def test_there_is_no_data_set(warehouse: Warehouse, wire: WireBigQuery) -> None:
    for read in (lambda: describe_dataset(warehouse), lambda: ask(warehouse, "SELECT 1")):
        with pytest.raises(ProvisioningError, match=r"no data set p\.demo_acme_com"):
            read()
    assert not dataset_exists(warehouse)
