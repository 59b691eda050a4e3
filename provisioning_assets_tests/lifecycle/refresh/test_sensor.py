"""The sensor asks for the runs that are due, on a real instance and store, once for each demo and day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets import clock
from provisioning_assets.content.models import DemoScorecard
from provisioning_assets.customers import build_request
from provisioning_assets.definitions import defs
from provisioning_assets.lifecycle.refresh import sensors
from provisioning_assets.lifecycle.refresh.sensors import refresh_demos
from provisioning_assets.store import DemoStore

MADE = date(2026, 3, 1)


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    return DemoStore(root=str(tmp_path / "store"))


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as found:
        yield found


def make(store: DemoStore, key: str, made: date = MADE, **asked: object) -> None:
    """Put a finished demo into the store."""
    store.write(key, build_request(key, asked, today=made))
    scorecard = DemoScorecard(
        key=key, company_name=key, industry="saas", blueprint="saas", ready=True, reasons=[], figures=[], as_of=made,
        created_at=datetime(made.year, made.month, made.day, tzinfo=UTC), expires_on=made + timedelta(days=30),
    )  # fmt: skip
    store.write(key, scorecard)


def tick(store: DemoStore, instance: dg.DagsterInstance) -> dg.SensorResult | dg.SkipReason:
    result = refresh_demos(dg.build_sensor_context(instance=instance, definitions=defs), store=store)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


def asked_for(result: dg.SensorResult | dg.SkipReason) -> list[str | None]:
    return (
        [request.partition_key for request in result.run_requests or []] if isinstance(result, dg.SensorResult) else []
    )


def launch(result: dg.SensorResult | dg.SkipReason, instance: dg.DagsterInstance) -> None:
    """Record the runs as Dagster's daemon does, waiting in the queue."""
    assert isinstance(result, dg.SensorResult)
    for request in result.run_requests or []:
        instance.create_run_for_job(
            defs.resolve_job_def("provision_demo"),
            status=dg.DagsterRunStatus.NOT_STARTED,
            tags={**request.tags, "dagster/partition": str(request.partition_key)},
        )


def test_weeks_pass_and_each_demo_is_asked_for_once_a_week(
    store: DemoStore, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(store, "a_com", ttl_days=30)
    make(store, "b_com", MADE + timedelta(days=1), ttl_days=30)
    make(store, "fixed_com", ttl_days=30, as_of="2026-02-01")
    make(store, "short_com", ttl_days=7)
    instance.add_dynamic_partitions("customers", ["a_com"])

    def on_day(days: int) -> dg.SensorResult | dg.SkipReason:
        monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 1, 6, tzinfo=UTC) + timedelta(days=days))
        return tick(store, instance)

    assert isinstance(on_day(6), dg.SkipReason)
    seventh = on_day(7)
    assert asked_for(seventh) == ["a_com"]
    launch(seventh, instance)
    assert isinstance(tick(store, instance), dg.SkipReason)  # the run waits
    eighth = on_day(8)
    assert asked_for(eighth) == ["b_com"]  # a_com still waits in the queue
    assert isinstance(eighth, dg.SensorResult)
    assert [request.partition_keys for request in eighth.dynamic_partitions_requests or []] == [["b_com"]]
    [request] = eighth.run_requests or []
    assert "2026-03-09" in str(request.run_key)
    dg.validate_run_config(defs.resolve_job_def("provision_demo"), request.run_config)


def test_the_budget_of_a_tick_and_of_a_day_is_kept(
    store: DemoStore, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 10, tzinfo=UTC))
    monkeypatch.setattr(sensors, "A_TICK", 2)
    monkeypatch.setenv("PROVISIONING_REFRESHES_A_DAY", "3")
    for number in range(5):
        make(store, f"c{number}_com")
    first = tick(store, instance)
    launch(first, instance)
    second = tick(store, instance)
    launch(second, instance)
    assert (len(asked_for(first)), len(asked_for(second))) == (2, 1)
    assert not set(asked_for(first)) & set(asked_for(second))
    third = tick(store, instance)
    assert isinstance(third, dg.SkipReason)
    assert "PROVISIONING_REFRESHES_A_DAY" in str(third.skip_message)
    monkeypatch.setenv("PROVISIONING_REFRESH_DAYS", "0")
    off = tick(store, instance)
    assert isinstance(off, dg.SkipReason)
    assert "PROVISIONING_REFRESH_DAYS" in str(off.skip_message)


def test_a_demo_that_somebody_makes_at_the_moment_is_left_alone(
    store: DemoStore, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 10, tzinfo=UTC))
    make(store, "a_com")
    instance.create_run_for_job(
        defs.resolve_job_def("provision_demo"),
        status=dg.DagsterRunStatus.STARTED,
        tags={"dagster/partition": "a_com"},
    )
    assert isinstance(tick(store, instance), dg.SkipReason)


def test_the_sensor_is_loaded_and_runs_by_itself() -> None:
    sensor = defs.resolve_sensor_def("refresh_demos")
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    assert sensor.job_name == "provision_demo"
