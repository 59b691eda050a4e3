"""The checks of Google Cloud, through the real calls, against a server that refuses what a test wants to see refused."""

import re
from dataclasses import replace
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.oauth2.credentials import Credentials as UserCredentials

from provisioning_assets.agent.clients import SERVICE_QUOTA
from provisioning_assets.doctor.bucket_location import BucketLocation, can_load
from provisioning_assets.doctor.google_account import Account
from provisioning_assets.doctor.google_api import Endpoints, GoogleApi
from provisioning_assets.doctor.google_cloud import (
    APIS,
    CHATS_PER_MINUTE,
    WANTED_APIS,
    CloudSettings,
    budget_finding,
    cloud_checks,
    given_findings,
)
from provisioning_assets.doctor.models import Finding, State
from provisioning_assets.doctor.running import run_checks
from provisioning_assets_tests.doctor import google_server as routes
from provisioning_assets_tests.doctor.google_server import BUCKET, PROJECT, GoogleServer, granting, refusal

MEMBER = "serviceAccount:demo@demo-project-1.iam.gserviceaccount.com"
SETTINGS = CloudSettings(project=PROJECT, store=f"gs://{BUCKET}/demos")


def examined(google: GoogleServer, settings: CloudSettings = SETTINGS, member: str = MEMBER) -> list[Finding]:
    """Carry out all checks that call Google."""
    account = Account(AnonymousCredentials(), member)
    api = GoogleApi(account.credentials, first_wait_seconds=0.001)
    return run_checks(cloud_checks(settings, account, google.endpoints, api), 20)


def not_ok(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.state is not State.OK]


def only(findings: list[Finding]) -> Finding:
    """The one finding that is not ok."""
    (finding,) = not_ok(findings)
    return finding


def test_nothing_is_wrong_where_all_is_well(google: GoogleServer) -> None:
    findings = examined(google)
    assert not_ok(findings) == []
    assert len(findings) == 8 + len(APIS) + len(WANTED_APIS)
    assert any("30 chats a minute" in finding.found for finding in findings)


def test_no_call_changes_anything(google: GoogleServer) -> None:
    examined(google)
    posts = {request.path: request.body for request in google.requests if request.method != "GET"}
    assert set(posts) == {routes.PROJECT_RIGHTS_PATH, routes.JOBS}
    assert posts[routes.JOBS]["configuration"]["dryRun"] is True
    assert posts[routes.JOBS]["jobReference"]["location"] == "US"


@pytest.mark.parametrize(
    ("path", "reply", "what", "state", "in_found", "in_remedy"),
    [
        (routes.PROJECT_PATH, refusal(404, "Project not found"), "Project", State.MISSING, "not found", "GOOGLE_CLOUD_PROJECT="),
        (routes.PROJECT_PATH, refusal(403, "The caller does not have permission"), "Project", State.WARNING, "not have perm", ""),
        (
            routes.PROJECT_PATH,
            refusal(403, "has not been used in project 123", "SERVICE_DISABLED"),
            "Project",
            State.WARNING,
            "could not be checked",
            f"gcloud services enable cloudresourcemanager.googleapis.com --project {PROJECT}",
        ),
        (
            routes.PROJECT_PATH,
            (200, {"state": "DELETE_REQUESTED"}),
            "Project",
            State.MISSING,
            "DELETE_REQUESTED",
            f"gcloud projects undelete {PROJECT}",
        ),
        (
            routes.BILLING,
            (200, {"billingEnabled": False}),
            "Billing",
            State.MISSING,
            "not enabled",
            f"gcloud billing projects link {PROJECT} --billing-account",
        ),
        (routes.BILLING, refusal(403, "denied"), "Billing", State.WARNING, "could not be checked: denied", ""),
        (routes.SERVICES, refusal(403, "denied"), "APIs", State.WARNING, "could not be checked: denied", ""),
        (routes.PROJECT_RIGHTS_PATH, refusal(403, "denied"), "Permissions", State.WARNING, "could not be checked: denied", ""),
        (
            routes.BUCKET_PATH,
            refusal(404, "The specified bucket does not exist."),
            "Bucket",
            State.MISSING,
            f"gs://{BUCKET} does not exist",
            f"gcloud storage buckets create gs://{BUCKET} --project {PROJECT} --location US",
        ),
        (routes.BUCKET_PATH, refusal(403, "no storage.buckets.get"), "Bucket", State.WARNING, "storage.buckets.get", ""),
        (routes.BUCKET_RIGHTS_PATH, refusal(404, "no bucket"), "Permissions", State.WARNING, "could not be checked", ""),
        (
            routes.JOBS,
            refusal(400, "Location us-nowhere1 does not exist"),
            "BigQuery's location",
            State.MISSING,
            "does not exist",
            "BIGQUERY_LOCATION=",
        ),
        (
            routes.JOBS,
            refusal(403, "User does not have bigquery.jobs.create permission"),
            "BigQuery's location",
            State.MISSING,
            "bigquery.jobs.create",
            f"add-iam-policy-binding {PROJECT} --condition=None --member={MEMBER} --role=roles/bigquery.jobUser",
        ),
        (
            routes.JOBS,
            (403, {"error": {"message": "not used", "errors": [{"reason": "accessNotConfigured"}]}}),
            "BigQuery's location",
            State.MISSING,
            "not used",
            f"gcloud services enable bigquery.googleapis.com --project {PROJECT}",
        ),
        (
            routes.AGENTS,
            refusal(403, "Gemini Data Analytics API has not been used", "SERVICE_DISABLED"),
            "Conversational Analytics API",
            State.MISSING,
            "has not been used",
            f"gcloud services enable geminidataanalytics.googleapis.com cloudaicompanion.googleapis.com --project {PROJECT}",
        ),
        (
            routes.AGENTS,
            refusal(404, "no such location"),
            "Conversational Analytics API",
            State.MISSING,
            "no such location",
            "CONVERSATIONAL_ANALYTICS_LOCATION=global",
        ),
        (routes.AGENTS, refusal(403, "denied"), "Conversational Analytics API", State.WARNING, "denied", ""),
        (routes.QUOTAS, routes.chat_quota(80), "Quota of chats", State.WARNING, "10 chats a minute", "quotas?project="),
        (routes.QUOTAS, (200, {"metrics": []}), "Quota of chats", State.WARNING, "not known", "quotas?project="),
        (routes.QUOTAS, refusal(403, "denied"), "Quota of chats", State.WARNING, "could not be checked: denied", ""),
    ],
)  # fmt: skip
def test_each_refusal_is_one_finding_and_leaves_the_others(
    google: GoogleServer, path: str, reply: Any, what: str, state: State, in_found: str, in_remedy: str
) -> None:
    google.routes[path] = reply
    finding = only(examined(google))
    assert finding.what.startswith(what)
    assert (finding.state, bool(finding.why)) == (state, True)
    assert in_found in finding.found
    assert in_remedy in finding.remedy


def test_another_location_that_the_global_host_refuses_is_missing(google: GoogleServer) -> None:
    path = routes.AGENTS.replace("global", "us-east4")
    google.routes[path] = refusal(403, "denied")
    finding = only(examined(google, replace(SETTINGS, agents_location="us-east4")))
    assert finding.state is State.MISSING
    assert finding.remedy == "export CONVERSATIONAL_ANALYTICS_LOCATION=global"


def test_every_api_that_is_not_enabled_is_named_with_its_command(google: GoogleServer) -> None:
    google.routes[routes.SERVICES] = routes.enabled("storage.googleapis.com", "bigquery.googleapis.com")
    lacking = {finding.what: finding for finding in not_ok(examined(google))}
    assert {what: finding.state for what, finding in lacking.items()} == {
        "API geminidataanalytics.googleapis.com": State.MISSING,
        "API cloudaicompanion.googleapis.com": State.MISSING,
        "API secretmanager.googleapis.com": State.WARNING,
    }
    for what, finding in lacking.items():
        assert finding.remedy == f"gcloud services enable {what.removeprefix('API ')} --project {PROJECT}"


@pytest.mark.parametrize("units", [-1, 240, 200])
def test_a_quota_that_suffices_is_fine(google: GoogleServer, units: int) -> None:
    google.routes[routes.QUOTAS] = routes.chat_quota(units)
    assert not_ok(examined(google)) == []


def test_as_many_chats_are_expected_as_an_evaluation_asks() -> None:
    assert SERVICE_QUOTA.per_minute == CHATS_PER_MINUTE


# --- permissions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("permission", "role", "state"),
    [
        ("bigquery.datasets.create", "roles/bigquery.user", State.MISSING),
        ("bigquery.datasets.get", "roles/bigquery.user", State.MISSING),
        ("bigquery.jobs.create", "roles/bigquery.jobUser", State.MISSING),
        ("serviceusage.services.use", "roles/serviceusage.serviceUsageConsumer", State.WARNING),
        ("geminidataanalytics.dataAgents.create", "roles/geminidataanalytics.dataAgentCreator", State.MISSING),
        ("geminidataanalytics.dataAgents.get", "roles/geminidataanalytics.dataAgentViewer", State.MISSING),
        ("geminidataanalytics.dataAgents.list", "roles/geminidataanalytics.dataAgentViewer", State.WARNING),
        ("cloudaicompanion.topics.create", "roles/cloudaicompanion.user", State.MISSING),
    ],
)
def test_a_permission_that_is_not_granted_is_named_with_the_command_that_grants_it(
    google: GoogleServer, permission: str, role: str, state: State
) -> None:
    held = [name for name in routes.PROJECT_PERMISSIONS if name != permission]
    google.routes[routes.PROJECT_RIGHTS_PATH] = granting(held)
    finding = only(examined(google))
    assert finding.state is state
    assert permission in finding.found
    command = f"gcloud projects add-iam-policy-binding {PROJECT} --condition=None --member={MEMBER} --role={role}"
    assert finding.remedy == command


def test_without_any_permission_each_role_is_named_once(google: GoogleServer) -> None:
    google.routes[routes.PROJECT_RIGHTS_PATH] = granting([])
    google.routes[routes.BUCKET_RIGHTS_PATH] = granting([])
    commands = [finding.remedy for finding in not_ok(examined(google))]
    assert len(commands) == len(set(commands)) == 7
    grant = f"gcloud storage buckets add-iam-policy-binding gs://{BUCKET}"
    assert f"{grant} --member={MEMBER} --role=roles/storage.objectUser" in commands


def test_permissions_on_the_bucket_are_told_apart(google: GoogleServer) -> None:
    google.routes[routes.BUCKET_RIGHTS_PATH] = granting(["storage.objects.get", "storage.objects.list"])
    finding = only(examined(google))
    assert finding.state is State.MISSING
    assert finding.found == "not granted: storage.objects.create, storage.objects.delete"


def test_a_permission_that_the_service_does_not_know_hides_no_other(google: GoogleServer) -> None:
    held = granting([name for name in routes.PROJECT_PERMISSIONS if name != "bigquery.jobs.create"])
    unknown = "cloudaicompanion.topics.create"

    def reply(request: routes.Request) -> routes.Reply:
        if unknown in request.body["permissions"]:
            return refusal(400, f"Permission {unknown} is not valid for this resource.")
        return held(request)

    google.routes[routes.PROJECT_RIGHTS_PATH] = reply
    lacking, not_asked = not_ok(examined(google))
    assert (lacking.state, not_asked.state) == (State.MISSING, State.WARNING)
    assert lacking.remedy.endswith("--role=roles/bigquery.jobUser")
    assert unknown in not_asked.found


# --- the wire -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [(503, {}), (429, {}), (0, b"")])
def test_a_service_that_is_busy_once_is_asked_again(google: GoogleServer, trouble: routes.Reply) -> None:
    well = google.routes[routes.BILLING]
    google.routes[routes.BILLING] = lambda _: trouble if len(google.asked(routes.BILLING)) == 1 else well  # type: ignore[return-value]
    assert not_ok(examined(google)) == []
    assert len(google.asked(routes.BILLING)) == 2


def test_a_service_that_stays_busy_is_a_warning_after_three_attempts(google: GoogleServer) -> None:
    google.routes[routes.JOBS] = (503, b"<html>try later</html>")
    finding = only(examined(google))
    assert finding.state is State.WARNING
    assert "status 503" in finding.found
    assert len(google.asked(routes.JOBS)) == 3


def test_where_nothing_answers_every_check_says_so() -> None:
    nowhere = Endpoints(*["http://127.0.0.1:9"] * 7)
    account = Account(AnonymousCredentials(), MEMBER)
    api = GoogleApi(account.credentials, first_wait_seconds=0.001)
    findings = run_checks(cloud_checks(SETTINGS, account, nowhere, api), 20)
    assert len(findings) == 9
    assert {finding.state for finding in findings} == {State.WARNING}
    assert all("127.0.0.1 does not answer" in finding.found and finding.remedy for finding in findings)


def test_an_answer_of_another_form_is_no_stack_trace(google: GoogleServer) -> None:
    for path in list(google.routes):
        google.routes[path] = (200, b"[1, 2]")
    findings = examined(google)
    assert findings
    assert all(finding.found for finding in findings)


def test_credentials_are_not_sent_over_plain_http(google: GoogleServer) -> None:
    account = Account(UserCredentials(token="planted-token"), MEMBER)
    run_checks(cloud_checks(SETTINGS, account, google.endpoints, GoogleApi(account.credentials)), 20)
    assert google.requests
    assert not any("authorization" in request.headers for request in google.requests)


# --- what is given ------------------------------------------------------------------------------------------------


def test_settings_that_are_names_are_fine() -> None:
    findings = given_findings(SETTINGS)
    assert [(finding.state, finding.found) for finding in findings] == [(State.OK, "1.00 USD for one demo")]


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        (CloudSettings(project="", store=SETTINGS.store), "GOOGLE_CLOUD_PROJECT"),
        (CloudSettings(project="a/../b", store=SETTINGS.store), "GOOGLE_CLOUD_PROJECT"),
        (CloudSettings(project="p; rm -rf /", store=SETTINGS.store), "GOOGLE_CLOUD_PROJECT"),
        (CloudSettings(project=PROJECT, store="/var/demos"), "PROVISIONING_STORE"),
        (CloudSettings(project=PROJECT, store="s3://bucket/demos"), "PROVISIONING_STORE"),
        (CloudSettings(project=PROJECT, store="gs://b?x=1/demos"), "PROVISIONING_STORE"),
        (CloudSettings(project=PROJECT, store=SETTINGS.store, bigquery_location="US; ls"), "BIGQUERY_LOCATION"),
        (
            CloudSettings(project=PROJECT, store=SETTINGS.store, agents_location="../x"),
            "CONVERSATIONAL_ANALYTICS_LOCATION",
        ),
        (CloudSettings(project=PROJECT, store=SETTINGS.store, budget_usd="much"), "PROVISIONING_BUDGET_USD"),
    ],
)
def test_what_is_no_name_is_refused_and_nothing_is_asked_with_it(
    google: GoogleServer, settings: CloudSettings, variable: str
) -> None:
    finding = only(given_findings(settings))
    assert finding.state is State.MISSING
    assert variable in finding.found
    assert variable in finding.remedy
    examined(google, settings)
    assert all(re.fullmatch(r"/[\w/.:-]+", request.path) and ".." not in request.path for request in google.requests)


@pytest.mark.parametrize(
    ("budget", "fine"), [("1.00", True), ("25", True), ("0", False), ("-1", False), ("nan", False)]
)
def test_a_budget_is_an_amount_above_zero(budget: str, fine: bool) -> None:
    assert (budget_finding(budget).state is State.OK) is fine


@pytest.mark.parametrize(
    ("dataset", "bucket", "regions", "fits"),
    [
        ("US", "ASIA-EAST1", (), True),
        ("us", "EU", (), True),
        ("EU", "EU", (), True),
        ("EU", "EUROPE-WEST1", (), True),
        ("EU", "EUR4", (), True),
        ("EU", "EU", ("EUROPE-WEST1", "EUROPE-WEST4"), True),
        ("EU", "EUROPE-WEST2", (), None),
        ("EU", "US-CENTRAL1", (), False),
        ("EU", "US", (), False),
        ("europe-west1", "EUROPE-WEST1", (), True),
        ("europe-west1", "EUROPE-WEST4", (), False),
        ("europe-west1", "EU", (), None),
        ("us-central1", "NAM4", (), None),
        ("us-west1", "NAM4", (), False),
        ("asia-northeast1", "US", (), False),
    ],
)
def test_the_rule_for_loading_from_a_bucket(
    dataset: str, bucket: str, regions: tuple[str, ...], fits: bool | None
) -> None:
    assert can_load(dataset, BucketLocation(bucket, regions)) is fits


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ({"location": "EUROPE-WEST1"}, State.OK),
        ({"location": "EU", "customPlacementConfig": {"dataLocations": ["EUROPE-WEST1", "EUROPE-WEST4"]}}, State.OK),
        ({"location": "EUROPE-WEST6"}, State.WARNING),
        ({"location": "US-CENTRAL1"}, State.MISSING),
    ],
)
def test_the_buckets_location_is_held_against_that_of_data_sets(
    google: GoogleServer, reply: dict[str, Any], state: State
) -> None:
    google.routes[routes.BUCKET_PATH] = (200, reply)
    settings = CloudSettings(project=PROJECT, store=SETTINGS.store, bigquery_location="EU")
    (finding,) = [finding for finding in examined(google, settings) if finding.what == "Bucket of the store"]
    assert finding.state is state
    assert (f"--project {PROJECT} --location EU" in finding.remedy) is (state is not State.OK)
