"""The sensor that finds commands whose process has died."""

import dagster as dg

from provisioning_assets.customer_lock import locks_folder
from provisioning_assets.lifecycle.runs import end_dead_command_line_runs

SECONDS_BETWEEN_TICKS = 30


@dg.sensor(
    minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Records runs of `provision run` whose process was killed as failed. Otherwise they would keep a place in the "
    "queue and in the pools, and runs of the same customer would wait for them. Dagster itself looks after the runs that it has "
    "launched.",
)
def dead_commands(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Look once."""
    ended = end_dead_command_line_runs(context.instance, locks_folder(context.instance))
    return dg.SkipReason(f"Recorded as failed: {', '.join(ended)}." if ended else "No command has died.")
