"""Checks of Google Cloud: project, billing, APIs, permissions, bucket, BigQuery, the Conversational Analytics API."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from provisioning_assets.doctor.bucket_location import BucketLocation, can_load
from provisioning_assets.doctor.google_account import Account
from provisioning_assets.doctor.google_api import Answer, Endpoints, GoogleApi
from provisioning_assets.doctor.models import Check, Finding, State
from provisioning_assets.doctor.permissions import (
    BUCKET_RIGHTS,
    PROJECT_RIGHTS,
    Place,
    Right,
    bucket_place,
    project_place,
    rights_findings,
)

AGENT_API = "geminidataanalytics.googleapis.com"
APIS = {
    "bigquery.googleapis.com": "The data set of each demo is in BigQuery.",
    "storage.googleapis.com": "The store is a bucket of Cloud Storage.",
    AGENT_API: "The data agents are made with the Conversational Analytics API.",
    "cloudaicompanion.googleapis.com": "The Conversational Analytics API answers with Gemini for Google Cloud.",
}
"""APIs that a run needs, and what for."""
WANTED_APIS = {"secretmanager.googleapis.com": "Keys can be kept in Secret Manager. The environment serves as well."}
"""APIs that a run can do without, and what they are for."""
CHATS_PER_MINUTE = 25
"""As many questions as an evaluation asks (``agent.clients.SERVICE_QUOTA``; a test compares the two)."""
UNITS_OF_A_CHAT = 8
"""Quota units that one chat takes. Source: the product's page of quotas (240 units are 30 chats)."""
DEFAULT_BUDGET_USD = "1.00"

# Rules for names, so that nothing else gets into addresses and commands. Sources: the documentation of projects and buckets.
_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_LOCATION = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,40}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")

_PROJECT_WHAT, _BILLING = "Project", "Billing"
_APIS, _LOCATION_WHAT, _AGENTS, _QUOTA = "APIs", "BigQuery's location", "Conversational Analytics API", "Quota of chats"
_BUCKET_WHAT, _BUDGET = "Bucket of the store", "Budget"
_WHY_PROJECT = "Data sets and agents are made in the project."
_WHY_BILLING = "Without billing, Google Cloud refuses buckets, and BigQuery deletes tables after 60 days."
_WHY_LOCATION = "Data sets are created there. A location that BigQuery does not have is refused only then."
_WHY_AGENTS = "It answers the questions of the demo."
_WHY_QUOTA = "Above the quota questions have to wait, and an evaluation takes longer."
_WHY_BUCKET = "BigQuery loads the tables from it, and only if the bucket's location fits that of the data set."
_WHY_RIGHTS = "A run creates and reads things there."
_WHY_BUDGET = "A demo may not cost more than this."


@dataclass(frozen=True)
class CloudSettings:
    """What the target ``gcp`` was given, as plain texts of the environment.

    Args:
        project: ``GOOGLE_CLOUD_PROJECT``.
        store: ``PROVISIONING_STORE``, e.g. ``gs://bucket/prefix``.
        bigquery_location: ``BIGQUERY_LOCATION``, e.g. ``US`` or ``europe-west1``.
        agents_location: ``CONVERSATIONAL_ANALYTICS_LOCATION``.
        budget_usd: ``PROVISIONING_BUDGET_USD``, in US dollars for one demo.
    """

    project: str
    store: str
    bigquery_location: str = "US"
    agents_location: str = "global"
    budget_usd: str = DEFAULT_BUDGET_USD

    @property
    def bucket(self) -> str:
        """The bucket of the store; empty if the store is not a bucket."""
        return self.store.removeprefix("gs://").partition("/")[0] if self.store.startswith("gs://") else ""


# --- what is given, before any call -------------------------------------------------------------------------------


def given_findings(settings: CloudSettings) -> list[Finding]:
    """Return the settings that are missing or cannot be names, and the budget. Nothing is called."""
    findings = []
    if not _PROJECT.fullmatch(settings.project):
        found = (
            f"GOOGLE_CLOUD_PROJECT is {settings.project!r}" if settings.project else "GOOGLE_CLOUD_PROJECT is not set"
        )
        remedy = "export GOOGLE_CLOUD_PROJECT=PROJECT_ID   # gcloud projects list shows them"
        findings.append(Finding(_PROJECT_WHAT, State.MISSING, found, _WHY_PROJECT, remedy))
    for variable, what, why, value in (
        ("BIGQUERY_LOCATION", _LOCATION_WHAT, _WHY_LOCATION, settings.bigquery_location),
        ("CONVERSATIONAL_ANALYTICS_LOCATION", _AGENTS, _WHY_AGENTS, settings.agents_location),
    ):
        if not _LOCATION.fullmatch(value):
            found, remedy = f"{variable} is {value!r}, which is not a location", f"unset {variable}"
            findings.append(Finding(what, State.MISSING, found, why, remedy))
    if not _BUCKET.fullmatch(settings.bucket):
        found = f"PROVISIONING_STORE is {settings.store!r}, which is not in a bucket"
        remedy = "export PROVISIONING_STORE=gs://BUCKET/demos"
        findings.append(Finding(_BUCKET_WHAT, State.MISSING, found, _WHY_BUCKET, remedy))
    return [*findings, budget_finding(settings.budget_usd)]


def budget_finding(budget_usd: str) -> Finding:
    """Return the budget, in US dollars, or that it is not an amount."""
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", budget_usd) and float(budget_usd) > 0:
        return Finding(_BUDGET, State.OK, f"{float(budget_usd):.2f} USD for one demo", _WHY_BUDGET)
    found = f"PROVISIONING_BUDGET_USD is {budget_usd!r}, which is not an amount above 0"
    return Finding(_BUDGET, State.MISSING, found, _WHY_BUDGET, f"export PROVISIONING_BUDGET_USD={DEFAULT_BUDGET_USD}")


# --- the checks ---------------------------------------------------------------------------------------------------


def cloud_checks(settings: CloudSettings, account: Account, endpoints: Endpoints, api: GoogleApi) -> list[Check]:
    """Return the checks that call Google. None of the calls changes anything.

    Args:
        settings: those that ``given_findings`` refuses are not asked for.
        account: whose rights are checked.
        endpoints: base addresses.
        api: makes the calls.
    """
    checks = []
    project = settings.project
    if _PROJECT.fullmatch(project):
        place = project_place(project)
        checks += [
            Check(_PROJECT_WHAT, _WHY_PROJECT, lambda: [_project(api, endpoints, project)]),
            Check(_BILLING, _WHY_BILLING, lambda: [_billing(api, endpoints, project)]),
            Check(_APIS, "Each part of a run calls an API.", lambda: _apis(api, endpoints, project)),
            Check(
                f"Permissions on the {place.what}",
                _WHY_RIGHTS,
                lambda: _rights(
                    PROJECT_RIGHTS, _project_asker(api, endpoints, project), place, account.member, project
                ),
            ),
        ]
        if _LOCATION.fullmatch(settings.bigquery_location):
            checks.append(
                Check(_LOCATION_WHAT, _WHY_LOCATION, lambda: [_location(api, endpoints, settings, account.member)])
            )
        if _LOCATION.fullmatch(settings.agents_location):
            checks.append(Check(_AGENTS, _WHY_AGENTS, lambda: [_agents(api, endpoints, settings)]))
        checks.append(Check(_QUOTA, _WHY_QUOTA, lambda: [_quota(api, endpoints, project)]))
    bucket = settings.bucket
    if _BUCKET.fullmatch(bucket):
        held_in = bucket_place(bucket)
        checks += [
            Check(_BUCKET_WHAT, _WHY_BUCKET, lambda: [_bucket(api, endpoints, settings)]),
            Check(
                f"Permissions on the {held_in.what}",
                _WHY_RIGHTS,
                lambda: _rights(BUCKET_RIGHTS, _bucket_asker(api, endpoints, bucket), held_in, account.member, project),
            ),
        ]
    return checks


def _not_known(what: str, why: str, answer: Answer, api: str, project: str) -> Finding:
    """Return the finding of a check that the service refused to answer."""
    remedy = _enable([api], project) if answer.api_disabled else ""
    return Finding(what, State.WARNING, f"could not be checked: {answer.said}", why, remedy)


def _enable(apis: list[str], project: str) -> str:
    return f"gcloud services enable {' '.join(apis)} --project {project}"


def _project(api: GoogleApi, endpoints: Endpoints, project: str) -> Finding:
    answer = api.get(f"{endpoints.resource_manager}/v3/projects/{project}")
    if answer.ok:
        state = str(answer.body.get("state", ""))
        if state == "ACTIVE":
            return Finding(_PROJECT_WHAT, State.OK, f"{project} exists", _WHY_PROJECT)
        found = f"{project} has the state {state or 'unknown'}"
        return Finding(_PROJECT_WHAT, State.MISSING, found, _WHY_PROJECT, f"gcloud projects undelete {project}")
    if answer.status == 404:
        remedy = "export GOOGLE_CLOUD_PROJECT=PROJECT_ID   # gcloud projects list shows them"
        return Finding(_PROJECT_WHAT, State.MISSING, f"{project}: {answer.said}", _WHY_PROJECT, remedy)
    return _not_known(_PROJECT_WHAT, _WHY_PROJECT, answer, "cloudresourcemanager.googleapis.com", project)


def _billing(api: GoogleApi, endpoints: Endpoints, project: str) -> Finding:
    answer = api.get(f"{endpoints.billing}/v1/projects/{project}/billingInfo")
    if not answer.ok:
        return _not_known(_BILLING, _WHY_BILLING, answer, "cloudbilling.googleapis.com", project)
    if answer.body.get("billingEnabled") is True:
        return Finding(_BILLING, State.OK, f"enabled for {project}", _WHY_BILLING)
    remedy = f"gcloud billing projects link {project} --billing-account ACCOUNT   # gcloud billing accounts list"
    return Finding(_BILLING, State.MISSING, f"not enabled for {project}", _WHY_BILLING, remedy)


def _apis(api: GoogleApi, endpoints: Endpoints, project: str) -> list[Finding]:
    asked = APIS | WANTED_APIS
    names = [f"projects/{project}/services/{name}" for name in asked]
    answer = api.get(f"{endpoints.service_usage}/v1/projects/{project}/services:batchGet", {"names": names})
    if not answer.ok:
        return [_not_known(_APIS, "Each part of a run calls an API.", answer, "serviceusage.googleapis.com", project)]
    # The answer names the project by its number.
    states = {
        str(entry.get("name", "")).rpartition("/")[2]: entry.get("state") for entry in _entries(answer, "services")
    }
    findings = []
    for name, why in asked.items():
        if states.get(name) == "ENABLED":
            findings.append(Finding(f"API {name}", State.OK, "enabled", why))
        else:
            state = State.MISSING if name in APIS else State.WARNING
            findings.append(Finding(f"API {name}", state, f"not enabled in {project}", why, _enable([name], project)))
    return findings


def _entries(answer: Answer, field: str) -> list[Mapping[str, Any]]:
    entries = answer.body.get(field)
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []


# --- permissions --------------------------------------------------------------------------------------------------


def _project_asker(api: GoogleApi, endpoints: Endpoints, project: str) -> Callable[[list[str]], Answer]:
    address = f"{endpoints.resource_manager}/v3/projects/{project}:testIamPermissions"
    return lambda permissions: api.post(address, {"permissions": permissions})


def _bucket_asker(api: GoogleApi, endpoints: Endpoints, bucket: str) -> Callable[[list[str]], Answer]:
    address = f"{endpoints.storage}/storage/v1/b/{quote(bucket, safe='')}/iam/testPermissions"
    return lambda permissions: api.get(address, {"permissions": permissions})


def _rights(
    rights: tuple[Right, ...], ask: Callable[[list[str]], Answer], place: Place, member: str, project: str
) -> list[Finding]:
    permissions = [right.permission for right in rights]
    answer = ask(permissions)
    if answer.ok:
        return rights_findings(rights, _held(answer), (), place, member)
    if answer.status != 400:
        service = "storage" if rights is BUCKET_RIGHTS else "cloudresourcemanager"
        return [
            _not_known(f"Permissions on the {place.what}", _WHY_RIGHTS, answer, f"{service}.googleapis.com", project)
        ]
    # The service refuses a list that contains a permission it does not know: each is asked for by itself.
    held, unknown = set(), []
    for permission in permissions:
        alone = ask([permission])
        if alone.ok:
            held |= _held(alone)
        else:
            unknown.append(permission)
    return rights_findings(rights, held, unknown, place, member)


def _held(answer: Answer) -> set[str]:
    permissions = answer.body.get("permissions")  # left out if the account has none of them
    return {str(permission) for permission in permissions} if isinstance(permissions, list) else set()


# --- bucket, BigQuery, agents -------------------------------------------------------------------------------------


def _bucket(api: GoogleApi, endpoints: Endpoints, settings: CloudSettings) -> Finding:
    bucket, dataset_location = settings.bucket, settings.bigquery_location
    create = (
        f"gcloud storage buckets create gs://{bucket} --project {settings.project} --location {dataset_location} "
        "--uniform-bucket-level-access"
    )
    fields = {"fields": "location,customPlacementConfig"}
    answer = api.get(f"{endpoints.storage}/storage/v1/b/{quote(bucket, safe='')}", fields)
    if answer.status == 404:
        return Finding(_BUCKET_WHAT, State.MISSING, f"gs://{bucket} does not exist", _WHY_BUCKET, create)
    if not answer.ok:
        return _not_known(_BUCKET_WHAT, _WHY_BUCKET, answer, "storage.googleapis.com", settings.project)
    placement = answer.body.get("customPlacementConfig")
    regions = placement.get("dataLocations") if isinstance(placement, Mapping) else None
    location = BucketLocation(str(answer.body.get("location", "")), tuple(regions) if isinstance(regions, list) else ())
    where = f"gs://{bucket} is in {location.name}" + (f" ({', '.join(location.regions)})" if location.regions else "")
    fits = can_load(dataset_location, location)
    if fits:
        return Finding(_BUCKET_WHAT, State.OK, f"{where}, which fits {dataset_location}", _WHY_BUCKET)
    other = create.replace(f"gs://{bucket}", "gs://NEW_BUCKET")
    remedy = f"{other}   # and name it in PROVISIONING_STORE"
    if fits is None:
        found = f"{where}: it is not documented whether data sets in {dataset_location} load from there"
        return Finding(_BUCKET_WHAT, State.WARNING, found, _WHY_BUCKET, remedy)
    found = f"{where}, from where data sets in {dataset_location} cannot be loaded"
    return Finding(_BUCKET_WHAT, State.MISSING, found, _WHY_BUCKET, remedy)


def _location(api: GoogleApi, endpoints: Endpoints, settings: CloudSettings, member: str) -> Finding:
    """Ask for the cost of a query in the location; a dry run is free and runs nothing."""
    project, location = settings.project, settings.bigquery_location
    job = {
        "configuration": {"dryRun": True, "query": {"query": "SELECT 1", "useLegacySql": False}},
        "jobReference": {"projectId": project, "location": location},
    }
    answer = api.post(f"{endpoints.bigquery}/bigquery/v2/projects/{project}/jobs", job)
    if answer.ok:
        return Finding(_LOCATION_WHAT, State.OK, f"BigQuery answers in {location}", _WHY_LOCATION)
    found = f"{location}: {answer.said}"
    if answer.api_disabled:
        remedy = _enable(["bigquery.googleapis.com"], project)
    elif answer.status == 403:
        remedy = project_place(project).grant("roles/bigquery.jobUser", member)
    else:
        remedy = "export BIGQUERY_LOCATION=US   # or another of cloud.google.com/bigquery/docs/locations"
    if answer.status in (400, 403, 404):
        return Finding(_LOCATION_WHAT, State.MISSING, found, _WHY_LOCATION, remedy)
    return Finding(_LOCATION_WHAT, State.WARNING, f"could not be checked: {answer.said}", _WHY_LOCATION)


def _agents(api: GoogleApi, endpoints: Endpoints, settings: CloudSettings) -> Finding:
    parent = f"projects/{settings.project}/locations/{settings.agents_location}"
    answer = api.get(f"{endpoints.conversational_analytics}/v1/{parent}/dataAgents", {"pageSize": "1"})
    if answer.ok:
        return Finding(_AGENTS, State.OK, f"it answers for {parent}", _WHY_AGENTS)
    if answer.api_disabled:
        remedy = _enable([AGENT_API, "cloudaicompanion.googleapis.com"], settings.project)
        return Finding(_AGENTS, State.MISSING, answer.said, _WHY_AGENTS, remedy)
    if answer.status in (400, 404) or (answer.status == 403 and settings.agents_location != "global"):
        # The global host answers the parents of other locations with 403.
        remedy = "export CONVERSATIONAL_ANALYTICS_LOCATION=global"
        return Finding(_AGENTS, State.MISSING, f"{parent}: {answer.said}", _WHY_AGENTS, remedy)
    return Finding(_AGENTS, State.WARNING, f"could not be checked: {answer.said}", _WHY_AGENTS)


def _quota(api: GoogleApi, endpoints: Endpoints, project: str) -> Finding:
    page = f"https://console.cloud.google.com/apis/api/{AGENT_API}/quotas?project={project}"
    address = f"{endpoints.service_usage}/v1beta1/projects/{project}/services/{AGENT_API}/consumerQuotaMetrics"
    answer = api.get(address, {"pageSize": "500"})
    if not answer.ok:
        return _not_known(_QUOTA, _WHY_QUOTA, answer, "serviceusage.googleapis.com", project)
    units = chat_units_per_minute(answer.body)
    if units is None:
        return Finding(
            _QUOTA, State.WARNING, "not known: the service lists none for chats", _WHY_QUOTA, f"Look at {page}"
        )
    if units < 0:
        return Finding(_QUOTA, State.OK, "unlimited", _WHY_QUOTA)
    chats = units // UNITS_OF_A_CHAT
    found = f"{units} units, that is {chats} chats a minute"
    if chats >= CHATS_PER_MINUTE:
        return Finding(_QUOTA, State.OK, found, _WHY_QUOTA)
    return Finding(
        _QUOTA, State.WARNING, f"{found}; {CHATS_PER_MINUTE} are asked", _WHY_QUOTA, f"Ask for more at {page}"
    )


def chat_units_per_minute(listed: Mapping[str, Any]) -> int | None:
    """Return the project's quota units of chats a minute; -1: unlimited; None: the list does not say.

    Args:
        listed: the answer of ``consumerQuotaMetrics``.
    """
    found = []
    for metric in _entries(Answer(200, listed), "metrics"):
        if "chat" not in f"{metric.get('metric', '')} {metric.get('displayName', '')}".lower():
            continue
        for limit in _entries(Answer(200, metric), "consumerQuotaLimits"):
            if limit.get("unit") != "1/min/{project}":
                continue
            # The first bucket without dimensions is that of the whole project.
            for bucket in _entries(Answer(200, limit), "quotaBuckets"):
                if not bucket.get("dimensions"):
                    found.append(int(str(bucket.get("effectiveLimit", "0"))))
    limited = [units for units in found if units >= 0]
    return min(limited) if limited else (-1 if found else None)
