"""The client against a server by others that speaks the Messages API: npm's ``@copilotkit/aimock``, with the recorded answers.

``make aimock`` installs it where there is Node 20 or newer; without it these tests are skipped.
"""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from anthropic import Anthropic
from upath import UPath

from evaluation.planner.recorded_answers import FOLDER, recorded_sites
from provisioning_assets.claude.client import ClaudeClient, ClaudeRequest
from provisioning_assets.claude.errors import ClaudeError
from provisioning_assets.claude.prompts import Prompt
from provisioning_assets.claude.records import ClaudeRecords
from provisioning_assets.record_folder import RecordFolder
from provisioning_assets.settings import PROJECT_FOLDER

SERVER = PROJECT_FOLDER / "build" / "aimock" / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
SITE = next(site for site in recorded_sites() if site.key == "cordage__clubs_example")
ASKED = "Write the part: tables."

pytestmark = pytest.mark.skipif(
    not (SERVER.is_file() and shutil.which("node")),
    reason="not run: aimock is not installed (make aimock, Node 20 or newer)",
)


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server with one site's answers, and one answer that breaks off."""
    folder = tmp_path_factory.mktemp("aimock")
    for file in (FOLDER / SITE.key).glob("*.json"):
        if file.name != "site.json":
            shutil.copy(file, folder)
    broken: dict[str, Any] = {
        "match": {"userMessage": "Break off."},
        "response": {"toolCalls": [{"name": "write", "arguments": {"title": "x" * 2_000}}]},
        "truncateAfterChunks": 3,
    }
    (folder / "broken.json").write_text(json.dumps({"fixtures": [broken]}))
    port = _free_port()
    command = ["node", str(SERVER), "-p", str(port), "-f", str(folder), "--strict", "--validate-on-load"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address, server)
            yield address
        finally:
            server.terminate()


def _wait_for(address: str, server: "subprocess.Popen[str]") -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/health", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            assert server.poll() is None, server.stdout.read() if server.stdout else ""
            time.sleep(0.1)
        else:
            return
    pytest.fail("aimock did not start")


def queue_error(address: str, status: int) -> None:
    """The next call is answered with an error of the service."""
    body = json.dumps({"status": status}).encode()
    request = urllib.request.Request(f"{address}/__aimock/error", body, {"content-type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()


class Asking:
    def __init__(self, address: str, folder: Path, headers: dict[str, str] | None = None) -> None:
        self.waits: list[float] = []
        self.client = ClaudeClient(
            lambda: Anthropic(api_key="sk-ant-test-key", base_url=address, max_retries=0, default_headers=headers),
            "claude-sonnet-5-5",
            ClaudeRecords(RecordFolder(UPath(folder))),
            budget_usd=10.0,
            call_seconds=60,
            deadline=time.monotonic() + 300,
            sleep=self.waits.append,
        )

    def ask(self, own: str) -> dict[str, Any]:
        prompt, schema = Prompt("planner", 1, "You write."), {"type": "object"}
        return self.client.ask(ClaudeRequest("tables", prompt, schema, own, shared=("The pages.",))).document


@pytest.fixture
def asking(address: str, tmp_path: Path) -> Asking:
    return Asking(address, tmp_path)


@pytest.mark.parametrize("asked", SITE.answers)
def test_recorded_answers_arrive_whole(asking: Asking, asked: str) -> None:
    assert asking.ask(asked) == SITE.answers[asked]


@pytest.mark.parametrize("status", [429, 529, 500])
def test_an_error_that_passes_is_outlived(asking: Asking, address: str, status: int) -> None:
    queue_error(address, status)
    assert asking.ask(ASKED) == SITE.answers[ASKED]
    assert len(asking.waits) == 1


def test_a_wrong_key_is_said(asking: Asking, address: str) -> None:
    queue_error(address, 401)
    with pytest.raises(ClaudeError, match="refused the key"):
        asking.ask(ASKED)


@pytest.mark.parametrize("fault", ["malformed", "disconnect"])
def test_nonsense_and_hanging_up_end_in_an_error(address: str, tmp_path: Path, fault: str) -> None:
    asking = Asking(address, tmp_path, {f"x-aimock-chaos-{fault}": "1"})
    with pytest.raises(ClaudeError, match="broke"):
        asking.ask(ASKED)
    assert len(asking.waits) == 3


def test_an_answer_that_breaks_off_is_not_taken(asking: Asking) -> None:
    with pytest.raises(ClaudeError, match="broke"):
        asking.ask("Break off.")


def test_what_is_not_recorded_is_an_error(asking: Asking) -> None:
    with pytest.raises(ClaudeError, match="503"):
        asking.ask("Write a poem.")
