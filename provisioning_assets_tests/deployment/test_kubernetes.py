"""The Helm values: what Dagster's own launcher sends to a Kubernetes API with them, and where they repeat other files.

The chart itself is not here. ``launcher_config`` and ``container_context`` hand the values on as its templates do
(``helpers/instance/_run-launcher.tpl`` of the chart, ``helpers/_helpers.tpl`` of its user deployments).
"""

import json
import re
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.instance.ref import InstanceRef
from dagster._core.launcher import LaunchRunContext
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster_k8s import K8sRunLauncher

from provisioning_assets.settings import PROJECT_FOLDER, Settings
from provisioning_assets_tests.deployment.compose_file import image_environment, last_stage

NAMESPACE = "provisioning"


@cache
def values() -> Any:
    """Return the Helm values."""
    return yaml.safe_load((PROJECT_FOLDER / "deployment/kubernetes/values.yaml").read_text(encoding="utf-8"))


@cache
def code_server() -> Any:
    """Return the values of the code server."""
    (deployment,) = values()["dagster-user-deployments"]["deployments"]
    return deployment


def image() -> str:
    """Return the name of the image with its tag."""
    return f"{code_server()['image']['repository']}:{code_server()['image']['tag']}"


def container_context() -> dict[str, Any]:
    """Return what the code server says about its runs."""
    account = values()["dagster-user-deployments"]["serviceAccount"]["name"]
    return {
        "k8s": {
            "image_pull_policy": code_server()["image"]["pullPolicy"],
            "namespace": NAMESPACE,
            "service_account_name": account,
            "env": code_server()["env"],
            **({"resources": code_server()["resources"]} if code_server()["resources"] else {}),
        }
    }


def launcher_config(kubeconfig: Path) -> dict[str, Any]:
    """Return the launcher's part of the instance's configuration, with an address of this machine for the cluster's."""
    given = dict(values()["runLauncher"]["config"]["k8sRunLauncher"])
    raw = dict(given.pop("runK8sConfig"))
    return {
        "module": "dagster_k8s",
        "class": values()["runLauncher"]["type"],
        "config": {
            "load_incluster_config": not given.pop("loadInclusterConfig"),
            "kubeconfig_file": str(kubeconfig),
            "job_namespace": NAMESPACE,
            "image_pull_policy": given.pop("imagePullPolicy"),
            "service_account_name": values()["serviceAccount"]["name"],
            "dagster_home": values()["global"]["dagsterHome"],
            "instance_config_map": "dagster-instance",
            "postgres_password_secret": values()["global"]["postgresqlSecretName"],
            "security_context": given.pop("securityContext"),
            "run_k8s_config": {
                "container_config": raw.pop("containerConfig"),
                "pod_spec_config": raw.pop("podSpecConfig"),
                "job_spec_config": raw.pop("jobSpecConfig"),
            },
            # nothing is left over that this function does not know
            **given,
            **raw,
        },
    }


class KubernetesApi(ThreadingHTTPServer):
    """A server that takes jobs as Kubernetes does, and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.requests: list[tuple[str, str, Any]] = []


class _Requests(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, KubernetesApi)
        self.server.requests.append((self.command, self.path, body))
        answer = json.dumps(body).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def api() -> Iterator[KubernetesApi]:
    """A Kubernetes API of this machine."""
    with KubernetesApi() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def home(api: KubernetesApi, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance as the chart configures it, but for the database."""
    folder = tmp_path_factory.mktemp("dagster_home")
    kubeconfig = folder / "kubeconfig"
    named = {"name": "here"}
    cluster = {"server": f"http://127.0.0.1:{api.server_port}"}
    kubeconfig.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1", "kind": "Config", "current-context": "here",
                "clusters": [{**named, "cluster": cluster}], "users": [{**named, "user": {}}],
                "contexts": [{**named, "context": {"cluster": "here", "user": "here"}}],
            }
        )
    )  # fmt: skip
    instance = {
        "telemetry": values()["telemetry"],
        "run_launcher": launcher_config(kubeconfig),
        **values()["additionalInstanceConfig"],
    }
    (folder / "dagster.yaml").write_text(yaml.safe_dump(instance))
    return folder


@pytest.fixture(scope="module")
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """That instance."""
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home))) as opened:
        yield opened


@pytest.fixture(scope="module")
def job(instance: dg.DagsterInstance, api: KubernetesApi) -> Any:
    """What Kubernetes is asked to make for one run."""
    origin = JobPythonOrigin(
        job_name="provision_demo",
        repository_origin=RepositoryPythonOrigin(
            executable_path="/opt/venv/bin/python",
            code_pointer=ModuleCodePointer("provisioning_assets.definitions", "defs", working_directory="/app"),
            container_image=image(),
            container_context=container_context(),
        ),
    )
    run = dg.DagsterRun(
        job_name="provision_demo",
        run_id="0b2f6b0e-0000-4000-8000-000000000001",
        job_code_origin=origin,
        tags={"dagster/partition": "acme_com"},
    )
    instance.add_run(run)
    launcher = instance.run_launcher
    assert isinstance(launcher, K8sRunLauncher)
    launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=None))
    ((method, path, body),) = api.requests
    assert (method, path) == ("POST", f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs")
    return body


@pytest.fixture(scope="module")
def pod(job: Any) -> Any:
    """The pod of the run."""
    return job["spec"]["template"]["spec"]


def test_a_run_is_one_pod_that_is_not_started_again(job: Any, pod: Any) -> None:
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["ttlSecondsAfterFinished"] > 0
    assert pod["restartPolicy"] == "Never"
    (container,) = pod["containers"]
    assert container["image"] == image()
    assert "execute_run" in container["args"]


def test_a_run_acts_as_the_provisioning_account_and_the_webserver_does_not(pod: Any) -> None:
    provisioning = values()["dagster-user-deployments"]["serviceAccount"]
    assert pod["serviceAccountName"] == provisioning["name"]
    assert provisioning["annotations"]["iam.gke.io/gcp-service-account"].startswith("provisioning-assets@")
    assert values()["serviceAccount"]["name"] != provisioning["name"]
    assert "annotations" not in values()["serviceAccount"]


def test_a_run_is_not_root_and_has_no_capabilities(pod: Any) -> None:
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    (user,) = [text for name, text in last_stage() if name == "USER"]
    assert user == f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}"


def test_a_run_has_the_resources_of_a_run_and_not_of_the_code_server(pod: Any) -> None:
    (container,) = pod["containers"]
    wanted = values()["runLauncher"]["config"]["k8sRunLauncher"]["runK8sConfig"]["containerConfig"]["resources"]
    assert container["resources"]["requests"] == wanted["requests"]
    assert container["resources"]["limits"] == wanted["limits"]


def test_a_run_gets_settings_that_exist_and_secrets_only_by_reference(pod: Any) -> None:
    (container,) = pod["containers"]
    settings = {entry["name"]: entry for entry in container["env"]}
    own = {name for name in settings if name.startswith("PROVISIONING_")}
    assert own == {"PROVISIONING_TARGET", "PROVISIONING_STORE"}
    assert {f"PROVISIONING_{name.upper()}" for name in Settings.model_fields} >= own
    for secret in ("ANTHROPIC_API_KEY", "DAGSTER_PG_PASSWORD"):
        assert "value" not in settings[secret]
        assert settings[secret]["valueFrom"]["secretKeyRef"]["name"] in {
            "provisioning-claude", values()["global"]["postgresqlSecretName"]
        }  # fmt: skip
    assert settings["ANTHROPIC_API_KEY"]["valueFrom"]["secretKeyRef"]["optional"] is True


def test_the_instance_is_that_of_one_machine(instance: dg.DagsterInstance) -> None:
    here = yaml.safe_load((PROJECT_FOLDER / "dagster.yaml").read_text(encoding="utf-8"))
    expected = {name: here[name] for name in here.keys() - {"telemetry"}}  # the chart has a key of its own for it
    expected["run_monitoring"] = {**here["run_monitoring"], "start_timeout_seconds": 900}
    assert values()["additionalInstanceConfig"] == expected
    assert values()["dagsterDaemon"]["runMonitoring"] == {"enabled": False}, "it would be there twice"
    assert values()["dagsterDaemon"]["runCoordinator"]["enabled"] is False, "its limits and ours would contradict"
    assert values()["retention"]["enabled"] is False, "it would be there twice"
    assert values()["telemetry"] == here["telemetry"]
    assert type(instance.run_coordinator).__name__ == "QueuedRunCoordinator"
    queue = instance.get_concurrency_config().run_queue_config
    assert queue is not None
    assert queue.max_concurrent_runs == here["concurrency"]["runs"]["max_concurrent_runs"]
    assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
    for setting in ("max_runtime_seconds", "free_slots_after_run_end_seconds"):
        assert instance.run_monitoring_settings[setting] == here["run_monitoring"][setting]


def test_every_container_has_the_one_image_and_the_home_that_it_brings() -> None:
    images = [values()[part]["image"] for part in ("dagsterWebserver", "dagsterDaemon")]
    assert images == [code_server()["image"]] * 2
    assert values()["global"]["dagsterHome"] == image_environment()["DAGSTER_HOME"]


def test_the_database_is_reached_through_the_driver_that_is_installed() -> None:
    storage = yaml.safe_load((PROJECT_FOLDER / "deployment/docker/postgresql_storage.yaml").read_text(encoding="utf-8"))
    assert values()["postgresql"]["postgresqlScheme"] == storage["storage"]["postgres"]["postgres_db"]["scheme"]
    assert "postgresqlPassword" not in values()["postgresql"]
    assert values()["generatePostgresqlPasswordSecret"] is False


def test_no_one_outside_of_the_cluster_reaches_the_webserver() -> None:
    assert values()["ingress"]["enabled"] is False
    service = values()["dagsterWebserver"]["service"]
    assert service["type"] == "ClusterIP"
    assert values()["dagsterWebserver"]["readinessProbe"]["httpGet"]["port"] == service["port"]
    assert service["port"] >= 1024, "without root, no lower port can be opened"


def test_the_guide_replaces_everything_that_has_to_be() -> None:
    guide = (PROJECT_FOLDER / "docs" / "deployment.md").read_text(encoding="utf-8")
    replaced = set(re.findall(r"s/(YOUR-[A-Z]+)/", guide))
    for path in ("deployment/kubernetes/values.yaml", "dagster_cloud.yaml"):
        text = re.sub(r"(?m)#.*$", "", (PROJECT_FOLDER / path).read_text(encoding="utf-8"))
        assert set(re.findall(r"YOUR-[A-Z]+", text.replace("YOUR-REGION-docker", "YOUR-REGION"))) <= replaced
    assert replaced == {"YOUR-PROJECT", "YOUR-REGION", "YOUR-BUCKET", "YOUR-DATABASE"}
    assert "s/tag: 0.1.0/" in guide
    assert code_server()["image"]["tag"] == "0.1.0"
