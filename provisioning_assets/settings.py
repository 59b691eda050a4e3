"""What a user sets through the environment, read in one place and checked before anything else happens.

``ANTHROPIC_API_KEY``, ``GOOGLE_CLOUD_PROJECT`` and the like belong to the clients that read them; here is what is ours.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from provisioning_assets.errors import ProvisioningError

#: The checkout that the package is run from: relative places are relative to it, wherever a command is typed.
PROJECT_FOLDER = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """``PROVISIONING_*`` variables."""

    model_config = SettingsConfigDict(env_prefix="PROVISIONING_", extra="ignore")

    target: Literal["local"] = "local"
    store: str = "demo_store"
    conversational_analytics_endpoint: str = Field(
        default="",
        validation_alias="CONVERSATIONAL_ANALYTICS_ENDPOINT",
        description="a running server, e.g. http://127.0.0.1:8091; empty: a run starts its own",
    )

    @property
    def store_root(self) -> str:
        """The store as an absolute folder or an address such as ``gs://bucket/prefix``."""
        return self.store if "://" in self.store else str((PROJECT_FOLDER / self.store).resolve())


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        ProvisioningError: a variable has a value that is not accepted.
    """
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors()[0]
        raise ProvisioningError(
            f"PROVISIONING_{str(problem['loc'][0]).upper()} is {problem['input']!r}: {problem['msg']}.",
            "This version provisions demos on this machine: unset PROVISIONING_TARGET or set it to 'local'.",
        ) from None
