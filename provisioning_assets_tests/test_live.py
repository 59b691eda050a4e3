"""One demo in a real project of Google Cloud: made, asked, checked and removed.

It runs only with ``PROVISIONING_LIVE_PROJECT`` and ``PROVISIONING_LIVE_STORE`` (a ``gs://`` address): ``make test-live``. It costs
what ``provision plan`` says.
"""

import json
import os
import subprocess

import pytest

from provisioning_assets_tests.command_line import EXAMPLE_PAGES, EXAMPLE_URL, PROVISION

PROJECT, STORE = os.environ.get("PROVISIONING_LIVE_PROJECT", ""), os.environ.get("PROVISIONING_LIVE_STORE", "")
KEY = "harbourandpine_example___live"

pytestmark = [
    pytest.mark.live,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(
        not (PROJECT and STORE),
        reason="not run: set PROVISIONING_LIVE_PROJECT and PROVISIONING_LIVE_STORE=gs://..., and sign in "
        "(gcloud auth application-default login)",
    ),
]


def provision(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PROVISIONING_TARGET": "gcp",
        "PROVISIONING_STORE": STORE,
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "NO_COLOR": "1",
    }
    return subprocess.run([PROVISION, *arguments], env=environment, capture_output=True, text=True, check=False)


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
