"""Folders of the store with small files beside the customers' own: requests, alerts, and the record of what was removed.

Each file is written whole. The folder can be on this machine or in Cloud Storage.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from upath import UPath

from provisioning_assets.atomic_files import (
    is_in_cloud_storage,
    is_local,
    read_to_replace,
    read_whole,
    remove_files,
    remove_local,
    replace_as_read,
    write_whole,
)
from provisioning_assets.errors import ProvisioningError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,199}")


class RecordFolder:
    """One folder with files that have no folders below them.

    Args:
        folder: where it is; it is made when the first file is written.
    """

    def __init__(self, folder: UPath) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Return the names of its files, sorted; hidden files, which are being written, are left out."""
        try:
            found = self._folder.fs.ls(self._folder.path, detail=True)
        except FileNotFoundError:
            return []
        names = [entry["name"].rstrip("/").rpartition("/")[2] for entry in found if entry["type"] == "file"]
        return sorted(name for name in names if name and not name.startswith("."))

    def written_before(self, moment: datetime) -> list[str]:
        """Return the names of its files that were last written before a moment, sorted."""
        try:
            found = self._folder.fs.ls(self._folder.path, detail=True)
        except FileNotFoundError:
            return []
        files = [entry for entry in found if entry["type"] == "file"]
        old = [entry["name"].rpartition("/")[2] for entry in files if written_at(entry) < moment]
        return sorted(name for name in old if _NAME.fullmatch(name))

    def read(self, name: str) -> bytes | None:
        """Return a file's content; None if there is no such file."""
        try:
            return read_whole(self._path(name))
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Write a file, replacing one of that name."""
        write_whole(self._path(name), content)

    def create(self, name: str, content: bytes) -> bool:
        """Write a file that does not exist yet.

        Returns:
            whether it was written; False if there is one of that name already, which stays as it is.
        """
        path = self._path(name)
        if is_local(path):
            return _create_local(Path(str(path)), content)
        try:
            read_to_replace(path)
        except FileNotFoundError:
            if not is_in_cloud_storage(path):
                write_whole(path, content)
                return True
            try:
                replace_as_read(path, content)
            except ProvisioningError:
                return False  # somebody else has created it meanwhile
            return True
        return False

    def remove(self, name: str) -> None:
        """Remove a file; one that does not exist is gone already."""
        path = self._path(name)
        if is_local(path):
            remove_local(Path(str(path)))
        else:
            remove_files(self._folder, [name])

    def _path(self, name: str) -> UPath:
        if not _NAME.fullmatch(name):
            raise ProvisioningError(
                f"{name!r} is not the name of a file in {self._folder}.",
                "Use letters, digits and . _ - @ + only, at most 200, and no dot at the start.",
            )
        return self._folder / name


def written_at(entry: Mapping[str, Any]) -> datetime:
    """Return when a file was written, from its entry in a listing of this machine's files or of Cloud Storage, in UTC."""
    if "updated" not in entry:
        return datetime.fromtimestamp(entry["mtime"], UTC)
    moment = datetime.fromisoformat(entry["updated"])  # RFC 3339, with Z or an offset
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _create_local(path: Path, content: bytes) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, neighbour = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(neighbour)
            return True
        return False
    finally:
        remove_local(Path(neighbour))
