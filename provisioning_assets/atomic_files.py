"""Atomic file writes. Readers see the complete old file or the complete new one, also after a crash or a full disk.

``read_whole``, ``file_exists`` and ``missing_files`` read what was written, in a folder or in an object store.
"""

import contextlib
import errno
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from provisioning_assets.errors import ProvisioningError

if TYPE_CHECKING:
    from upath import UPath

FILE_SYSTEMS = ("", "file", "local")

CLOUD_STORAGE = ("gs", "gcs")

HALF_WRITTEN = ".part"
"""End of the name of a file that is being written; one whose process was killed stays."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system answers when a disk, a quota or a file is full. Source: write(2)."""


def is_local(folder: "UPath | Path") -> bool:
    """Return whether the folder is on a file system, where renaming is atomic, and not in an object store."""
    return getattr(folder, "protocol", "") in FILE_SYSTEMS


def is_in_cloud_storage(folder: "UPath | Path") -> bool:
    """Return whether the folder is in Cloud Storage, where an object has a generation."""
    return getattr(folder, "protocol", "") in CLOUD_STORAGE


def write_whole(path: "UPath | Path", content: bytes | memoryview, *, durable: bool = True) -> None:
    """Write a file atomically.

    An object store writes an object atomically by itself, from the memory that ``content`` is in. On a file system, a
    temporary file in the same folder is written first and then renamed.

    Args:
        path: the file; missing folders are created.
        content: the complete content.
        durable: wait until the file is on the disk, so that it survives a power cut; takes about 0.01 seconds. Not
            needed for files that are only read together with a record of their sizes.

    Raises:
        ProvisioningError: the disk has too little free space for the file.
    """
    if is_in_cloud_storage(path):
        kind = "text/html" if path.suffix == ".html" else "application/octet-stream"  # a browser shows pages
        _file_system(path).pipe_file(_name(path), content, content_type=kind)
        return
    if not is_local(path):
        _file_system(path).pipe_file(_name(path), content)
        return
    target = Path(str(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _temporary_neighbour(target) as (handle, neighbour):
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            neighbour.replace(target)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise ProvisioningError(
                f"There is no room for {target} ({len(content):,} bytes): {error.strerror}.",
                "Free space or choose a smaller --size, then run again: what is finished is kept.",
            ) from error
        raise


def read_whole(path: "UPath | Path") -> bytes:
    """Return a file's content. From an object store it takes one request.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return Path(str(path)).read_bytes() if is_local(path) else _file_system(path).cat_file(_name(path))


def read_many(folder: "UPath | Path", names: Iterable[str]) -> dict[str, bytes]:
    """Return the contents of those of many files that exist; from an object store they are read side by side.

    Args:
        folder: where they are.
        names: paths relative to the folder.
    """
    if not is_local(folder):
        paths = {_name(folder / name): name for name in names}
        found = _file_system(folder).cat(list(paths), on_error="omit") if paths else {}
        return {paths[path]: content for path, content in found.items()}
    contents: dict[str, bytes] = {}
    start = f"{folder}{os.sep}"
    for name in names:
        # A Path object for each of thousands of files would take longer than to read them.
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), open(start + name, "rb", buffering=0) as file:  # noqa: PTH123
            contents[name] = file.read()
    return contents


def read_range(path: "UPath | Path", start: int, end: int) -> bytes:
    """Return the bytes from ``start`` up to but not including ``end`` of a file in an object store; fewer if it is shorter.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return _file_system(path).cat_file(_name(path), start, end)


def read_to_replace(path: "UPath | Path") -> bytes:
    """Return a file's content. In Cloud Storage, ``replace_as_read`` will then replace exactly this version.

    Raises:
        FileNotFoundError: there is no such file. In Cloud Storage, ``replace_as_read`` will then only create it.
    """
    if is_in_cloud_storage(path):
        return _file_system(path).read_remembered(_name(path))
    return read_whole(path)


def replace_as_read(path: "UPath | Path", content: bytes) -> None:
    """Write a file atomically. In Cloud Storage it must be as this process has last read or written it, if it has.

    Raises:
        ProvisioningError: somebody else has written it meanwhile; nothing was written.
    """
    if is_in_cloud_storage(path):
        _file_system(path).replace_remembered(_name(path), content)
    else:
        write_whole(path, content)


def file_exists(path: "UPath | Path") -> bool:
    """Return whether there is a file of this name. From Cloud Storage it takes one request."""
    if is_in_cloud_storage(path):
        return _file_system(path).is_object(_name(path))
    return path.is_file()


def missing_files(
    folder: "UPath | Path", names: Iterable[str], sizes: Mapping[str, int] = MappingProxyType({})
) -> list[str]:
    """Return which of the files do not exist, or have another size than they should: a file that was cut short is lost too.

    In an object store each first part of the paths, e.g. ``tables``, is listed once.

    Args:
        folder: where they are.
        names: paths relative to the folder.
        sizes: path -> size in bytes, of the files whose size is known.
    """
    names = list(names)
    found = _local_sizes(Path(str(folder)), names) if is_local(folder) else _object_sizes(folder, names)
    return [name for name in names if name not in found or found[name] != sizes.get(name, found[name])]


def changed_files(folder: Path, digests: Mapping[str, str]) -> list[str]:
    """Return which files of a local folder have other bytes than they should, as after a fault of the disk or an edit.

    Args:
        folder: where they are; all must exist.
        digests: path relative to the folder -> SHA-256, as hexadecimal digits.
    """
    return [name for name, digest in digests.items() if digest_of_file(folder / name) != digest]


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a local file's bytes, as hexadecimal digits. Every byte is read: 1.2 s for a gigabyte.

    A run asks several times for the same files, so a file that was not written since is not read again by the same process.
    """
    found = path.stat()
    return _digest_of(path, (found.st_ino, found.st_size, found.st_mtime_ns))


@functools.lru_cache(maxsize=10_000)
def _digest_of(path: Path, _version: tuple[int, int, int]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _local_sizes(folder: Path, names: Iterable[str]) -> dict[str, int]:
    paths = {name: folder / name for name in names}
    return {name: path.stat().st_size for name, path in paths.items() if path.is_file()}


def _object_sizes(folder: "UPath | Path", names: Iterable[str]) -> dict[str, int]:
    tops = {name.split("/")[0] for name in names}
    found: dict[str, Any] = {}
    for top in tops:
        found.update(_file_system(folder).find(_name(folder / top), detail=True))
    wanted = {name: _name(folder / name) for name in names}
    return {name: int(found[path]["size"]) for name, path in wanted.items() if path in found}


def remove_files(folder: "UPath | Path", names: Iterable[str] | None = None) -> int:
    """Remove files of an object store, many at once, and return how many there were.

    Args:
        folder: where they are.
        names: paths relative to the folder; without them, everything below it.
    """
    file_system = _file_system(folder)
    found = file_system.find(_name(folder)) if names is None else [_name(folder / name) for name in names]
    if found:
        with contextlib.suppress(FileNotFoundError):  # somebody else has removed all of them meanwhile
            file_system.rm(found)
    return len(found)


def remove_local(path: Path) -> None:
    """Remove a file or a folder of this machine with all that is in it; one that does not exist is gone already."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def browser_address(path: "UPath | Path") -> str:
    """Return the address under which a browser shows the file: of Cloud Storage, to whoever may read the bucket."""
    if is_in_cloud_storage(path):
        return f"https://storage.cloud.google.com/{quote(_name(path))}"
    return path.absolute().as_uri()


def opened_at(path: "UPath | Path") -> str:
    """Where a person opens a file: its path on this machine, or its address for a browser."""
    return str(path) if is_local(path) else browser_address(path)


def _file_system(path: "UPath | Path") -> Any:
    """The fsspec file system of a path that is not local."""
    return cast("UPath", path).fs


def _name(path: "UPath | Path") -> str:
    """The name that this file system knows the path by."""
    return cast("UPath", path).path


@contextlib.contextmanager
def _temporary_neighbour(target: Path) -> Iterator[tuple[int, Path]]:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=HALF_WRITTEN, dir=target.parent)
    neighbour = Path(name)
    try:
        neighbour.chmod(0o644)
        yield handle, neighbour
    finally:
        neighbour.unlink(missing_ok=True)
