"""Dagster's pools: what only so many runs may use at a time, whoever launched them.

``concurrency.pools.default_limit`` in dagster.yaml is the limit of each; ``dagster instance concurrency set POOL N`` gives one of
them its own.
"""

import time

from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.execution.plan.instance_concurrency_context import InstanceConcurrencyContext
from dagster._utils.interrupts import check_captured_interrupt

CHROMIUM = "chromium"
"""Reading a website: a browser takes some hundred megabytes for each page that it has open."""

AGENT = "conversational_analytics"
"""Asking an agent: a project has one quota of chats a minute, which each evaluation uses in full (``agent/resources.py``)."""

CLAUDE = "claude"
"""Asking Claude: an account has limits of tokens and calls a minute."""

LONGEST_PAUSE_SECONDS = 1.0
"""Between two looks whether a slot is free, or whether the run is terminated."""


def wait_for_pools_quietly() -> None:
    """Let a run of this process that waits for a pool sleep, and end when it is terminated.

    The in-process executor of Dagster 1.13 asks how long it should sleep, and the answer is never more than 0 seconds: it takes a
    whole processor while it waits, and notices only after the wait that it was terminated.
    """
    InstanceConcurrencyContext.interval_to_next_pending_claim_check = _pause_before_next_claim


def _pause_before_next_claim(self: InstanceConcurrencyContext) -> float:
    if check_captured_interrupt():
        raise DagsterExecutionInterruptedError
    timeouts = self._pending_timeouts.values()
    next_claim = min(timeouts, default=0.0) - time.time()
    return min(LONGEST_PAUSE_SECONDS, max(0.0, next_claim))
