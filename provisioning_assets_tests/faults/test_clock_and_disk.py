"""The clock passes midnight or a change to summer time while a run works; the disk is full; the store disappears."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets import clock
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.definitions import production_definitions
from provisioning_assets.lifecycle import provisioning
from provisioning_assets.lifecycle.runs import RunOutcome, Stages
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import local_target
from provisioning_assets_tests.command_line import AS_OF, EXAMPLE_KEY, EXAMPLE_PAGES, EXAMPLE_URL, Workplace
from provisioning_assets_tests.faults.running_ui import wait_until

COMMAND = ("run", EXAMPLE_URL, "--saved-pages", str(EXAMPLE_PAGES), *AS_OF)


class Silent:
    """Progress that nobody looks at."""

    def planned(self, key: str, stages: object, up_to_date: object) -> None: ...
    def started(self, stage: str) -> None: ...
    def said(self, stage: str, message: str) -> None: ...
    def finished(self, report: object) -> None: ...


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DemoStore:
    home = tmp_path / "dagster_home"
    home.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.setenv("PROVISIONING_STORE", str(tmp_path / "store"))
    return DemoStore(root=str(tmp_path / "store"))


def test_a_run_over_midnight_stores_its_request_once(here: DemoStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command builds the request on one day, the asset on the next. Neither starts the other anew for ever."""
    days = iter([date(2026, 3, 28)])
    monkeypatch.setattr(clock, "today", lambda: next(days, date(2026, 3, 29)))  # a night that is also a change of time
    real, parts = provisioning.run_stages, []

    # not those of the module, which may have been imported for another store
    definitions = production_definitions(local_target(here))

    def only_the_request(_definitions, instance, request, stages, listener, **more) -> RunOutcome:
        parts.append(list(stages))
        assert len(parts) < 3, "the request is stored again and again"
        return real(definitions, instance, request, ["customer_request"], listener, **more)

    def two_parts(definitions, instance: dg.DagsterInstance, store: DemoStore, request, **_how: bool) -> Stages:
        earlier = store.find_readable(request.key, CustomerRequest)
        if earlier is None or earlier.digest() != request.digest():
            return Stages({"customer_request": "new", "data_model": "", "demo_plan": ""}, [], frozenset({"demo_plan"}))
        return Stages({}, [])

    monkeypatch.setattr(provisioning, "run_stages", only_the_request)
    monkeypatch.setattr(provisioning, "stages_to_run", two_parts)
    report = provisioning.provision_customer("acme_com", {}, everything=False, progress=Silent())
    assert report.success
    assert len(parts) == 1
    assert here.read("acme_com", CustomerRequest).as_of == date(2026, 3, 29)


def test_days_are_those_of_utc_whatever_the_machine_is_set_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change to summer time moves no day: 02:30 in Berlin does not exist on 2026-03-29."""
    import time

    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        assert abs(clock.now() - datetime.now(tz=UTC)) < timedelta(seconds=5)
        assert clock.now().utcoffset() == timedelta(0)
        assert clock.today() == datetime.now(tz=UTC).date()
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 megabytes: a demo of the example needs more than 10."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = os.geteuid() == 0 and shutil.which("mount")
    if not mounted or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], check=False).returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield disk
    subprocess.run(["umount", "-l", disk], check=False)


@pytest.mark.slow
def test_a_full_disk_is_named_and_the_run_goes_on_when_there_is_room(tmp_path: Path, small_disk: Path) -> None:
    place = Workplace(tmp_path)
    place.store.symlink_to(small_disk)
    full = place.provision(*COMMAND)
    said = " ".join((full.stdout + full.stderr).split())
    assert full.returncode == 1
    assert "free space" in said.lower()
    assert "Traceback" not in said
    assert not list(small_disk.rglob("*.part"))
    subprocess.run(["mount", "-o", "remount,size=100m", small_disk], check=True)
    resumed = place.provision(*COMMAND)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert "stages are up to date" in resumed.stdout


def test_a_store_that_is_no_folder_is_named(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.store.write_text("what a mount point that was not mounted can be", encoding="utf-8")
    refused = place.provision(*COMMAND)
    said = " ".join((refused.stdout + refused.stderr).split())
    assert refused.returncode != 0
    assert "Traceback" not in said
    assert str(place.store) in said
    place.store.unlink()
    assert not (place.store / EXAMPLE_KEY).exists()


def test_a_store_that_disappears_during_a_run_is_named_and_no_other_one_is_begun_in_its_place(tmp_path: Path) -> None:
    place, away = Workplace(tmp_path), tmp_path / "away"
    with place.start(*COMMAND) as run:
        try:
            wait_until(lambda: (place.store / EXAMPLE_KEY / "customer_request.json").is_file(), 60)
            place.store.rename(away)
            said, complaints = run.communicate(timeout=60)
        finally:
            run.kill()
    said = " ".join((said + complaints).split())
    assert run.returncode == 1
    assert f"{place.store}" in said
    assert "while the run was at work" in said
    assert "Traceback" not in said
    assert not place.store.exists(), "the folder of a disk that is not mounted stays empty"
    assert (away / EXAMPLE_KEY / "customer_request.json").is_file()
