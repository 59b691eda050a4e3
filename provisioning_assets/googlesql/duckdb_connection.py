"""Opens a data set's DuckDB file for reading; queries on the connection can reach nothing else."""

import contextlib
import re
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.duckdb_signals import stopped_by_signals

QUERY_MEMORY = "1GB"
QUERY_SPILL = "16GB"
"""Disk space that a query may use if its groups do not fit into memory; keys of 50 million rows do not fit."""


# DuckDB's message names the program that holds the file, and its process.
_HELD = re.compile(r"Conflicting lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")


class FileInUseError(ProvisioningError):
    """Another program has the data set's file open for writing."""


File = tuple[Path, int, int, int]
"""Identifies a version of a data set's file: path, inode, modification time in nanoseconds, and size in bytes."""


@dataclass(frozen=True)
class _Engine:
    connection: duckdb.DuckDBPyConnection
    spill: tempfile.TemporaryDirectory[str]

    def close(self) -> None:
        self.connection.close()
        self.spill.cleanup()


class KeptEngine:
    """Keeps the engine that was used last, so that the next query of the same file can reuse it.

    Starting an engine takes as long as a usual query: 15 of 25 milliseconds. A file that was replaced gets a new engine.
    The file stays open as long as the engine is kept; call ``close`` when it is not needed any more.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._idle: dict[File, _Engine] = {}

    def take(self, file: File) -> _Engine | None:
        """Remove and return the idle engine of this file; None if there is none. Only the caller uses it from here on."""
        with self._lock:
            return self._idle.pop(file, None)

    def leave(self, file: File, engine: _Engine) -> None:
        """Keep the engine for the next query, and close the one that was kept before."""
        with self._lock:
            no_longer = [engine] if self._closed else [*self._idle.values()]
            self._idle = {} if self._closed else {file: engine}
        for each in no_longer:
            each.close()

    def close(self) -> None:
        """Close the kept engine. Engines that are still in use are closed when they are returned."""
        with self._lock:
            self._closed = True
            engines = [*self._idle.values()]
            self._idle = {}
        for engine in engines:
            engine.close()


@contextlib.contextmanager
def reading(path: Path, kept: KeptEngine | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can read the data set and nothing else: no files, no network, no extensions, no settings.

    The file is attached to a separate engine. If it were opened directly, DuckDB would share one engine per process and
    path, and would return the replaced file as long as another reader has it open. Division by zero is an error, as in
    BigQuery.

    What does not fit into memory is written to a temporary folder that is removed afterwards. It is the only place that
    DuckDB would let SQL reach; a query that is one SELECT over bare tables (``googlesql.parse``) cannot name it.

    The caller has the connection exclusively. Afterwards the engine is closed; with ``kept``, and if there was no error,
    it is put there for the next query instead.

    Raises:
        FileInUseError: another program has the file open for writing.
        ProvisioningError: there is no such file, or it is not a DuckDB file.
    """
    try:
        status = path.stat()
    except OSError:
        raise ProvisioningError(
            f"There is no data set at {path}.", "Materialize demo_dataset for this customer first."
        ) from None
    file = (path.resolve(), status.st_ino, status.st_mtime_ns, status.st_size)
    engine = (kept.take(file) if kept is not None else None) or _attached(path)
    try:
        with stopped_by_signals(engine.connection):
            yield engine.connection
    except BaseException:
        engine.close()
        raise
    if kept is not None:
        kept.leave(file, engine)
    else:
        engine.close()


def _attached(path: Path) -> _Engine:
    spill = tempfile.TemporaryDirectory(prefix="query-")
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": QUERY_MEMORY,
            "temp_directory": spill.name,
            "max_temp_directory_size": QUERY_SPILL,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    engine = _Engine(connection, spill)
    try:
        connection.execute(f"ATTACH {literal(str(path))} AS demo (READ_ONLY)")
    except duckdb.Error as error:
        engine.close()
        if isinstance(error, duckdb.IOException) and "lock" in str(error):
            held = _HELD.search(str(error))
            by = f"{Path(held['program']).name} (process {held['pid']})" if held else "another program"
            raise FileInUseError(
                f"{path} is open for writing in {by}, so it cannot be read.",
                "Close the file there, or open it there read-only, and ask again.",
            ) from error
        raise ProvisioningError(
            f"{path} cannot be opened as a data set: {error}.", "Materialize demo_dataset for this customer again."
        ) from error
    connection.execute("USE demo")
    for setting, value in (
        ("error_on_division_by_zero", "true"),
        ("ieee_floating_point_ops", "false"),
        ("enable_external_access", "false"),
        ("lock_configuration", "true"),
    ):
        connection.execute(f"SET {setting} = {value}")
    return engine


def quoted(name: str) -> str:
    """A name as a quoted DuckDB identifier; it may contain any character."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a DuckDB string literal; it may contain any character."""
    return "'" + text.replace("'", "''") + "'"
