"""Atomic file writes. Readers see the complete old file or the complete new one, also after a crash or a full disk."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from provisioning_assets.errors import ProvisioningError

if TYPE_CHECKING:
    from upath import UPath

FILE_SYSTEMS = ("", "file", "local")

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system answers when a disk, a quota or a file is full. Source: write(2)."""


def is_local(folder: "UPath | Path") -> bool:
    """Return whether the folder is on a file system, where renaming is atomic, and not in an object store."""
    return getattr(folder, "protocol", "") in FILE_SYSTEMS


def write_whole(path: "UPath | Path", content: bytes | memoryview, *, durable: bool = True) -> None:
    """Write a file atomically.

    An object store writes an object atomically by itself. On a file system, a temporary file in the same folder is
    written first and then renamed.

    Args:
        path: the file; missing folders are created.
        content: the complete content.
        durable: wait until the file is on the disk, so that it survives a power cut; takes about 0.01 seconds. Not
            needed for files that are only read together with a record of their sizes.

    Raises:
        ProvisioningError: the disk has too little free space for the file.
    """
    if not is_local(path):
        path.write_bytes(bytes(content))
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


@contextlib.contextmanager
def _temporary_neighbour(target: Path) -> Iterator[tuple[int, Path]]:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    neighbour = Path(name)
    try:
        neighbour.chmod(0o644)
        yield handle, neighbour
    finally:
        neighbour.unlink(missing_ok=True)
