"""The store as Dagster knows it.

``DemoStore`` is the resource that assets and the CLI use; ``ArtefactIOManager`` passes artefacts from asset to asset. What they do
with files is in ``stored_demos``.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg
from pydantic import PrivateAttr

from provisioning_assets.artefact import Artefact
from provisioning_assets.asset_decorators import failure_of
from provisioning_assets.customer_lock import release_run, take_for_run
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.stored_demos import SomeArtefact, StoredDemos


class DemoStore(dg.ConfigurableResource, StoredDemos):
    """The artefacts of every customer, as a resource of Dagster."""

    root: str


class ArtefactIOManager(dg.ConfigurableIOManager):
    """Stores the artefact that an asset returns, and passes it to the assets and checks downstream.

    The annotation of a parameter says which artefact is read: ``def demo_plan(customer_profile: CustomerProfile)``.

    Before it reads or writes an artefact, it takes the customer's lock for the run, so that no other run changes what a stage
    works with. Every asset and check uses it, whoever launched the run, and Dagster ends it with the run.
    """

    store: dg.ResourceDependency[DemoStore]
    _run: dg.DagsterRun | None = PrivateAttr(default=None)
    _instance: dg.DagsterInstance | None = PrivateAttr(default=None)

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["ArtefactIOManager"]:
        """Serve one run; at its end, free the customer's lock."""
        self._run, self._instance = context.run, context.instance
        try:
            yield self
        finally:
            if self._run is not None:
                release_run(self._run.run_id)

    def handle_output(self, context: dg.OutputContext, obj: Artefact) -> None:
        """Store the artefact of the partition being materialized."""
        if obj.asset_name() != context.asset_key.path[-1]:
            raise TypeError(f"the asset {context.asset_key.path[-1]} returned a {type(obj).__name__}")
        try:
            self._take_customer(context.log.info)
            path = self.store.write(context.partition_key, obj)
        except ProvisioningError as error:
            raise failure_of(error) from error
        context.add_output_metadata({"artefact": dg.MetadataValue.path(str(path))})

    def load_input(self, context: dg.InputContext) -> Artefact:
        """Read the artefact that the parameter's annotation names."""
        kind = context.dagster_type.typing_type
        if not (isinstance(kind, type) and issubclass(kind, Artefact)):
            raise TypeError(f"{context.name} must be annotated with the artefact it takes")
        try:
            self._take_customer(context.log.info if context.log else lambda _: None)
            return self.store.read(context.partition_key, kind)
        except ProvisioningError as error:
            raise failure_of(error) from error

    def _take_customer(self, say: Callable[[str], None]) -> None:
        if self._run is not None and self._instance is not None:  # None outside a run
            take_for_run(self._run, self._instance, self.store, say=say)


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
