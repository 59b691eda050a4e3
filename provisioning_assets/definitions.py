"""The Dagster definitions of the project: all assets, checks, jobs and resources.

The packages, in the order a demo passes through them:
request -> research -> planning -> synthesis -> quality -> warehouse -> golden -> agent -> content.
"""

import dagster as dg

from provisioning_assets.agent import assets as agent_assets
from provisioning_assets.agent import checks as agent_checks
from provisioning_assets.content import assets as content_assets
from provisioning_assets.content import checks as content_checks
from provisioning_assets.golden import assets as golden_assets
from provisioning_assets.golden import checks as golden_checks
from provisioning_assets.lifecycle import assets as lifecycle_assets
from provisioning_assets.lifecycle import checks as lifecycle_checks
from provisioning_assets.lifecycle.alerts.sensors import canceled_runs, failed_runs, send_alerts, succeeded_runs
from provisioning_assets.lifecycle.jobs import provision_demo
from provisioning_assets.lifecycle.refresh.sensors import refresh_demos
from provisioning_assets.lifecycle.removal import jobs as removal_jobs
from provisioning_assets.lifecycle.removal import schedules as removal_schedules
from provisioning_assets.lifecycle.removal import sensors as removal_sensors
from provisioning_assets.lifecycle.requests.sensors import request_files
from provisioning_assets.lost_interrupts import send_lost_interrupts_again
from provisioning_assets.planning import assets as planning_assets
from provisioning_assets.planning import checks as planning_checks
from provisioning_assets.pools import wait_for_pools_quietly
from provisioning_assets.quality import assets as quality_assets
from provisioning_assets.quality import checks as quality_checks
from provisioning_assets.research.profile import assets as profile_assets
from provisioning_assets.research.profile import checks as profile_checks
from provisioning_assets.research.website import assets as website_assets
from provisioning_assets.research.website import checks as website_checks
from provisioning_assets.settings import read_settings
from provisioning_assets.synthesis import assets as synthesis_assets
from provisioning_assets.synthesis import checks as synthesis_checks
from provisioning_assets.targets import Target, this_target
from provisioning_assets.telemetry.log_lines import configure_logging
from provisioning_assets.warehouse import assets as warehouse_assets
from provisioning_assets.warehouse import checks as warehouse_checks

ROOMS_WITH_ASSETS = [
    lifecycle_assets,
    website_assets,
    profile_assets,
    planning_assets,
    synthesis_assets,
    quality_assets,
    warehouse_assets,
    golden_assets,
    agent_assets,
    content_assets,
]
ROOMS_WITH_CHECKS = [
    lifecycle_checks,
    website_checks,
    profile_checks,
    planning_checks,
    synthesis_checks,
    quality_checks,
    warehouse_checks,
    golden_checks,
    agent_checks,
    content_checks,
]


def production_definitions(target: Target) -> dg.Definitions:
    """Return every asset, check, job, schedule and sensor, bound to one target."""
    wait_for_pools_quietly()
    return dg.Definitions(
        assets=dg.load_assets_from_modules(ROOMS_WITH_ASSETS),
        asset_checks=dg.load_asset_checks_from_modules(ROOMS_WITH_CHECKS),
        jobs=[
            provision_demo,
            *removal_jobs.JOBS,
        ],
        schedules=[
            *removal_schedules.SCHEDULES,
        ],
        sensors=[
            request_files,
            refresh_demos,
            removal_sensors.remove_expired_demos,
            removal_sensors.fail_runs_without_process,
            failed_runs,
            succeeded_runs,
            canceled_runs,
            send_alerts,
        ],
        resources=target.resources(),
        # One process per run: with one process per step, everything would be imported thirteen times.
        executor=dg.in_process_executor,
    )


configure_logging(read_settings())
send_lost_interrupts_again()
defs = production_definitions(this_target())
