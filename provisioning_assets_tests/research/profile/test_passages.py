"""Pages as passages, and evidence that can be looked up again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.research.profile.models import Evidence
from provisioning_assets.research.profile.passages import (
    LONGEST_QUOTE,
    NOTES,
    Part,
    Passage,
    evidence_occurs,
    is_housekeeping,
    json_ld_strings,
    one_line,
    quotation,
    read_passages,
)
from provisioning_assets_tests.research.profile.site_text import page, site


def test_every_part_of_a_page_becomes_a_passage():
    home = page(
        title="Acme",
        description="We make anvils",
        headings=["Anvils"],
        navigation=["Shop"],
        image_alts=["An anvil"],
        text="Heavy.\nVery heavy.",
        json_ld=[{"@type": "Organization", "name": "Acme Inc", "numberOfEmployees": 12, "active": True}],
        open_graph={"og:site_name": "ACME", "og:locale": "en_GB"},
        phones=["+442079460000"],
    )
    reading = read_passages(site(home, notes="They like anvils"))
    found = {(passage.part, passage.text) for passage in reading.passages}
    for part, text in [
        (Part.TITLE, "Acme"),
        (Part.SITE_NAME, "ACME"),
        (Part.DESCRIPTION, "We make anvils"),
        (Part.HEADING, "Anvils"),
        (Part.NAVIGATION, "Shop"),
        (Part.IMAGE, "An anvil"),
        (Part.TEXT, "Very heavy."),
        (Part.JSON_LD, "Acme Inc"),
        (Part.JSON_LD, "12"),
        (Part.ADDRESS, "+442079460000"),
        (Part.ADDRESS, "en_GB"),
        (Part.NOTES, "They like anvils"),
    ]:
        assert (part, text) in found
    assert all(passage.home for passage in reading.passages)


def test_what_every_page_repeats_counts_once():
    pages = [page(f"/{number}", navigation=["Services"], text=f"Text {number}") for number in range(5)]
    reading = read_passages(site(page(navigation=["Services"]), *pages))
    assert sum(passage.text == "Services" for passage in reading.passages) == 1


def test_home_is_found_by_address_and_else_by_the_shortest_path():
    assert read_passages(site(page("/a"), page("/index.html"))).home.url.endswith("/index.html")  # pyright: ignore[reportOptionalMemberAccess]
    assert read_passages(site(page("/long/path"), page("/en"))).home.url.endswith("/en")  # pyright: ignore[reportOptionalMemberAccess]
    assert read_passages(site(notes="Only notes")).home is None


@pytest.mark.parametrize(
    ("path", "title", "expected"),
    [
        ("/privacy-policy", "Privacy", True),
        ("/impressum", "Impressum", True),
        ("/x", "Cookie policy | Acme", True),
        ("/careers/", "Work with us", True),
        ("/anvils", "Anvils | Acme", False),
    ],
)
def test_housekeeping_pages(path, title, expected):
    assert is_housekeeping(page(path, title=title)) is expected


def test_control_and_direction_characters_never_get_through():
    reading = read_passages(site(page(title="Ac\x00me\u202e evil\x1b[0m", text="a\u200bb")))
    assert [passage.text for passage in reading.of(Part.TITLE)] == ["Acme evil[0m"]
    assert [passage.text for passage in reading.of(Part.TEXT)] == ["ab"]


def test_long_lines_are_cut_into_pieces_that_can_be_quoted():
    reading = read_passages(site(page(text="A sentence that goes on. " * 400 + "x" * 5_000)))
    texts = [passage.text for passage in reading.of(Part.TEXT)]
    assert texts
    assert max(map(len, texts)) <= 2_000


def test_json_ld_is_walked_to_a_bounded_depth():
    nested: dict = {"name": "deepest"}
    for _ in range(40):
        nested = {"inner": [nested]}
    assert list(json_ld_strings(nested)) == []
    assert list(json_ld_strings({"a": ["x", {"b": None, "c": False}], "d": 1.5})) == ["x", "1.5"]


@given(st.text(max_size=600), st.integers(0, 600), st.integers(0, 600))
def test_a_quotation_is_verbatim_and_short(text, start, end):
    line = one_line(text)
    quoted = quotation(line, min(start, end), max(start, end))
    assert quoted in line
    assert len(quoted) <= LONGEST_QUOTE


def test_a_quotation_holds_the_words_it_is_about():
    line = "word " * 100 + "ANVIL " + "word " * 100
    at = line.index("ANVIL")
    words = Passage("u", Part.TEXT, one_line(line)).quote(at, at + 5).words
    assert "ANVIL" in words
    assert not words.startswith("ord")


def test_evidence_is_looked_up_on_the_page_it_names():
    website = site(page(text="We make   anvils"), page("/b", text="Other"), notes="Call\nJane")
    assert evidence_occurs(Evidence(page="https://www.acme.example/", words="make anvils"), website)
    assert evidence_occurs(Evidence(page=NOTES, words="Jane"), website)
    assert not evidence_occurs(Evidence(page="https://www.acme.example/b", words="anvils"), website)
    assert not evidence_occurs(Evidence(page="https://other.example/", words="anvils"), website)
    assert not evidence_occurs(Evidence(page="https://www.acme.example/", words=" "), website)
    assert not evidence_occurs(Evidence(page=NOTES, words="anvils"), website)
