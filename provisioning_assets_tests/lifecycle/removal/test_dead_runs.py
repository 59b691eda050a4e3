"""A run whose process was killed is recorded as failed; one whose process works is left alone."""

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import DagsterEventType, EngineEventData

from provisioning_assets.lifecycle.removal.dead_runs import fail_dead_runs
from provisioning_assets.lifecycle.removal.jobs import find_expired_demos
from provisioning_assets.settings import PROJECT_FOLDER

HANGING = """
import sys, time
from pathlib import Path
import dagster as dg
from provisioning_assets.lifecycle.removal import jobs
from provisioning_assets.lifecycle.removal.job_runs import run_job
from provisioning_assets_tests.lifecycle.removal.small_demo import target_in

jobs.remove_demo = lambda *_, **__: time.sleep(600)
with dg.DagsterInstance.from_config(sys.argv[1]) as instance:
    config = {"remove_demos": {"config": {"customers": ["acme_com"]}}}
    run_job("cleanup_demos", target_in(Path(sys.argv[2])), instance, config, lambda _line: None)
"""


def test_a_run_is_failed_once_its_process_is_killed(instance: dg.DagsterInstance, home: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HANGING, str(home), str(tmp_path)], cwd=PROJECT_FOLDER, stdout=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 120
        while not instance.get_runs(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert fail_dead_runs(instance) == []
        process.kill()
        process.wait()
    (run,) = instance.get_runs()
    assert fail_dead_runs(instance) == [run.run_id]
    assert instance.get_runs()[0].status == dg.DagsterRunStatus.FAILURE
    assert fail_dead_runs(instance) == []


def started_run(instance: dg.DagsterInstance, process: int | None, seconds_ago: float = 0) -> dg.DagsterRun:
    """A run in progress as Dagster's launcher leaves it: an event names its process."""
    run = instance.create_run_for_job(find_expired_demos, status=dg.DagsterRunStatus.STARTED)
    if process is not None:
        event = dg.DagsterEvent(
            DagsterEventType.ENGINE_EVENT.value, run.job_name, message=f"Started process for run (pid: {process}).",
            event_specific_data=EngineEventData.in_process(process),
        )  # fmt: skip
        noted = time.time() - seconds_ago
        instance.handle_new_event(
            dg.EventLogEntry(None, logging.INFO, "", run.run_id, noted, job_name=run.job_name, dagster_event=event)
        )
    return run


def test_the_process_that_dagsters_launcher_noted_decides(instance: dg.DagsterInstance) -> None:
    with subprocess.Popen(["sleep", "0"]) as ended:
        ended.wait()
    dead = started_run(instance, ended.pid)
    started_run(instance, os.getpid())
    started_run(instance, None)  # nothing is known of it
    assert fail_dead_runs(instance) == [dead.run_id]


@pytest.mark.skipif(sys.platform != "linux", reason="when a process began is read from /proc")
def test_a_clock_that_was_set_ends_no_run_and_a_number_that_was_given_again_does(instance: dg.DagsterInstance) -> None:
    with subprocess.Popen(["sleep", "600"]) as process:
        try:
            started_run(instance, process.pid, seconds_ago=20)
            earlier = started_run(instance, process.pid, seconds_ago=24 * 3600)
            assert fail_dead_runs(instance) == [earlier.run_id]
        finally:
            process.kill()
