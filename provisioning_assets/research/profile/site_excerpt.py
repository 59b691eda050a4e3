"""What Claude is given of a site to read: the text that visitors see, the most telling pages first, bounded.

Left out are alternative texts, structured data, meta tags and what a page hides: nobody would notice instructions there.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provisioning_assets.claude.prompts import fenced
from provisioning_assets.research.profile.headings import OFFERS, meaning_of_address
from provisioning_assets.research.profile.models import Evidence
from provisioning_assets.research.profile.page_kinds import PageKind, kind_of
from provisioning_assets.research.profile.passages import (
    LONGEST_QUOTE,
    NOTES,
    SitePassages,
    evidence_occurs,
    one_line,
)
from provisioning_assets.research.website.models import CustomerWebsite, WebPage

MOST_CHARACTERS = 40_000
"""Of all pages: about 10,000 tokens, 0.03 US dollars at Sonnet's price of reading and caching."""
MOST_OF_HOME = 8_000
MOST_OF_A_PAGE = 4_000
MOST_OF_AN_ASIDE = 1_500
"""Of a page about the company, an imprint or a contact page: name, address and registration stand at their beginning or end."""
MOST_NOTES = 4_000
LEAST_OF_A_PAGE = 40
"""Characters; a page with less has nothing that other pages did not say."""

_ABOUT = re.compile(
    r"about|company|who-we-are|ueber|über|uber-uns|unternehmen|a-propos|qui-sommes|nosotros|quienes|sobre|chi-siamo|azienda|over-ons"
    r"|om-os|om-oss|o-nas|o-firmie|contact|kontakt|contatti|contacto|contato|impressum|imprint|legal-notice|mentions-legales"
    r"|aviso-legal|colofon|会社|公司|회사",
    re.I,
)
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)
"""Signs that a reader does not tell apart, each replaced by one: places in the text stay the same."""


@dataclass(frozen=True)
class ExcerptPage:
    """What is given of one page: its address, or ``notes``, and its lines."""

    address: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class SiteExcerpt:
    """What Claude reads of a site. Pages are named by their numbers, 1 is the first."""

    website: CustomerWebsite
    pages: tuple[ExcerptPage, ...]

    def as_prompt(self) -> str:
        """The pages, each between marks that it cannot close."""
        return "\n\n".join(
            fenced(
                "notes" if page.address == NOTES else "page",
                "\n".join(page.lines),
                source=f"page {number}, {page.address}",
            )
            for number, page in enumerate(self.pages, start=1)
        )

    def evidence(self, number: int, quotation: str) -> Evidence | None:
        """Where words of a page stand, as the page writes them; None if they are not among what was given of the page.

        White space, quotation marks and dashes are compared without regard to their forms.

        Args:
            number: of the page.
            quotation: words that are said to stand on it.
        """
        wanted = one_line(quotation).translate(_ALIKE)
        if not 1 <= number <= len(self.pages) or not 2 <= len(wanted) <= LONGEST_QUOTE:
            return None
        page = self.pages[number - 1]
        for text in (*page.lines, " ".join(page.lines)):
            at = text.translate(_ALIKE).find(wanted)
            if at >= 0:
                found = Evidence(page=page.address, words=text[at : at + len(wanted)])
                if evidence_occurs(found, self.website):
                    return found
        return None


def excerpt_of(website: CustomerWebsite, reading: SitePassages, language: str) -> SiteExcerpt:
    """Choose what Claude reads.

    Args:
        website: the pages.
        reading: the same as passages.
        language: main language of the site, ISO 639-1.
    """
    said: set[str] = set()
    left = MOST_CHARACTERS
    pages: list[ExcerptPage] = []
    for page, most in _most_telling(website, reading, language):
        lines = tuple(_bounded(_unsaid(_lines(page), said), min(most, left)))
        length = sum(map(len, lines))
        if length >= LEAST_OF_A_PAGE or page is reading.home:
            pages.append(ExcerptPage(page.url, lines))
            left -= length
    notes = tuple(_bounded(map(one_line, website.notes.splitlines()), MOST_NOTES))
    return SiteExcerpt(website, (*pages, *([ExcerptPage(NOTES, notes)] if notes else ())))


def _most_telling(website: CustomerWebsite, reading: SitePassages, language: str) -> Iterator[tuple[WebPage, int]]:
    """Pages with the most characters to take of each: home, offer, the company itself, then others."""
    home = reading.home
    kinds = {page.url: kind_of(page, reading, language) for page in website.pages if not page.gateway or page is home}
    readable = [page for page in website.pages if kinds.get(page.url, PageKind.FOREIGN) is not PageKind.FOREIGN]
    about = [page for page in readable if page is not home and _ABOUT.search(page.url)]
    offers = [
        page
        for page in readable
        if page not in about and (kinds[page.url] is PageKind.OFFER or meaning_of_address(page.url) in OFFERS)
    ]
    if home is not None:
        yield home, MOST_OF_HOME
    chosen = {home.url if home else ""}
    rest = [page for page in readable if kinds[page.url] is PageKind.OTHER]
    for pages, most in ((offers[:5], MOST_OF_A_PAGE), (about, MOST_OF_AN_ASIDE), (offers[5:] + rest, MOST_OF_A_PAGE)):
        for page in pages:
            if page.url not in chosen:
                chosen.add(page.url)
                yield page, most


def _lines(page: WebPage) -> Iterator[str]:
    """What a visitor reads: title, menus and other groups under their headings, text, footer."""
    text = one_line(page.text)
    yield one_line(page.title)
    for group in page.groups:
        labels = [label for each in group.labels if (label := one_line(page.shown(each.text))) and label not in text]
        if labels:
            heading = one_line(page.shown(group.heading))
            yield f"{heading}: {' | '.join(labels)}" if heading else " | ".join(labels)
    for line in (*page.text.splitlines(), *page.footer):
        yield one_line(page.shown(line))


def _unsaid(lines: Iterable[str], said: set[str]) -> Iterator[str]:
    for line in lines:
        if line and line not in said:
            said.add(line)
            yield line


def _bounded(lines: Iterable[str], most: int) -> Iterator[str]:
    """Lines until they have so many characters; the last one is cut."""
    for line in lines:
        if most <= 0:
            return
        if line:
            yield line[:most]
            most -= len(line)
