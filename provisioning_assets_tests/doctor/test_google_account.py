"""Whose the credentials are: of a service account, of a user, revoked, or none."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials as UserCredentials

from provisioning_assets.doctor.google_account import find_account
from provisioning_assets.doctor.models import State
from provisioning_assets.errors import ProvisioningError
from provisioning_assets_tests.doctor import google_server as routes
from provisioning_assets_tests.doctor.google_server import PROJECT, GoogleServer

MEMBER = "serviceAccount:demo@demo-project-1.iam.gserviceaccount.com"


def service_account_of(google: GoogleServer) -> service_account.Credentials:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return service_account.Credentials.from_service_account_info(
        {
            "client_email": "demo@demo-project-1.iam.gserviceaccount.com",
            "token_uri": f"{google.address}{routes.TOKEN}",
            "private_key": pem,
        },
        scopes=["https://www.googleapis.com/auth/cloud-platform"],
    )


def test_a_service_account_is_named_and_renewed(google: GoogleServer) -> None:
    google.routes[routes.TOKEN] = (200, {"access_token": "planted-token", "expires_in": 3600, "token_type": "Bearer"})
    account, findings = find_account(lambda: service_account_of(google), google.endpoints, PROJECT)
    assert account is not None
    assert account.member == MEMBER
    assert [finding.state for finding in findings] == [State.OK]
    assert MEMBER in findings[0].found
    assert "planted-token" not in findings[0].found


def test_credentials_that_were_revoked_are_missing(google: GoogleServer) -> None:
    google.routes[routes.TOKEN] = (400, {"error": "invalid_grant", "error_description": "planted-secret was revoked"})
    account, findings = find_account(lambda: service_account_of(google), google.endpoints, PROJECT)
    assert account is None
    assert findings[0].state is State.MISSING
    assert findings[0].remedy == "gcloud auth application-default login"
    assert "planted-secret" not in str(findings)


def test_no_credentials_are_missing_credentials(google: GoogleServer) -> None:
    def none() -> UserCredentials:
        raise ProvisioningError("There are no credentials.", "Log in.")

    account, (finding,) = find_account(none, google.endpoints, PROJECT)
    assert account is None
    assert (finding.state, finding.found, finding.remedy) == (State.MISSING, "There are no credentials.", "Log in.")


def user(quota_project: str | None) -> UserCredentials:
    expiry = (datetime.now(tz=UTC) + timedelta(hours=1)).replace(tzinfo=None)
    return UserCredentials(token="planted-token", expiry=expiry, quota_project_id=quota_project)


def test_a_user_is_named_and_has_to_name_a_project_for_quota(google: GoogleServer) -> None:
    account, findings = find_account(lambda: user(PROJECT), google.endpoints, PROJECT)
    assert account is not None
    assert account.member == "user:ann@example.com"
    assert [finding.state for finding in findings] == [State.OK, State.OK]
    _, findings = find_account(lambda: user(None), google.endpoints, PROJECT)
    assert [finding.state for finding in findings] == [State.OK, State.WARNING]
    assert findings[1].remedy == f"gcloud auth application-default set-quota-project {PROJECT}"


@pytest.mark.parametrize("reply", [(401, {}), (200, {"email": "ann@example.com; rm -rf /"}), (200, {"email": 7})])
def test_an_account_that_is_not_known_is_left_open_in_commands(google: GoogleServer, reply: routes.Reply) -> None:
    google.routes[routes.USER_INFO] = reply
    account, findings = find_account(lambda: user(PROJECT), google.endpoints, PROJECT)
    assert account is not None
    assert account.member == "user:YOUR_ADDRESS"
    assert findings[0].state is State.OK
