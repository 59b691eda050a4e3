"""A customer's website is read by the first strategy that works, or the error says why none does."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.research.website.addresses import NameUnknownError
from provisioning_assets.research.website.fetching import CheckedNetwork, Fetcher
from provisioning_assets.research.website.models import CustomerWebsite, FailureKind, FetchedBy
from provisioning_assets.research.website.pictures import logo_png
from provisioning_assets.research.website.reading import read_website, spellings
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets_tests.research.website.test_fetching import RecordingConnections
from provisioning_assets_tests.research.website.website_server import WORDS, Exchange, page, quick_settings, served

NOTES = (
    "Acme Outdoor sells and hires tents, boots and rucksacks to families and schools in the west of England, "
    "and repairs them in its own workshops."
)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LOGO = logo_png(
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="5" height="5" fill="red"/></svg>'
)


def read(url: str, **more: Any) -> CustomerWebsite:
    given: dict[str, Any] = {"saved_pages": None, "notes": "", "settings": quick_settings(), "now": lambda: NOW}
    return read_website(url, **{**given, **more})


def test_a_site_is_read_with_its_brand() -> None:
    head = (
        '<meta property="og:site_name" content="Acme Outdoor"><link rel="stylesheet" href="/site.css">'
        '<link rel="apple-touch-icon" href="/logo.png">'
    )
    lines: list[str] = []
    with served() as site:
        site.routes = {
            "/": page("Acme", head=head, links=("/about",)),
            "/about": page("About", "Since 1974. " + WORDS),
            "/site.css": lambda exchange: exchange.send("header{background:#0a7a3b}", kind="text/css"),
            "/logo.png": lambda exchange: exchange.send(LOGO, kind="image/png"),
        }
        website = read(site.url, progress=lines.append)
        assert read(site.url) == website, "the same site gives the same artefact"
    assert [found.title for found in website.pages] == ["Acme", "About"]
    assert website.brand.site_name == "Acme Outdoor"
    assert website.brand.colours == ["#0a7a3b"]
    assert website.brand.logo_url == f"{site.url}logo.png"
    assert website.fetched_at == NOW
    assert len(lines) == 2
    assert CustomerWebsite.model_validate_json(website.model_dump_json()) == website


def test_saved_pages_are_read_without_any_network(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        page("Acme", head='<link rel="stylesheet" href="site.css"><link rel="icon" href="/logo.png">')
    )
    (tmp_path / "site.css").write_text("a{color:#0a7a3b}")
    (tmp_path / "logo.png").write_bytes(LOGO)

    def no_network(host: str, _seconds: float) -> list[str]:
        raise AssertionError(host)

    fetcher = Fetcher(quick_settings(), network=CheckedNetwork((), resolve=no_network))
    website = read("acme.com", saved_pages=tmp_path, fetcher=fetcher)
    assert [(found.url, found.fetched_by) for found in website.pages] == [
        ("https://acme.com/index.html", FetchedBy.SAVED)
    ]
    assert website.brand.colours == ["#0a7a3b"]
    assert website.brand.logo_url == "https://acme.com/logo.png"
    assert website.failures == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda e: e.send("no", status=403), "refuses automated requests"),
        (lambda e: e.send("", status=429, Retry_After="60"), "too many requests"),
        (lambda e: e.send("", status=503), "HTTP 503"),
        (lambda e: e.send(page("Just a moment...", "Checking your browser")), "shows a captcha"),
        (lambda e: e.send(page("acme", "This domain is for sale!")), "placeholder"),
        (lambda e: e.redirect("http://10.0.0.1/"), "not a public address"),
        (lambda e: e.redirect("/"), "in a loop"),
        (lambda e: e.send(b"%PDF", kind="application/pdf"), "application/pdf"),
        (lambda e: e.send("<html><title>x</title><body></body></html>"), "no text"),
    ],
)
def test_the_error_for_a_site_that_cannot_be_read_says_why_and_what_to_do(answer: Any, said: str) -> None:
    with served({"/": answer}) as site:
        with pytest.raises(ProvisioningError) as stopped:
            read(site.url)
        assert site.url in stopped.value.problem
        assert said in stopped.value.problem
        assert "--saved-pages" in stopped.value.remedy
        assert "--notes" in stopped.value.remedy
        website = read(site.url, notes=NOTES)
    assert website.notes == NOTES
    assert website.failures[-1].kind == FailureKind.NOTICE
    assert "comes from the notes" in website.failures[-1].reason
    assert sum(len(found.text) for found in website.pages) < 50


def test_notes_that_are_too_short_are_refused() -> None:
    with pytest.raises(ProvisioningError, match="The notes have only 9 characters"):
        read("http://no-such-name.invalid/", notes="they sell ")


def test_private_addresses_are_refused_without_the_exception() -> None:
    with served({"/": page("Acme")}) as site:
        with pytest.raises(ProvisioningError, match="PROVISIONING_ALLOW_PRIVATE_HOSTS"):
            read(site.url, settings=quick_settings(allow_private_hosts=()))
        assert site.requests == []


def test_every_spelling_that_a_visitor_would_try_is_tried() -> None:
    assert spellings("https://acme.com/uk") == [
        "https://acme.com/uk", "https://www.acme.com/uk", "http://acme.com/uk", "http://www.acme.com/uk",
    ]  # fmt: skip
    assert spellings("https://www.acme.com/")[1] == "https://acme.com/"
    assert spellings("https://shop.acme.com/") == ["https://shop.acme.com/", "http://shop.acme.com/"]
    assert spellings("http://acme.com/")[2] == "https://acme.com/"
    assert spellings("http://127.0.0.1:8000/") == ["http://127.0.0.1:8000/"]


def test_a_site_that_answers_under_www_only_is_read_and_the_notice_says_so() -> None:
    def only_www(host: str, _seconds: float) -> list[str]:
        if host != "www.acme.com":
            raise NameUnknownError(f"the name {host} does not resolve")
        return ["93.184.216.34"]

    with served({"/": page("Acme")}) as site:
        network = CheckedNetwork((), resolve=only_www, connect=RecordingConnections(site.port))
        website = read("http://acme.com/", fetcher=Fetcher(quick_settings(), network=network))
    assert [found.url for found in website.pages] == ["http://www.acme.com/"]
    assert [failure.kind for failure in website.failures] == [FailureKind.NOTICE]
    assert "http://www.acme.com/ was read instead" in website.failures[0].reason


def test_when_no_spelling_answers_each_is_named() -> None:
    def unknown(host: str, _seconds: float) -> list[str]:
        raise NameUnknownError(f"the name {host} does not resolve")

    with pytest.raises(ProvisioningError) as stopped:
        read("acme.com", fetcher=Fetcher(quick_settings(), network=CheckedNetwork((), resolve=unknown)))
    for spelling in spellings("https://acme.com/"):
        assert spelling in stopped.value.problem


def test_a_site_that_refuses_is_not_tried_under_other_spellings() -> None:
    asked: list[str] = []

    def shut(exchange: Exchange) -> None:
        asked.append(exchange.handler.headers["Host"])
        exchange.send("no", status=403)

    with served({"/": shut}) as site:
        network = CheckedNetwork(
            (), resolve=lambda _host, _seconds: ["93.184.216.34"], connect=RecordingConnections(site.port)
        )
        with pytest.raises(ProvisioningError):
            read("http://acme.com/", fetcher=Fetcher(quick_settings(), network=network))
    assert asked == ["acme.com"]


def test_settings_come_from_the_environment_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PROVISIONING_")]:
        monkeypatch.delenv(name)
    assert CrawlSettings().allow_private_hosts == ()
    limits = CrawlSettings()
    assert (limits.max_pages, limits.max_page_bytes, limits.max_seconds, limits.parallel) == (30, 5_000_000, 60.0, 8)
    monkeypatch.setenv("PROVISIONING_ALLOW_PRIVATE_HOSTS", " 127.0.0.1, Intranet.Example., [::1],,")
    monkeypatch.setenv("PROVISIONING_CHROMIUM", "/opt/chromium")
    monkeypatch.setenv("PROVISIONING_CRAWL_MAX_PAGES", "5")
    given = CrawlSettings(max_seconds=9.0)
    assert given.allow_private_hosts == ("127.0.0.1", "::1", "intranet.example")
    assert (given.chromium, given.max_pages, given.max_seconds) == ("/opt/chromium", 5, 9.0)
    assert CrawlSettings(allow_private_hosts=("b", "a")).allow_private_hosts == ("a", "b")
