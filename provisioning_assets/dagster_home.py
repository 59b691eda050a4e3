"""Finds the Dagster instance of the commands: that of DAGSTER_HOME, or if unset a folder of the project."""

import os
import shutil
from pathlib import Path

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.settings import PROJECT_FOLDER


def ensure_dagster_home() -> Path:
    """Return the instance's folder and set DAGSTER_HOME for this process and its children.

    The project's own folder is created if it is missing.

    Raises:
        ProvisioningError: DAGSTER_HOME is set to something that is not a folder.
    """
    chosen = os.environ.get("DAGSTER_HOME")
    if chosen:
        home = Path(chosen).expanduser().resolve()
        if not home.is_dir():
            raise ProvisioningError(
                f"DAGSTER_HOME is {chosen!r}, which is not a folder.",
                "Make the folder, or unset DAGSTER_HOME to use the project's own.",
            )
    else:
        home = PROJECT_FOLDER / ".dagster_home"
        home.mkdir(exist_ok=True)
        shutil.copyfile(PROJECT_FOLDER / "dagster.yaml", home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    # No telemetry, whatever the configuration of the user's own instance says.
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "true")
    return home
