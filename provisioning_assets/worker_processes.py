"""Processes that this one starts for a part of its work: they end when it does, also when it is killed."""

import os
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess


def end_with_parent() -> None:
    """Let this process end as soon as the one that started it has ended. To be called in the new process.

    The processes of a pool wait for work on a pipe that they hold both ends of. So they are not told when the process that would
    send it was killed, and would wait for ever.
    """
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), name="waits for the parent's end", daemon=True).start()


def end_now(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool, whatever they are doing. Work that was handed over raises ``BrokenProcessPool``."""
    for process in list((pool._processes or {}).values()):  # Python 3.14 has terminate_workers() for this
        process.terminate()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)  # nothing to tidy up: what this process makes counts only when the parent has taken it over
