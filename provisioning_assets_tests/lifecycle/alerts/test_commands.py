"""``provision alerts``, and what other commands say about alerts."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from provisioning_assets.cli import app
from provisioning_assets.doctor.alerts_and_logs import alerts_finding
from provisioning_assets.doctor.models import State
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.lifecycle.alerts.receivers import HttpReceiver, MailReceiver
from provisioning_assets_tests.lifecycle.alerts.test_channels import alert


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DemoStore:
    monkeypatch.setenv("PROVISIONING_STORE", str(tmp_path))
    return DemoStore(root=str(tmp_path))


def test_a_test_alert_goes_through_every_channel_and_each_answer_is_printed(
    store: DemoStore, http: HttpReceiver, smtp: MailReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONING_ALERT_SLACK_WEBHOOK", http.address("/xyzzy"))
    monkeypatch.setenv("PROVISIONING_ALERT_WEBHOOK", http.address("/json"))
    monkeypatch.setenv("PROVISIONING_ALERT_SMTP", smtp.address())
    monkeypatch.setenv("PROVISIONING_ALERT_FROM", "demos@example.com")
    http.answer(404)
    result = CliRunner().invoke(app, ["alerts", "test", "--owner", "ann@example.com", "--json"])
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert {name: answer["sent"] for name, answer in told.items()} == {"slack": False, "webhook": True, "mail": True}
    assert "404" in told["slack"]["problem"]
    assert "xyzzy" not in result.output
    assert [recipients for recipients, _ in smtp.mails] == [["ann@example.com"]]
    again = CliRunner().invoke(app, ["alerts", "test"])
    assert again.exit_code == 1  # the mail has no recipient
    assert "PROVISIONING_ALERT_TO" in again.stdout
    assert again.stdout.count("sent") == 3
    assert AlertOutbox(store).count() == 0


def test_without_a_channel_the_command_says_how_to_configure_one(store: DemoStore) -> None:
    result = CliRunner().invoke(app, ["alerts", "test"])
    assert isinstance(result.exception, ProvisioningError)
    assert "PROVISIONING_ALERT_SMTP" in result.exception.remedy


def test_what_waits_is_listed_without_markup_of_others(store: DemoStore) -> None:
    AlertOutbox(store).put(alert(cause="[red]It\x1b[2J failed[/red]", customer="[link=x]"))
    result = CliRunner().invoke(app, ["alerts", "list"])
    assert "[red]It" in result.stdout
    assert "\x1b" not in result.stdout
    assert "No channel is configured" in result.stdout
    assert "1 alert not delivered" in CliRunner().invoke(app, ["list"]).stdout
    [waiting] = json.loads(CliRunner().invoke(app, ["alerts", "list", "--json"]).stdout)["waiting"]
    assert waiting["event"] == "run-1"


def test_the_doctor_names_the_channels_and_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no channel" in alerts_finding().found
    monkeypatch.setenv("PROVISIONING_ALERT_SMTP", "smtps://ann:hunter2@mail.example.com")
    monkeypatch.setenv("PROVISIONING_ALERT_FROM", "demos@example.com")
    finding = alerts_finding()
    assert (finding.state, "PROVISIONING_ALERT_TO" in finding.remedy) == (State.WARNING, True)
    monkeypatch.setenv("PROVISIONING_ALERT_SLACK_WEBHOOK", "https://hooks.slack.com/services/xyzzy")
    finding = alerts_finding()
    assert finding.state is State.OK
    assert "slack, mail" in finding.found
    for secret in ("xyzzy", "hunter2", "hooks.slack.com"):
        assert secret not in str(finding)
    monkeypatch.setenv("PROVISIONING_ALERT_SLACK_WEBHOOK", "xyzzy")
    finding = alerts_finding()
    assert finding.state is State.WARNING
    assert "PROVISIONING_ALERT_SLACK_WEBHOOK" in finding.found
    assert "xyzzy" not in str(finding)
