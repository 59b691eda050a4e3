"""Checks names in requests. A name from a path or a body is used as a file name only after these checks."""

import re
import uuid

from provisioning_assets.agent.local_server.api_errors import forbidden, invalid

PROJECT = "local"
PARENT = f"projects/{PROJECT}/locations/global"
_ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


def checked_id(text: str, what: str) -> str:
    """Return the id if the API allows it (at most 63 characters).

    Raises:
        ApiError: 400, it is not a valid id.
    """
    if not _ID.fullmatch(text):
        raise invalid(
            f"{what} {text[:100]!r} is invalid. Use 1 to 63 lower-case letters, digits and hyphens; the first must be a "
            "letter and the last must not be a hyphen."
        )
    return text


def generated_id(prefix: str) -> str:
    """Return a new id."""
    return f"{prefix}-{uuid.uuid4()}"


def checked_parent(parent: str) -> str:
    """Return the parent if it is the only one of this server.

    Raises:
        ApiError: 403, another project or location. The public service gives the same answer for a wrong region.
    """
    if parent != PARENT:
        raise forbidden(f"{parent[:200]!r} is not available on this server. Use {PARENT}.")
    return parent


def id_in_name(name: str, collection: str) -> str:
    """Return the id at the end of ``projects/local/locations/global/<collection>/<id>``.

    Raises:
        ApiError: 400, the name has another form; 403, it has another parent.
    """
    match = re.fullmatch(rf"(projects/[^/]+/locations/[^/]+)/{collection}/([^/]+)", name)
    if match is None:
        raise invalid(f"{name[:200]!r} does not have the form projects/PROJECT/locations/LOCATION/{collection}/ID.")
    checked_parent(match[1])
    return checked_id(match[2], "The id")


def checked_request_id(text: str) -> str:
    """Return the request id if it is empty or a UUID other than zero.

    Raises:
        ApiError: 400, it is neither of them.
    """
    if not text:
        return text
    try:
        value = uuid.UUID(text)
    except ValueError:
        raise invalid("requestId must be a UUID.") from None
    if value.int == 0:
        raise invalid("requestId must not be the zero UUID.")
    return text
