"""Runs that are launched in Dagster's UI or by a request file, with real processes: webserver, daemon, code server and commands."""

import contextlib
import json
import shutil
import time
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from provisioning_assets.pools import CHROMIUM
from provisioning_assets_tests.command_line import EXAMPLE_KEY, EXAMPLE_PAGES, EXAMPLE_URL, Workplace
from provisioning_assets_tests.dagster_services import (
    ENDED,
    JOB,
    REPOSITORY,
    DagsterServices,
    dagster_services,
    wait_until,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

EARLY = ("customer_request", "customer_website", "customer_profile")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DagsterServices]:
    with dagster_services(Workplace(tmp_path_factory.mktemp("place"))) as running:
        yield running


def test_every_field_of_the_launchpad_is_described(services: DagsterServices) -> None:
    found = services.ask(
        """query($selector: PipelineSelector!) { runConfigSchemaOrError(selector: $selector) { ... on RunConfigSchema {
          allConfigTypes { key ... on CompositeConfigType { fields { name description configTypeKey } } } } } }""",
        selector={**REPOSITORY, "pipelineName": JOB},
    )["runConfigSchemaOrError"]["allConfigTypes"]
    types: dict[str, list[dict[str, Any]]] = {kind["key"]: kind["fields"] for kind in found if "fields" in kind}
    ops = next(field for fields in types.values() for field in fields if field["name"] == "ops")
    described = {
        (asset["name"], field["name"]): field["description"]
        for asset in types[ops["configTypeKey"]]
        for config in types[asset["configTypeKey"]]
        for field in types.get(config["configTypeKey"], [])
        if config["name"] == "config"
    }
    assert {name for asset, name in described if asset == "customer_request"} >= {
        "url",
        "size",
        "notes",
        "owner",
        "edits",
    }
    assert [field for field, text in described.items() if not text or len(text) < 20] == []


def test_a_backfill_makes_several_customers(services: DagsterServices) -> None:
    keys = [f"shop{number}_example" for number in range(5)]
    for key in keys:
        services.add_customer(key)
    services.backfill(keys, ["customer_request"])
    wait_until(
        "five runs",
        lambda: [run["status"] for key in keys for run in services.runs(dagster__partition=key)] == ["SUCCESS"] * 5,
    )
    for key in keys:
        assert services.place.document(key, "customer_request")["url"] == f"https://{key.replace('_', '.')}"


def test_a_request_file_becomes_a_customer_and_a_run(services: DagsterServices) -> None:
    folder = services.place.store / "requests"
    shutil.copytree(EXAMPLE_PAGES, folder / "pages" / "example")
    (folder / "example.yaml").write_text(
        f"url: {EXAMPLE_URL}\nkey: {EXAMPLE_KEY}___file\nsaved_pages: pages/example\nowner: ann@example.com\n"
        "as_of: 2026-06-30\nedits: [{path: title, value: From a file}]\n"
    )
    (folder / "bad.yaml").write_text("url: https://bad.example\nsize: enormous\nowner: ann@example.com\n")
    wait_until(
        "the end of its run", lambda: {run["status"] for run in _of(services)} <= ENDED and bool(_of(services)), 400
    )
    [run] = _of(services)
    assert run["status"] == "SUCCESS", services.log.read_text()[-3000:]
    assert services.place.document(f"{EXAMPLE_KEY}___file", "demo_plan")["title"] == "From a file"
    wait_until("the file's move", lambda: not list(folder.glob("*.yaml")))
    [note] = (folder / "accepted").glob("example-*.txt")
    assert run["runId"] in note.read_text()
    [reason] = (folder / "rejected").glob("bad-*.reason.txt")
    assert "'enormous' is not a size" in reason.read_text()
    assert len(_of(services)) == 1
    [alert] = (services.place.store / ".alerts" / "waiting").glob("*.json")
    assert json.loads(alert.read_text())["owner"] == "ann@example.com"


def _of(services: DagsterServices) -> list[dict[str, Any]]:
    return services.runs(dagster__partition=f"{EXAMPLE_KEY}___file")


@contextlib.contextmanager
def nobody_reads_websites(place: Workplace) -> Iterator[None]:
    """Use the only slot of the pool, so that a run stays before the asset ``customer_website`` as long as the test wants."""
    with dg.DagsterInstance.from_config(place.environment["DAGSTER_HOME"]) as instance:
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default(CHROMIUM)
        wait_until("the slot", lambda: storage.claim_concurrency_slot(CHROMIUM, "a test", "a step").is_claimed)
        try:
            yield
        finally:
            storage.free_concurrency_slots_for_run("a test")


def test_a_command_is_refused_while_a_run_of_the_ui_works(services: DagsterServices) -> None:
    key = f"{EXAMPLE_KEY}___ui"
    services.add_customer(key)
    with nobody_reads_websites(services.place):
        run_id = services.launch(key, EARLY, {"url": EXAMPLE_URL, "saved_pages": str(EXAMPLE_PAGES)})
        wait_until("its first artefact", (services.place.store / key / "customer_request.json").exists)
        refused = services.place.provision("run", EXAMPLE_URL, "--key", key, "--size", "large")
        assert refused.returncode == 2
        assert f"is being provisioned by the Dagster run {run_id}" in " ".join(refused.stderr.split())
    assert services.wait_for_run(run_id) == "SUCCESS"
    assert services.place.document(key, "customer_request")["size"] == "small"


def test_a_run_of_the_ui_waits_while_a_command_works_and_not_for_a_dead_one(services: DagsterServices) -> None:
    key = f"{EXAMPLE_KEY}___command"
    services.add_customer(key)
    with nobody_reads_websites(services.place):
        command = services.place.start("run", EXAMPLE_URL, "--key", key, "--saved-pages", str(EXAMPLE_PAGES))
        try:
            wait_until("its first artefact", (services.place.store / key / "customer_request.json").exists)
            run_id = services.launch(key, ["customer_request"], {"size": "medium"})
            time.sleep(10)
            assert services.status(run_id) == "QUEUED"
        finally:
            command.kill()
            command.wait()
        assert services.wait_for_run(run_id) == "SUCCESS"
    assert services.place.document(key, "customer_request")["size"] == "medium"
