"""Real Chromium renders pages that are empty without JavaScript, and reaches nothing that our fetcher would not."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from provisioning_assets.research.website.browser import BrowserUnavailableError, Rendered, find_chromium, render_pages
from provisioning_assets.research.website.fetching import Fetched, Fetcher
from provisioning_assets.research.website.models import FailureKind, FetchedBy
from provisioning_assets.research.website.reading import read_website
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets_tests.faults.running_ui import family_of
from provisioning_assets_tests.research.website.website_server import (
    WORDS,
    Exchange,
    Website,
    missing_chromium,
    page,
    quick_settings,
    served,
)

_MISSING = missing_chromium()
needs_chromium = pytest.mark.skipif(
    # where the suite decides about a change, a browser that is missing is a failure and not an excuse
    _MISSING is not None and not os.environ.get("CI"),
    reason=_MISSING or "",
)


@pytest.fixture
def site() -> Iterator[Website]:
    with served(host="0.0.0.0") as running:
        yield running


def shell(script: str) -> str:
    head, root = "<!doctype html><html><head><title>App</title></head>", '<div id="root"></div>'
    return f"{head}<body>{root}<script>{script}</script></body></html>"


SHOW = 'const show = text => { document.getElementById("root").innerHTML += "<p>" + text + "</p>"; };'


def render(site: Website, *paths: str, seconds: float = 15.0, **changed: int | float) -> list[Rendered]:
    settings = quick_settings(max_browser_pages=5, **changed)
    with Fetcher(settings) as fetcher:

        def fetch(url: str, headers: dict[str, str], deadline: float) -> Fetched:
            return fetcher.fetch(url, deadline=deadline, headers=headers, attempts=1)

        urls = [site.url + path for path in paths or ("",)]
        return render_pages(urls, fetch, settings, deadline=time.monotonic() + seconds)


@needs_chromium
def test_a_page_that_only_javascript_fills_is_read(site: Website) -> None:
    data = json.dumps({"name": "Acme Outdoor", "text": WORDS})
    site.routes = {
        "/": shell(
            SHOW + "fetch('/api/shop.json').then(r => r.json()).then(shop => { document.title = shop.name;"
            "show(shop.text + '<a href=\"/tents\">Tents</a>'); });"
        ),
        "/api/shop.json": lambda exchange: (time.sleep(0.2), exchange.send(data, kind="application/json"))[1],
        "/tents": page("Tents", "Tents for two. " + WORDS),
    }
    website = read_website(
        site.url, saved_pages=None, notes="", settings=quick_settings(max_browser_pages=3, max_page_seconds=10)
    )
    assert [(found.title, found.fetched_by) for found in website.pages] == [
        ("Acme Outdoor", FetchedBy.BROWSER),
        ("Tents", FetchedBy.HTTP),
    ]
    assert "Bristol since 1974" in website.pages[0].text
    assert website.failures == []


HOSTILE = (
    SHOW
    + """
const said = [];
const record = (name, outcome) => { said.push(name + "=" + outcome); document.title = said.sort().join(" "); };
const base = "http://127.0.0.9:PORT", local = "http://localhost:PORT";
for (const [name, address] of [["other", base + "/secret"], ["local", local + "/secret"], ["meta", "http://169.254.169.254/"],
    ["hop", "/hop"], ["file", "file:///etc/hostname"]]) {
  fetch(address, {mode: "no-cors"}).then(() => record(name, "REACHED"), () => record(name, "refused"));
}
fetch("/api", {method: "POST", body: "x"}).then(() => record("post", "REACHED"), () => record("post", "refused"));
const socket = (name, address) => {
  const ws = new WebSocket(address); let open = false;
  ws.onopen = () => { open = true; };
  ws.onmessage = () => record(name, "REACHED");
  ws.onclose = () => record(name, "refused");
};
socket("ws", "ws://127.0.0.9:PORT/ws"); socket("own-ws", "ws://127.0.0.1:PORT/ws");
navigator.sendBeacon(base + "/beacon", "x");
new Image().src = base + "/pixel.png";
const frame = document.createElement("iframe"); frame.src = base + "/frame"; document.body.append(frame);
for (const rel of ["preload", "prefetch", "preconnect", "dns-prefetch", "stylesheet", "modulepreload", "prerender"]) {
  const link = document.createElement("link"); link.rel = rel; link.as = "script"; link.href = base + "/" + rel;
  document.head.append(link);
}
try { new Worker(URL.createObjectURL(new Blob([`fetch("${base}/worker", {mode: "no-cors"})`]))); } catch {}
try {
  navigator.serviceWorker.register("/sw.js").then(() => record("sw", "REACHED"), () => record("sw", "refused"));
} catch {}
try { window.open(base + "/popup"); } catch {}
const download = document.createElement("a");
download.href = base + "/download"; download.download = "x"; download.click();
setTimeout(() => { location.href = base + "/secret"; }, 100);
record("rtc", typeof RTCPeerConnection); record("transport", typeof WebTransport);
show("text ".repeat(100));
"""
)


@needs_chromium
def test_a_hostile_page_reaches_nothing_private(site: Website) -> None:
    with served(host="0.0.0.0") as private:
        private.routes = dict.fromkeys(("/secret", "/frame", "/ws", "/prefetch", "/worker"), "secret")
        site.routes = {
            "/": shell(HOSTILE.replace("PORT", str(private.port))),
            "/hop": lambda exchange: exchange.redirect(f"http://127.0.0.9:{private.port}/secret"),
            "/sw.js": lambda exchange: exchange.send("self.x = 1", kind="text/javascript"),
        }
        rendered = render(site)[0]
        assert private.requests == []
    assert rendered.problem is None
    title = rendered.html.split("<title>")[1].split("</title>")[0]
    outcomes = dict(outcome.split("=") for outcome in title.split())
    assert outcomes | {"sw": "", "ws": "refused", "own-ws": "refused"} == {
        **dict.fromkeys(("other", "local", "meta", "hop", "file", "post", "ws", "own-ws"), "refused"),
        "sw": "",
        "rtc": "undefined",
        "transport": "undefined",
    }
    assert "REACHED" not in (outcomes.get("ws"), outcomes.get("own-ws"))
    # registering a service worker seems to succeed, but it is never fetched
    assert not {"/api", "/sw.js", "/ws"} & set(site.requests)


@needs_chromium
def test_a_page_that_never_ends_is_given_up_in_time_and_the_others_are_read(site: Website) -> None:
    site.routes = {
        "/busy": shell("while (true) {}"),
        "/talkative": shell(SHOW + "show('talk '.repeat(60)); setInterval(() => fetch('/more?' + Math.random()), 20);"),
        "/dialog": shell(SHOW + "alert('x'); confirm('y'); show('after the dialog '.repeat(30));"),
        "/quiet": shell(SHOW + "show('quiet '.repeat(60));"),
    }
    begun = time.monotonic()
    busy, talkative, dialog, quiet = render(
        site, "busy", "talkative", "dialog", "quiet", max_browser_seconds=15.0, max_browser_requests=30
    )
    assert time.monotonic() - begun < 40
    assert busy.html == ""
    assert busy.problem
    assert "talk talk" in talkative.html
    assert "after the dialog" in dialog.html
    assert "quiet quiet" in quiet.html
    assert len([path for path in site.requests if path.startswith("/more")]) <= 30


def kill_chromium(name: str) -> None:
    """Kill the Chromium of this process, as the kernel does when memory is short: the parent of its other processes."""
    for process in family_of(os.getpid()):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
            if name.encode() in words[0] and not any(word.startswith(b"--type=") for word in words):
                os.kill(process, signal.SIGKILL)


@needs_chromium
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_chromium_that_crashes_half_way_is_told_at_once_and_the_pages_are_read_without_it(site: Website) -> None:
    def crash(exchange: Exchange) -> None:
        kill_chromium(Path(find_chromium(quick_settings())).name)
        exchange.send("1", kind="text/plain")

    links = "".join(f'<a href="/{number}">Page {number}</a>' for number in range(4))
    site.routes = {
        f"/{number}": shell("fetch('/crash')").replace("<div", f"<p>{number} tents</p><div") for number in range(4)
    }
    site.routes |= {"/": page("Acme", links + WORDS), "/crash": crash}
    begun = time.monotonic()
    website = read_website(
        site.url, saved_pages=None, notes="", settings=quick_settings(max_browser_pages=4, max_browser_seconds=30.0)
    )
    assert time.monotonic() - begun < 20, "nothing waits for a browser that is gone"
    assert site.asked("/crash")
    assert [found.fetched_by for found in website.pages] == [FetchedBy.HTTP] * 5
    problems = [failure for failure in website.failures if failure.kind is FailureKind.CONTENT]
    assert len(problems) == 4
    assert all("Chromium could not render it: it has crashed" in failure.reason for failure in problems)


@needs_chromium
def test_what_a_page_may_load_is_bounded(site: Website) -> None:
    def big(exchange: Exchange) -> None:
        exchange.send(b"x" * 400_000, kind="text/plain")

    site.routes = {f"/big{number}": big for number in range(6)}
    site.routes["/"] = shell(
        SHOW
        + "(async () => { let n = 0; for (let i = 0; i < 6; i++) { try { await fetch('/big' + i); n++; } catch {} }"
        "show('loaded ' + n + ' '.repeat(5) + 'words '.repeat(60)); })();"
    )
    site.routes["/huge"] = shell("document.body.innerHTML = 'x'.repeat(3000000);")

    async def inside_an_event_loop() -> list[Rendered]:
        return render(site, "", "huge", max_browser_bytes=1_000_000, max_page_bytes=2_000_000)

    # In a thread of its own: another test's browser may keep a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        bounded, huge = thread.submit(asyncio.run, inside_an_event_loop()).result()
    assert "loaded 3" in bounded.html
    assert huge.html == ""
    assert "larger than 2 MB" in (huge.problem or "")


@needs_chromium
def test_a_page_that_cannot_be_opened_says_why_and_no_page_stands_for_another(site: Website) -> None:
    with served() as other:
        other.routes = {"/": page("Elsewhere")}
        site.routes = {
            "/loop": lambda exchange: exchange.redirect("/loop"),
            "/moves": shell(SHOW + "show('moves '.repeat(60)); location.href = '/moved/';"),
            "/moved/": shell(SHOW + "show('moved '.repeat(60));"),
            "/leaves": shell(SHOW + f"show('stays '.repeat(60)); location.href = '{other.url}';"),
        }
        loop, moves, leaves = render(site, "loop", "moves", "leaves")
        assert other.requests == []
    assert "in a loop" in (loop.problem or "")
    assert moves.final_url == f"{site.url}moved/"
    assert "moved moved" in moves.html
    assert leaves.final_url == f"{site.url}leaves"
    assert "stays stays" in leaves.html


@needs_chromium
def test_there_is_no_rendering_when_time_is_over(site: Website) -> None:
    late = render(site, "", "x", seconds=20.0, max_browser_seconds=0.4)
    assert all("time limit was reached" in (page.problem or "") for page in late)


@needs_chromium
def test_a_driver_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch, site: Website) -> None:
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", "/bin/false")
    with pytest.raises(BrowserUnavailableError, match="driver does not start"):
        render(site, "")


def test_a_missing_chromium_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Website) -> None:
    with pytest.raises(BrowserUnavailableError, match="PROVISIONING_CHROMIUM"):
        find_chromium(CrawlSettings(chromium=str(tmp_path / "nowhere")))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("provisioning_assets.research.website.browser._KNOWN_PATHS", ())
    with pytest.raises(BrowserUnavailableError, match="playwright install chromium"):
        find_chromium(CrawlSettings())
    own = tmp_path / "chromium-1234" / "chrome-linux" / "chrome"
    own.parent.mkdir(parents=True)
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    assert find_chromium(CrawlSettings()) == str(own)


def test_a_binary_that_is_not_a_browser_is_reported_and_the_page_is_kept(tmp_path: Path, site: Website) -> None:
    fake = tmp_path / "chromium"
    fake.write_text("#!/bin/sh\nexit 3\n")
    fake.chmod(0o755)
    site.routes = {"/": shell("1").replace("<div", f"<p>{WORDS[:100]}</p><div")}
    settings = quick_settings(max_browser_pages=2, chromium=str(fake))
    website = read_website(site.url, saved_pages=None, notes="", settings=settings)
    assert [found.fetched_by for found in website.pages] == [FetchedBy.HTTP]
    assert website.failures[0].kind == FailureKind.CONTENT
    assert "does not start" in website.failures[0].reason
