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
from provisioning_assets_tests.faults.running_ui import SECONDS_TO_END, family_of, processes_of, running_ui, wait_until

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


def _is_at_work(instance: dg.DagsterInstance, run: str, stage: str) -> bool:
    records = instance.get_records_for_run(run, of_type=dg.DagsterEventType.STEP_START).records
    return stage in {record.event_log_entry.step_key for record in records}


def _process_of(instance: dg.DagsterInstance, run: str) -> int:
    """Return the process of a run, which Dagster notes when the process starts."""
    for record in instance.get_records_for_run(run, of_type=dg.DagsterEventType.ENGINE_EVENT).records:
        event = record.event_log_entry.dagster_event
        number = event.engine_event_data.metadata.get("pid") if event else None
        if number is not None:
            return int(str(number.value))
    raise AssertionError("Dagster has not noted the process.")


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    ("stage", "size"),
    [
        pytest.param("data_model_data_model_is_valid", "large", marks=pytest.mark.long),
        # sizes with which these stages, the longest ones, are at work for minutes
        ("synthetic_tables", "xlarge"),
        pytest.param("data_quality_report", "large", marks=pytest.mark.long),
    ],
)
def test_terminate_ends_a_run_also_with_retries_configured_and_the_command_goes_on(
    tmp_path: Path, stage: str, size: str
) -> None:
    place = Workplace(tmp_path)
    with running_ui(place) as ui:
        config = {"saved_pages": str(EXAMPLE_PAGES), "as_of": AS_OF[1], "size": size}
        run = ui.launch_new(EXAMPLE_KEY, config, {"dagster/max_retries": "3"})
        with dg.DagsterInstance.from_config(str(ui.home)) as instance:
            wait_until(lambda: _is_at_work(instance, run, stage), 600)
            time.sleep(3)
            started = family_of(_process_of(instance, run))
            answer = ui.terminate(run)
            assert answer == "TerminateRunSuccess", _failures(instance, run)
            seconds = wait_until(lambda: _status(instance, run) == "CANCELED", 60)
            print(f"{stage}: CANCELED after {seconds:.1f} s")
            wait_until(lambda: not started.intersection(processes_of(ui.home)), SECONDS_TO_END)
            time.sleep(5)
            assert [found.run_id for found in instance.get_runs()] == [run], "nothing was started in its place"
        ui.process.send_signal(signal.SIGTERM)
        ui.process.wait(SECONDS_TO_END)
    resumed = place.start("run", EXAMPLE_KEY.replace("_", "."), "--size", "small", "--json")
    _, complaints = resumed.communicate(timeout=900)
    assert resumed.returncode == 0, complaints


def _status(instance: dg.DagsterInstance, run: str) -> str:
    return instance.get_runs(dg.RunsFilter(run_ids=[run]))[0].status.value


def _failures(instance: dg.DagsterInstance, run: str) -> list[str]:
    """Return what Dagster has noted of failures in a run, and of how its process ended."""
    kinds = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.ENGINE_EVENT}
    entries = [
        record.event_log_entry for kind in kinds for record in instance.get_records_for_run(run, of_type=kind).records
    ]
    return [
        f"{entry.timestamp:.1f} {entry.user_message} {entry.dagster_event and entry.dagster_event.event_specific_data}"
        for entry in sorted(entries, key=lambda entry: entry.timestamp)
    ]
