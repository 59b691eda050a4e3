"""Where blocks are generated: in this process, in processes of this machine, or by the workers of a Dask cluster."""

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from queue import SimpleQueue

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.block_schedule import BlockSchedule
from provisioning_assets.synthesis.generation import BlockManifest, BlockTask, generate, prepare
from provisioning_assets.worker_processes import end_with_parent

POLARS_THREADS = "POLARS_MAX_THREADS"

FRESH_POOLS = 2
"""How many times new processes are started after one was killed, for example out of memory; finished blocks are kept."""

BLOCKS_AHEAD = 2
"""Blocks queued for each process, so that it never waits for the next one; fewer if only a few blocks are ready."""

SECONDS_TO_REACH_A_CLUSTER = 10

Done = Callable[[BlockManifest], None]


def generate_here(schedule: BlockSchedule, done: Done) -> None:
    """Generate all blocks, one after the other, in this process."""
    while (task := schedule.next()) is not None:
        done(generate(task))
        schedule.finished(task)


def generate_in_processes(new_schedule: Callable[[], BlockSchedule], staging: str, processes: int, done: Done) -> None:
    """Generate all blocks in several processes of this machine; this process is one of the ``processes``.

    The other processes need half a second to start and to import. Blocks are also generated here, during that time and afterwards.

    Raises:
        ProvisioningError: processes were killed too often.
    """
    for _ in range(1 + FRESH_POOLS):
        try:
            with _single_threaded_polars(), _pool(processes - 1, staging) as pool:
                schedule = new_schedule()
                started = [pool.submit(os.getpid) for _ in range(processes - 1)]
                generate_with(pool, schedule, done, ahead=partial(_ahead, started, schedule), here=True)
                return
        except BrokenProcessPool:
            continue
    raise ProvisioningError(
        f"Processes that generate tables were killed {1 + FRESH_POOLS} times; most often there is too little memory.",
        "Free memory or choose a smaller --size, then run again: finished blocks are kept.",
    )


@contextlib.contextmanager
def _pool(processes: int, staging: str) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes that generate blocks. After success the caller does not wait the sixth of a second of its shutdown."""
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(staging,))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=True)
        raise
    pool.shutdown(wait=False)


def _begin(staging: str) -> None:
    """What a new process does first."""
    end_with_parent()
    prepare(staging)


def _ahead(started: list[Future[int]], schedule: BlockSchedule) -> int:
    """How many blocks should be queued for the processes that have started; fewer if only a few blocks are ready."""
    up = sum(process.done() for process in started)
    return min(BLOCKS_AHEAD * up, max(up, schedule.ready // (1 + len(started))))


def generate_with(
    executor: Executor,
    schedule: BlockSchedule,
    done: Done,
    *,
    ahead: Callable[[], int] | None = None,
    here: bool = False,
) -> None:
    """Generate all blocks of a schedule with an executor whose workers see the staging folder.

    Args:
        executor: runs the tasks.
        schedule: the remaining blocks.
        done: called with each manifest, in this thread.
        ahead: how many blocks may be submitted at this moment; if absent, all blocks that are ready.
        here: also generate blocks in this process that were not submitted.
    """
    running: dict[Future[BlockManifest], BlockTask] = {}
    ended: SimpleQueue[Future[BlockManifest]] = SimpleQueue()
    try:
        while True:
            # a process that has just started is slow at first, so it gets the small blocks and this process takes the full ones
            hand_over = schedule.last if here else schedule.next
            while (ahead is None or len(running) < ahead()) and (task := hand_over()) is not None:
                future = executor.submit(generate, task)
                running[future] = task
                future.add_done_callback(ended.put)
            if here and ended.empty() and (task := schedule.next()) is not None:
                done(generate(task))
                schedule.finished(task)
            elif running:
                future = ended.get()
                task = running.pop(future)
                done(future.result())
                schedule.finished(task)
            else:
                return
    finally:
        for future in running:
            future.cancel()


@contextlib.contextmanager
def dask_cluster(scheduler: str) -> Iterator[Executor]:
    """The workers of the Dask cluster whose scheduler has this address, e.g. ``tcp://10.0.0.5:8786``.

    Raises:
        ProvisioningError: Dask is not installed, or the scheduler does not answer.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ProvisioningError(
            f"PROVISIONING_DASK_SCHEDULER is {scheduler}, but Dask is not installed on this machine.",
            "Install Dask (make dask, or pip install 'provisioning-assets[dask]'), or unset the variable.",
        ) from None
    try:
        client = Client(scheduler, timeout=SECONDS_TO_REACH_A_CLUSTER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ProvisioningError(
            f"No Dask scheduler answers at {scheduler}: {error}.",
            "Start one (dask scheduler), correct PROVISIONING_DASK_SCHEDULER, or unset it to use this machine's processes.",
        ) from error
    with client:
        yield client.get_executor()


@contextlib.contextmanager
def _single_threaded_polars() -> Iterator[None]:
    """Start processes with one polars thread each; more threads would compete for cores that the processes already use."""
    before = os.environ.get(POLARS_THREADS)
    os.environ[POLARS_THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[POLARS_THREADS]
        else:
            os.environ[POLARS_THREADS] = before
