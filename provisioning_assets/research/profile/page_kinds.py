"""What kind of page a page is: where the offer is looked for, and where it never is."""

import re
from enum import StrEnum
from urllib.parse import urlsplit

from provisioning_assets.research.profile.headings import OFFERS, Meaning, address_parts, meaning_of
from provisioning_assets.research.profile.labels import comparable, language_names
from provisioning_assets.research.profile.passages import SitePassages, is_housekeeping
from provisioning_assets.research.profile.structured_data import types_of
from provisioning_assets.research.profile.words import same_language
from provisioning_assets.research.website.models import WebPage

_TITLE_PARTS = re.compile(r"\s+[|–—·•:»-]\s+|\s*[|｜：]\s*")
_ENOUGH_TEXT = 200  # characters from which the language of a page can be told
_POST_TYPES = frozenset({"Article", "BlogPosting", "NewsArticle", "Report", "JobPosting", "QAPage", "Review", "Event"})
_DATED_PATH = re.compile(r"/(?:19|20)\d\d/(?:0?[1-9]|1[0-2])(?:/|$)")


class PageKind(StrEnum):
    """A kind of page."""

    HOME = "home"
    OFFER = "offer"  # its address or title says services, products, plans ...
    OTHER = "other"  # a page about one thing
    ASIDE = "aside"  # news, cases, team, legal, contact, account: nothing there is sold
    FOREIGN = "foreign"  # in another language than the site


def kind_of(page: WebPage, reading: SitePassages, language: str) -> PageKind:
    """The kind of a page, by what it declares, by its address and title, and by its language.

    Args:
        page: one of the site's pages.
        reading: the site.
        language: main language of the site, ISO 639-1.
    """
    if page is reading.home:
        return PageKind.HOME
    written_in = same_language(page.language)
    first = (urlsplit(page.url).path.split("/")[1:2] or [""])[0].lower()
    if written_in and written_in != language and (len(page.text) > _ENOUGH_TEXT or first == written_in):
        return PageKind.FOREIGN
    if _is_linked_by_language(page, reading.home, language):
        return PageKind.FOREIGN
    if is_post(page, reading) or is_housekeeping(page):
        return PageKind.ASIDE
    parts = address_parts(page.url)
    meanings = [meaning_of(part) for part in (*parts, _TITLE_PARTS.split(page.title)[0], *page.headings[:1])]
    if Meaning.OTHERS in meanings:
        return PageKind.ASIDE
    return PageKind.OFFER if OFFERS & {meaning for meaning in meanings if meaning} else PageKind.OTHER


def is_post(page: WebPage, reading: SitePassages) -> bool:
    """Whether a page is an article, a piece of news or the like, by what it declares and by its address."""
    kind, published = (page.open_graph.get(name, "") for name in ("og:type", "article:published_time"))
    is_article = bool(published) and kind.lower() == "article"
    return is_article or _DATED_PATH.search(page.url) is not None or _is_declared_post(page, reading)


def _is_linked_by_language(page: WebPage, home: WebPage | None, language: str) -> bool:
    """Whether the home page links to the page by the name of another language, as in "English"."""
    names = language_names()
    return home is not None and any(
        label.url == page.url and names.get(comparable(label.text), language) != language
        for group in home.groups
        for label in group.labels
    )


def meaning_of_page(page: WebPage) -> Meaning | None:
    """What the page says it is about in its address, title and first heading."""
    named = (*address_parts(page.url)[-1:], _TITLE_PARTS.split(page.title)[0], *page.headings[:1])
    return next((meaning for part in named if (meaning := meaning_of(part)) is not None), None)


def _is_declared_post(page: WebPage, reading: SitePassages) -> bool:
    """Whether the page declares itself an article, and most others do not: some systems declare every page to be one."""
    declared = [other for other in reading.pages if _types(other) & _POST_TYPES]
    return page in declared and len(declared) * 2 <= len(reading.pages)


def _types(page: WebPage) -> frozenset[str]:
    return frozenset().union(*(types_of(thing) for thing in page.json_ld))
