"""What commands have in common at a terminal: where they print, how wide, and with which status they end."""

import json
import os
import sys
import unicodedata
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

#: Exit statuses: 0 done; 1 not done, or not ready; 2 what was given is not accepted (as in getopt).
NOT_DONE = 1
REFUSED = 2
#: Columns of a table that goes into a pipe or a file; a page of a mail or a ticket holds as many.
PIPED_WIDTH = 100

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def wide(console: Console) -> Console:
    """The console; into a pipe or a file, where there is no width to keep to, wide enough for tables."""
    if console.is_terminal or "COLUMNS" in os.environ:
        return console
    return Console(file=console.file, width=PIPED_WIDTH, highlight=False)


def print_json(document: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def say_problem(problem: str, remedy: str) -> None:
    """Print what was refused and what to do, as errors are printed."""
    err.print(f"[bold red]provision:[/bold red] {escape(problem)}", soft_wrap=True)
    err.print(f"  {escape(remedy)}", soft_wrap=True)


def plain(words: str) -> str:
    """Without control characters: what others wrote must not move a terminal's cursor or colour its text."""
    return "".join(sign if unicodedata.category(sign) not in ("Cc", "Cf") else " " for sign in words)
