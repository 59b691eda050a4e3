"""Stores resources of the API as JSON files, one per resource, shared by all servers of the store.

The files are ``<store>/_agents/<id>.json`` and ``<store>/_conversations/<id>.json``. Customer keys never begin with an
underscore, and ids are checked before they are used as file names. Writers take a lock file. Readers need no lock,
because files are replaced atomically.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

import proto
from filelock import FileLock
from google.protobuf import json_format

from provisioning_assets.agent.local_server.resource_names import checked_id

Resource = TypeVar("Resource", bound=proto.Message)
_LOCK_SECONDS = 20


def stamp(resource: proto.Message, field: str, moment: datetime) -> None:
    """Set a timestamp field of a resource."""
    getattr(type(resource).pb(resource), field).FromDatetime(moment)


class StoredResources(Generic[Resource]):
    """A collection of resources of one kind."""

    def __init__(self, folder: Path, kind: type[Resource]) -> None:
        self._folder, self._kind = folder, kind
        # Each question reads its agent, and parsing its JSON takes longer than understanding the question.
        self._last_read: tuple[tuple[str, int, int], Resource] | None = None

    def read(self, identifier: str) -> Resource | None:
        """Return the resource, which the caller may change, or None if it does not exist."""
        path = self._path(identifier)
        try:
            status = path.stat()
            version = (identifier, status.st_ino, status.st_mtime_ns)  # each write makes another file
            last = self._last_read
            if last is None or last[0] != version:
                message = self._kind()
                json_format.Parse(path.read_text("utf-8"), self._kind.pb(message), ignore_unknown_fields=True)
                self._last_read = last = (version, message)
        except FileNotFoundError:
            return None
        copy = self._kind()
        self._kind.pb(copy).CopyFrom(self._kind.pb(last[1]))
        return copy

    def write(self, identifier: str, resource: Resource) -> None:
        """Write the resource; replaces an earlier one."""
        path = self._path(identifier)
        self._folder.mkdir(parents=True, exist_ok=True)
        text = json_format.MessageToJson(self._kind.pb(resource), indent=1, sort_keys=True)
        handle, name = tempfile.mkstemp(prefix=f".{identifier}.", suffix=".part", dir=self._folder)
        neighbour = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            neighbour.replace(path)
        finally:
            neighbour.unlink(missing_ok=True)

    def remove(self, identifier: str) -> bool:
        """Remove the resource permanently. Return False if it did not exist."""
        try:
            self._path(identifier).unlink()
        except FileNotFoundError:
            return False
        return True

    def identifiers(self) -> list[str]:
        """Return the ids of all resources, sorted."""
        if not self._folder.is_dir():
            return []
        return sorted(path.stem for path in self._folder.glob("*.json") if not path.name.startswith("."))

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the collection's lock, also across processes, while a resource is read and then written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / ".lock", timeout=_LOCK_SECONDS):
            yield

    def _path(self, identifier: str) -> Path:
        return self._folder / f"{checked_id(identifier, 'The id')}.json"
