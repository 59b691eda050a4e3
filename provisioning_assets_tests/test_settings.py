"""What a user sets is checked before anything else happens, and told in a user's words."""

import pytest

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.settings import read_settings


@pytest.mark.parametrize(
    ("variable", "value", "told"),
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
def test_a_value_that_is_not_accepted_is_told_with_what_is(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ProvisioningError, match=told):
        read_settings()


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tls://scheduler.internal:8786", ""])
def test_a_schedulers_address_is_taken(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("PROVISIONING_DASK_SCHEDULER", address)
    assert read_settings().dask_scheduler == address
