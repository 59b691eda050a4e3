"""The files of the demos: one folder per customer, one JSON document per asset, each written atomically.

The root is a folder, or an address ``gs://bucket/prefix`` in Cloud Storage.

In Cloud Storage, where runs of other machines use the same store, an artefact that this process has read is replaced only if it
is still the one that was read. So the later one of two runs that change the same request fails, and loses nothing of the other.

Nothing here knows of Dagster, whose import takes longer than reading thousands of demos: `provision list` uses only this.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from upath import UPath

from provisioning_assets.artefact import Artefact
from provisioning_assets.atomic_files import (
    CLOUD_STORAGE,
    FILE_SYSTEMS,
    HALF_WRITTEN,
    changed_files,
    file_exists,
    is_in_cloud_storage,
    is_local,
    missing_files,
    read_to_replace,
    remove_files,
    remove_local,
    replace_as_read,
)
from provisioning_assets.customers import CustomerRequest, site_of_key
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lease import held

SomeArtefact = TypeVar("SomeArtefact", bound=Artefact)


STORES = (*FILE_SYSTEMS, *CLOUD_STORAGE, "memory")
"""Where a store can be. "memory" is the memory of one process, for tests."""


LOCKS = ".locks"
"""Folder of the locks of customers; not in their own folders, which can be removed while the lock is held."""


class UnreadableArtefactError(ProvisioningError):
    """An artefact does not have the format of this version."""


@dataclass(eq=False)
class StoredDemos:
    """The artefacts of every customer.

    Args:
        root: a folder, or an address ``gs://bucket/prefix``.
    """

    root: str

    def base(self) -> UPath:
        """Return the root folder of the store.

        Raises:
            ProvisioningError: it is somewhere else than on this machine and in Cloud Storage.
        """
        protocol, separator, _ = self.root.partition("://")
        if separator and protocol not in STORES:
            raise ProvisioningError(
                f"The store {self.root} is neither a folder nor in Cloud Storage.",
                "Set PROVISIONING_STORE to a folder of this machine, or to gs://BUCKET/PREFIX.",
            )
        return UPath(self.root)

    def folder(self, key: str) -> UPath:
        """Return the customer's folder. The key is checked first, so that the folder cannot be outside the store.

        Raises:
            ProvisioningError: it is not a customer key.
        """
        site_of_key(key)
        return self.base() / key

    def path(self, key: str, kind: type[Artefact]) -> UPath:
        """Return the path of one artefact's file."""
        return self.folder(key) / f"{kind.asset_name()}.json"

    def exists(self, key: str, kind: type[Artefact]) -> bool:
        """Return whether the artefact exists."""
        return file_exists(self.path(key, kind))

    def has_customer(self, key: str) -> bool:
        """Return whether the customer has a folder."""
        return self.folder(key).is_dir()

    def read(self, key: str, kind: type[SomeArtefact]) -> SomeArtefact:
        """Return one artefact.

        Raises:
            ProvisioningError: it is missing, or it does not have the format of this version.
        """
        artefact = self.find(key, kind)
        if artefact is None:
            raise ProvisioningError(
                f"The customer {key} has no {kind.asset_name()} yet ({self.path(key, kind)}).",
                f"Materialize {kind.asset_name()} for {key}, or run: provision run URL",
            )
        return artefact

    def find(self, key: str, kind: type[SomeArtefact]) -> SomeArtefact | None:
        """Return one artefact, or None if it was never made.

        Raises:
            UnreadableArtefactError: it does not have the format of this version.
        """
        path = self.path(key, kind)
        try:
            content = read_to_replace(path)
        except FileNotFoundError:
            return None
        try:
            return kind.model_validate_json(content)
        except ValidationError as error:
            raise UnreadableArtefactError(
                f"{path} is not a {kind.asset_name()} of this version: {_first_problem(error)}.",
                f"Materialize {kind.asset_name()} for {key} again.",
            ) from error

    def find_readable(self, key: str, kind: type[SomeArtefact]) -> SomeArtefact | None:
        """Return one artefact, or None if it was never made or has the format of another version."""
        try:
            return self.find(key, kind)
        except UnreadableArtefactError:
            return None

    def is_complete(self, key: str, kind: type[Artefact]) -> bool:
        """Return whether the artefact is readable, still counts, and all its files are there as it records them.

        In a folder the bytes of the files are compared with their digests; in Cloud Storage, which keeps digests itself, the sizes.
        """
        artefact = self.find_readable(key, kind)
        if artefact is None or not artefact.still_counts():
            return False
        folder = self.folder(key)
        if missing_files(folder, artefact.files(), artefact.file_sizes()):
            return False
        return not is_local(folder) or not changed_files(Path(str(folder)), artefact.file_digests())

    def write(self, key: str, artefact: Artefact) -> UPath:
        """Store one artefact atomically.

        Raises:
            ProvisioningError: in Cloud Storage, another run has written it since this process read it.
        """
        path = self.path(key, type(artefact))
        replace_as_read(path, artefact.model_dump_json(indent=1).encode())
        return path

    @contextlib.contextmanager
    def reserved(self, key: str) -> Iterator[None]:
        """Keep commands of other machines away from the customer while the block runs.

        Only a store in Cloud Storage is shared by machines; on one machine, the file lock of ``customer_lock`` does it.

        Raises:
            ProvisioningError: a command of another machine is working on this customer.
        """
        site_of_key(key)
        lock = self.base() / LOCKS / key
        with held(lock, f"working on {key} in {self.root}") if is_in_cloud_storage(lock) else contextlib.nullcontext():
            yield

    def count_files(self, key: str) -> int | None:
        """Return the number of files in the customer's folder; None if the customer has no folder."""
        folder = self.folder(key)
        if is_local(folder):
            return sum(path.is_file() for path in folder.rglob("*")) if folder.is_dir() else None
        return len(folder.fs.find(folder.path)) or None

    def remove(self, key: str) -> int | None:
        """Remove the customer's folder. The request is removed last: while it exists, lists show a removal that stopped half way.

        Returns:
            the number of files that were removed; None if the customer had no folder.
        """
        folder = self.folder(key)
        request = self.path(key, CustomerRequest)
        if is_local(folder):
            return _remove_folder(folder, request.path) if folder.is_dir() else None
        names = [path.removeprefix(folder.path).lstrip("/") for path in folder.fs.find(folder.path)]
        removed = remove_files(folder, [name for name in names if name != request.name])
        return removed + remove_files(folder, [name for name in names if name == request.name]) or None

    def remove_half_written(self, key: str) -> int:
        """Remove the files that a process was writing when it was killed, and return how many there were.

        To be called by whoever has the customer to itself. An object store has none.
        """
        folder = self.folder(key)
        found = list(Path(str(folder)).rglob(f".*{HALF_WRITTEN}")) if is_local(folder) else []
        for path in found:
            remove_local(path)
        return len(found)

    def customer_keys(self) -> list[str]:
        """Return the keys of the customers that have a folder, sorted. The store is listed once."""
        base = self.base()
        try:
            if is_local(base):
                with os.scandir(str(base)) as found:
                    return sorted(entry.name for entry in found if _is_key(entry.name) and entry.is_dir())
            entries = base.fs.ls(base.path, detail=True)
        except FileNotFoundError:
            return []
        folders = [entry["name"].rstrip("/").rpartition("/")[2] for entry in entries if entry["type"] == "directory"]
        return sorted(name for name in folders if _is_key(name))


def _remove_folder(folder: UPath, last: str) -> int:
    files = [path for path in folder.rglob("*") if path.is_file()]
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.path == last):
        entry.fs.rm(entry.path, recursive=True)
    folder.rmdir()
    return len(files)


def _is_key(name: str) -> bool:
    try:
        site_of_key(name)
    except ProvisioningError:
        return False
    return True


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
