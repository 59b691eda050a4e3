"""Dagster resource that selects where tables are generated: on this machine, or by the workers of a Dask cluster."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import dagster as dg
from pydantic import Field

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.synthesis.models import SyntheticTables


class TableWorkers(dg.ConfigurableResource):
    """The workers of this machine, or the workers of a Dask cluster that sees the same store."""

    dask_scheduler: str = Field(
        default="", description="address of the scheduler, e.g. tcp://10.0.0.5:8786; empty: this machine"
    )

    @contextlib.contextmanager
    def open(self, model: DataModel) -> Iterator[int | Executor]:
        """The workers to pass to ``synthesise``. A model that one process generates in seconds is generated in this process.

        Raises:
            ProvisioningError: the cluster does not answer, or Dask is not installed.
        """
        from provisioning_assets.synthesis.engine import workers_for
        from provisioning_assets.synthesis.workforce import dask_cluster

        processes = workers_for(model)
        if not self.dask_scheduler or processes == 1:
            yield processes
            return
        with dask_cluster(self.dask_scheduler) as executor:
            yield executor

    def generate_here(self, model: DataModel, folder: Path) -> SyntheticTables:
        """Generate a model's tables in this process, in a local folder that the workers of a cluster do not see.

        Used for a model that another stage needs in addition to the demo's own, such as the demo without planted changes.

        Raises:
            ProvisioningError: the model cannot be generated.
        """
        from provisioning_assets.synthesis.engine import synthesise

        return synthesise(model, folder)
