"""Provisions one customer from the command line: stores the request, runs the missing stages, returns a report."""

import contextlib
import logging
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import dagster as dg
from filelock import FileLock

from provisioning_assets import clock
from provisioning_assets.atomic_files import opened_at
from provisioning_assets.content.models import DemoBooklet, DemoScorecard
from provisioning_assets.customers import CustomerRequest, build_request
from provisioning_assets.dagster_home import ensure_dagster_home, keep_database_engines, records_without_waiting
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.lifecycle.claude_check import refuse_what_needs_claude
from provisioning_assets.lifecycle.edits_check import refuse_impossible_edits
from provisioning_assets.lifecycle.runs import RunOutcome, exclusive, run_stages, stages_to_run
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import this_target


class Progress(Protocol):
    """Receives the progress of a run."""

    def planned(self, key: str, stages: Mapping[str, str], up_to_date: list[str]) -> None:
        """The run begins. ``stages`` maps each stage to the reason why it runs; ``up_to_date`` stages are reused."""
        ...

    def started(self, stage: str) -> None:
        """A stage begins."""
        ...

    def said(self, stage: str, message: str) -> None:
        """A stage reports what it is doing."""
        ...

    def finished(self, report: "StageReport") -> None:
        """A stage ended."""
        ...


MAX_ERRORS_SHOWN = 3
"""Largest number of errors of one check that are shown in a terminal. Dagster's page of the check lists all of them."""


@dataclass
class CheckReport:
    """One asset check that did not pass."""

    stage: str
    name: str
    severity: str
    description: str


@dataclass
class StageReport:
    """The result of one stage. ``status``: made, reused, failed, or not reached."""

    stage: str
    status: str
    seconds: float = 0.0
    summary: str = ""
    checks: list[CheckReport] = field(default_factory=list)


@dataclass
class RunReport:
    """The result of a run."""

    key: str
    success: bool
    problem: str | None
    run_id: str | None
    seconds: float
    stages: list[StageReport]
    scorecard: DemoScorecard | None
    booklet: str | None
    first_question: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the report as a JSON object, for scripts."""
        return {
            "key": self.key,
            "success": self.success,
            "ready": bool(self.scorecard and self.scorecard.ready),
            "problem": self.problem,
            "run_id": self.run_id,
            "seconds": round(self.seconds, 3),
            "stages": [
                {
                    "stage": stage.stage,
                    "status": stage.status,
                    "seconds": round(stage.seconds, 3),
                    "summary": stage.summary,
                    "failed_checks": [vars(check) for check in stage.checks],
                }
                for stage in self.stages
            ],
            "booklet": self.booklet,
            "scorecard": self.scorecard.model_dump(mode="json") if self.scorecard else None,
        }


@contextlib.contextmanager
def dagster_instance() -> Iterator[tuple[dg.DagsterInstance, Path]]:
    """Open the project's Dagster instance; yield it and its folder.

    Raises:
        ProvisioningError: its records cannot be read or written, inside the block or before it.
    """
    from sqlalchemy.exc import DBAPIError

    home = ensure_dagster_home()
    keep_database_engines()
    # Ctrl-C while a connection is closed is raised as everywhere; SQLAlchemy would also show its stack trace.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    # If two processes open a new instance at the same time, both create its SQLite tables and one fails.
    try:
        with records_without_waiting():
            with FileLock(home / "opening.lock"):
                instance = dg.DagsterInstance.get()
            with instance:
                yield instance, home
    except DBAPIError as error:
        raise ProvisioningError(
            f"Dagster's records in {home} cannot be read or written: {str(error.orig).splitlines()[0]}.",
            "Look whether the disk is full and whether their database answers (provision doctor), then repeat the command: "
            "what is finished is kept.",
        ) from error


def provision_customer(
    key: str, asked: dict[str, Any], *, everything: bool, progress: Progress, read_again: bool = False
) -> RunReport:
    """Provision one customer in this process.

    Args:
        key: the customer's key.
        asked: the CE's request, field -> value; None means not given.
        everything: run every stage again, also those that are up to date.
        progress: receives the progress.
        read_again: read the website again, also if it is up to date.

    Raises:
        ProvisioningError: a value of the request is not accepted, or another run is provisioning the customer. In
            both cases nothing is stored.
    """
    began, began_at = time.perf_counter(), clock.now()
    target = this_target()
    store = target.store
    today = clock.today()
    request = build_request(key, asked, today=today, previous=store.find_readable(key, CustomerRequest))
    refuse_what_needs_claude(request, has_key=target.claude.is_used)
    refuse_impossible_edits(store, request)
    with dagster_instance() as (instance, home), exclusive(instance, home / "locks", key), store.reserved(key):
        from provisioning_assets.definitions import defs

        store.remove_half_written(key)
        stages = stages_to_run(defs, instance, store, request, everything=everything, read_again=read_again)
        progress.planned(key, stages.to_run, stages.up_to_date)
        listener = RunListener(progress, stages.to_run)
        made: list[str] = []
        outcome = RunOutcome(None, True, None, None)
        while stages.to_run and outcome.success:
            now = stages.first_part()
            outcome = run_stages(
                defs, instance, request, now, listener, read_again=everything or read_again, began=began_at
            )
            made += now
            # The asset builds the request a second time, and after midnight its defaults are those of another day.
            request = store.find_readable(key, CustomerRequest) or request
            # If a stage's result is unchanged, the stages after it stay up to date.
            stages = (
                stages.without(now)
                if now == list(stages.to_run) or not outcome.success
                else stages_to_run(defs, instance, store, request, everything=False)
            )
        names = [stage for stage in [*made, *stages.to_run] if stage]
        reports = [StageReport(stage, "reused") for stage in stages.up_to_date if stage not in names]
        reports += [listener.reports.get(stage) or StageReport(stage, "not reached") for stage in names]
        success, run_id = outcome.success, outcome.run_id
        problem = outcome.problem or (None if success else listener.blocking_problem())
    booklet = store.find_readable(key, DemoBooklet) if success else None
    return RunReport(
        key=key,
        success=success,
        problem=problem,
        run_id=run_id,
        seconds=time.perf_counter() - began,
        stages=reports,
        scorecard=store.find_readable(key, DemoScorecard) if success else None,
        booklet=opened_at(store.folder(key) / booklet.path) if booklet else None,
        first_question=_first_question(store, key) if success else None,
    )


def _first_question(store: DemoStore, key: str) -> str | None:
    """Return the first question of the script, which the agent is known to answer; None if there is none."""
    golden = store.find_readable(key, GoldenQueries)
    return golden.queries[0].question if golden and golden.queries else None


class RunListener:
    """Turns Dagster's events into stage reports during the run."""

    def __init__(self, progress: Progress, stages: Collection[str]) -> None:
        self.reports: dict[str, StageReport] = {}
        self._stages = stages
        self._progress = progress
        self._began: dict[str, float] = {}
        self._current: str | None = None

    def __call__(self, entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            if self._current and int(entry.level) >= logging.INFO:
                self._progress.said(self._current, entry.user_message)
            return
        name = event.step_key or ""
        if event.event_type_value == "STEP_START" and name in self._stages:
            self._current, self._began[name] = name, time.perf_counter()
            self.reports[name] = StageReport(name, "running")
            self._progress.started(name)
        elif event.event_type_value == "ASSET_MATERIALIZATION":
            metadata = event.step_materialization_data.materialization.metadata
            summary = metadata.get("summary")
            self.reports[name].summary = str(summary.value) if summary else ""
            if "reused" in metadata and metadata["reused"].value:
                self.reports[name].status = "reused"
        elif event.event_type_value == "ENGINE_EVENT" and name in self._stages:
            pool = getattr(event.event_specific_data, "metadata", {}).get("pool")
            if pool is not None:
                self._progress.said(name, f"waits until another run has left the pool {pool.value}")
        elif event.event_type_value == "ASSET_CHECK_EVALUATION":
            self._note_check(event.asset_check_evaluation_data)
        elif event.event_type_value in ("STEP_SUCCESS", "STEP_FAILURE") and name in self._began:
            report = self.reports[name]
            if event.event_type_value == "STEP_FAILURE":
                report.status = "failed"
            elif report.status != "reused":
                report.status = "made"
            report.seconds = time.perf_counter() - self._began.pop(name)
            self._current = None  # what Dagster logs between stages is not a message of a stage
            self._progress.finished(report)

    def _note_check(self, evaluation: Any) -> None:
        if evaluation.passed:
            return
        stage = evaluation.asset_key.path[-1]
        problem = evaluation.description or _errors(evaluation.metadata)
        check = CheckReport(stage, evaluation.check_name, evaluation.severity.value, problem)
        self.reports.setdefault(stage, StageReport(stage, "made")).checks.append(check)
        self._progress.said(stage, f"check {check.name}: {check.severity.lower()}. {check.description}")

    def blocking_problem(self) -> str | None:
        """Return the messages of the failed checks, if they are the reason why later stages were not reached."""
        errors = [check for report in self.reports.values() for check in report.checks if check.severity == "ERROR"]
        return (
            " ".join(f"{check.stage}: the check {check.name} failed. {check.description}" for check in errors) or None
        )


def _errors(metadata: Mapping[str, dg.MetadataValue]) -> str:
    """Return the first ``MAX_ERRORS_SHOWN`` errors of a check. Every check lists its errors in the metadata ``errors``."""
    found = metadata["errors"].value if "errors" in metadata else None
    errors = [str(error) for error in found] if isinstance(found, list) else []
    more = [f"and {len(errors) - MAX_ERRORS_SHOWN} more"] if len(errors) > MAX_ERRORS_SHOWN else []
    return "; ".join([*errors[:MAX_ERRORS_SHOWN], *more])
