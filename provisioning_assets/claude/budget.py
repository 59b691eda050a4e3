"""The money that one demo may cost: what a call could cost at most is set aside before it is made."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from provisioning_assets.claude.errors import BudgetReachedError


class Budget:
    """What is left for the calls of one demo. Calls side by side share it.

    Args:
        limit: US dollars in all.
        spent: US dollars that earlier calls have cost.
    """

    def __init__(self, limit: float, spent: float) -> None:
        self._limit = limit
        self._spent = spent
        self._set_aside = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def set_aside(self, most: float | None) -> Iterator[None]:
        """Hold back what a call can cost while it is made. Waits while other calls hold what would be enough.

        Args:
            most: US dollars; None: the price of the model is not known, and nothing can be held back.

        Raises:
            BudgetReachedError: the call could cost more than is left.
        """
        held = most or 0.0
        with self._changed:
            self._changed.wait_for(lambda: self._set_aside == 0 or self._fits(held))
            if not self._fits(held):
                raise BudgetReachedError(
                    f"The demo's calls of Claude have cost {self._spent:.3f} USD, and the next could cost {held:.3f} USD "
                    f"of a budget of {self._limit:.2f} USD.",
                    "Set PROVISIONING_BUDGET_USD to more, or go on without Claude.",
                )
            self._set_aside += held
        try:
            yield
        finally:
            with self._changed:
                self._set_aside -= held
                if self._set_aside < 1e-9:
                    self._set_aside = 0.0
                self._changed.notify_all()

    def spend(self, amount: float | None) -> None:
        """Count what a call has cost in US dollars; None: not known."""
        with self._changed:
            self._spent += amount or 0.0

    def _fits(self, amount: float) -> bool:
        return self._spent + self._set_aside + amount <= self._limit
