"""The words of a demo that a prospect sees as their own, slot by slot, with where each was read."""

import hashlib
from dataclasses import dataclass

from provisioning_assets.planning.models import DemoBlueprint


@dataclass(frozen=True)
class ShownWord:
    """One word of a slot.

    Args:
        slot: name of the slot.
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
    """Every word of every slot that the site can fill, in order; a word that repeats its group is left out."""
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
