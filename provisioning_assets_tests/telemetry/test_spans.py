"""Spans as a collector receives them: OpenTelemetry's own exporter, its protocol over HTTP, and a process that ends."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from provisioning_assets.doctor.alerts_and_logs import spans_finding
from provisioning_assets.doctor.models import State
from provisioning_assets.telemetry.spans import exporter_is_installed, spans_are_wanted
from provisioning_assets_tests.telemetry.small_graph import KEY, PASSWORD

needs_exporter = pytest.mark.skipif(
    not exporter_is_installed(), reason="OpenTelemetry's exporter is not installed: make telemetry"
)
RUN = (
    "import dagster as dg, sys\n"
    "from provisioning_assets_tests.telemetry.small_graph import run\n"
    "with dg.DagsterInstance.ephemeral() as instance:\n"
    "    print(run(instance, sys.argv[1]).run_id)\n"
)


class Collector:
    """Records the spans that are posted."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.services: set[str] = set()
        self.status = 200
        self.port = 0


@pytest.fixture
def collector() -> Iterator[Collector]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    received = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            if self.path == "/v1/traces" and received.status == 200:
                for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                    received.services |= {
                        found.value.string_value for found in group.resource.attributes if found.key == "service.name"
                    }
                    received.spans += [span for scope in group.scope_spans for span in scope.spans]
            self.send_response(received.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield received
    server.shutdown()
    server.server_close()


def run_in_a_process(ends: str, **environment: str) -> tuple[str, str]:
    """Return the run's id and what the process wrote to standard error."""
    process = subprocess.run(
        [sys.executable, "-c", RUN, ends],
        env={**os.environ, "DAGSTER_DISABLE_TELEMETRY": "true", **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return process.stdout.strip().splitlines()[-1], process.stderr


def attributes(span: Any) -> dict[str, Any]:
    return {
        found.key: found.value.int_value if found.value.HasField("int_value") else found.value.string_value
        for found in span.attributes
    }


@needs_exporter
def test_a_run_is_one_trace_with_a_span_for_each_stage(collector: Collector) -> None:
    run_id, _ = run_in_a_process("well", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.port}")
    spans = {span.name: span for span in collector.spans}
    assert set(spans) == {"make", "first_stage", "second_stage"}
    assert {span.trace_id.hex() for span in spans.values()} == {run_id.replace("-", "")}
    whole, first = spans["make"], spans["first_stage"]
    assert whole.parent_span_id == b""
    assert {first.parent_span_id, spans["second_stage"].parent_span_id} == {whole.span_id}
    assert whole.start_time_unix_nano <= first.start_time_unix_nano <= first.end_time_unix_nano
    assert first.end_time_unix_nano <= spans["second_stage"].start_time_unix_nano
    assert attributes(first) == {"customer": KEY, "run": run_id, "stage": "first_stage", "status": "made", "rows": 1234}
    assert attributes(whole) == {"customer": KEY, "run": run_id, "status": "success"}
    assert collector.services == {"provisioning-assets"}


@needs_exporter
def test_the_span_of_a_failed_stage_says_why_without_secrets(collector: Collector) -> None:
    run_in_a_process("mistake", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.port}")
    spans = {span.name: span for span in collector.spans}
    failed = attributes(spans["second_stage"])
    assert failed["status"] == "failed"
    assert "is full" in failed["problem"]
    assert spans["second_stage"].status.code == spans["make"].status.code == 2  # error
    assert spans["first_stage"].status.code == 1
    assert PASSWORD not in json.dumps([str(span) for span in collector.spans])


@needs_exporter
def test_a_collector_that_refuses_spans_fails_no_run(collector: Collector) -> None:
    collector.status = 401
    run_id, _ = run_in_a_process("well", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.port}")
    assert run_id
    assert collector.spans == []


@needs_exporter
def test_a_wrong_variable_of_opentelemetry_fails_no_run() -> None:
    run_id, printed = run_in_a_process(
        "well",
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9",
        OTEL_PYTHON_EXPORTER_OTLP_HTTP_CREDENTIAL_PROVIDER="xyzzy",
    )
    assert run_id
    assert "Spans are not sent" in printed


def test_without_the_exporter_a_run_says_so_once_and_goes_on() -> None:
    hidden = f"import sys; sys.modules['opentelemetry.exporter.otlp.proto.http'] = None\n{RUN}"
    process = subprocess.run(
        [sys.executable, "-c", hidden, "well"],
        env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert process.stderr.count("make telemetry") == 1


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False),
    ],
)
def test_spans_are_sent_if_a_collector_is_configured(environment: dict[str, str], wanted: bool) -> None:
    assert spans_are_wanted(environment) is wanted


def test_the_doctor_says_what_becomes_of_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    assert spans_finding({}).state is State.OK
    configured = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://ann:hunter2hunter2@collector:4318"}
    finding = spans_finding(configured)
    assert (finding.state is State.OK) is exporter_is_installed()
    assert "hunter2" not in finding.found
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http", None)
    missing = spans_finding(configured)
    assert (missing.state, missing.remedy) == (State.WARNING, "make telemetry")
