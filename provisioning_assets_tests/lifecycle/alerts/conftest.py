"""Servers that take alerts, and a process whose environment configures no channel."""

import os
from collections.abc import Iterator

import pytest

from provisioning_assets_tests.lifecycle.alerts.receivers import (
    HttpReceiver,
    MailReceiver,
    http_receiver,
    mail_receiver,
)


@pytest.fixture(autouse=True)
def no_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PROVISIONING_ALERT")]:
        monkeypatch.delenv(name)


@pytest.fixture
def http() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


@pytest.fixture
def smtp() -> Iterator[MailReceiver]:
    with mail_receiver() as receiver:
        yield receiver
