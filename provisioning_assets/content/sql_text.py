"""Formats SQL for reading: lines that fit on a page, highlighted in advance, so that the page needs no library."""

import sqlglot
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import GoogleSqlLexer
from sqlglot.errors import SqlglotError

# Longest line, in characters, that fits on A4 at the printed size.
LONGEST_LINE = 110
_LEXER = GoogleSqlLexer(stripnl=True)
_FORMATTER = HtmlFormatter(nowrap=True, classprefix="s-")


def readable_sql(sql: str) -> str:
    """Return the statement as its author formatted it; only a statement in one long line is reformatted.

    Text that does not parse is returned unchanged: it is only shown, not run.
    """
    text = sql.strip().replace("\t", "  ").replace("\r\n", "\n")
    if "\n" in text or len(text) <= LONGEST_LINE:
        return text
    try:
        return sqlglot.transpile(text, read="bigquery", write="bigquery", pretty=True, max_text_width=LONGEST_LINE)[0]
    except (SqlglotError, IndexError):
        return text


def highlighted(sql: str) -> Markup:
    """Return the statement as HTML with a class for each kind of token. All of its text is escaped."""
    # Pygments escapes & < > " and ' in every token. The only markup it writes is its spans.
    return Markup(highlight(sql, _LEXER, _FORMATTER).rstrip("\n"))  # noqa: S704
