"""A preview for a terminal: each table's columns with a summary, then its first rows. Markup in values has no effect."""

import math
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from rich import box
from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from provisioning_assets.data_model.names import Scalar
from provisioning_assets.synthesis.preview import ColumnProfile, Preview, TablePreview
from provisioning_assets.terminal import plain

BARS = " ▁▂▃▄▅▆▇█"
"""Heights of a histogram's bins; a bin without values is empty."""

ROOMY = 100
"""Minimum terminal width for showing how a column is made."""

NUMBERS = ("INT64", "FLOAT64", "NUMERIC")
"""Types whose values are aligned on the right."""

WIDEST_CELL = 26
LONGEST_WORD = 24
GAP = 2
RULE = 1
"""Cells that a table draws between two columns in addition to their gap."""
EXAMPLES = 3
AUTHORS_NAMES: Mapping[str, str] = MappingProxyType(
    {"sequence": "key", "parent_key": "parent", "lookup": "from", "record": "written rows"}
)
"""Generator of the data model -> its name in the blueprint format, if another; previews are for authors of blueprints."""
LEAST_SHARE_LISTED = 0.03
"""Minimum share of the most frequent value for showing shares; for rarer values, examples are more useful."""


def print_preview(console: Console, preview: Preview, *, full: bool = False) -> None:
    """Print a preview in the width of the console. ``full``: long texts are wrapped instead of cut."""
    console.print(_headline(preview))
    for table in preview.tables:
        console.print(_table(table, preview.size, console.width, full=full))


def first_rows(table: TablePreview, width: int) -> RenderableType:
    """The first rows of a table that fit into ``width`` cells, and the names of the columns that do not fit."""
    blocks = list(_columns_beside(table, width))
    if not blocks:
        return Text("no rows", style="dim")
    left_out = [column.name for block in blocks[1:] for column, _ in block]
    more = [Text(f"and {', '.join(left_out)}", style="dim")] if left_out else []
    return Group(_rows(blocks[0]), *more)


def sparkline(shares: Sequence[float]) -> str:
    """A bar for each share; the largest has full height, and every share above zero is visible."""
    largest = max(shares, default=0.0)
    return "".join(BARS[math.ceil(share / largest * (len(BARS) - 1))] if share else BARS[0] for share in shares)


def _headline(preview: Preview) -> RenderableType:
    return Text.assemble(
        (plain(preview.name), "bold"),
        "\n",
        (plain(preview.origin), "cyan"),
        f"   {preview.locale}, {preview.currency}   as of {preview.as_of}   seed {preview.seed}\n",
        (
            f"A sample of {preview.sample_rows:,} rows, generated in {preview.seconds:.1f} s and not stored. "
            f"Size {preview.size}: about {preview.fact_rows:,} rows in the largest table.",
            "dim",
        ),
    )


def _table(table: TablePreview, size: str, width: int, *, full: bool) -> RenderableType:
    title = Text.assemble(
        (table.name, "bold green"),
        f"   about {table.expected_rows:,} rows at size {size}",
        (f", {table.rows:,} in this sample", "dim"),
    )
    blocks = [Padding(block, (1, 0, 0, 2), expand=False) for block in _row_blocks(table, width - 2, full=full)]
    parts = [
        title,
        Text(plain(table.description), style="dim"),
        Padding(_columns(table, width, full=full), (1, 0, 0, 2), expand=False),
        *blocks,
    ]
    return Padding(Group(*parts), (1, 0, 0, 0), expand=False)


def _columns(table: TablePreview, width: int, *, full: bool) -> Table:
    roomy = width >= ROOMY
    shown = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    shown.add_column("column", no_wrap=True)
    shown.add_column("type", style="dim", no_wrap=True)
    if roomy:
        shown.add_column("made by", style="dim", no_wrap=True)
    shown.add_column("nulls", justify="right", no_wrap=True)
    shown.add_column("distinct", justify="right", no_wrap=True)
    shown.add_column("values", overflow="fold")
    for column in table.columns:
        shown.add_row(
            Text(column.name, style="bold" if column.name in table.primary_key else ""),
            column.type,
            *([AUTHORS_NAMES.get(column.generator, column.generator)] if roomy else []),
            percent(column.nulls) if column.nulls else "",
            f"{column.distinct:,}",
            _values(column, table, None if full else LONGEST_WORD),
        )
    return shown


def _values(column: ColumnProfile, table: TablePreview, longest: int | None) -> Text:
    """A summary of the values, in one line if possible; texts are cut to ``longest`` cells."""
    if column.references:
        return Text(f"→ {column.references.split('.')[0]}", style="cyan")
    if column.histogram:
        bars = (sparkline(column.histogram), "green")
        return Text.assemble(bars, f"  {_span(column)}")
    if column.frequent and column.frequent[0].share >= LEAST_SHARE_LISTED and column.distinct < table.rows:
        return Text(_shares(column, longest))
    if column.least is not None:
        return Text(_span(column))
    examples = dict.fromkeys(row[column.name] for row in table.first_rows if row[column.name] is not None)
    return Text.assemble(
        ("e.g. ", "dim"), ", ".join(_cut(_cell(example, column), longest) for example in list(examples)[:EXAMPLES])
    )


def _span(column: ColumnProfile) -> str:
    if column.role == "key":
        return f"{_cell(column.least, column)} … {_cell(column.most, column)}"
    if column.role == "time":
        return f"{str(column.least)[:10]} … {str(column.most)[:10]}"
    return " … ".join(_cell(value, column) for value in (column.least, column.median, column.most))


def _shares(column: ColumnProfile, longest: int | None) -> str:
    colon = ":" if _is_quantity(column) else ""
    shares = ", ".join(
        f"{_cut(_cell(each.value, column), longest)}{colon} {percent(each.share)}" for each in column.frequent
    )
    more = column.distinct - len(column.frequent)
    return f"{shares}, {more:,} more" if more > 0 else shares


def percent(share: float) -> str:
    """A share as text: ``4%``, ``0.3%``; a share that would be rounded to zero is ``<0.1%``."""
    if 0 < share < 0.0005:
        return "<0.1%"
    return f"{share:.1%}" if 0 < share < 0.01 else f"{share:.0%}"


# --- first rows ----------------------------------------------------------------------------------------------------


def _row_blocks(table: TablePreview, width: int, *, full: bool) -> Iterator[Table]:
    """The first rows in blocks, one below the other; each block has as many columns as fit side by side."""
    longest = None if full else WIDEST_CELL
    return (_rows(block, wrapped=full) for block in _columns_beside(table, width, longest))


def _columns_beside(
    table: TablePreview, width: int, longest: int | None = WIDEST_CELL
) -> Iterator[list[tuple[ColumnProfile, list[str]]]]:
    """Groups of columns that fit side by side, with the cells of their first rows; empty if the table has no rows.

    A column that is wider than ``width`` is a group of its own.
    """
    if not table.first_rows:
        return
    block: list[tuple[ColumnProfile, list[str]]] = []
    taken = 0
    for column in table.columns:
        cells = [_cut(_cell(row[column.name], column), longest) for row in table.first_rows]
        needed = max(cell_len(text) for text in [column.name, *cells]) + GAP + RULE
        if block and taken + needed > width:
            yield block
            block, taken = [], 0
        block.append((column, cells))
        taken += needed
    yield block


def _rows(block: Sequence[tuple[ColumnProfile, list[str]]], *, wrapped: bool = False) -> Table:
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim", show_edge=False)
    for column, _ in block:
        justify = "right" if _is_quantity(column) else "left"
        shown.add_column(column.name, justify=justify, no_wrap=not wrapped, overflow="fold" if wrapped else "ellipsis")
    for cells in zip(*(cells for _, cells in block), strict=True):
        shown.add_row(*(Text(cell) for cell in cells))
    return shown


def _is_quantity(column: ColumnProfile) -> bool:
    return column.type in NUMBERS


def _cell(value: Scalar, column: ColumnProfile) -> str:
    """A value as text; keys and other names have no thousands separators."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return plain(value).removesuffix(" 00:00:00") if column.type == "DATE" else plain(value)
    if column.role != "measure":
        return f"{value:g}" if isinstance(value, float) and value != int(value) else str(int(value))
    if column.type == "NUMERIC":
        return f"{value:,.2f}"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"


def _cut(text: str, longest: int | None) -> str:
    """A text cut to ``longest`` terminal cells; the whole text if that is None."""
    return text if longest is None or cell_len(text) <= longest else f"{set_cell_size(text, longest - 1).rstrip()}…"
