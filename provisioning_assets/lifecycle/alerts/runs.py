"""What the records of an ended run say to the owner of its demo: an alert with stage, cause and remedy, without a stack trace."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster._core.errors import DagsterAssetCheckFailedError

from provisioning_assets import clock
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.alerts.models import Alert, AlertKind
from provisioning_assets.store import DemoStore

PARTITION_TAG = "dagster/partition"
WILL_RETRY_TAG = "dagster/will_retry"
"""Of a failed run that Dagster starts again by itself, by its own setting ``run_retries``."""
LONGEST_CAUSE = 2000
"""Characters of an exception's message; some quote a whole document."""
_CRASHED_REMEDY = (
    "Run it again: what was made is kept. If it fails in the same way, report it with the run's log, which has more."
)
_DIED_REMEDY = (
    "Run it again: what was made is kept. If it ends so again, memory or disk space may be lacking (provision doctor)."
)


@dataclass(frozen=True)
class Failure:
    """Why a run failed, for a person who can do something about it."""

    stage: str
    cause: str
    remedy: str


def failed_run_alert(
    run: dg.DagsterRun, events: Iterable[dg.DagsterEvent], store: DemoStore, *, ui_url: str
) -> Alert | None:
    """Return the alert about a failed run; None if Dagster starts the run again by itself.

    Args:
        run: the run.
        events: its failures of steps, evaluations of checks, and its own failure.
        store: where the customer's request is, which names the owner.
        ui_url: address of Dagster's UI.
    """
    if run.tags.get(WILL_RETRY_TAG) == "true":
        return None
    failure = failure_in(events)
    customer = run.tags.get(PARTITION_TAG, "")
    return Alert(
        kind=AlertKind.RUN_FAILED,
        event=run.run_id,
        at=clock.now(),
        customer=customer,
        owner=owner_of(store, customer),
        stage=failure.stage,
        cause=failure.cause,
        remedy=failure.remedy,
        link=f"{ui_url}/runs/{run.run_id}",
    )


def owner_of(store: DemoStore, customer: str) -> str:
    """Return the owner that a customer's request names; empty if there is no request, or the key is none."""
    try:
        request = store.find_readable(customer, CustomerRequest) if customer else None
    except ProvisioningError:
        return ""
    return request.owner if request else ""


def failure_in(events: Iterable[dg.DagsterEvent]) -> Failure:
    """Return why a run failed: the first failed step, else the blocking check that failed, else what Dagster says of the run.

    Args:
        events: of one run, in their order.
    """
    events = list(events)
    checks = [
        event.asset_check_evaluation_data
        for event in events
        if event.event_type_value == "ASSET_CHECK_EVALUATION" and not event.asset_check_evaluation_data.passed
    ]
    failures = [event for event in events if event.is_step_failure]
    for event in failures:
        data: Any = event.event_specific_data
        if data.error is not None and data.error.cls_name == DagsterAssetCheckFailedError.__name__:
            continue
        return _step_failure(event.step_key or "", data)
    errors = [check for check in checks if check.severity == dg.AssetCheckSeverity.ERROR and check.blocking]
    if errors:
        return _check_failure(errors[0])
    if failures:
        return Failure(failures[0].step_key or "", "A blocking check failed.", _CRASHED_REMEDY)
    return _run_failure(events)


def _step_failure(stage: str, data: Any) -> Failure:
    told = data.user_failure_data
    if told is not None:
        problem = _text(told.metadata, "problem") or told.description or ""
        remedy = _text(told.metadata, "what to do") or _CRASHED_REMEDY
        if problem:
            return Failure(stage, problem[:LONGEST_CAUSE], remedy)
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    said = error.message.strip() if error is not None else "it has no message"
    return Failure(stage, f"The stage stopped with an unexpected error: {said}"[:LONGEST_CAUSE], _CRASHED_REMEDY)


def _check_failure(check: Any) -> Failure:
    problem = _text(check.metadata, "problem") or check.description or _first_errors(check.metadata)
    cause = f"The check {check.check_name} failed. {problem or 'It gives no reason.'}"
    remedy = _text(check.metadata, "what to do") or "Correct what the check names, and run it again."
    return Failure(check.asset_key.path[-1], cause[:LONGEST_CAUSE], remedy)


def _run_failure(events: list[dg.DagsterEvent]) -> Failure:
    for event in events:
        if event.event_type_value == "PIPELINE_FAILURE":
            data: Any = event.event_specific_data
            error = data.error if data is not None else None
            said = error.message.strip() if error is not None else (event.message or "")
            if said:
                return Failure("", f"The run ended outside of its stages: {said}"[:LONGEST_CAUSE], _DIED_REMEDY)
    return Failure("", "The run ended without a word, as it does when its process is killed.", _DIED_REMEDY)


def _first_errors(metadata: Any) -> str:
    found = metadata["errors"].value if "errors" in metadata else None
    return "; ".join(str(error) for error in found[:3]) if isinstance(found, list) else ""


def _text(metadata: Any, name: str) -> str:
    value = metadata[name].value if metadata and name in metadata else None
    return value if isinstance(value, str) else ""
