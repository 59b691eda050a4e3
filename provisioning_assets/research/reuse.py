"""Decides whether pages that were read for an earlier request are what a changed request asks for."""

import hashlib
import json

from provisioning_assets.customers import CustomerRequest
from provisioning_assets.research.models import CustomerWebsite, ReadFor

PAGE_FIELDS = ("url", "notes", "saved_pages")
"""Fields of a request that decide what is read."""


def read_for(request: CustomerRequest, reader_version: str) -> ReadFor:
    """Return the digests of a request, of which one covers only what decides what is read.

    Args:
        request: the present request.
        reader_version: code version of the stage that reads; another version may read other things from the same pages.
    """
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
    return earlier is not None and earlier.request != asked.request and earlier.pages == asked.pages
