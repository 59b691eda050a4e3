"""Sees to it that a signal which is to end a run does so, also if it comes at a moment in which Python ignores exceptions.

Dagster and Python raise an exception where the program is when the signal comes. If that is in the callback of a weak reference or
in ``__del__``, Python prints the exception and goes on, and so would the run.
"""

import os
import signal
import sys
import threading

SECONDS_UNTIL_AGAIN = 0.05
"""Until the signal is sent again: callbacks take microseconds."""


def send_lost_interrupts_again() -> None:
    """Send SIGINT to this process again whenever the exception of one was ignored. Can be called several times."""
    from dagster._core.errors import DagsterExecutionInterruptedError

    before = sys.unraisablehook
    if before.__module__ == __name__:
        return

    def again(ignored: "sys.UnraisableHookArgs") -> None:
        if issubclass(ignored.exc_type, KeyboardInterrupt | DagsterExecutionInterruptedError):
            # In another thread and later: here its exception would be ignored, too.
            timer = threading.Timer(SECONDS_UNTIL_AGAIN, os.kill, (os.getpid(), signal.SIGINT))
            timer.daemon = True
            timer.start()
        else:
            before(ignored)

    sys.unraisablehook = again
