"""Removes one demo: agent, data set, artefacts, what Dagster remembers, and the partition, in that order."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import dagster as dg

from provisioning_assets import clock
from provisioning_assets.customer_partitions import customers
from provisioning_assets.customers import CustomerRequest, site_of_key
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.alerts.models import Alert, AlertKind
from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
from provisioning_assets.lifecycle.removal.dagster_records import forget_partition, remembered_of
from provisioning_assets.lifecycle.removal.expiry import has_expired, removed_alert
from provisioning_assets.lifecycle.removal.models import Reason, Removal, RemovalRecord, StartedRemoval
from provisioning_assets.lifecycle.removal.records import AuditTrail, DueRemovals, StartedRemovals
from provisioning_assets.lifecycle.removal.teardown_steps import TeardownStep, tear_down, would_tear_down
from provisioning_assets.lifecycle.runs import exclusive
from provisioning_assets.targets import Target


def remove_demo(
    key: str,
    target: Target,
    instance: dg.DagsterInstance,
    *,
    reason: Reason,
    run_id: str,
    dry_run: bool = False,
    report: Callable[[str, str], None] = lambda _step, _what: None,
) -> Removal:
    """Remove everything that was made for one customer. If it was interrupted, the next call finishes it.

    What is removed without a person's wish is looked at again under the customer's lock: a demo that is kept longer by now
    stays, and so does one that has a request which cannot be read.

    Args:
        key: the customer's key.
        target: where the demo was made.
        instance: where its runs are recorded.
        reason: why it is removed.
        run_id: the Dagster run that removes it, for the record of removals.
        dry_run: change nothing, and return what would be removed.
        report: called with the name of each step and its result.

    Returns:
        what was removed, or why it was kept or refused: the customer is being provisioned, or something of the name is not ours.
    """
    try:
        site_of_key(key)
        with exclusive(instance, Path(instance.root_directory) / "locks", key), target.store.reserved(key):
            return _remove_alone(key, target, instance, reason, run_id, dry_run, report)
    except ProvisioningError as error:
        if not dry_run and reason is not Reason.BY_HAND:
            AlertOutbox(target.store).put(_refusal(key, target, error))
        return Removal(key=key, reason=reason, dry_run=dry_run, problem=error.problem, remedy=error.remedy)


def _remove_alone(
    key: str,
    target: Target,
    instance: dg.DagsterInstance,
    reason: Reason,
    run_id: str,
    dry_run: bool,
    report: Callable[[str, str], None],
) -> Removal:
    started = StartedRemovals(target.store)
    due = DueRemovals(target.store)
    earlier = started.find(key)
    kept = _why_kept(key, target, reason, earlier, clock.today())
    if kept:
        if not dry_run:
            due.forget(key)
        return Removal(key=key, reason=reason, dry_run=dry_run, kept=kept)
    steps = _steps(key, target, instance)
    if dry_run:
        return Removal(key=key, reason=reason, dry_run=True, removed=would_tear_down(steps))
    removal = earlier or _begun(key, target, reason)
    removal = removal.model_copy(update={"runs": list(dict.fromkeys([*removal.runs, *([run_id] if run_id else [])]))})

    def note(step: str, what: str) -> None:
        removal.removed[step] = what
        started.note(removal)

    tear_down(steps, note, report)
    if removal.removed:
        AuditTrail(target.store).add(RemovalRecord(**removal.model_dump(), ended_at=clock.now()))
        AlertOutbox(target.store).put(
            removed_alert(
                key,
                url=removal.url,
                owner=removal.owner,
                event=removal.started_at.isoformat(),
                reason=removal.reason,
                expired_on=removal.expired_on,
            )
        )
    due.forget(key)
    started.forget(key)
    return Removal(key=key, reason=reason, removed=removal.removed)


def _begun(key: str, target: Target, reason: Reason) -> StartedRemoval:
    request = target.store.find_readable(key, CustomerRequest)
    return StartedRemoval(
        key=key,
        reason=reason,
        url=request.url if request else "",
        owner=request.owner if request else "",
        expired_on=request.expires_on if request else None,
        started_at=clock.now(),
    )


def _why_kept(key: str, target: Target, reason: Reason, earlier: StartedRemoval | None, today: date) -> str:
    """Return why the demo must stay; empty if it may be removed.

    Raises:
        ProvisioningError: it has a request that cannot be read, so nobody knows whether it has expired.
    """
    if reason is Reason.BY_HAND:
        return ""
    if not target.store.exists(key, CustomerRequest):
        return "" if earlier or reason is Reason.ORPHAN else "there is no demo of this key any more"
    request = target.store.read(key, CustomerRequest)
    if reason is Reason.ORPHAN:
        return "it has a request by now"
    if has_expired(request, today):
        return ""
    return "it is pinned" if request.pinned else f"it expires on {request.expires_on}"


def _refusal(key: str, target: Target, error: ProvisioningError) -> Alert:
    try:
        request = target.store.find_readable(key, CustomerRequest)
    except ProvisioningError:
        request = None
    return Alert(
        kind=AlertKind.CLEANUP_REFUSED,
        event=clock.today().isoformat(),
        at=clock.now(),
        customer=key,
        owner=request.owner if request else "",
        cause=f"The demo {key} is not removed: {error.problem}",
        remedy=f"{error.remedy} It is tried again tomorrow.",
    )


# --- the steps ---------------------------------------------------------------------------------------------------


def _steps(key: str, target: Target, instance: dg.DagsterInstance) -> list[TeardownStep]:
    name = str(customers.name)
    return [
        TeardownStep("agent", lambda: _agents(key, target), lambda: _remove_agents(key, target)),
        TeardownStep("data set", lambda: ", ".join(target.warehouse.holdings(key)), lambda: target.warehouse.drop(key)),
        TeardownStep("artefacts", lambda: _artefacts(key, target), lambda: target.store.remove(key)),
        TeardownStep("runs", lambda: remembered_of(instance, key), lambda: forget_partition(instance, key)),
        TeardownStep(
            "partition",
            lambda: key if instance.has_dynamic_partition(name, key) else None,
            lambda: instance.delete_dynamic_partition(name, key),
        ),
    ]


def _agents(key: str, target: Target) -> str:
    from provisioning_assets.agent.data_agent import removable_agents

    with target.data_agents.session() as session:
        return ", ".join(removable_agents(session.agent_client, session.parent, key))


def _remove_agents(key: str, target: Target) -> None:
    from provisioning_assets.agent.data_agent import delete_agents

    with target.data_agents.session() as session:
        delete_agents(session.agent_client, session.parent, key)


def _artefacts(key: str, target: Target) -> str | None:
    files = target.store.count_files(key)
    return None if files is None else f"{files} files"
