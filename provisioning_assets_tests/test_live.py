"""What costs money, by ``make test-live``: one demo in a real project of Google Cloud, and three sites planned by the real Claude.

The first runs only with ``PROVISIONING_LIVE_PROJECT`` and ``PROVISIONING_LIVE_STORE`` (``gs://...``), and costs what ``provision
plan`` says. The others run only with ``ANTHROPIC_API_KEY``; each costs at most ``PROVISIONING_BUDGET_USD``, and prints its cost.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
from upath import UPath

from evaluation.planner.recorded_answers import recorded_sites
from provisioning_assets.claude.models import usage_of
from provisioning_assets.claude.records import FOLDER, ClaudeRecords
from provisioning_assets.record_folder import RecordFolder
from provisioning_assets_tests.command_line import AS_OF, EXAMPLE_PAGES, EXAMPLE_URL, PROVISION, Workplace

PROJECT, STORE = os.environ.get("PROVISIONING_LIVE_PROJECT", ""), os.environ.get("PROVISIONING_LIVE_STORE", "")
KEY = "harbourandpine_example___live"

pytestmark = [pytest.mark.live, pytest.mark.timeout(3600)]

with_google_cloud = pytest.mark.skipif(
    not (PROJECT and STORE),
    reason="not run: set PROVISIONING_LIVE_PROJECT and PROVISIONING_LIVE_STORE=gs://..., and sign in "
    "(gcloud auth application-default login)",
)
with_claude = pytest.mark.skipif(
    not os.environ.get("ANTHROPIC_API_KEY", "").strip(), reason="not run: set ANTHROPIC_API_KEY, which costs money"
)


def provision(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PROVISIONING_TARGET": "gcp",
        "PROVISIONING_STORE": STORE,
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "NO_COLOR": "1",
    }
    return subprocess.run([PROVISION, *arguments], env=environment, capture_output=True, text=True, check=False)


@with_google_cloud
def test_a_demo_in_a_real_project(capfd: pytest.CaptureFixture[str]) -> None:
    checked = provision("doctor")
    assert checked.returncode == 0, checked.stdout
    planned = provision("plan", KEY)
    with capfd.disabled():
        print(planned.stdout)
    try:
        ran = provision("run", EXAMPLE_URL, "--key", KEY, "--saved-pages", str(EXAMPLE_PAGES), "--json")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert json.loads(ran.stdout)["success"]
        asked = provision("ask", KEY, "How many orders are there?", "--json")
        assert json.loads(asked.stdout)["rows"]
        with capfd.disabled():
            print(provision("show", KEY).stdout)
            print(provision("plan", KEY).stdout)
    finally:
        removed = provision("teardown", KEY)
    assert removed.returncode == 0, removed.stdout + removed.stderr


@with_claude
@pytest.mark.parametrize("key", ["harbourandpine_example", "nordlicht__spedition_example", "cordage__clubs_example"])
def test_a_site_planned_by_the_real_claude(key: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    site, place = next(site for site in recorded_sites() if site.key == key), Workplace(tmp_path)
    options = ("--saved-pages", str(site.saved_pages), "--language", site.language)
    ran = place.provision("run", site.url, *options, *AS_OF, seconds=1800)
    calls = ClaudeRecords(RecordFolder(UPath(place.store / key / FOLDER))).calls()
    written = place.document(key, "demo_blueprint").get("claude") or {"parts": []}
    with capfd.disabled():
        print(f"\n{key}: {usage_of(calls).told()}")
        for part in written["parts"]:
            print(f"  {part['part']}: {part['author']}, {part['rounds']} corrections {part['replaced_because'] or ''}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert place.document(key, "customer_profile")["claude_reading"]["by"] == "claude"
    assert "claude" in {part["author"] for part in written["parts"]}
