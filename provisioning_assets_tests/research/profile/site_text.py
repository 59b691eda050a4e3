"""Websites written by hand in the form in which the crawler returns them, for tests of what is read from them."""

from datetime import UTC, datetime
from typing import Any

from provisioning_assets.research.website.models import Brand, CustomerWebsite, FetchedBy, WebPage

HOST = "www.acme.example"


def page(path: str = "/", *, host: str = HOST, **fields: Any) -> WebPage:
    """A page of the site; everything that is not given is empty."""
    return WebPage(url=f"https://{host}{path}", fetched_by=FetchedBy.SAVED, status=None, **fields)


def site(
    *pages: WebPage, notes: str = "", url: str = f"https://{HOST}/", site_name: str | None = None
) -> CustomerWebsite:
    """A website of these pages."""
    return CustomerWebsite(
        url=url,
        fetched_at=datetime(2026, 5, 4, tzinfo=UTC),
        pages=list(pages),
        brand=Brand(site_name=site_name),
        notes=notes,
    )
