"""`provision ui` as a script starts it, ended by the signals that scripts and services send; Terminate of a run in Dagster's UI."""

import signal
import socket
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets.lifecycle.ui_process import serving_processes
from provisioning_assets_tests.command_line import AS_OF, EXAMPLE_KEY, EXAMPLE_PAGES, Workplace
from provisioning_assets_tests.deployment.postgresql_server import free_port
from provisioning_assets_tests.faults.running_ui import SECONDS_TO_END, processes_of, running_ui, wait_until

pytestmark = pytest.mark.timeout(600)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_ui_started_by_a_script_ends_with_all_its_processes(tmp_path: Path, how: signal.Signals) -> None:
    place = Workplace(tmp_path)
    with running_ui(place) as ui:
        if how == signal.SIGTERM:
            second = place.provision("ui", "--port", str(free_port()))
            assert second.returncode == 2
            said = " ".join(second.stderr.split())
            assert f"Dagster is running for {ui.home} already" in said
            assert str(ui.process.pid) in said
        ui.process.send_signal(how)
        ui.process.wait(SECONDS_TO_END)
        wait_until(lambda: not processes_of(ui.home), SECONDS_TO_END)
    assert serving_processes(ui.home) == []


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = Workplace(tmp_path).provision("ui", "--port", str(taken.getsockname()[1]))
    assert refused.returncode == 2
    assert "Address already in use" in refused.stderr


def _materialized(instance: dg.DagsterInstance, key: str, asset: str) -> bool:
    wanted = dg.AssetRecordsFilter(dg.AssetKey(asset), asset_partitions=[key])
    return bool(instance.fetch_materializations(wanted, limit=1).records)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_terminate_ends_a_run_also_with_retries_configured_and_the_command_goes_on(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    with running_ui(place) as ui:
        # "large" keeps the stage that makes the tables at work for long
        config = {"saved_pages": str(EXAMPLE_PAGES), "as_of": AS_OF[1], "size": "large"}
        run = ui.launch_new(EXAMPLE_KEY, config, {"dagster/max_retries": "3"})
        with dg.DagsterInstance.from_config(str(ui.home)) as instance:
            wait_until(lambda: _materialized(instance, EXAMPLE_KEY, "data_model"))
            time.sleep(1)
            assert ui.terminate(run) == "TerminateRunSuccess"
            seconds = wait_until(lambda: _status(instance, run) == "CANCELED", 60)
            time.sleep(5)
            assert [found.run_id for found in instance.get_runs()] == [run], "nothing was started in its place"
        ui.process.send_signal(signal.SIGTERM)
        ui.process.wait(SECONDS_TO_END)
    assert seconds <= 5
    resumed = place.start("run", EXAMPLE_KEY.replace("_", "."), "--size", "small", "--json")
    _, complaints = resumed.communicate(timeout=900)
    assert resumed.returncode == 0, complaints


def _status(instance: dg.DagsterInstance, run: str) -> str:
    return instance.get_runs(dg.RunsFilter(run_ids=[run]))[0].status.value
