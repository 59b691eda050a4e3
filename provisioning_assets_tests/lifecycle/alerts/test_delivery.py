"""From the outbox to the channels: what is sent, when it is tried again, and what is left when something breaks in the middle."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from provisioning_assets import clock
from provisioning_assets.lifecycle.alerts.channels.channel import Channel
from provisioning_assets.lifecycle.alerts.channels.configured import configured_channels
from provisioning_assets.lifecycle.alerts.delivery import MOST_REFUSALS, Delivery, deliver
from provisioning_assets.lifecycle.alerts.models import Alert
from provisioning_assets.lifecycle.alerts.outbox import DELIVERED, AlertOutbox
from provisioning_assets.settings import AlertSettings
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.lifecycle.alerts.receivers import HttpReceiver, MailReceiver
from provisioning_assets_tests.lifecycle.alerts.test_channels import alert, closed_port

BEGAN = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)


class Desk:
    """A store with its outbox, and a clock that the test moves."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = DemoStore(root=str(folder))
        self.outbox = AlertOutbox(self.store)
        self.now = BEGAN
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def put(self, *alerts: Alert) -> None:
        for each in alerts:
            assert self.outbox.put(each)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def deliver(self, settings: AlertSettings, channels: list[Channel] | None = None) -> Delivery:
        return deliver(self.store, configured_channels(settings) if channels is None else channels, settings)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def webhook(http: HttpReceiver, **more: object) -> AlertSettings:
    return AlertSettings.model_validate({"alert_webhook": http.address(), **more})


def events(http: HttpReceiver) -> list[str]:
    return [found["event"] for found in http.all_alerts()]


def test_several_alerts_make_one_message_and_are_not_sent_again(desk: Desk, http: HttpReceiver) -> None:
    desk.put(alert("run-1"), alert("run-2"), alert("run-3"))
    assert desk.deliver(webhook(http)) == Delivery(messages=1, delivered=3, waiting=0)
    desk.later(minutes=1)
    assert desk.deliver(webhook(http)) == Delivery()
    assert [len(document["alerts"]) for document in http.posted] == [3]
    assert not desk.outbox.put(alert("run-1"))


def test_each_owner_gets_one_mail_with_the_alerts_of_that_owner(desk: Desk, smtp: MailReceiver) -> None:
    settings = AlertSettings.model_validate({"alert_smtp": smtp.address(), "alert_from": "demos@example.com"})
    desk.put(alert("run-1"), alert("run-2", owner="bob@example.com"), alert("run-3"), alert("run-4", owner=""))
    done = desk.deliver(settings)
    assert sorted(received["To"] for _, received in smtp.mails) == ["ann@example.com", "bob@example.com"]
    assert (done.delivered, done.waiting) == (3, 1)
    assert "PROVISIONING_ALERT_TO" in done.told()
    desk.deliver(settings.model_copy(update={"alert_to": "ops@example.com"}))
    assert smtp.mails[-1][1]["To"] == "ops@example.com"
    assert desk.outbox.count() == 0


def test_a_channel_that_fails_is_tried_again_later_each_time_and_nothing_is_lost(
    desk: Desk, http: HttpReceiver
) -> None:
    http.answer(500, times=3)
    desk.put(alert("run-1"))
    tried = []
    for minute in range(12):
        before = len(http.paths)
        done = desk.deliver(webhook(http))
        tried += [minute] if len(http.paths) > before else []
        assert done.waiting or minute == 7
        if not done.waiting:
            break
        assert "500" in done.told()
        desk.later(minutes=1)
    assert tried == [0, 1, 3, 7]
    assert events(http) == ["run-1"]


def test_a_channel_that_asks_for_time_gets_it(desk: Desk, http: HttpReceiver) -> None:
    http.answer(429, retry_after="1800")
    desk.put(alert("run-1"))
    desk.deliver(webhook(http))
    desk.later(minutes=29)
    desk.deliver(webhook(http))
    assert len(http.paths) == 1
    desk.later(minutes=1)
    assert desk.deliver(webhook(http)).delivered == 1


def test_a_dead_channel_hinders_no_other_and_gets_what_it_missed(
    desk: Desk, http: HttpReceiver, smtp: MailReceiver
) -> None:
    dead = {"alert_slack_webhook": f"http://127.0.0.1:{closed_port()}/services/x"}
    both = webhook(http, **dead, alert_smtp=smtp.address(), alert_from="demos@example.com")
    desk.put(alert("run-1"))
    done = desk.deliver(both)
    assert (done.messages, done.waiting) == (2, 1)
    assert "slack" in done.told()
    desk.later(minutes=5)
    desk.deliver(both)
    assert events(http) == ["run-1"]
    assert len(smtp.mails) == 1
    desk.later(hours=2)
    repaired = both.model_copy(update={"alert_slack_webhook": SecretStr(http.address("/slack"))})
    assert desk.deliver(repaired).delivered == 1
    assert http.paths.count("/slack") == 1
    assert len(smtp.mails) == 1


def test_a_channel_gets_so_many_messages_an_hour_and_the_rest_in_one(desk: Desk, http: HttpReceiver) -> None:
    settings, done = webhook(http, alert_messages_an_hour=3), Delivery()
    for minute in range(10):
        desk.put(alert(f"run-{minute}"))
        done = desk.deliver(settings)
        desk.later(minutes=1)
    assert [len(document["alerts"]) for document in http.posted] == [1, 1, 1]
    assert done.waiting == 7
    assert "limit" in done.told()
    desk.later(hours=1)
    assert desk.deliver(settings).waiting == 0
    assert [len(document["alerts"]) for document in http.posted] == [1, 1, 1, 7]


def test_an_alert_that_a_channel_does_not_accept_does_not_stop_the_others(desk: Desk, http: HttpReceiver) -> None:
    http.refused_word = "run-2"
    desk.put(alert("run-1"), alert("run-2"), alert("run-3"))
    done = desk.deliver(webhook(http))
    assert events(http) == ["run-1", "run-3"]
    assert (done.delivered, done.waiting) == (2, 1)
    for _ in range(40):
        desk.later(minutes=30)
        desk.deliver(webhook(http))
    # The group, its three alerts, and the further attempts for the one.
    assert len(http.paths) == 4 + MOST_REFUSALS - 1
    desk.put(alert("run-4"))
    desk.deliver(webhook(http))
    assert events(http) == ["run-1", "run-3", "run-4"]


def test_without_a_channel_alerts_wait_for_one_and_not_for_ever(desk: Desk, http: HttpReceiver) -> None:
    nothing = AlertSettings.model_validate({"alert_days": 7})
    desk.put(alert("run-1"), alert("run-2", at=BEGAN + timedelta(days=5)))
    assert "No channel is configured" in desk.deliver(nothing).told()
    desk.later(days=8)
    done = desk.deliver(nothing)
    assert done.waiting == 1
    assert "removed" in done.told()
    assert desk.deliver(webhook(http, alert_days=7)).delivered == 1
    assert events(http) == ["run-2"]


def test_records_of_what_was_delivered_are_removed_in_time(desk: Desk, http: HttpReceiver, tmp_path: Path) -> None:
    settings = webhook(http, alert_days=7)
    desk.put(alert("run-1"))
    desk.deliver(settings)
    desk.later(days=6)
    desk.deliver(settings)
    assert len(list((tmp_path / DELIVERED).iterdir())) == 1
    desk.later(days=2)
    desk.deliver(settings)
    assert list((tmp_path / DELIVERED).iterdir()) == []
    assert list((tmp_path / ".alerts" / "sent_by_channel").iterdir()) == []


def test_what_was_sent_before_the_process_was_killed_is_not_sent_again(
    desk: Desk, http: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put(alert("run-1"))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(AlertOutbox, "mark_delivered", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.deliver(webhook(http))
    assert desk.deliver(webhook(http)).delivered == 1
    assert len(http.posted) == 1


def test_a_file_that_stayed_behind_after_its_delivery_is_removed(
    desk: Desk, tmp_path: Path, http: HttpReceiver
) -> None:
    desk.put(alert("run-1"))
    [waiting] = (tmp_path / ".alerts" / "waiting").iterdir()
    content = waiting.read_bytes()
    desk.deliver(webhook(http))
    waiting.write_bytes(content)
    desk.later(minutes=1)
    assert desk.deliver(webhook(http)).waiting == 0
    assert not waiting.exists()
    assert len(http.posted) == 1


def test_a_record_that_is_damaged_stops_nothing(desk: Desk, tmp_path: Path, http: HttpReceiver) -> None:
    channels = tmp_path / ".alerts" / "channels"
    channels.mkdir(parents=True)
    (channels / "webhook.json").write_text("{")
    desk.put(alert("run-1"))
    assert desk.deliver(webhook(http)).delivered == 1


def test_many_alerts_are_divided_into_messages_that_can_be_read(desk: Desk, http: HttpReceiver) -> None:
    desk.put(*(alert(f"run-{number}") for number in range(45)))
    desk.deliver(webhook(http))
    assert [len(document["alerts"]) for document in http.posted] == [20, 20, 5]
