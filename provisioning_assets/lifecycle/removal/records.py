"""What is written about removals, in folders of the store beside the customers' own.

``.cleanup/due`` lists the demos that the sensor is to remove, ``.cleanup/started`` the removals that have begun and not ended, and
``.audit`` is the record of removals: a file is added for each one and never changed.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from pydantic import ValidationError

from provisioning_assets import clock
from provisioning_assets.lifecycle.removal.models import DueRemoval, RemovalRecord, StartedRemoval
from provisioning_assets.record_folder import RecordFolder
from provisioning_assets.store import DemoStore

AUDIT = ".audit"
DUE = ".cleanup/due"
STARTED = ".cleanup/started"


class StartedRemovals:
    """The removals that have begun and not ended."""

    def __init__(self, store: DemoStore) -> None:
        self._folder = RecordFolder(store.base() / STARTED)

    def find(self, key: str) -> StartedRemoval | None:
        """Return the customer's removal; None if none has begun."""
        content = self._folder.read(f"{_digest(key)}.json")
        try:
            return None if content is None else StartedRemoval.model_validate_json(content)
        except ValidationError:  # of another version; the removal begins anew
            return None

    def note(self, removal: StartedRemoval) -> None:
        """Write how far a removal is."""
        self._folder.write(f"{_digest(removal.key)}.json", removal.model_dump_json(indent=1).encode())

    def forget(self, key: str) -> None:
        """The customer's removal has ended."""
        self._folder.remove(f"{_digest(key)}.json")

    def all(self) -> list[StartedRemoval]:
        """Return every removal that has begun and not ended. A file that is none is left out."""
        found: list[StartedRemoval] = []
        for name in self._folder.names():
            content = self._folder.read(name)
            try:
                found += [StartedRemoval.model_validate_json(content)] if content is not None else []
            except ValidationError:
                continue
        return found


class DueRemovals:
    """The demos that the sensor is to remove. Names of entries sort by the moment when the demo was found to be due."""

    def __init__(self, store: DemoStore) -> None:
        self._folder = RecordFolder(store.base() / DUE)

    def note(self, keys: Iterable[str]) -> list[str]:
        """Note which demos are due. The folder is listed once.

        An entry of an earlier day is replaced, so that a removal that failed or was refused is tried again.

        Args:
            keys: of the customers.

        Returns:
            the keys that were noted: those without an entry of the present day.
        """
        earlier: dict[str, list[str]] = {}
        for name in self._folder.names():
            earlier.setdefault(name.partition("-")[2], []).append(name)
        noted: list[str] = []
        for key in keys:
            now = clock.now()
            ending = f"{_digest(key)}.json"
            names = earlier.get(ending, [])
            if any(name.startswith(f"{now:%Y%m%d}T") for name in names):
                continue
            due = DueRemoval(key=key, found_at=now)
            self._folder.write(f"{_moment_text(now)}-{ending}", due.model_dump_json(indent=1).encode())
            for name in names:
                self._folder.remove(name)
            noted.append(key)
        return noted

    def forget(self, key: str) -> None:
        """The demo is not due any more: it is removed, or kept longer."""
        for name in self._names_of(key):
            self._folder.remove(name)

    def after(self, name: str, most: int) -> list[tuple[str, DueRemoval]]:
        """Return the next entries.

        Args:
            name: the entry that was handed out last; empty: from the first one.
            most: the largest number of entries.
        """
        found: list[tuple[str, DueRemoval]] = []
        for later in (each for each in self._folder.names() if each > name):
            if len(found) == most:
                break
            content = self._folder.read(later)
            try:
                found += [(later, DueRemoval.model_validate_json(content))] if content is not None else []
            except ValidationError:
                continue
        return found

    def _names_of(self, key: str) -> list[str]:
        return [name for name in self._folder.names() if name.endswith(f"-{_digest(key)}.json")]


class AuditTrail:
    """The record of removals: what was removed, when, why and by which runs. Entries are added and never changed."""

    def __init__(self, store: DemoStore) -> None:
        self._folder = RecordFolder(store.base() / AUDIT)

    def add(self, record: RemovalRecord) -> bool:
        """Add an entry. Returns whether it was added; False if the same removal has one already."""
        name = f"{_moment_text(record.started_at)}-{_digest(record.key)}.json"
        return self._folder.create(name, record.model_dump_json(indent=1).encode())

    def entries(self) -> Iterator[RemovalRecord]:
        """Yield the entries, oldest first. A file that is none is left out."""
        for name in self._folder.names():
            content = self._folder.read(name)
            try:
                if content is not None:
                    yield RemovalRecord.model_validate_json(content)
            except ValidationError:
                continue


def _digest(key: str) -> str:
    """Return a short name for a key, which may be as long as a file's name can be."""
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def _moment_text(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%S%f}"
