"""One run per customer at a time, for runs that Dagster launches: what holds the lock is another process."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets import customer_lock
from provisioning_assets.customer_lock import held, is_free, locks_folder
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.definitions import production_definitions
from provisioning_assets.pools import CHROMIUM
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import local_target
from provisioning_assets_tests.command_line import EXAMPLE_KEY, EXAMPLE_PAGES, EXAMPLE_URL, Workplace
from provisioning_assets_tests.emulators import STORAGE_VARIABLE
from provisioning_assets_tests.storage_server import serving, shorten_retries

KEY = "acme_com"
HOLDER = """
import sys, time
from pathlib import Path
from provisioning_assets.customer_lock import held
with held(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}")
    with dg.DagsterInstance.get() as opened:
        opened.add_dynamic_partitions("customers", [KEY, "other_com"])
        yield opened


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    return DemoStore(root=str(tmp_path / "store"))


@pytest.fixture
def holder(instance: dg.DagsterInstance) -> Iterator[subprocess.Popen[str]]:
    """Another process, which holds the customer's lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(locks_folder(instance)), KEY],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def run(
    store: DemoStore, instance: dg.DagsterInstance, key: str | None = KEY, tags: dict[str, str] | None = None
) -> dg.ExecuteInProcessResult:
    """Run the first asset as a run that Dagster has launched."""
    definitions = production_definitions(local_target(store))
    return definitions.resolve_job_def("provision_demo").execute_in_process(
        instance=instance, partition_key=key, asset_selection=[dg.AssetKey("customer_request")], tags=tags,
        raise_on_error=False,
    )  # fmt: skip


def failure(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    """Return what the failed step says to the user."""
    [event] = [event for event in result.all_events if event.is_step_failure]
    said = event.step_failure_data.user_failure_data
    assert said is not None
    return {"description": said.description, **{name: value.value for name, value in said.metadata.items()}}


def test_a_run_frees_the_customer_at_its_end(store: DemoStore, instance: dg.DagsterInstance) -> None:
    assert run(store, instance).success
    assert is_free(locks_folder(instance), KEY)
    assert run(store, instance).success


def test_a_run_waits_for_a_customer_that_is_worked_on(
    store: DemoStore, instance: dg.DagsterInstance, holder: subprocess.Popen[str]
) -> None:
    assert holder.stdin
    ends = threading.Timer(3.0, holder.stdin.close)
    ends.start()
    began = time.monotonic()
    result = run(store, instance)
    assert time.monotonic() - began >= 3.0
    assert result.success
    assert run(store, instance, "other_com").success


def test_a_run_that_waits_too_long_says_so_and_changes_nothing(
    store: DemoStore, instance: dg.DagsterInstance, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_lock, "WAIT_SECONDS", 1.0)
    result = run(store, instance)
    assert not result.success
    assert "Another process is working on acme_com." in str(failure(result)["problem"])
    assert "launch this run again" in str(failure(result)["what to do"])
    assert not store.exists(KEY, CustomerRequest)
    assert run(store, instance, "other_com").success, "another customer is not concerned"


def test_a_lock_is_free_when_its_process_was_killed(
    store: DemoStore, instance: dg.DagsterInstance, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    assert run(store, instance).success


def test_a_run_on_another_machine_is_waited_for(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_lock, "WAIT_SECONDS", 1.0)
    shorten_retries(monkeypatch)
    bucket = f"demos-{uuid.uuid4().hex[:8]}"
    with serving(bucket) as server:
        monkeypatch.setenv(STORAGE_VARIABLE, server.address)
        store = DemoStore(root=f"gs://{bucket}/demos")
        with store.reserved(KEY):
            refused = run(store, instance)
        assert "Another run is working on acme_com" in str(failure(refused)["problem"])
        assert run(store, instance).success
        monkeypatch.setattr(customer_lock, "WAIT_SECONDS", 600.0)
        server.buckets.clear()  # a store that cannot be reached is no lock that is taken
        assert "There is no bucket" in str(failure(run(store, instance))["problem"])


def test_the_runs_of_a_command_need_no_second_lock(store: DemoStore, instance: dg.DagsterInstance) -> None:
    with held(locks_folder(instance), KEY):
        assert run(store, instance).success
        assert not is_free(locks_folder(instance), KEY), "the run has not freed it"


def test_a_run_of_no_single_customer_is_refused(store: DemoStore, instance: dg.DagsterInstance) -> None:
    ranged = {"dagster/asset_partition_range_start": KEY, "dagster/asset_partition_range_end": "other_com"}
    for tags in ({}, ranged):
        result = run(store, instance, None, tags)
        assert not result.success
        assert "not of exactly one customer" in str(failure(result)["problem"])


@pytest.mark.parametrize("key", ["../outside", "a/b", "https://acme.com", ""])
def test_a_key_that_is_none_is_no_name_of_a_lock(store: DemoStore, instance: dg.DagsterInstance, key: str) -> None:
    instance.add_dynamic_partitions("customers", [key] if key else [])
    result = run(store, instance, tags={"dagster/partition": key}, key=None)
    assert not result.success
    assert not list(Path(instance.root_directory).rglob("*outside*"))


def materialize(environment: dict[str, str], key: str) -> subprocess.Popen[str]:
    """Start Dagster's own command, which does not go through the queue."""
    return subprocess.Popen(
        [
            str(Path(sys.executable).with_name("dagster")), "asset", "materialize", "-m", "provisioning_assets.definitions",
            "--select", "customer_request", "--partition", key,
        ],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_run_that_waits_can_be_stopped(
    store: DemoStore, instance: dg.DagsterInstance, holder: subprocess.Popen[str]
) -> None:
    process = materialize({**os.environ, "PROVISIONING_STORE": store.root}, KEY)
    assert process.stderr
    assert any("This run waits until it has ended" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=15)
    [stopped] = instance.get_runs()
    assert stopped.status in (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
    assert holder.poll() is None
    assert not store.exists(KEY, CustomerRequest)


def test_dagsters_own_command_waits_for_a_command_of_ours(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    home = Path(place.environment["DAGSTER_HOME"])
    (home / "dagster.yaml").write_bytes((PROJECT_FOLDER / "dagster.yaml").read_bytes())
    with dg.DagsterInstance.from_config(
        str(home)
    ) as instance:  # our command stays before the website, as the pool is full
        instance.event_log_storage.initialize_concurrency_limit_to_default(CHROMIUM)
        assert instance.event_log_storage.claim_concurrency_slot(CHROMIUM, "a test", "a step").is_claimed
    first = place.start("run", EXAMPLE_URL, "--saved-pages", str(EXAMPLE_PAGES))
    request = place.store / EXAMPLE_KEY / "customer_request.json"
    until = time.monotonic() + 120
    while not request.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    second = materialize(place.environment, EXAMPLE_KEY)
    assert second.stderr
    assert any("This run waits until it has ended" in line for line in second.stderr)
    assert second.poll() is None
    first.kill()
    first.wait()
    _, said = second.communicate(timeout=120)
    assert second.returncode == 0, said[-2000:]
