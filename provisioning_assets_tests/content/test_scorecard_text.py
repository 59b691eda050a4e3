"""The scorecard in a terminal and as markdown."""

import io
import re

import pytest
from rich.console import Console

from provisioning_assets.content.models import DemoScorecard
from provisioning_assets.content.scorecard import score_demo
from provisioning_assets.content.scorecard_text import print_scorecard, scorecard_markdown
from provisioning_assets_tests.content.sample_demo import sample_demo
from provisioning_assets_tests.content.test_scorecard import passing_demo


def printed(scorecard: DemoScorecard, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor")
    print_scorecard(console, scorecard)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture(scope="module")
def scorecard() -> DemoScorecard:
    return score_demo(sample_demo())


def test_a_terminal_shows_verdict_figures_reasons_and_notices(scorecard: DemoScorecard) -> None:
    console = Console(file=io.StringIO(), width=110)
    print_scorecard(console, scorecard)
    assert isinstance(console.file, io.StringIO)
    words = console.file.getvalue()
    for expected in ("NOT READY", "Harbour & Pine", "✗  Scripted pass rate", "93%", "≥ 95%", "Why not", "Good to know"):
        assert expected in words
    assert all(len(line) <= 110 for line in words.splitlines())


def test_a_ready_demo_has_no_reasons() -> None:
    words = printed(score_demo(passing_demo()))
    assert "READY TO SHOW" in words
    assert "Why not" not in words


@pytest.mark.parametrize("width", [40, 60, 200])
def test_it_fits_the_terminal(scorecard: DemoScorecard, width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    print_scorecard(console, scorecard)
    assert isinstance(console.file, io.StringIO)
    assert max(map(len, console.file.getvalue().splitlines())) <= width


def test_the_customers_words_neither_steer_a_terminal_nor_become_markup(scorecard: DemoScorecard) -> None:
    hostile = "[red]x[/red] [link=https://evil.example]y[/link] \x1b]0;title\x07\x1b[2J\u202e \r end"
    card = scorecard.model_copy(update={"company_name": hostile, "blueprint": hostile, "notices": [hostile]})
    words = printed(card, width=300)
    assert "[red]x[/red]" in words
    for sign in ("\x1b]0", "\x1b[2J", "\x07", "\u202e", "\r"):
        assert sign not in words


def test_markdown_has_a_row_a_figure(scorecard: DemoScorecard) -> None:
    lines = scorecard_markdown(scorecard).splitlines()
    assert sum(line.startswith("| ") and "| figure |" not in line for line in lines) == len(scorecard.figures)
    assert "| ✗ | Scripted pass rate | 93% | ≥ 95% | 26 of 28 |" in lines


def test_markdown_of_hostile_words_is_text(scorecard: DemoScorecard) -> None:
    hostile = "a|b\n# head <img src=x onerror=y> ![p](https://evil.example) [l](javascript:x)"
    markdown = scorecard_markdown(scorecard.model_copy(update={"company_name": hostile, "notices": [hostile]}))
    assert "<img" not in markdown
    assert re.search(r"(?<!\\)\]\(", markdown) is None
    assert "\n# head" not in markdown
