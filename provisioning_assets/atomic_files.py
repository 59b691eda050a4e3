"""Files that are there whole or not at all: a reader, a crash or a full disk sees the old file or the new one."""

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
    """Whether the folder is on a file system, where a file or folder is renamed in one step."""
    return getattr(folder, "protocol", "") in FILE_SYSTEMS


def write_whole(path: "UPath | Path", content: bytes | memoryview, *, durable: bool = True) -> None:
    """Write a file in one step.

    Object stores put an object in one piece by themselves; on a file system a temporary neighbour takes its place.

    Args:
        path: where; its folders are made.
        content: all of it.
        durable: also outlive a power cut right after. That waits for the disk, about a hundredth of a second; files that
            are only trusted together with a record of their sizes need not.

    Raises:
        ProvisioningError: there is no room for it.
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
