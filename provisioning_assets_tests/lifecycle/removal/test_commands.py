"""The commands in processes of their own: in use by one another, and what they print."""

import json
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets import clock
from provisioning_assets.lifecycle.removal.expiry import find_expired
from provisioning_assets.lifecycle.removal.models import Reason
from provisioning_assets.lifecycle.removal.records import AuditTrail
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets_tests.command_line import AS_OF, EXAMPLE_KEY, EXAMPLE_PAGES, EXAMPLE_URL, Workplace
from provisioning_assets_tests.lifecycle.removal.small_demo import KEY, left_of, make_demo, target_in

SLOW_REMOVAL = """
import sys, time
from pathlib import Path
from provisioning_assets.lifecycle.removal import cleanup
from provisioning_assets.lifecycle.removal.models import Reason
from provisioning_assets.warehouse.resources import DuckDBWarehouse
from provisioning_assets_tests.lifecycle.removal.small_demo import target_in

dropping = DuckDBWarehouse.drop

def drop(self, key):
    Path(sys.argv[1], "dropping").touch()
    while not Path(sys.argv[1], "go on").exists():
        time.sleep(0.05)
    return dropping(self, key)

DuckDBWarehouse.drop = drop
(removal,) = cleanup.remove_now(
    [sys.argv[2]], target_in(Path(sys.argv[1])), reason=Reason.BY_HAND, dry_run=False, report=lambda _line: None
)
print(removal.outcome)
"""


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.05)


def test_a_demo_is_not_provisioned_while_it_is_removed(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    target = target_in(tmp_path)
    with dg.DagsterInstance.from_config(place.environment["DAGSTER_HOME"]) as instance:
        make_demo(target, instance, clock.today(), EXAMPLE_KEY)
    command = [sys.executable, "-c", SLOW_REMOVAL, str(tmp_path), EXAMPLE_KEY]
    with subprocess.Popen(
        command, env=place.environment, cwd=PROJECT_FOLDER, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as removing:
        wait_for(tmp_path / "dropping", removing)
        refused = place.provision("run", EXAMPLE_URL, "--saved-pages", str(EXAMPLE_PAGES), *AS_OF)
        assert refused.returncode == 2
        assert "by another process" in refused.stderr
        assert place.provision("extend", EXAMPLE_KEY, "--pinned").returncode == 2
        (tmp_path / "go on").touch()
        out, err = removing.communicate(timeout=120)
    assert "removed: agent" in out, err
    assert not (place.store / EXAMPLE_KEY).exists()


def test_a_demo_is_not_removed_while_it_is_provisioned(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    running = place.start("run", EXAMPLE_URL, "--saved-pages", str(EXAMPLE_PAGES), *AS_OF, "--json")
    try:
        wait_for(place.store / EXAMPLE_KEY / "customer_request.json", running)
        dry = place.provision("teardown", EXAMPLE_KEY, "--dry-run")
        refused = place.provision("teardown", EXAMPLE_KEY)
        assert running.poll() is None
    finally:
        running.kill()
        running.communicate()
    for process in (dry, refused):
        assert process.returncode == 2, process.stdout
        assert "by another process" in process.stderr
    assert (place.store / EXAMPLE_KEY / "customer_request.json").exists()
    removed = place.provision("teardown", EXAMPLE_KEY, "--json")  # the killed run is in nobody's way
    assert removed.returncode == 0, removed.stderr
    assert not (place.store / EXAMPLE_KEY).exists()


@pytest.mark.timeout(600)
def test_cleanup_removes_what_expired_and_nothing_else(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    target = target_in(tmp_path)
    with dg.DagsterInstance.from_config(place.environment["DAGSTER_HOME"]) as instance:
        make_demo(target, instance, clock.today() - timedelta(days=40))
        make_demo(target, instance, clock.today() - timedelta(days=40), "kept_com", pinned=True)
        dry = place.provision("cleanup", "--dry-run", "--json")
        assert [(each["key"], list(each["removed"])) for each in json.loads(dry.stdout)] == [
            (KEY, ["agent", "data set", "artefacts", "runs", "partition"])
        ], dry.stderr
        assert len(left_of(target, instance)) == 5
        done = place.provision("cleanup")
        assert (done.returncode, done.stdout.startswith(f"{KEY} - removed: agent")) == (0, True), done.stderr
        assert left_of(target, instance) == []
        assert len(left_of(target, instance, "kept_com")) == 5
    assert place.provision("reconcile", "--dry-run").stdout == "Everything fits together.\n"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_whole_demo_is_kept_longer_without_making_it_again(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    made = place.provision("run", EXAMPLE_URL, "--saved-pages", str(EXAMPLE_PAGES), *AS_OF)
    assert made.returncode == 0, made.stderr
    before = {path.name: path.stat().st_mtime_ns for path in (place.store / EXAMPLE_KEY).glob("*.json")}

    def rewritten() -> set[str]:
        now = {path.name: path.stat().st_mtime_ns for path in (place.store / EXAMPLE_KEY).glob("*.json")}
        changed = {name for name in now if now[name] != before[name]}
        before.update(now)
        return changed

    pages = {"customer_request.json", "demo_booklet.json", "demo_scorecard.json"}
    kept = place.provision("extend", EXAMPLE_KEY, "--days", "50", "--json")
    day = (clock.today() + timedelta(days=50)).isoformat()
    assert json.loads(kept.stdout) == {
        "key": EXAMPLE_KEY, "expires_on": day, "pinned": False, "pages_made_again": True
    }, kept.stderr  # fmt: skip
    assert rewritten() == pages
    assert place.document(EXAMPLE_KEY, "demo_scorecard")["expires_on"] == day
    again = place.provision("run", EXAMPLE_URL, "--json")
    assert {stage["status"] for stage in json.loads(again.stdout)["stages"]} == {"reused"}, again.stderr
    pinned = place.provision("run", EXAMPLE_URL, "--pinned", "--owner", "ben@acme.com", "--json")
    statuses = {stage["stage"]: stage["status"] for stage in json.loads(pinned.stdout)["stages"]}
    assert {stage for stage, status in statuses.items() if status == "made"} == {
        name.removesuffix(".json") for name in pages
    }
    assert rewritten() == pages
    assert place.document(EXAMPLE_KEY, "demo_scorecard")["expires_on"] is None
    assert "is pinned" in (place.store / EXAMPLE_KEY / "booklet" / "index.html").read_text()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_dagsters_daemon_removes_a_demo_that_expired(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    home = Path(place.environment["DAGSTER_HOME"])
    shutil.copyfile(PROJECT_FOLDER / "dagster.yaml", home / "dagster.yaml")
    target = target_in(tmp_path)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        make_demo(target, instance, clock.today() - timedelta(days=40))
        make_demo(target, instance, clock.today(), "kept_com")
        find_expired(target.store, warning_days=3)
        daemon = str(Path(sys.executable).with_name("dagster-daemon"))
        with subprocess.Popen(
            [daemon, "run", "-w", str(PROJECT_FOLDER / "workspace.yaml")],
            env=place.environment,
            cwd=home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                deadline = time.monotonic() + 400
                while not list(AuditTrail(target.store).entries()):
                    assert process.poll() is None
                    assert time.monotonic() < deadline
                    time.sleep(1)
            finally:
                process.terminate()
                process.wait(60)
        assert left_of(target, instance) == []
        assert len(left_of(target, instance, "kept_com")) == 5
        (record,) = AuditTrail(target.store).entries()
        assert [instance.get_run_by_id(run).job_name for run in record.runs] == ["cleanup_demos"]  # pyright: ignore[reportOptionalMemberAccess]
        assert record.reason == Reason.EXPIRED
