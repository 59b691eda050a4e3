"""Which stage this process works on: what log lines of any module carry, also those of its threads."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """One stage of one run.

    Args:
        customer: the partition's key.
        run: id of the Dagster run.
        name: of the asset.
    """

    customer: str
    run: str
    name: str

    def fields(self) -> dict[str, str]:
        """Return its fields of a log line."""
        return {"customer": self.customer, "run": self.run, "stage": self.name}


# Of the process, not of a thread or a context: a run's process works on one stage at a time, and what the stage's threads
# report belongs to it.
_current: list[Stage] = []

_counting = threading.Lock()
_retries = 0
"""Of the process, too; threads of a stage make its requests."""


def current_stage() -> Stage | None:
    """Return the stage that this process works on; None outside of a run."""
    return _current[-1] if _current else None


@contextlib.contextmanager
def working_on(stage: Stage) -> Iterator[None]:
    """Name the stage while the block runs."""
    _current.append(stage)
    try:
        yield
    finally:
        _current.remove(stage)


def note_retry(*_: object) -> None:
    """Count that a request is made again because its failure looked temporary. Tenacity calls it ``before_sleep``."""
    global _retries
    with _counting:
        _retries += 1


def retries_so_far() -> int:
    """Return how many retries this process has counted."""
    return _retries
