"""Faults of BigQuery: which are tried again, and what a person is told about the others.

**Tried again by the client** with growing pauses, up to ``RETRY_SECONDS``: HTTP 429, 500, 502, 503 and 504, the reasons
``rateLimitExceeded``, ``backendError`` and ``internalError``, and connections that were refused or reset. Every request that
changes something may be repeated: data sets and tables are created under fixed names, jobs under fixed ids.
**Tried again by ``bigquery_jobs``**, as another job: a load or copy that BigQuery gave up for a reason of its own.
**Told at once**: everything that would fail again in the same way (permission, quota, not found, bad data, bad SQL).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from google.api_core import exceptions
from google.auth import exceptions as credentials
from google.cloud.bigquery import DEFAULT_RETRY

from provisioning_assets.errors import ProvisioningError

RETRY_SECONDS = 180.0
"""How long a request is tried again. BigQuery asks for back-off and says that 503 usually passes within minutes; the client's own
ten minutes would leave a person before a silent screen."""

REQUEST_SECONDS = 60.0
"""How long one HTTP request may take. Without it, a connection that was cut silently is waited for without end."""

_PASSING_STATUS = (
    exceptions.TooManyRequests,
    exceptions.InternalServerError,
    exceptions.BadGateway,
    exceptions.ServiceUnavailable,
    exceptions.GatewayTimeout,
)

_PASSING_REASONS = frozenset(
    {
        "backendError", "internalError", "rateLimitExceeded", "tableUnavailable", "jobBackendError", "jobInternalError",
        "jobRateLimitExceeded",
    }
)  # fmt: skip
"""Reasons of a failed job for which BigQuery advises to try again (its page "Error messages")."""

FAULTS = (
    exceptions.GoogleAPIError, requests.RequestException, credentials.GoogleAuthError, ConnectionError, TimeoutError,
)  # fmt: skip
"""Everything that a call of BigQuery's client raises about the world outside."""

_PERMISSION = re.compile(r"\b(?P<permission>(?:bigquery|storage)\.(?!googleapis)[a-zA-Z]+\.[a-zA-Z]+)\b")
_BUCKET = re.compile(r"gs://(?P<bucket>[a-z0-9][a-z0-9._-]*)|(?:buckets|b)/(?P<named>[a-z0-9][a-z0-9._-]*)")
_OTHER_PLACE = re.compile(r"different locations|not in the same (?:location|region)", re.IGNORECASE)
_NOT_ENABLED = re.compile(r"has not been used in project|it is disabled|SERVICE_DISABLED", re.IGNORECASE)


def _passes(error: Exception) -> bool:
    return isinstance(error, _PASSING_STATUS) or DEFAULT_RETRY._predicate(error)


RETRY = DEFAULT_RETRY.with_predicate(_passes).with_timeout(RETRY_SECONDS)
"""For every request: the client's own, which does not try a 503 or 504 again that gives an unknown reason."""


def passing_job_error(error: exceptions.GoogleAPICallError) -> bool:
    """Whether a failed job may succeed if it is started again."""
    return reason_of(error) in _PASSING_REASONS


@contextmanager
def explaining(what: str, project: str) -> Iterator[None]:
    """Turn a fault of the block into a ``ProvisioningError``.

    Args:
        what: what could not be done, with names, as the beginning of a sentence: ``"The data set demo_x cannot be created"``.
        project: the Google Cloud project.

    Raises:
        ProvisioningError: the block raised one of ``FAULTS``.
    """
    try:
        yield
    except FAULTS as error:
        raise explained(error, what, project) from error


def explained(error: Exception, what: str, project: str) -> ProvisioningError:
    """The fault as a problem and a remedy; arguments as for ``explaining``."""
    tried = ""
    if isinstance(error, exceptions.RetryError):
        tried = " It was tried again until the time was up."
        error = error.cause if isinstance(error.cause, Exception) else error
    if isinstance(error, credentials.GoogleAuthError) and not isinstance(error, credentials.TransportError):
        # its text may hold what the credential server answered
        return ProvisioningError(
            f"{what} in the project {project}: this machine has no working Google Cloud credentials "
            f"({type(error).__name__}).{tried}",
            "Sign in with: gcloud auth application-default login",
        )
    if not isinstance(error, exceptions.GoogleAPICallError):
        return ProvisioningError(
            f"{what} in the project {project}: BigQuery does not answer ({type(error).__name__}).{tried}",
            "Check the connection to bigquery.googleapis.com and oauth2.googleapis.com, then run the same command again: it "
            "continues there.",
        )
    said = said_by(error)
    problem = f"{what} in the project {project}: {said}"
    return ProvisioningError(f"{problem}.{tried}", _remedy(error, problem, project))


def _remedy(error: exceptions.GoogleAPICallError, said: str, project: str) -> str:
    """What to do about a fault; ``said`` is the whole problem, with the names of what was tried and BigQuery's own words."""
    reason = reason_of(error)
    again = "then run the same command again: it continues there."
    if reason == "accessNotConfigured" or _NOT_ENABLED.search(said):
        return f"Enable the API: gcloud services enable bigquery.googleapis.com --project={project}"
    if reason == "billingNotEnabled":
        return f"Link a billing account: gcloud billing projects link {project} --billing-account=ACCOUNT"
    if reason in ("quotaExceeded", "rateLimitExceeded") or isinstance(error, exceptions.TooManyRequests):
        return (
            "Wait (daily quotas start anew at midnight Pacific time), or ask for more at "
            f"https://console.cloud.google.com/iam-admin/quotas?project={project}, {again}"
        )
    if isinstance(error, exceptions.Unauthorized):
        return "Sign in with: gcloud auth application-default login"
    if isinstance(error, exceptions.Forbidden):
        return f"Grant the role, {again} {_grant(said, project)}"
    if _OTHER_PLACE.search(said):
        return f"Bucket and data set belong in one location: set BIGQUERY_LOCATION to the bucket's, {again}"
    if isinstance(error, exceptions.NotFound) and "URI gs://" in said:
        return "Materialize synthetic_tables again, then demo_dataset."
    if isinstance(error, exceptions.NotFound):
        return f"Check that GOOGLE_CLOUD_PROJECT ({project}) and BIGQUERY_LOCATION are right and that nobody removed it, {again}"
    if isinstance(error, exceptions.Conflict):
        return "Another run works on the same data set: wait until it has ended, " + again
    if _passes(error) or passing_job_error(error) or isinstance(error, exceptions.DeadlineExceeded):
        return (
            f"BigQuery has a problem that usually passes (https://status.cloud.google.com): wait some minutes, {again}"
        )
    return f"Correct that, {again}"


def _grant(said: str, project: str) -> str:
    found = _PERMISSION.search(said)
    permission = found["permission"] if found else ""
    if permission.startswith("storage."):
        bucket = _BUCKET.search(said)
        name = (bucket["bucket"] or bucket["named"]) if bucket else "BUCKET"
        return f"gcloud storage buckets add-iam-policy-binding gs://{name} --member=MEMBER --role=roles/storage.objectViewer"
    return f"gcloud projects add-iam-policy-binding {project} --member=MEMBER --role={_role(permission)}"


def _role(permission: str) -> str:
    """The smallest predefined role of BigQuery that has a permission."""
    if permission.startswith("bigquery.jobs."):
        return "roles/bigquery.jobUser"
    if permission in ("bigquery.datasets.update", "bigquery.datasets.delete"):
        return "roles/bigquery.dataOwner"
    if permission == "bigquery.datasets.create":
        return "roles/bigquery.user"
    return "roles/bigquery.dataEditor"


def reason_of(error: exceptions.GoogleAPICallError) -> str:
    """BigQuery's word for the kind of fault, e.g. ``quotaExceeded``; empty if it gave none."""
    first = next(iter(error.errors or ()), None)
    return str(first.get("reason", "")) if isinstance(first, dict) else ""


def said_by(error: exceptions.GoogleAPICallError) -> str:
    """BigQuery's own first line, without the request's address."""
    first = next(iter(error.errors or ()), None)
    text = str(first["message"]) if isinstance(first, dict) and first.get("message") else str(error.message)
    line = (text.strip().splitlines() or [type(error).__name__])[0].rstrip(". ")
    return line if len(line) <= 400 else f"{line[:397]}..."
