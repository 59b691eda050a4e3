"""Finds the address to which a page forwards its visitors by ``<meta http-equiv="refresh">``, as browsers do (HTML, 4.2.5.3)."""

import re

import lxml.html
from lxml.etree import ParserError

from provisioning_assets.research.website.urls import UrlRefusedError, normalise

LONGEST_DELAY = 10
"""Seconds after which a page still forwards its visitors; a page with a longer delay is meant to be read."""

_REFRESH = re.compile(
    r"""\s*(?P<seconds>\d{1,6})(?:\.[\d.]*)?\s*[;,\s]\s*(?:url\s*=\s*)?(?P<address>"[^"]*|'[^']*|.+)""",
    re.IGNORECASE | re.DOTALL,
)


def forwarded_to(html: str, url: str) -> str | None:
    """Return the address to which the page forwards, normalised; None if it stays, reloads itself, or the address is not accepted.

    Args:
        html: the page's document. Only its first 50,000 characters are looked at: a page that forwards is short, or says so in
            its head.
        url: the page's address.
    """
    head = html[:50_000]
    if "refresh" not in head.casefold():
        return None
    try:
        document = lxml.html.document_fromstring(head)
    except ParserError:  # an empty document
        return None
    for meta in document.iter("meta"):
        # without JavaScript another page may be meant; pages are read as a browser with JavaScript shows them
        if meta.get("http-equiv", "").strip().casefold() != "refresh" or any(
            True for _ in meta.iterancestors("noscript")
        ):
            continue
        found = _REFRESH.match(meta.get("content", ""))
        if found is None or int(found["seconds"]) > LONGEST_DELAY:
            continue
        bases = [base.get("href") for base in document.iter("base") if base.get("href")]
        try:
            address = normalise(found["address"].lstrip("\"'").strip(), normalise(bases[0], url) if bases else url)
        except UrlRefusedError:
            continue
        if address != normalise(url):
            return address
    return None
