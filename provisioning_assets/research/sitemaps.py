"""Addresses out of sitemaps (sitemaps.org): XML, index files, plain text, gzip."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import lxml.etree

from provisioning_assets.research.fetching import BoundedDecoder, Fetched, FetchError, TooLargeError
from provisioning_assets.research.urls import UrlRefusedError, normalise, site_of


@dataclass(frozen=True)
class Sitemap:
    """What one sitemap file names: pages, and further sitemap files."""

    pages: list[str]
    sitemaps: list[str]


def parse_sitemap(body: bytes, base: str, max_bytes: int) -> Sitemap:
    """Reads a sitemap; content that is none of the known forms gives an empty one.

    Args:
        body: as served; gzip is recognised by its first bytes.
        base: address of the file, for relative addresses.
        max_bytes: most bytes after decompression.
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
    # no entities, no network, no document type: the file comes from anyone
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
    """Pages of ``site`` that its sitemaps name, in their order, index files followed.

    Args:
        starts: sitemap addresses to begin with.
        fetch: address -> answer; raises ``FetchError``, and that sitemap is left out.
        site: as of ``urls.site_of``; addresses elsewhere are ignored.
        max_sitemaps: most files fetched.
        max_addresses: most addresses returned.
        max_bytes: most bytes of one file after decompression.
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
