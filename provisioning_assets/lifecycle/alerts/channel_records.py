"""What is remembered about each channel: what it has sent, and when it is tried again. Without any address."""

from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import Field, ValidationError

from provisioning_assets.artefact import Document
from provisioning_assets.lifecycle.alerts.models import Alert
from provisioning_assets.record_folder import RecordFolder
from provisioning_assets.store import DemoStore

CHANNELS = ".alerts/channels"
SENT_BY_CHANNEL = ".alerts/sent_by_channel"
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
"""Between two attempts: the wait doubles from the first to this. A channel that is repaired is used again within the hour."""
HOUR = timedelta(hours=1)

Kind = TypeVar("Kind", bound=Document)


class ChannelState(Document):
    """How one channel does."""

    sent_at: list[datetime] = Field(default_factory=list, description="of the messages of the last hour")
    failures: int = Field(default=0, description="attempts that failed since the last that did not")
    not_before: datetime | None = Field(default=None, description="when it is tried again; null: at once")
    said: str = Field(default="", description="why the last attempt failed")


class SentByChannel(Document):
    """How far one alert is with one channel, while it waits for the other channels."""

    sent: bool = False
    refusals: int = Field(
        default=0, description="attempts at which the channel refused this alert, while it took others"
    )
    not_before: datetime | None = None


class Day(Document):
    """When the records were last tidied."""

    tidied_at: datetime


class ChannelRecords:
    """The records of one store.

    Args:
        store: the store whose alerts the channels send.
    """

    def __init__(self, store: DemoStore) -> None:
        self._channels = RecordFolder(store.base() / CHANNELS)
        self._alerts = RecordFolder(store.base() / SENT_BY_CHANNEL)

    def channel(self, name: str) -> ChannelState:
        """Return how a channel does; one without a readable record was never used."""
        return _read(self._channels, f"{name}.json", ChannelState) or ChannelState()

    def write_channel(self, name: str, state: ChannelState) -> None:
        """Remember how a channel does."""
        self._channels.write(f"{name}.json", state.model_dump_json().encode())

    def all_sent(self) -> dict[str, SentByChannel]:
        """Return the record of every alert that some channels still have to send: ``<id>.<channel>.json`` -> record."""
        found = {name: _read(self._alerts, name, SentByChannel) for name in self._alerts.names()}
        return {name: record for name, record in found.items() if record is not None}

    def write_sent(self, alert: Alert, channel: str, record: SentByChannel) -> None:
        """Remember how far an alert is with a channel."""
        self._alerts.write(sent_name(alert, channel), record.model_dump_json().encode())

    def forget_alerts(self, ids: set[str], *, kept: bool = False) -> None:
        """Remove the records of these alerts; with ``kept``, those of all others."""
        for name in self._alerts.names():
            if (name.partition(".")[0] in ids) is not kept:
                self._alerts.remove(name)

    def tidied_at(self) -> datetime | None:
        """Return when the records were last tidied; None: never."""
        day = _read(self._channels, "tidied.json", Day)
        return day.tidied_at if day else None

    def write_tidied(self, now: datetime) -> None:
        """Remember that the records were tidied."""
        self._channels.write("tidied.json", Day(tidied_at=now).model_dump_json().encode())


def sent_name(alert: Alert, channel: str) -> str:
    """Return the name of the record of an alert and a channel."""
    return f"{alert.id}.{channel}.json"


def wait_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: one minute, doubled each time, at most an hour."""
    return min(FIRST_WAIT * 2 ** min(max(failures, 1) - 1, 20), LONGEST_WAIT)


def _read(folder: RecordFolder, name: str, kind: type[Kind]) -> Kind | None:
    content = folder.read(name)
    try:
        return None if content is None else kind.model_validate_json(content)
    except ValidationError:
        return None
