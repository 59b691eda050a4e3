"""A PostgreSQL server of this machine, with a data folder of its own, for as long as a test needs it."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

#: Characters that have a meaning in addresses and in shells: a password may have any.
PASSWORD = "p@ss/w:rd%41 '$x"
_START_SECONDS = 30


@dataclass
class PostgresqlServer:
    """A server on a port of 127.0.0.1, with the database and user that the compose file names."""

    binaries: Path
    folder: Path
    port: int
    _process: subprocess.Popen[Any] | None = field(default=None, init=False)

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that deployment/docker/postgresql_storage.yaml reads."""
        return {
            "DAGSTER_POSTGRES_HOST": "127.0.0.1",
            "DAGSTER_POSTGRES_PORT": str(self.port),
            "DAGSTER_POSTGRES_DB": "postgres",
            "DAGSTER_POSTGRES_USER": "dagster",
            "DAGSTER_POSTGRES_PASSWORD": PASSWORD,
        }

    def start(self) -> None:
        """Start it, and return when it takes connections.

        Raises:
            RuntimeError: it ended, or takes none after 30 seconds.
        """
        log = self.folder / "log"
        with log.open("ab") as output:
            process: subprocess.Popen[Any] = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.folder / "data", "-k", self.folder, "-p", str(self.port),
                 "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
                stdout=output, stderr=output, cwd=self.folder, **_unprivileged(),
            )  # fmt: skip
        self._process = process
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.query("SELECT 1")
            except psycopg2.OperationalError:
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        """End it at once, with every connection; the data stay."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            self._process.wait(_START_SECONDS)
            self._process = None

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Return the rows of a query, read through a connection of its own."""
        with contextlib.closing(
            psycopg2.connect(
                host="127.0.0.1", port=self.port, dbname="postgres", user="dagster", password=PASSWORD, connect_timeout=5
            )
        ) as connection, connection.cursor() as cursor:  # fmt: skip
            cursor.execute(sql)
            return cursor.fetchall()


def find_binaries() -> Path | None:
    """Return the folder with ``initdb`` and ``postgres``, the newest version that is installed, or None."""
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if debian:
        return max(debian, key=lambda folder: float(folder.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextlib.contextmanager
def postgresql_server(binaries: Path) -> Iterator[PostgresqlServer]:
    """Make a server with a new data folder, start it, and remove both at the end."""
    # Not pytest's folder: only the user of the tests may enter that one, and root cannot run the server.
    folder = Path(tempfile.mkdtemp(prefix="provisioning-postgresql-"))
    try:
        password = folder / "password"
        password.write_text(PASSWORD + "\n", encoding="utf-8")
        for path in (folder, password):
            if owner := _unprivileged().get("user"):
                shutil.chown(path, owner)
        subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", "dagster", "--pwfile", password, "--no-sync",
             "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"],
            check=True, capture_output=True, cwd=folder, **_unprivileged(),
        )  # fmt: skip
        server = PostgresqlServer(binaries, folder, free_port())
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> dict[str, Any]:
    """Return the user to run the server as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    known = {user.pw_name for user in pwd.getpwall()}
    user = "postgres" if "postgres" in known else "nobody"
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
