"""The outbox of alerts: a folder of the store with one file an alert.

Whoever finds something writes it here and goes on; a sensor delivers it, so that nothing waits for a mail server. An alert of
an event that was delivered is not taken again while its record is kept.
"""

from datetime import datetime

from pydantic import ValidationError

from provisioning_assets.lifecycle.alerts.models import Alert
from provisioning_assets.record_folder import RecordFolder
from provisioning_assets.stored_demos import StoredDemos

WAITING = ".alerts/waiting"
DELIVERED = ".alerts/delivered"


class AlertOutbox:
    """The alerts of one store.

    Args:
        store: the store whose demos they are about.
    """

    def __init__(self, store: StoredDemos) -> None:
        self._waiting = RecordFolder(store.base() / WAITING)
        self._delivered = RecordFolder(store.base() / DELIVERED)

    def put(self, alert: Alert) -> bool:
        """Take an alert for delivery.

        Returns:
            whether it was taken; False if the same event waits already or was delivered.
        """
        name = f"{alert.id}.json"
        if self._delivered.read(name) is not None:
            return False
        return self._waiting.create(name, alert.model_dump_json(indent=1).encode())

    def count(self) -> int:
        """Return how many files wait, without reading them."""
        return len(self._waiting.names())

    def waiting(self) -> list[Alert]:
        """Return the alerts that wait for delivery, oldest first. A file that is no alert is left out.

        One that was delivered and not yet removed, because the process was killed between the two, is removed now.
        """
        names = self._waiting.names()
        delivered = set(self._delivered.names()) if names else set()
        found: list[Alert] = []
        for name in names:
            if name in delivered:
                self._waiting.remove(name)
                continue
            alert = _alert(self._waiting.read(name))
            found += [alert] if alert is not None else []
        return sorted(found, key=lambda alert: (alert.at, alert.id))

    def mark_delivered(self, alert: Alert) -> None:
        """Note that an alert has reached its reader. It is noted before it leaves the outbox, so that a kill loses nothing."""
        name = f"{alert.id}.json"
        self._delivered.write(name, alert.model_dump_json(indent=1).encode())
        self._waiting.remove(name)

    def give_up(self, alert: Alert) -> None:
        """Remove an alert that waited too long. The same event is taken again if it is found again."""
        self._waiting.remove(f"{alert.id}.json")

    def forget_delivered(self, before: datetime) -> int:
        """Remove the records of delivered alerts about earlier events, and those that are no alert.

        Returns:
            how many were removed.
        """
        removed = 0
        for name in self._delivered.names():
            alert = _alert(self._delivered.read(name))
            if alert is None or alert.at < before:
                self._delivered.remove(name)
                removed += 1
        return removed


def _alert(content: bytes | None) -> Alert | None:
    """Return the alert of a file; None if there is no such file, or it is no alert."""
    try:
        return None if content is None else Alert.model_validate_json(content)
    except ValidationError:
        return None
