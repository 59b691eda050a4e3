"""A website as passages: every piece of text, with its page and its part of the page, and a way to quote it.

All text from which a fact can be read becomes a passage, so evidence is always a literal quote from one passage. The text on
a page is untrusted data: it is cleaned, cut and compared, but never executed or followed as an instruction.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit

from provisioning_assets.research.profile.models import Evidence
from provisioning_assets.research.website.models import CustomerWebsite, WebPage

NOTES = "notes"  # value of ``page`` in evidence from the customer engineer's notes
LONGEST_QUOTE = 200  # characters of evidence, as documented for ``Evidence.words``
_LONGEST_PASSAGE = 2_000  # characters; a longer line is cut into pieces
_MOST_TEXT = 60_000  # characters read of one page
_MOST_JSON_LD_STRINGS = 600  # a page
_DEEPEST_JSON_LD = 12
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\ud800-\udfff\ufffe\uffff\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]"
)
# "Company: Acme Ltd. Products: tea, cake": several statements of the notes on one line
_NEXT_STATEMENT = re.compile(r"(?<=[.;|])\s+(?=[^\W\d_][^\W\d_ ]*(?: [^\W\d_]+){0,2}\s*[:=]\s)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
# Pages that every company has and that say nothing about its business, by the end of their address and their title.
_HOUSEKEEPING = re.compile(
    r"privacy|datenschutz|impressum|imprint|cookie|terms|legal|agb\b|login|log-in|sign-?in|register|account|password"
    r"|disclaimer|mentions-legales|confidentialite|privacidad|informativa|404|not-found|sitemap|site-map|careers?\b|jobs?\b"
    r"|karriere|recruit|unsubscribe|passwort|anmelden|checkout|warenkorb|enter-?your|thanks",
    re.I,
)


class Part(StrEnum):
    """The part of a page in which a passage was found."""

    TITLE = "title"
    SITE_NAME = "site name"
    DESCRIPTION = "description"
    HEADING = "heading"
    NAVIGATION = "navigation"
    JSON_LD = "structured data"
    TEXT = "text"
    IMAGE = "image description"
    ADDRESS = "address"
    FOOTER = "footer"
    NOTES = "notes"


# Parts that are kept even if another part has the same text, because each is separate evidence.
_APART = frozenset({Part.FOOTER, Part.TITLE, Part.SITE_NAME, Part.JSON_LD, Part.ADDRESS})


@dataclass(frozen=True)
class Passage:
    """One line of text.

    Args:
        page: address of the page, or ``notes``.
        part: the part of the page.
        text: one line, without control characters.
        home: the page is the one where the crawl started.
        housekeeping: the page is a privacy, login, career or similar page.
    """

    page: str
    part: Part
    text: str
    home: bool = False
    housekeeping: bool = False

    def quote(self, start: int = 0, end: int | None = None) -> Evidence:
        """The text from ``start`` to ``end`` with its surroundings, at most 200 characters, cut between words."""
        return Evidence(page=self.page, words=quotation(self.text, start, len(self.text) if end is None else end))


@dataclass(frozen=True)
class SitePassages:
    """A whole website as passages. Each text occurs once: text that is on every page is kept only at its first occurrence."""

    passages: tuple[Passage, ...]
    pages: tuple[WebPage, ...]
    home: WebPage | None

    def of(self, *parts: Part) -> Iterator[Passage]:
        """The passages of these parts, in the order of the site."""
        return (passage for passage in self.passages if passage.part in parts)


def one_line(text: str, longest: int | None = None) -> str:
    """Text on one line without control and direction characters, at most ``longest`` characters."""
    line = re.sub(r"\s+", " ", _UNWANTED.sub("", text)).strip()
    return line if longest is None else line[:longest].rstrip()


def quotation(text: str, start: int, end: int) -> str:
    """``text[start:end]`` with enough surrounding text to be readable, at most 200 characters, unchanged."""
    start, end = max(0, start), min(len(text), end)
    if len(text) <= LONGEST_QUOTE:
        return text
    if end - start >= LONGEST_QUOTE:
        return text[start : start + LONGEST_QUOTE].strip()
    room = LONGEST_QUOTE - (end - start)
    left = max(0, min(start - room // 2, len(text) - LONGEST_QUOTE))
    right = min(len(text), left + LONGEST_QUOTE)
    while left and left < start and not text[left - 1].isspace():
        left += 1
    while right < len(text) and right > end and not text[right].isspace():
        right -= 1
    return text[left:right].strip()


def read_passages(website: CustomerWebsite) -> SitePassages:
    """All pages of the site and the notes as passages.

    Args:
        website: the website as read.
    """
    passages: list[Passage] = []
    seen: set[tuple[str, Part | None]] = set()
    home = _home(website)
    for page in website.pages:
        if page.gateway and page is not home:
            continue
        is_home = page is home
        housekeeping = not is_home and is_housekeeping(page)
        for part, text in _texts(page):
            line = one_line(text)
            # A heading is also part of the main text: keep it only as a heading.
            repeated = (line.lower(), part if part in _APART else None)
            if line and repeated not in seen:
                seen.add(repeated)
                passages.append(Passage(page.url, part, line, is_home, housekeeping))
    for line in _lines(website.notes):
        for statement in _NEXT_STATEMENT.split(line):
            passages.append(Passage(NOTES, Part.NOTES, statement, home=True))
    return SitePassages(tuple(passages), tuple(website.pages), home)


def is_housekeeping(page: WebPage) -> bool:
    """Whether a page is of a kind that every company has: privacy, terms, login, careers."""
    path = unquote(urlsplit(page.url).path).rstrip("/").rsplit("/", 1)[-1]
    return bool(_HOUSEKEEPING.search(path) or _HOUSEKEEPING.search(page.title.split("|")[0][:40]))


def json_ld_strings(value: Any, depth: int = 0) -> Iterator[str]:
    """Every string and number in a schema.org object, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        yield str(value)
    elif depth < _DEEPEST_JSON_LD:
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from json_ld_strings(inner, depth + 1)


def evidence_occurs(evidence: Evidence, website: CustomerWebsite) -> bool:
    """Whether the words of the evidence are on the page it names (ignoring spaces and control characters)."""
    words = one_line(evidence.words)
    if not words or len(evidence.words) > LONGEST_QUOTE:
        return False
    if evidence.page == NOTES:
        return words in one_line(website.notes)
    return any(
        any(words in one_line(text) for _, text in _texts(page))
        or words in one_line(page.text)
        or any(words in one_line(text) for text in page.logo_texts)
        or any(
            words in one_line(label.text) or words in one_line(label.beside)
            for group in page.groups
            for label in group.labels
        )
        for page in website.pages
        if page.url == evidence.page
    )


_LEAST_HOME = 40  # characters; a page with less only forwards to another
_HOME_FILE = re.compile(r"/(?:(?:index|home|default|start|main)(?:\.\w{2,5})?)?$", re.I)


def _home(website: CustomerWebsite) -> WebPage | None:
    """The page where the crawl started: the page with its address, otherwise the page with the shortest path.

    A page that only asks the visitor's age or country, or forwards to another, is not the home page if there is another.
    A privacy, login or similar page never takes the place of the page where the crawl started.
    """
    wanted = _address(website.url)
    own = [page for page in website.pages if not page.gateway] or website.pages
    pages = [
        page
        for page in own
        if (len(page.text) >= _LEAST_HOME or page.groups)
        and (_address(page.url) == wanted or not is_housekeeping(page))
    ] or own
    for page in pages:
        if _address(page.url) == wanted:
            return page
    named = [page for page in pages if _HOME_FILE.search(urlsplit(page.url).path)]
    return min(named or pages, key=lambda page: (len(urlsplit(page.url).path), page.url), default=None)


def _address(url: str) -> str:
    parts = urlsplit(url)
    path = re.sub(r"/index\.[a-z]{3,5}$", "/", parts.path) or "/"
    return f"{(parts.hostname or '').removeprefix('www.')}{path.rstrip('/')}"


def _texts(page: WebPage) -> Iterator[tuple[Part, str]]:
    yield Part.TITLE, page.title
    if name := page.open_graph.get("og:site_name") or page.open_graph.get("site_name"):
        yield Part.SITE_NAME, name
    yield Part.DESCRIPTION, page.description
    for heading in page.headings:
        yield Part.HEADING, heading
    for label in page.navigation:
        yield Part.NAVIGATION, label
    count = 0
    for thing in page.json_ld:
        for text in json_ld_strings(thing):
            count += 1
            if count > _MOST_JSON_LD_STRINGS:
                break
            yield Part.JSON_LD, text
    for line in _lines(page.text):
        yield Part.TEXT, line
    for line in page.footer:
        yield Part.FOOTER, line
    for alt in page.image_alts:
        yield Part.IMAGE, alt
    yield Part.ADDRESS, page.url
    for number in (*page.phones, *page.emails):
        yield Part.ADDRESS, number
    for name, value in page.open_graph.items():
        if not name.endswith("site_name"):
            yield Part.ADDRESS, value


def _lines(text: str) -> Iterator[str]:
    for raw in text[:_MOST_TEXT].splitlines():
        line = one_line(raw)
        if len(line) <= _LONGEST_PASSAGE:
            if line:
                yield line
            continue
        yield from _pieces(_SENTENCE_END.split(line))


def _pieces(sentences: Iterable[str]) -> Iterator[str]:
    for sentence in sentences:
        for start in range(0, len(sentence), _LONGEST_PASSAGE):
            if piece := sentence[start : start + _LONGEST_PASSAGE].strip():
                yield piece


def folded(text: str) -> str:
    """Text prepared for comparison: unified compatibility forms, lower case, straight apostrophes."""
    return unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("‘", "'")
