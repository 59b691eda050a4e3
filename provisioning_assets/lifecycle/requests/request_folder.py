"""The folder ``requests`` of the store: files that wait, and the folders ``accepted`` and ``rejected`` beside them.

Names and contents of waiting files are untrusted: a name is never part of a path that is written, and a file is never read whole
before its size is known.
"""

import contextlib
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from provisioning_assets.atomic_files import is_in_cloud_storage, is_local, read_range, read_whole
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.record_folder import RecordFolder
from provisioning_assets.store import DemoStore

FOLDER, ACCEPTED, REJECTED = "requests", "accepted", "rejected"
SINGLE = (".yaml", ".yml", ".json")
QUEUE = ".jsonl"
_ACCEPTED_NOTE, _REASON = ".txt", ".reason.txt"
"""Ends of the names of the notes beside what was accepted and rejected."""
SETTLED_SECONDS = 5.0
"""A file of this machine is read when nobody has written to it for so long. An object in Cloud Storage appears at once."""


@dataclass(frozen=True)
class WaitingFile:
    """A file that waits.

    Args:
        name: as it was given.
        size: bytes.
        written: seconds since 1970; 0 in an object store that does not say it in seconds.
        order: files are taken in this order: the oldest first.
    """

    name: str
    size: int
    written: float
    order: str

    @property
    def is_queue(self) -> bool:
        """Return whether each of its lines is a request."""
        return self.name.lower().endswith(QUEUE)


@dataclass(frozen=True)
class Waiting:
    """What waits, and how many files were left alone: being written, or with another ending."""

    files: list[WaitingFile]
    being_written: int
    others: int


def digest_of(content: bytes) -> str:
    """Return what tells this content from another."""
    return hashlib.sha256(content).hexdigest()


class RequestFolder:
    """The requests of one store.

    Args:
        store: the store; its folder may be missing.
    """

    def __init__(self, store: DemoStore) -> None:
        self.folder = store.base() / FOLDER
        self._accepted = RecordFolder(self.folder / ACCEPTED)
        self._rejected = RecordFolder(self.folder / REJECTED)

    def waiting(self, now: float) -> Waiting:
        """Return the files that can be read now.

        Args:
            now: seconds since 1970.
        """
        try:
            entries = self.folder.fs.ls(self.folder.path, detail=True)
        except FileNotFoundError:
            return Waiting([], 0, 0)
        files: list[WaitingFile] = []
        being_written = others = 0
        for entry in entries:
            file = _waiting_file(entry, local=is_local(self.folder))
            if file is None or file.name.startswith("."):
                continue
            if not file.name.lower().endswith((*SINGLE, QUEUE)) or not _is_text(file.name):
                others += 1
            elif is_local(self.folder) and abs(now - file.written) < SETTLED_SECONDS:
                being_written += 1
            else:
                files.append(file)
        return Waiting(sorted(files, key=lambda file: (file.order, file.name)), being_written, others)

    def part(self, name: str, start: int, end: int) -> bytes | None:
        """Return the bytes of a waiting file from ``start`` to ``end``; fewer if it is shorter, None if it is gone."""
        path = self.folder / name
        try:
            if not is_local(self.folder):
                return read_range(path, start, end)
            with Path(str(path)).open("rb") as file:
                file.seek(start)
                return file.read(end - start)
        except FileNotFoundError:
            return None

    def accept(self, name: str, digest: str, note: str) -> bool:
        """Move a file to ``accepted``, with a note beside it. It can be repeated.

        Returns:
            whether it was moved; False if it is gone, or has another content now, which is then a new request.
        """
        kept = _kept_name(name, digest)
        self._accepted.write(f"{kept}{_ACCEPTED_NOTE}", note.encode())
        return self._move(name, digest, ACCEPTED, kept)

    def reject(self, name: str, digest: str, reason: str) -> None:
        """Move a file to ``rejected``, with the reason beside it. It can be repeated."""
        kept = _kept_name(name, digest)
        self._rejected.write(f"{kept}{_REASON}", reason.encode())
        self._move(name, digest, REJECTED, kept)

    def reject_line(self, name: str, line: int, content: bytes, reason: str) -> None:
        """Write one line of a queue to ``rejected``, with the reason beside it. It can be repeated."""
        digest = digest_of(content)
        kept = _kept_name(f"{_stem(name)}-line-{line}.json", digest)
        self._rejected.write(f"{kept}{_REASON}", reason.encode())
        self._rejected.write(kept, content)

    def remove_settled(self, before: datetime) -> int:
        """Remove what was accepted or rejected before a moment, each with its note, and return how many files that were.

        The note says when: a file that is moved keeps the time at which it was written. Files without a note are somebody's own.
        """
        removed = 0
        for folder, ending in ((self._accepted, _ACCEPTED_NOTE), (self._rejected, _REASON)):
            for note in folder.written_before(before):
                if note.endswith(ending):
                    folder.remove(note.removesuffix(ending))
                    folder.remove(note)  # last: without it the file would stay for ever
                    removed += 1
        return removed

    def digest(self, file: WaitingFile) -> str:
        """Return the digest of a file of any size, read in blocks.

        Raises:
            FileNotFoundError: it is gone.
        """
        found = hashlib.sha256()
        for start in range(0, file.size, 1 << 20):
            block = self.part(file.name, start, min(start + (1 << 20), file.size))
            if block is None:
                raise FileNotFoundError(file.name)
            found.update(block)
        return found.hexdigest()

    def _move(self, name: str, digest: str, where: str, kept: str) -> bool:
        source = self.folder / name
        if is_local(source):
            return self._rename(Path(str(source)), digest, Path(str(self.folder / where / kept)))
        try:
            content = read_whole(source)
        except FileNotFoundError:
            return False
        if digest_of(content) != digest:
            return False
        (self._accepted if where == ACCEPTED else self._rejected).write(kept, content)
        file_system: Any = source.fs
        if not is_in_cloud_storage(source):
            file_system.rm(source.path)
            return True
        with contextlib.suppress(FileNotFoundError, FileExistsError):  # it is gone, or it was replaced meanwhile
            now, generation = file_system.content_and_generation(source.path)
            if now == content and generation is not None:
                file_system.delete_object(source.path, generation)
                return True
        return False

    def _rename(self, source: Path, digest: str, target: Path) -> bool:
        """Move in one step, then look at what was moved: whoever has replaced the file meanwhile gets it back."""
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.replace(target)
        except FileNotFoundError:
            return False
        content = hashlib.sha256()
        with target.open("rb") as file:
            while block := file.read(1 << 20):
                content.update(block)
        if content.hexdigest() == digest:
            return True
        back = source if not source.exists() else source.with_name(f"{content.hexdigest()[:8]}-{target.name}")
        target.replace(back)
        return False


def _waiting_file(entry: dict[str, Any], *, local: bool) -> WaitingFile | None:
    if entry["type"] != "file" or entry.get("islink"):
        return None
    name = entry["name"].rstrip("/").rpartition("/")[2]
    written = float(entry["mtime"]) if local else 0.0
    order = f"{written:020.6f}" if local else str(entry.get("updated") or entry.get("created") or "")
    return WaitingFile(name, int(entry["size"]), written, order) if name else None


def _is_text(name: str) -> bool:
    """Return whether the name can be written down; a file system allows bytes that are no text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _kept_name(name: str, digest: str) -> str:
    """Return a safe name that tells contents apart, so that a later file of the same name replaces nothing."""
    stem, _, ending = name.rpartition(".")
    safe = re.sub(r"[^A-Za-z0-9_@+-]+", "_", stem).lstrip("@+-")[:100] or "request"
    return f"{safe}-{digest[:8]}.{re.sub(r'[^a-z]', '', ending.lower())}"


def too_large(file: WaitingFile, most: int) -> ProvisioningError:
    """Return the refusal of a file with too many bytes."""
    return ProvisioningError(f"The file has {file.size:,} bytes.", f"A file of this kind has at most {most:,} bytes.")
