"""How tables are replaced in an object store, which can neither rename a folder nor lock a file.

The tables' record, ``synthetic_tables.json``, is deleted before the first file changes, and the asset writes it again after the
last one has. So a record never names files of which some are old and some are new: if the process is killed in between, there is
no record, the stage counts as not made, and the next run continues with the blocks that are still staged. Files whose content
stays the same are not copied, so making the same tables again changes nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from upath import UPath

from provisioning_assets.atomic_files import is_in_cloud_storage, remove_files
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lease import held
from provisioning_assets.synthesis.models import SyntheticTables

TABLES = "tables"

CHECKSUM = "md5Hash"
"""Of an object's content, in Cloud Storage's listings."""


@contextmanager
def alone_in(lock: UPath) -> Iterator[Callable[[], None]]:
    """Hold the lock while the block runs; what it gives raises ProvisioningError if the lock was lost meanwhile.

    The memory of this process, which tests use, is seen by no other run.

    Raises:
        ProvisioningError: another run holds it.
    """
    if is_in_cloud_storage(lock):
        with held(lock, f"generating tables in {lock.parent}") as lease:
            yield lease.confirm
    else:
        yield lambda: None


def move_into_place(folder: UPath, staging: UPath, tables: SyntheticTables) -> None:
    """Replace the tables below ``folder`` by the staged ones, then delete the staging folder.

    Raises:
        ProvisioningError: a file is not as it was generated afterwards.
    """
    wanted = {file.path: file.bytes for table in tables.tables for file in table.files}
    present, staged = _listed(folder), _listed(staging)
    changed = [path for path in wanted if not _same(present.get(path), staged.get(path))]
    stale = sorted(present.keys() - wanted.keys())
    if changed or stale:
        remove_files(folder, [f"{SyntheticTables.asset_name()}.json"])
        # the store copies by itself, many files at once
        folder.fs.copy([(staging / path).path for path in changed], [(folder / path).path for path in changed])
        remove_files(folder, stale)
        present = _listed(folder)
    wrong = [path for path, size in wanted.items() if path not in present or int(present[path]["size"]) != size]
    if wrong or len(present) != len(wanted):
        raise ProvisioningError(
            f"{len(wrong)} of {len(wanted)} table files in {folder} are not as they were generated, e.g. "
            f"{(wrong or sorted(present.keys() - wanted.keys()))[0]}.",
            "Something else writes there: find out what, then run again.",
        )
    remove_files(staging)


def remove_folders(folder: UPath, prefix: str, *, but: str) -> None:
    """Remove the folders whose names begin with ``prefix``, except one: what runs with other models have left."""
    try:
        entries = folder.fs.ls(folder.path, detail=True)
    except FileNotFoundError:
        return
    for entry in entries:
        name = entry["name"].rstrip("/").rpartition("/")[2]
        if name.startswith(prefix) and name != but:
            remove_files(folder / name)


def _listed(folder: UPath) -> dict[str, dict[str, Any]]:
    """Path relative to the folder -> what the store knows of it, of every file of the folder's tables."""
    found: Any = folder.fs.find((folder / TABLES).path, detail=True)
    return {path.removeprefix(folder.path).lstrip("/"): entry for path, entry in found.items()}


def _same(present: dict[str, Any] | None, staged: dict[str, Any] | None) -> bool:
    """Whether the store knows that both have the same content."""
    if present is None or staged is None or CHECKSUM not in present:
        return False
    return present[CHECKSUM] == staged.get(CHECKSUM)
