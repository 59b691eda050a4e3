"""One run per customer at a time: the lock that a command or a run holds while it changes a demo.

It has two parts: a file lock below the folder of Dagster's records, for the processes of this machine, and ``DemoStore.reserved``,
for the machines that share a store. The operating system frees the file lock when its process ends for any reason.

A command holds the lock around its runs (``held``). A run that Dagster launches takes it in its first step (``take_for_run``),
where Dagster can interrupt the wait, and has it until the run ends.
"""

import contextlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import dagster as dg
from filelock import FileLock, Timeout

from provisioning_assets.customers import site_of_key
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lease import LeaseTakenError

PARTITION_TAG = "dagster/partition"
"""Dagster's tag of a run of one partition."""

WAIT_SECONDS = 600.0
"""How long a launched run waits for the lock: several times as long as a small demo takes. While it waits, it keeps one of the few
places of the queue. A customer whose earlier run was recorded in time waits in the queue instead, as long as it takes."""

POLL_SECONDS = 1.0
SAY_AGAIN_SECONDS = 30.0

_commands: set[tuple[Path, str]] = set()
"""Folder and customer of the locks that a command of this process holds; its runs need no second lock."""

_runs: dict[str, contextlib.ExitStack] = {}
"""Run id -> what the run holds. More than one only in tests: Dagster starts a process for each run."""


class Reserving(Protocol):
    """A store, as far as it is needed here."""

    def reserved(self, key: str) -> contextlib.AbstractContextManager[None]:
        """Keep other machines away from the customer."""
        ...


def locks_folder(instance: dg.DagsterInstance) -> Path:
    """Return the folder of the file locks: the same for all processes that use these records on this machine."""
    home = os.environ.get("DAGSTER_HOME")
    root = Path(home) if home and not instance.is_ephemeral else Path(instance.root_directory)
    return root.expanduser().resolve() / "locks"


def scope_of(locks: Path) -> str:
    """Return the name of the lock folder: another one in each container and on each machine that has a folder of its own.

    Whoever finds a lock free may conclude that its holder has ended only if both looked into the same folder.
    """
    locks.mkdir(parents=True, exist_ok=True)
    path = locks / "scope"
    with contextlib.suppress(FileExistsError):
        neighbour = locks / f".scope-{os.getpid()}-{uuid.uuid4().hex}"
        neighbour.write_text(uuid.uuid4().hex, encoding="ascii")
        try:
            path.hardlink_to(neighbour)  # with its content or not at all
        finally:
            neighbour.unlink()
    return path.read_text(encoding="ascii")


@contextlib.contextmanager
def held(locks: Path, key: str) -> Iterator[None]:
    """Hold the file lock of a customer for a command, without waiting.

    Raises:
        filelock.Timeout: another process holds it, or another block of this one.
        ProvisioningError: it is not a customer's key.
    """
    with _file_lock(locks, key):
        mine = (locks.resolve(), key)
        _commands.add(mine)
        try:
            yield
        finally:
            _commands.discard(mine)


def is_free(locks: Path, key: str) -> bool:
    """Return whether no process holds the file lock of the customer."""
    try:
        with _file_lock(locks, key):
            return True
    except Timeout:
        return False


def take_for_run(
    run: dg.DagsterRun, instance: dg.DagsterInstance, store: Reserving, *, say: Callable[[str], None]
) -> None:
    """Take the lock of the run's customer for the whole run; nothing happens if the run or its command has it.

    Args:
        run: the run that calls.
        instance: where the run is recorded.
        store: where the demo is.
        say: gets a sentence while the run waits.

    Raises:
        ProvisioningError: the run is not of exactly one customer, another run still has the lock after ``WAIT_SECONDS``,
            or the store cannot be reached.
    """
    key = _customer_of(run)
    locks = locks_folder(instance)
    if run.run_id in _runs or (locks, key) in _commands:
        return
    until = time.monotonic() + WAIT_SECONDS
    said_at: float | None = None
    while True:
        try:
            _runs[run.run_id] = _both_locks(locks, key, store)
        except (Timeout, LeaseTakenError) as refusal:
            now = time.monotonic()
            if now >= until:
                raise _still_taken(key, refusal) from refusal
            if said_at is None or now - said_at >= SAY_AGAIN_SECONDS:
                say(f"Another process is working on {key}. This run waits until it has ended.")
                said_at = now
            time.sleep(min(POLL_SECONDS, max(0.0, until - now)))
        else:
            return


def release_run(run_id: str) -> None:
    """Free what the run holds; nothing happens if it holds nothing."""
    stack = _runs.pop(run_id, None)
    if stack is not None:
        stack.close()


def _both_locks(locks: Path, key: str, store: Reserving) -> contextlib.ExitStack:
    with contextlib.ExitStack() as stack:
        stack.enter_context(_file_lock(locks, key))
        stack.enter_context(store.reserved(key))
        return stack.pop_all()


@contextlib.contextmanager
def _file_lock(locks: Path, key: str) -> Iterator[None]:
    site_of_key(key)  # the key becomes the name of a file
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / f"{key}.lock", timeout=0):
        yield


def _customer_of(run: dg.DagsterRun) -> str:
    key = run.tags.get(PARTITION_TAG)
    if key is None:
        raise ProvisioningError(
            "This run is not of exactly one customer.",
            "Launch it for one partition. To make the demos of several customers, select them in the dialog "
            "Materialize: Dagster then launches one run for each.",
        )
    site_of_key(key)
    return key


def _still_taken(key: str, refusal: Exception) -> ProvisioningError:
    said = refusal.problem if isinstance(refusal, ProvisioningError) else f"Another process is working on {key}."
    return ProvisioningError(
        f"{said} This run has waited for it.",
        "Wait until it has ended, then launch this run again: what is finished is kept.",
    )
