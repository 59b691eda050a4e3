"""What a failed call to the Conversational Analytics API means to a user: the agent's name, what happened, what to do."""

from collections.abc import Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager

import requests
from google.api_core import exceptions
from google.auth.exceptions import GoogleAuthError

from provisioning_assets.errors import ProvisioningError

APIS = ("geminidataanalytics.googleapis.com", "cloudaicompanion.googleapis.com")
ROLES = (
    "roles/geminidataanalytics.dataAgentCreator",
    "roles/geminidataanalytics.dataAgentViewer",
    "roles/cloudaicompanion.user",
)
_LONGEST = 300  # characters of the service's own words


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn a call's failure into a problem with its remedy.

    Args:
        name: of the agent, ``projects/P/locations/L/dataAgents/ID``.

    Raises:
        ProvisioningError: the call in the block failed.
    """
    try:
        yield
    except (exceptions.GoogleAPIError, requests.RequestException, GoogleAuthError, FutureTimeoutError) as error:
        raise told(error, name) from error


def told(error: Exception, name: str) -> ProvisioningError:
    """Return a failed call for this agent as a problem with its remedy."""
    project = name.split("/")[1]
    said = reason(error)
    match error:
        case GoogleAuthError() | exceptions.Unauthorized():
            return ProvisioningError(
                f"The credentials are not accepted for the agent {name}: {said}",
                "Run 'gcloud auth application-default login', then run again.",
            )
        case exceptions.Forbidden() if "has not been used" in said or "is disabled" in said:
            return ProvisioningError(
                f"An API that the agent {name} needs is not enabled: {said}",
                f"Run: gcloud services enable {' '.join(APIS)} --project {project}",
            )
        case exceptions.Forbidden():
            grants = "; ".join(
                f"gcloud projects add-iam-policy-binding {project} --member=user:YOU --role={role}" for role in ROLES
            )
            return ProvisioningError(f"No permission for the agent {name}: {said}", f"Ask for these roles: {grants}")
        case exceptions.NotFound():
            return ProvisioningError(
                f"The service does not know {name}: {said}",
                "Check GOOGLE_CLOUD_PROJECT, and CONVERSATIONAL_ANALYTICS_LOCATION (usually 'global').",
            )
        case exceptions.TooManyRequests():
            return ProvisioningError(
                f"The quota for {name} stays used up: {said}",
                "Wait a few minutes and run again, or ask for a higher quota of the Gemini Data Analytics API.",
            )
        case exceptions.BadRequest():
            return ProvisioningError(
                f"The service refuses the agent {name}: {said}", "Change what it names, then run again."
            )
        case _:
            return ProvisioningError(
                f"The service did not answer for the agent {name} ({type(error).__name__}): {said}",
                "Run again: what is finished is kept. Check the connection if it fails again.",
            )


def reason(error: Exception) -> str:
    """Return the service's own words in one line."""
    words = error.message if isinstance(error, exceptions.GoogleAPICallError) else str(error)
    line = " ".join((words or type(error).__name__).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
