"""The project's environment variables, read in one place and checked before anything else.

``ANTHROPIC_API_KEY``, ``GOOGLE_CLOUD_PROJECT`` and similar variables are read by the clients that use them.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from provisioning_assets.errors import ProvisioningError

#: The checkout of the project. Relative paths are relative to it, not to the current folder.
PROJECT_FOLDER = Path(__file__).resolve().parent.parent


REMEDIES = {
    "target": "This version makes demos on this machine only: unset PROVISIONING_TARGET or set it to 'local'",
    "dask_scheduler": "Set it to the address that the scheduler prints, such as tcp://10.0.0.5:8786, or unset it",
}


class Settings(BaseSettings):
    """The ``PROVISIONING_*`` variables."""

    model_config = SettingsConfigDict(env_prefix="PROVISIONING_", extra="ignore")

    target: Literal["local"] = "local"
    store: str = "demo_store"
    conversational_analytics_endpoint: str = Field(
        default="",
        validation_alias="CONVERSATIONAL_ANALYTICS_ENDPOINT",
        description="address of a running server, e.g. http://127.0.0.1:8091; empty: each run starts a server",
    )
    dask_scheduler: str = Field(
        default="",
        pattern=r"^$|^(tcp|tls|ws|wss)://[^\s/:]+(:\d+)?$",
        description="address of the Dask scheduler that generates large demos, e.g. tcp://10.0.0.5:8786; empty: this machine",
    )

    @property
    def store_root(self) -> str:
        """Return the store as an absolute folder or an address such as ``gs://bucket/prefix``."""
        return self.store if "://" in self.store else str((PROJECT_FOLDER / self.store).resolve())


def read_settings() -> Settings:
    """Return the settings of this process.

    Raises:
        ProvisioningError: a variable has a value that is not accepted.
    """
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors()[0]
        name = str(problem["loc"][0])
        variable = name if name.isupper() else f"PROVISIONING_{name.upper()}"
        wrong = "not an address" if problem["type"] == "string_pattern_mismatch" else problem["msg"]
        raise ProvisioningError(
            f"{variable} is {problem['input']!r}: {wrong}.", f"{REMEDIES.get(name, 'Unset it')}."
        ) from None
