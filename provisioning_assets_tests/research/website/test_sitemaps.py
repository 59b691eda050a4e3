"""Sitemaps in every format, valid and hostile."""

import gzip

import httpx
import pytest

from provisioning_assets.research.website.fetching import Fetched, FetchError
from provisioning_assets.research.website.sitemaps import Sitemap, parse_sitemap, site_addresses
from provisioning_assets_tests.research.website.website_server import gzip_bomb

BASE = "https://acme.com/sitemap.xml"
URLS = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:i="urn:images"><url>'
    "<loc> https://acme.com/a </loc><i:image><i:loc>https://acme.com/a.png</i:loc></i:image></url>"
    "<url><loc>https://acme.com/b?x=1&amp;y=2</loc></url><url><loc>javascript:alert(1)</loc></url></urlset>"
)


@pytest.mark.parametrize("body", [URLS.encode(), gzip.compress(URLS.encode()), b"\xef\xbb\xbf\n" + URLS.encode()])
def test_pages_are_read(body: bytes) -> None:
    assert parse_sitemap(body, BASE, 10_000).pages == ["https://acme.com/a", "https://acme.com/b?x=1&y=2"]


def test_index_files_and_plain_text_are_read() -> None:
    index = b"<sitemapindex><sitemap><loc>/s1.xml</loc></sitemap></sitemapindex>"
    assert parse_sitemap(index, BASE, 10_000) == Sitemap([], ["https://acme.com/s1.xml"])
    assert parse_sitemap(b"https://acme.com/a\nhttps://acme.com/a\nftp://x/\n", BASE, 1_000).pages == [
        "https://acme.com/a"
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"<html><body>404</body></html>",
        gzip.compress(b"x", mtime=0)[:9],
        gzip_bomb(3),
        b"<urlset><url><loc/>",
    ],
)
def test_an_invalid_sitemap_is_empty(body: bytes) -> None:
    assert parse_sitemap(body, BASE, 100_000) == Sitemap([], [])


def test_entities_are_not_resolved() -> None:
    body = (
        b'<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname"><!ENTITY a "https://acme.com/">]>'
        b"<urlset><url><loc>https://acme.com/&secret;</loc></url></urlset>"
    )
    pages = parse_sitemap(body, BASE, 10_000).pages
    assert pages in ([], ["https://acme.com/"])


def test_index_files_are_followed_within_limits_and_within_the_site() -> None:
    asked: list[str] = []

    def fetch(url: str) -> Fetched:
        asked.append(url)
        if url.endswith("gone.xml"):
            raise FetchError(url, "gone")
        if url.endswith("missing.xml"):
            return Fetched(url, 404, httpx.Headers(), b"")
        number = int(url.rsplit("/", 1)[1].removesuffix(".xml"))
        body = (
            f"<x><sitemap><loc>/{number + 1}.xml</loc></sitemap><sitemap><loc>/0.xml</loc></sitemap>"
            f"<url><loc>/page{number}</loc></url><url><loc>https://other.com/{number}</loc></url></x>"
        )
        return Fetched(url, 200, httpx.Headers(), body.encode())

    starts = ["https://acme.com/gone.xml", "https://acme.com/missing.xml", "https://acme.com/0.xml"]
    found = site_addresses(starts, fetch, site="acme.com", max_sitemaps=6, max_addresses=100, max_bytes=10_000)
    assert found == [f"https://acme.com/page{number}" for number in range(4)]
    assert len(asked) == len(set(asked)) == 6
