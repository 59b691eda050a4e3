"""A UI with its daemon, started as a script starts it, and what its pages ask for over GraphQL."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets_tests.command_line import PROVISION, Workplace
from provisioning_assets_tests.dagster_services import REPOSITORY, DagsterServices
from provisioning_assets_tests.deployment.postgresql_server import free_port

SECONDS_TO_END = 30.0


def wait_until(happened: Callable[[], object], seconds: float = 180.0) -> float:
    """Wait, and return for how many seconds."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < seconds, f"not within {seconds:.0f} s"
        time.sleep(0.1)
    return time.monotonic() - began


@dataclass
class RunningUi(DagsterServices):
    """A UI with its daemon, started like the background job of a script: with SIGINT ignored."""

    process: subprocess.Popen[bytes]

    @property
    def home(self) -> Path:
        return (self.place.folder / "dagster_home").resolve()

    def answers(self) -> bool:
        """Return whether it serves the project."""
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError, AssertionError):
            nodes = self.ask("{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }")
            return bool(nodes["repositoriesOrError"]["nodes"])
        return False

    def launch_new(self, key: str, config: dict[str, Any], tags: dict[str, str]) -> str:
        """Add a customer and launch a run, as the UI's launchpad does; returns the run's id."""
        self.add_customer(key)
        launched = self.ask(
            """mutation($params: ExecutionParams!) { launchPipelineExecution(executionParams: $params) {
              __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }""",
            params={
                "selector": {**REPOSITORY, "jobName": "provision_demo"},
                "runConfigData": json.dumps({"ops": {"customer_request": {"config": config}}}),
                "executionMetadata": {
                    "tags": [
                        {"key": name, "value": value} for name, value in ({"dagster/partition": key} | tags).items()
                    ]
                },
            },
        )["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return launched["run"]["runId"]

    def terminate(self, run: str) -> str:
        """Ask for the end of a run, as the button Terminate does; returns the kind of the answer and, if refused, the reason."""
        answer = self.ask(
            "mutation($run: String!) { terminateRun(runId: $run) { __typename ... on TerminateRunFailure { message } } }", run=run
        )["terminateRun"]  # fmt: skip
        return ": ".join(filter(None, [answer["__typename"], answer.get("message")]))


@contextlib.contextmanager
def running_ui(place: Workplace) -> Iterator[RunningUi]:
    """Start it, wait until it serves the project, and leave no process behind."""
    environment = place.environment
    shutil.copyfile(PROJECT_FOLDER / "dagster.yaml", Path(environment["DAGSTER_HOME"]) / "dagster.yaml")
    port = free_port()
    log = place.folder / "ui.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [PROVISION, "ui", "--port", str(port)], env=environment, stdout=said, stderr=said, start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        )  # fmt: skip
    ui = RunningUi(place, port, log, process)
    try:
        wait_until(lambda: ui.answers() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield ui
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def processes_of(home: Path) -> list[int]:
    """Return every process of this Dagster home, workers and code servers too."""
    wanted = f"DAGSTER_HOME={home}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def family_of(process: int) -> set[int]:
    """Return a process and all that it and its children have started. Source: proc(5), the fourth field of "stat"."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    family = {process}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family
