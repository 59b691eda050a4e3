"""When demos that expired are looked for."""

import dagster as dg

from provisioning_assets.lifecycle.removal.jobs import find_expired_demos

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

SCHEDULES = [find_expired_every_night]
