"""Checks of Dagster's records: whether they answer, and whether they keep runs apart as the project's own do."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from provisioning_assets.doctor.models import Check, Finding, State
from provisioning_assets.doctor.running import first_line
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.settings import PROJECT_FOLDER

PARTITION_TAG = "dagster/partition"
_RECORDS, _LIMITS = "Dagster's records", "Dagster's limits"
_WHY_RECORDS = "Dagster keeps its runs, customers and checks there."
_WHY_LIMITS = (
    "Without them one customer can be provisioned twice at a time, and a run whose process died stays unfinished."
)


def records_check() -> Check:
    """Return the check of the records that this process would use."""
    return Check(_RECORDS, _WHY_RECORDS, dagster_findings)


def dagster_findings() -> list[Finding]:
    """Return whether Dagster's records answer, and whether they have the project's limits.

    The project's own folder is made if it is missing, as each run does.
    """
    from provisioning_assets.lifecycle.provisioning import dagster_instance

    try:
        with dagster_instance() as (instance, home):
            count = instance.get_runs_count()
            kind = type(instance.run_storage).__name__.removesuffix("RunStorage")
            limits = limits_of(instance)
    except ProvisioningError as error:
        if isinstance(error.__cause__, Exception):  # of the database: its remedy is told here, and not to run this
            return [_unusable_records(error.__cause__)]
        return [Finding(_RECORDS, State.MISSING, error.problem, _WHY_RECORDS, error.remedy)]
    except Exception as error:  # noqa: BLE001  # databases and Dagster's configuration have many errors
        return [_unusable_records(error)]
    found = f"{home} ({kind}) answers: {count} run{'' if count == 1 else 's'}"
    return [Finding(_RECORDS, State.OK, found, _WHY_RECORDS), limits_finding(limits, home)]


def _unusable_records(error: Exception) -> Finding:
    home = os.environ.get("DAGSTER_HOME", "")
    # An error of Dagster's configuration quotes dagster.yaml, which may hold a password: only its name is shown.
    said = type(error).__name__ if type(error).__name__.startswith("DagsterInvalidConfig") else first_line(error)
    if isinstance(error, ModuleNotFoundError) or "Couldn't import module" in said:  # Dagster's words
        remedy = f"Install the package that {home}/dagster.yaml names, or unset DAGSTER_HOME to use the project's own records."
    else:
        remedy = f"Start the database that {home}/dagster.yaml names, or mend that file, or unset DAGSTER_HOME."
    return Finding(_RECORDS, State.MISSING, f"{home} cannot be used: {said}", _WHY_RECORDS, remedy)


def limits_of(instance: Any) -> list[str]:
    """Return the sections of the project's ``dagster.yaml`` that keep runs apart, and that this ``DagsterInstance`` lacks."""
    concurrency = instance.get_concurrency_config()
    queue = concurrency.run_queue_config  # None: runs are not queued
    return lacking_limits(
        (queue.tag_concurrency_limits if queue else None) or [],
        concurrency.pool_config.default_pool_limit,
        monitored=instance.run_monitoring_enabled,
        slots_are_freed=bool(instance.run_monitoring_settings.get("free_slots_after_run_end_seconds")),
    )


def lacking_limits(
    tag_limits: Sequence[Mapping[str, Any]], default_pool_limit: int | None, *, monitored: bool, slots_are_freed: bool
) -> list[str]:
    """Return the sections of the project's ``dagster.yaml`` that keep runs apart, and that an instance lacks.

    Args:
        tag_limits: the instance's ``concurrency.runs.tag_concurrency_limits``.
        default_pool_limit: the instance's ``concurrency.pools.default_limit``; asked for only if the project's own has pools.
        monitored: whether the instance looks for runs whose process died.
        slots_are_freed: whether a run that was killed gives back its places in the pools.
    """
    ours: dict[str, Any] = yaml.safe_load((PROJECT_FOLDER / "dagster.yaml").read_text(encoding="utf-8"))
    lacking = {
        "concurrency.runs.tag_concurrency_limits": not _one_run_a_customer(tag_limits),
        "concurrency.pools": bool(ours["concurrency"].get("pools")) and default_pool_limit is None,
        "run_monitoring": not monitored,
        "run_monitoring.free_slots_after_run_end_seconds": monitored and not slots_are_freed,
    }
    return [section for section, lacks in lacking.items() if lacks]


def _one_run_a_customer(limits: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        limit.get("key") == PARTITION_TAG
        and limit.get("limit") == 1
        and isinstance(limit.get("value"), Mapping)
        and limit["value"].get("applyLimitPerUniqueValue") is True
        for limit in limits
    )


def limits_finding(lacking: Sequence[str], home: Path) -> Finding:
    """Return the finding about the limits.

    Args:
        lacking: as ``lacking_limits`` returns it.
        home: the instance's folder.
    """
    if not lacking:
        return Finding(
            _LIMITS, State.OK, "one run per customer at a time; pools are limited; dead runs are found", _WHY_LIMITS
        )
    sections = " and ".join(lacking)
    return Finding(
        _LIMITS,
        State.WARNING,
        f"{home / 'dagster.yaml'} lacks {sections}",
        _WHY_LIMITS,
        f"Copy {sections} from {PROJECT_FOLDER / 'dagster.yaml'} into {home / 'dagster.yaml'}.",
    )
