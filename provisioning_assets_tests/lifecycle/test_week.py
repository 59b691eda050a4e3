"""A week in the life: requests, a refresh, failures, expiries and removals, with a clock that a test moves.

The sensors and schedules of the production definitions decide everything. The test does what Dagster's daemon does: it keeps their
cursors, launches each run key once, and lets the runs happen one after the other. The demos are real ones.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from provisioning_assets import clock
from provisioning_assets.customer_partitions import customers
from provisioning_assets.definitions import production_definitions
from provisioning_assets.lifecycle.alerts.models import AlertKind
from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
from provisioning_assets.lifecycle.listing import list_demos
from provisioning_assets.lifecycle.removal.models import Reason
from provisioning_assets.lifecycle.removal.records import AuditTrail
from provisioning_assets.targets import Target
from provisioning_assets_tests.command_line import EXAMPLE_PAGES, EXAMPLE_URL
from provisioning_assets_tests.lifecycle.removal.small_demo import left_of, target_in

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(1800)]

SENSORS = ("request_files", "refresh_demos", "remove_expired_demos", "fail_runs_without_process")
SCHEDULES = ("find_expired_every_night", "reconcile_every_night")
STEP = timedelta(hours=6)

STAYS, SHORT, BROKEN, GONE = (f"harbourandpine_example___{name}" for name in ("stays", "short", "broken", "gone"))


@dataclass
class Week:
    """The daemon, and the time that it lives in."""

    target: Target
    instance: dg.DagsterInstance
    now: datetime
    cursors: dict[str, str | None] = field(default_factory=dict)
    run_keys: set[str] = field(default_factory=set)
    runs: list[tuple[str, str, bool]] = field(default_factory=list)
    """(day as MM-DD, customer or job, whether it succeeded)"""

    def __post_init__(self) -> None:
        self.definitions = production_definitions(self.target)
        self.repository = self.definitions.get_repository_def()

    def ask(self, name: str, **values: Any) -> None:
        """Put a request file."""
        folder = Path(self.target.store.root) / "requests"
        if "saved_pages" in values:
            shutil.copytree(EXAMPLE_PAGES, folder / values["saved_pages"], dirs_exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{field}: {value}\n" for field, value in values.items())
        (folder / f"{name}.yaml").write_text(lines)

    def live(self, days: int) -> None:
        """Let days pass; every six hours the daemon looks at everything, a few times, as it does every minute."""
        for _ in range(days * 4):
            before, self.now = self.now, self.now + STEP
            for schedule in SCHEDULES:
                cron = self.repository.get_schedule_def(schedule)
                times = schedule_execution_time_iterator(
                    before.timestamp(), str(cron.cron_schedule), cron.execution_timezone
                )
                if next(times) <= self.now:
                    self._launch(dg.RunRequest(), cron.job_name)
            for _ in range(3):
                for sensor in SENSORS:
                    self._tick(sensor)

    def _tick(self, name: str) -> None:
        sensor = self.repository.get_sensor_def(name)
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursors.get(name),
            repository_def=self.repository,
            sensor_name=name,
            resources={"store": self.target.store, "claude": self.target.claude},
        ) as context:
            result = sensor(context)
        if not isinstance(result, dg.SensorResult):
            self.cursors[name] = context.cursor
            return
        self.cursors[name] = result.cursor
        for request in result.dynamic_partitions_requests or []:
            self.instance.add_dynamic_partitions(str(customers.name), list(request.partition_keys))
        for request in result.run_requests or []:
            if request.run_key not in self.run_keys:
                self.run_keys.add(request.run_key or "")
                self._launch(request, request.job_name or sensor.job_name or "")

    def _launch(self, request: dg.RunRequest, job: str) -> None:
        quiet: Mapping[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        result = self.definitions.resolve_job_def(job).execute_in_process(
            run_config={**quiet, **request.run_config},
            instance=self.instance,
            partition_key=request.partition_key,
            tags=dict(request.tags),
            raise_on_error=False,
        )
        self.runs.append((f"{self.now:%d}", request.partition_key or job, result.success))

    def made(self, key: str) -> list[bool]:
        """Whether each run of the customer succeeded."""
        return [success for _, customer, success in self.runs if customer == key]


@pytest.fixture
def week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Week]:
    home = tmp_path / "dagster_home"
    home.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.setenv("PROVISIONING_REFRESH_DAYS", "4")
    monkeypatch.setenv("PROVISIONING_EXPIRY_WARNING_DAYS", "2")
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        lived = Week(target_in(tmp_path), instance, datetime.now(tz=UTC))
        monkeypatch.setattr(clock, "now", lambda: lived.now)
        yield lived


def test_after_a_week_the_demos_that_should_exist_do_and_every_removal_is_recorded(week: Week) -> None:
    asked = {"url": EXAMPLE_URL, "saved_pages": "pages/shop", "owner": "ann@example.com"}
    week.ask("stays", **asked, key=STAYS, pinned="true")
    week.ask("short", **asked, key=SHORT, ttl_days=3)
    week.ask("gone", url=EXAMPLE_URL, key=GONE, owner="ben@example.com", ttl_days=2)  # a site that nobody can read
    week.ask("broken", url=EXAMPLE_URL, key=BROKEN, size="enormous", owner="ben@example.com")
    week.live(1)
    outbox = AlertOutbox(week.target.store)
    assert week.made(STAYS) == [True]
    assert week.made(SHORT) == [True]
    assert week.made(GONE) == [False]
    assert week.made(BROKEN) == []
    assert AlertKind.REQUEST_REJECTED in {alert.kind for alert in outbox.waiting()}

    week.ask("broken", **asked, key=BROKEN, ttl_days=30)  # corrected
    week.live(6)
    assert week.made(BROKEN)[0]

    listed = {demo.key: demo for demo in list_demos(week.target.store)}
    assert set(listed) == {STAYS, BROKEN}
    today = clock.today()
    assert {demo.state(today) for demo in listed.values()} == {"ready"}
    assert len(week.made(STAYS)) == 2, "made once and made again once, with a later date"
    assert (today - (listed[STAYS].figures_of or today)).days < 4
    assert sorted(week.instance.get_dynamic_partitions(str(customers.name))) == sorted([STAYS, BROKEN])
    assert [left_of(week.target, week.instance, key) for key in (SHORT, GONE)] == [[], []]

    record = list(AuditTrail(week.target.store).entries())
    assert sorted(entry.key for entry in record) == sorted([SHORT, GONE])
    assert {entry.reason for entry in record} == {Reason.EXPIRED}
    assert all(entry.runs and entry.ended_at for entry in record)
    told = {(alert.kind, alert.customer) for alert in outbox.waiting()}
    assert {(AlertKind.EXPIRES_SOON, SHORT), (AlertKind.REMOVED, SHORT), (AlertKind.REMOVED, GONE)} <= told
    week.live(1)
    assert sorted(entry.key for entry in AuditTrail(week.target.store).entries()) == sorted([SHORT, GONE])
