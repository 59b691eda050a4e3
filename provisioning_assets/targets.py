"""Where demos are made: the store, warehouse, agent service and workers of this process. Nothing else decides it.

``definitions.py``, the commands and teardown take them from here, so that a demo is removed where it was made.
"""

from dataclasses import dataclass

from provisioning_assets.agent.resources import DataAgents, LocalDataAgents
from provisioning_assets.settings import Settings, read_settings
from provisioning_assets.store import ArtefactIOManager, DemoStore
from provisioning_assets.synthesis.resources import TableWorkers
from provisioning_assets.warehouse.resources import DuckDBWarehouse, WarehouseResource


@dataclass(frozen=True)
class Target:
    """Everything that differs between this machine and a cloud, as Dagster resources."""

    store: DemoStore
    table_workers: TableWorkers
    warehouse: WarehouseResource
    data_agents: DataAgents

    def resources(self) -> dict[str, object]:
        """Return the resources by the names that assets ask for them."""
        return {
            "store": self.store,
            "io_manager": ArtefactIOManager(store=self.store),
            "table_workers": self.table_workers,
            "warehouse": self.warehouse,
            "data_agents": self.data_agents,
        }


def local_target(store: DemoStore, *, endpoint: str = "", dask_scheduler: str = "") -> Target:
    """Return the target for one machine. It needs no account, key or network.

    Args:
        store: a folder of this machine.
        endpoint: address of a running local agent server; empty: each session starts one.
        dask_scheduler: address of the Dask scheduler that generates large demos; empty: this machine.
    """
    return Target(
        store=store,
        table_workers=TableWorkers(dask_scheduler=dask_scheduler),
        warehouse=DuckDBWarehouse(store=store),
        data_agents=LocalDataAgents(store=store, endpoint=endpoint),
    )


def target_of(settings: Settings) -> Target:
    """Return the target that the settings name."""
    return local_target(
        DemoStore(root=settings.store_root),
        endpoint=settings.conversational_analytics_endpoint,
        dask_scheduler=settings.dask_scheduler,
    )


def this_target() -> Target:
    """Return the target that the environment of this process names.

    Raises:
        ProvisioningError: a variable has a value that is not accepted.
    """
    return target_of(read_settings())
