"""What belongs to no demo is found in both directions, and removed only if it is ours, old enough and not in use."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from filelock import FileLock
from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets import clock
from provisioning_assets.agent.models import StoredAgent
from provisioning_assets.atomic_files import write_whole
from provisioning_assets.cloud_labels import label_value, store_label
from provisioning_assets.customer_partitions import customers
from provisioning_assets.customers import CustomerRequest, build_request
from provisioning_assets.lifecycle.alerts.models import AlertKind
from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
from provisioning_assets.lifecycle.removal.orphans import Inventory, Orphan, Remedy, find_orphans
from provisioning_assets.lifecycle.removal.reconciliation import inventory_of, reconcile
from provisioning_assets.lifecycle.removal.records import AuditTrail
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import Target
from provisioning_assets.warehouse.models import StoredDataset
from provisioning_assets_tests.lifecycle.removal.small_demo import KEY, left_of, make_demo

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LONG_KEY = "a" * 60 + "_com"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DemoStore:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return DemoStore(root=str(tmp_path / "store"))


def dataset(key: str, **changes: object) -> StoredDataset:
    made = {"name": f"p.demo_{key}", "is_whole": True, "of_this_store": True, "created_at": NOW - 2 * DAY, **changes}
    return StoredDataset.model_validate({"key": key, **made})


def agent(key: str, store: DemoStore | None, age: timedelta = 2 * DAY) -> StoredAgent:
    name = f"projects/p/locations/global/dataAgents/demo-{key.replace('_', '-')}"
    label = store_label(store.root) if store else ""
    return StoredAgent(name=name, customer=label_value(key), store=label, created_at=NOW - age)


def inventory(store: DemoStore, **found: object) -> Inventory:
    keys = frozenset(store.customer_keys())
    empty = {"partitions": keys, "busy": frozenset(), "folders": keys, "datasets": [], "agents": [], "started": []}
    return Inventory(**{**empty, **found})  # pyright: ignore[reportArgumentType]


def found(store: DemoStore, **things: object) -> list[Orphan]:
    return find_orphans(store, inventory(store, **things), grace=DAY)


def test_a_data_set_and_an_agent_without_a_demo_are_removed_only_if_they_are_of_this_store_and_old(
    store: DemoStore,
) -> None:
    datasets = [
        dataset("old_com"),
        dataset("young_com", created_at=NOW - DAY / 2),
        dataset("elsewhere_com", of_this_store=False),
    ]
    agents = [agent("old_com", store), agent("young_com", store, DAY / 2), agent("elsewhere_com", None)]
    orphans = found(store, datasets=datasets, agents=agents)
    assert [(orphan.key, orphan.what, orphan.action) for orphan in orphans] == [
        ("elsewhere_com", "agent", Remedy.REPORT),
        ("elsewhere_com", "data set", Remedy.REPORT),
        ("old_com", "agent", Remedy.REMOVE),
        ("old_com", "data set", Remedy.REMOVE),
        ("young_com", "agent", Remedy.REPORT),
        ("young_com", "data set", Remedy.REPORT),
    ]
    assert "may belong to another" in orphans[0].problem


def test_what_is_in_use_is_no_orphan(store: DemoStore) -> None:
    assert found(store, datasets=[dataset("old_com")], busy=frozenset({"old_com"})) == []


def test_an_agent_whose_label_is_cut_is_left_to_a_person_unless_it_has_a_demo(store: DemoStore) -> None:
    (orphan,) = found(store, agents=[agent(LONG_KEY, store)])
    assert (orphan.key, orphan.action) == ("", Remedy.REPORT)
    store.write(LONG_KEY, build_request(LONG_KEY, {}, today=NOW.date()))
    assert found(store, agents=[agent(LONG_KEY, store)]) == []


def test_an_agent_whose_id_does_not_go_with_its_customer_is_left_to_a_person(store: DemoStore) -> None:
    odd = agent("old_com", store).model_copy(update={"name": "projects/p/locations/global/dataAgents/somebodys"})
    (orphan,) = found(store, agents=[odd])
    assert orphan.action == Remedy.REPORT


def test_keys_without_files_and_files_without_key_are_reported(store: DemoStore) -> None:
    store.write("files_com", build_request("files_com", {}, today=NOW.date()))
    orphans = found(store, partitions=frozenset({"key_com", "Not a key"}))
    assert [(orphan.what, orphan.key, orphan.action) for orphan in orphans] == [
        ("key", "Not a key", Remedy.REPORT),
        ("files", "files_com", Remedy.REPORT),
        ("key", "key_com", Remedy.REPORT),
    ]


def test_files_without_a_request_are_the_rest_of_a_removal_once_they_are_old(store: DemoStore) -> None:
    file = Path(store.root) / KEY / "tables" / "orders" / "part.parquet"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"rows")
    for age, action in ((DAY / 2, Remedy.REPORT), (2 * DAY, Remedy.REMOVE)):
        moment = (NOW - age).timestamp()
        for path in (file, *file.parents[:3]):
            os.utime(path, (moment, moment))
        (orphan,) = found(store)
        assert (orphan.what, orphan.key, orphan.action) == ("files", KEY, action)


def test_files_in_cloud_storage_have_an_age_too(bucket: str) -> None:
    store = DemoStore(root=f"gs://{bucket}/demos")
    write_whole(store.folder(KEY) / "tables" / "part.parquet", b"rows")
    grace = {"young": timedelta(hours=1), "old": timedelta(0)}
    time.sleep(1.1)  # the service's clock has whole seconds in an emulator
    actions = {name: find_orphans(store, inventory(store), grace=age)[0].action for name, age in grace.items()}
    assert actions == {"young": Remedy.REPORT, "old": Remedy.REMOVE}


def test_a_data_set_that_expires_on_another_day_than_its_demo_is_set_right(store: DemoStore) -> None:
    store.write(KEY, build_request(KEY, {"ttl_days": 10}, today=NOW.date()))
    assert found(store, datasets=[dataset(KEY, expires="2026-03-11")]) == []
    (orphan,) = found(store, datasets=[dataset(KEY, expires="2026-03-31")])
    assert orphan.action == Remedy.KEEP_AS_REQUESTED
    store.write(KEY, build_request(KEY, {"pinned": True}, today=NOW.date()))
    assert found(store, datasets=[dataset(KEY, expires="never")]) == []


# --- on this machine --------------------------------------------------------------------------------------------


def orphaned_agent(target: Target, key: str = KEY) -> str:
    """An agent of a demo whose folder is deleted by hand."""
    with target.data_agents.session() as session:
        made = gda.DataAgent(display_name="Somebody's")
        session.agent_client.create_data_agent(
            parent=session.parent, data_agent_id="somebodys", data_agent=made
        ).result()
    (found,) = [each.name for each in target.data_agents.agents() if each.customer == key]
    return found


def test_what_a_folder_deleted_by_hand_leaves_is_removed_and_another_agent_is_not(
    target: Target, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_demo(target, instance, clock.today())
    make_demo(target, instance, clock.today(), "other_com")
    name = orphaned_agent(target)
    target.store.remove(KEY)
    found = inventory_of(target, instance)
    assert [each.name for each in found.agents] == [name, name.replace("acme", "other")]
    assert [each.key for each in found.datasets] == ["other_com"]

    def run(*, dry_run: bool = False) -> list[tuple[str, str, str]]:
        done = reconcile(target, instance, grace=DAY, run_id="r", dry_run=dry_run)
        return [(orphan.what, orphan.key, what) for orphan, what in done]

    assert run() == [("agent", KEY, ""), ("key", KEY, "")]  # too young
    later = clock.now() + 2 * DAY
    monkeypatch.setattr(clock, "now", lambda: later)
    assert run(dry_run=True) == [("agent", KEY, "would remove"), ("key", KEY, "")]
    assert left_of(target, instance) == ["agent", "runs", "partition"]
    with FileLock(Path(instance.root_directory) / "locks" / f"{KEY}.lock"):
        ((_, _, done), _) = run()
    assert done.startswith("refused")
    ((_, _, done), _) = run()
    assert done.startswith("removed: agent")
    assert left_of(target, instance) == []
    assert left_of(target, instance, "other_com") == ["agent", "data set", "artefacts", "runs", "partition"]
    assert run() == []
    with target.data_agents.session() as session:
        assert session.agent_client.get_data_agent(name=f"{session.parent}/dataAgents/somebodys")
    kinds = [alert.kind for alert in AlertOutbox(target.store).waiting()]
    assert AlertKind.ORPHANS_FOUND in kinds
    assert [entry.reason for entry in AuditTrail(target.store).entries()] == ["orphan"]


def test_a_demo_that_lost_its_data_set_is_reported(target: Target, instance: dg.DagsterInstance) -> None:
    from provisioning_assets.warehouse.models import DemoDataset

    make_demo(target, instance, clock.today())
    lost = DemoDataset(
        target="duckdb",
        dataset=f"demo_{KEY}",
        location="dataset.duckdb",
        as_of=clock.today(),
        tables=[],
        bytes=1,
        content="c",
    )
    target.store.write(KEY, lost)
    assert reconcile(target, instance, grace=DAY, run_id="", dry_run=True) == []
    target.warehouse.drop(KEY)
    ((orphan, _),) = reconcile(target, instance, grace=DAY, run_id="", dry_run=True)
    assert (orphan.what, orphan.problem) == ("demo", "its data set is gone")
    assert target.store.exists(KEY, CustomerRequest)
    assert instance.has_dynamic_partition(str(customers.name), KEY)
