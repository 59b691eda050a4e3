"""What goes wrong between the service and us, and whether it passes."""

import os
from typing import TYPE_CHECKING

from provisioning_assets.claude.errors import ClaudeError, ClaudeUnusableError
from provisioning_assets.redaction import without_secrets

if TYPE_CHECKING:
    from anthropic import APIStatusError

GO_ON = "The demo goes on with the blueprint's own."


class PassingFaultError(ClaudeError):
    """A fault that may be gone in a moment.

    Args:
        problem: what happened.
        retry_after_seconds: what the service asked to wait; None: it asked for nothing.
    """

    def __init__(self, problem: str, remedy: str = GO_ON, retry_after_seconds: float | None = None) -> None:
        super().__init__(problem, remedy)
        self.retry_after_seconds = retry_after_seconds


def fault_of(error: Exception, model: str) -> Exception:
    """Return the error to raise for what the client or the connection raised; other exceptions stay as they are.

    Args:
        error: what was raised during a call.
        model: that was asked.
    """
    import anthropic
    import httpx2

    if isinstance(error, ClaudeError):
        return error
    if isinstance(error, anthropic.APIStatusError):
        return _of_status(error, model)
    if isinstance(error, TimeoutError | anthropic.APITimeoutError | httpx2.TimeoutException):
        return PassingFaultError("Claude took too long to answer.")
    if isinstance(error, ConnectionError | anthropic.APIConnectionError | httpx2.HTTPError):
        return PassingFaultError("The connection to Claude broke.")
    if isinstance(error, anthropic.APIError | ValueError | AttributeError | TypeError):
        # events that are not those of the API, or not JSON
        return PassingFaultError(f"Claude's service answered in a way that cannot be read ({type(error).__name__}).")
    return error


def _of_status(error: "APIStatusError", model: str) -> ClaudeError:
    status = error.status_code
    said = _said(error)
    if status == 401:
        return ClaudeUnusableError(f"Claude's service refused the key: {said}", "Set ANTHROPIC_API_KEY to a valid key.")
    if status == 402 or "credit balance" in said.lower():
        return ClaudeUnusableError(
            f"Claude's account has no credit: {said}", "Buy credit in the Claude console, or use another key."
        )
    if status == 403:
        return ClaudeUnusableError(
            f"The key may not do this: {said}", "Use a key of a workspace that may use the model."
        )
    if status == 404:
        return ClaudeUnusableError(
            f"Claude's service has no model {model}: {said}",
            "Set PROVISIONING_CLAUDE_MODEL to a model of the service, such as claude-sonnet-5-5.",
        )
    if status in {408, 409, 429} or status >= 500:
        return PassingFaultError(f"Claude's service answered {status}: {said}", retry_after_seconds=_retry_after(error))
    return ClaudeError(f"Claude's service refused the request ({status}): {said}", GO_ON)


def _said(error: "APIStatusError") -> str:
    """The service's own message, in one line of at most 200 characters and without secrets."""
    body = error.body
    inner = body.get("error") if isinstance(body, dict) else None
    message = inner.get("message") if isinstance(inner, dict) else None
    line = " ".join(str(message or error.response.reason_phrase).split())
    return without_secrets(line, os.environ)[:200].rstrip(".") + "."


def _retry_after(error: "APIStatusError") -> float | None:
    """Seconds that the service asks to wait; a date or nonsense counts as nothing."""
    try:
        seconds = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
