"""A lock in Cloud Storage: one object, held by one process at a time, that frees itself if its holder was killed.

The object is created only if there is none (generation 0), written again every few seconds while it is held, and deleted at the
end; each time only if its generation is still the one that this process wrote. An object that was not written for
``LEASE_SECONDS`` belongs to nobody any more. Its age is the difference of two times of the service, so clocks of machines may be
wrong. A lock of a process of this machine that has ended is free at once.
"""

import contextlib
import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provisioning_assets.errors import ProvisioningError

if TYPE_CHECKING:
    from upath import UPath

LEASE_SECONDS = 60.0
"""How long a killed process blocks others, at most. Longer than the half minute for which gcsfs retries a request."""

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Another one for each start of each machine. Source: random(4); systems other than Linux have none."""

RENEWALS = 4
"""How often the object is written within that time."""


class LeaseTakenError(ProvisioningError):
    """Another process holds the lock."""


class Lease:
    """What the holder of a lock has. Made by ``held``."""

    def __init__(self, path: "UPath", generation: int, content: bytes) -> None:
        self._fs: Any = path.fs
        self._name = path.path
        self._content = content
        self._generation: int | None = generation
        self._turn = threading.Lock()

    def confirm(self) -> None:
        """Write the lock again, before something that only its holder may do.

        Raises:
            ProvisioningError: another process has it now, because this one did not renew it in time; or no answer.
        """
        with self._turn:
            if self._generation is None:
                raise self._lost()
            try:
                self._generation = self._fs.store_object(self._name, self._content, self._generation)
            except FileExistsError:
                if not self._is_ours():
                    self._generation = None
                    raise self._lost() from None

    def release(self) -> None:
        """Delete the lock if this process still has it. If the service does not answer, it frees itself."""
        with self._turn, contextlib.suppress(FileExistsError, FileNotFoundError, ProvisioningError):
            if self._generation is not None:
                self._fs.delete_object(self._name, self._generation)
            self._generation = None

    def _is_ours(self) -> bool:
        """After a lost answer gcsfs writes again, and the first writing has already changed the generation."""
        try:
            content, generation = self._fs.content_and_generation(self._name)
        except FileNotFoundError:
            return False
        if content != self._content or generation is None:
            return False
        self._generation = generation
        return True

    def _lost(self) -> ProvisioningError:
        return ProvisioningError(
            f"Another run took gs://{self._name}, because this run could not renew it for {LEASE_SECONDS:.0f} seconds.",
            "Wait until the other run has ended, then run again: what is finished is kept.",
        )


@contextlib.contextmanager
def held(path: "UPath", purpose: str) -> Iterator[Lease]:
    """Hold the lock while the block runs.

    Args:
        path: the lock's object, on ``gs://``.
        purpose: what the holder does, for the message to others, e.g. "generating tables in gs://bucket/acme_com".

    Raises:
        LeaseTakenError: another process holds it.
        ProvisioningError: the service does not answer, or refuses.
    """
    lease = _taken(path, purpose)
    ended = threading.Event()
    renewal = threading.Thread(target=_renew, args=(lease, ended), name=f"lease of {path}", daemon=True)
    renewal.start()
    try:
        yield lease
    finally:
        ended.set()
        renewal.join()
        lease.release()


def _renew(lease: Lease, ended: threading.Event) -> None:
    while not ended.wait(LEASE_SECONDS / RENEWALS):
        # What fails here is tried again at the next turn; a lease that was lost is told by confirm().
        with contextlib.suppress(ProvisioningError):
            lease.confirm()


def _taken(path: "UPath", purpose: str) -> Lease:
    fs: Any = path.fs
    owner = {"owner": os.urandom(8).hex(), "host": socket.gethostname(), "boot": _boot(), "process": os.getpid()}
    content = json.dumps(owner).encode()
    with contextlib.suppress(FileExistsError):
        return Lease(path, fs.store_object(path.path, content, 0), content)
    try:
        found, _ = fs.content_and_generation(path.path)
        if found == content:  # the first answer was lost, and gcsfs asked again
            return Lease(path, fs.age_and_generation(path.path)[1], content)
        age, generation = fs.age_and_generation(path.path)
        if age > LEASE_SECONDS or _has_ended(found):
            return Lease(path, fs.store_object(path.path, content, generation), content)
    except (FileExistsError, FileNotFoundError):  # changed since it was looked at, so its holder is alive
        raise _busy(purpose, "", LEASE_SECONDS) from None
    raise _busy(purpose, _holder(found), LEASE_SECONDS - age)


def _holder(content: bytes) -> str:
    try:
        said = json.loads(content)
        return f" (process {int(said['process'])} on {str(said['host'])[:100]})"
    except (ValueError, KeyError, TypeError):
        return ""


def _has_ended(content: bytes) -> bool:
    """Whether the holder is a process of this machine, or of this container, and there is no such process any more."""
    try:
        said = json.loads(content)
        here = bool(said["boot"]) and (said["boot"], said["host"]) == (_boot(), socket.gethostname())
        process = int(said["process"])
    except (ValueError, KeyError, TypeError):
        return False
    if not here or process <= 0:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it runs, as another user
        return False
    return False


def _boot() -> str:
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""


def _busy(purpose: str, holder: str, seconds: float) -> LeaseTakenError:
    return LeaseTakenError(
        f"Another run is {purpose}{holder}.",
        f"Wait until it has finished, or stop it first; if it was killed, it is free in {max(1, round(seconds))} seconds.",
    )
