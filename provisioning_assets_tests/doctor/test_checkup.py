"""The command ``provision doctor`` as a user types it; all checks together; no secret in what is printed."""

import io
import json
import subprocess
import time
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from rich.console import Console
from typer.testing import CliRunner

from provisioning_assets.cli import app
from provisioning_assets.doctor.checkup import Checkup, examine
from provisioning_assets.doctor.findings_text import print_checkup
from provisioning_assets.doctor.models import Check, Finding, State
from provisioning_assets.doctor.running import run_checks
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.redaction import without_secrets
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets_tests.command_line import PROVISION, Workplace
from provisioning_assets_tests.doctor import google_server as routes
from provisioning_assets_tests.doctor.google_server import BUCKET, PROJECT, GoogleServer, refusal

SECRET = "planted-secret"


def doctor(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command with its own store and a Dagster home that has the project's limits."""
    place = Workplace(tmp_path)
    environment = place.environment
    (tmp_path / "dagster_home" / "dagster.yaml").write_bytes((PROJECT_FOLDER / "dagster.yaml").read_bytes())
    return subprocess.run(
        [PROVISION, "doctor", *arguments],
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_machine_that_has_everything_passes(tmp_path: Path, chromium: object) -> None:
    process = doctor(tmp_path, "--json")
    assert process.returncode == 0, process.stdout + process.stderr
    document = json.loads(process.stdout)
    assert (document["target"], document["ready"]) == ("local", True)
    assert {"Store", "Free disk space", "Dagster's records", "Chromium", "Claude", "Settings"} <= {
        finding["what"] for finding in document["findings"]
    }
    assert all(set(finding) == {"what", "state", "found", "why", "remedy"} for finding in document["findings"])
    assert not (tmp_path / "store").exists()


def test_a_warning_is_no_failure_and_says_what_mends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        "PROVISIONING_STORE": str(tmp_path),
        "DAGSTER_HOME": str(tmp_path),
        "PROVISIONING_CHROMIUM": f"/nowhere/{SECRET}",
        "PROVISIONING_STROE": SECRET,
        "ANTHROPIC_API_KEY": SECRET,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 0, result.output
    assert SECRET not in result.output
    for expected in ("make browser", "PROVISIONING_STROE", "tag_concurrency_limits", "3 warnings"):
        assert expected in result.output


def test_what_is_missing_fails_and_hides_nothing_else_and_shows_no_secret(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    keys = tmp_path / "account.json"
    keys.write_text(json.dumps({"type": "service_account", "private_key": SECRET, "client_email": "a@b.c"}))
    variables = {
        "PROVISIONING_TARGET": "gcp",
        "PROVISIONING_STORE": str(tmp_path / "file" / "store"),
        "PROVISIONING_DASK_SCHEDULER": f"tcp://user:{SECRET}@host/with path",
        "PROVISIONING_API_TOKEN": SECRET,
        "PROVISIONING_CHROMIUM": f"/nowhere/{SECRET}",
        "ANTHROPIC_API_KEY": SECRET,
        "GOOGLE_APPLICATION_CREDENTIALS": str(keys),
        "GOOGLE_CLOUD_PROJECT": "",
    }
    process = doctor(tmp_path, "--json", **variables)
    assert process.returncode == 1, process.stdout + process.stderr
    assert "Traceback" not in process.stdout + process.stderr
    assert SECRET not in process.stdout + process.stderr
    for expected in ("Store", "Credentials", "GOOGLE_CLOUD_PROJECT", "PROVISIONING_DASK_SCHEDULER", "Chromium"):
        assert expected in process.stdout


@pytest.fixture
def cloud(google: GoogleServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of the target gcp, whose store is a bucket of the server."""
    variables = {
        "PROVISIONING_TARGET": "gcp",
        "PROVISIONING_STORE": f"gs://{BUCKET}/demos",
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "DAGSTER_HOME": str(tmp_path),
        "STORAGE_EMULATOR_HOST": google.address,
        "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


def test_the_target_gcp_is_examined_as_a_whole_in_a_few_seconds(google: GoogleServer, cloud: dict[str, str]) -> None:
    google.routes[f"/upload/storage/v1/b/{BUCKET}/o"] = refusal(403, f"{SECRET} denied")
    google.routes[routes.BILLING] = refusal(403, f"token=abc {SECRET}")
    began = time.monotonic()
    checkup = examine(
        {**cloud, "SOME_TOKEN": SECRET}, endpoints=google.endpoints, credentials_of_process=AnonymousCredentials
    )
    assert time.monotonic() - began < 30
    assert not checkup.ready
    states = {finding.what: finding.state for finding in checkup.findings}
    assert states["Store"] is State.MISSING
    assert states["Billing"] is State.WARNING
    for what in (
        "Credentials",
        "Budget",
        "Project",
        "Conversational Analytics API",
        "Quota of chats",
        "Bucket of the store",
    ):
        assert states[what] is State.OK
    assert "Free disk space" not in states
    assert SECRET not in json.dumps(checkup.as_json())


# --- parts --------------------------------------------------------------------------------------------------------


def test_checks_are_independent_and_none_holds_up_the_others() -> None:
    fine = Finding("d", State.OK, "fine", "why")

    def fails() -> list[Finding]:
        raise ValueError("first line\nsecond line")

    def refuses() -> list[Finding]:
        raise ProvisioningError("Nothing is there.", "Start it.")

    def hangs() -> list[Finding]:
        time.sleep(60)
        return []

    checks = [
        Check("a", "why", fails),
        Check("b", "why", hangs),
        Check("c", "why", refuses),
        Check("d", "why", lambda: [fine]),
    ]
    began = time.monotonic()
    findings = run_checks(checks, 0.5)
    assert time.monotonic() - began < 5
    assert [finding.what for finding in findings] == ["a", "b", "c", "d"]
    assert [finding.state for finding in findings] == [State.WARNING] * 3 + [State.OK]
    assert "first line" in findings[0].found
    assert "second line" not in findings[0].found
    assert (findings[2].remedy, "Nothing is there." in findings[2].found) == ("Start it.", True)


@pytest.mark.parametrize(
    "text",
    [
        f"connection to postgresql://dagster:{SECRET}@db:5432/runs failed",
        f"FATAL: password={SECRET} host=db",
        f"Authorization: Bearer {SECRET}",
        f"value {SECRET} of a variable",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
    ],
)
def test_forms_of_secrets_are_hidden(text: str) -> None:
    assert SECRET not in without_secrets(text, {"MY_API_KEY": SECRET, "EMPTY_TOKEN": ""})


def test_ordinary_words_stay() -> None:
    text = "gs://bucket/demos on http://127.0.0.1:3000 cannot be read: mail ann@example.com"
    assert without_secrets(text, {"USE_TOKEN": "1", "PATH": "bucket"}) == text


def test_texts_of_others_are_printed_as_they_are_and_in_one_line() -> None:
    finding = Finding("Store", State.MISSING, "[bold]a\x1b[31m\nb[/bold]", "why", "gcloud " + "x" * 300)
    printed = io.StringIO()
    print_checkup(Console(file=printed, width=60, force_terminal=False), Checkup("gcp", [finding]))
    lines = printed.getvalue().splitlines()
    assert "[bold]a [31m b[/bold]" in lines[0]
    assert any(line.endswith("x" * 300) for line in lines)
