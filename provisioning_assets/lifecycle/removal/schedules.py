"""When demos that expired are looked for."""

import dagster as dg

from provisioning_assets.lifecycle.removal.jobs import find_expired_demos, reconcile_demos

EVERY_NIGHT = "15 2 * * *"
"""In UTC, in which days of expiry begin. A quarter past two, when nobody rehearses in Europe or America."""

find_expired_every_night = dg.ScheduleDefinition(
    name="find_expired_every_night",
    job=find_expired_demos,
    cron_schedule=EVERY_NIGHT,
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Notes which demos have expired, and warns the owners of those that expire soon.",
)

reconcile_every_night = dg.ScheduleDefinition(
    name="reconcile_every_night",
    job=reconcile_demos,
    cron_schedule="45 2 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Finds what belongs to no demo, half an hour after the expired demos were looked for.",
)

SCHEDULES = [find_expired_every_night, reconcile_every_night]
