"""SQL on the page is readable and coloured, and stays text."""

import lxml.html
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.content.sql_text import LONGEST_LINE, highlighted, readable_sql

ONE_LINE = (
    "SELECT c.category_name AS category, SUM(i.line_total) AS revenue FROM order_items AS i JOIN products AS p "
    "USING (product_id) JOIN categories AS c USING (category_id) GROUP BY category ORDER BY revenue DESC"
)


def test_what_its_author_set_stays() -> None:
    assert readable_sql("\nSELECT 1 AS a,\n\t2 AS b\n") == "SELECT 1 AS a,\n  2 AS b"


def test_one_long_line_is_set_anew() -> None:
    lines = readable_sql(ONE_LINE).splitlines()
    assert len(lines) > 5
    assert max(map(len, lines)) <= LONGEST_LINE


def test_what_does_not_parse_is_shown_as_it_is() -> None:
    broken = "SELECT (((" + "x, " * 60
    assert readable_sql(broken) == broken.strip()


def test_keywords_are_coloured() -> None:
    assert '<span class="s-k' in highlighted("SELECT 1")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_highlighting_changes_no_character_and_makes_no_element_but_spans(text: str) -> None:
    fragment = lxml.html.fragment_fromstring(f"<code>{highlighted(text)}</code>")
    assert {element.tag for element in fragment.iterdescendants()} <= {"span"}
    assert all(set(element.attrib) == {"class"} for element in fragment.iterdescendants())
    assert fragment.text_content().strip() == text.strip()


def test_markup_in_sql_stays_text() -> None:
    sql = "SELECT '</code><script>alert(1)</script>' -- <img src=x onerror=alert(2)>"
    assert "<script" not in highlighted(sql)
    assert "<img" not in highlighted(sql)
