"""Settings of a user are checked before anything else happens, with readable messages."""

import pytest

from provisioning_assets.agent.resources import GoogleDataAgents
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.settings import read_settings
from provisioning_assets.targets import target_of
from provisioning_assets.warehouse.resources import BigQueryWarehouse


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("PROVISIONING_TARGET", "aws", r"PROVISIONING_TARGET is 'aws'.*'local'.*'gcp'"),
        ("PROVISIONING_TARGET", "gcp", r"PROVISIONING_STORE is .*gs://BUCKET"),
        ("GOOGLE_CLOUD_PROJECT", "Not A Project", r"GOOGLE_CLOUD_PROJECT is 'Not A Project'.*id of a project"),
        ("PROVISIONING_MOST_BILLED_BYTES", "5", r"PROVISIONING_MOST_BILLED_BYTES is '5'.*10,485,760"),
        (
            "PROVISIONING_DASK_SCHEDULER",
            "foo",
            r"PROVISIONING_DASK_SCHEDULER is 'foo': not an accepted value\..*tcp://10\.0\.0\.5",
        ),
        ("PROVISIONING_DASK_SCHEDULER", "tcp://host with spaces:1", "not an accepted value"),
    ],
)
def test_a_refused_value_is_reported_with_what_is_accepted(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ProvisioningError, match=message):
        read_settings()


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tls://scheduler.internal:8786", ""])
def test_a_schedulers_address_is_taken(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("PROVISIONING_DASK_SCHEDULER", address)
    assert read_settings().dask_scheduler == address


def test_the_cloud_needs_a_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISIONING_TARGET", "gcp")
    monkeypatch.setenv("PROVISIONING_STORE", "gs://demos/of-customers")
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    with pytest.raises(ProvisioningError, match=r"GOOGLE_CLOUD_PROJECT is ''.*id of a project"):
        read_settings()
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "acme-demos-123")
    monkeypatch.setenv("PROVISIONING_MOST_BILLED_BYTES", "20000000")
    settings = read_settings()
    assert (settings.target, settings.store_root) == ("gcp", "gs://demos/of-customers")
    target = target_of(settings)
    assert isinstance(target.warehouse, BigQueryWarehouse)
    assert isinstance(target.data_agents, GoogleDataAgents)
    assert target.warehouse.maximum_bytes_billed == target.data_agents.most_billed_bytes == 20_000_000
    assert target.warehouse.project == target.data_agents.project == "acme-demos-123"
