"""The sensor that makes demos again. A schedule could not: it cannot ask for runs of partitions that it chooses itself."""

import dagster as dg

from provisioning_assets import clock
from provisioning_assets.customer_partitions import customers
from provisioning_assets.lifecycle.jobs import provision_demo
from provisioning_assets.lifecycle.listing import list_demos
from provisioning_assets.lifecycle.refresh.due import due_for_refresh
from provisioning_assets.lifecycle.run_tags import REFRESH_TAG
from provisioning_assets.lifecycle.runs import UNFINISHED
from provisioning_assets.settings import read_settings
from provisioning_assets.store import DemoStore

A_TICK = 10
"""Demos that one tick asks for at most. Dagster stores runs one by one, 2.5 to 6 a second on SQLite."""
TICK_SECONDS = 900
PRIORITY = "-1"
"""Runs that somebody waits for, which have priority 0, start first."""
PARTITION_TAG = "dagster/partition"


@dg.sensor(
    job=provision_demo,
    minimum_interval_seconds=TICK_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Makes demos again with the day's date when their figures are older than PROVISIONING_REFRESH_DAYS: the oldest "
    f"first, {A_TICK} a tick, PROVISIONING_REFRESHES_A_DAY a day. Left out are demos that have expired or are being made, that "
    "were never finished, and whose as-of date the CE has given.",
)
def refresh_demos(context: dg.SensorEvaluationContext, store: DemoStore) -> dg.SensorResult | dg.SkipReason:
    """Ask for a run of each demo that is due. What was asked for today is read from the runs, so no cursor is needed."""
    settings = read_settings()
    if not settings.refresh_days:
        return dg.SkipReason("PROVISIONING_REFRESH_DAYS is 0: demos are never made again.")
    today = clock.today()
    instance = context.instance
    asked_today = instance.get_runs(filters=dg.RunsFilter(tags={REFRESH_TAG: today.isoformat()}))
    left = settings.refreshes_a_day - len(asked_today)
    if left <= 0:
        return dg.SkipReason(
            f"PROVISIONING_REFRESHES_A_DAY is {settings.refreshes_a_day}: so many were asked for today."
        )
    unfinished = instance.get_runs(filters=dg.RunsFilter(statuses=UNFINISHED))
    busy = {run.tags.get(PARTITION_TAG, "") for run in (*asked_today, *unfinished)}
    due = due_for_refresh(list_demos(store), today, every_days=settings.refresh_days, busy=busy, most=min(A_TICK, left))
    if not due:
        return dg.SkipReason(f"No demo has figures of {settings.refresh_days} days ago or before.")
    known = set(instance.get_dynamic_partitions(str(customers.name)))
    unknown = [demo.key for demo in due if demo.key not in known]
    return dg.SensorResult(
        run_requests=[_request(demo.key, today.isoformat()) for demo in due],
        dynamic_partitions_requests=[customers.build_add_request(unknown)] if unknown else [],
    )


def _request(key: str, day: str) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=f"refresh/{key}/{day}",
        partition_key=key,
        tags={REFRESH_TAG: day, "dagster/priority": PRIORITY},
        # The request is made again from the earlier one, with the day's date. The pages are those that were read.
        run_config={"ops": {"customer_website": {"config": {"keep_pages": True}}}},
    )
