"""Calls to Google's APIs as plain JSON over HTTPS, with the credentials of this process."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from provisioning_assets.errors import ProvisioningError

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from requests import Response
    from tenacity import Retrying

CALL_SECONDS = 10
"""For one attempt of a call. These calls read a few lines; Google answers them within two seconds."""
_ATTEMPTS, _LONGEST_WAIT_SECONDS = 3, 2.0
_PASSING = frozenset((429, 500, 502, 503, 504))
_LONGEST_WORDS = 300  # characters of the service's own words
LOGIN = "gcloud auth application-default login"


@dataclass(frozen=True)
class Endpoints:
    """Base addresses of the APIs. Credentials are sent to ``https`` addresses only."""

    resource_manager: str = "https://cloudresourcemanager.googleapis.com"
    billing: str = "https://cloudbilling.googleapis.com"
    service_usage: str = "https://serviceusage.googleapis.com"
    storage: str = "https://storage.googleapis.com"
    bigquery: str = "https://bigquery.googleapis.com"
    conversational_analytics: str = "https://geminidataanalytics.googleapis.com"
    user_info: str = "https://openidconnect.googleapis.com"


@dataclass(frozen=True)
class Answer:
    """An answer with any status. ``body`` is empty if the answer was not a JSON object."""

    status: int
    body: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        """Whether the call succeeded."""
        return 200 <= self.status < 300

    @property
    def said(self) -> str:
        """The service's own words about a failure in one line, with the status."""
        message = self._error.get("message")
        words = " ".join(str(message).split()) if message else "no reason given"
        return f"{words[:_LONGEST_WORDS]} (status {self.status})"

    @property
    def reasons(self) -> frozenset[str]:
        """The service's machine-readable reasons for a failure, e.g. ``SERVICE_DISABLED``."""
        entries = [*_objects(self._error.get("details")), *_objects(self._error.get("errors"))]
        return frozenset(str(entry["reason"]) for entry in entries if "reason" in entry)

    @property
    def api_disabled(self) -> bool:
        """Whether the call failed because its API is not enabled in the project."""
        return self.status == 403 and bool(self.reasons & {"SERVICE_DISABLED", "accessNotConfigured"})

    @property
    def _error(self) -> Mapping[str, Any]:
        error = self.body.get("error")
        return error if isinstance(error, Mapping) else {}


class GoogleApi:
    """Makes calls, from several threads at the same time.

    Args:
        credentials: of this process; they must be valid.
        first_wait_seconds: before a call is repeated because the service is busy or the connection broke; doubled each time.
    """

    def __init__(self, credentials: "Credentials", *, first_wait_seconds: float = 0.3) -> None:
        self._credentials = credentials
        self._first_wait_seconds = first_wait_seconds

    def get(self, address: str, params: Mapping[str, str | list[str]] | None = None) -> Answer:
        """Return the answer to a GET.

        Raises:
            ProvisioningError: nothing answered, or the credentials were not accepted.
        """
        return self._call("GET", address, params=params)

    def post(self, address: str, body: Mapping[str, Any]) -> Answer:
        """Return the answer to a POST of a JSON object. Only calls that change nothing are made.

        Raises:
            ProvisioningError: nothing answered, or the credentials were not accepted.
        """
        return self._call("POST", address, json=body)

    def _call(self, method: str, address: str, **content: Any) -> Answer:
        import requests
        from google.auth.exceptions import GoogleAuthError

        try:
            return _answer(self._patiently()(self._send, method, address, content))
        except GoogleAuthError as error:
            raise ProvisioningError(
                f"The credentials are not accepted ({type(error).__name__}).", f"Run: {LOGIN}"
            ) from error
        except requests.RequestException as error:
            raise ProvisioningError(
                f"{urlsplit(address).hostname or address} does not answer ({type(error).__name__}).",
                "Check the connection, the proxy and the firewall.",
            ) from error

    def _send(self, method: str, address: str, content: Mapping[str, Any]) -> "Response":
        from google.auth.credentials import AnonymousCredentials
        from google.auth.transport.requests import AuthorizedSession

        known = self._credentials if address.startswith("https://") else AnonymousCredentials()
        # A session of its own for each call: sessions of requests are not made for several threads.
        with AuthorizedSession(known, refresh_status_codes=()) as session:
            return session.request(method, address, timeout=CALL_SECONDS, **content)

    def _patiently(self) -> "Retrying":
        import requests
        from tenacity import (
            Retrying,
            retry_if_exception_type,
            retry_if_result,
            stop_after_attempt,
            wait_exponential_jitter,
        )

        lost = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
        return Retrying(
            retry=retry_if_exception_type(lost) | retry_if_result(lambda response: response.status_code in _PASSING),
            wait=wait_exponential_jitter(
                multiplier=self._first_wait_seconds, max=_LONGEST_WAIT_SECONDS, jitter=self._first_wait_seconds
            ),
            stop=stop_after_attempt(_ATTEMPTS),
            # the last answer, or the last exception
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )


def _answer(response: "Response") -> Answer:
    try:
        body = response.json()
    except ValueError:
        body = {}
    return Answer(response.status_code, body if isinstance(body, dict) else {})


def _objects(entries: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
