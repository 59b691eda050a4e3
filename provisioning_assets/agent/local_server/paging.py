"""Splits a list into pages. An opaque token contains the id after which the next page begins."""

import base64
import binascii

from provisioning_assets.agent.local_server.api_errors import invalid

DEFAULT_PAGE, LARGEST_PAGE = 50, 100


def page_of(identifiers: list[str], page_size: str, page_token: str) -> tuple[list[str], str]:
    """Return one page of sorted ids and the token of the next page; the token is empty after the last page.

    Raises:
        ApiError: 400, the page size or the token is invalid.
    """
    if page_size and not (page_size.isascii() and page_size.isdigit()):
        raise invalid("pageSize must be a whole number, zero or more.")
    size = min(int(page_size or 0) or DEFAULT_PAGE, LARGEST_PAGE)
    after = _after(page_token)
    rest = [identifier for identifier in identifiers if identifier > after]
    page = rest[:size]
    token = base64.urlsafe_b64encode(page[-1].encode()).decode() if len(rest) > size else ""
    return page, token


def _after(token: str) -> str:
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise invalid("pageToken was not issued by this server.") from None
