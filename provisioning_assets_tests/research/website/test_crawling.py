"""A whole site is read over real HTTP: which pages are read, which are not, and when it stops."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from provisioning_assets.research.website.browser import BrowserUnavailableError, Rendered
from provisioning_assets.research.website.crawling import Crawl, Crawler
from provisioning_assets.research.website.fetching import Fetcher
from provisioning_assets.research.website.models import FailureKind, FetchedBy
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets_tests.research.website.website_server import (
    WORDS,
    Exchange,
    Website,
    gzip_bomb,
    page,
    quick_settings,
    served,
)


@pytest.fixture
def site() -> Iterator[Website]:
    with served() as running:
        yield running


@contextmanager
def crawler(site: Website, settings: CrawlSettings, path: str = "", **more: Any) -> Iterator[Crawler]:
    with Fetcher(settings) as fetcher:
        yield Crawler(site.url + path, fetcher, settings, deadline=time.monotonic() + settings.max_seconds, **more)


def crawl(site: Website, path: str = "", *, render: Any = None, **changed: Any) -> Crawl:
    more = {} if render is None else {"render": render}
    with crawler(site, quick_settings(**changed), path, **more) as ready:
        return ready.run()


def paths(site: Website, result: Crawl) -> list[str]:
    return [read.page.url.removeprefix(site.url) for read in result.pages]


def kinds(result: Crawl) -> dict[str, FailureKind]:
    return {failure.url.split("/", 3)[3]: failure.kind for failure in result.failures}


def text(number: int) -> str:
    return f"Page number {number}. {WORDS}"


def test_links_and_sitemap_are_read_and_other_sites_are_not(site: Website) -> None:
    site.routes = {
        "/": page("Acme", links=("/about", "/tents?utm_source=nav", "https://other.com/x", "/brochure.pdf", "/logout")),
        "/about": page("About", text(1), links=("/team",)),
        "/tents": page("Tents", text(2), links=("/", "/about/")),
        "/team": page("Team", text(3)),
        "/robots.txt": lambda exchange: exchange.send(f"Sitemap: {site.url}maps/index.xml", kind="text/plain"),
        "/maps/index.xml": "<sitemapindex><sitemap><loc>pages.xml</loc></sitemap></sitemapindex>",
        "/maps/pages.xml": "<urlset><url><loc>/hidden-offer</loc></url><url><loc>https://evil.com/</loc></url></urlset>",
        "/hidden-offer": page("Offer", text(4)),
    }
    result = crawl(site)
    assert sorted(paths(site, result)) == ["", "about", "hidden-offer", "team", "tents"]
    assert paths(site, result)[0] == ""
    assert {read.page.fetched_by for read in result.pages} == {FetchedBy.HTTP}
    assert result.failures == []
    assert not {"/logout", "/brochure.pdf"} & set(site.requests)
    assert max(site.asked(path) for path in set(site.requests)) == 1


def test_robots_txt_is_obeyed_and_its_refusals_are_reported(site: Website) -> None:
    site.routes = {
        "/": page("Acme", links=("/about", "/private/plans", "/private/open", "/moved")),
        "/about": page("About", text(1)),
        "/private/plans": page("Plans", text(2)),
        "/private/open": page("Open", text(3)),
        "/moved": lambda exchange: exchange.redirect("/private/plans"),
        "/robots.txt": lambda exchange: exchange.send(
            "User-agent: *\nDisallow: /\n\nUser-agent: ProvisioningAssets\nDisallow: /private\nAllow: /private/open\n"
        ),
    }
    result = crawl(site)
    assert sorted(paths(site, result)) == ["", "about", "private/open"]
    assert kinds(result) == {"private/plans": FailureKind.ROBOTS}
    assert site.asked("/moved") == 1
    assert site.asked("/private/plans") == 0, "a redirect is no way around robots.txt"


def test_many_refusals_are_counted_and_not_listed(site: Website) -> None:
    site.routes = {
        "/": page("Acme", links=tuple(f"/no/{number}" for number in range(40))),
        "/robots.txt": lambda exchange: exchange.send("User-agent: *\nDisallow: /no", kind="text/plain"),
    }
    result = crawl(site)
    assert len(result.failures) == 11
    assert "30 more pages" in result.failures[-1].reason


@pytest.mark.parametrize(
    ("answer", "pages"),
    [
        (lambda e: e.send("", status=404), 1),
        (lambda e: e.send("", status=403), 1),
        (lambda e: e.send("<html>not robots</html>"), 1),
        (lambda e: e.redirect("/real-robots.txt"), 0),
        (lambda e: e.send("", status=503), 0),
        (lambda e: e.send("User-agent: *\nDisallow: /"), 0),
        (lambda e: e.send(gzip_bomb(30), Content_Encoding="gzip"), 0),
    ],
)
def test_what_a_robots_txt_means(site: Website, answer: Any, pages: int) -> None:
    site.routes = {
        "/": page("Acme"), "/robots.txt": answer, "/real-robots.txt": "User-agent: *\nDisallow: /",
    }  # fmt: skip
    result = crawl(site)
    assert len(result.pages) == pages
    if not pages:
        assert [failure.kind for failure in result.failures] == [FailureKind.ROBOTS]
        assert site.asked("/") == 0


def test_crawl_delay_spaces_the_requests(site: Website) -> None:
    site.routes = {
        "/": page("Acme", links=("/a", "/b")),
        "/a": page("A", text(1)),
        "/b": page("B", text(2)),
        "/robots.txt": lambda exchange: exchange.send("User-agent: *\nCrawl-delay: 0.2\nRequest-rate: 2/1"),
    }
    crawl(site, max_seconds=20)
    times = [moment for path, moment in zip(site.requests, site.times, strict=True) if path in {"/", "/a", "/b"}]
    assert len(times) == 3
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 0.45


def test_a_long_crawl_delay_ends_with_the_time_and_says_so(site: Website) -> None:
    site.routes = {
        "/": page("Acme", links=("/a", "/b")),
        "/a": page("A", text(1)),
        "/robots.txt": lambda exchange: exchange.send("User-agent: *\nCrawl-delay: 300"),
    }
    begun = time.monotonic()
    result = crawl(site, max_seconds=1.2)
    assert time.monotonic() - begun < 10
    assert paths(site, result) == [""]
    assert result.failures[-1].kind == FailureKind.NOTICE
    assert "300 s between requests" in result.failures[-1].reason
    assert "2 addresses were not read" in result.failures[-1].reason


def test_at_most_the_allowed_pages_are_read_and_the_most_informative_first(site: Website) -> None:
    site.routes = {"/": page("Acme", links=(*(f"/p{n}/x" for n in range(60)), "/about", "/pricing"))}
    for number in range(60):
        site.routes[f"/p{number}/x"] = page(f"P{number}", text(number))
    site.routes |= {"/about": page("About", text(100)), "/pricing": page("Pricing", text(101))}
    result = crawl(site, max_pages=30)
    assert len(result.pages) == 30
    assert paths(site, result)[:3] == ["", "about", "pricing"]


def test_the_same_site_gives_the_same_pages_however_fast_it_answers(site: Website) -> None:
    def slow(number: int, pause: float) -> Any:
        def answer(exchange: Exchange) -> None:
            time.sleep(pause)
            exchange.send(page(f"P{number}", text(number), links=(f"/deep{number}",)))

        return answer

    chosen = []
    for order in (1, -1):
        site.routes = {"/": page("Acme", links=tuple(f"/p{n}" for n in range(10)))}
        for number in range(10):
            site.routes[f"/p{number}"] = slow(number, (number if order > 0 else 10 - number) / 200)
            site.routes[f"/deep{number}"] = page(f"D{number}", text(number + 50))
        chosen.append(paths(site, crawl(site, max_pages=15)))
    assert chosen[0] == chosen[1]


def test_a_site_of_broken_links_is_not_asked_for_ever(site: Website) -> None:
    site.routes = {"/": page("Acme", links=tuple(f"/gone{n}" for n in range(300)))}
    result = crawl(site, max_pages=4)
    assert len(result.failures) <= 12
    assert {failure.kind for failure in result.failures} == {FailureKind.STATUS}


def test_faults_of_single_pages_are_kept_as_failures(site: Website) -> None:
    with served(host="0.0.0.0") as private:
        private.routes = {"/secret": "secret"}
        site.routes = {
            "/": page(
                "Acme", links=("/bomb", "/loop", "/inside", "/down", "/captcha", "/shut", "/empty", "/ok", "/image")
            ),
            "/bomb": lambda e: e.send(gzip_bomb(30), Content_Encoding="gzip"),
            "/loop": lambda e: e.redirect("/loop"),
            "/inside": lambda e: e.redirect(f"http://127.0.0.9:{private.port}/secret"),
            "/down": lambda e: e.send("", status=502),
            "/captcha": page("Just a moment...", "Checking your browser"),
            "/shut": lambda e: e.send("no", status=403),
            "/empty": "   ",
            "/image": lambda e: e.send(b"\x89PNG", kind="image/png"),
            "/ok": page("Fine", text(1)),
        }
        result = crawl(site)
        assert private.requests == []
    assert sorted(paths(site, result)) == ["", "ok"]
    assert kinds(result) == {
        "bomb": FailureKind.LIMIT,
        "loop": FailureKind.NETWORK,
        "secret": FailureKind.REFUSED,
        "down": FailureKind.STATUS,
        "captcha": FailureKind.BLOCKED,
        "shut": FailureKind.BLOCKED,
        "empty": FailureKind.CONTENT,
    }


def test_a_site_that_changes_between_two_pages_gives_what_it_has_then_and_names_what_is_gone(site: Website) -> None:
    def old_home(exchange: Exchange) -> None:
        exchange.send(page("Acme", text(1), links=("/about", "/tents", "/boats", "/team")))
        site.routes = {  # a new version of the site goes live after its first page was read
            "/": page("Acme, new", text(2), links=("/shop/tents",)),
            "/tents": lambda asked: asked.redirect("/shop/tents"),
            "/boats": lambda asked: asked.send("<title>Down for maintenance</title>", status=503),
            "/shop/tents": page("Tents, new", text(3)),
            "/team": "",
        }

    site.routes = {"/": old_home, "/about": page("About", text(4)), "/team": page("Team", text(5))}
    result = crawl(site)
    assert {read.page.title for read in result.pages} == {"Acme", "Tents, new"}
    assert paths(site, result)[0] == ""
    assert site.asked("/") == 1, "no page is read twice"
    assert {path: kind for path, kind in kinds(result).items() if path in ("about", "boats", "team")} == {
        "about": FailureKind.STATUS, "boats": FailureKind.STATUS, "team": FailureKind.CONTENT,
    }  # fmt: skip


def test_a_slow_site_ends_in_time_with_what_it_gave(site: Website) -> None:
    site.routes = {"/": page("Acme", links=("/slow", "/fast")), "/fast": page("Fast", text(1))}
    site.routes["/slow"] = lambda _exchange: time.sleep(8)
    begun = time.monotonic()
    result = crawl(site, max_seconds=1.5)
    assert time.monotonic() - begun < 6
    assert sorted(paths(site, result)) == ["", "fast"]
    assert FailureKind.LIMIT in {failure.kind for failure in result.failures}


def test_no_more_than_eight_at_a_time(site: Website) -> None:
    running, most = [0], [0]

    def answer(exchange: Exchange) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.03)
        running[0] -= 1
        exchange.send(page(exchange.path, text(int(exchange.path[2:]))))

    site.routes = {"/": page("Acme", links=tuple(f"/p{n}" for n in range(29)))}
    for number in range(29):
        site.routes[f"/p{number}"] = answer
    assert len(crawl(site).pages) == 30
    assert 2 <= most[0] <= 8


def test_the_same_content_twice_is_one_page(site: Website) -> None:
    site.routes = {
        "/": page("Acme", links=("/a", "/b", "/c", "/d")),
        "/a": page("Same", text(1)),
        "/b": page("Same", text(1)),
        "/c": lambda exchange: exchange.redirect("/a"),
        "/d": lambda exchange: exchange.redirect("/d/"),
        "/d/": page("D", text(2)),
    }
    assert sorted(paths(site, crawl(site))) == ["", "a", "d/"]


def test_a_page_that_asks_for_it_has_its_links_left_alone(site: Website) -> None:
    site.routes = {
        "/": page("Acme", links=("/a",), head='<meta name="robots" content="nofollow">'),
        "/a": page("A", text(1)),
    }
    assert paths(site, crawl(site)) == [""]


def test_the_start_page_may_send_to_another_host_of_the_company(site: Website) -> None:
    with served() as other:
        other.routes = {"/uk": page("Acme UK", links=("/about",)), "/about": page("About", text(1))}
        site.routes = {"/": lambda exchange: exchange.redirect(f"{other.url}uk")}
        assert paths(other, crawl(site)) == ["uk", "about"]


def test_a_link_that_sends_to_another_site_is_not_a_page_of_this_one(site: Website) -> None:
    with served() as other:
        other.routes = {"/": page("Elsewhere")}
        site.routes = {"/": page("Acme", links=("/out",)), "/out": lambda exchange: exchange.redirect(other.url)}
        assert paths(site, crawl(site)) == [""]


def forwarding(address: str, delay: str = "0") -> str:
    return (
        f'<html><head><meta http-equiv="Refresh" content="{delay}; URL={address}"></head><body>One moment</body></html>'
    )


def test_a_start_page_that_forwards_by_markup_is_followed(site: Website) -> None:
    site.routes = {
        "/": forwarding("uk/"),
        "/uk/": forwarding("'/uk/home.html'", "3"),
        "/uk/home.html": page("Acme", links=("/uk/about",)),
        "/uk/about": page("About", text(1)),
    }
    assert paths(site, crawl(site)) == ["uk/home.html", "uk/about"]


def test_a_page_that_forwards_in_a_loop_is_a_failure(site: Website) -> None:
    site.routes = {"/": page("Acme", links=("/a",)), "/a": forwarding("/b"), "/b": forwarding("/a")}
    result = crawl(site)
    assert paths(site, result) == [""]
    assert kinds(result) == {"b": FailureKind.CONTENT}


def test_a_page_that_forwards_is_checked_like_a_redirect(site: Website) -> None:
    with served() as other:
        other.routes = {"/": page("Elsewhere")}
        site.routes = {
            "/robots.txt": "User-agent: *\nDisallow: /secret",
            "/": page("Acme", links=("/out", "/hidden", "/private")),
            "/out": forwarding(other.url),
            "/hidden": forwarding("/secret"),
            "/private": forwarding("http://169.254.169.254/latest"),
            "/secret": page("Secret", text(1)),
        }
        result = crawl(site)
    assert paths(site, result) == [""]
    assert kinds(result) == {"secret": FailureKind.ROBOTS, "latest": FailureKind.REFUSED}
    assert site.asked("/secret") == 0


SHELL = '<html><head><title>App</title></head><body><div id="root"></div><script src="/app.js"></script></body></html>'


def test_empty_pages_are_rendered_and_their_links_are_followed(site: Website) -> None:
    site.routes = {"/": SHELL, "/about": page("About", text(1))}
    rendered_urls: list[str] = []

    def render(urls: list[str], *_: Any, **__: Any) -> list[Rendered]:
        rendered_urls.extend(urls)
        return [Rendered(url, url, page("Acme", WORDS, links=("/about",))) for url in urls]

    result = crawl(site, render=render, max_browser_pages=5)
    assert rendered_urls == [site.url]
    assert [(read.page.title, read.page.fetched_by) for read in result.pages] == [
        ("Acme", FetchedBy.BROWSER),
        ("About", FetchedBy.HTTP),
    ]


def test_without_a_browser_the_page_stays_and_the_notice_is_clear(site: Website) -> None:
    site.routes = {
        "/": SHELL.replace("<div", '<a href="/a">a</a><a href="/b">b</a><div'),
        "/a": SHELL,
        "/b": SHELL + " ",
    }
    calls: list[int] = []

    def render(urls: list[str], *_: Any, **__: Any) -> list[Rendered]:
        calls.append(len(urls))
        raise BrowserUnavailableError("no Chromium was found: install it")

    result = crawl(site, render=render, max_browser_pages=5)
    assert calls == [1], "a browser that is missing is not looked for again"
    assert [read.page.fetched_by for read in result.pages][:1] == [FetchedBy.HTTP]
    assert "no Chromium was found" in result.failures[0].reason


def test_only_so_many_pages_are_rendered_and_a_failed_one_keeps_its_http_version(site: Website) -> None:
    site.routes = {"/": page("Acme", links=("/a", "/b", "/c"))}
    for name in "abc":
        site.routes[f"/{name}"] = SHELL.replace("App", name)

    def render(urls: list[str], *_: Any, **__: Any) -> list[Rendered]:
        assert len(urls) == 2
        return [Rendered(urls[0], urls[0], "", "it crashed"), Rendered(urls[1], urls[1], page("Just a moment...", "x"))]

    result = crawl(site, render=render, max_browser_pages=2)
    reasons = {failure.url[-1]: failure.reason for failure in result.failures}
    assert "it crashed" in reasons["a"]
    assert "captcha" in reasons["b"]
    assert "at most 2 pages are rendered" in reasons["c"]
    assert sorted(paths(site, result)) == ["", "a", "c"]


def test_stylesheets_and_pictures_are_loaded_by_the_same_rules(site: Website) -> None:
    site.routes = {
        "/": page("Acme"),
        "/style.css": lambda exchange: exchange.send("a{}", kind="text/css; charset=utf-8"),
        "/private/logo.png": "png",
        "/robots.txt": lambda exchange: exchange.send("User-agent: *\nDisallow: /private"),
    }
    with crawler(site, quick_settings()) as ready:
        ready.run()
        soon = time.monotonic() + 20
        found = ready.load(f"{site.url}style.css", 1_000, deadline=soon)
        assert found is not None
        assert (found.content_type, found.body) == ("text/css", b"a{}")
        assert ready.load(f"{site.url}private/logo.png", 1_000, deadline=soon) is None
        assert ready.load(f"{site.url}gone.css", 1_000, deadline=soon) is None
        assert ready.load("http://10.0.0.1/x.css", 1_000, deadline=soon) is None
    assert site.asked("/private/logo.png") == 0
