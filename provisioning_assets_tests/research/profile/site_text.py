"""Websites written by hand in the form in which the crawler returns them, for tests of what is read from them."""

from datetime import UTC, datetime
from typing import Any

from provisioning_assets.research.website.models import Brand, CustomerWebsite, FetchedBy, Label, LabelGroup, WebPage
from provisioning_assets.research.website.pages import read_page

HOST = "www.acme.example"


def page(path: str = "/", *, host: str = HOST, **fields: Any) -> WebPage:
    """A page of the site; everything that is not given is empty."""
    return WebPage(url=f"https://{host}{path}", fetched_by=FetchedBy.SAVED, status=None, **fields)


def group(
    *labels: str | Label, heading: str = "", area: Any = "main", element: str = "li", **fields: Any
) -> LabelGroup:
    """Like elements beside each other; a text stands for a label without a link."""
    members = [Label(text=label) if isinstance(label, str) else label for label in labels]
    return LabelGroup(area=area, heading=heading, element=element, labels=members, **fields)


def read_html(
    body: str, path: str = "/", *, title: str = "", language: str = "en", head: str = "", host: str = HOST
) -> WebPage:
    """A page as the crawler reads it from HTML.

    Args:
        body: markup inside ``<body>``.
        path: path of the page's address.
        title: content of ``<title>``.
        language: BCP 47 tag that the page declares.
        head: further markup inside ``<head>``.
        host: host of the page's address.
    """
    html = f'<!doctype html><html lang="{language}"><head><title>{title}</title>{head}</head><body>{body}</body></html>'
    read = read_page(
        html, url=f"https://{host}{path}", fetched_by=FetchedBy.SAVED, status=None, size_bytes=len(html.encode())
    )
    return read.page


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
