"""Dagster's webserver, daemon and code server as ``provision ui`` starts them, and what a person does in the UI, over GraphQL."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets_tests.command_line import PROVISION, Workplace

REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "provisioning_assets"}
JOB = "provision_demo"
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}


def wait_until(what: str, happened: Callable[[], bool], seconds: float = 240) -> None:
    """Wait until something has happened; fail if it does not in time."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"{what}: not after {seconds} seconds"
        time.sleep(0.3)


@dataclass
class DagsterServices:
    """The running services of a workplace."""

    place: Workplace
    port: int
    log: Path

    def ask(self, query: str, **variables: object) -> Any:
        """Return the data of a GraphQL query."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = json.load(answer)
        assert "errors" not in found, found
        return found["data"]

    def is_up(self) -> bool:
        """Whether the code location is loaded and the daemon looks after its sensors."""
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            found = self.ask("""{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } }
              instance { daemonHealth { daemonStatus(daemonType: "SENSOR") { healthy } } } }""")
            healthy = found["instance"]["daemonHealth"]["daemonStatus"]["healthy"]
            return bool(found["repositoriesOrError"].get("nodes")) and bool(healthy)
        return False

    def add_customer(self, key: str) -> None:
        """Add a partition, as the button in the dialog does."""
        self.ask(
            """mutation($key: String!, $repository: RepositorySelector!) {
              addDynamicPartition(partitionKey: $key, partitionsDefName: "customers", repositorySelector: $repository)
              { __typename } }""",
            key=key, repository=REPOSITORY,
        )  # fmt: skip

    def launch(self, key: str, assets: Sequence[str] = (), config: dict[str, Any] | None = None) -> str:
        """Launch a run of one customer; returns its id."""
        selected = {"assetSelection": [{"path": [asset]} for asset in assets]} if assets else {}
        launched = self.ask(
            """mutation($params: ExecutionParams!) { launchPipelineExecution(executionParams: $params) {
              __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
              ... on RunConfigValidationInvalid { errors { message } } } }""",
            params={
                "selector": {**REPOSITORY, "jobName": JOB, **selected},
                "runConfigData": {"ops": {"customer_request": {"config": config}}} if config else {},
                "executionMetadata": {"tags": [{"key": "dagster/partition", "value": key}]},
            },
        )["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return launched["run"]["runId"]

    def backfill(self, keys: Sequence[str], assets: Sequence[str]) -> str:
        """Launch a backfill of several customers; returns its id."""
        launched = self.ask(
            """mutation($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
              __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }""",
            params={"assetSelection": [{"path": [asset]} for asset in assets], "partitionNames": list(keys)},
        )["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        return launched["backfillId"]

    def status(self, run_id: str) -> str:
        """Return the status of a run."""
        return self.ask(
            "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }", id=run_id
        )["runOrError"]["status"]  # fmt: skip

    def runs(self, **tags: str) -> list[dict[str, Any]]:
        """Return the runs that have these tags."""
        found = self.ask(
            """query($filter: RunsFilter) { runsOrError(filter: $filter) { ... on Runs { results {
              runId status startTime endTime tags { key value } } } } }""",
            filter={"tags": [{"key": key.replace("__", "/"), "value": value} for key, value in tags.items()]},
        )
        return found["runsOrError"]["results"]

    def wait_for_run(self, run_id: str, seconds: float = 240) -> str:
        """Wait until a run has ended; returns its status."""
        wait_until(f"the end of run {run_id}", lambda: self.status(run_id) in ENDED, seconds)
        return self.status(run_id)


@contextlib.contextmanager
def dagster_services(place: Workplace) -> Iterator[DagsterServices]:
    """Start the services with the project's dagster.yaml, and end all their processes."""
    home = Path(place.environment["DAGSTER_HOME"])
    (home / "dagster.yaml").write_bytes((PROJECT_FOLDER / "dagster.yaml").read_bytes())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = place.folder / "services.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [PROVISION, "ui", "--port", str(port)], env={**place.environment, "PYTHONPATH": str(PROJECT_FOLDER)},
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        services = DagsterServices(place, port, log)
        try:
            wait_until("Dagster's services", services.is_up)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{log.read_text()[-3000:]}") from None
        yield services
    finally:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
