"""What nobody can write is refused before anything is stored: by the command, by the graph, for a request file."""

import json
from pathlib import Path

import pytest

from provisioning_assets.claude.resources import Claude
from provisioning_assets.customers import CustomerRequest, build_request
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.claude_check import refuse_what_needs_claude
from provisioning_assets.lifecycle.intake import request_config, run_config_of
from provisioning_assets.lifecycle.requests.demo_request import checked_request
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import local_target
from provisioning_assets_tests.command_line import EXAMPLE_KEY, EXAMPLE_URL, Workplace
from provisioning_assets_tests.content.german_demo import KEY, german_artefacts
from provisioning_assets_tests.production_runs import materialize

KEY_VARIABLE = "ANTHROPIC_API_KEY"


@pytest.fixture(autouse=True)
def without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def request_in(language: str) -> CustomerRequest:
    return build_request("acme_com", {"language": language}, today=german_artefacts()[0].as_of)  # type: ignore[attr-defined]


def test_english_needs_no_one_and_another_language_says_what_helps() -> None:
    refuse_what_needs_claude(request_in("en"), has_key=False)
    with pytest.raises(ProvisioningError) as refusal:
        refuse_what_needs_claude(request_in("ja"), has_key=False)
    assert "Japanese" in refusal.value.problem
    assert KEY_VARIABLE in refusal.value.remedy
    refuse_what_needs_claude(request_in("ja"), has_key=True)


@pytest.mark.parametrize(
    ("language", "words"), [("de", "A demo in German is written by Claude"), ("xx", "'xx' is not a lang")]
)
def test_the_command_stores_nothing(tmp_path: Path, language: str, words: str) -> None:
    place = Workplace(tmp_path)
    process = place.provision("run", EXAMPLE_URL, "--language", language)
    assert process.returncode == 2
    assert words in " ".join(process.stderr.split())
    assert not (place.store / EXAMPLE_KEY).exists()


def test_the_graph_stores_nothing_and_takes_the_field_of_the_launchpad(tmp_path: Path) -> None:
    store = DemoStore(root=str(tmp_path))
    config = {"ops": {"customer_request": {"config": {"language": "de", "as_of": "2026-06-30"}}}}
    assert not materialize(store, KEY, "customer_request", run_config=config).success
    assert store.find(KEY, CustomerRequest) is None
    target = local_target(store, claude=Claude(store=store, model="claude-sonnet-5-5"))
    assert materialize(store, KEY, "customer_request", run_config=config, raise_on_error=True, target=target).success
    stored = store.read(KEY, CustomerRequest)
    assert (stored.language, request_config(stored)) == ("de", {"language": "de", "as_of": "2026-06-30"})
    # a refresh of the demo asks for nothing, and keeps it
    again = {"ops": {"customer_request": {"config": {"as_of": "today"}}}}
    materialize(store, KEY, "customer_request", run_config=again, raise_on_error=True, target=target)
    assert store.read(KEY, CustomerRequest).language == "de"


def test_a_request_file_is_refused_with_the_same_words(tmp_path: Path) -> None:
    fields = {"url": EXAMPLE_URL, "language": "de"}
    today = german_artefacts()[0].as_of  # type: ignore[attr-defined]
    with pytest.raises(ProvisioningError, match="written by Claude"):
        checked_request(fields, folder=DemoStore(root=str(tmp_path)).base(), today=today, has_claude=False)
    accepted = checked_request(fields, folder=DemoStore(root=str(tmp_path)).base(), today=today, has_claude=True)
    assert json.dumps(run_config_of(accepted.asked)).count('"language": "de"') == 1
