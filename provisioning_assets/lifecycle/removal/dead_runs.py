"""Runs that are recorded as started although their process is gone, for example after a reboot.

Dagster records which process carries out a run. That can be asked about only where the process was on this machine, which is
certain if Dagster's records are in SQLite files; with records in PostgreSQL, Dagster's own limits of a run's time apply.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from dagster._core.events import DagsterEventType
from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage

PROCESS_TAG = "provisioning/process"
"""Tag of runs of the life cycle that a command carries out in its own process: the number of the process."""

CLOCK_SECONDS = 60.0
"""By how much the clock may be set while a run is at work: Linux tells when a process began in terms of the present clock.
A process that has the number of an ended one began later than this: numbers return after a restart or thousands of processes."""

IN_PROGRESS = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


def fail_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Record the runs whose process is gone as failed.

    Returns:
        the ids of these runs. Empty if nothing is known of processes: the records are not on this machine.
    """
    if not isinstance(instance.event_log_storage, SqliteEventLogStorage):
        return []
    failed: list[str] = []
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=IN_PROGRESS)):
        process = _process_of(instance, run)
        if process is None or not _is_gone(*process):
            continue
        present = instance.get_run_by_id(run.run_id)
        if present is not None and present.status in IN_PROGRESS:  # it has not ended while we looked
            instance.report_run_failed(present, "The process of this run ended before the run did.")
            failed.append(run.run_id)
    return failed


def _process_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> tuple[int, datetime] | None:
    """The number of the run's process, and when it was noted; None if nothing is known of it."""
    started = instance.get_run_stats(run.run_id).launch_time
    if run.tags.get(PROCESS_TAG, "").isdigit() and started:
        return int(run.tags[PROCESS_TAG]), datetime.fromtimestamp(started, UTC)
    for record in instance.get_records_for_run(run.run_id, of_type=DagsterEventType.ENGINE_EVENT).records:
        event = record.event_log_entry.dagster_event
        number = event.engine_event_data.metadata.get("pid") if event else None
        if number is not None and str(number.value).isdigit():
            return int(str(number.value)), datetime.fromtimestamp(record.event_log_entry.timestamp, UTC)
    return None


def _is_gone(process: int, noted_at: datetime) -> bool:
    """Whether the process ended. A process that began long after it was noted only has the same number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it runs, as another user
        return False
    began = _began_at(process)
    return began is not None and began > noted_at.timestamp() + CLOCK_SECONDS


def _began_at(process: int) -> float | None:
    """When a process of Linux began, in seconds since 1970. Source: proc(5), "btime" and the 22nd field of "stat"."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
        return float(boot.split()[1]) + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, StopIteration, IndexError, ValueError):
        return None
