"""Whose the credentials for Google Cloud are, and whether a call can be made with them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioning_assets.doctor.google_api import LOGIN, Endpoints, GoogleApi
from provisioning_assets.doctor.models import Finding, State
from provisioning_assets.doctor.permissions import UNKNOWN_MEMBER
from provisioning_assets.errors import ProvisioningError

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

_CREDENTIALS, _QUOTA_PROJECT = "Credentials", "Quota project"
_WHY_CREDENTIALS = "Every call to Google Cloud is made in the name of an account."
_WHY_QUOTA_PROJECT = "The Conversational Analytics API refuses a user's credentials that name no project for quota."


@dataclass(frozen=True)
class Account:
    """Whose the credentials are. ``member`` is the account as IAM names it."""

    credentials: "Credentials"
    member: str


def find_account(
    credentials_of_process: "Callable[[], Credentials]", endpoints: Endpoints, project: str
) -> tuple[Account | None, list[Finding]]:
    """Return the account and what there is to say about its credentials; no account if a call cannot be made with them.

    Args:
        credentials_of_process: returns the credentials, or raises ``ProvisioningError``.
        endpoints: base addresses.
        project: named in the command that sets the project for quota.
    """
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.requests import Request

    try:
        credentials = credentials_of_process()
        if not credentials.valid:
            credentials.refresh(Request())
    except ProvisioningError as error:
        return None, [Finding(_CREDENTIALS, State.MISSING, error.problem, _WHY_CREDENTIALS, error.remedy)]
    except GoogleAuthError as error:
        # The error's text may quote the answer of the token server: only its name is shown.
        found = f"the credentials have expired, were revoked, or cannot be renewed ({type(error).__name__})"
        return None, [Finding(_CREDENTIALS, State.MISSING, found, _WHY_CREDENTIALS, LOGIN)]
    member = _member(credentials, GoogleApi(credentials), endpoints)
    expiry = getattr(credentials, "expiry", None)
    until = f", valid until {expiry:%H:%M} UTC and renewed then" if expiry else ""
    found = f"{member}{until}" if member else f"valid, but Google does not say whose they are{until}"
    findings = [Finding(_CREDENTIALS, State.OK, found, _WHY_CREDENTIALS), *_quota_project(credentials, project)]
    return Account(credentials, member or UNKNOWN_MEMBER), findings


def _member(credentials: "Credentials", api: GoogleApi, endpoints: Endpoints) -> str:
    """Return the account as IAM names it; empty if it is not known."""
    mail = getattr(credentials, "service_account_email", "") or ""
    if "@" in mail:
        return f"serviceAccount:{mail}"
    try:
        mail = api.get(f"{endpoints.user_info}/v1/userinfo").body.get("email", "")
    except ProvisioningError:
        return ""  # said by the checks that need the network
    # It becomes part of commands, so it has to look like an address.
    return f"user:{mail}" if isinstance(mail, str) and re.fullmatch(r"[\w.+'-]+@[\w.-]+", mail) else ""


def _quota_project(credentials: "Credentials", project: str) -> list[Finding]:
    from google.oauth2.credentials import Credentials as UserCredentials

    if not isinstance(credentials, UserCredentials):
        return []
    named = credentials.quota_project_id
    if named:
        return [Finding(_QUOTA_PROJECT, State.OK, str(named), _WHY_QUOTA_PROJECT)]
    remedy = f"gcloud auth application-default set-quota-project {project}"
    return [Finding(_QUOTA_PROJECT, State.WARNING, "the credentials name none", _WHY_QUOTA_PROJECT, remedy)]
