"""Where a customer's folder is: on a file system, or in an object store."""

from pathlib import Path

from upath import UPath

FILE_SYSTEMS = ("", "file", "local")


def is_local(folder: UPath | Path) -> bool:
    """Whether the folder is on a file system, where a folder is renamed in one step."""
    return not isinstance(folder, UPath) or folder.protocol in FILE_SYSTEMS
