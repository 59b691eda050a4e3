"""What goes wrong with Cloud Storage, in words: the bucket's name, what was tried, and the command that helps.

The classes are the ones that gcsfs raises after its retries, seen with the real client and a server that answers so.
"""

import os

import aiohttp
import google.auth.exceptions
import requests.exceptions
from gcsfs.retry import HttpError, NonRetryableError

from provisioning_assets.errors import ProvisioningError

EMULATOR_VARIABLE = "STORAGE_EMULATOR_HOST"

MOST_OF_A_MESSAGE = 300
"""Characters of the service's own words that are shown."""

FAULTS = (
    HttpError,
    NonRetryableError,
    google.auth.exceptions.GoogleAuthError,
    requests.exceptions.RequestException,
    aiohttp.ClientError,
    OSError,  # "Forbidden", and what the network raises
    TimeoutError,
    ValueError,  # "Bad Request"
)
"""What ``explained`` explains."""


def missing_bucket(bucket: str) -> ProvisioningError:
    return ProvisioningError(
        f"There is no bucket {bucket} in Cloud Storage.",
        f"Create it: gcloud storage buckets create gs://{bucket} --location=US --uniform-bucket-level-access, or correct "
        "PROVISIONING_STORE.",
    )


def cut_short(bucket: str, key: str, sent: int, stored: int) -> ProvisioningError:
    return ProvisioningError(
        f"Cloud Storage stored {stored:,} of the {sent:,} bytes of gs://{bucket}/{key}.",
        "Run again: what is finished is kept.",
    )


def explained(error: Exception, bucket: str) -> ProvisioningError:
    """Say what gcsfs raises in words. Google's own words are shown: they name the account and the right."""
    said = _first_words(error)
    code = int(error.code) if isinstance(error, HttpError) and error.code else 0
    if isinstance(error, google.auth.exceptions.DefaultCredentialsError):
        return ProvisioningError(
            f"No credentials for the bucket {bucket} were found on this machine: {said}",
            "Sign in: gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS to a key file.",
        )
    if isinstance(error, NonRetryableError | google.auth.exceptions.GoogleAuthError) or code == 401:
        return ProvisioningError(
            f"Cloud Storage did not accept the credentials for the bucket {bucket}: {said}",
            "Sign in again: gcloud auth application-default login",
        )
    if isinstance(error, OSError) and said.startswith("Forbidden"):
        return ProvisioningError(
            f"Access to the bucket {bucket} was denied: {_after_first_line(error)}",
            f"Grant the right: gcloud storage buckets add-iam-policy-binding gs://{bucket} --member=user:YOUR_ACCOUNT "
            "--role=roles/storage.objectAdmin",
        )
    if code == 429:
        return ProvisioningError(
            f"Cloud Storage limits the requests to the bucket {bucket} at the moment: {said}",
            "Run again in a few minutes: what is finished is kept.",
        )
    if code >= 500 or isinstance(error, requests.exceptions.ProxyError):
        return ProvisioningError(
            f"Cloud Storage failed to answer for the bucket {bucket}, also when asked again: {said}",
            "Run again in a few minutes: what is finished is kept. Its state: https://status.cloud.google.com",
        )
    if code or (isinstance(error, ValueError) and not isinstance(error, requests.exceptions.RequestException)):
        return ProvisioningError(
            f"Cloud Storage refused a request about the bucket {bucket}: {said}",
            "Check the bucket's name in PROVISIONING_STORE.",
        )
    emulator = os.environ.get(EMULATOR_VARIABLE)
    return ProvisioningError(
        f"Cloud Storage could not be reached for the bucket {bucket}, also when tried again: {said}",
        f"Start the emulator that {EMULATOR_VARIABLE} names ({emulator}), or unset the variable."
        if emulator
        else "Check this machine's connection to https://storage.googleapis.com, then run again: what is finished is kept.",
    )


def _first_words(error: Exception) -> str:
    words = str(error).strip() or type(error).__name__
    return words.splitlines()[0][:MOST_OF_A_MESSAGE]


def _after_first_line(error: Exception) -> str:
    """What Google says in gcsfs' text for 403, whose first line is the address."""
    lines = [line for line in str(error).splitlines()[1:] if line.strip()]
    return lines[0][:MOST_OF_A_MESSAGE] if lines else "no reason was given."
