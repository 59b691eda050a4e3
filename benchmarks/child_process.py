"""Runs one measurement in a process of its own and reads its wall time, its own report and its peak memory."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Measurement:
    """What one process took."""

    wall_seconds: float
    """From its start to its end, imports included."""
    cpu_seconds: float
    """User and system time of the process and its children: what a busy machine changes least."""
    peak_megabytes: float
    """Largest resident set of the process or of one of its own children. Source: getrusage(2), ru_maxrss.

    Linux hands the measuring process's own size on to its children: never measure from a large process."""
    report: dict[str, Any]
    """The last JSON document that it printed."""


def measure(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Measurement:
    """Run ``arguments`` to the end.

    Raises:
        RuntimeError: it failed; the end of what it said on standard error is the message.
    """
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complained:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - the arguments are this folder's own
            arguments, cwd=REPOSITORY, env={**os.environ, **(environment or {})}, stdout=said, stderr=complained
        )
        # wait4 and not wait: it returns the memory of this one child
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        complained.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}:\n{complained.read()[-2000:]}")
        printed = said.read()
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Measurement(
        wall, usage.ru_utime + usage.ru_stime, kilobytes / 1024, json.loads(printed[printed.index("{") :])
    )
