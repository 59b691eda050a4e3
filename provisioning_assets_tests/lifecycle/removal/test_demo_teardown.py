"""One demo is removed: everything and in order, again after a kill, and not if it is in use, kept longer or not ours."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.event_api import PartitionKeyFilter
from filelock import FileLock
from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets import clock
from provisioning_assets.agent.data_agent import agent_id_for
from provisioning_assets.customers import CustomerRequest, build_request
from provisioning_assets.lifecycle.alerts.models import AlertKind
from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
from provisioning_assets.lifecycle.removal.demo_teardown import remove_demo
from provisioning_assets.lifecycle.removal.expiry import expired_keys, find_expired
from provisioning_assets.lifecycle.removal.models import Reason, Removal
from provisioning_assets.lifecycle.removal.records import AuditTrail, DueRemovals, StartedRemovals
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets.targets import Target
from provisioning_assets_tests.lifecycle.removal.small_demo import (
    KEY,
    OWNER,
    REQUEST,
    left_of,
    make_demo,
    mentions,
    target_in,
)

MADE_ON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEPS = ["agent", "data set", "artefacts", "runs", "partition"]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let days pass."""
    moment = [MADE_ON]
    monkeypatch.setattr(clock, "now", lambda: moment[0])

    def pass_days(days: int) -> None:
        moment[0] += timedelta(days=days)

    return pass_days


@pytest.fixture
def demo(target: Target, instance: dg.DagsterInstance, wait: Callable[[int], None]) -> Target:
    make_demo(target, instance, MADE_ON.date())
    return target


def remove(
    target: Target, instance: dg.DagsterInstance, reason: Reason = Reason.BY_HAND, *, dry_run: bool = False
) -> Removal:
    return remove_demo(KEY, target, instance, reason=reason, run_id="run-1", dry_run=dry_run)


def test_everything_goes_in_order_and_nothing_mentions_the_customer_afterwards(
    demo: Target, instance: dg.DagsterInstance, home: Path
) -> None:
    assert left_of(demo, instance) == STEPS
    assert mentions(home, KEY)
    reported: list[str] = []
    removal = remove_demo(
        KEY, demo, instance, reason=Reason.BY_HAND, run_id="run-1", report=lambda step, _: reported.append(step)
    )
    assert reported == list(removal.removed) == STEPS
    assert removal.removed["agent"].endswith("/dataAgents/demo-acme-com")
    assert removal.removed["data set"] == "dataset.duckdb"
    assert left_of(demo, instance) == []
    assert mentions(home, KEY) == []
    assert list((home / "history" / "runs").glob("*-*.db*")) == []
    assert list((home / "storage").iterdir()) == []
    assert remove(demo, instance).outcome == "nothing was found"


def test_another_customer_keeps_all_and_is_the_last_that_the_assets_were_made_for(
    demo: Target, instance: dg.DagsterInstance, home: Path
) -> None:
    make_demo(demo, instance, MADE_ON.date(), "other_com")
    make_demo(demo, instance, MADE_ON.date(), "acme_com___emea")
    before = mentions(home, "other_com")
    latest = instance.get_latest_materialization_event(dg.AssetKey(REQUEST))
    assert latest is not None
    assert latest.asset_materialization is not None
    assert latest.asset_materialization.partition == "acme_com___emea"
    remove_demo("acme_com___emea", demo, instance, reason=Reason.BY_HAND, run_id="")
    latest = instance.get_latest_materialization_event(dg.AssetKey(REQUEST))
    assert latest is not None
    assert latest.asset_materialization is not None
    assert latest.asset_materialization.partition == "other_com"
    remove(demo, instance)
    assert left_of(demo, instance, "other_com") == STEPS
    assert set(before) <= set(mentions(home, "other_com"))


def test_a_key_that_comes_back_reads_no_check_of_its_former_life(demo: Target, instance: dg.DagsterInstance) -> None:
    asset = dg.AssetKey("customer_profile")
    check = dg.AssetCheckKey(asset, "is_certain")
    storage = instance.event_log_storage
    partition = PartitionKeyFilter(key=KEY)
    assert storage.get_latest_asset_check_execution_by_key([check], partition)[check].status.value == "FAILED"
    remove(demo, instance)
    instance.add_dynamic_partitions("customers", [KEY])
    assert storage.get_latest_asset_check_execution_by_key([check], partition) == {}
    assert storage.get_materialized_partitions(asset) == set()
    assert storage.get_latest_storage_id_by_partition(asset, dg.DagsterEventType.ASSET_MATERIALIZATION) == {}


def test_a_dry_run_says_what_would_go_and_changes_nothing(
    demo: Target, instance: dg.DagsterInstance, home: Path
) -> None:
    before = mentions(home, KEY)
    removal = remove(demo, instance, dry_run=True)
    assert list(removal.removed) == STEPS
    assert left_of(demo, instance) == STEPS
    assert mentions(home, KEY) == before
    assert list(AuditTrail(demo.store).entries()) == []
    assert StartedRemovals(demo.store).all() == []
    assert AlertOutbox(demo.store).waiting() == []


# --- the record, and what owners are told -----------------------------------------------------------------------


def test_the_record_says_what_was_removed_when_why_and_by_which_run(
    demo: Target, instance: dg.DagsterInstance, wait: Callable[[int], None]
) -> None:
    wait(30)
    remove(demo, instance, Reason.EXPIRED)
    (entry,) = AuditTrail(demo.store).entries()
    assert (entry.key, entry.reason, entry.owner, entry.runs) == (KEY, Reason.EXPIRED, OWNER, ["run-1"])
    assert list(entry.removed) == STEPS
    assert entry.started_at == MADE_ON + timedelta(days=30)
    assert entry.expired_on == entry.started_at.date()
    (alert,) = AlertOutbox(demo.store).waiting()
    assert (alert.kind, alert.customer, alert.owner) == (AlertKind.REMOVED, KEY, OWNER)
    remove(demo, instance)
    assert len(list(AuditTrail(demo.store).entries())) == 1


def test_an_owner_is_warned_once_before_the_demo_is_due(demo: Target, wait: Callable[[int], None]) -> None:
    wait(26)
    assert find_expired(demo.store, warning_days=3).warned == []
    wait(1)
    assert find_expired(demo.store, warning_days=3).warned == [KEY]
    wait(1)
    found = find_expired(demo.store, warning_days=3)
    assert (found.looked_at, found.expired, found.warned) == (1, [], [])
    (alert,) = AlertOutbox(demo.store).waiting()
    assert (alert.kind, alert.event, alert.owner) == (AlertKind.EXPIRES_SOON, "2026-03-31", OWNER)
    assert f"provision extend {KEY}" in alert.remedy
    assert DueRemovals(demo.store).after("", 10) == []
    wait(2)
    assert find_expired(demo.store, warning_days=3).expired == [KEY]
    assert [due.key for _, due in DueRemovals(demo.store).after("", 10)] == [KEY]


def test_a_pinned_demo_never_expires(target: Target, instance: dg.DagsterInstance, wait: Callable[[int], None]) -> None:
    make_demo(target, instance, MADE_ON.date(), pinned=True)
    wait(4000)
    assert find_expired(target.store, warning_days=3).expired == []
    assert remove(target, instance, Reason.EXPIRED).kept == "it is pinned"
    assert left_of(target, instance) == STEPS


def test_a_demo_that_was_extended_after_it_was_found_is_kept(
    demo: Target, instance: dg.DagsterInstance, wait: Callable[[int], None]
) -> None:
    wait(30)
    find_expired(demo.store, warning_days=3)
    request = demo.store.read(KEY, CustomerRequest)
    demo.store.write(KEY, request.model_copy(update={"ttl_days": 60}))
    assert "it expires on" in remove(demo, instance, Reason.EXPIRED).kept
    assert left_of(demo, instance) == STEPS
    assert DueRemovals(demo.store).after("", 10) == []


# --- refused ----------------------------------------------------------------------------------------------------


def test_a_demo_in_use_is_refused_and_its_owner_is_told(
    demo: Target, instance: dg.DagsterInstance, home: Path, wait: Callable[[int], None]
) -> None:
    wait(30)
    with FileLock(home / "locks" / f"{KEY}.lock"):
        for dry_run in (True, False):
            removal = remove(demo, instance, Reason.EXPIRED, dry_run=dry_run)
            assert "by another process" in removal.problem
            assert removal.remedy
            assert len(AlertOutbox(demo.store).waiting()) == (not dry_run)
    assert left_of(demo, instance) == STEPS
    (alert,) = AlertOutbox(demo.store).waiting()
    assert (alert.kind, alert.customer, alert.owner) == (AlertKind.CLEANUP_REFUSED, KEY, OWNER)


def test_an_agent_that_is_not_ours_stops_the_removal_before_anything_is_touched(
    target: Target, instance: dg.DagsterInstance, wait: Callable[[int], None]
) -> None:
    with target.data_agents.session() as session:
        agent = gda.DataAgent(display_name="Somebody's")
        session.agent_client.create_data_agent(
            parent=session.parent, data_agent_id=agent_id_for(KEY), data_agent=agent
        ).result()
    target.store.write(KEY, build_request(KEY, {}, today=MADE_ON.date()))
    for dry_run in (True, False):
        assert "was not made by this project" in remove(target, instance, dry_run=dry_run).problem
    assert target.store.exists(KEY, CustomerRequest)


def test_an_expired_demo_whose_request_cannot_be_read_is_refused(
    demo: Target, instance: dg.DagsterInstance, wait: Callable[[int], None]
) -> None:
    wait(400)
    demo.store.path(KEY, CustomerRequest).write_text("{")
    assert "customer_request" in remove(demo, instance, Reason.EXPIRED).problem
    assert left_of(demo, instance) == STEPS


def test_a_key_without_a_demo_is_not_taken_for_one_that_expired(target: Target, instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("customers", [KEY])
    assert remove(target, instance, Reason.EXPIRED).kept
    assert left_of(target, instance) == ["partition"]


# --- kills ------------------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
import dagster as dg
from provisioning_assets import clock
from provisioning_assets.lifecycle.removal import teardown_steps
from provisioning_assets.lifecycle.removal.demo_teardown import remove_demo
from provisioning_assets.lifecycle.removal.models import Reason
from provisioning_assets_tests.lifecycle.removal.small_demo import KEY, target_in

home, folder, reason, step, when = sys.argv[1:]
noting = teardown_steps.TeardownStep.__init__

def dying(self, name, find, remove):
    def die():
        if when == "after":
            remove()
        os.kill(os.getpid(), signal.SIGKILL)
    noting(self, name, find, die if name == step else remove)

teardown_steps.TeardownStep.__init__ = dying
with dg.DagsterInstance.from_config(home) as instance:
    remove_demo(KEY, target_in(Path(folder)), instance, reason=Reason(reason), run_id="killed-run")
"""


def killed(home: Path, folder: Path, reason: Reason, step: str, when: str) -> None:
    """Remove the demo in another process, which is killed before or after one step."""
    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(home), str(folder), reason, step, when],
        cwd=PROJECT_FOLDER,
        env={**os.environ, "DAGSTER_HOME": str(home)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr


@pytest.mark.parametrize(("step", "when"), [("agent", "before"), *((step, "after") for step in STEPS)])
def test_a_removal_that_was_killed_is_finished_and_recorded_as_one(
    home: Path, tmp_path: Path, step: str, when: str
) -> None:
    long_ago = clock.today() - timedelta(days=40)
    target = target_in(tmp_path)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        make_demo(target, instance, long_ago)
    killed(home, tmp_path, Reason.EXPIRED, step, when)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        left = STEPS[STEPS.index(step) + (when == "after") :]
        assert left_of(target, instance) == left
        assert list(AuditTrail(target.store).entries()) == []
        assert expired_keys(target.store, clock.today()) == [KEY]
        removal = remove(target, instance, Reason.EXPIRED)
        assert left_of(target, instance) == []
        assert list(removal.removed) == STEPS
    (entry,) = AuditTrail(target.store).entries()
    assert list(entry.removed) == STEPS
    assert (entry.runs, entry.owner) == (["killed-run", "run-1"], OWNER)
    assert expired_keys(target.store, clock.today()) == []
    assert mentions(home, KEY) == []


def test_a_removal_by_hand_that_was_killed_is_finished_by_itself_only_if_the_request_is_gone(
    home: Path, tmp_path: Path
) -> None:
    target = target_in(tmp_path)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        make_demo(target, instance, clock.today())
    killed(home, tmp_path, Reason.BY_HAND, "data set", "after")
    assert expired_keys(target.store, clock.today()) == []  # the demo may be wanted again
    killed(home, tmp_path, Reason.BY_HAND, "runs", "before")
    assert expired_keys(target.store, clock.today()) == [KEY]
