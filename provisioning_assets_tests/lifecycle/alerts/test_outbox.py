"""The outbox of alerts."""

from datetime import UTC, datetime
from pathlib import Path

from provisioning_assets.lifecycle.alerts.models import Alert, AlertKind
from provisioning_assets.lifecycle.alerts.outbox import WAITING, AlertOutbox
from provisioning_assets.store import DemoStore


def failed(run: str, minute: int = 0) -> Alert:
    return Alert(
        kind=AlertKind.RUN_FAILED,
        event=run,
        at=datetime(2026, 6, 1, 9, minute, tzinfo=UTC),
        customer="acme_com",
        cause="The website cannot be read.",
        remedy="Save its pages.",
    )


def test_the_same_event_is_taken_once_also_after_its_delivery(tmp_path: Path) -> None:
    outbox = AlertOutbox(DemoStore(root=str(tmp_path)))
    assert outbox.put(failed("run-2", 5))
    assert outbox.put(failed("run-1"))
    assert not outbox.put(failed("run-1", 9))
    assert [alert.event for alert in outbox.waiting()] == ["run-1", "run-2"]
    outbox.mark_delivered(failed("run-1"))
    assert not outbox.put(failed("run-1"))
    assert [alert.event for alert in outbox.waiting()] == ["run-2"]


def test_a_file_that_is_no_alert_stops_nothing(tmp_path: Path) -> None:
    outbox = AlertOutbox(DemoStore(root=str(tmp_path)))
    outbox.put(failed("run-1"))
    (tmp_path / WAITING / "other.json").write_text("{")
    assert [alert.event for alert in outbox.waiting()] == ["run-1"]
