"""Reads the pages of one site over HTTP: selects the pages, their order, and when to stop.

Pages are fetched in rounds. The pages of a round are selected before it starts, from the results of earlier rounds and in the
order in which links appear on the pages. So the same site gives the same pages, however fast each page answers.
"""

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from provisioning_assets.research.website.brand import Resource
from provisioning_assets.research.website.browser import BrowserUnavailableError, Rendered, render_pages
from provisioning_assets.research.website.fetching import Fetched, Fetcher, FetchError
from provisioning_assets.research.website.forwarding import forwarded_to
from provisioning_assets.research.website.frontier import Frontier, Link
from provisioning_assets.research.website.models import FailureKind, FetchedBy, FetchFailure
from provisioning_assets.research.website.obstacles import blocking_status, obstacle
from provisioning_assets.research.website.pages import ReadPage, decode_html, read_page
from provisioning_assets.research.website.robots import MOST_ROBOTS_BYTES, Robots
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets.research.website.sitemaps import site_addresses
from provisioning_assets.research.website.urls import page_key, site_of

Render = Callable[..., list[Rendered]]
Progress = Callable[[str], None]

_PAGE_TYPES = frozenset(("text/html", "application/xhtml+xml", ""))
_ACCEPT = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5"}
_ROUND_PAGES = 14  # half of a crawl, so the second half can select from the links that the first half found
_MOST_ASKED_A_PAGE = 3  # page requests allowed for each page that may be kept
_MOST_ROBOTS_FAILURES = 10  # listed one by one; the others are only counted


@dataclass
class Crawl:
    """The result of reading a site.

    Args:
        start: address at which the crawl began.
        pages: start page first, then in the order of selection.
        failures: what could not be read.
    """

    start: str
    pages: list[ReadPage] = field(default_factory=list)
    failures: list[FetchFailure] = field(default_factory=list)


@dataclass(frozen=True)
class _Outcome:
    """Result for one address: a page, a failure, both (a page that could not be rendered), or neither (not a page).

    ``unread``: time ran out before the address was requested.
    """

    link: Link
    read: ReadPage | None = None
    failure: FetchFailure | None = None
    unread: bool = False


class Crawler:
    """Reads one site.

    Args:
        start: normalised address of the start page.
        fetcher: makes the HTTP requests.
        settings: limits.
        deadline: ``time.monotonic()`` by which everything must end.
        progress: called with one line of text for each page.
        render: renders pages in a browser; Chromium by default.
    """

    def __init__(
        self,
        start: str,
        fetcher: Fetcher,
        settings: CrawlSettings,
        *,
        deadline: float,
        progress: Progress = lambda _line: None,
        render: Render = render_pages,
    ) -> None:
        self._settings = settings
        self._fetcher = fetcher
        self._deadline = deadline
        self._progress = progress
        self._render = render
        self._robots = Robots(settings.robots_agent, self._fetch_robots)
        self._site = site_of(start)
        self._frontier = Frontier(urlsplit(start).hostname or "")
        self._texts: set[str] = set()
        self._rendered = 0
        self._browser_problem: str | None = None
        self._last_request = 0.0
        self._unread = 0
        self._crawl = Crawl(start)

    def run(self) -> Crawl:
        """Read the site until nothing is left or a limit is reached. A page that fails never raises an error."""
        pool = ThreadPoolExecutor(max_workers=self._settings.parallel, thread_name_prefix="crawl")
        try:
            if self._read_start(pool):
                self._read_rest(pool)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return self._crawl

    def load(self, url: str, max_bytes: int, *, deadline: float) -> Resource | None:
        """A stylesheet or picture of the site, or ``None``; robots.txt applies.

        Args:
            url: normalised address.
            max_bytes: maximum size after decompression.
            deadline: ``time.monotonic()`` after which nothing is loaded.
        """
        deadline = min(deadline, time.monotonic() + self._settings.max_page_seconds / 2)
        try:
            answer = self._fetcher.fetch(
                url, deadline=deadline, max_bytes=max_bytes, refusal=self._refusal_on_site, attempts=1
            )
        except FetchError:
            return None
        return Resource(answer.url, answer.content_type, answer.body) if answer.status == 200 else None

    # ---- rounds

    def _read_start(self, pool: ThreadPoolExecutor) -> bool:
        """Read the start page and, at the same time, the sitemaps; return whether there is a start page."""
        start = Link(self._crawl.start, depth=0)
        self._frontier.mark_seen(start.url)
        try:
            sitemap_starts = self._robots.sitemaps(start.url)
        except FetchError as error:
            self._fail(start.url, error.reason, error.kind)
            return False
        sitemaps = pool.submit(self._sitemap_addresses, [*sitemap_starts, self._at_root("/sitemap.xml")])
        outcome = self._fetch_page(start)
        if outcome.read is not None:
            # the start page determines the site: acme.com may redirect to www.acme.de
            self._site = site_of(outcome.read.page.url)
            self._frontier.host = urlsplit(outcome.read.page.url).hostname or ""
        self._take(self._with_browser([outcome])[0])
        if not self._crawl.pages:
            sitemaps.cancel()
            return False
        language = self._crawl.pages[0].page.language
        self._frontier.language = language.split("-")[0] if language else None
        wait([sitemaps], timeout=max(0.0, self._deadline - time.monotonic()))
        if sitemaps.done():
            self._frontier.add([Link(url, depth=2) for url in sitemaps.result()])
        return True

    def _read_rest(self, pool: ThreadPoolExecutor) -> None:
        # limits the requests to a site full of broken links
        asked, most = 1, _MOST_ASKED_A_PAGE * self._settings.max_pages
        while len(self._crawl.pages) < self._settings.max_pages and len(self._frontier) and asked < most:
            if time.monotonic() >= self._deadline:
                break
            room = min(self._settings.max_pages - len(self._crawl.pages), most - asked, _ROUND_PAGES)
            links = self._allowed(pool, self._frontier.take(room))
            asked += len(links)
            for outcome in self._with_browser(self._fetch_round(pool, links)):
                self._take(outcome)
        self._summarise()

    def _fetch_round(self, pool: ThreadPoolExecutor, links: list[Link]) -> list[_Outcome]:
        """The outcomes of a round, in the order of its links; a link for which time ran out is a failure."""
        if self._delay():
            return [self._fetch_page(link) for link in links]
        futures: list[Future[_Outcome]] = [pool.submit(self._fetch_page, link) for link in links]
        pending = set(futures)
        while pending and time.monotonic() < self._deadline:
            _, pending = wait(pending, timeout=max(0.0, self._deadline - time.monotonic()), return_when=FIRST_COMPLETED)
        outcomes: list[_Outcome] = []
        for link, future in zip(links, futures, strict=True):
            if future.cancel():
                outcomes.append(_Outcome(link, unread=True))
            elif future.done():
                outcomes.append(future.result())
            else:
                reason = f"did not answer within the {self._settings.max_seconds:g} s that are allowed for the site"
                outcomes.append(self._failed(link, link.url, reason, FailureKind.LIMIT))
        return outcomes

    def _take(self, outcome: _Outcome) -> None:
        """Store a page and its links, or the failure."""
        if outcome.failure is not None:
            self._fail(outcome.failure.url, outcome.failure.reason, outcome.failure.kind)
        self._unread += outcome.unread
        read = outcome.read
        if read is None or len(self._crawl.pages) >= self._settings.max_pages:
            return
        page = read.page
        moved = page_key(page.url) != page_key(outcome.link.url)
        if moved and not self._frontier.mark_seen(page.url) and self._crawl.pages:
            return  # the same page at two addresses
        digest = hashlib.sha256(f"{page.title}\n{page.text}".encode()).hexdigest()
        if self._crawl.pages and (site_of(page.url) != self._site or digest in self._texts):
            return
        self._texts.add(digest)
        self._crawl.pages.append(read)
        self._progress(f"read {page.url} ({page.fetched_by}, {len(page.text):,} characters)")
        if not read.nofollow:
            self._frontier.add([link for link in read.links if site_of(link.url) == self._site])

    # ---- one page

    def _fetch_page(self, link: Link) -> _Outcome:
        self._wait_turn()
        deadline = min(self._deadline, time.monotonic() + self._settings.max_page_seconds)
        if time.monotonic() >= self._deadline:
            return _Outcome(link, unread=True)
        try:
            answer, html = self._document(link.url, deadline)
        except FetchError as error:
            if error.kind == FailureKind.CONTENT and link.depth > 0 and "not a page" in error.reason:
                return _Outcome(link)  # a document or picture that the address did not show as such
            return self._failed(link, error.url, error.reason, error.kind)
        return self._judged(link, answer, html)

    def _document(self, url: str, deadline: float) -> tuple[Fetched, str]:
        """The answer of an address and its document, after redirects and after the page's own forwards.

        Raises:
            FetchError: no answer that could be read, or the page forwards in a loop.
        """
        forwards = [url]
        while True:
            answer = self._fetcher.fetch(
                forwards[-1],
                deadline=deadline,
                headers=_ACCEPT,
                wanted=lambda media_type: media_type in _PAGE_TYPES,
                refusal=self._robots.refusal,
            )
            html = decode_html(answer.body, answer.headers.get("content-type", ""))
            forward = forwarded_to(html, answer.url) if answer.status == 200 else None
            if forward is None:
                return answer, html
            if forward in forwards or len(forwards) > self._settings.max_redirects:
                raise FetchError(answer.url, "forwards to itself, or too often", FailureKind.CONTENT)
            forwards.append(forward)

    def _judged(self, link: Link, answer: Fetched, html: str) -> _Outcome:
        """The answer as a page, or the reason why it is not a page."""
        blocked = blocking_status(answer.status)
        if blocked:
            return self._failed(link, answer.url, blocked, FailureKind.BLOCKED)
        read = read_page(
            html,
            url=answer.url,
            fetched_by=FetchedBy.HTTP,
            status=answer.status,
            size_bytes=len(answer.body),
            depth=link.depth,
        )
        found = obstacle(read.page, html)
        if found:
            return self._failed(link, answer.url, found[1], found[0])
        if not 200 <= answer.status < 300:
            return self._failed(link, answer.url, f"the server answered HTTP {answer.status}", FailureKind.STATUS)
        if not answer.body.strip():
            return self._failed(link, answer.url, "the page is empty", FailureKind.CONTENT)
        return _Outcome(link, read)

    # ---- pages that need a browser

    def _with_browser(self, outcomes: list[_Outcome]) -> list[_Outcome]:
        """The same outcomes; pages that are empty without JavaScript are rendered in Chromium."""
        empty = [at for at, outcome in enumerate(outcomes) if outcome.read and self._needs_browser(outcome.read)]
        chosen = empty[: max(0, self._settings.max_browser_pages - self._rendered)]
        outcomes = list(outcomes)
        for at in empty[len(chosen) :]:
            outcomes[at] = self._unrendered(
                outcomes[at], f"at most {self._settings.max_browser_pages} pages are rendered"
            )
        if not chosen:
            return outcomes
        if self._browser_problem is not None:
            rendered = [Rendered("", "", "", self._browser_problem)] * len(chosen)
        else:
            self._rendered += len(chosen)
            urls = [read.page.url for at in chosen if (read := outcomes[at].read)]
            self._progress(f"rendering {len(urls)} pages that are empty without JavaScript")
            try:
                rendered = self._render(urls, self._fetch_for_browser, self._settings, deadline=self._deadline)
            except BrowserUnavailableError as error:
                self._browser_problem = str(error)
                rendered = [Rendered(url, url, "", self._browser_problem) for url in urls]
        for at, result in zip(chosen, rendered, strict=True):
            outcomes[at] = self._after_rendering(outcomes[at], result)
        return outcomes

    def _needs_browser(self, read: ReadPage) -> bool:
        return read.scripts > 0 and len(read.page.text) < self._settings.browser_text_characters

    def _after_rendering(self, outcome: _Outcome, rendered: Rendered) -> _Outcome:
        read = outcome.read
        if read is None:
            return outcome
        if rendered.problem:
            return self._unrendered(outcome, rendered.problem)
        better = read_page(
            rendered.html,
            url=rendered.final_url,
            fetched_by=FetchedBy.BROWSER,
            status=read.page.status,
            size_bytes=len(rendered.html.encode("utf-8", errors="replace")),
            depth=outcome.link.depth,
        )
        found = obstacle(better.page, rendered.html)
        if found:
            return self._failed(outcome.link, better.page.url, found[1], found[0])
        return _Outcome(outcome.link, better if len(better.page.text) > len(read.page.text) else read)

    def _unrendered(self, outcome: _Outcome, problem: str) -> _Outcome:
        """The page as read over HTTP, with a failure that says why the browser could not render it."""
        reason = f"has hardly any text without JavaScript and could not be rendered: {problem}"
        return _Outcome(
            outcome.link, outcome.read, FetchFailure(url=outcome.link.url, reason=reason, kind=FailureKind.CONTENT)
        )

    def _fetch_for_browser(self, url: str, headers: dict[str, str], deadline: float) -> Fetched:
        """Fetch a resource that a page loads in Chromium.

        robots.txt applies to resources of the site itself. Resources from other sites are part of a page that we may read.
        """
        return self._fetcher.fetch(
            url, deadline=min(deadline, self._deadline), headers=headers, refusal=self._refusal_on_site, attempts=1
        )

    # ---- robots.txt and politeness

    def _refusal_on_site(self, url: str) -> str | None:
        """Why robots.txt forbids an address of the site; ``None`` for resources of other sites, which are not crawled."""
        return self._robots.refusal(url) if site_of(url) == self._site else None

    def _fetch_robots(self, url: str) -> Fetched:
        deadline = min(self._deadline, time.monotonic() + self._settings.max_page_seconds)
        return self._fetcher.fetch(url, deadline=deadline, max_bytes=4 * MOST_ROBOTS_BYTES)

    def _sitemap_addresses(self, starts: list[str]) -> list[str]:
        def fetch(url: str) -> Fetched:
            deadline = min(self._deadline, time.monotonic() + self._settings.max_page_seconds)
            return self._fetcher.fetch(url, deadline=deadline, refusal=self._refusal_on_site, attempts=1)

        return site_addresses(
            starts,
            fetch,
            site=self._site,
            max_sitemaps=self._settings.max_sitemaps,
            max_addresses=self._settings.max_sitemap_addresses,
            max_bytes=self._settings.max_page_bytes,
        )

    def _at_root(self, path: str) -> str:
        parts = urlsplit(self._crawl.start)
        return f"{parts.scheme}://{parts.netloc}{path}"

    def _allowed(self, pool: ThreadPoolExecutor, links: list[Link]) -> list[Link]:
        """The links that robots.txt allows; the others become failures and do not count towards the round."""
        allowed: list[Link] = []
        for link, problem in zip(links, pool.map(self._refusal, links), strict=True):
            if problem is None:
                allowed.append(link)
            else:
                self._fail(link.url, problem[0], problem[1])
        return allowed

    def _refusal(self, link: Link) -> tuple[str, FailureKind] | None:
        try:
            refusal = self._robots.refusal(link.url)
        except FetchError as error:
            return error.reason, error.kind
        return None if refusal is None else (refusal, FailureKind.ROBOTS)

    def _delay(self) -> float:
        try:
            return self._robots.delay_seconds(self._crawl.pages[0].page.url if self._crawl.pages else self._crawl.start)
        except FetchError:
            return 0.0  # fetching the page will report the error

    def _wait_turn(self) -> None:
        """Keep the interval between requests that robots.txt asks for, as long as there is time."""
        delay = self._delay()
        if not delay:
            return
        pause = min(self._last_request + delay, self._deadline) - time.monotonic()
        if self._last_request and pause > 0:
            time.sleep(pause)
        self._last_request = time.monotonic()

    # ---- failures

    @staticmethod
    def _failed(link: Link, url: str, reason: str, kind: FailureKind) -> _Outcome:
        return _Outcome(link, None, FetchFailure(url=url, reason=reason, kind=kind))

    def _fail(self, url: str, reason: str, kind: FailureKind) -> None:
        self._crawl.failures.append(FetchFailure(url=url, reason=reason, kind=kind))
        self._progress(f"could not read {url}: {reason}")

    def _summarise(self) -> None:
        """Shorten long lists of pages that robots.txt forbids, and report how much was not read."""
        refused = [failure for failure in self._crawl.failures if failure.kind == FailureKind.ROBOTS]
        if len(refused) > _MOST_ROBOTS_FAILURES:
            dropped = {id(failure) for failure in refused[_MOST_ROBOTS_FAILURES:]}
            self._crawl.failures = [failure for failure in self._crawl.failures if id(failure) not in dropped]
            self._fail(self._crawl.start, f"robots.txt forbids reading {len(dropped)} more pages", FailureKind.ROBOTS)
        unread = len(self._frontier) + self._unread
        if unread and time.monotonic() >= self._deadline:
            delay = self._delay()
            slow = f"; robots.txt requires {delay:g} s between requests" if delay else ""
            self._fail(
                self._crawl.start,
                f"stopped after {self._settings.max_seconds:g} s; {unread} addresses were not read{slow}",
                FailureKind.NOTICE,
            )
