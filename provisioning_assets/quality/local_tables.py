"""A customer's table files on this machine, where every measurement can read them again and again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from upath import UPath

from provisioning_assets.atomic_files import NO_ROOM, is_local, read_whole
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.models import SyntheticTables, TableFile

AT_ONCE = 4
"""Files that are fetched at the same time, and so the blocks of a table that are in memory."""


@contextmanager
def local_tables(tables: SyntheticTables, folder: UPath | Path) -> Iterator[Path]:
    """A local folder with the customer's table files: the customer's own one or, for an object store, a copy while the block runs.

    The measurements read each file some dozen times; from a store, each of these would be several requests.

    Raises:
        ProvisioningError: a file is missing or is not the one that its manifest names, or the disk is too small.
    """
    if is_local(folder):
        yield Path(str(folder))
        return
    with TemporaryDirectory(prefix="tables-") as copy:
        files = [file for table in tables.tables for file in table.files]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(lambda file: _fetch(file, folder, Path(copy)), files):
                pass
        yield Path(copy)


def _fetch(file: TableFile, folder: UPath | Path, copy: Path) -> None:
    try:
        content = read_whole(folder / file.path)
    except FileNotFoundError:
        content = b""
    if len(content) != file.bytes or sha256(content).hexdigest() != file.sha256:
        raise ProvisioningError(
            f"{folder / file.path} is not the file that synthetic_tables.json names.",
            "Materialize synthetic_tables again.",
        )
    target = copy / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.write_bytes(content)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise ProvisioningError(
            f"There is no room in {copy} for a copy of the tables ({error.strerror}).",
            "Free space, set TMPDIR to a larger disk, or choose a smaller --size.",
        ) from error
