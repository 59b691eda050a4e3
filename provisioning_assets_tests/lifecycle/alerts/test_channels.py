"""Each channel, with servers of this machine that behave and misbehave as real ones."""

import logging
import socket
import time
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from provisioning_assets.lifecycle.alerts.channels import channel as channel_module
from provisioning_assets.lifecycle.alerts.channels import http_post
from provisioning_assets.lifecycle.alerts.channels.channel import DeliveryError
from provisioning_assets.lifecycle.alerts.channels.mail import MailChannel, mail_of
from provisioning_assets.lifecycle.alerts.channels.slack import SlackChannel
from provisioning_assets.lifecycle.alerts.channels.webhook import WebhookChannel
from provisioning_assets.lifecycle.alerts.models import Alert, AlertKind
from provisioning_assets_tests.lifecycle.alerts.receivers import HttpReceiver, MailReceiver

SECRET_PATH = "/services/T0SECRET/B0SECRET/xyzzy"
PASSWORD = "pass word/hunter2"


def alert(event: str = "run-1", **changed: object) -> Alert:
    given = {
        "kind": AlertKind.RUN_FAILED,
        "event": event,
        "at": datetime(2026, 6, 1, 9, tzinfo=UTC),
        "customer": "acme_com",
        "owner": "ann@example.com",
        "stage": "customer_website",
        "cause": "The website cannot be read.",
        "remedy": "Save its pages.",
        "link": "http://127.0.0.1:3000/runs/run-1",
    }
    return Alert.model_validate({**given, **changed})


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def slack(http: HttpReceiver, path: str = SECRET_PATH) -> SlackChannel:
    return SlackChannel(SecretStr(http.address(path)))


# --- Slack and webhooks -------------------------------------------------------------------------------------------


def test_slack_gets_one_text_that_says_who_what_why_and_what_to_do(http: HttpReceiver) -> None:
    slack(http).send("", [alert(), alert("run-2", customer="bolt_com")])
    [document] = http.posted
    for words in (
        "acme_com",
        "bolt_com",
        "customer_website",
        "cannot be read",
        "Save its pages",
        "ann@example.com",
        "/runs/",
    ):
        assert words in document["text"]
    assert http.paths == [SECRET_PATH]


def test_words_of_others_make_no_markup_and_mention_nobody_in_slack(http: HttpReceiver) -> None:
    slack(http).send(
        "", [alert(cause="<!channel> <https://evil.example|click> & more\n*Run failed*\x1b[2J", customer="a<b")]
    )
    text = http.posted[0]["text"]
    assert "<" not in text
    assert ">" not in text
    assert "&lt;!channel&gt;" in text
    assert "&amp; more" in text
    assert "\n*Run failed*" not in text
    assert "\x1b" not in text
    assert not http.posted[0]["unfurl_links"]


def test_a_webhook_gets_the_alerts_as_they_are(http: HttpReceiver) -> None:
    WebhookChannel(SecretStr(http.address())).send("", [alert(), alert("run-2")])
    [document] = http.posted
    assert [found["event"] for found in document["alerts"]] == ["run-1", "run-2"]
    sent = {**document["alerts"][0]}
    assert sent.pop("id") == alert().id
    assert Alert.model_validate(sent) == alert()


@pytest.mark.parametrize(
    ("status", "refused"), [(400, True), (404, False), (403, False), (429, False), (500, False), (503, False)]
)
def test_an_answer_is_told_as_a_fault_of_the_message_or_of_the_channel(
    http: HttpReceiver, status: int, refused: bool
) -> None:
    http.answer(status, retry_after="120")
    with pytest.raises(DeliveryError, match=str(status)) as raised:
        slack(http).send("", [alert()])
    assert raised.value.refused is refused
    assert raised.value.wait_seconds == (None if refused else 120.0)


@pytest.mark.parametrize(("asked", "longest"), [("999999999", 86_400.0), ("-5", 0.0), ("nan", None), ("soon", None)])
def test_a_senseless_wait_is_not_obeyed(http: HttpReceiver, asked: str, longest: float | None) -> None:
    http.answer(429, retry_after=asked)
    with pytest.raises(DeliveryError) as raised:
        slack(http).send("", [alert()])
    assert raised.value.wait_seconds == longest


def test_a_redirect_is_not_followed(http: HttpReceiver) -> None:
    http.answer(307, location=http.address("/elsewhere"))
    with pytest.raises(DeliveryError, match="redirect"):
        slack(http).send("", [alert()])
    assert http.paths == [SECRET_PATH]


def test_a_server_that_sends_byte_by_byte_does_not_hold_up_the_sensor(
    http: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_post, "SECONDS_A_CALL", 1.0)
    http.seconds_between_bytes = 0.1  # 20 s in all; each read waits 0.1 s only
    began = time.monotonic()
    with pytest.raises(DeliveryError, match="did not answer"):
        slack(http).send("", [alert()])
    assert time.monotonic() - began < 5


def test_the_time_limit_fits_into_a_tick() -> None:
    assert channel_module.SECONDS_A_CALL * 2 < 60


# --- mail ---------------------------------------------------------------------------------------------------------


def mail(smtp: MailReceiver, operators: str = "ops@example.com", user: str = "") -> MailChannel:
    address = smtp.address(user, "pass%20word%2Fhunter2" if user else "")
    return MailChannel(SecretStr(address), "demos@example.com", operators)


def test_a_mail_goes_to_the_owner_with_a_copy_to_the_operators(smtp: MailReceiver) -> None:
    channel = mail(smtp)
    channel.send(channel.recipient(alert()) or "", [alert(cause="Straße ist zu kurz.")])
    [(recipients, received)] = smtp.mails
    assert recipients == ["ann@example.com", "ops@example.com"]
    assert received["To"] == "ann@example.com"
    assert received["From"] == "demos@example.com"
    assert received["Subject"] == "Run failed: acme_com"
    body = received.get_content()
    for words in ("Straße ist zu kurz.", "Save its pages.", "customer_website", "http://127.0.0.1:3000/runs/run-1"):
        assert words in body


@pytest.mark.parametrize(
    "owner", ["", "ann", "ann@example.com\r\nBcc: all@example.com", "a@b.de,c@d.de", "Ann <a@b.de>"]
)
def test_without_a_usable_owner_the_operators_get_it(smtp: MailReceiver, owner: str) -> None:
    assert mail(smtp).recipient(alert(owner=owner)) == "ops@example.com"
    assert mail(smtp, "").recipient(alert(owner=owner)) is None


def test_words_of_others_add_no_header(smtp: MailReceiver) -> None:
    hostile = "acme\r\nBcc: all@example.com\r\n\r\n<b>hello</b>\r\n.\r\nMAIL FROM:<x@y.z>"
    channel = mail(smtp)
    channel.send("ann@example.com", [alert(customer=hostile, cause=hostile, remedy=hostile)])
    [(recipients, received)] = smtp.mails
    assert recipients == ["ann@example.com", "ops@example.com"]
    assert received["Bcc"] is None
    assert "\n" not in received["Subject"]
    assert len(received["Subject"]) <= 110
    assert received.get_content_type() == "text/plain"


def test_the_same_mail_has_the_same_id() -> None:
    one, again = (mail_of([alert()], "demos@example.com", "ann@example.com") for _ in range(2))
    other = mail_of([alert("run-2")], "demos@example.com", "ann@example.com")
    assert one["Message-ID"] == again["Message-ID"] != other["Message-ID"]


def test_an_owner_whom_the_server_refuses_does_not_keep_the_mail_from_the_operators(smtp: MailReceiver) -> None:
    smtp.refused = {"ann@example.com": 550}
    mail(smtp).send("ann@example.com", [alert()])
    assert [recipients for recipients, _ in smtp.mails] == [["ops@example.com"]]


@pytest.mark.parametrize(("code", "refused"), [(550, True), (450, False)])
def test_a_mail_that_nobody_may_get_is_refused_for_good_or_for_now(
    smtp: MailReceiver, code: int, refused: bool
) -> None:
    smtp.refused = {"ann@example.com": code, "ops@example.com": code}
    with pytest.raises(DeliveryError) as raised:
        mail(smtp).send("ann@example.com", [alert()])
    assert raised.value.refused is refused


def test_a_password_with_special_characters_is_used(smtp: MailReceiver) -> None:
    import base64

    mail(smtp, user="demos").send("ann@example.com", [alert()])
    assert [base64.b64decode(login.split()[1]) for login in smtp.logins] == [f"\0demos\0{PASSWORD}".encode()]


def test_a_server_elsewhere_without_encryption_gets_neither_password_nor_mail(
    smtp: MailReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The name of another machine, which leads to the server of this one; it offers no STARTTLS.
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **named: real("127.0.0.1", *rest, **named))
    channel = MailChannel(SecretStr(f"smtp://demos:secret12@mail.example.com:{smtp.port}"), "demos@example.com", "")
    with pytest.raises(DeliveryError, match="STARTTLS"):
        channel.send("ann@example.com", [alert()])
    assert smtp.logins == []
    assert smtp.mails == []


# --- secrets ------------------------------------------------------------------------------------------------------


def test_no_address_and_no_password_reaches_a_log_or_an_error(
    http: HttpReceiver, smtp: MailReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    """Every way to fail, with all libraries logging all they can."""
    caplog.set_level(logging.DEBUG)
    shut = closed_port()
    smtp.accepts_login = False
    http.answer(200)
    http.answer(404)
    http.answer(400)
    http.answer(302, location=http.address(SECRET_PATH))
    addresses = [http.address(SECRET_PATH)] * 4 + [
        f"http://127.0.0.1:{shut}{SECRET_PATH}",
        f"http://x\x00y{SECRET_PATH}",
    ]
    channels = [
        *(SlackChannel(SecretStr(address)) for address in addresses),
        mail(smtp, user="demos"),
        MailChannel(SecretStr(f"smtp://demos:pass%20word%2Fhunter2@127.0.0.1:{shut}"), "demos@example.com", ""),
        MailChannel(SecretStr(f"smtps://demos:pass%20word%2Fhunter2@127.0.0.1:{smtp.port}"), "demos@example.com", ""),
    ]
    said = [repr(channel) + str(vars(channel)) for channel in channels]
    failures = 0
    for channel in channels:
        try:
            channel.send("ann@example.com", [alert()])
        except DeliveryError as error:
            failures += 1
            said += [str(error), repr(error), repr(error.__cause__)]
    assert failures == len(channels) - 1
    everything = "\n".join([*said, *(record.getMessage() for record in caplog.records), caplog.text])
    for secret in ("xyzzy", "T0SECRET", "hunter2", PASSWORD):
        assert secret not in everything
