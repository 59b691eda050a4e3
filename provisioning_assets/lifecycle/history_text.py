"""Prints a demo's history for a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from provisioning_assets.figure_text import percent
from provisioning_assets.lifecycle.history import HistoryRecord
from provisioning_assets.terminal import plain


def print_history(console: Console, records: Sequence[HistoryRecord]) -> None:
    """Print one line for each making of the demo, in the order given; nothing if there is none."""
    if not records:
        return
    table = Table(
        "made (UTC)", "by", "figures of", "result", "script", "rows", "seconds", "cost", "blueprint", "version",
        title="History", title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim",
    )  # fmt: skip
    for record in records:
        script, rows = record.figures.get("scripted_pass_rate"), record.figures.get("rows")
        table.add_row(
            f"{record.began:%Y-%m-%d %H:%M}",
            plain(record.trigger),
            record.as_of or "",
            record.state(),
            "" if script is None else percent(script),
            "" if rows is None else f"{rows:,.0f}",
            "" if record.seconds is None else f"{record.seconds:,.0f}",
            "" if record.cost_usd is None else f"{record.cost_usd:.4f} USD",
            plain(f"{record.blueprint} {record.blueprint_version or ''}".strip()),
            plain(record.project_version),
        )
    console.print(table)
