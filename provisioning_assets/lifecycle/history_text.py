"""Prints a demo's history for a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from provisioning_assets.figure_text import percent
from provisioning_assets.lifecycle.history import HistoryRecord
from provisioning_assets.terminal import plain

COLUMNS = ("made (UTC)", "by", "figures of", "result", "script", "rows", "seconds", "cost", "blueprint")


def print_history(console: Console, records: Sequence[HistoryRecord]) -> None:
    """Print one line for each making of the demo, in the order given; nothing if there is none.

    ``script`` is the share of the script's questions that passed, ``cost`` in US dollars, ``blueprint`` its version.
    """
    if not records:
        return
    table = Table(
        title="History", title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim"
    )
    for name in COLUMNS:
        table.add_column(name, no_wrap=True)
    for record in records:
        script, rows = record.figures.get("scripted_pass_rate"), record.figures.get("rows")
        cells = (
            f"{record.began:%Y-%m-%d %H:%M}",
            plain(record.trigger),
            record.as_of or "",
            record.state(),
            "" if script is None else percent(script),
            "" if rows is None else f"{rows:,.0f}",
            "" if record.seconds is None else f"{record.seconds:,.0f}",
            "" if record.cost_usd is None else f"{record.cost_usd:.4f}",
            "" if record.blueprint_version is None else f"version {record.blueprint_version}",
        )
        table.add_row(*map(Text, cells))
    console.print(table)
