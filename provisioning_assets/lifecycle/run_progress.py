"""Shows a run in a terminal: one line per stage, and what the running stage is doing."""

import os
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import IO, Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from provisioning_assets.lifecycle.provisioning import StageReport

QUIET_SECONDS = 5.0
"""Smallest number of seconds between two progress lines of a stage if the output is not a terminal, so that a log stays short."""

LONGEST_MESSAGE = 160

MARKS = {"made": "[green]ok[/green]    ", "reused": "[green]reused[/green]", "failed": "[red]failed[/red]"}
"""Status of a finished stage -> beginning of its line."""


class RunProgress:
    """Prints a line when a stage ends.

    During a stage, a terminal shows what the stage is doing; other outputs get a line about it from time to time.
    Inside ``with`` it writes to the console's stream through a separate file descriptor, because Dagster redirects the
    process's output to a file during a step, and a file is not a terminal.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._status = Status("", console=console)
        self._last_output_at = clock()
        self._own: IO[str] | None = None

    def __enter__(self) -> Self:
        self._own = _own_stream(self._console)
        if self._own is not None:
            self._console = Console(file=self._own, highlight=False)
            self._status = Status("", console=self._console)
        if self._console.is_terminal:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()
        if self._own is not None:
            self._own.close()

    def planned(self, key: str, stages: Mapping[str, str], up_to_date: list[str]) -> None:
        """Print which stages will run and which are reused."""
        self._console.print(f"Provisioning [bold]{key}[/bold]")
        if stages:
            first = next(iter(stages))
            others = f"; {len(up_to_date)} stages are up to date" if up_to_date else ""
            self._console.print(f"  starting with {first} ({escape(stages[first])}){others}", soft_wrap=True)
        elif up_to_date:
            self._console.print("  every stage is up to date; --refresh runs all of them again")

    def started(self, stage: str) -> None:
        """Show the running stage."""
        self._last_output_at = self._clock()
        self._status.update(f"{stage} ...")

    def said(self, stage: str, message: str) -> None:
        """Show what the stage is doing."""
        words = escape(_one_line(message)[:LONGEST_MESSAGE])
        if self._console.is_terminal:
            self._status.update(f"{stage}: {words}")
        elif self._clock() - self._last_output_at >= QUIET_SECONDS:
            self._last_output_at = self._clock()
            self._console.print(f"  ...    {stage:<19} {words}", soft_wrap=True)

    def finished(self, report: StageReport) -> None:
        """Print one line for the stage that ended, then its checks."""
        self._status.update(f"checks of {report.stage} ...")
        mark = MARKS[report.status]
        self._console.print(
            f"  {mark} {report.stage:<19} {report.seconds:6.1f} s  {escape(report.summary)}", soft_wrap=True
        )


def _own_stream(console: Console) -> IO[str] | None:
    """Return a second stream to the console with a separate descriptor, or None if it is not an operating-system file."""
    try:
        descriptor = os.dup(console.file.fileno())
    except (OSError, AttributeError):  # a stream in memory has no descriptor
        return None
    return os.fdopen(descriptor, "w", encoding=console.encoding)


def _one_line(message: str) -> str:
    """Return the message as one line without control characters. It may quote a website."""
    return "".join(sign if sign.isprintable() else " " for sign in message)
