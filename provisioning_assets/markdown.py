"""Makes Markdown for Dagster's pages. Text may come from a customer's website, so its markup is escaped."""

import base64
import re
from collections.abc import Collection, Iterable, Sequence

_MARKUP = re.compile(r"[|\[\]*`!~]|(?<!\w)_|_(?!\w)")
"""What begins or ends markup, or ends a table's cell. An underscore inside a word does neither (GitHub Flavored Markdown 6.2)."""


def markdown_text(text: str) -> str:
    """Return the text as one line of Markdown without markup: no link, picture or HTML, and no end of a table cell."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\\", "\\\\")
    return " ".join(_MARKUP.sub(lambda found: f"\\{found[0]}", escaped).split())


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Collection[str] = ()) -> str:
    """Return a Markdown table.

    Args:
        header: names of the columns.
        rows: the cells as plain text; ``markdown_text`` is applied here.
        numbers: names of the columns to align right.
    """
    rule = f"|{'|'.join('--:' if name in numbers else '---' for name in header)}|"
    return "\n".join([_line(header), rule, *(_line([markdown_text(cell) for cell in row]) for row in rows)])


def markdown_picture(words: str, png: bytes | str) -> str:
    """Return an inline picture, shown without a request.

    Args:
        words: what is read where pictures are not shown.
        png: a PNG picture, as bytes or already in base64.
    """
    return f"![{markdown_text(words)}]({png_uri(png)})"


def png_uri(png: bytes | str) -> str:
    """Return the ``data:`` URI of a PNG picture, given as bytes or already in base64."""
    encoded = png if isinstance(png, str) else base64.b64encode(png).decode("ascii")
    return f"data:image/png;base64,{encoded}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
