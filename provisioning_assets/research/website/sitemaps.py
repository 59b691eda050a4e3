"""Reads addresses from sitemaps (sitemaps.org): XML, index files, plain text, gzip."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import lxml.etree

from provisioning_assets.research.website.fetching import BoundedDecoder, Fetched, FetchError, TooLargeError
from provisioning_assets.research.website.urls import UrlRefusedError, normalise, site_of


@dataclass(frozen=True)
class Sitemap:
    """Content of a sitemap file: addresses of pages, and of further sitemap files."""

    pages: list[str]
    sitemaps: list[str]


def parse_sitemap(body: bytes, base: str, max_bytes: int) -> Sitemap:
    """Parse a sitemap; content in an unknown format gives an empty one.

    Args:
        body: as received; gzip is detected by its first bytes.
        base: address of the file, for relative addresses.
        max_bytes: maximum size after decompression.
    """
    if body[:2] == b"\x1f\x8b":
        decoder = BoundedDecoder("gzip", max_bytes)
        try:
            decoder.feed(body)
            body = decoder.finish()
        except (TooLargeError, zlib.error):
            return Sitemap([], [])
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<"):
        return Sitemap(_addresses(start.decode("utf-8", errors="replace").split(), base), [])
    # no entities, no network, no document type, because the file is not trusted
    parser = lxml.etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = lxml.etree.fromstring(start, parser)
    except lxml.etree.XMLSyntaxError:
        return Sitemap([], [])
    if root is None:
        return Sitemap([], [])
    pages: list[str] = []
    sitemaps: list[str] = []
    for entry in root.iter("{*}loc"):
        parent = entry.getparent()
        parent_name = lxml.etree.QName(parent).localname if parent is not None and isinstance(parent.tag, str) else ""
        if parent_name == "url":
            pages.append(entry.text or "")
        elif parent_name == "sitemap":
            sitemaps.append(entry.text or "")
    return Sitemap(_addresses(pages, base), _addresses(sitemaps, base))


def _addresses(written: list[str], base: str) -> list[str]:
    found: list[str] = []
    for text in filter(str.strip, written):
        try:
            found.append(normalise(text, base))
        except UrlRefusedError:
            continue
    return list(dict.fromkeys(found))


def site_addresses(
    starts: list[str],
    fetch: Callable[[str], Fetched],
    *,
    site: str,
    max_sitemaps: int,
    max_addresses: int,
    max_bytes: int,
) -> list[str]:
    """Pages of ``site`` from its sitemaps, in order; index files are followed.

    Args:
        starts: the first sitemap addresses.
        fetch: address -> answer; if it raises ``FetchError``, the sitemap is skipped.
        site: as returned by ``urls.site_of``; addresses of other sites are ignored.
        max_sitemaps: maximum number of files to fetch.
        max_addresses: maximum number of addresses to return.
        max_bytes: maximum size of a file after decompression.
    """
    waiting = list(dict.fromkeys(starts))
    seen: set[str] = set()
    found: dict[str, None] = {}
    while waiting and len(seen) < max_sitemaps and len(found) < max_addresses:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        try:
            answer = fetch(address)
        except FetchError:
            continue
        if answer.status != 200:
            continue
        sitemap = parse_sitemap(answer.body, answer.url, max_bytes)
        found.update(dict.fromkeys(page for page in sitemap.pages if site_of(page) == site))
        waiting.extend(sitemap.sitemaps)
    return list(found)[:max_addresses]
