"""Pages of sites that block programs, and of unused domains, are distinguished from a company's pages."""

import pytest

from provisioning_assets.research.website.models import FailureKind, FetchedBy
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
