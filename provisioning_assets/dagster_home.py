"""Finds the Dagster instance of the commands: that of DAGSTER_HOME, or if unset a folder of the project."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.settings import PROJECT_FOLDER

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine


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


@contextlib.contextmanager
def records_without_waiting() -> Iterator[None]:
    """Let SQLite write Dagster's records in this process without waiting for the disk after each.

    A run writes some five hundred records, and the disk takes milliseconds for each. They survive the end of the process, also a
    sudden one. After a power cut the last of them can be missing, and then stages are made again; the artefacts, which are waited
    for, are not lost. Source: SQLite's documentation of "PRAGMA synchronous", NORMAL with a write-ahead log, which Dagster uses.

    Dagster opens and closes a connection for each record, and SQLite empties the log into the database, and waits for the disk,
    whenever the last connection is closed. So each database has one more connection until the end of the block, which does nothing.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    kept: dict[str, sqlite3.Connection] = {}

    def connected(connection: object, _record: object) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        connection.execute("PRAGMA synchronous = NORMAL")
        file = connection.execute("PRAGMA database_list").fetchone()[2]
        if file and file not in kept and connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            kept[file] = sqlite3.connect(file, check_same_thread=False)
            kept[file].execute("SELECT count(*) FROM sqlite_master").fetchone()  # only now it is open

    event.listen(Engine, "connect", connected)
    try:
        yield
    finally:
        event.remove(Engine, "connect", connected)
        for connection in kept.values():
            connection.close()


def keep_database_engines() -> None:
    """Let Dagster use the engine of each of its SQLite files again in this process.

    Dagster makes an engine for each access, and an engine compiles its statements anew: about a tenth of the processor time of a
    run (docs/performance.md). These engines have no pool, so that each access still opens and closes a connection of its own.
    """
    from dagster._core.storage import sql
    from dagster._core.storage.event_log.sqlite import sqlite_event_log
    from dagster._core.storage.runs.sqlite import sqlite_run_storage

    for module in (sqlite_event_log, sqlite_run_storage):
        if vars(module)["create_engine"] is sql.create_engine:
            vars(module)["create_engine"] = _one_engine_a_file(sql.create_engine)


def _one_engine_a_file(create_engine: "Callable[..., Engine]") -> "Callable[..., Engine]":
    engines: dict[str, Engine] = {}

    def engine_of(address: str, **settings: object) -> "Engine":
        if address not in engines:
            engines[address] = create_engine(address, **settings)
        return engines[address]

    return engine_of
