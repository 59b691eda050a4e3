"""What is recorded of each stage and each run: a log line at the beginning and the end, and a span."""

import contextlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass

from provisioning_assets import clock
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.telemetry.stage import Stage, retries_so_far, working_on

_LOG = logging.getLogger(__name__)


@dataclass
class StageRecord:
    """What a stage leaves behind: filled in while it runs.

    Args:
        seconds: that it took; known at its end.
        rows: that it made or read; None if it counts none.
        retries: requests to a website or to an agent that were made again; known at its end.
    """

    seconds: float = 0.0
    rows: int | None = None
    retries: int = 0


@contextlib.contextmanager
def recorded_stage(stage: Stage | None) -> Iterator[StageRecord]:
    """Record one stage while the block runs; what the block raises is recorded and passes through.

    Args:
        stage: None: the asset was called outside of a run. Then only the time is taken.
    """
    record = StageRecord()
    began, started_at, retries = time.perf_counter(), clock.now(), retries_so_far()

    def end() -> None:
        record.seconds, record.retries = time.perf_counter() - began, retries_so_far() - retries

    if stage is None:
        yield record
        end()
        return
    problem: str | None = None
    with working_on(stage):
        _say(logging.INFO, "stage started")
        try:
            yield record
        except BaseException as error:
            problem = error.problem if isinstance(error, ProvisioningError) else f"{type(error).__name__}: {error}"
            end()
            _say_failure(error, record)
            raise
        else:
            end()
            rows = {} if record.rows is None else {"rows": record.rows}
            _say(logging.INFO, "stage ended", **_figures(record), **rows)
        finally:
            from provisioning_assets.telemetry.spans import record_stage_span

            record_stage_span(stage, started_at, record.seconds, rows=record.rows, problem=problem)


def _figures(record: StageRecord) -> dict[str, float]:
    return {"seconds": round(record.seconds, 3), **({"retries": record.retries} if record.retries else {})}


def _say_failure(error: BaseException, record: StageRecord) -> None:
    figures = _figures(record)
    if isinstance(error, ProvisioningError):
        _say(logging.ERROR, "stage failed", **figures, problem=error.problem, remedy=error.remedy)
    else:
        # Nobody expected it: whoever mends it needs the stack trace, which only the log has.
        _LOG.error(
            "stage failed",
            exc_info=error,
            extra={"fields": {**figures, "problem": f"{type(error).__name__}: {error}"}},
        )


def record_failed_check(stage: Stage, check: str, severity: str, problem: str) -> None:
    """Record that a check of a stage did not pass.

    Args:
        stage: whose check it is.
        check: its name.
        severity: WARN or ERROR.
        problem: what it found.
    """
    fields = {**stage.fields(), "check": check, "severity": severity, "problem": problem}
    _LOG.warning("check failed", extra={"fields": fields})


@dataclass(frozen=True)
class RunRecord:
    """One run that ended.

    Args:
        run: its id.
        job: name of the job.
        customer: the partition's key; empty if the run is about no single customer.
        status: as Dagster names it, such as SUCCESS.
        started: seconds since 1970; None if it never started.
        ended: the same.
        problem: why it failed; empty if it did not.
    """

    run: str
    job: str
    customer: str
    status: str
    started: float | None
    ended: float | None
    problem: str = ""


def record_run(record: RunRecord) -> None:
    """Record the end of a run."""
    took = record.ended - record.started if record.started and record.ended else None
    fields = {
        "customer": record.customer,
        "run": record.run,
        "job": record.job,
        "status": record.status,
        "seconds": None if took is None else round(took, 3),
        **({"problem": record.problem} if record.problem else {}),
    }
    level = logging.INFO if record.status == "SUCCESS" else logging.WARNING
    _LOG.log(level, "run ended", extra={"fields": fields})
    from provisioning_assets.telemetry.spans import record_run_span

    record_run_span(record)


def _say(level: int, event: str, **fields: object) -> None:
    _LOG.log(level, event, extra={"fields": fields})
