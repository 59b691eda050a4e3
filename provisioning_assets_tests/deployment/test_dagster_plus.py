"""The location that Dagster+ loads."""

import importlib
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster_k8s.container_context import K8sContainerContext

from provisioning_assets.settings import PROJECT_FOLDER


@pytest.fixture(scope="module")
def location() -> Any:
    """The one location of dagster_cloud.yaml."""
    (found,) = yaml.safe_load((PROJECT_FOLDER / "dagster_cloud.yaml").read_text(encoding="utf-8"))["locations"]
    return found


def test_the_location_loads_and_has_the_name_that_it_has_everywhere(location: Any) -> None:
    module = importlib.import_module(location["code_source"]["module_name"])
    (definitions,) = [value for value in vars(module).values() if isinstance(value, dg.Definitions)]
    assert definitions.resolve_job_def("provision_demo")
    workspace = yaml.safe_load((PROJECT_FOLDER / "workspace.yaml").read_text(encoding="utf-8"))
    containers = yaml.safe_load((PROJECT_FOLDER / "deployment/docker/workspace.yaml").read_text(encoding="utf-8"))
    names = {
        location["location_name"],
        workspace["load_from"][0]["python_module"]["location_name"],
        containers["load_from"][0]["grpc_server"]["location_name"],
    }
    assert names == {"provisioning_assets"}


def test_runs_of_an_agent_on_kubernetes_are_those_of_the_chart(location: Any) -> None:
    values = yaml.safe_load((PROJECT_FOLDER / "deployment/kubernetes/values.yaml").read_text(encoding="utf-8"))
    context = K8sContainerContext.create_from_config(location["container_context"])
    (code_server,) = values["dagster-user-deployments"]["deployments"]
    assert location["container_context"]["k8s"]["env"] == code_server["env"]
    assert location["build"]["registry"] == code_server["image"]["repository"]
    pod = context.run_k8s_config.pod_spec_config
    assert pod["service_account_name"] == values["dagster-user-deployments"]["serviceAccount"]["name"]
    assert pod["security_context"]["run_as_non_root"] is True
    launcher = values["runLauncher"]["config"]["k8sRunLauncher"]["runK8sConfig"]
    assert context.run_k8s_config.container_config["resources"] == launcher["containerConfig"]["resources"]
