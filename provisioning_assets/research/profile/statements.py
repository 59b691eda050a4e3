"""A site as statements: one sentence or one row of a table each, with what stands above it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from provisioning_assets.research.profile.models import Evidence
from provisioning_assets.research.profile.page_kinds import PageKind, is_post, kind_of
from provisioning_assets.research.profile.passages import NOTES, Part, SitePassages, one_line, quotation
from provisioning_assets.research.profile.words import same_language
from provisioning_assets.research.website.models import WebPage

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-zà-ÿ]|\d|[\"“„«¿¡(])|(?<=[。！？])|\s+[·•|]\s+|\s*[✓✔]\s*")
_RULE_OF_A_TABLE = re.compile(r"[\s|:-]+")
_ELSEWHERE = re.compile(
    r"(?:^|[/_-])(?:privacy|datenschutz|cookies?|confidentialite|privacidad|privacidade|privatlivspolitik|integritet\w*|careers?|jobs?"
    r"|karriere|blogs?|news|aktuelles|actualites|noticias|notizie|nieuws|nyheder|nyheter|aktualnosci|press|presse|magazine?|guides?|recipes?"
    r"|rezepte|stories|reviews|testimonials)(?:[/._-]|$)",
    re.I,
)
"""Pages about other things than what the company offers today, by their address."""


@dataclass(frozen=True)
class Statement:
    """One thing that the site says.

    Args:
        page: address, or ``notes``.
        language: of the page, ISO 639-1.
        text: one sentence, heading or label, or one row of a table with `` | `` between its cells.
        line: the line of the page that contains it.
        heading: above it; may be empty.
        title: of the page; may be empty.
        first_cell: of a row of a table: what the row is about; empty for a sentence.
        beside: the heading is a label, and the text stands beside it.
        of_article: the page is about one article.
    """

    page: str
    language: str
    text: str
    line: str
    heading: str = ""
    title: str = ""
    first_cell: str = ""
    beside: bool = False
    of_article: bool = False

    @property
    def context(self) -> str:
        """Return heading and title."""
        return f"{self.heading}. {self.title}"

    def evidence(self, start: int = 0) -> Evidence:
        """Return the sentence or row around a place of the text, with the label beside it."""
        said = self.line if self.first_cell else self.text
        found = max(said.find(self.text[start : start + 40]), 0) if start else 0
        under = (self.first_cell or self.heading) if self.beside else ""
        return Evidence(page=self.page, words=quotation(said, found, found + 40), under=under)


def pages_of_today(reading: SitePassages, language: str) -> list[WebPage]:
    """The pages that say what the company offers: no posts, jobs, data protection, and no pages in another language.

    Args:
        reading: the site.
        language: its main language, ISO 639-1.
    """
    return [
        page
        for page in reading.pages
        if not (page.gateway and page is not reading.home)
        and not is_post(page, reading)
        and not _ELSEWHERE.search(unquote(urlsplit(page.url).path))
        and kind_of(page, reading, language) is not PageKind.FOREIGN
    ]


def statements_of(reading: SitePassages, language: str) -> list[Statement]:
    """What these pages and the customer engineer's notes say, in the site's order; each once.

    Args:
        reading: the site.
        language: its main language, ISO 639-1.
    """
    found: dict[tuple[str, str], Statement] = {}
    for page in pages_of_today(reading, language):
        for statement in _of_page(page, same_language(page.language) or language):
            found.setdefault((statement.text, statement.context), statement)
    for passage in reading.of(Part.NOTES):
        for sentence in sentences(passage.text):
            found.setdefault((sentence, NOTES), Statement(NOTES, language, sentence, passage.text))
    return list(found.values())


def sentences(line: str) -> Iterator[str]:
    """The sentences of a line."""
    return (part.strip() for part in _SENTENCE_END.split(line) if part and part.strip())


def _of_page(page: WebPage, language: str) -> Iterator[Statement]:
    title = one_line(page.title)
    headings = {one_line(heading) for heading in page.headings}
    of_article = any(str(thing.get("@type")) in {"Product", "['Product']"} for thing in page.json_ld)

    def statement(text: str, line: str, heading: str, first_cell: str = "") -> Statement:
        return Statement(page.url, language, text, line, heading, title, first_cell, of_article=of_article)

    heading = ""
    for line in map(one_line, page.text.splitlines()):
        shown = page.shown(line)
        if not shown or _RULE_OF_A_TABLE.fullmatch(shown):
            continue
        if shown in headings:
            heading = shown
        cells = [cell.strip() for cell in shown.strip("| ").split("|")] if shown.startswith("|") else []
        if len(cells) > 1 and all(len(cell) <= 120 for cell in cells):
            yield statement(" | ".join(cells), line.strip("| "), heading, cells[0])
        else:
            for sentence in sentences(shown.strip("| ")):
                yield statement(sentence, line, heading if shown != heading else "")
    for line in (*map(one_line, page.headings), *map(one_line, page.footer)):
        for sentence in sentences(page.shown(line)):
            yield statement(sentence, line, "")
    for group in page.groups:
        for label in group.labels if group.area in {"main", "aside"} else ():
            beside = page.shown(one_line(label.beside))
            if group.element == "tr" and beside:
                row = f"{one_line(label.text)} | {beside}"
                yield replace(statement(row, beside, group.heading, one_line(label.text)), beside=True)
            for sentence in sentences(beside) if group.element != "tr" else ():
                yield replace(statement(sentence, beside, label.text), beside=True)
