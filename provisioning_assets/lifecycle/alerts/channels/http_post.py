"""Posts JSON to an address that is a secret: neither errors nor logs repeat it."""

import email.utils
import logging
from contextvars import ContextVar
from typing import Any

from provisioning_assets import clock
from provisioning_assets.lifecycle.alerts.channels.channel import SECONDS_A_CALL, DeliveryError, within_seconds

LONGEST_WAIT_SECONDS = 86_400.0
"""That a channel is left alone because it asks for it (Retry-After)."""
_REFUSALS = {400: "bad request", 413: "too large", 422: "not accepted"}
"""Answers about this message rather than about the channel. Source: RFC 9110, 15.5; Slack answers 400 to what it cannot read."""

_posting: ContextVar[bool] = ContextVar("posting", default=False)


def post_json(address: str, document: Any) -> None:
    """Post a document. Redirects are not followed: the address was given by the operator, and its answer is not trusted.

    Args:
        address: http or https.
        document: can be written as JSON.

    Raises:
        DeliveryError: it was not accepted with a status from 200 to 299.
    """
    within_seconds(SECONDS_A_CALL, lambda: _post(address, document))


def _post(address: str, document: Any) -> None:
    import httpx

    _keep_addresses_out_of_the_log()
    token = _posting.set(True)
    try:
        # The body of the answer is not read: it is not needed, and it can be endless.
        with (
            httpx.Client(timeout=SECONDS_A_CALL, follow_redirects=False) as client,
            client.stream("POST", address, json=document, headers={"user-agent": "provisioning-assets"}) as response,
        ):
            status, wait = response.status_code, response.headers.get("retry-after")
    except httpx.TimeoutException:
        raise DeliveryError(f"it did not answer within {SECONDS_A_CALL:.0f} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # Not its text, which can quote the address.
        raise DeliveryError(f"it could not be reached ({type(error).__name__})") from None
    finally:
        _posting.reset(token)
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise DeliveryError(f"it answered with a redirect ({status}), which is not followed")
    if status in _REFUSALS:
        raise DeliveryError(f"it refused the message: {status}, {_REFUSALS[status]}", refused=True)
    raise DeliveryError(f"it answered {status}", wait_seconds=_seconds(wait))


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for; it has seconds or a date (RFC 9110, 10.2.3)."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = (email.utils.parsedate_to_datetime(retry_after) - clock.now()).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS) if seconds == seconds else None  # NaN is unequal to itself


class _NotWhilePosting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        return not _posting.get()


_QUIET = _NotWhilePosting()
_LOGGERS = ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))


def _keep_addresses_out_of_the_log() -> None:
    """Drop what the HTTP client logs about these requests: whole addresses, and headers of answers that may repeat them."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if _QUIET not in logger.filters:
            logger.addFilter(_QUIET)
