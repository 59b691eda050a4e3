"""What a check finds, and what a check is."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum


class State(StrEnum):
    """``missing``: a run fails without it. ``warning``: a run works, but less well, or it is not known."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Args:
        what: the thing that was examined, in a few words.
        state: whether a run has what it needs.
        found: what was found.
        why: what a run needs it for.
        remedy: the command that mends it, or what to do; empty if nothing is to be done.
    """

    what: str
    state: State
    found: str
    why: str
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the finding as a JSON object, for scripts."""
        return asdict(self)


@dataclass(frozen=True)
class Check:
    """A check that can be carried out without any other.

    Args:
        what: the thing that is examined; names the finding if the check fails.
        why: what a run needs it for.
        examine: carries it out.
    """

    what: str
    why: str
    examine: Callable[[], list[Finding]]
