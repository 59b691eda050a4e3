"""The Terraform configuration, read by a parser: who gets which rights, on what."""

import re
from functools import cache
from typing import Any

import hcl2
import pytest

from provisioning_assets.customers import LONGEST_TTL_DAYS
from provisioning_assets.settings import PROJECT_FOLDER

TERRAFORM = PROJECT_FOLDER / "deployment" / "terraform"


def _plain(value: Any) -> Any:
    """Return what the parser found without the quotes that it keeps."""
    if isinstance(value, dict):
        return {_plain(key): _plain(inner) for key, inner in value.items() if not str(key).startswith("__")}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value[1:-1] if isinstance(value, str) and value.startswith('"') and value.endswith('"') else value


@cache
def files() -> dict[str, Any]:
    """Return file name -> its content."""
    return {path.name: _plain(hcl2.loads(path.read_text(encoding="utf-8"))) for path in sorted(TERRAFORM.glob("*.tf"))}


def blocks(kind: str) -> list[Any]:
    """Return every block of one kind, of all files."""
    return [block for content in files().values() for block in content.get(kind, [])]


def resources(kind: str) -> dict[str, Any]:
    """Return name -> resource of one kind."""
    return {name: body for block in blocks("resource") if kind in block for name, body in block[kind].items()}


def variables() -> dict[str, Any]:
    """Return name -> variable."""
    return {name: body for block in blocks("variable") for name, body in block.items()}


def roles(local: str) -> set[str]:
    """Return the roles of a local set."""
    (text,) = [block[local] for block in blocks("locals") if local in block]
    return set(re.findall(r"roles/[\w.]+", text))


def test_whatever_is_referred_to_is_declared() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in TERRAFORM.glob("*.tf"))
    code = re.sub(r"(?m)#.*$", "", text)
    assert set(re.findall(r"\bvar\.(\w+)", code)) == variables().keys()
    locals_ = {name for block in blocks("locals") for name in block}
    assert set(re.findall(r"\blocal\.(\w+)", code)) == locals_
    declared = {f"{kind}.{name}" for block in blocks("resource") for kind, named in block.items() for name in named}
    assert set(re.findall(r"\b(google_\w+\.\w+)", code)) <= declared


def test_the_provisioning_account_can_do_in_the_project_only_what_a_demo_needs() -> None:
    assert roles("provisioning_roles") == {
        "roles/bigquery.user",
        "roles/geminidataanalytics.dataAgentCreator",
        "roles/geminidataanalytics.dataAgentViewer",
        "roles/cloudaicompanion.user",
        "roles/serviceusage.serviceUsageConsumer",
    }
    member = resources("google_project_iam_member")["provisioning"]
    assert member["for_each"] == "${local.provisioning_roles}"
    assert member["member"] == "${google_service_account.provisioning.member}"


def test_no_one_gets_a_basic_role_or_the_administration_of_a_whole_service() -> None:
    granted = roles("provisioning_roles") | roles("presenter_roles")
    granted |= {
        body["role"]
        for kind in {kind for block in blocks("resource") for kind in block if "_iam_" in kind}
        for body in resources(kind).values()
        if body["role"] != "${each.value}" and body["role"] != "${each.value[1]}"
    }
    assert len(granted) >= 10
    assert not granted & {"roles/owner", "roles/editor", "roles/viewer"}
    admin = {role for role in granted if re.search(r"(admin|owner|editor)$", role, re.I)}
    assert admin == {"roles/storage.objectAdmin"}


def test_rights_on_objects_and_secrets_are_granted_on_the_one_bucket_and_secret_alone() -> None:
    in_the_project = roles("provisioning_roles") | roles("presenter_roles")
    assert not [role for role in in_the_project if "storage" in role or "secretmanager" in role]
    (bucket,) = resources("google_storage_bucket_iam_member").values()
    assert (bucket["bucket"], bucket["role"]) == ("${google_storage_bucket.demos.name}", "roles/storage.objectAdmin")
    (secret,) = resources("google_secret_manager_secret_iam_member").values()
    assert secret["role"] == "roles/secretmanager.secretAccessor"
    assert secret["secret_id"] == "${google_secret_manager_secret.claude.secret_id}", "not the database's"


def test_rights_are_added_and_never_replace_those_of_others() -> None:
    kinds = {kind for block in blocks("resource") for kind in block}
    assert not [kind for kind in kinds if kind.endswith(("_iam_policy", "_iam_binding"))]


def test_no_key_is_made_and_no_secret_has_a_value_here() -> None:
    kinds = {kind for block in blocks("resource") for kind in block}
    assert not kinds & {"google_service_account_key", "google_secret_manager_secret_version", "random_password"}
    (pods,) = resources("google_service_account_iam_member").values()
    assert pods["role"] == "roles/iam.workloadIdentityUser"
    assert "[${var.kubernetes_namespace}/${var.kubernetes_service_account}]" in pods["member"]


def test_the_bucket_is_private_and_cleans_itself_up() -> None:
    (bucket,) = resources("google_storage_bucket").values()
    assert bucket["uniform_bucket_level_access"] is True
    assert bucket["public_access_prevention"] == "enforced"
    assert bucket["force_destroy"] is False
    rules = {rule["action"][0]["type"]: rule["condition"][0]["age"] for rule in bucket["lifecycle_rule"]}
    assert rules == {"Delete": "${var.demo_retention_days}", "AbortIncompleteMultipartUpload": 1}


def test_no_demo_loses_its_files_while_it_lives() -> None:
    retention = variables()["demo_retention_days"]
    assert retention["default"] > LONGEST_TTL_DAYS
    assert f"> {LONGEST_TTL_DAYS}" in retention["validation"][0]["condition"]


def test_nothing_that_people_made_is_destroyed_with_it() -> None:
    (project,) = resources("google_project").values()
    assert project["deletion_policy"] == "PREVENT"
    (api,) = resources("google_project_service").values()
    assert api["disable_on_destroy"] is False


def test_every_api_of_the_target_is_switched_on_before_it_is_used() -> None:
    (text,) = [block["apis"] for block in blocks("locals") if "apis" in block]
    assert set(re.findall(r"(\w+)\.googleapis\.com", text)) >= {
        "bigquery", "storage", "geminidataanalytics", "cloudaicompanion", "secretmanager", "iam", "iamcredentials"
    }  # fmt: skip
    waits = "${google_project_service.apis}"
    for kind in ("google_storage_bucket", "google_service_account", "google_secret_manager_secret"):
        assert all(waits in body["depends_on"] for body in resources(kind).values()), kind


@pytest.mark.parametrize("output", ["store", "service_account", "image"])
def test_what_the_next_steps_need_is_printed(output: str) -> None:
    assert output in {name for block in blocks("output") for name in block}


def test_the_account_has_the_name_that_kubernetes_knows() -> None:
    (account,) = resources("google_service_account").values()
    values = (PROJECT_FOLDER / "deployment/kubernetes/values.yaml").read_text(encoding="utf-8")
    assert f"iam.gke.io/gcp-service-account: {account['account_id']}@YOUR-PROJECT.iam.gserviceaccount.com" in values
    assert variables()["kubernetes_service_account"]["default"] == "provisioning-assets"
