"""Tiers of the company's loyalty programme: names beside each other, each with the yearly spend from which it is held."""

import re
from collections.abc import Iterator

from provisioning_assets.research.profile.models import Evidence, Fact
from provisioning_assets.research.profile.passages import SitePassages, one_line
from provisioning_assets.research.profile.prices import amounts_in
from provisioning_assets.research.profile.statements import pages_of_today
from provisioning_assets.research.profile.term_words import languages, word, written
from provisioning_assets.research.profile.words import same_language
from provisioning_assets.research.website.models import LabelGroup, WebPage

FEWEST_TIERS, MOST_TIERS = 2, 7
LONGEST_NAME = 40
"""Characters of a tier's name."""


def read_loyalty_tiers(reading: SitePassages, language: str, currency: str) -> list[Fact]:
    """The tiers, the lowest first; empty if the site has none, or none whose yearly spend it states, or two such lists.

    Args:
        reading: the site.
        language: its main language, ISO 639-1.
        currency: ISO 4217, of the yearly spend.
    """
    found = [tiers for page in pages_of_today(reading, language) for tiers in _of_page(page, language, currency)]
    same = {tuple((tier.value, tier.price) for tier in tiers) for tiers in found}
    return found[0] if len(same) == 1 else []


def _of_page(page: WebPage, language: str, currency: str) -> Iterator[list[Fact]]:
    spoken = same_language(page.language) or language
    if spoken not in languages():
        return
    about = " ".join((page.title, page.description, page.text))
    for group in page.groups:
        if (
            group.area == "main"
            and FEWEST_TIERS <= len(group.labels) <= MOST_TIERS
            and word("loyalty", spoken).search(about)
        ):
            tiers = _tiers(page, group, spoken, currency)
            if tiers:
                yield tiers


def _tiers(page: WebPage, group: LabelGroup, language: str, currency: str) -> list[Fact]:
    tiers: list[Fact] = []
    for position, label in enumerate(group.labels):
        name = one_line(label.text)
        spend = _yearly_spend(one_line(label.beside), language, currency)
        if spend is None and position == 0 and not amounts_in(label.beside, currency):
            spend = 0.0  # the tier in which everybody begins
        risen = spend is not None and (not tiers or spend > (tiers[-1].price or 0.0))
        if not risen or not name or len(name) > LONGEST_NAME or re.search(r"\d", name):
            return []
        evidence = Evidence(page=page.url, words=name, under=one_line(group.heading))
        tiers.append(Fact(value=name, evidence=[evidence], price=spend))
    return tiers


def _yearly_spend(beside: str, language: str, currency: str) -> float | None:
    """The one amount that is a threshold of a year: "From $500 a year", "ab 500 € Jahresumsatz"."""
    amounts = amounts_in(beside, currency)
    if len(amounts) != 1 or not word("a_year", language).search(beside):
        return None
    before = beside[: amounts[0].start]
    return (
        amounts[0].value
        if re.search(rf"{written('over', language)}\s?(?:[^\d.;:!?]{{0,28}}?)$", before, re.I)
        else None
    )
