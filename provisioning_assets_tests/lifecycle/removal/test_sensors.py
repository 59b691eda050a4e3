"""The schedule finds, the sensor removes: a few demos a tick, each once a day, until they are gone."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from filelock import FileLock

from provisioning_assets import clock
from provisioning_assets.customers import build_request
from provisioning_assets.definitions import production_definitions
from provisioning_assets.lifecycle.removal.job_runs import run_job
from provisioning_assets.lifecycle.removal.jobs import OUTCOMES, REQUESTS_KEPT_DAYS
from provisioning_assets.lifecycle.removal.records import AuditTrail, DueRemovals
from provisioning_assets.lifecycle.removal.sensors import remove_expired_demos
from provisioning_assets.lifecycle.requests.request_folder import RequestFolder, digest_of
from provisioning_assets.targets import Target
from provisioning_assets_tests.lifecycle.removal.small_demo import KEY, left_of, make_demo

MADE_ON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let time pass. It also passes a little at each look at the clock, as it does."""
    moment = [MADE_ON]

    def now() -> datetime:
        moment[0] += timedelta(milliseconds=1)
        return moment[0]

    monkeypatch.setattr(clock, "now", now)

    def pass_time(span: timedelta) -> None:
        moment[0] += span

    return pass_time


class Daemon:
    """Evaluates the sensor with its cursor, and knows run keys, as Dagster's daemon does."""

    def __init__(self, target: Target, instance: dg.DagsterInstance) -> None:
        self.target, self.instance = target, instance
        self.cursor: str | None = None
        self.known: set[str] = set()

    def tick(self) -> list[str]:
        """One tick: run what is requested; returns the keys."""
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, resources={"store": self.target.store}
        )
        result = remove_expired_demos(context)
        if isinstance(result, dg.SkipReason):
            return []
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor
        done: list[str] = []
        for request in result.run_requests or []:
            assert request.run_key
            if request.run_key not in self.known:
                self.known.add(request.run_key)
                done += self._run(request.run_config)
        return done

    def _run(self, config: Mapping[str, Any]) -> list[str]:
        metadata = run_job("cleanup_demos", self.target, self.instance, config["ops"], lambda _line: None)
        return [outcome["key"] for outcome in metadata[OUTCOMES]]


def find(target: Target, instance: dg.DagsterInstance) -> dict[str, Any]:
    return run_job("find_expired_demos", target, instance, {}, lambda _line: None)


def test_expired_demos_are_removed_a_few_a_tick_and_a_refused_one_again_on_the_next_day(
    target: Target,
    instance: dg.DagsterInstance,
    home: Path,
    wait: Callable[[timedelta], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PROVISIONING_REMOVALS_PER_TICK", "2")
    make_demo(target, instance, MADE_ON.date())
    for key in ("b_com", "c_com", "stays_com"):
        days = 90 if key == "stays_com" else 10
        target.store.write(key, build_request(key, {"ttl_days": days}, today=MADE_ON.date()))
        instance.add_dynamic_partitions("customers", [key])
    daemon = Daemon(target, instance)
    assert find(target, instance)["expired"] == []
    assert daemon.tick() == []
    wait(timedelta(days=30))
    assert find(target, instance)["expired"] == [KEY, "b_com", "c_com"]
    with FileLock(home / "locks" / f"{KEY}.lock"):
        assert daemon.tick() == [KEY, "b_com"]
    find(target, instance)  # by hand, on the same day
    assert daemon.tick() == ["c_com"]
    assert daemon.tick() == []
    assert target.store.customer_keys() == [KEY, "stays_com"]
    wait(timedelta(days=1))
    assert daemon.tick() == []
    assert find(target, instance)["expired"] == [KEY]
    assert daemon.tick() == [KEY]
    assert left_of(target, instance) == []
    assert target.store.customer_keys() == ["stays_com"]
    records = list(AuditTrail(target.store).entries())
    assert [record.key for record in records] == ["b_com", "c_com", KEY]
    assert all(instance.get_run_by_id(run) for record in records for run in record.runs)
    assert DueRemovals(target.store).after("", 10) == []


def test_a_tick_that_is_evaluated_again_requests_the_same(target: Target, instance: dg.DagsterInstance) -> None:
    assert DueRemovals(target.store).note(["a_com", "b_com"]) == ["a_com", "b_com"]
    assert DueRemovals(target.store).note(["a_com", "b_com"]) == []
    context = dg.build_sensor_context(instance=instance, resources={"store": target.store})
    results = [remove_expired_demos(context), remove_expired_demos(context)]
    keys = [
        [request.run_key for request in result.run_requests or []]
        for result in results
        if isinstance(result, dg.SensorResult)
    ]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 2


def test_old_request_files_are_removed_every_night(
    target: Target, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(target.store.root) / "requests"
    folder.mkdir(parents=True)
    for name in ("acme.yaml", "bad.yaml", "waiting.yaml"):
        (folder / name).write_text(name)
    requests = RequestFolder(target.store)
    assert requests.accept("acme.yaml", digest_of(b"acme.yaml"), "Dagster run 1\n")
    requests.reject("bad.yaml", digest_of(b"bad.yaml"), "It is bad.\n")
    requests.reject_line("queue.jsonl", 3, b"{bad", "It is bad, too.\n")
    own = folder / "accepted" / "somebody.pdf"
    own.write_text("of a person")

    def names() -> list[str]:
        return sorted(path.name for path in folder.rglob("*") if path.is_file())

    before = names()
    assert len(before) == 8
    now = datetime.now(UTC)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=REQUESTS_KEPT_DAYS - 1))
    assert find(target, instance)["old request files"] == 0
    assert names() == before
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=REQUESTS_KEPT_DAYS + 1))
    assert find(target, instance)["old request files"] == 3
    assert names() == ["somebody.pdf", "waiting.yaml"]


def test_a_wrong_reason_is_refused_in_plain_words(target: Target, instance: dg.DagsterInstance) -> None:
    config = {"remove_demos": {"config": {"customers": [KEY], "reason": "boredom"}}}
    with pytest.raises(Exception, match="'boredom' is no reason to remove a demo"):
        run_job("cleanup_demos", target, instance, config, lambda _line: None)


def test_schedules_and_sensors_run_unless_somebody_stops_them(target: Target) -> None:
    repository = production_definitions(target).get_repository_def()
    assert {schedule.name: schedule.default_status for schedule in repository.schedule_defs}.items() >= {
        "find_expired_every_night": dg.DefaultScheduleStatus.RUNNING,
        "reconcile_every_night": dg.DefaultScheduleStatus.RUNNING,
    }.items()
    assert {sensor.name: sensor.default_status for sensor in repository.sensor_defs}.items() >= {
        "remove_expired_demos": dg.DefaultSensorStatus.RUNNING,
        "fail_runs_without_process": dg.DefaultSensorStatus.RUNNING,
    }.items()
