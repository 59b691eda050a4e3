"""Runs a job of the life cycle in this process, for a command."""

import os
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.removal.dead_runs import PROCESS_TAG
from provisioning_assets.lifecycle.removal.jobs import JOBS
from provisioning_assets.targets import Target


def run_job(
    name: str,
    target: Target,
    instance: dg.DagsterInstance,
    ops: Mapping[str, Any],
    report: Callable[[str], None],
) -> dict[str, Any]:
    """Run a job of one op, and return the metadata of its output as plain values.

    Args:
        name: of the job.
        target: what it works on.
        instance: where the run is recorded.
        ops: configuration of its op.
        report: receives each line that the op logs.

    Raises:
        ProvisioningError: the op reported a user's mistake.
    """
    definitions = dg.Definitions(jobs=JOBS, resources=target.resources())
    run_id = str(uuid.uuid4())
    instance.add_event_listener(run_id, lambda entry: None if entry.dagster_event else report(entry.user_message))
    result = definitions.resolve_job_def(name).execute_in_process(
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}, "ops": dict(ops)},
        instance=instance,
        run_id=run_id,
        tags={PROCESS_TAG: str(os.getpid())},
        raise_on_error=False,
    )
    for event in result.all_events:
        if event.is_step_failure:
            failure = event.step_failure_data
            found = failure.user_failure_data
            problem = found.metadata.get("problem") if found else None
            remedy = found.metadata.get("what to do") if found else None
            said = str(problem.value) if problem else _words(failure.error)
            raise ProvisioningError(
                said, str(remedy.value) if remedy else f"Run the same command again; the run {run_id} has the details."
            )
    outputs = [event for event in result.all_events if event.is_successful_output]
    return {label: value.value for output in outputs for label, value in output.step_output_data.metadata.items()}


def _words(error: Any) -> str:
    while error.cause:
        error = error.cause
    return error.message.strip()
