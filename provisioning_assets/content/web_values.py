"""Decides which values from a website a page may use as address, picture or colour. Others are shown as text."""

import base64
import binascii
import re
from urllib.parse import urlsplit

from provisioning_assets.markdown import png_uri

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_PICTURE = re.compile(r"data:image/(png|jpeg|webp|gif|svg\+xml);base64,([A-Za-z0-9+/=]+)")
# First bytes of a file in each format; SVG is text and has no signature.
_SIGNATURES = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF", "gif": b"GIF8"}
# Control characters, spaces and quotes are not valid in an address, and attacks on parsers use them.
_UNSAFE_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f\"'<>\\`{}|^]")
LONGEST_ADDRESS = 2_048
LARGEST_PICTURE = 2_000_000


def colour(text: str) -> str | None:
    """Return the text in lower case if it is ``#RRGGBB``, else None."""
    return text.lower() if _COLOUR.fullmatch(text) else None


def link(address: str) -> str | None:
    """Return the address if it is safe to link to: http or https, with a host, without credentials. Else None."""
    if len(address) > LONGEST_ADDRESS or _UNSAFE_IN_ADDRESS.search(address):
        return None
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - an invalid port raises here
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    return address


def picture(data_uri: str | None) -> str | None:
    """Return the ``data:`` URI if it is a picture that is safe in ``<img src>``, else None.

    SVG is allowed, because a picture in ``<img>`` runs no script and loads nothing.
    """
    match = _PICTURE.fullmatch(data_uri or "") if len(data_uri or "") <= LARGEST_PICTURE else None
    if not match:
        return None
    kind, encoded = match.groups()
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    signature = _SIGNATURES.get(kind)
    if signature is not None and not content.startswith(signature):
        return None
    return data_uri


def png_picture(base64_png: str | None) -> str | None:
    """Return the ``data:`` URI of a PNG given as base64, or None if it is not a PNG."""
    return picture(png_uri(base64_png)) if base64_png else None
