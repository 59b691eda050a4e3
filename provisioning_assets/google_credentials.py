"""The credentials with which this process calls Google Cloud."""

from typing import TYPE_CHECKING

from provisioning_assets.errors import ProvisioningError

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

SCOPE = "https://www.googleapis.com/auth/cloud-platform"


def default_credentials() -> "Credentials":
    """Return the application default credentials: of a user, a service account, or the machine that this process runs on.

    Raises:
        ProvisioningError: there are none, or they cannot be used.
    """
    import google.auth
    from google.auth.exceptions import GoogleAuthError

    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
    except GoogleAuthError as error:
        raise ProvisioningError(
            f"There are no credentials for Google Cloud ({type(error).__name__}).",
            "Run 'gcloud auth application-default login', or set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account.",
        ) from error
    return credentials
