"""Finds the Dagster instance of the commands: that of DAGSTER_HOME, or if unset a folder of the project."""

import os
import shutil
import sqlite3
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


def write_records_without_waiting() -> None:
    """Let SQLite write Dagster's records in this process without waiting for the disk after each.

    A run writes some five hundred records, and the disk takes milliseconds for each. They survive the end of the process, also a
    sudden one. After a power cut the last of them can be missing, and then stages are made again; the artefacts, which are waited
    for, are not lost. Source: SQLite's documentation of "PRAGMA synchronous", NORMAL with a write-ahead log, which Dagster uses.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    if not event.contains(Engine, "connect", _synchronous_normal):
        event.listen(Engine, "connect", _synchronous_normal)


def _synchronous_normal(connection: object, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = NORMAL")
