"""Removes everything that was made for one customer, in an order that allows an interrupted teardown to be repeated.

What other people can see (agent, data set) is removed first and the partition last. As long as the partition exists,
the list shows an interrupted teardown, and it can be run again. A step whose object is already gone does nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TeardownStep:
    """One step of a teardown.

    ``remove`` returns a short text about what it removed, or None if there was nothing to remove.
    """

    name: str
    remove: Callable[[], str | None]


def tear_down(steps: Sequence[TeardownStep], report: Callable[[str, str], None]) -> dict[str, str]:
    """Run the steps in order. An error stops the teardown; a second call continues from there.

    Args:
        steps: the steps, in order.
        report: called with the name of each step and its result.

    Returns:
        step name -> what was removed; steps that found nothing are left out.
    """
    removed: dict[str, str] = {}
    for step in steps:
        what = step.remove()
        report(step.name, what or "nothing to remove")
        if what:
            removed[step.name] = what
    return removed
