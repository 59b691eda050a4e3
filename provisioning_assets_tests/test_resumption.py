"""Runs that are killed, runs side by side, and one asset made again."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from provisioning_assets_tests.command_line import (
    AS_OF,
    EXAMPLE_KEY,
    EXAMPLE_PAGES,
    EXAMPLE_URL,
    GERMAN_KEY,
    GERMAN_PAGES,
    GERMAN_URL,
    Workplace,
)


def _wait_for(path: Path, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.02)


def test_a_run_killed_half_way_goes_on_where_it_stopped(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    process = place.start("run", EXAMPLE_URL, "--saved-pages", str(EXAMPLE_PAGES), *AS_OF)
    _wait_for(place.store / EXAMPLE_KEY / "data_model.json")
    process.send_signal(signal.SIGKILL)  # while the tables are being made
    process.wait()
    folder = place.store / EXAMPLE_KEY
    assert not (folder / "demo_scorecard.json").exists()
    kept = {name: (folder / f"{name}.json").stat().st_mtime_ns for name in ("customer_website", "customer_profile")}

    resumed = place.provision("run", EXAMPLE_URL, "--json")
    report = json.loads(resumed.stdout)
    assert resumed.returncode == 0, resumed.stderr
    statuses = {stage["stage"]: stage["status"] for stage in report["stages"]}
    assert statuses["customer_website"] == "reused"
    assert statuses["demo_scorecard"] == "made"
    assert all((folder / f"{name}.json").stat().st_mtime_ns == before for name, before in kept.items())
    with dg.DagsterInstance.from_config(place.environment["DAGSTER_HOME"]) as instance:
        finished = {run.status for run in instance.get_runs()}
    assert finished == {dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS}

    one_asset_again(place)


def one_asset_again(place: Workplace) -> None:
    """Rematerializing one asset leaves the files of the others alone."""
    folder = place.store / EXAMPLE_KEY
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.json")}
    dagster = str(Path(sys.executable).with_name("dagster"))
    module = "provisioning_assets.definitions"
    process = subprocess.run(
        [dagster, "asset", "materialize", "-m", module, "--select", "demo_dataset", "--partition", EXAMPLE_KEY],
        env=place.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    after = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.json")}
    assert {name for name in before if before[name] != after[name]} == {"demo_dataset.json"}
    with duckdb.connect(str(folder / "dataset.duckdb"), read_only=True) as connection:
        assert connection.execute("SHOW TABLES").fetchall()


@pytest.mark.slow
@pytest.mark.long
def test_two_customers_at_the_same_time_and_one_customer_once(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    one = place.start("run", EXAMPLE_URL, "--saved-pages", str(EXAMPLE_PAGES), *AS_OF, "--json")
    other = place.start("run", GERMAN_URL, "--saved-pages", str(GERMAN_PAGES), *AS_OF, "--json")
    _wait_for(place.store / EXAMPLE_KEY / "customer_request.json")
    second = place.provision("run", EXAMPLE_URL)
    assert second.returncode == 2
    assert "is being provisioned by another process" in " ".join(second.stderr.split())
    for process, key in ((one, EXAMPLE_KEY), (other, GERMAN_KEY)):
        printed, complaints = process.communicate(timeout=240)
        assert process.returncode == 0, complaints
        assert json.loads(printed)["key"] == key
    listed = json.loads(place.provision("list", "--json").stdout)
    assert {demo["key"]: demo["ready"] for demo in listed} == {EXAMPLE_KEY: True, GERMAN_KEY: True}
