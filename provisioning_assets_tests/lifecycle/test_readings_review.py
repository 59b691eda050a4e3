"""What Claude and the rules read differently is shown to the CE, by the production graph up to the blueprint."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from provisioning_assets.claude.resources import Claude
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.lifecycle.words_review import review_of
from provisioning_assets.lifecycle.words_review_text import print_review
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import local_target
from provisioning_assets_tests.claude_service import Reply, claude_service
from provisioning_assets_tests.production_runs import materialize
from provisioning_assets_tests.research.profile.plumbers import WEBSITE, said

KEY = "acme_example"
REQUEST = CustomerRequest(key=KEY, url="https://www.acme.example", as_of=date(2026, 5, 4), created_on=date(2026, 5, 4))


def shown(store: DemoStore) -> str:
    screen = Console(record=True, width=200, file=Path("/dev/null").open("w"))  # noqa: SIM115 - as long as the test
    print_review(screen, review_of(store, KEY))
    return screen.export_text()


def only_the_profile(body: dict[str, Any]) -> Reply:
    is_profile = "industry" in body["tools"][0]["input_schema"]["properties"]
    return Reply(said()) if is_profile else Reply(status=400, message="not here")


def test_the_two_readings_stand_beside_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DemoStore(root=str(tmp_path))
    with claude_service(only_the_profile) as service:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", service.address)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key")
        target = local_target(store, claude=Claude(store=store, model="claude-sonnet-5-5"))
        run = materialize(store, KEY, "customer_profile", "demo_blueprint", artefacts=(REQUEST, WEBSITE), target=target)
    assert run.success
    review = review_of(store, KEY)
    assert ("services", None, "Radiator balancing") in {
        (one.about, one.claude, one.rules) for one in review.second_opinions
    }
    assert review.as_json()["second_opinions"]
    text = shown(store)
    assert "read by Claude" in text
    assert "Radiator balancing" in text


def test_a_failed_reading_is_said_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DemoStore(root=str(tmp_path))
    with claude_service(lambda _: Reply(status=401, message="invalid x-api-key")) as service:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", service.address)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key")
        target = local_target(store, claude=Claude(store=store, model="claude-sonnet-5-5"))
        assert materialize(
            store, KEY, "customer_profile", "demo_blueprint", artefacts=(REQUEST, WEBSITE), target=target
        ).success
    assert "refused the key" in shown(store)


def test_without_a_key_the_review_is_as_before(tmp_path: Path) -> None:
    store = DemoStore(root=str(tmp_path))
    assert materialize(store, KEY, "customer_profile", "demo_blueprint", artefacts=(REQUEST, WEBSITE)).success
    assert "Claude" not in shown(store)
    assert review_of(store, KEY).read_by == ""
