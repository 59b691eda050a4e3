"""Where demos are made: the store, warehouse, agent service and workers of this process. Nothing else decides it.

``definitions.py``, the commands and teardown take them from here, so that a demo is removed where it was made. What only a whole
target needs is imported by the functions that make one: `provision list` takes the store alone, and starts sooner.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioning_assets.settings import Settings, read_settings
from provisioning_assets.stored_demos import StoredDemos

if TYPE_CHECKING:
    from provisioning_assets.agent.resources import DataAgents
    from provisioning_assets.claude.resources import Claude
    from provisioning_assets.store import DemoStore
    from provisioning_assets.synthesis.resources import TableWorkers
    from provisioning_assets.warehouse.resources import WarehouseResource


@dataclass(frozen=True)
class Target:
    """Everything that differs between this machine and a cloud, as Dagster resources."""

    store: "DemoStore"
    table_workers: "TableWorkers"
    warehouse: "WarehouseResource"
    data_agents: "DataAgents"
    claude: "Claude"

    def resources(self) -> dict[str, object]:
        """Return the resources by the names that assets ask for them."""
        from provisioning_assets.authoring.resources import MeasuredGates
        from provisioning_assets.lifecycle.resources import DemoIOManager

        return {
            "store": self.store,
            "io_manager": DemoIOManager(store=self.store),
            "table_workers": self.table_workers,
            "warehouse": self.warehouse,
            "data_agents": self.data_agents,
            "claude": self.claude,
            "plan_gates": MeasuredGates(),
        }


def local_target(
    store: "DemoStore", *, endpoint: str = "", dask_scheduler: str = "", claude: "Claude | None" = None
) -> Target:
    """Return the target for one machine. It needs no account, key or network.

    Args:
        store: a folder of this machine.
        endpoint: address of a running local agent server; empty: each session starts one.
        dask_scheduler: address of the Dask scheduler that generates large demos; empty: this machine.
        claude: who writes demos and reads the agent's questions; None: blueprints and rules only.
    """
    from provisioning_assets.agent.resources import LocalDataAgents
    from provisioning_assets.claude.resources import Claude
    from provisioning_assets.synthesis.resources import TableWorkers
    from provisioning_assets.warehouse.resources import DuckDBWarehouse

    claude = claude or Claude(store=store)
    return Target(
        store=store,
        table_workers=TableWorkers(dask_scheduler=dask_scheduler),
        warehouse=DuckDBWarehouse(store=store),
        data_agents=LocalDataAgents(store=store, endpoint=endpoint, claude=claude),
        claude=claude,
    )


def google_target(settings: Settings) -> Target:
    """Return the target for Google Cloud: a store in Cloud Storage, BigQuery, and the Conversational Analytics API.

    Args:
        settings: with a ``gs://`` store and a project.
    """
    from provisioning_assets.agent.resources import GOOGLE_ENDPOINT, GoogleDataAgents
    from provisioning_assets.synthesis.resources import TableWorkers
    from provisioning_assets.warehouse.resources import BigQueryWarehouse

    store = store_of(settings)
    return Target(
        store=store,
        table_workers=TableWorkers(dask_scheduler=settings.dask_scheduler),
        warehouse=BigQueryWarehouse(
            store=store,
            project=settings.google_cloud_project,
            location=settings.bigquery_location,
            maximum_bytes_billed=settings.most_billed_bytes,
        ),
        data_agents=GoogleDataAgents(
            project=settings.google_cloud_project,
            location=settings.conversational_analytics_location,
            endpoint=settings.conversational_analytics_endpoint or GOOGLE_ENDPOINT,
            most_billed_bytes=settings.most_billed_bytes,
            store_root=settings.store_root,
        ),
        claude=_claude(store, settings),
    )


def target_of(settings: Settings) -> Target:
    """Return the target that the settings name."""
    if settings.target == "gcp":
        return google_target(settings)
    store = store_of(settings)
    return local_target(
        store,
        endpoint=settings.conversational_analytics_endpoint,
        dask_scheduler=settings.dask_scheduler,
        claude=_claude(store, settings),
    )


def stored_demos(settings: Settings) -> StoredDemos:
    """Return the files of the store that the settings name, without Dagster."""
    return StoredDemos(settings.store_root)


def store_of(settings: Settings) -> "DemoStore":
    """Return the store of the target that the settings name."""
    from provisioning_assets.store import DemoStore

    return DemoStore(root=settings.store_root)


def _claude(store: "DemoStore", settings: Settings) -> "Claude":
    from provisioning_assets.claude.resources import Claude

    has_key = bool(settings.anthropic_api_key.get_secret_value().strip())
    return Claude(store=store, model=settings.claude_model if has_key else "", budget_usd=settings.budget_usd)


def this_target() -> Target:
    """Return the target that the environment of this process names.

    Raises:
        ProvisioningError: a variable has a value that is not accepted.
    """
    return target_of(read_settings())
