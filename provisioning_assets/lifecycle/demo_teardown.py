"""Removes one demo: agent, data set, artefacts, runs and partition, in that order."""

import shutil
from collections.abc import Callable
from pathlib import Path

import dagster as dg

from provisioning_assets.customers import customers
from provisioning_assets.lifecycle.provisioning import dagster_instance
from provisioning_assets.lifecycle.runs import exclusive
from provisioning_assets.lifecycle.teardown import TeardownStep, tear_down
from provisioning_assets.store import DemoStore


def tear_down_demo(key: str, store: DemoStore, report: Callable[[str, str], None]) -> dict[str, str]:
    """Remove everything that was made for one customer.

    Args:
        key: the customer's key.
        store: where the customer's artefacts are.
        report: called with the name of each step and its result.

    Returns:
        step -> what was removed; empty if nothing of this customer existed.

    Raises:
        ProvisioningError: the customer is being provisioned right now.
    """
    with dagster_instance() as (instance, home), exclusive(instance, home / "locks", key):
        steps = [
            TeardownStep("agent", lambda: _remove_agent(key, store)),
            TeardownStep("data set", lambda: _remove_dataset(key, store)),
            TeardownStep("artefacts", lambda: _remove_folder(key, store)),
            TeardownStep("runs", lambda: _remove_runs(key, instance)),
            TeardownStep("partition", lambda: _remove_partition(key, instance)),
        ]
        return tear_down(steps, report)


def _remove_agent(key: str, store: DemoStore) -> str | None:
    from provisioning_assets.agent.data_agent import agent_id_for, delete_agent
    from provisioning_assets.agent.resources import LocalDataAgents

    with LocalDataAgents(store=store).session() as session:
        name = f"{session.parent}/dataAgents/{agent_id_for(key)}"
        return name if delete_agent(session.agent_client, name) else None


def _remove_dataset(key: str, store: DemoStore) -> str | None:
    from provisioning_assets.warehouse.resources import DuckDBWarehouse

    return f"demo_{key}" if DuckDBWarehouse(store=store).drop(key) else None


def _remove_folder(key: str, store: DemoStore) -> str | None:
    folder = store.folder(key)
    if not folder.exists():
        return None
    files = sum(1 for file in folder.rglob("*") if file.is_file())
    # The request is removed last: as long as it exists, the list shows a teardown that stopped half way.
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name == "customer_request.json"):
        local = Path(str(entry))
        shutil.rmtree(local) if local.is_dir() else local.unlink()
    Path(str(folder)).rmdir()
    return f"{files} files"


def _remove_runs(key: str, instance: dg.DagsterInstance) -> str | None:
    """Delete the runs and with them the materializations; otherwise these would reappear if the key is used again."""
    runs = instance.get_runs(filters=dg.RunsFilter(tags={"dagster/partition": key}))
    for run in runs:
        instance.delete_run(run.run_id)
    return f"{len(runs)} runs" if runs else None


def _remove_partition(key: str, instance: dg.DagsterInstance) -> str | None:
    name = str(customers.name)
    if not instance.has_dynamic_partition(name, key):
        return None
    instance.delete_dynamic_partition(name, key)
    return key
