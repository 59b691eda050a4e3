"""Removes demos that have expired, a few at a time."""

import warnings

import dagster as dg

from provisioning_assets.customer_lock import locks_folder
from provisioning_assets.lifecycle.removal.dead_runs import fail_dead_runs
from provisioning_assets.lifecycle.removal.jobs import CUSTOMER_TAG, CleanupConfig, cleanup_demos, remove_demos
from provisioning_assets.lifecycle.removal.records import DueRemovals
from provisioning_assets.lifecycle.runs import end_dead_command_line_runs
from provisioning_assets.settings import read_settings
from provisioning_assets.store import DemoStore

SECONDS_BETWEEN = 60
SECONDS_BETWEEN_LOOKS = 30
"""At runs whose process is gone. Until they are found, runs of the same customer wait for them."""

LATER_THAN_DEMOS = "-1"
"""Priority in the queue: a CE waits for a demo, and nobody for a removal."""

# A parameter of every sensor is in beta in this Dagster release, also if it is not given. Users do not need this warning.
warnings.filterwarnings(
    "ignore", category=dg.BetaWarning, message="Parameter `owners` of initializer `SensorDefinition"
)


@dg.sensor(
    job=cleanup_demos,
    minimum_interval_seconds=SECONDS_BETWEEN,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Requests a removal for each demo that was found to have expired, at most so many a tick. A removal that "
    "failed or was refused is requested again after the demo is found on the next day.",
)
def remove_expired_demos(context: dg.SensorEvaluationContext, store: DemoStore) -> dg.SensorResult | dg.SkipReason:
    """Hand out the next entries of the list of due removals. The cursor is the entry that was handed out last.

    An evaluation that is repeated hands out the same entries, whose names Dagster knows as run keys, so none runs twice.
    """
    entries = DueRemovals(store).after(context.cursor or "", read_settings().removals_per_tick)
    if not entries:
        return dg.SkipReason("No demo that has expired waits for its removal.")
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(
                run_key=name,
                run_config=dg.RunConfig(
                    ops={remove_demos.name: CleanupConfig(customers=[due.key], reason=str(due.reason))}
                ),
                tags={CUSTOMER_TAG: due.key, "dagster/priority": LATER_THAN_DEMOS},
            )
            for name, due in entries
        ],
        cursor=entries[-1][0],
    )


@dg.sensor(
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Records runs whose process is gone, after `provision run` was killed or the machine restarted, as failed. "
    "Otherwise they would keep a place in the queue and in the pools, and runs of the same customer would wait for them.",
)
def fail_runs_without_process(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Look at the runs in progress. To record one as failed twice changes nothing."""
    failed = [
        *end_dead_command_line_runs(context.instance, locks_folder(context.instance)),
        *fail_dead_runs(context.instance),
    ]
    return dg.SkipReason(
        f"Recorded as failed: {', '.join(failed)}." if failed else "Every run in progress has its process."
    )
