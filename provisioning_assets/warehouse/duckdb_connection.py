"""How a data set's file is opened for reading: for this one purpose, without a way out."""

import contextlib
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from provisioning_assets.errors import ProvisioningError

QUERY_MEMORY = "1GB"
QUERY_SPILL = "16GB"
"""What a query may put on disk when its groups do not fit into memory: keys of 50 million rows do not."""


@contextlib.contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can read the data set and nothing else: no files, no network, no extensions, no settings.

    The file is attached to an engine of its own. Opening it directly would share one engine a process and path, and
    hand out the replaced file for as long as anybody still read it. Division by zero is an error, as in BigQuery.

    What does not fit into memory goes into a folder of its own that is gone afterwards. It is the one place that DuckDB
    would let SQL reach; a query that is one SELECT over bare tables (``googlesql.parse``) cannot name it.

    Nobody else has the connection meanwhile. Nothing stays open afterwards, but within ``engines_kept``.

    Raises:
        ProvisioningError: there is no such file, or it is not a DuckDB file.
    """
    try:
        status = path.stat()
    except OSError:
        raise ProvisioningError(
            f"There is no data set at {path}.", "Materialize demo_dataset for this customer first."
        ) from None
    file = (path.resolve(), status.st_ino, status.st_mtime_ns, status.st_size)
    engine = _take(file) or _attached(path)
    try:
        yield engine.connection
    except BaseException:
        engine.close()
        raise
    _leave(file, engine)


File = tuple[Path, int, int, int]
"""A data set's place, and what changes when it is replaced: inode, nanoseconds, bytes."""


@dataclass(frozen=True)
class _Engine:
    connection: duckdb.DuckDBPyConnection
    spill: tempfile.TemporaryDirectory[str]

    def close(self) -> None:
        self.connection.close()
        self.spill.cleanup()


@contextlib.contextmanager
def engines_kept() -> Iterator[None]:
    """For as long as it is entered, the engine that was read from last waits for the next reader of the same file.

    Starting an engine takes as long as a usual query: 15 of 25 milliseconds. A file that was replaced gets a new one.
    """
    with _idle.lock:
        _idle.keepers += 1
    try:
        yield
    finally:
        with _idle.lock:
            _idle.keepers -= 1
            engines = [] if _idle.keepers else _idle.clear()
        for engine in engines:
            engine.close()


class _Idle:
    """Engines that nobody reads from: one at most, and none where nobody asked for them to be kept."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.keepers = 0
        self.engines: dict[File, _Engine] = {}

    def clear(self) -> list[_Engine]:
        engines = [*self.engines.values()]
        self.engines.clear()
        return engines


_idle = _Idle()


def _take(file: File) -> _Engine | None:
    with _idle.lock:
        return _idle.engines.pop(file, None)


def _leave(file: File, engine: _Engine) -> None:
    """Keep the engine for the next reader, in place of the one that waited until now; or close it."""
    with _idle.lock:
        no_longer = _idle.clear() if _idle.keepers else [engine]
        if _idle.keepers:
            _idle.engines[file] = engine
    for each in no_longer:
        each.close()


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
    """A name as a DuckDB identifier, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a DuckDB string literal, whatever is in it."""
    return "'" + text.replace("'", "''") + "'"
