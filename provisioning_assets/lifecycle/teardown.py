"""The end of a demo: everything that was made for one customer goes, in an order that can be taken up again.

What others can see goes first (agent, data set), the partition last: as long as the partition is there, an
interrupted teardown is seen in the list and is simply run again. Each step finds its thing gone without complaint.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TeardownStep:
    """One thing to remove.

    ``remove`` returns a few words on what was removed, or None when nothing was there.
    """

    name: str
    remove: Callable[[], str | None]


def tear_down(steps: Sequence[TeardownStep], tell: Callable[[str, str], None]) -> dict[str, str]:
    """Remove everything, in order; an error stops it, and running it again goes on from there.

    Args:
        steps: what to remove, in order.
        tell: called with the step's name and what came of it.

    Returns:
        step name -> what was removed; steps that found nothing are left out.
    """
    removed: dict[str, str] = {}
    for step in steps:
        what = step.remove()
        tell(step.name, what or "nothing there")
        if what:
            removed[step.name] = what
    return removed
