"""BigQuery's client, as Dagster's resource makes it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from dagster_gcp import BigQueryResource
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from provisioning_assets.warehouse.bigquery_errors import explaining

EMULATOR_VARIABLE = "BIGQUERY_EMULATOR_HOST"
"""BigQuery's client takes the address of its API from this variable, e.g. http://127.0.0.1:9050."""


class BigQueryConnection(BigQueryResource):
    """``dagster_gcp.BigQueryResource``, which also works with an emulator.

    An emulator has no accounts. So with ``BIGQUERY_EMULATOR_HOST`` the client is anonymous, and this machine's credentials
    are neither needed nor sent there.
    """

    @contextmanager
    def get_client(self) -> Iterator[bigquery.Client]:
        """Yield a client of the project, whose jobs and data sets are in the location.

        Raises:
            google.auth.exceptions.DefaultCredentialsError: this machine has no credentials, and there is no emulator.
        """
        if is_emulated():
            yield bigquery.Client(project=self.project, location=self.location, credentials=AnonymousCredentials())
        else:
            with super().get_client() as client:
                yield client


def is_emulated() -> bool:
    """Whether an emulator stands for BigQuery."""
    return bool(os.environ.get(EMULATOR_VARIABLE))


def open_client(project: str, location: str) -> bigquery.Client:
    """The client of a project and location. All callers of this process share it: signing in takes a third of a second.

    Raises:
        ProvisioningError: this machine has no credentials.
    """
    return _opened(project, location, os.environ.get(EMULATOR_VARIABLE, ""))


@lru_cache(maxsize=8)
def _opened(project: str, location: str, _address: str) -> bigquery.Client:
    with (
        explaining("BigQuery cannot be used", project),
        BigQueryConnection(project=project, location=location).get_client() as client,
    ):
        return client
