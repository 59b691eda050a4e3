"""The review of the customer's words in a terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from provisioning_assets.figure_text import day
from provisioning_assets.lifecycle.words_review import WordsReview

_WHOSE = {"customer": "site", "blueprint": "trade", "edit": "you"}
_LONGEST_PASSAGE = 90  # characters


def print_review(screen: Console, review: WordsReview) -> None:
    """Print what the demo says about the customer: the facts, then every word by list, then who confirmed it."""
    facts = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for fact in review.facts:
        facts.add_row(
            fact.what,
            Text(fact.value, style="bold"),
            Text(fact.doubt, style="dim"),
            Text(_source(fact.page, fact.passage)),
        )
    screen.print(facts)
    slots = dict.fromkeys(word.slot for word in review.words)
    for slot in slots:
        words = [word for word in review.words if word.slot == slot]
        screen.print(f"\n[bold]{slot}[/bold]  [dim]{words[0].about}[/dim]")
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2), show_header=False)
        for word in words:
            style = "dim" if word.source == "blueprint" else ""
            where = Text(_source(word.page, word.passage, word.under), style="dim")
            table.add_row(Text(word.word, style=style), Text(_WHOSE[word.source], style="dim"), where)
        screen.print(table)
    _print_readings(screen, review)
    screen.print()
    if review.confirmed:
        screen.print(f"Confirmed by {review.confirmed.by} on {day(review.confirmed.on)}.", markup=False)
        return
    screen.print("Not yet looked at. What you can do:")
    for line in (
        f'provision review {review.key} --drop "WORD"            a word or term must not be shown',
        f"provision review {review.key} --use LIST=WORD,WORD     your own words for a list, or figure of a term",
        f"provision review {review.key} --name NAME --country DE --industry telecom",
        f'provision review {review.key} --confirm "YOUR NAME"    you looked at all of them',
    ):
        screen.print(f"  {line}", markup=False, soft_wrap=True)


def _print_readings(screen: Console, review: WordsReview) -> None:
    """Who read the site, and what only one of the two readers says."""
    if not review.read_by:
        return
    screen.print(f"\nThe site was {review.read_by}", markup=False, soft_wrap=True)
    if not review.second_opinions:
        return
    screen.print("[bold]What Claude and the rules read differently[/bold]")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2), header_style="dim")
    for title in ("", "Claude", "the rules", ""):
        table.add_column(title)
    for opinion in review.second_opinions:
        quote = opinion.evidence[0] if opinion.evidence else None
        table.add_row(
            Text(opinion.about),
            Text(opinion.claude or "-"),
            Text(opinion.rules or "-"),
            Text(_source(quote.page, quote.words) if quote else "", style="dim"),
        )
    screen.print(table)


def _source(page: str, passage: str, under: str = "") -> str:
    """``“Our services” › “Roofing”, https://...``."""
    if not page:
        return ""
    short = passage if len(passage) <= _LONGEST_PASSAGE else f"{passage[:_LONGEST_PASSAGE]}…"
    said = f"“{under}” › “{short}”" if under else f"“{short}”"
    return f"{said}, {'your notes' if page == 'notes' else page}"
