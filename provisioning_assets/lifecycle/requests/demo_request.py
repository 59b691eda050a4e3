"""One request for a demo, checked: the customer's key, the fields that were given, and a digest that tells it from others."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from upath import UPath

from provisioning_assets.atomic_files import is_local
from provisioning_assets.customers import CustomerRequest, build_request, site_key
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.language_check import refuse_unwritable_language


@dataclass(frozen=True)
class DemoRequest:
    """A request that can be run.

    Args:
        asked: the request as an asset would build it without an earlier one.
        digest: of the customer and the fields that were given: the same for the same request, however it is written.
    """

    asked: CustomerRequest
    digest: str


def checked_request(fields: dict[str, Any], *, folder: UPath, today: date) -> DemoRequest:
    """Check the fields of a request.

    Args:
        fields: field -> value as given: those of ``CustomerRequest`` and ``key``; one of ``url`` and ``key`` is enough.
        folder: of the requests; saved pages are read from folders in it.
        today: what dates are compared with.

    Raises:
        ProvisioningError: a value is not accepted; the message says which, and what is accepted.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    key = given.pop("key", None)
    if key is None and "url" not in given:
        raise ProvisioningError(
            "The request names no website.", "Give `url`, such as https://www.acme.com, or `key`, such as acme_com."
        )
    if "saved_pages" in given:
        given["saved_pages"] = _saved_pages(given["saved_pages"], folder)
    request = build_request(site_key(given["url"]) if key is None else key, given, today=today)
    refuse_unwritable_language(request)
    said = request.model_dump(mode="json", include={"key", *request.asked})
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]
    return DemoRequest(request, digest)


def owner_of(fields: dict[str, Any]) -> str:
    """Return the owner's mail address of a request that may be wrong elsewhere; empty if there is none that is accepted."""
    owner = fields.get("owner")
    if not isinstance(owner, str):
        return ""
    try:
        return build_request("example_com", {"owner": owner}, today=date(2026, 1, 1)).owner
    except ProvisioningError:
        return ""


def key_of(fields: dict[str, Any]) -> str:
    """Return the customer's key of a request that may be wrong elsewhere; empty if it names no customer."""
    try:
        key, url = fields.get("key"), fields.get("url")
        return build_request(key, {}, today=date(2026, 1, 1)).key if isinstance(key, str) else site_key(url or "")
    except ProvisioningError:
        return ""


def _saved_pages(given: object, folder: UPath) -> str:
    """Return the folder's absolute path. Whoever writes a request must not choose which folders of this machine are read."""
    if not is_local(folder):
        raise ProvisioningError(
            f"A request in {folder} names saved pages, which are read from a folder of this machine.",
            "Leave `saved_pages` out, or make the demo with: provision run URL --saved-pages FOLDER",
        )
    root = UPath(folder).resolve()
    path = (root / str(given)).resolve() if isinstance(given, str) and "\x00" not in given else root
    if path == root or not path.is_relative_to(root):
        raise ProvisioningError(
            "The saved pages are not in a folder below that of the requests.",
            f"Put them into a folder of {folder}, and give its name, such as `saved_pages: pages/acme`.",
        )
    return str(path)
