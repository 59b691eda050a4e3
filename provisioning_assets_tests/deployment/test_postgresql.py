"""Dagster's records in PostgreSQL: the containers' instance, with their commands, on a real server of this machine."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.instance.ref import InstanceRef

from provisioning_assets.customers import CustomerRequest
from provisioning_assets.definitions import production_definitions
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import local_target
from provisioning_assets_tests.deployment.compose_file import DOCKER, compose, image_environment, interpolated
from provisioning_assets_tests.deployment.postgresql_server import (
    PASSWORD,
    PostgresqlServer,
    find_binaries,
    free_port,
    postgresql_server,
)
from provisioning_assets_tests.sweep_size import QUEUE

REQUEST = dg.AssetKey(CustomerRequest.asset_name())
SECONDS = 180
AT_ONCE = min(20, QUEUE)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """A server for the tests of this file. Without one installed they fail in CI and are skipped elsewhere."""
    binaries = find_binaries()
    if binaries is None:
        message = "no PostgreSQL server is installed: run `make postgresql` (Debian: apt-get install postgresql)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    with postgresql_server(binaries) as running:
        yield running


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the Dockerfile makes: the project's dagster.yaml, and the storage after it."""
    folder = tmp_path_factory.mktemp("dagster_home")
    parts = (PROJECT_FOLDER / "dagster.yaml", DOCKER / "postgresql_storage.yaml")
    (folder / "dagster.yaml").write_text("".join(part.read_text(encoding="utf-8") for part in parts), encoding="utf-8")
    return folder


@contextlib.contextmanager
def opened(home: Path, server: PostgresqlServer) -> Iterator[dg.DagsterInstance]:
    """Open the instance with connections of its own, as another process would."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home))) as instance:
            yield instance


def request_of(instance: dg.DagsterInstance, key: str) -> dg.EventLogEntry | None:
    """Return the materialization of the first asset of a customer."""
    found = instance.fetch_materializations(dg.AssetRecordsFilter(REQUEST, asset_partitions=[key]), limit=1).records
    return found[0].event_log_entry if found else None


def test_what_one_instance_records_a_second_one_reads(server: PostgresqlServer, home: Path, tmp_path: Path) -> None:
    definitions = production_definitions(local_target(DemoStore(root=str(tmp_path / "store"))))
    with opened(home, server) as first:
        first.add_dynamic_partitions("customers", ["acme_com"])
        result = definitions.resolve_job_def("provision_demo").execute_in_process(
            instance=first, partition_key="acme_com", asset_selection=[REQUEST]
        )
        assert result.success
    with opened(home, server) as second:
        assert second.has_dynamic_partition("customers", "acme_com")
        run = second.get_run_by_id(result.run_id)
        assert run is not None
        assert run.status == dg.DagsterRunStatus.SUCCESS
        made = request_of(second, "acme_com")
        assert made is not None
        assert made.run_id == result.run_id
    assert not list(home.glob("**/*.db")), "nothing is kept in SQLite beside it"
    assert server.query("SELECT run_id FROM runs WHERE status = 'SUCCESS'") == [(result.run_id,)]


def test_the_limits_are_those_of_one_machine(server: PostgresqlServer, home: Path) -> None:
    here = yaml.safe_load((PROJECT_FOLDER / "dagster.yaml").read_text(encoding="utf-8"))
    with opened(home, server) as instance:
        concurrency = instance.get_concurrency_config()
        assert concurrency.run_queue_config is not None
        assert concurrency.run_queue_config.max_concurrent_runs == here["concurrency"]["runs"]["max_concurrent_runs"]
        assert (
            concurrency.run_queue_config.tag_concurrency_limits == here["concurrency"]["runs"]["tag_concurrency_limits"]
        )
        assert instance.run_monitoring_enabled


@dataclass
class Containers:
    """The processes of the compose file's services, with its commands and nothing but its environment."""

    server: PostgresqlServer
    home: Path
    folder: Path
    code_port: int
    web_port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def command(self, service: str) -> list[str]:
        """Return the command of a service, on this machine's addresses and with this folder's files."""
        here = {
            "0.0.0.0": "127.0.0.1",
            "4000": str(self.code_port),
            "3000": str(self.web_port),
            "/etc/dagster/workspace.yaml": str(self.workspace()),
        }
        program, *arguments = [str(word) for word in compose()["services"][service]["command"]]
        binary = shutil.which(program, path=str(Path(sys.executable).parent))
        assert binary, f"{program} is not installed"
        return [binary, *(here.get(argument, argument) for argument in arguments)]

    def workspace(self) -> Path:
        """Write the workspace of the containers with this machine's address of the code server."""
        workspace = yaml.safe_load((DOCKER / "workspace.yaml").read_text(encoding="utf-8"))
        code = workspace["load_from"][0]["grpc_server"]
        assert code["host"] in compose()["services"]
        code.update(host="127.0.0.1", port=self.code_port)
        path = self.folder / "workspace.yaml"
        path.write_text(yaml.safe_dump(workspace), encoding="utf-8")
        return path

    def environment(self, service: str) -> dict[str, str]:
        """Return what a container gets: of the image, of the compose file, and where things are on this machine."""
        given = {"DAGSTER_POSTGRES_PASSWORD": PASSWORD}
        declared = compose()["services"][service]["environment"]
        return {
            **image_environment(),
            **{name: interpolated(value, given) for name, value in declared.items()},
            **self.server.environment,
            "DAGSTER_HOME": str(self.home),
            "PROVISIONING_STORE": str(self.folder / "demos"),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "PYTHONPATH": str(PROJECT_FOLDER),
        }

    @contextlib.contextmanager
    def started(self, service: str) -> Iterator[Path]:
        """Run a service; yields the file with what it says."""
        said = self.folder / f"{service}.log"
        with said.open("wb") as output:
            process = subprocess.Popen(
                self.command(service), env=self.environment(service), cwd=self.folder, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.processes[service] = process
        try:
            yield said
        finally:
            self.stop(service)

    def stop(self, service: str) -> None:
        """End a service as `docker stop` does: ask its first process, and after the grace period kill all."""
        process = self.processes[service]
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            print(f"{service} did not end by itself")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def ask(self, query: str, **variables: object) -> Any:
        """Return the data of a GraphQL query, put to the webserver."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.web_port}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = json.load(answer)
        assert "errors" not in found, found
        return found["data"]

    def launch(self, key: str) -> str:
        """Add a customer and launch a run of the first asset, as the UI does; returns the run's id."""
        repository = {"repositoryName": "__repository__", "repositoryLocationName": "provisioning_assets"}
        self.ask(
            """mutation($key: String!, $repository: RepositorySelector!) {
              addDynamicPartition(partitionKey: $key, partitionsDefName: "customers", repositorySelector: $repository)
              { __typename } }""",
            key=key, repository=repository,
        )  # fmt: skip
        launched = self.ask(
            """mutation($params: ExecutionParams!) { launchPipelineExecution(executionParams: $params) {
              __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }""",
            params={
                "selector": {**repository, "jobName": "provision_demo", "assetSelection": [{"path": REQUEST.path}]},
                "executionMetadata": {"tags": [{"key": "dagster/partition", "value": key}]},
            },
        )["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return launched["run"]["runId"]


def wait_until(what: str, happened: Callable[[], bool], *logs: Path, seconds: float = SECONDS) -> None:
    """Wait, and show what the services said if it does not happen in time."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            said = "\n".join(f"--- {log.name}\n{log.read_text()[-3000:]}" for log in logs)
            raise AssertionError(f"{what}: not after {seconds} seconds\n{said}")
        time.sleep(0.3)


@pytest.fixture(scope="module")
def containers(server: PostgresqlServer, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    """Code server, webserver and daemon, all up."""
    services = Containers(server, home, tmp_path_factory.mktemp("containers"), free_port(), free_port())
    with contextlib.ExitStack() as running:
        health = compose()["services"]["code"]["healthcheck"]["test"]
        check = [services.command("code")[0], *health[2:-1], str(services.code_port)]
        environment = services.environment("code")
        code = running.enter_context(services.started("code"))
        wait_until(
            "the health check of the code server passes",
            lambda: subprocess.run(check, env=environment, capture_output=True).returncode == 0,
            code,
        )
        daemon = running.enter_context(services.started("daemon"))
        webserver = running.enter_context(services.started("webserver"))
        wait_until("the webserver answers", lambda: _answers(services), webserver, code, daemon)
        yield services


def _answers(services: Containers) -> bool:
    try:
        return bool(services.ask("{ version }"))
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _ended(instance: dg.DagsterInstance, runs: list[str]) -> bool:
    found = [instance.get_run_by_id(run) for run in runs]
    return all(run is not None and run.is_finished for run in found)


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def test_several_runs_at_once_through_the_commands_of_the_containers(containers: Containers) -> None:
    keys = ["first_com", "second_com", "third_com", "first_com"]
    runs = [containers.launch(key) for key in keys]
    logs = [containers.folder / f"{name}.log" for name in ("code", "daemon")]
    with opened(containers.home, containers.server) as instance:
        wait_until("all runs end", lambda: _ended(instance, runs), *logs)
        statuses = {run: instance.get_runs(dg.RunsFilter(run_ids=[run]))[0].status.value for run in runs}
        assert statuses == dict.fromkeys(runs, "SUCCESS")
        assert all(request_of(instance, key) for key in keys)
        stats = [instance.get_run_stats(run) for run in runs]
    # from the launch of the run's process to its end
    first, second, third, again = [(found.launch_time or 0, found.end_time or 0) for found in stats]
    assert not _overlap(first, again), "one customer has one run at a time"
    assert _overlap(first, second) or _overlap(second, third) or _overlap(first, third), "customers wait for each other"
    made = sorted(path.parent.name for path in (containers.folder / "demos").glob("*/customer_request.json"))
    assert made == ["first_com", "second_com", "third_com"]


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_many_customers_that_are_asked_for_at_the_same_moment(containers: Containers, server: PostgresqlServer) -> None:
    keys = [f"at_once{number}_com" for number in range(AT_ONCE)]
    logs = [containers.folder / f"{name}.log" for name in ("code", "daemon", "webserver")]
    most = 0

    def ended() -> bool:
        nonlocal most
        [(connections,)] = server.query("SELECT count(*) FROM pg_stat_activity WHERE usename = 'dagster'")
        most = max(most, int(str(connections)))
        return _ended(instance, runs)

    with ThreadPoolExecutor(len(keys)) as threads:
        runs = list(threads.map(containers.launch, keys))
    began = time.monotonic()
    with opened(containers.home, containers.server) as instance:
        wait_until("all runs end", ended, *logs, seconds=1200)
        print(f"{AT_ONCE} runs: {time.monotonic() - began:.0f} s, at most {most} connections")
        found = instance.get_runs(dg.RunsFilter(run_ids=runs))
        assert [run.status for run in found] == [dg.DagsterRunStatus.SUCCESS] * len(keys)
        assert sorted(run.tags["dagster/partition"] for run in found) == sorted(keys)
        assert all(request_of(instance, key) for key in keys)
        stats = [instance.get_run_stats(run) for run in runs]
    spans = [(found.start_time or 0, found.end_time or 0) for found in stats]
    limit = yaml.safe_load((PROJECT_FOLDER / "dagster.yaml").read_text())["concurrency"]["runs"]["max_concurrent_runs"]
    assert all(sum(_overlap(one, (other[0], other[0] + 0.001)) for one in spans) <= limit for other in spans)
    assert most < 100, "PostgreSQL's own limit"


def test_the_daemon_passes_its_health_check(containers: Containers) -> None:
    (_, program, *arguments) = compose()["services"]["daemon"]["healthcheck"]["test"]
    binary = Path(sys.executable).with_name(program)
    environment = containers.environment("daemon")
    log = containers.folder / "daemon.log"
    wait_until(
        "it passes",
        lambda: subprocess.run([binary, *arguments], env=environment, capture_output=True).returncode == 0,
        log,
    )


def test_the_services_go_on_after_the_database_restarted(containers: Containers) -> None:
    logs = [containers.folder / f"{name}.log" for name in ("code", "daemon", "webserver")]
    containers.server.stop()
    time.sleep(1)
    containers.server.start()
    runs: list[str] = []

    def launched() -> bool:
        with contextlib.suppress(AssertionError, urllib.error.URLError, ConnectionError, TimeoutError):
            runs.append(containers.launch("after_restart_com"))
        return bool(runs)

    wait_until("a run can be launched again", launched, *logs)
    with opened(containers.home, containers.server) as instance:
        wait_until("it ends", lambda: _ended(instance, runs), *logs)
        run = instance.get_run_by_id(runs[0])
        assert run is not None
        assert run.status == dg.DagsterRunStatus.SUCCESS


STARTED = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED)


def _status(instance: dg.DagsterInstance, run: str) -> dg.DagsterRunStatus:
    return instance.get_runs(dg.RunsFilter(run_ids=[run]))[0].status


def test_a_run_is_not_left_running_when_its_container_stops(containers: Containers) -> None:
    """It ends first if it is about to, and is recorded as failed if not."""
    run = containers.launch("stopped_com")
    logs = [containers.folder / f"{name}.log" for name in ("code", "daemon")]
    with opened(containers.home, containers.server) as instance:
        wait_until("its process is started", lambda: _status(instance, run) in STARTED, *logs)
        containers.stop("code")
        assert _status(instance, run) in (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS)


def test_a_password_is_required() -> None:
    with pytest.raises(KeyError, match="DAGSTER_POSTGRES_PASSWORD"):
        interpolated(compose()["services"]["database"]["environment"]["POSTGRES_PASSWORD"], {})
