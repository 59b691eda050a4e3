"""Dagster's UI and daemon killed, with all their processes, while a queue of runs is being worked off."""

from collections import Counter
from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets.customers import CustomerRequest
from provisioning_assets_tests.command_line import Workplace
from provisioning_assets_tests.dagster_services import ENDED
from provisioning_assets_tests.faults.running_ui import running_ui, wait_until
from provisioning_assets_tests.sweep_size import QUEUE

SECONDS = 300.0 + 24 * QUEUE
IN_PROGRESS = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED)
REQUEST = CustomerRequest.asset_name()
"""The first stage alone: a run of it takes hardly longer than the start of its process."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2 * SECONDS + 300)]


def test_a_queue_goes_on_after_everything_was_killed(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    keys = [f"customer{number}_com" for number in range(QUEUE)]
    with running_ui(place) as ui, dg.DagsterInstance.from_config(str(ui.home)) as instance:
        for key in keys:
            ui.add_customer(key)
        runs = {ui.launch(key, [REQUEST]): key for key in keys}
        wait_until(lambda: _statuses(instance)["SUCCESS"] >= 3, SECONDS)
        queued = _statuses(instance)["QUEUED"]
        assert queued >= QUEUE // 2, "most of the queue is still waiting"
    # all its processes are gone now: UI, daemon, code servers and the runs that were at work
    with dg.DagsterInstance.from_config(str(ui.home)) as instance:
        at_work = instance.get_runs_count(dg.RunsFilter(statuses=IN_PROGRESS))
    with running_ui(place) as ui, dg.DagsterInstance.from_config(str(ui.home)) as instance:
        wait_until(lambda: sum(_statuses(instance)[status] for status in ENDED) == QUEUE, SECONDS)
        ended = {run.run_id: run for run in instance.get_runs()}
    print(
        f"{queued} queued and {at_work} at work when all was killed; in the end {Counter(map(_status, ended.values()))}"
    )
    assert ended.keys() == runs.keys(), "no run was lost, and none was started twice"
    failed = [run for run in ended.values() if _status(run) != "SUCCESS"]
    assert len(failed) <= at_work, "only runs that were at work have failed, because their process was killed"
    made = {path.parent.name for path in place.store.glob(f"*/{REQUEST}.json")}
    assert made >= {runs[run] for run in ended if _status(ended[run]) == "SUCCESS"}


def _status(run: dg.DagsterRun) -> str:
    return run.status.value


def _statuses(instance: dg.DagsterInstance) -> Counter[str]:
    return Counter(map(_status, instance.get_runs()))
