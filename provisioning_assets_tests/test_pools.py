"""Runs that wait for a pool: they cost nothing meanwhile, and can be stopped."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from provisioning_assets.definitions import defs
from provisioning_assets.lifecycle.provisioning import RunListener
from provisioning_assets.lifecycle.run_progress import RunProgress
from provisioning_assets.pools import AGENT, CHROMIUM, wait_for_pools_quietly
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets_tests.command_line import EXAMPLE_KEY, Workplace

RUN_ID = "7c1de9a6-5f9c-4c6e-8a59-0a3f8f6f6f01"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "dagster_home"
    folder.mkdir()
    (folder / "dagster.yaml").write_bytes((PROJECT_FOLDER / "dagster.yaml").read_bytes())
    return folder


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(home)) as opened:
        yield opened


def occupy(instance: dg.DagsterInstance, pool: str) -> None:
    """Use the only slot of a pool, as a step of another run."""
    instance.event_log_storage.initialize_concurrency_limit_to_default(pool)
    assert instance.event_log_storage.claim_concurrency_slot(pool, "another run", "a step").is_claimed


def test_what_runs_share_is_in_a_pool() -> None:
    assert defs.resolve_assets_def("customer_website").op.pool == CHROMIUM
    assert defs.resolve_assets_def("agent_evaluation").op.pool == AGENT


def test_a_run_that_waits_for_a_pool_sleeps(instance: dg.DagsterInstance) -> None:
    wait_for_pools_quietly()

    @dg.asset(pool=CHROMIUM)
    def page() -> None: ...

    occupy(instance, CHROMIUM)
    free = threading.Timer(6.0, instance.event_log_storage.free_concurrency_slots_for_run, ["another run"])
    free.start()
    began, computed = time.monotonic(), time.process_time()
    assert dg.materialize([page], instance=instance).success
    free.join()
    assert time.monotonic() - began > 5.0
    assert time.process_time() - computed < 2.5, "of about seven seconds"


def test_a_command_says_that_it_waits_for_a_pool(instance: dg.DagsterInstance) -> None:
    wait_for_pools_quietly()

    @dg.asset(pool=CHROMIUM)
    def customer_website() -> None: ...

    occupy(instance, CHROMIUM)
    said: list[str] = []

    class Heard(RunProgress):
        def said(self, stage: str, message: str) -> None:
            said.append(f"{stage} {message}")
            instance.event_log_storage.free_concurrency_slots_for_run("another run")

    listener = RunListener(Heard(Console(file=StringIO())), ["customer_website"])
    instance.add_event_listener(RUN_ID, listener)
    job = dg.Definitions(assets=[customer_website]).resolve_implicit_global_asset_job_def()
    assert job.execute_in_process(instance=instance, run_id=RUN_ID).success
    assert said == ["customer_website waits until another run has left the pool chromium"]


def test_a_run_that_waits_for_a_pool_can_be_stopped(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    place = Workplace(tmp_path)
    occupy(instance, CHROMIUM)
    instance.add_dynamic_partitions("customers", [EXAMPLE_KEY])
    process = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("dagster")), "asset", "materialize", "-m", "provisioning_assets.definitions",
            "--select", "customer_request,customer_website", "--partition", EXAMPLE_KEY,
        ],
        env=place.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 120
    while CHROMIUM not in str([instance.get_records_for_run(run.run_id).records for run in instance.get_runs()]):
        assert time.monotonic() < until, "the run did not come to the pool"
        assert process.poll() is None
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=10)
    [run] = instance.get_runs()
    assert run.status in (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
    assert instance.event_log_storage.get_concurrency_info(CHROMIUM).pending_run_ids == set()
