"""Prints the list of demos for a terminal."""

from collections.abc import Sequence
from datetime import date

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from provisioning_assets.lifecycle.listing import Demo
from provisioning_assets.terminal import plain

COLUMNS = (
    "key", "company", "industry", "size", "state", "owner", "age", "made on", "figures of", "next refresh", "expires on",
)  # fmt: skip
MOST_ROWS_IN_TABLE = 200
"""Rows up to which the list is fitted to the width of the terminal. Rich needs a second for each thousand."""


def print_demos(console: Console, demos: Sequence[tuple[Demo, date | None]], today: date) -> None:
    """Print one line for each demo, with the day from which it may be made again.

    In a terminal the columns are fitted to its width. In a file or a pipe, and in a long list, each demo has exactly one line.
    """
    rows = [_cells(demo, refresh_on, today) for demo, refresh_on in demos]
    if len(rows) > MOST_ROWS_IN_TABLE or not console.is_terminal:
        widths = [max(_width(row[place]) for row in [COLUMNS, *rows]) for place in range(len(COLUMNS))]
        for row in [COLUMNS, *rows]:
            padded = (text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True))
            console.file.write("  ".join(padded).rstrip() + "\n")
        return
    table = Table(*COLUMNS, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _width(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def _cells(demo: Demo, refresh_on: date | None, today: date) -> tuple[str, ...]:
    days = demo.age_days(today)
    return (
        demo.key,
        plain(demo.company or ""),
        demo.industry or "",
        demo.size,
        demo.state(today),
        plain(demo.owner),
        "today" if days == 0 else f"{days} d",
        f"{demo.made_at:%Y-%m-%d}" if demo.made_at else "",
        demo.figures_of.isoformat() if demo.figures_of else "",
        _refresh_text(demo, refresh_on),
        demo.expires_on.isoformat() if demo.expires_on else "never (pinned)",
    )


def _refresh_text(demo: Demo, refresh_on: date | None) -> str:
    if refresh_on is not None:
        return refresh_on.isoformat()
    return "fixed date" if demo.keeps_its_date else "none"
