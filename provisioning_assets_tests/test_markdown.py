"""Any text is shown as text by Markdown, in its own cell."""

import base64
import re

import pytest

from provisioning_assets.markdown import markdown_picture, markdown_table, markdown_text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("order_id of order_lines", "order_id of order_lines"),
        ("_soft_ *loud*", r"\_soft\_ \*loud\*"),
        ("a | b", r"a \| b"),
        ("<script>", "&lt;script&gt;"),
        ("back\\slash", r"back\\slash"),
        ("two\n lines", "two lines"),
    ],
)
def test_text_stays_text(text: str, written: str) -> None:
    assert markdown_text(text) == written


def test_no_link_and_no_picture_come_out_of_a_text() -> None:
    assert re.search(r"(?<!\\)\[", markdown_text("![p](https://evil.example) [l](javascript:x)")) is None


def test_a_table_has_a_line_a_row_and_numbers_on_the_right() -> None:
    table = markdown_table(["what", "rows"], [["a|b", "1"], ["c", "2"]], numbers=("rows",))
    assert table.splitlines() == ["| what | rows |", "|---|--:|", r"| a\|b | 1 |", "| c | 2 |"]


def test_a_picture_is_inline_and_its_words_are_text() -> None:
    inline = "![sales \\[x\\]](data:image/png;base64,iVBO)"
    assert markdown_picture("sales [x]", "iVBO") == inline
    assert markdown_picture("sales [x]", base64.b64decode("iVBO")) == inline
