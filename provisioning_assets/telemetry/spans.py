"""Spans of OpenTelemetry: one for each run, and one below it for each stage, sent to a collector if one is configured.

The variables are OpenTelemetry's own: ``OTEL_EXPORTER_OTLP_ENDPOINT`` switches spans on. A run and its stages are recorded by
different processes; they are one trace because its id is the run's id.
"""

import hashlib
import importlib.util
import logging
import os
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from provisioning_assets.redaction import without_secrets
from provisioning_assets.telemetry.stage import Stage

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from provisioning_assets.telemetry.records import RunRecord

_LOG = logging.getLogger(__name__)

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SERVICE = "provisioning-assets"
LONGEST_PROBLEM = 500
"""Characters. Collectors keep attributes in an index."""
_NANOSECONDS = 1_000_000_000


def spans_are_wanted(environment: Mapping[str, str]) -> bool:
    """Return whether a collector is configured and OpenTelemetry is not switched off (``OTEL_SDK_DISABLED``)."""
    disabled = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return not disabled and any(environment.get(name, "").strip() for name in ENDPOINTS)


def exporter_is_installed() -> bool:
    """Return whether the packages of the extra ``telemetry`` are installed."""
    try:
        return all(
            importlib.util.find_spec(name) is not None
            for name in ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")
        )
    except ModuleNotFoundError:  # a package above it is missing
        return False


def record_stage_span(
    stage: Stage, started_at: datetime, seconds: float, *, rows: int | None, problem: str | None
) -> None:
    """Send the span of a stage, if a collector is configured.

    Args:
        stage: the stage.
        started_at: when it began.
        seconds: that it took.
        rows: that it made; None if it counts none.
        problem: why it failed; None if it did not.
    """
    tracer = _tracer()
    if tracer is None:
        return
    from opentelemetry import trace

    parent = trace.SpanContext(
        trace_id=_trace_id(stage.run),
        span_id=_run_span_id(stage.run),
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
    )
    start = round(started_at.timestamp() * _NANOSECONDS)
    attributes = _attributes(stage.customer, stage.run, "failed" if problem else "made", problem)
    attributes["stage"] = stage.name
    if rows is not None:
        attributes["rows"] = rows
    span = tracer.start_span(
        stage.name,
        context=trace.set_span_in_context(trace.NonRecordingSpan(parent)),
        attributes=attributes,
        start_time=start,
    )
    _end(span, start + round(seconds * _NANOSECONDS), problem)


def record_run_span(record: "RunRecord") -> None:
    """Send the span of a run that ended, if a collector is configured. A run that never started has none."""
    tracer = _tracer()
    if tracer is None or record.started is None or record.ended is None:
        return
    from opentelemetry.context import Context

    token = _next_ids.set((_trace_id(record.run), _run_span_id(record.run)))
    try:
        problem = None if record.status == "SUCCESS" else record.problem or record.status
        span = tracer.start_span(
            record.job,
            context=Context(),
            attributes={**_attributes(record.customer, record.run, record.status.lower(), problem)},
            start_time=round(record.started * _NANOSECONDS),
        )
    finally:
        _next_ids.reset(token)
    _end(span, round(record.ended * _NANOSECONDS), problem)


def _attributes(customer: str, run: str, status: str, problem: str | None) -> dict[str, Any]:
    attributes: dict[str, Any] = {"customer": customer, "run": run, "status": status}
    if problem:
        attributes["problem"] = without_secrets(problem, os.environ)[:LONGEST_PROBLEM]
    return attributes


def _end(span: Any, at: int, problem: str | None) -> None:
    from opentelemetry.trace import Status, StatusCode

    span.set_status(Status(StatusCode.OK) if problem is None else Status(StatusCode.ERROR))
    span.end(end_time=at)


#: Ids of the span that is about to begin, which a run's span takes instead of random ones.
_next_ids: ContextVar[tuple[int, int] | None] = ContextVar("next_ids", default=None)


def _trace_id(run: str) -> int:
    """Return the 128 bits of the run's id, which is a UUID; those of a digest if it is something else."""
    try:
        return uuid.UUID(run).int
    except ValueError:
        return int.from_bytes(hashlib.sha256(run.encode()).digest()[:16], "big")


def _run_span_id(run: str) -> int:
    return int.from_bytes(hashlib.sha256(f"run {run}".encode()).digest()[:8], "big")


@cache
def _tracer() -> "Tracer | None":
    """Return what makes spans; None if no collector is configured, or the packages are missing, which is logged once."""
    if not spans_are_wanted(os.environ):
        return None
    if not exporter_is_installed():
        _LOG.warning("Spans are not sent: OpenTelemetry's exporter is not installed. Run: make telemetry")
        return None
    try:
        return _make_tracer()
    except Exception as error:  # noqa: BLE001  # a wrong variable of OpenTelemetry must not fail a stage
        _LOG.warning("Spans are not sent: OpenTelemetry's exporter does not start (%s).", type(error).__name__)
        return None


def _make_tracer() -> "Tracer":
    # In the extra `telemetry`: an environment without it is checked for types, too.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # pyright: ignore[reportMissingImports]
    from opentelemetry.sdk.resources import Resource  # pyright: ignore[reportMissingImports]
    from opentelemetry.sdk.trace import TracerProvider  # pyright: ignore[reportMissingImports]
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # pyright: ignore[reportMissingImports]
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator  # pyright: ignore[reportMissingImports]

    class Ids(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            ids = _next_ids.get()
            return ids[0] if ids else super().generate_trace_id()

        def generate_span_id(self) -> int:
            ids = _next_ids.get()
            return ids[1] if ids else super().generate_span_id()

    # A collector that is away would otherwise be told three times a batch. That a batch is lost is still said.
    logging.getLogger(OTLPSpanExporter.__module__).setLevel(logging.ERROR)
    # Not the global provider: Google's clients would send their spans too. At the end of the process it sends what is left.
    provider = TracerProvider(
        resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME") or SERVICE}), id_generator=Ids()
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer(SERVICE)
