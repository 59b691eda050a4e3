"""A Dask cluster as one is started on several machines - a scheduler and workers, each a process - here on loopback."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from distributed import Client

DASK = str(Path(sys.executable).with_name("dask"))
SECONDS_TO_START = 60


@dataclass(frozen=True)
class Cluster:
    """``address`` of the scheduler; ``workers`` are the processes that work."""

    address: str
    workers: list[subprocess.Popen[bytes]]


@contextlib.contextmanager
def running_cluster(workers: int, folder: Path) -> Iterator[Cluster]:
    """So many workers of one thread each, without nannies: a worker that is killed stays dead.

    Args:
        workers: how many.
        folder: where each keeps its scratch files and logs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "scheduler.json"
    # one polars thread a worker, as on a machine whose cores are all taken by workers
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    with contextlib.ExitStack() as stack, (folder / "log.txt").open("wb") as log:

        def start(*arguments: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen([DASK, *arguments], env=environment, cwd=folder, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
        started = [
            start(
                "worker", "--scheduler-file", str(file), "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny",
                "--no-dashboard", "--memory-limit", "0", "--name", f"worker-{number}",
            )
            for number in range(workers)
        ]  # fmt: skip
        give_up = time.monotonic() + SECONDS_TO_START
        while not file.exists():
            if time.monotonic() > give_up:
                raise TimeoutError(f"no scheduler within {SECONDS_TO_START} s: {(folder / 'log.txt').read_text()}")
            time.sleep(0.05)
        with Client(scheduler_file=str(file), set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=SECONDS_TO_START)
            address = client.scheduler_info()["address"]
        yield Cluster(address, started)
