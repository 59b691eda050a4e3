"""Settings of a user are checked before anything else happens, with readable messages."""

import pytest

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.settings import read_settings


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("PROVISIONING_TARGET", "gcp", r"PROVISIONING_TARGET is 'gcp'.*set it to 'local'"),
        (
            "PROVISIONING_DASK_SCHEDULER",
            "foo",
            r"PROVISIONING_DASK_SCHEDULER is 'foo': not an address\..*tcp://10\.0\.0\.5",
        ),
        ("PROVISIONING_DASK_SCHEDULER", "tcp://host with spaces:1", "not an address"),
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
