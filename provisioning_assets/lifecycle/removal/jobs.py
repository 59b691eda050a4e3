"""The jobs that end demos: find those that expired, and remove demos."""

from datetime import timedelta

import dagster as dg
from pydantic import Field

from provisioning_assets.agent.resources import DataAgents
from provisioning_assets.asset_decorators import failure_of
from provisioning_assets.claude.resources import Claude
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.removal.dead_runs import fail_dead_runs
from provisioning_assets.lifecycle.removal.demo_teardown import remove_demo
from provisioning_assets.lifecycle.removal.expiry import find_expired
from provisioning_assets.lifecycle.removal.models import Reason
from provisioning_assets.lifecycle.removal.reconciliation import reconcile
from provisioning_assets.settings import read_settings
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.resources import TableWorkers
from provisioning_assets.targets import Target
from provisioning_assets.warehouse.resources import WarehouseResource

CUSTOMER_TAG = "provisioning/customer"
"""Tag of a run that removes a demo. The run has no partition, because it deletes the runs of the partition."""

ORPHANS, DEAD_RUNS = "orphans", "runs without a process"
"""Names of the metadata of a reconciliation."""

OUTCOMES = "outcomes"
"""Name of the metadata with what came of each removal."""


class CleanupConfig(dg.Config):
    """What is to be removed."""

    customers: list[str] = Field(description="keys of the customers whose demos are to be removed")
    reason: str = Field(
        default=Reason.BY_HAND,
        description="'by hand': remove them whatever their day of expiry is; 'expired': only those that have expired by now",
    )
    dry_run: bool = Field(default=False, description="change nothing, and say what would be removed")


@dg.op(
    out=dg.Out(dg.Nothing), description="Removes the demos one after the other; a refused one does not stop the others."
)
def remove_demos(
    context: dg.OpExecutionContext,
    config: CleanupConfig,
    store: DemoStore,
    warehouse: WarehouseResource,
    data_agents: DataAgents,
    table_workers: TableWorkers,
    claude: Claude,
):
    """Remove demos; the metadata of the output has what came of each."""
    target = Target(
        store=store, table_workers=table_workers, warehouse=warehouse, data_agents=data_agents, claude=claude
    )
    removals = []
    for key in config.customers:
        removal = remove_demo(
            key,
            target,
            context.instance,
            reason=_reason(config.reason),
            run_id=context.run_id,
            dry_run=config.dry_run,
            report=lambda step, what: context.log.info(f"{step}: {what}"),
        )
        (context.log.warning if removal.problem else context.log.info)(f"{key}: {removal.outcome}")
        removals.append(removal)
    yield dg.Output(
        None, metadata={OUTCOMES: dg.MetadataValue.json([each.model_dump(mode="json") for each in removals])}
    )


def _reason(given: str) -> Reason:
    try:
        return Reason(given)
    except ValueError:
        accepted = " or ".join(repr(str(reason)) for reason in (Reason.BY_HAND, Reason.EXPIRED))
        raise failure_of(ProvisioningError(f"{given!r} is no reason to remove a demo.", f"Give {accepted}.")) from None


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Reads all requests, notes expired demos, and warns owners of those that expire soon.",
)
def find_expired_requests(context: dg.OpExecutionContext, store: DemoStore):
    """Fill the list that the sensor works off; the metadata of the output has the keys."""
    try:
        found = find_expired(store, warning_days=read_settings().expiry_warning_days)
    except ProvisioningError as error:
        raise failure_of(error) from error
    context.log.info(f"{found.looked_at} demos: {len(found.expired)} expired, {len(found.warned)} owners warned")
    yield dg.Output(
        None,
        metadata={
            "demos": found.looked_at,
            "expired": dg.MetadataValue.json(found.expired),
            "warned": dg.MetadataValue.json(found.warned),
        },
    )


@dg.job(
    executor_def=dg.in_process_executor,
    description="Removes demos: agent, data set, artefacts, runs and what else Dagster remembers, and the partition.",
)
def cleanup_demos() -> None:
    """Remove the demos whose keys the configuration names."""
    remove_demos()


@dg.job(
    executor_def=dg.in_process_executor,
    description="Finds the demos that have expired, for the sensor that removes them, and warns owners before.",
)
def find_expired_demos() -> None:
    """Find what is to be removed."""
    find_expired_requests()


class ReconcileConfig(dg.Config):
    """How orphans are treated."""

    dry_run: bool = Field(default=False, description="change nothing, and say what does not fit together")


@dg.op(out=dg.Out(dg.Nothing), description="Compares data sets, agents, files and keys; removes what has no demo.")
def reconcile_all(
    context: dg.OpExecutionContext,
    config: ReconcileConfig,
    store: DemoStore,
    warehouse: WarehouseResource,
    data_agents: DataAgents,
    table_workers: TableWorkers,
    claude: Claude,
):
    """Reconcile; the metadata of the output has each orphan with what was done about it."""
    target = Target(
        store=store, table_workers=table_workers, warehouse=warehouse, data_agents=data_agents, claude=claude
    )
    grace = timedelta(hours=read_settings().orphan_grace_hours)
    failed = [] if config.dry_run else fail_dead_runs(context.instance)
    try:
        found = reconcile(target, context.instance, grace=grace, run_id=context.run_id, dry_run=config.dry_run)
    except ProvisioningError as error:
        raise failure_of(error) from error
    for orphan, done in found:
        context.log.warning(f"{orphan.what} {orphan.name}: {orphan.problem}. {done or orphan.remedy}")
    listed = [{**orphan.model_dump(mode="json"), "done": done} for orphan, done in found]
    yield dg.Output(None, metadata={ORPHANS: dg.MetadataValue.json(listed), DEAD_RUNS: dg.MetadataValue.json(failed)})


@dg.job(
    executor_def=dg.in_process_executor,
    description="Finds data sets, agents, files and keys that belong to no demo and demos that lack something, and removes "
    "what this project made for this store, if it is old enough and not in use.",
)
def reconcile_demos() -> None:
    """Compare all that exists."""
    reconcile_all()


JOBS = [cleanup_demos, find_expired_demos, reconcile_demos]
