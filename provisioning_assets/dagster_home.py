"""Which Dagster instance the commands use: that of DAGSTER_HOME, or a folder of the project when it is unset."""

import os
import shutil
from pathlib import Path

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.settings import PROJECT_FOLDER


def ensure_dagster_home() -> Path:
    """The instance's folder, made when it is the project's own; DAGSTER_HOME is set for this process and its children.

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
    # A demo tells nobody that it is being made, whatever an instance of one's own is set to.
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "true")
    return home
