"""The project's environment variables, read in one place and checked before anything else.

``ANTHROPIC_API_KEY``, ``GOOGLE_APPLICATION_CREDENTIALS`` and similar variables are read by the clients that use them.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.prices import LEAST_BYTES_BILLED, MOST_BYTES_BILLED

#: The checkout of the project. Relative paths are relative to it, not to the current folder.
PROJECT_FOLDER = Path(__file__).resolve().parent.parent

REMEDIES = {
    "target": "Set it to 'local' (this machine) or 'gcp' (Google Cloud)",
    "store": "Set it to gs://BUCKET or gs://BUCKET/FOLDER: BigQuery loads tables only from there",
    "dask_scheduler": "Set it to the address that the scheduler prints, such as tcp://10.0.0.5:8786, or unset it",
    "GOOGLE_CLOUD_PROJECT": "Set it to the id of a project, such as acme-demos-123",
    "refresh_days": "Set it to a number of days from 0 (never) to 366, such as 7",
    "refreshes_a_day": "Set it to a number of demos, 0 or more, such as 100",
    "most_billed_bytes": f"Set it to a number of bytes, at least {LEAST_BYTES_BILLED:,}",
}


class Settings(BaseSettings):
    """The ``PROVISIONING_*`` variables, and those of Google Cloud that choose where demos are made."""

    model_config = SettingsConfigDict(env_prefix="PROVISIONING_", extra="ignore")

    target: Literal["local", "gcp"] = "local"
    store: str = "demo_store"
    conversational_analytics_endpoint: str = Field(
        default="",
        validation_alias="CONVERSATIONAL_ANALYTICS_ENDPOINT",
        description="address of a running server, e.g. http://127.0.0.1:8091; empty: each run starts a server (local), or "
        "Google's service is used (gcp)",
    )
    conversational_analytics_location: str = Field(
        default="global", validation_alias="CONVERSATIONAL_ANALYTICS_LOCATION", pattern=r"^[a-z0-9-]+$"
    )
    google_cloud_project: str = Field(
        default="", validation_alias="GOOGLE_CLOUD_PROJECT", pattern=r"^$|^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$"
    )
    bigquery_location: str = Field(default="US", validation_alias="BIGQUERY_LOCATION", pattern=r"^[A-Za-z0-9-]+$")
    most_billed_bytes: int = Field(
        default=MOST_BYTES_BILLED,
        ge=LEAST_BYTES_BILLED,
        description="bytes that one query on Google Cloud may bill; a demo needs far less, so that more is most likely a mistake",
    )
    refresh_days: int = Field(
        default=7, ge=0, le=366, description="days after which a demo is made again with the day's date; 0: never"
    )
    refreshes_a_day: int = Field(default=100, ge=0, description="demos that are made again on one day, at most")
    budget_usd: float = Field(default=1.00, gt=0, description="US dollars that the making of one demo may cost")
    dask_scheduler: str = Field(
        default="",
        pattern=r"^$|^(tcp|tls|ws|wss)://[^\s/:]+(:\d+)?$",
        description="address of the Dask scheduler that generates large demos, e.g. tcp://10.0.0.5:8786; empty: this machine",
    )

    @model_validator(mode="after")
    def _has_what_google_cloud_needs(self) -> "Settings":
        if self.target == "gcp":
            if not self.store.startswith("gs://"):
                raise _missing(
                    "store", self.store, "not an address in Cloud Storage, which PROVISIONING_TARGET=gcp needs"
                )
            if not self.google_cloud_project:
                raise _missing("GOOGLE_CLOUD_PROJECT", "", "not set, and PROVISIONING_TARGET=gcp needs it")
        return self

    @property
    def store_root(self) -> str:
        """Return the store as an absolute folder or an address such as ``gs://bucket/prefix``."""
        return self.store if "://" in self.store else str((PROJECT_FOLDER / self.store).resolve())


def _missing(name: str, given: str, wrong: str) -> ProvisioningError:
    variable = name if name.isupper() else f"PROVISIONING_{name.upper()}"
    return ProvisioningError(f"{variable} is {given!r}: {wrong}.", f"{REMEDIES.get(name, 'Unset it')}.")


def read_settings() -> Settings:
    """Return the settings of this process.

    Raises:
        ProvisioningError: a variable has a value that is not accepted, or the target lacks one.
    """
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors()[0]
        wrong = "not an accepted value" if problem["type"] == "string_pattern_mismatch" else problem["msg"]
        raise _missing(str(problem["loc"][0]), str(problem["input"]), wrong) from None
