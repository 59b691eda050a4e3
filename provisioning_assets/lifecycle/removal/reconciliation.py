"""Compares all that exists, removes what belongs to no demo, and records runs whose process is gone as failed."""

from datetime import timedelta
from pathlib import Path

import dagster as dg

from provisioning_assets.customer_partitions import customers
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
from provisioning_assets.lifecycle.removal.dagster_records import PARTITION_TAG
from provisioning_assets.lifecycle.removal.demo_teardown import remove_demo
from provisioning_assets.lifecycle.removal.models import Reason
from provisioning_assets.lifecycle.removal.orphans import Inventory, Orphan, Remedy, find_orphans, orphans_alert
from provisioning_assets.lifecycle.removal.records import StartedRemovals
from provisioning_assets.lifecycle.runs import UNFINISHED, exclusive
from provisioning_assets.targets import Target


def inventory_of(target: Target, instance: dg.DagsterInstance) -> Inventory:
    """List all that exists, each place once."""
    unfinished = instance.get_runs(filters=dg.RunsFilter(statuses=UNFINISHED))
    return Inventory(
        partitions=frozenset(instance.get_dynamic_partitions(str(customers.name))),
        busy=frozenset(run.tags[PARTITION_TAG] for run in unfinished if PARTITION_TAG in run.tags),
        folders=frozenset(target.store.customer_keys()),
        datasets=target.warehouse.data_sets(),
        agents=target.data_agents.agents(),
        started=StartedRemovals(target.store).all(),
    )


def reconcile(
    target: Target, instance: dg.DagsterInstance, *, grace: timedelta, run_id: str, dry_run: bool
) -> list[tuple[Orphan, str]]:
    """Find what does not fit together, and put right what is ours and old enough.

    Args:
        target: where demos are made.
        instance: where their runs are recorded.
        grace: age from which on something without a demo is removed.
        run_id: the Dagster run that does it, for the record of removals.
        dry_run: change nothing and tell nobody.

    Returns:
        each orphan with what was done about it.
    """
    orphans = find_orphans(target.store, inventory_of(target, instance), grace=grace)
    if dry_run:
        return [(orphan, f"would {orphan.action}" if orphan.action is not Remedy.REPORT else "") for orphan in orphans]
    done: dict[str, str] = {}
    for key in dict.fromkeys(orphan.key for orphan in orphans if orphan.action is Remedy.REMOVE):
        done[key] = remove_demo(key, target, instance, reason=Reason.ORPHAN, run_id=run_id).outcome
    for orphan in orphans:
        if orphan.action is Remedy.KEEP_AS_REQUESTED:
            done[orphan.key] = _keep_as_requested(orphan.key, target, instance)
    if orphans:
        AlertOutbox(target.store).put(orphans_alert(orphans))
    return [(orphan, done.get(orphan.key, "") if orphan.action is not Remedy.REPORT else "") for orphan in orphans]


def _keep_as_requested(key: str, target: Target, instance: dg.DagsterInstance) -> str:
    try:
        with exclusive(instance, Path(instance.root_directory) / "locks", key), target.store.reserved(key):
            request = target.store.read(key, CustomerRequest)
            target.warehouse.keep(key, request.expires_on, request.owner)
    except ProvisioningError as error:
        return f"refused: {error.problem}"
    return f"expires on {request.expires_on}" if request.expires_on else "does not expire"
