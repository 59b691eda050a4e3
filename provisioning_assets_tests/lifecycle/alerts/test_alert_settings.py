"""Where alerts go, as a user configures it: what is accepted, and that no error shows a secret."""

import traceback

import pytest

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.alerts.channels.configured import configured_channels
from provisioning_assets.settings import read_alert_settings, read_settings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALERT_SLACK_WEBHOOK", "http://hooks.slack.com/services/xyzzy"),
        ("ALERT_SLACK_WEBHOOK", "xyzzy"),
        ("ALERT_WEBHOOK", "ftp://example.com/xyzzy"),
        ("ALERT_WEBHOOK", "https://exam ple.com/xyzzy"),
        ("ALERT_WEBHOOK", "https://[::xyzzy"),
        ("ALERT_WEBHOOK", "http://127.0.0.1.example.com/xyzzy"),
        ("ALERT_SMTP", "https://xyzzy@mail.example.com"),
        ("ALERT_SMTP", "smtp://ann:xyzzy@mail.example.com:port"),
        ("ALERT_SMTP", "smtp://ann:xyzzy@mail.example.com/folder"),
        ("ALERT_SMTP", "smtps://ann:xyzzy@"),
        ("ALERT_FROM", "xyzzy"),
        ("ALERT_FROM", "xyzzy@example.com,b@example.com"),
        ("ALERT_TO", "ops@example.com, xyzzy\nBcc: b@example.com"),
        ("ALERT_MESSAGES_AN_HOUR", "0"),
        ("ALERT_DAYS", "xyzzy"),
        ("UI_URL", "javascript:xyzzy"),
        ("UI_URL", "https://ann:xyzzy@dagster.example.com"),
        ("UI_URL", "https://dagster.example.com/|xyzzy>"),
    ],
)
def test_a_value_that_is_not_accepted_is_named_with_what_is_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(f"PROVISIONING_{variable}", value)
    with pytest.raises(ProvisioningError, match=f"PROVISIONING_{variable}") as raised:
        read_alert_settings()
    assert "xyzzy" not in "".join(traceback.format_exception(raised.value))
    assert raised.value.remedy
    read_settings()  # a mistake here stops no demo


@pytest.mark.parametrize(
    ("variable", "value", "channel"),
    [
        ("ALERT_SLACK_WEBHOOK", "https://hooks.slack.com/services/T/B/xyzzy", "slack"),
        ("ALERT_WEBHOOK", "http://localhost:8080/xyzzy", "webhook"),
        ("ALERT_WEBHOOK", "http://[::1]:8080/xyzzy", "webhook"),
        ("ALERT_SMTP", "smtps://ann:xyzzy@mail.example.com:465", "mail"),
        ("ALERT_SMTP", "smtp://mail.example.com", "mail"),
    ],
)
def test_a_channel_is_configured_by_one_variable_and_its_address_is_not_printed(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, channel: str
) -> None:
    monkeypatch.setenv(f"PROVISIONING_{variable}", value)
    monkeypatch.setenv("PROVISIONING_ALERT_FROM", "demos@example.com")
    settings = read_alert_settings()
    [configured] = configured_channels(settings)
    assert configured.name == channel
    for shown in (repr(settings), str(settings), settings.model_dump_json(), repr(vars(configured))):
        assert "xyzzy" not in shown


def test_mail_needs_a_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISIONING_ALERT_SMTP", "smtps://ann:xyzzy@mail.example.com")
    with pytest.raises(ProvisioningError, match="PROVISIONING_ALERT_FROM"):
        read_alert_settings()


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALERT_SMTP", "ALERT_WEBHOOK", "ALERT_FROM", "ALERT_MESSAGES_AN_HOUR", "UI_URL"):
        monkeypatch.setenv(f"PROVISIONING_{name}", "")
    settings = read_alert_settings()
    assert configured_channels(settings) == []
    assert settings.ui_url == "http://127.0.0.1:3000"
