"""What the sensors make of real runs: each failure becomes an alert with stage, cause and remedy, and no sensor ever fails."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from provisioning_assets.asset_decorators import demo_asset, demo_check
from provisioning_assets.content.models import DemoScorecard
from provisioning_assets.customer_partitions import customers
from provisioning_assets.customers import build_request
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.alerts import sensors
from provisioning_assets.lifecycle.alerts.models import Alert, AlertKind
from provisioning_assets.lifecycle.alerts.outbox import WAITING, AlertOutbox
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.lifecycle.alerts.receivers import HttpReceiver

KEY = "acme_com"


class Way(dg.Config):
    """How the stage ends."""

    ends: str = "well"


@demo_asset(group_name="request", kinds={"json"}, description="A stage that ends as asked.", code_version="1")
def stage(config: Way) -> dg.MaterializeResult[Any]:
    match config.ends:
        case "mistake":
            raise ProvisioningError("The website cannot be read.", "Save its pages.")
        case "crash":
            raise ZeroDivisionError("division of secrets by zero")
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
    return dg.MaterializeResult(metadata={"ends": config.ends})


@demo_check(asset=stage, blocking=True, description="Passes unless the stage says otherwise.")
def holds_together(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    errors = ["the column total is empty", "no row in May"] if context.run.tags.get("check") == "fails" else []
    return dg.AssetCheckResult(passed=not errors, metadata={"errors": errors})


DEFINITIONS = dg.Definitions(
    assets=[stage],
    asset_checks=[holds_together],
    jobs=[dg.define_asset_job("make", dg.AssetSelection.all())],
    executor=dg.in_process_executor,
)


class Location:
    """A Dagster instance with its records in SQLite, a store, and the cursors of the sensors."""

    def __init__(self, instance: dg.DagsterInstance, store: DemoStore) -> None:
        self.instance = instance
        self.store = store
        self._cursors: dict[str, str | None] = {}

    def run(self, ends: str = "well", key: str = KEY, **tags: str) -> str:
        self.instance.add_dynamic_partitions(str(customers.name), [key])
        result = DEFINITIONS.resolve_job_def("make").execute_in_process(
            instance=self.instance,
            partition_key=key,
            raise_on_error=False,
            run_config={
                "ops": {"stage": {"config": {"ends": ends}}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
            tags=tags,
        )
        return result.run_id

    def tick(self, sensor: dg.SensorDefinition) -> Any:
        name = sensor.name
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self._cursors.get(name), resources={"store": self.store}
        )
        found = sensor.evaluate_tick(context)
        self._cursors[name] = found.cursor
        return found

    def waiting(self) -> list[Alert]:
        return AlertOutbox(self.store).waiting()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the instance."""
    return tmp_path_factory.mktemp("dagster_home")


@pytest.fixture(scope="module")
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """One for all tests of this file: to make its tables takes seconds. The sensors of each test begin at its end."""
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        yield instance


@pytest.fixture
def location(instance: dg.DagsterInstance, tmp_path: Path) -> Location:
    here = Location(instance, DemoStore(root=str(tmp_path / "store")))
    for sensor in (sensors.failed_runs, sensors.succeeded_runs, sensors.canceled_runs):
        here.tick(sensor)
    return here


def ask_for_a_demo(store: DemoStore, owner: str = "ann@example.com") -> None:
    store.write(KEY, build_request(KEY, {"owner": owner}, today=date(2026, 6, 1)))


def scorecard(*reasons: str) -> DemoScorecard:
    return DemoScorecard(
        key=KEY,
        company_name="Acme",
        industry="saas",
        blueprint="saas",
        ready=not reasons,
        reasons=list(reasons),
        figures=[],
        created_at=datetime(2026, 6, 1, tzinfo=UTC),
        expires_on=date(2026, 6, 15),
    )


def test_a_users_mistake_is_told_to_the_owner_with_its_remedy(location: Location) -> None:
    ask_for_a_demo(location.store)
    run = location.run("mistake")
    location.tick(sensors.failed_runs)
    [alert] = location.waiting()
    assert (alert.kind, alert.customer, alert.owner) == (AlertKind.RUN_FAILED, KEY, "ann@example.com")
    assert (alert.stage, alert.cause, alert.remedy) == ("stage", "The website cannot be read.", "Save its pages.")
    assert alert.link == f"http://127.0.0.1:3000/runs/{run}"


def test_an_unexpected_error_is_told_by_its_class_and_message_without_a_stack(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONING_UI_URL", "https://dagster.example.com/")
    run = location.run("crash")
    location.tick(sensors.failed_runs)
    [alert] = location.waiting()
    assert "ZeroDivisionError: division of secrets by zero" in alert.cause
    assert alert.stage == "stage"
    assert "Run it again" in alert.remedy
    assert alert.link == f"https://dagster.example.com/runs/{run}"
    for word in ("Traceback", "File ", ".py"):
        assert word not in alert.model_dump_json()


def test_a_blocking_check_is_told_with_what_it_found(location: Location) -> None:
    location.run(check="fails")
    location.tick(sensors.failed_runs)
    [alert] = location.waiting()
    assert alert.stage == "stage"
    assert "holds_together failed" in alert.cause
    assert "the column total is empty; no row in May" in alert.cause


def test_a_run_whose_process_died_is_told(location: Location, home: Path) -> None:
    """The process is killed in the middle of the stage; Dagster then records the run as failed, as its daemon does."""
    script = (
        "import dagster as dg; from provisioning_assets_tests.lifecycle.alerts.test_sensors import Location; "
        "from provisioning_assets.store import DemoStore\n"
        f"with dg.DagsterInstance.local_temp({str(home)!r}) as instance:\n"
        "    Location(instance, DemoStore(root='unused')).run('killed')"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert process.returncode == -signal.SIGKILL, process.stderr
    [run] = location.instance.get_runs(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    location.instance.report_run_failed(run, "Run process exited with exit code -9 (SIGKILL).")
    location.tick(sensors.failed_runs)
    [alert] = location.waiting()
    assert "SIGKILL" in alert.cause
    assert "memory" in alert.remedy


@pytest.mark.parametrize("key", ["../../etc", "acme com\nBcc: x@y.z", "<!channel>"])
def test_a_key_that_is_none_is_told_and_leads_nowhere(location: Location, key: str) -> None:
    location.run("mistake", key=key)
    location.tick(sensors.failed_runs)
    [alert] = location.waiting()
    assert (alert.customer, alert.owner) == (key, "")


def test_each_run_is_told_once_also_those_of_a_busy_night(location: Location) -> None:
    runs = {location.run("mistake") for _ in range(7)}
    for _ in range(3):
        location.tick(sensors.failed_runs)
    assert {alert.event for alert in location.waiting()} == runs


def test_a_run_that_dagster_starts_again_by_itself_is_not_told(location: Location) -> None:
    location.run("mistake", **{"dagster/will_retry": "true"})
    location.tick(sensors.failed_runs)
    assert location.waiting() == []


def test_a_store_that_fails_once_loses_no_alert(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = AlertOutbox.put, []

    def put(self: AlertOutbox, alert: Alert) -> bool:
        calls.append(alert)
        if len(calls) == 1:
            raise OSError("no connection")
        return real(self, alert)

    monkeypatch.setattr(AlertOutbox, "put", put)
    location.run("mistake")
    location.tick(sensors.failed_runs)
    assert len(location.waiting()) == 1


def test_a_store_that_cannot_be_written_fails_no_sensor_and_is_logged(
    location: Location, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "store").write_text("a file where the store should be")
    run = location.run("mistake")
    location.tick(sensors.failed_runs)
    assert run in caplog.text
    found = location.tick(sensors.send_alerts)
    assert "not delivered" in found.skip_message


def test_wrong_settings_of_alerts_lose_no_alert_and_are_told_by_the_tick(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONING_ALERT_WEBHOOK", "ftp://xyzzy")
    location.run("mistake")
    location.tick(sensors.failed_runs)
    assert len(location.waiting()) == 1
    message = location.tick(sensors.send_alerts).skip_message
    assert "PROVISIONING_ALERT_WEBHOOK" in message
    assert "xyzzy" not in message


def test_what_waits_is_delivered_by_the_sensor_which_requests_no_run(
    location: Location, http: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    location.run("mistake")
    location.tick(sensors.failed_runs)
    assert "No channel is configured" in location.tick(sensors.send_alerts).skip_message
    monkeypatch.setenv("PROVISIONING_ALERT_WEBHOOK", http.address("/xyzzy"))
    http.answer(500)
    message = location.tick(sensors.send_alerts).skip_message
    assert "500" in message
    assert "xyzzy" not in message
    [state] = Path(location.store.root, ".alerts", "channels").glob("webhook.json")
    state.unlink()
    found = location.tick(sensors.send_alerts)
    assert "1 message sent" in found.skip_message
    assert not found.run_requests
    assert [sent["cause"] for sent in http.all_alerts()] == ["The website cannot be read."]
    assert list(Path(location.store.root, WAITING).iterdir()) == []
