"""Examines everything that a run of the configured target needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provisioning_assets.doctor.google_api import Endpoints
from provisioning_assets.doctor.machine import machine_checks, store_check
from provisioning_assets.doctor.models import Check, Finding, State
from provisioning_assets.doctor.running import run_checks
from provisioning_assets.redaction import without_secrets
from provisioning_assets.settings import PROJECT_FOLDER

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from provisioning_assets.doctor.google_cloud import CloudSettings

GCP = "gcp"
LONGEST_SECONDS = 90.0
"""For all checks together, which normally take a few seconds. Only a network or a database that swallows requests takes longer."""
_CLOUD_SECONDS = 45.0
"""For the checks that call Google, after the account is known. A call takes at most three attempts of ten seconds."""
_GOOGLE_CLOUD = "Google Cloud"
_WHY_GOOGLE_CLOUD = "The demos of the target gcp are made there."


@dataclass(frozen=True)
class Checkup:
    """What was found for a target."""

    target: str
    findings: Sequence[Finding]

    @property
    def ready(self) -> bool:
        """Whether a run has what it needs."""
        return all(finding.state is not State.MISSING for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        """Return the checkup as a JSON object, for scripts."""
        return {
            "target": self.target,
            "ready": self.ready,
            "findings": [finding.as_json() for finding in self.findings],
        }


def examine(
    environment: Mapping[str, str],
    *,
    endpoints: Endpoints | None = None,
    credentials_of_process: "Callable[[], Credentials] | None" = None,
) -> Checkup:
    """Return what was found, without any secret of the environment. Nothing is changed in the store or on Google Cloud.

    Args:
        environment: the variables of this process.
        endpoints: Google's addresses; None: the real ones, and ``CONVERSATIONAL_ANALYTICS_ENDPOINT`` if it is set.
        credentials_of_process: returns Google's credentials; None: the application default credentials.
    """
    # As it was given: a value that is not accepted is one of the findings, and must not hide the others.
    target = environment.get("PROVISIONING_TARGET", "") or "local"
    store = _store_root(environment)
    checks = machine_checks(store)
    if target == GCP:
        settings = cloud_settings(environment, store)
        places = endpoints or _endpoints(environment)
        checks.append(
            Check(_GOOGLE_CLOUD, _WHY_GOOGLE_CLOUD, lambda: _cloud_findings(settings, places, credentials_of_process))
        )
    findings = run_checks(checks, LONGEST_SECONDS)
    return Checkup(target, [_redacted(finding, environment) for finding in findings])


def cloud_settings(environment: Mapping[str, str], store: str) -> "CloudSettings":
    """Return what the target ``gcp`` was given.

    Args:
        environment: variable -> value.
        store: the store's folder or address.
    """
    from provisioning_assets.doctor.google_cloud import CloudSettings

    given = CloudSettings(project=environment.get("GOOGLE_CLOUD_PROJECT", ""), store=store)
    variables = {
        "bigquery_location": "BIGQUERY_LOCATION",
        "agents_location": "CONVERSATIONAL_ANALYTICS_LOCATION",
        "budget_usd": "PROVISIONING_BUDGET_USD",
    }
    return replace(given, **{field: environment[name] for field, name in variables.items() if environment.get(name)})


def _cloud_findings(
    settings: "CloudSettings", endpoints: Endpoints, credentials_of_process: "Callable[[], Credentials] | None"
) -> list[Finding]:
    from provisioning_assets.doctor.google_account import find_account
    from provisioning_assets.doctor.google_api import GoogleApi
    from provisioning_assets.doctor.google_cloud import cloud_checks, given_findings
    from provisioning_assets.google_credentials import default_credentials

    account, findings = find_account(credentials_of_process or default_credentials, endpoints, settings.project)
    findings += given_findings(settings)
    if account is None:
        found = "could not be checked: there are no usable credentials"
        return [*findings, Finding(_GOOGLE_CLOUD, State.WARNING, found, _WHY_GOOGLE_CLOUD)]
    checks = cloud_checks(settings, account, endpoints, GoogleApi(account.credentials))
    if settings.bucket:
        checks.append(store_check(settings.store))
    return [*findings, *run_checks(checks, _CLOUD_SECONDS)]


def _redacted(finding: Finding, environment: Mapping[str, str]) -> Finding:
    """Return the finding without secrets in what was found and in the remedy; the other texts are the project's own."""
    return replace(
        finding,
        found=without_secrets(finding.found, environment),
        remedy=without_secrets(finding.remedy, environment),
    )


def _store_root(environment: Mapping[str, str]) -> str:
    from provisioning_assets.settings import Settings

    store = environment.get("PROVISIONING_STORE") or str(Settings.model_fields["store"].default)
    return store if "://" in store else str((PROJECT_FOLDER / store).resolve())


def _endpoints(environment: Mapping[str, str]) -> Endpoints:
    chosen = environment.get("CONVERSATIONAL_ANALYTICS_ENDPOINT", "").rstrip("/")
    return Endpoints(conversational_analytics=chosen) if chosen else Endpoints()
