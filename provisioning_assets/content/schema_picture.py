"""Draws the data model as SVG and PNG: tables as cards with their keys, and lines for their references."""

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import vl_convert

from provisioning_assets.content.brand_palette import INK, Palette, contrast, mix
from provisioning_assets.content.schema_layout import (
    HEAD_ROWS,
    LIFT,
    ROW,
    Box,
    CardSize,
    Layout,
    Link,
    Point,
    Route,
    lay_out,
)
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.figure_text import quantity
from provisioning_assets.labels.catalogue import Labels, labels_of
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE

TEXT_FONT = "Inter, 'Segoe UI', 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
CODE_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
CODE_SIZE, NAME_SIZE = 12, 14
# Advance widths: a glyph of the monospaced fonts above has 0.60 em; few bold sans-serif letters exceed 0.62 em.
CODE_EM, NAME_EM = 0.602, 0.62
NARROWEST, WIDEST = 176, 280
BADGE = 34  # px left of a column's name: PK, FK
TYPE_SPACE = 66  # px right of it, for its type
CORNER = 6
# Number of shown columns that are not keys: what is measured, and when.
MOST_OTHER_COLUMNS = 2


@dataclass(frozen=True)
class _Card:
    table: Table
    shown: list[Column]
    hidden: int
    size: CardSize
    rows: int | None


def schema_svg(
    model: DataModel, palette: Palette, rows: dict[str, int] | None = None, language: str = DEFAULT_LANGUAGE
) -> str:
    """Return the picture as one SVG element. It is safe in a page, because every text in it is escaped.

    Args:
        model: what to draw; a reference to a missing table or column is left out.
        palette: colours; cards of event tables get the brand's colour.
        rows: number of rows per table, shown beside the table's name if known.
        language: in which the picture's own words are written, ISO 639-1.
    """
    labels = labels_of(language)
    cards = {table.name: _card(table, (rows or {}).get(table.name), language) for table in model.tables}
    layout = lay_out([card.size for card in cards.values()], _links(model))
    parts = [_line(route, palette, labels) for route in layout.routes]
    parts += [_drawn_card(cards[box.name], box, palette, labels) for box in layout.boxes]
    label = labels.picture.schema_picture.format(count=quantity(len(model.tables), 0, labels.language))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {layout.width:g} {layout.height:g}" '
        f'width="{layout.width:g}" height="{layout.height:g}" role="img" aria-label={quoteattr(label)} '
        f"font-family={quoteattr(TEXT_FONT)}>" + "".join(parts) + "</svg>"
    )


def schema_png(
    model: DataModel, palette: Palette, rows: dict[str, int] | None = None, language: str = DEFAULT_LANGUAGE
) -> bytes:
    """Return the same picture as a PNG on white, at twice the size for high-resolution screens."""
    svg = schema_svg(model, palette, rows, language)
    head, body = svg.split(">", 1)
    return vl_convert.svg_to_png(f'{head}><rect width="100%" height="100%" fill="#ffffff"/>{body}', scale=2.0)


def schema_layout(model: DataModel) -> Layout:
    """Return the positions of the cards and lines of the model."""
    return lay_out([_card(table, None).size for table in model.tables], _links(model))


def _is_event(table: Table) -> bool:
    """Return whether the table's rows are events, such as orders, and not things, such as products."""
    return bool(table.event_time or table.amount) or table.population.kind in ("per_parent", "per_period")


def _stored(table: Table) -> list[Column]:
    return [column for column in table.columns if not column.internal]


def _card(table: Table, rows: int | None, language: str = DEFAULT_LANGUAGE) -> _Card:
    columns = _stored(table)
    keys = set(table.primary_key) | {name for key in table.foreign_keys for name in key.columns}
    important = [name for name in (table.event_time, table.amount) if name] + [
        column.name for column in columns if column.role == "measure"
    ]
    others = [name for name in dict.fromkeys(important) if name not in keys][:MOST_OTHER_COLUMNS]
    own_key_first = sorted(columns, key=lambda column: (column.name not in table.primary_key, column.name not in keys))
    shown = [column for column in own_key_first if column.name in keys or column.name in others]
    if len(columns) == len(shown) + 1:  # its name needs no more space than "1 more column"
        shown = own_key_first
    hidden = len(columns) - len(shown)
    longest = max((len(column.name) for column in shown), default=0)
    width = max(
        BADGE + longest * CODE_SIZE * CODE_EM + TYPE_SPACE,
        24
        + len(table.name) * NAME_SIZE * NAME_EM
        + (len(quantity(rows, 0, language)) * 7 + 18 if rows is not None else 0),
    )
    size = CardSize(
        name=table.name,
        width=round(min(WIDEST, max(NARROWEST, width))),
        rows=[column.name for column in shown],
        more=hidden > 0,
    )
    return _Card(table=table, shown=shown, hidden=hidden, size=size, rows=rows)


def _links(model: DataModel) -> list[Link]:
    """Return one link per foreign key, at its first column."""
    columns = {table.name: {column.name for column in _stored(table)} for table in model.tables}
    keys = {table.name: table.primary_key for table in model.tables}
    links = []
    for table in model.tables:
        for key in table.foreign_keys:
            if not key.columns or key.references_table not in columns:
                continue
            target = key.references_columns[0] if key.references_columns else keys[key.references_table][0]
            shown = target in keys[key.references_table] and target in columns[key.references_table]
            if shown and key.columns[0] in columns[table.name]:
                links.append(Link(table.name, key.columns[0], key.references_table, target))
    return list(dict.fromkeys(links))


def _drawn_card(card: _Card, box: Box, palette: Palette, labels: Labels) -> str:
    """Return a card as SVG: its name on a coloured head, then a row for each shown column."""
    event = _is_event(card.table)
    head, on_head = (palette.brand, palette.on_brand) if event else (palette.tint, INK)
    # A very light brand colour needs an edge to be visible on white.
    edge = palette.accent if event and contrast(palette.brand, "#ffffff") < 1.6 else palette.line
    x, y, width = box.x, box.y, box.width
    head_height = HEAD_ROWS * ROW - 8
    parts = [
        f"<g><title>{escape(card.table.name)}</title>",
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{box.height:g}" rx="8" fill="#ffffff" stroke="{edge}"/>',
        f'<path d="M{x:g} {y + head_height:g}v{8 - head_height:g}a8 8 0 0 1 8 -8h{width - 16:g}a8 8 0 0 1 8 8'
        f'v{head_height - 8:g}z" fill="{head}" stroke="{edge}"/>',
    ]
    rows = quantity(card.rows, 0, labels.language) if card.rows is not None else ""
    space = width - 24 - (len(rows) * 7 + 12 if rows else 0)
    name = _fitting(card.table.name, int(space / (NAME_SIZE * NAME_EM)))
    parts.append(_text(x + 12, y + head_height / 2 + 5, name, on_head, NAME_SIZE, weight=700))
    if rows:
        parts.append(_text(x + width - 12, y + head_height / 2 + 4, rows, on_head, 11.5, anchor="end"))
    references = {name for key in card.table.foreign_keys for name in key.columns}
    for index, column in enumerate(card.shown):
        middle = y + (HEAD_ROWS + index + 0.5) * ROW - LIFT
        if column.name in card.table.primary_key:
            parts.append(_badge(x + 8, middle, "PK", palette.accent, "#ffffff"))
        elif column.name in references:
            parts.append(_badge(x + 8, middle, "FK", "#ffffff", palette.accent))
        characters = int((width - BADGE - TYPE_SPACE) / (CODE_SIZE * CODE_EM)) + 1
        title = f"<title>{escape(column.name)}</title>"
        name = _fitting(column.name, characters)
        parts.append(_text(x + BADGE, middle + 4, name, INK, CODE_SIZE, font=CODE_FONT, title=title))
        parts.append(_text(x + width - 10, middle + 3.5, column.type, "#667085", 10, anchor="end", font=CODE_FONT))
    if card.hidden:
        words = labels.picture.more_columns.of(card.hidden)
        parts.append(_text(x + BADGE, y + (HEAD_ROWS + len(card.shown) + 0.5) * ROW - LIFT + 4, words, "#667085", 11))
    return "".join(parts) + "</g>"


def _badge(x: float, middle: float, words: str, fill: str, text: str) -> str:
    edge = text if fill == "#ffffff" else fill
    return f'<rect x="{x:g}" y="{middle - 7:g}" width="20" height="14" rx="3" fill="{fill}" stroke="{edge}"/>' + _text(
        x + 10, middle + 3.2, words, text, 9, anchor="middle", weight=700
    )


def _text(
    x: float, y: float, words: str, fill: str, size: float, *,
    anchor: str = "start", weight: int = 400, font: str | None = None, title: str = "",
) -> str:  # fmt: skip
    family = f" font-family={quoteattr(font)}" if font else ""
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    side = f' text-anchor="{anchor}"' if anchor != "start" else ""
    look = f'font-size="{size:g}" fill="{fill}"{side}{bold}{family}'
    return f'<text x="{x:g}" y="{y:g}" {look}>{title}{escape(words)}</text>'


def _fitting(words: str, characters: int) -> str:
    return words if len(words) <= characters else words[: max(1, characters - 1)] + "…"


def _line(route: Route, palette: Palette, labels: Labels) -> str:
    """Return a line with round corners, a bar at its ``one`` end and a crow's foot at its ``many`` end."""
    points = route.points
    path = [f"M{points[0].x:g} {points[0].y:g}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(CORNER, _length(before, corner) / 2, _length(corner, after) / 2)
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        path.append(f"L{start.x:g} {start.y:g}Q{corner.x:g} {corner.y:g} {end.x:g} {end.y:g}")
    path.append(f"L{points[-1].x:g} {points[-1].y:g}")
    one, many = points[0], points[-1]
    out_of_one = 1 if points[1].x > one.x else -1
    out_of_many = 1 if points[-2].x > many.x else -1
    path.append(f"M{one.x + 7 * out_of_one:g} {one.y - 5:g}v10")
    foot = many.x + 9 * out_of_many
    path.append(f"M{foot:g} {many.y:g}L{many.x:g} {many.y - 5:g}M{foot:g} {many.y:g}L{many.x:g} {many.y + 5:g}")
    label = labels.picture.refers_to.format(
        child=f"{route.link.child}.{route.link.child_row}", parent=f"{route.link.parent}.{route.link.parent_row}"
    )
    # Lines of one key share a part. The colour is opaque, so that the shared part is not darker than the rest.
    return (
        f'<path d="{"".join(path)}" fill="none" stroke="{mix(palette.accent, "#ffffff", 0.62)}" stroke-width="1.4">'
        f"<title>{escape(label)}</title></path>"
    )


def _length(one: Point, other: Point) -> float:
    return abs(one.x - other.x) + abs(one.y - other.y)


def _towards(start: Point, goal: Point, distance: float) -> Point:
    length = _length(start, goal) or 1
    return Point(start.x + (goal.x - start.x) / length * distance, start.y + (goal.y - start.y) / length * distance)
