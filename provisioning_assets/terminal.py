"""Terminal output shared by the commands: consoles, width, exit statuses."""

import json
import os
import signal
import sys
import unicodedata
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

#: Exit statuses: 0 done; 1 not done, or not ready; 2 the input is not accepted (as in getopt).
NOT_DONE = 1
REFUSED = 2
#: Width, in characters, of a table written to a pipe or a file; it fits into a mail or a ticket.
PIPED_WIDTH = 100

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def wide(console: Console) -> Console:
    """Return the console. If it writes to a pipe or a file, it is set wide enough for tables."""
    if console.is_terminal or "COLUMNS" in os.environ:
        return console
    return Console(file=console.file, width=PIPED_WIDTH, highlight=False)


def print_json(document: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def restore_interrupts() -> None:
    """Let SIGINT end this process and what it becomes.

    A shell starts the background jobs of a script with SIGINT ignored. Dagster takes what happens at SIGINT for SIGTERM too, so
    that such a job could be ended by neither while no stage is at work.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def say_problem(problem: str, remedy: str) -> None:
    """Print a problem and its remedy to standard error."""
    err.print(f"[bold red]provision:[/bold red] {escape(problem)}", soft_wrap=True)
    err.print(f"  {escape(remedy)}", soft_wrap=True)


def plain(words: str) -> str:
    """Replace control characters by spaces, so that outside text cannot move the terminal's cursor or colour its text."""
    if words.isprintable():
        return words
    return "".join(sign if unicodedata.category(sign) not in ("Cc", "Cf") else " " for sign in words)
