"""Entry point for reading a customer's website with every available method."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.research.website.brand import read_brand
from provisioning_assets.research.website.browser import render_pages
from provisioning_assets.research.website.crawling import Crawl, Crawler, Render
from provisioning_assets.research.website.fetching import Fetcher
from provisioning_assets.research.website.models import Brand, CustomerWebsite, FailureKind, FetchFailure
from provisioning_assets.research.website.pages import ReadPage
from provisioning_assets.research.website.saved_pages import open_folder, read_saved_pages
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets.research.website.urls import registrable_domain, start_address

# Two sentences: the minimum that a person must write about a customer if the site cannot be read.
LEAST_NOTES_CHARACTERS = 80
# With less text on all pages together, nothing useful was read, only the frame of the site.
LEAST_PAGE_CHARACTERS = 50
_MOST_REASONS = 8  # maximum number listed in an error
_BRAND_SHARE = 0.1  # share of the time that is reserved for stylesheets and logo


def read_website(
    url: str,
    *,
    saved_pages: Path | None,
    notes: str,
    settings: CrawlSettings,
    progress: Callable[[str], None] | None = None,
    fetcher: Fetcher | None = None,
    render: Render = render_pages,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> CustomerWebsite:
    """Read everything possible from a customer's site.

    With ``saved_pages``, the folder is read and no connection is opened. Otherwise the site is read over HTTP, and pages that are
    empty without JavaScript are rendered in Chromium. A site that cannot be read is not an error if the customer is described in
    ``notes`` (at least ``LEAST_NOTES_CHARACTERS`` characters): the failures then report it.

    Args:
        url: the site's address, complete or only its host.
        saved_pages: folder of saved ``.html`` files that represents the site, or ``None``.
        notes: a person's description of the customer, may be empty.
        settings: limits.
        progress: called with one line of text for each page.
        fetcher: makes the HTTP requests; by default one with the settings.
        render: renders pages in a browser; Chromium by default.
        now: clock for ``fetched_at``.

    Raises:
        ProvisioningError: nothing could be read; says what was tried, what happened, and what to do.
    """
    start = start_address(url)
    report = progress or (lambda _line: None)
    if saved_pages is not None:
        folder = open_folder(saved_pages, start, settings)
        site = read_saved_pages(folder)
        pages, failures = site.pages, site.failures
        brand = read_brand(pages[0].html, [read.page for read in pages], folder.load, settings) if pages else Brand()
        report(f"read {len(pages)} saved pages from {saved_pages}")
    else:
        with fetcher or Fetcher(settings) as connection:
            pages, failures, brand = _read_online(start, connection, settings, report, render)
    if sum(len(read.page.text) for read in pages) < LEAST_PAGE_CHARACTERS:
        failures = [*failures, _only_notes_notice(start, failures, pages, notes, saved_pages)]
        report(failures[-1].reason)
    return CustomerWebsite(
        url=start,
        fetched_at=now(),
        pages=[read.page for read in pages],
        brand=brand,
        failures=failures,
        notes=notes,
    )


def _read_online(
    start: str, fetcher: Fetcher, settings: CrawlSettings, report: Callable[[str], None], render: Render
) -> tuple[list[ReadPage], list[FetchFailure], Brand]:
    """Read the site at the given address, or at its alternative spellings that browsers would try."""
    deadline = time.monotonic() + settings.max_seconds
    pages_deadline = deadline - _BRAND_SHARE * settings.max_seconds
    failures: list[FetchFailure] = []
    for address in spellings(start):
        if time.monotonic() >= pages_deadline:
            break
        crawler = Crawler(address, fetcher, settings, deadline=pages_deadline, progress=report, render=render)
        crawl = crawler.run()
        failures.extend(crawl.failures)
        if crawl.pages:
            load = partial(crawler.load, deadline=deadline)
            brand = read_brand(crawl.pages[0].html, [read.page for read in crawl.pages], load, settings)
            return crawl.pages, _with_outcome(failures, crawl, start), brand
        if not all(failure.kind == FailureKind.NETWORK for failure in crawl.failures):
            break  # the site exists and refuses; another spelling would get the same answer
    return [], failures, Brand()


def _with_outcome(failures: list[FetchFailure], crawl: Crawl, start: str) -> list[FetchFailure]:
    """Replace the failures of other spellings by a notice if one spelling worked."""
    if crawl.start == start:
        return failures
    notice = FetchFailure(
        url=start,
        reason=f"could not be read ({failures[0].reason}); {crawl.start} was read instead",
        kind=FailureKind.NOTICE,
    )
    return [notice, *crawl.failures]


def spellings(start: str) -> list[str]:
    """``https://acme.com/`` -> itself, with ``www.``, and both over http, as a browser's address bar would try."""
    parts = urlsplit(start)
    host = parts.hostname or ""
    if parts.port is not None or registrable_domain(host) is None:
        return [start]
    domain = registrable_domain(host)
    other = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}" if host == domain else host
    hosts = list(dict.fromkeys((host, other)))
    schemes = ("https", "http") if parts.scheme == "https" else ("http", "https")
    return [urlunsplit((scheme, name, parts.path, parts.query, "")) for scheme in schemes for name in hosts]


def _only_notes_notice(
    start: str, failures: list[FetchFailure], pages: list[ReadPage], notes: str, saved_pages: Path | None
) -> FetchFailure:
    """The notice that only the notes are available.

    Raises:
        ProvisioningError: the notes are too short as well.
    """
    problem = f"the pages that were read ({len(pages)}) contain no text" if pages else "no page could be read"
    reasons = [f"{failure.url}: {failure.reason}" for failure in failures]
    tried = ". Tried " + "; ".join(dict.fromkeys(reasons[:_MOST_REASONS])) if reasons else ""
    source = f"the saved pages in {saved_pages}" if saved_pages is not None else start
    described = len(notes.strip())
    if described >= LEAST_NOTES_CHARACTERS:
        return FetchFailure(
            url=start,
            reason=f"{source}: {problem}; everything about this customer comes from the notes",
            kind=FailureKind.NOTICE,
        )
    short = f" The notes have only {described} characters." if described else ""
    raise ProvisioningError(
        f"Not enough could be read from {source}: {problem}{tried}.{short}",
        "Save a few pages of the site in a browser and give their folder with --saved-pages DIR, or describe the "
        f"customer with --notes TEXT ({LEAST_NOTES_CHARACTERS} characters or more).",
    )
