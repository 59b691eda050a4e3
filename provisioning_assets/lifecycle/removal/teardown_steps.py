"""Removes everything that was made for one customer, in an order that allows an interrupted teardown to be repeated.

What other people can see (agent, data set) is removed first and the partition last. As long as the partition exists, it can be
seen that a teardown was interrupted, and it can be run again. A step whose object is already gone does nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TeardownStep:
    """One step of a teardown.

    ``find`` returns a short text about what there is to remove, or None if there is nothing. ``remove`` removes it.
    """

    name: str
    find: Callable[[], str | None]
    remove: Callable[[], object]


def tear_down(
    steps: Sequence[TeardownStep], before: Callable[[str, str], None], after: Callable[[str, str], None]
) -> None:
    """Run the steps in order. An error stops the teardown; a second call continues from there.

    Args:
        steps: the steps, in order.
        before: called with the name of each step that has something to remove, and what it is, before it is removed.
        after: called with the name of each step and its result.
    """
    for step in steps:
        what = step.find()
        if what:
            before(step.name, what)
            step.remove()
        after(step.name, what or "nothing to remove")


def would_tear_down(steps: Sequence[TeardownStep]) -> dict[str, str]:
    """Return step -> what it would remove. Nothing is removed."""
    found = {step.name: step.find() for step in steps}
    return {name: what for name, what in found.items() if what}
