"""Pages of sites that block programs, and of unused domains, are distinguished from a company's pages."""

from datetime import UTC, datetime

import dagster as dg
import pytest

from provisioning_assets.research.profile.reading import read_profile
from provisioning_assets.research.website.checks import website_was_read
from provisioning_assets.research.website.models import Brand, CustomerWebsite, FailureKind, FetchedBy, WebPage
from provisioning_assets.research.website.obstacles import blocking_status, obstacle
from provisioning_assets.research.website.pages import read_page
from provisioning_assets_tests.research.website.website_server import WORDS, page


def kind(html: str) -> FailureKind | None:
    read = read_page(html, url="https://acme.com/", fetched_by=FetchedBy.HTTP, status=200, size_bytes=len(html))
    found = obstacle(read.page, html)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (page("Just a moment...", "Checking your browser before accessing acme.com"), FailureKind.BLOCKED),
        (page("Access Denied", "You don't have permission to access this page."), FailureKind.BLOCKED),
        (page("acme.com", "Please verify you are a human. Press & Hold"), FailureKind.BLOCKED),
        ("<html><script>window._cf_chl_opt={}</script></html>", FailureKind.BLOCKED),
        (page("acme.com", "This domain is for sale. Buy this domain now."), FailureKind.PARKED),
        (page("acme.com", "The domain acme.com may be for sale."), FailureKind.PARKED),
        (page("Welcome to nginx!", "If you see this page, the server works."), FailureKind.PARKED),
        (page("Account suspended", "This account has been suspended."), FailureKind.PARKED),
        (page("Directory listing for /customerportal/", "Directory listing for /customerportal/"), FailureKind.PARKED),
        (page("Index of /backup", "Name Last modified Size"), FailureKind.PARKED),
        (page("Acme", WORDS), None),
        (page("Captcha vendors compared", WORDS * 6 + "captcha"), None),
        (page("Acme Domains", WORDS * 15 + "Is your domain for sale?"), None),
        (page("Acme", WORDS + "Buy this domain", links=tuple(f"/{n}" for n in range(12))), None),
    ],
)
def test_what_a_page_is(html: str, expected: FailureKind | None) -> None:
    assert kind(html) == expected


def test_statuses_that_keep_programs_out() -> None:
    assert "HTTP 403" in (blocking_status(403) or "")
    assert blocking_status(200) is None
    assert blocking_status(404) is None


AGE = (
    "<h1>Welcome to Finkenau Distillers</h1><p>You must be of legal drinking age to enter.</p>"
    "<a href='/home'>Yes, I am over 18</a> <a href='https://www.elsewhere.example/'>No</a>"
)
COUNTRIES = "<h1>Finkenau</h1><ul>" + "".join(
    f"<li><a href='/{code}/'>{name}</a></li>"
    for code, name in (("de", "Deutschland"), ("fr", "France"), ("es", "España"), ("jp", "日本"))
)
ORGANS = "<p>We look after pipe organs in churches and concert halls, and have done so for three generations.</p>" * 3


def read(body: str, path: str = "/", language: str = "en") -> WebPage:
    html = f'<html lang="{language}"><head><title>Finkenau</title></head><body>{body}</body></html>'
    url = f"https://finkenau.example{path}"
    return read_page(html, url=url, fetched_by=FetchedBy.HTTP, status=200, size_bytes=len(html)).page


@pytest.mark.parametrize(
    ("body", "gateway"),
    [
        (AGE, True),
        ("<p>Are you 21 years or older?</p>", True),
        ("<p>Bist du 18+? Diese Seite ist nur für Volljährige.</p>", True),
        ("<p>あなたは20歳以上ですか</p>", True),
        ("<p>Вам есть 18 лет?</p>", True),
        (COUNTRIES, True),
        (COUNTRIES.replace("Deutschland", "Deutsch").replace("France", "Français").replace("España", "Español"), True),
        (ORGANS, False),
        (ORGANS * 4 + "<p>You must be over 18.</p>", False),  # a shop that says so in its terms
        ("<ul><li>Bellows</li><li>France</li><li>Pipes</li></ul>", False),
        ("", False),
    ],
)
def test_a_page_that_only_asks_something_before_the_site(body: str, gateway: bool) -> None:
    assert read(body).gateway is gateway


def website(*pages: WebPage) -> CustomerWebsite:
    return CustomerWebsite(
        url="https://finkenau.example/",
        fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
        pages=list(pages),
        brand=Brand(),
    )


def test_the_site_behind_a_gateway_is_read_and_the_gateway_is_not() -> None:
    services = "<h2>Services</h2><ul><li><a href='/a'>Pipe voicing</a></li><li><a href='/b'>Bellows repair</a></li>"
    shop = read(f"{ORGANS}{services}<li><a href='/c'>Case gilding</a></li></ul>", "/home")
    pages = website(read(AGE), shop)
    profile = read_profile(pages, industry_override=None, default_company_host="finkenau.example")
    assert [fact.value for fact in profile.services] == ["Pipe voicing", "Bellows repair", "Case gilding"]
    assert profile.description.startswith("We look after pipe organs")
    assert website_was_read(pages).passed  # pyright: ignore[reportAttributeAccessIssue]


def test_only_a_gateway_is_not_a_site_and_the_check_says_so() -> None:
    result = website_was_read(website(read(AGE + f"<p>{WORDS}</p>")))
    assert isinstance(result, dg.AssetCheckResult)
    assert not result.passed
    assert "https://finkenau.example/" in str(result.metadata["errors"].value)
    assert "age, country or language" in str(result.metadata["errors"].value)
