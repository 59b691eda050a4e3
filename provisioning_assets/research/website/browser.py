"""Renders pages that are empty without JavaScript, in headless Chromium without network access.

Our own fetcher, which connects only to public addresses, answers every request of the browser. All other connections that a
page could open are blocked. Chromium is started with a resolver that resolves no name and a proxy that refuses every
connection, so requests that bypass the interception fail.
"""

import asyncio
import os
import re
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    Request,
    Route,
    WebSocketRoute,
    async_playwright,
)
from playwright.async_api import Error as PlaywrightError

from provisioning_assets.research.website.fetching import Fetched, FetchError
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets.research.website.urls import UrlRefusedError, normalise, site_of

Fetch = Callable[[str, dict[str, str], float], Fetched]
"""Address, request headers and deadline (``time.monotonic()``) -> answer; raises ``FetchError``."""

_KNOWN_PATHS = (
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The text of a page needs only the document, its scripts and their data; pictures, fonts and styles would cost time.
_READ_TYPES = frozenset(("document", "script", "xhr", "fetch"))
_DROPPED_HEADERS = frozenset(
    ("content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive", "alt-svc", "set-cookie",
     "strict-transport-security", "link", "refresh", "report-to", "nel")
)  # fmt: skip
_SENT_HEADERS = frozenset(("accept", "accept-language", "referer", "origin", "x-requested-with"))
# Connections that request interception does not see; pages work without them.
_NO_OTHER_CONNECTIONS = """
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport", "SharedWorker", "EventSource"]) {
  try { Object.defineProperty(globalThis, name, {value: undefined, configurable: false, writable: false}); } catch {}
}
"""
_QUIET_SECONDS = 0.5  # a page with text and without requests for this long is finished
_READING_SHARE = 0.25  # of the time that is left once a page has opened
_CLOSE_SECONDS = 5.0


class BrowserUnavailableError(Exception):
    """Chromium is missing or does not start; the message says what was searched for and what to do."""


@dataclass(frozen=True)
class Rendered:
    """A page as a visitor would see it.

    Args:
        url: the requested address.
        final_url: the address after navigation by the page itself.
        html: the document after its scripts ran; empty if it failed.
        problem: why there is no document, or ``None``.
    """

    url: str
    final_url: str
    html: str
    problem: str | None = None


def find_chromium(settings: CrawlSettings) -> str:
    """Path of a Chromium binary: from the setting, else Playwright's own, else from the usual places.

    Raises:
        BrowserUnavailableError: no binary was found.
    """
    if settings.chromium:
        if not Path(settings.chromium).is_file():
            raise BrowserUnavailableError(f"PROVISIONING_CHROMIUM names {settings.chromium}, which is not a file")
        return settings.chromium
    own = _playwright_browsers()
    for path in (*own, *_KNOWN_PATHS, *filter(None, map(shutil.which, _NAMES))):
        if Path(path).is_file():
            return path
    raise BrowserUnavailableError(
        "no Chromium was found: install it (`playwright install chromium`, or the system's package), or set "
        "PROVISIONING_CHROMIUM to its path"
    )


def _playwright_browsers() -> list[str]:
    """Chromium binaries that ``playwright install`` installed, newest first."""
    folder = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    places = [Path(folder)] if folder not in {"", "0"} else [Path.home() / ".cache" / "ms-playwright"]
    places.append(Path.home() / "Library" / "Caches" / "ms-playwright")
    binaries = ("*/chrome-linux*/chrome", "*/chrome-headless-shell-linux*/*", "*/chrome-mac*/*.app/Contents/MacOS/*")
    found = [path for place in places if place.is_dir() for pattern in binaries for path in place.glob(pattern)]
    revision = [(int(re.sub(r"\D", "", path.relative_to(path.anchor).as_posix().split("chromium")[-1][:20]) or 0), path)
                for path in found if "chrom" in path.name.lower() and os.access(path, os.X_OK)]  # fmt: skip
    return [str(path) for _, path in sorted(revision, key=lambda entry: (-entry[0], str(entry[1])))]


def render_pages(urls: list[str], fetch: Fetch, settings: CrawlSettings, *, deadline: float) -> list[Rendered]:
    """The documents of ``urls`` after their scripts ran, in the same order; a failed page contains the reason.

    Args:
        urls: normalised addresses.
        fetch: answers every request of the browser.
        settings: limits; those of the browser apply to each page.
        deadline: ``time.monotonic()`` by which everything must end.

    Raises:
        BrowserUnavailableError: Chromium is missing or does not start.
    """
    binary = find_chromium(settings)
    # A separate event loop in a separate thread, because callers may already run inside an event loop.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="chromium") as thread:
        return thread.submit(lambda: asyncio.run(_render_all(urls, fetch, settings, binary, deadline))).result()


async def _render_all(
    urls: list[str], fetch: Fetch, settings: CrawlSettings, binary: str, deadline: float
) -> list[Rendered]:
    # A port that we reserve and on which nothing listens: it serves as a proxy that refuses every connection.
    with socket.socket() as unused_port, tempfile.TemporaryDirectory(prefix="chromium-") as home:
        unused_port.bind(("127.0.0.1", 0))
        async with _driver() as playwright:
            try:
                browser = await playwright.chromium.launch(
                    executable_path=binary,
                    headless=True,
                    chromium_sandbox=settings.chromium_sandbox,
                    proxy={"server": f"http://127.0.0.1:{unused_port.getsockname()[1]}", "bypass": "<-loopback>"},
                    # Chromium runs the site's code, so its environment must not contain our keys
                    env={"PATH": os.environ.get("PATH", ""), "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8"},
                    args=[
                        "--host-resolver-rules=MAP * ~NOTFOUND",
                        "--disable-quic",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-domain-reliability",
                        "--dns-prefetch-disable",
                        "--no-pings",
                        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
                        "--js-flags=--max-old-space-size=512",
                        "--disable-dev-shm-usage",
                    ],
                    timeout=max(1.0, min(20.0, deadline - time.monotonic())) * 1_000,
                )
            except PlaywrightError as error:
                raise BrowserUnavailableError(f"Chromium ({binary}) does not start: {_first_line(error)}") from None
            pool = ThreadPoolExecutor(max_workers=settings.parallel, thread_name_prefix="chromium-fetch")
            try:
                slots = asyncio.Semaphore(3)

                async def one(url: str) -> Rendered:
                    async with slots:
                        return await _render_within_time(browser, url, fetch, pool, settings, deadline)

                return list(await asyncio.gather(*(one(url) for url in urls)))
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
                await _closed(browser)


@asynccontextmanager
async def _driver() -> AsyncIterator[Playwright]:
    try:
        playwright = await async_playwright().start()
    except Exception as error:  # Playwright raises no narrower one
        raise BrowserUnavailableError(f"Playwright's driver does not start: {error}") from error
    try:
        yield playwright
    finally:
        await playwright.stop()


async def _closed(closable: Browser | BrowserContext) -> None:
    try:
        await asyncio.wait_for(closable.close(), _CLOSE_SECONDS)
    except (PlaywrightError, TimeoutError):
        return  # the page's script never ends; the process ends together with Playwright's driver


async def _render_within_time(
    browser: Browser, url: str, fetch: Fetch, pool: ThreadPoolExecutor, settings: CrawlSettings, deadline: float
) -> Rendered:
    page_deadline = min(deadline, time.monotonic() + settings.max_browser_seconds)
    seconds = page_deadline - time.monotonic()
    if seconds <= 0.5:
        return Rendered(url, url, "", "the time limit was reached before Chromium could render it")
    try:
        async with asyncio.timeout(seconds):
            context = await browser.new_context(
                service_workers="block", accept_downloads=False, user_agent=settings.user_agent, permissions=[]
            )
            try:
                answers = _Answers(site_of(url), fetch, pool, settings, page_deadline)
                return await _render(context, url, answers, settings, page_deadline)
            finally:
                await _closed(context)
    except TimeoutError:
        return Rendered(url, url, "", f"Chromium did not finish within {seconds:.0f} s")
    except PlaywrightError as error:
        problem = _first_line(error) if browser.is_connected() else "it has crashed"
        return Rendered(url, url, "", f"Chromium could not render it: {problem}")


class _Answers:
    """Answers the requests of one page with our fetcher, within the limits for a page."""

    def __init__(
        self, site: str, fetch: Fetch, pool: ThreadPoolExecutor, settings: CrawlSettings, deadline: float
    ) -> None:
        self._site = site
        self._opened = False
        self._fetch = fetch
        self._pool = pool
        self._settings = settings
        self._deadline = deadline
        self._requests = 0
        self._bytes = 0
        self._running = 0
        self._last = time.monotonic()
        self.problem: str | None = None

    def quiet_for(self, seconds: float) -> bool:
        """Whether there was no request during the last ``seconds``."""
        return self._running == 0 and time.monotonic() - self._last >= seconds

    async def answer(self, route: Route) -> None:
        """Answer or abort one intercepted request."""
        request = route.request
        self._requests += 1
        if (
            request.resource_type not in _READ_TYPES
            or request.method != "GET"  # only read, never change anything on the site
            or self._requests > self._settings.max_browser_requests
            or self._bytes > self._settings.max_browser_bytes
        ):
            await _quietly(route.abort("blockedbyclient"))
            return
        leaves = self._opened and _of_main_frame(request)
        if leaves and site_of(request.url) != self._site:
            await _quietly(_stay(route))
            return
        self._running += 1
        try:
            headers = {name: value for name, value in request.headers.items() if name in _SENT_HEADERS}
            fetched = await asyncio.get_running_loop().run_in_executor(
                self._pool, self._fetch, request.url, headers, self._deadline
            )
            self._bytes += len(fetched.body)
            self._opened = True
            await _quietly(route.fulfill(status=fetched.status, headers=_passed_on(fetched), body=fetched.body))
        except FetchError as error:
            if not self._opened:
                self.problem = error.reason
            await _quietly(_stay(route) if leaves else route.abort("failed"))
        finally:
            self._running -= 1
            self._last = time.monotonic()


def _of_main_frame(request: Request) -> bool:
    if not request.is_navigation_request():
        return False
    try:
        return request.frame.parent_frame is None
    except PlaywrightError:
        return True  # a window that is being opened has no frame yet


def _stay(route: Route) -> Awaitable[None]:
    """Answer a navigation so that the page stays unchanged: "No Content" shows nothing new, an error page would."""
    return route.fulfill(status=204)


async def _quietly(action: Awaitable[None]) -> None:
    try:
        await action
    except PlaywrightError:
        return  # the page was closed while its request was answered


def _passed_on(fetched: Fetched) -> dict[str, str]:
    return {name: value for name, value in fetched.headers.items() if name.lower() not in _DROPPED_HEADERS}


async def _render(
    context: BrowserContext, url: str, answers: _Answers, settings: CrawlSettings, deadline: float
) -> Rendered:
    await context.route("**/*", answers.answer)
    await context.route_web_socket(re.compile(".*"), _refuse_web_socket)
    await context.add_init_script(_NO_OTHER_CONNECTIONS)
    page = await context.new_page()
    page.on("dialog", lambda dialog: asyncio.ensure_future(_quietly(dialog.dismiss())))
    context.on("page", lambda popup: asyncio.ensure_future(_quietly(popup.close())))
    try:
        # do not wait for a later event: if a script navigates away at once, later events never happen
        await page.goto(url, wait_until="commit", timeout=(deadline - time.monotonic()) * 1_000)
    except PlaywrightError as error:
        if page.is_closed():
            raise
        return Rendered(url, url, "", answers.problem or f"Chromium could not open it: {_first_line(error)}")
    await _until_settled(page, answers, settings, deadline)
    html = await page.content()
    if len(html) > settings.max_page_bytes:
        return Rendered(url, url, "", f"larger than {settings.max_page_bytes / 1e6:g} MB after its scripts ran")
    return Rendered(url, _final_address(page.url, url), html)


async def _until_settled(page: Page, answers: _Answers, settings: CrawlSettings, deadline: float) -> None:
    """Wait until the page is quiet and has text, or has been quiet for long, or its time is nearly over.

    Raises:
        PlaywrightError: the page was closed, as when Chromium crashes.
    """
    # A part is reserved for reading the document, which takes seconds while another page keeps Chromium busy.
    end = deadline - _READING_SHARE * (deadline - time.monotonic())
    while time.monotonic() < end:
        await asyncio.sleep(0.1)
        if not answers.quiet_for(_QUIET_SECONDS):
            continue
        try:
            characters = await page.evaluate("() => document.body ? document.body.innerText.length : 0")
        except PlaywrightError:
            if page.is_closed():
                raise
            continue  # the page is navigating to another page of the site
        enough = isinstance(characters, int) and characters >= settings.browser_text_characters
        if enough or answers.quiet_for(4 * _QUIET_SECONDS):
            return


def _final_address(shown: str, asked: str) -> str:
    try:
        final = normalise(shown)
    except UrlRefusedError:
        return asked
    return final if site_of(final) == site_of(asked) else asked


async def _refuse_web_socket(route: WebSocketRoute) -> None:
    await _quietly(route.close(code=1008, reason="not available"))


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(error).__name__
