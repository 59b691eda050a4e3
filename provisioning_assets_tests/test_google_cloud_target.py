"""The whole graph on Google Cloud's protocols: the real command and clients against emulators, twice, and the teardown.

The emulators stand for Cloud Storage and BigQuery (``make emulators``), the local server's understanding for the agent's model.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from provisioning_assets.store import DemoStore
from provisioning_assets.warehouse.resources import BigQueryWarehouse
from provisioning_assets_tests.command_line import (
    AS_OF,
    EXAMPLE_KEY,
    EXAMPLE_PAGES,
    EXAMPLE_URL,
    GERMAN_KEY,
    GERMAN_PAGES,
    GERMAN_URL,
    PROVISION,
)
from provisioning_assets_tests.conversational_analytics_service import analytics_service
from provisioning_assets_tests.emulators import (
    BIGQUERY_VARIABLE,
    STORAGE_VARIABLE,
    BigQueryEmulator,
    StorageEmulator,
)

PROJECT = "acme-demos-123"
SECRETS = {"ANTHROPIC_API_KEY": "sk-ant-planted-in-a-test", "SLACK_TOKEN": "xoxb-planted-in-a-test"}


@pytest.fixture(scope="module")
def cloud(
    storage_emulator: StorageEmulator, bigquery_emulator: BigQueryEmulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["Cloud"]:
    folder = tmp_path_factory.mktemp("cloud")
    bucket = storage_emulator.new_bucket()
    root = f"gs://{bucket}/demos"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STORAGE_VARIABLE, storage_emulator.address)
        patch.setenv(BIGQUERY_VARIABLE, bigquery_emulator.address)
        store = DemoStore(root=root)
        warehouse = BigQueryWarehouse(store=store, project=PROJECT)
        with analytics_service(PROJECT, store, warehouse, folder / "agents") as address:
            patch.setenv("PROVISIONING_TARGET", "gcp")
            patch.setenv("PROVISIONING_STORE", root)
            patch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
            patch.setenv("CONVERSATIONAL_ANALYTICS_ENDPOINT", address)
            patch.setenv("DAGSTER_HOME", str(folder / "dagster_home"))
            patch.setenv("NO_COLOR", "1")
            patch.setenv("COLUMNS", "200")
            for name, value in SECRETS.items():
                patch.setenv(name, value)
            (folder / "dagster_home").mkdir()
            yield Cloud(folder, bucket, storage_emulator, warehouse)


class Cloud:
    """A project in the cloud, as the emulators have it."""

    def __init__(self, folder: Path, bucket: str, storage: StorageEmulator, warehouse: BigQueryWarehouse) -> None:
        self.folder, self.bucket, self.storage, self.warehouse = folder, bucket, storage, warehouse

    def provision(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROVISION, *arguments], env=dict(os.environ), capture_output=True, text=True, check=False, timeout=600
        )

    def generations(self) -> dict[str, str]:
        """The generation of each object: it changes whenever an object is written."""
        listed = httpx.get(f"{self.storage.address}/storage/v1/b/{self.bucket}/o").json()["items"]
        return {found["name"]: found["generation"] for found in listed}

    def document(self, key: str, asset: str) -> dict[str, Any]:
        return json.loads((self.storage.folder / self.bucket / "demos" / key / f"{asset}.json").read_text())

    def run(self, url: str, pages: Path) -> dict[str, Any]:
        process = self.provision("run", url, "--saved-pages", str(pages), "--owner", "ce@acme.com", "--json", *AS_OF)
        assert process.returncode == 0, process.stdout[-3000:] + process.stderr[-3000:]
        return json.loads(process.stdout)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_demo_is_made_twice_and_removed_without_a_trace(cloud: Cloud) -> None:
    made_twice_and_removed(cloud, EXAMPLE_KEY, EXAMPLE_URL, EXAMPLE_PAGES)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_demo_of_another_industry_is_made_twice_and_removed_without_a_trace(cloud: Cloud) -> None:
    made_twice_and_removed(cloud, GERMAN_KEY, GERMAN_URL, GERMAN_PAGES)


def made_twice_and_removed(cloud: Cloud, key: str, url: str, pages: Path) -> None:
    planned = json.loads(cloud.provision("plan", key, "--json").stdout)
    assert {thing["action"] for thing in planned["things"]} == {"create"}
    assert [cost["planned_usd"] for cost in planned["costs"]][2] is None  # no price of a chat is known

    ran = cloud.run(url, pages)
    assert ran["ready"], ran
    dataset = cloud.document(key, "demo_dataset")
    assert (dataset["target"], dataset["location"]) == ("bigquery", f"{PROJECT}.demo_{key}")
    agent = cloud.document(key, "data_agent")
    assert agent["name"].startswith(f"projects/{PROJECT}/locations/global/dataAgents/demo-")
    described = {table.name: table.rows for table in cloud.warehouse.describe(key)}
    made = {table["name"]: table["rows"] for table in cloud.document(key, "synthetic_tables")["tables"]}
    assert described == made

    table = max(described, key=lambda name: described[name])
    asked = cloud.provision("ask", key, f"How many {table.replace('_', ' ')} are there?", "--json")
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["rows"]

    before = cloud.generations()
    again = cloud.run(url, pages)
    assert {stage["status"] for stage in again["stages"]} == {"reused"}
    assert cloud.generations() == before
    planned = json.loads(cloud.provision("plan", key, "--json").stdout)
    assert {thing["action"] for thing in planned["things"]} == {"leave"}
    assert planned["actual_rows"] == sum(made.values())

    everything = "".join(
        path.read_bytes().decode("latin-1")
        for folder in (cloud.folder, cloud.storage.folder / cloud.bucket)
        for path in folder.rglob("*")
        if path.is_file()
    )
    assert [name for name, value in SECRETS.items() if value in everything] == []

    removed = cloud.provision("teardown", key)
    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert not cloud.warehouse.exists(key)
    left = {name.split("/")[1] for name in cloud.storage.objects(cloud.bucket)}
    assert left == {".audit", ".alerts"}  # the record of the removal, and what the owner is told
    assert json.loads(cloud.provision("list", "--json").stdout) == []
