"""Stores the artefacts: one folder per customer, one JSON document per asset, each written atomically.

``DemoStore`` is the resource that assets and the CLI use; ``ArtefactIOManager`` passes artefacts from asset to asset.
The root is a folder or any address that universal_pathlib supports (``gs://bucket/prefix``).
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import dagster as dg
from pydantic import ValidationError
from upath import UPath

from provisioning_assets.artefact import Artefact
from provisioning_assets.atomic_files import write_whole
from provisioning_assets.customers import CustomerRequest, site_of_key
from provisioning_assets.errors import ProvisioningError

SomeArtefact = TypeVar("SomeArtefact", bound=Artefact)


class DemoStore(dg.ConfigurableResource):
    """The artefacts of every customer."""

    root: str

    def base(self) -> UPath:
        """Return the root folder of the store."""
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
        return self.path(key, kind).exists()

    def read(self, key: str, kind: type[SomeArtefact]) -> SomeArtefact:
        """Return one artefact.

        Raises:
            ProvisioningError: it is missing, or it does not have the format of this version.
        """
        path = self.path(key, kind)
        try:
            return kind.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise ProvisioningError(
                f"The customer {key} has no {kind.asset_name()} yet ({path}).",
                f"Materialize {kind.asset_name()} for {key}, or run: provision run URL",
            ) from None
        except ValidationError as error:
            raise ProvisioningError(
                f"{path} is not a {kind.asset_name()} of this version: {_first_problem(error)}.",
                f"Materialize {kind.asset_name()} for {key} again.",
            ) from error

    def find(self, key: str, kind: type[SomeArtefact]) -> SomeArtefact | None:
        """Return one artefact, or None if it was never made."""
        return self.read(key, kind) if self.exists(key, kind) else None

    def find_readable(self, key: str, kind: type[SomeArtefact]) -> SomeArtefact | None:
        """Return one artefact, or None if it was never made or has the format of another version."""
        try:
            return self.find(key, kind)
        except ProvisioningError:
            return None

    def is_complete(self, key: str, kind: type[Artefact]) -> bool:
        """Return whether the artefact is readable and all files that belong to it exist."""
        artefact = self.find_readable(key, kind)
        return artefact is not None and all((self.folder(key) / file).exists() for file in artefact.files())

    def write(self, key: str, artefact: Artefact) -> UPath:
        """Store one artefact atomically."""
        path = self.path(key, type(artefact))
        write_whole(path, artefact.model_dump_json(indent=1).encode())
        return path

    def remove(self, key: str) -> int | None:
        """Remove the customer's folder. The request is removed last: while it exists, lists show a removal that stopped half way.

        Returns:
            the number of files that were removed; None if the customer had no folder.
        """
        folder = self.folder(key)
        if not folder.is_dir():
            return None
        files = [path for path in folder.rglob("*") if path.is_file()]
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name == f"{CustomerRequest.asset_name()}.json"):
            entry.fs.rm(entry.path, recursive=True)
        if folder.exists():  # an object store has no folder left without its objects
            folder.rmdir()
        return len(files)

    def customer_keys(self) -> list[str]:
        """Return the keys of the customers that have a folder, sorted."""
        base = self.base()
        return sorted(entry.name for entry in base.iterdir() if _is_customer_folder(entry)) if base.is_dir() else []


def _is_customer_folder(entry: UPath) -> bool:
    try:
        site_of_key(entry.name)
    except ProvisioningError:
        return False
    return entry.is_dir()


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


class ArtefactIOManager(dg.ConfigurableIOManager):
    """Stores the artefact that an asset returns, and passes it to the assets and checks downstream.

    The annotation of a parameter says which artefact is read: ``def demo_plan(customer_profile: CustomerProfile)``.
    """

    store: dg.ResourceDependency[DemoStore]

    def handle_output(self, context: dg.OutputContext, obj: Artefact) -> None:
        """Store the artefact of the partition being materialized."""
        if obj.asset_name() != context.asset_key.path[-1]:
            raise TypeError(f"the asset {context.asset_key.path[-1]} returned a {type(obj).__name__}")
        path = self.store.write(context.partition_key, obj)
        context.add_output_metadata({"artefact": dg.MetadataValue.path(str(path))})

    def load_input(self, context: dg.InputContext) -> Artefact:
        """Read the artefact that the parameter's annotation names."""
        kind = context.dagster_type.typing_type
        if not (isinstance(kind, type) and issubclass(kind, Artefact)):
            raise TypeError(f"{context.name} must be annotated with the artefact it takes")
        return self.store.read(context.partition_key, kind)


def materialized(artefact: SomeArtefact, metadata: Mapping[str, Any]) -> dg.MaterializeResult[SomeArtefact]:
    """Return an asset's result: its artefact, the metadata for its page, and the version of its content.

    The artefact's summary is shown first on the asset's page, and beside the stage on the command line. The version is
    a digest of the artefact's content, from which Dagster computes which later assets are out of date.
    """
    return dg.MaterializeResult(
        value=artefact,
        metadata={"summary": artefact.summary(), **metadata},
        data_version=dg.DataVersion(artefact.digest()),
    )
