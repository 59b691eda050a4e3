"""Tags of runs, by which it is known later what started them."""

COMMAND_LINE_TAG = "provisioning/command_line"
"""Tag of runs started from the command line, with the run's id and the name of the folder of its lock. Their process holds the
customer's lock until it ends."""
BEGAN_TAG = "provisioning/began"
"""Tag of runs from the command line: when the command began, which may need several runs. ISO 8601, in UTC."""
REFRESH_TAG = "provisioning/refresh"
"""Tag of runs that the refresh asked for: the day, as 2026-01-31."""


def trigger_of(tags: dict[str, str]) -> str:
    """Return what started a run, from its tags: command line, refresh, the name of a sensor or schedule, or Dagster."""
    if COMMAND_LINE_TAG in tags:
        return "command line"
    if REFRESH_TAG in tags:
        return "refresh"
    return tags.get("dagster/sensor_name") or tags.get("dagster/schedule_name") or "Dagster"
