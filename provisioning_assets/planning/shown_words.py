"""The words and terms of a demo that a prospect sees as their own, with where each was read."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from provisioning_assets.planning.markets import market_of
from provisioning_assets.planning.models import DemoBlueprint
from provisioning_assets.planning.terms import unit_of


@dataclass(frozen=True)
class ShownWord:
    """One word of a slot.

    Args:
        slot: name of the slot or term.
        about: what the slot's words are.
        word: as tables and texts show it.
        source: the customer's site, the blueprint, or an edit by the CE.
        page: address of the page; empty for the blueprint's and the CE's words.
        passage: the text around the word on that page.
        under: the heading or menu entry above it.
    """

    slot: str
    about: str
    word: str
    source: str
    page: str
    passage: str
    under: str


def shown_words(made: DemoBlueprint) -> list[ShownWord]:
    """Every word of every slot that the site can fill, in order, and every term; a word that repeats its group is left out."""
    return [*_of_slots(made), *_of_terms(made)]


def _of_terms(made: DemoBlueprint) -> Iterator[ShownWord]:
    market = market_of(made.customer.country, made.customer.language, made.customer.currency)
    for name, term in made.blueprint.terms.items():
        filled = term.filled
        if filled is None:
            continue
        unit = unit_of(term)
        value = "" if filled.value is None else f"{filled.value:.12g} {market.currency if unit == 'currency' else unit}"
        given_to = f" for {', '.join(filled.given_to)}" if filled.given_to else ""
        shown = filled.hours or (f"{value}{given_to}" if value else "the trade's usual hours")
        where = (filled.page or "", filled.passage or "", filled.under or "")
        yield ShownWord(name, term.description, shown, filled.source, *where)


def _of_slots(made: DemoBlueprint) -> list[ShownWord]:
    return [
        ShownWord(name, slot.description, word.word, word.source, word.page or "", word.passage or "", word.under or "")
        for name, slot in made.blueprint.slots.items()
        if slot.sources
        for word in slot.filled
        if word.word != word.group
    ]


def digest_of_words(made: DemoBlueprint) -> str:
    """A digest of what is said about the customer: its name, country, industry, and the words of its site."""
    said = [made.customer.company, made.customer.country, made.industry]
    said += [f"{word.slot}={word.word}" for word in shown_words(made) if word.source != "blueprint"]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]
