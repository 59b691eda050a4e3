"""The outbox of alerts: a folder of the store with one file an alert.

Whoever finds something writes it here and goes on; a sensor delivers it, so that nothing waits for a mail server. An alert of
an event that was delivered is not taken again.
"""

from pydantic import ValidationError

from provisioning_assets.lifecycle.alerts.models import Alert
from provisioning_assets.record_folder import RecordFolder
from provisioning_assets.store import DemoStore

WAITING = ".alerts/waiting"
DELIVERED = ".alerts/delivered"


class AlertOutbox:
    """The alerts of one store.

    Args:
        store: the store whose demos they are about.
    """

    def __init__(self, store: DemoStore) -> None:
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

    def waiting(self) -> list[Alert]:
        """Return the alerts that wait for delivery, oldest first. A file that is no alert is left out."""
        found: list[Alert] = []
        for name in self._waiting.names():
            content = self._waiting.read(name)
            try:
                found += [Alert.model_validate_json(content)] if content is not None else []
            except ValidationError:
                continue
        return sorted(found, key=lambda alert: (alert.at, alert.id))

    def mark_delivered(self, alert: Alert) -> None:
        """Note that an alert has reached its reader. It is noted before it leaves the outbox, so that a kill loses nothing."""
        name = f"{alert.id}.json"
        self._delivered.write(name, alert.model_dump_json(indent=1).encode())
        self._waiting.remove(name)
