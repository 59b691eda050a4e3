"""SQL as it is read: lines that fit on a page, coloured on the server, so that the page needs no library."""

import sqlglot
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import GoogleSqlLexer
from sqlglot.errors import SqlglotError

# A line that still fits on A4 at the size it is printed in.
LONGEST_LINE = 110
_LEXER = GoogleSqlLexer(stripnl=True)
_FORMATTER = HtmlFormatter(nowrap=True, classprefix="s-")


def readable_sql(sql: str) -> str:
    """The statement as its author set it; only one that is a single long line is set anew.

    Text that does not parse is returned as it is: it is shown, not run.
    """
    text = sql.strip().replace("\t", "  ").replace("\r\n", "\n")
    if "\n" in text or len(text) <= LONGEST_LINE:
        return text
    try:
        return sqlglot.transpile(text, read="bigquery", write="bigquery", pretty=True, max_text_width=LONGEST_LINE)[0]
    except (SqlglotError, IndexError):
        return text


def highlighted(sql: str) -> Markup:
    """The statement as HTML with a class for each kind of token; every character of it is escaped."""
    # Pygments escapes & < > " and ' in every token and writes no other markup than its own spans.
    return Markup(highlight(sql, _LEXER, _FORMATTER).rstrip("\n"))  # noqa: S704
