"""Formats the scorecard for a terminal and as Markdown. Text from the customer is never interpreted as markup."""

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from provisioning_assets.content.models import DemoScorecard, Figure
from provisioning_assets.figure_text import day, percent, quantity
from provisioning_assets.googlesql.column_titles import column_title
from provisioning_assets.labels.catalogue import labels_of
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE, LANGUAGES
from provisioning_assets.markdown import markdown_table, markdown_text
from provisioning_assets.terminal import plain

_PASSED = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("·", "dim")}


def print_scorecard(console: Console, scorecard: DemoScorecard) -> None:
    """Print the scorecard as a compact table."""
    console.print(scorecard_panel(scorecard))


def scorecard_panel(scorecard: DemoScorecard) -> RenderableType:
    """Return the scorecard as a rich renderable."""
    ready = scorecard.ready
    title = Text.assemble(
        ("READY TO SHOW " if ready else "NOT READY ", "bold green" if ready else "bold red"),
        (plain(scorecard.company_name), "bold"),
    )
    parts: list[RenderableType] = [_facts(scorecard), Padding(_figures(scorecard), (1, 0, 0, 0))]
    if scorecard.reasons:
        parts.append(_listed("Why not", scorecard.reasons, "bold red"))
    if scorecard.notices:
        parts.append(_listed("Good to know", scorecard.notices, "bold"))
    return Panel(
        Group(*parts),
        title=title,
        title_align="left",
        box=box.ROUNDED,
        border_style="green" if ready else "red",
        padding=(1, 2),
        width=None,
        expand=False,
    )


def scorecard_markdown(scorecard: DemoScorecard) -> str:
    """Return the scorecard as Markdown for Dagster's pages, its labels in the language of the demo.

    What tells the CE to do something - reasons, notices, notes - names commands and stages, and is in English.
    """
    labels = labels_of(scorecard.language).scorecard
    words = [
        f"**{labels.ready if scorecard.ready else labels.not_ready}**: {_escaped(scorecard.company_name)}",
        "",
        *(f"- ✗ {_escaped(reason)}" for reason in scorecard.reasons),
        *(f"- {_escaped(notice)}" for notice in scorecard.notices),
        "",
    ]
    figures = [
        [
            _PASSED[figure.passed][0],
            labels.figures.get(figure.name) or plain(column_title(figure.name)),
            value_text(figure, scorecard.language),
            bar_text(figure, scorecard.language),
            plain(figure.note),
        ]
        for figure in scorecard.figures
    ]
    heads = ["", labels.figure, labels.value, labels.bar, labels.note]
    table = markdown_table(heads, figures, numbers=(labels.value, labels.bar))
    return "\n".join([*words, table])


def value_text(figure: Figure, language: str = DEFAULT_LANGUAGE) -> str:
    """``95%``, ``14``."""
    return _written(figure.value, figure.unit, language)


def _written(value: float, unit: str, language: str) -> str:
    return percent(value, language) if unit == "share" else quantity(value, 2, language)


def bar_text(figure: Figure, language: str = DEFAULT_LANGUAGE) -> str:
    """``≥ 95%``, ``≤ 12``; empty if the figure has no bar."""
    if figure.bar is None:
        return ""
    return f"{'≥' if figure.direction == 'at_least' else '≤'} {_written(figure.bar, figure.unit, language)}"


def _facts(scorecard: DemoScorecard) -> Text:
    industry = scorecard.industry
    if scorecard.blueprint != industry:
        industry = f"{industry} (blueprint {scorecard.blueprint})"
    return Text.assemble(
        (plain(scorecard.key), "cyan"),
        "  ",
        plain(industry),
        ("   in ", "dim"),
        LANGUAGES[scorecard.language],
        ("   expires ", "dim"),
        day(scorecard.expires_on) if scorecard.expires_on else "never (pinned)",
    )


def _figures(scorecard: DemoScorecard) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("bar", justify="right", style="dim")
    table.add_column("", style="dim", overflow="fold")
    for figure in scorecard.figures:
        sign, style = _PASSED[figure.passed]
        table.add_row(
            Text(sign, style=style),
            Text(plain(column_title(figure.name))),
            Text(value_text(figure), style="bold red" if figure.passed is False else ""),
            bar_text(figure),
            Text(plain(figure.note)),
        )
    return table


def _listed(title: str, lines: list[str], style: str) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines:
        table.add_row("•", Text(plain(line)))
    return Padding(Group(Text(title, style=style), table), (1, 0, 0, 0))


def _escaped(words: str) -> str:
    """Escape the words, so that Markdown shows them unchanged."""
    return markdown_text(plain(words))
