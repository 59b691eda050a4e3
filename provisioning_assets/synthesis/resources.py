"""Who generates the tables, as a Dagster resource: this machine, or the workers of a Dask cluster."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor

import dagster as dg
from pydantic import Field

from provisioning_assets.data_model.models import DataModel


class TableWorkers(dg.ConfigurableResource):
    """The workers of one machine, or beyond it those of a Dask cluster that sees the same store."""

    dask_scheduler: str = Field(default="", description="its address, e.g. tcp://10.0.0.5:8786; empty: this machine")

    @contextlib.contextmanager
    def open(self, model: DataModel) -> Iterator[int | Executor]:
        """What ``synthesise`` takes as workers. A model that one process generates in seconds is left to this one.

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
