"""What the commands ``teardown``, ``cleanup`` and ``extend`` do: the same as the schedule, the sensor and the job."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from provisioning_assets import clock
from provisioning_assets.customers import CustomerRequest, kept_for
from provisioning_assets.lifecycle.provisioning import dagster_instance
from provisioning_assets.lifecycle.removal.expiry import expired_keys
from provisioning_assets.lifecycle.removal.models import Reason, Removal
from provisioning_assets.lifecycle.runs import SAY_THE_EXPIRY, exclusive, run_stages
from provisioning_assets.settings import read_settings
from provisioning_assets.targets import Target


def remove_now(
    keys: Sequence[str], target: Target, *, reason: Reason, dry_run: bool, report: Callable[[str], None]
) -> list[Removal]:
    """Remove demos by a run of the job ``cleanup_demos`` in this process. A dry run leaves no run behind.

    Args:
        keys: of the customers.
        target: where the demos were made.
        reason: why they are removed.
        dry_run: change nothing, and return what would be removed.
        report: receives each line that the removal logs.
    """
    with dagster_instance() as (instance, _):
        if dry_run:
            from provisioning_assets.lifecycle.removal.demo_teardown import remove_demo

            return [remove_demo(key, target, instance, reason=reason, run_id="", dry_run=True) for key in keys]
        from provisioning_assets.lifecycle.removal.job_runs import run_job
        from provisioning_assets.lifecycle.removal.jobs import OUTCOMES, remove_demos

        config = {"customers": list(keys), "reason": str(reason)}
        metadata = run_job("cleanup_demos", target, instance, {remove_demos.name: {"config": config}}, report)
        return [Removal.model_validate(outcome) for outcome in metadata[OUTCOMES]]


def remove_expired(target: Target, *, dry_run: bool, report: Callable[[str], None]) -> list[Removal]:
    """Remove the demos that have expired, and finish removals that were interrupted."""
    keys = expired_keys(target.store, clock.today())
    return remove_now(keys, target, reason=Reason.EXPIRED, dry_run=dry_run, report=report) if keys else []


def reconcile_now(target: Target, *, dry_run: bool) -> list[dict[str, str]]:
    """Find what belongs to no demo by a run of the job ``reconcile_demos`` in this process. A dry run leaves no run behind.

    Returns:
        each orphan: what, name, key, problem, remedy, action, and what was done.
    """
    with dagster_instance() as (instance, _):
        if dry_run:
            from provisioning_assets.lifecycle.removal.reconciliation import reconcile

            grace = timedelta(hours=read_settings().orphan_grace_hours)
            found = reconcile(target, instance, grace=grace, run_id="", dry_run=True)
            return [{**orphan.model_dump(mode="json"), "done": done} for orphan, done in found]
        from provisioning_assets.lifecycle.removal.job_runs import run_job
        from provisioning_assets.lifecycle.removal.jobs import ORPHANS

        return run_job("reconcile_demos", target, instance, {}, lambda _line: None)[ORPHANS]


@dataclass(frozen=True)
class Extension:
    """A demo that is kept for another time."""

    key: str
    expires_on: date | None
    """None: it is pinned"""
    pages_made_again: bool
    """whether booklet and scorecard, which show the day, were made again"""

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object, for scripts."""
        return {
            "key": self.key,
            "expires_on": self.expires_on.isoformat() if self.expires_on else None,
            "pinned": self.expires_on is None,
            "pages_made_again": self.pages_made_again,
        }


def extend(key: str, target: Target, *, days: int | None, pinned: bool | None) -> Extension:
    """Keep a demo longer or shorter. Only booklet and scorecard, which show the day, are made again.

    Args:
        key: the customer's key.
        target: where the demo was made.
        days: days from today until it expires; None: as it is.
        pinned: keep it until it is removed by hand; None: as it is, but a number of days unpins it.

    Raises:
        ProvisioningError: there is no such demo, it is being provisioned or removed, or the days are not accepted.
    """
    with dagster_instance() as (instance, home), exclusive(instance, home / "locks", key), target.store.reserved(key):
        request = target.store.read(key, CustomerRequest)
        longer = kept_for(request, days=days, pinned=pinned, today=clock.today())
        target.store.write(key, longer)  # first: from here on nobody removes the demo
        target.warehouse.keep(key, longer.expires_on, longer.owner)
        from provisioning_assets.definitions import defs
        from provisioning_assets.lifecycle.runs import artefact_kinds

        kinds = artefact_kinds(defs)
        has_pages = all(target.store.is_complete(key, kinds[stage]) for stage in SAY_THE_EXPIRY)
        made = has_pages and run_stages(defs, instance, longer, SAY_THE_EXPIRY, lambda _event: None).success
    return Extension(key, longer.expires_on, made)
