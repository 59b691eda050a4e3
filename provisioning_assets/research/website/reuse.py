"""Decides whether pages that were read for an earlier request are what a changed request asks for."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from provisioning_assets.customers import CustomerRequest
from provisioning_assets.research.website.models import CustomerWebsite, ReadFor
from provisioning_assets.research.website.reading import read_website
from provisioning_assets.research.website.settings import CrawlSettings

PAGE_FIELDS = ("url", "notes", "saved_pages")
"""Fields of a request that decide what is read."""


def website_for(
    request: CustomerRequest,
    earlier: CustomerWebsite | None,
    *,
    read_again: bool,
    keep_pages: bool = False,
    reader_version: str,
    progress: Callable[[str], None],
) -> tuple[CustomerWebsite, bool]:
    """Return the website for a request, and whether it was read for an earlier request.

    Args:
        request: the present request.
        earlier: what was read before; None if nothing was.
        read_again: read the pages even if the changed request asks for the same ones.
        keep_pages: keep the pages that were read also if the request has not changed, as long as it asks for them.
        reader_version: code version of the stage that reads; another version may read other things from the same pages.
        progress: receives a line about each page.

    Raises:
        ProvisioningError: nothing could be read.
    """
    asked = read_for(request, reader_version)
    if (
        earlier is not None
        and not read_again
        and (still_asked(earlier, asked) or (keep_pages and are_pages_of(earlier, asked)))
    ):
        return earlier.model_copy(update={"read_for": asked}), True
    website = read_website(
        request.url,
        saved_pages=Path(request.saved_pages) if request.saved_pages else None,
        notes=request.notes,
        settings=CrawlSettings(),
        progress=progress,
    )
    return website.model_copy(update={"read_for": asked}), False


def read_for(request: CustomerRequest, reader_version: str) -> ReadFor:
    """Return the digests of a request, of which one covers only what decides what is read."""
    pages = [request.model_dump(mode="json", include={*PAGE_FIELDS}), reader_version]
    digest = hashlib.sha256(json.dumps(pages, sort_keys=True).encode()).hexdigest()[:16]
    return ReadFor(request=request.digest(), pages=digest)


def ask_for_same_pages(one: CustomerRequest, other: CustomerRequest) -> bool:
    """Return whether two requests agree in everything that decides what is read."""
    return all(getattr(one, name) == getattr(other, name) for name in PAGE_FIELDS)


def still_asked(website: CustomerWebsite, asked: ReadFor) -> bool:
    """Return whether the request has changed since the website was read, but not in what decides what is read.

    An unchanged request gives False: whoever makes the stage again then wants the present pages.
    """
    earlier = website.read_for
    return earlier is not None and earlier.request != asked.request and are_pages_of(website, asked)


def are_pages_of(website: CustomerWebsite, asked: ReadFor) -> bool:
    """Return whether the website was read for the same address, notes and saved pages, and by the same reader."""
    return website.read_for is not None and website.read_for.pages == asked.pages
