"""The sensor with the project's definitions and a real Dagster instance: what it asks for is what Dagster can launch."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets.claude.resources import Claude
from provisioning_assets.definitions import production_definitions
from provisioning_assets.lifecycle.requests.sensors import DIGEST_TAG, RUN_KEY_TAG
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import local_target


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    home = tmp_path / "dagster_home"
    home.mkdir()
    with dg.DagsterInstance.local_temp(str(home)) as opened:
        yield opened


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    return DemoStore(root=str(tmp_path / "store"))


def evaluate(
    store: DemoStore, instance: dg.DagsterInstance, cursor: str | None = None
) -> tuple[dg.SensorResult | None, str]:
    """Evaluate the sensor; returns its result, None if it skips, and the new cursor."""
    definitions = production_definitions(local_target(store))
    repository = definitions.get_repository_def()
    with dg.build_sensor_context(
        instance=instance,
        cursor=cursor,
        repository_def=repository,
        resources={"store": store, "claude": Claude(store=store)},
        sensor_name="request_files",
    ) as context:
        result = repository.get_sensor_def("request_files")(context)
        if isinstance(result, dg.SensorResult):
            return result, result.cursor or ""
        assert isinstance(result, dg.SkipReason)
        return None, context.cursor or ""


def put(store: DemoStore, name: str, content: str) -> Path:
    folder = Path(store.root) / "requests"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(content)
    earlier = time.time() - 100
    os.utime(path, (earlier, earlier))
    return path


def test_a_store_that_does_not_exist_yet_is_no_fault(store: DemoStore, instance: dg.DagsterInstance) -> None:
    assert evaluate(store, instance)[0] is None


def test_every_field_of_a_request_is_accepted_by_the_job(store: DemoStore, instance: dg.DagsterInstance) -> None:
    pages = Path(store.root) / "requests" / "pages" / "acme"
    pages.mkdir(parents=True)
    (pages / "index.html").write_text("<p>Acme")
    put(
        store,
        "acme.yaml",
        """
        url: https://www.acme.com
        industry: telecom
        size: medium
        seed: 7
        as_of: 2026-06-30
        ttl_days: 30
        notes: They sell anvils.
        owner: ann@example.com
        saved_pages: pages/acme
        edits:
          - {path: title, value: Acme}
        corrections: {company_name: Acme}
        """,
    )
    result, _ = evaluate(store, instance)
    assert result
    [asked] = result.run_requests or []
    job = production_definitions(local_target(store)).resolve_job_def("provision_demo")
    assert dg.validate_run_config(job, dict(asked.run_config))
    given = asked.run_config["ops"]["customer_request"]["config"]
    assert json.loads(given["edits"])[0]["value"] == "Acme"
    assert given["as_of"] == "2026-06-30"
    assert asked.partition_key == "acme_com"
    [added] = result.dynamic_partitions_requests or []
    assert list(added.partition_keys) == ["acme_com"]


def test_a_file_whose_run_exists_is_moved(store: DemoStore, instance: dg.DagsterInstance) -> None:
    path = put(store, "acme.yaml", "url: https://www.acme.com")
    result, cursor = evaluate(store, instance)
    assert result
    [asked] = result.run_requests or []
    again, cursor = evaluate(store, instance, cursor)
    assert again
    assert [run.run_key for run in again.run_requests or []] == [asked.run_key], "Dagster launches a run key once"
    job = production_definitions(local_target(store)).resolve_job_def("provision_demo")
    tags = {**asked.tags, "dagster/partition": "acme_com"}
    run = instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.STARTED)
    nothing, cursor = evaluate(store, instance, cursor)
    assert nothing is None
    assert not path.exists()
    [note] = (Path(store.root) / "requests" / "accepted").glob("*.txt")
    assert run.run_id in note.read_text()

    put(store, "acme.yaml", "url: https://www.acme.com")
    repeated, cursor = evaluate(store, instance, cursor)
    assert repeated is None, "it is at work"
    instance.report_run_failed(run)
    put(store, "acme.yaml", "url: https://www.acme.com")
    once_more, _ = evaluate(store, instance, cursor)
    assert once_more
    [second] = once_more.run_requests or []
    assert second.tags[DIGEST_TAG] == asked.tags[DIGEST_TAG]
    assert second.tags[RUN_KEY_TAG] != asked.tags[RUN_KEY_TAG]


def test_a_cursor_that_cannot_be_read_loses_nothing(store: DemoStore, instance: dg.DagsterInstance) -> None:
    put(store, "queue.jsonl", '{"url": "acme.com"}\n')
    result, _ = evaluate(store, instance, "written by hand")
    assert result
    assert len(result.run_requests or []) == 1
