"""Removes one demo: agent, data set, artefacts, runs and partition, in that order."""

from collections.abc import Callable

import dagster as dg

from provisioning_assets.customers import customers
from provisioning_assets.lifecycle.provisioning import dagster_instance
from provisioning_assets.lifecycle.runs import exclusive
from provisioning_assets.lifecycle.teardown import TeardownStep, tear_down
from provisioning_assets.targets import Target


def tear_down_demo(key: str, target: Target, report: Callable[[str, str], None]) -> dict[str, str]:
    """Remove everything that was made for one customer.

    Args:
        key: the customer's key.
        target: where the demo was made.
        report: called with the name of each step and its result.

    Returns:
        step -> what was removed; empty if nothing of this customer existed.

    Raises:
        ProvisioningError: the customer is being provisioned right now, here or on another machine that uses the same store.
    """
    with (
        dagster_instance() as (instance, home),
        exclusive(instance, home / "locks", key),
        target.store.reserved(key),
    ):
        steps = [
            TeardownStep("agent", lambda: _remove_agent(key, target)),
            TeardownStep("data set", lambda: _remove_dataset(key, target)),
            TeardownStep("artefacts", lambda: _remove_artefacts(key, target)),
            TeardownStep("runs", lambda: _remove_runs(key, instance)),
            TeardownStep("partition", lambda: _remove_partition(key, instance)),
        ]
        return tear_down(steps, report)


def _remove_agent(key: str, target: Target) -> str | None:
    from provisioning_assets.agent.data_agent import delete_agents

    with target.data_agents.session() as session:
        return ", ".join(delete_agents(session.agent_client, session.parent, key)) or None


def _remove_dataset(key: str, target: Target) -> str | None:
    return f"demo_{key}" if target.warehouse.drop(key) else None


def _remove_artefacts(key: str, target: Target) -> str | None:
    files = target.store.remove(key)
    return f"{files} files" if files is not None else None


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
