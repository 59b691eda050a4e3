"""Which stage this process works on: what log lines of any module carry, also those of its threads."""

import contextlib
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
