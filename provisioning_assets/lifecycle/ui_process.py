"""Starts Dagster's UI and daemon in the place of this process, unless others serve the same records already.

Two daemons on the same records would each launch what is queued and each evaluate the sensors.
"""

import os
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from provisioning_assets.dagster_home import ensure_dagster_home
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.settings import PROJECT_FOLDER, read_settings

HOST = "127.0.0.1"
"""Reachable from this machine only, because open-source Dagster has no login."""

HEARTBEAT_SECONDS = 30.0
"""A daemon reports itself this often. Source: DEFAULT_HEARTBEAT_INTERVAL_SECONDS in dagster/_daemon/controller.py."""

LATE_SECONDS = 15.0
"""How late a report may be on a busy machine."""

_PROGRAMS = ("dagster._daemon", "dagster-daemon", "dagster_webserver", "dagster-webserver", "dagster\0dev")
"""What the command line of a process has that serves an instance of Dagster; its words end with a zero byte."""


def run_ui(port: int, show: Callable[[str], None], warn: Callable[[], None]) -> None:
    """Become ``dagster dev`` for this project. Does not return.

    Args:
        port: on this machine.
        show: called with lines for the user before Dagster starts.
        warn: called once when Dagster is about to start, to say what its records lack.

    Raises:
        ProvisioningError: other processes serve the same records, or something listens on the port.
    """
    read_settings()
    home = ensure_dagster_home()
    refuse_second_service(home, show)
    refuse_used_port(port)
    warn()
    # Started in its home folder, Dagster does not find and warn about a second dagster.yaml.
    os.chdir(home)
    # "dagster dev" warns about a newer command that is not installed here.
    os.environ.setdefault("PYTHONWARNINGS", "ignore::FutureWarning")
    dagster = str(Path(sys.executable).with_name("dagster"))
    workspace = str(PROJECT_FOLDER / "workspace.yaml")
    show(f"Dagster on http://{HOST}:{port} (Ctrl-C ends it)")
    sys.stdout.flush()
    os.execv(dagster, [dagster, "dev", "-w", workspace, "-h", HOST, "-p", str(port)])  # noqa: S606


def refuse_used_port(port: int) -> None:
    """Look whether the port is free.

    Raises:
        ProvisioningError: something listens there.
    """
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except OSError as error:
            raise ProvisioningError(
                f"The port {port} of {HOST} cannot be used: {error.strerror}.",
                "End the program that listens there, or choose another port, e.g. provision ui --port 3001.",
            ) from None


def refuse_second_service(home: Path, show: Callable[[str], None]) -> None:
    """Make sure that no other UI or daemon serves the records of this folder.

    On Linux the processes of this machine are looked through. A daemon of another machine, which shares a database, is found by
    its reports; if the latest one is recent, this waits until the next one is due, for a daemon that has ended reports no more.

    Args:
        home: the folder of the instance, as DAGSTER_HOME names it.
        show: called with a line for the user before waiting.

    Raises:
        ProvisioningError: a UI or a daemon serves them.
    """
    from provisioning_assets.lifecycle.provisioning import dagster_instance

    if found := serving_processes(home):
        raise ProvisioningError(
            f"Dagster is running for {home} already ({_listed(found)}). Two daemons would launch each run twice.",
            f"Use that one, or end it first: kill {' '.join(map(str, found))}",
        )
    with dagster_instance() as (instance, _):
        if _is_of_this_machine(instance) and _processes_can_be_read():
            return  # none of the processes of this machine is a daemon of these records, and no other machine has them
        before = _latest_reports(instance)
        now = time.time()
        latest = max(before.values(), default=0.0)
        wait = latest + HEARTBEAT_SECONDS + LATE_SECONDS - now
        if wait <= 0:
            return
        show(f"A daemon reported {now - latest:.0f} s ago; waiting up to {wait:.0f} s to see whether it still runs.")
        while time.time() < now + wait:
            time.sleep(1)
            if _latest_reports(instance) != before:
                raise ProvisioningError(
                    f"Another daemon serves the records of {home}: it has just reported.",
                    "Use the UI that belongs to it, or end it first. Two daemons would launch each run twice.",
                )


def serving_processes(home: Path) -> list[int]:
    """Return the processes of this machine that serve the records of this folder, of all users whose processes may be read.

    Empty on systems without /proc.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if _serves((entry / "cmdline").read_bytes()) and _home_of((entry / "environ").read_bytes()) == home:
                found.append(int(entry.name))
        except OSError:  # it has ended, or belongs to somebody else
            continue
    return sorted(found)


def _home_of(environment: bytes) -> Path | None:
    name = b"DAGSTER_HOME="
    given = [line.removeprefix(name) for line in environment.split(b"\0") if line.startswith(name)]
    return Path(os.fsdecode(given[0])).expanduser().resolve() if given else None


def _serves(command: bytes) -> bool:
    return any(program.encode() in command for program in _PROGRAMS)


def _processes_can_be_read() -> bool:
    return Path("/proc/self/environ").is_file()


def _is_of_this_machine(instance: Any) -> bool:
    """Whether the records are in SQLite's files, which machines cannot share."""
    return type(instance.run_storage).__name__ == "SqliteRunStorage"


def _latest_reports(instance: Any) -> Mapping[str, float]:
    """Return kind of daemon -> when it last reported, in seconds since 1970."""
    return {kind: beat.timestamp for kind, beat in instance.get_daemon_heartbeats().items()}


def _listed(processes: Sequence[int]) -> str:
    return f"process{'' if len(processes) == 1 else 'es'} {', '.join(map(str, processes))}"
