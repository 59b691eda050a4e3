"""Which stages a run still has to execute, one run at a time for each customer, and runs whose process has died."""

import uuid
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from provisioning_assets.customer_lock import held, scope_of
from provisioning_assets.customer_partitions import customers
from provisioning_assets.customers import CustomerRequest, build_request
from provisioning_assets.definitions import defs
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.provisioning import RunListener
from provisioning_assets.lifecycle.run_progress import RunProgress
from provisioning_assets.lifecycle.runs import (
    COMMAND_LINE_TAG,
    JOB,
    artefact_kinds,
    exclusive,
    run_stages,
    stages_to_run,
)
from provisioning_assets.store import DemoStore

KEY = "acme_com"
TODAY = date(2026, 3, 1)
FAILING = "https://acme.invalid"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    return DemoStore(root=str(tmp_path))


def test_everything_is_needed_for_a_new_customer(instance: dg.DagsterInstance, store: DemoStore) -> None:
    stages = stages_to_run(defs, instance, store, build_request(KEY, {}, today=TODAY), everything=False)
    assert next(iter(stages.to_run.items())) == ("customer_request", "the request is new")
    assert set(stages.to_run) == set(artefact_kinds(defs))
    assert stages.up_to_date == []


def test_a_request_that_says_the_same_is_not_made_again(instance: dg.DagsterInstance, store: DemoStore) -> None:
    # Outside a Dagster run the artefact alone does not make the stage fresh: nothing has recorded its version.
    request = build_request(KEY, {"size": "medium"}, today=TODAY)
    store.write(KEY, request)
    stages = stages_to_run(defs, instance, store, request, everything=False)
    assert stages.to_run["customer_request"] == "out of date"
    other = build_request(KEY, {"size": "large"}, today=TODAY, previous=request)
    assert stages_to_run(defs, instance, store, other, everything=False).to_run["customer_request"] == (
        "the request has changed"
    )
    assert set(stages_to_run(defs, instance, store, request, everything=True).to_run.values()) == {
        "--refresh was given"
    }


def test_one_customer_is_provisioned_once_at_a_time(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    with (
        exclusive(instance, tmp_path, KEY),
        exclusive(instance, tmp_path, "other_com"),
        pytest.raises(ProvisioningError, match="by another process"),
        exclusive(instance, tmp_path, KEY),
    ):
        pass
    with exclusive(instance, tmp_path, KEY):
        pass


def _unfinished(instance: dg.DagsterInstance, tags: dict[str, str], key: str = KEY, run_id: str | None = None) -> str:
    run = instance.create_run_for_job(
        defs.resolve_job_def("provision_demo"),
        run_id=run_id,
        status=dg.DagsterRunStatus.STARTED,
        tags={"dagster/partition": key, **tags},
    )
    return run.run_id


def _of_a_killed_command(instance: dg.DagsterInstance, locks: Path, key: str = KEY) -> str:
    run_id = str(uuid.uuid4())
    return _unfinished(instance, {COMMAND_LINE_TAG: f"{run_id}/{scope_of(locks)}"}, key, run_id)


def _status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_a_run_whose_process_died_is_recorded_as_failed(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    run_id = _of_a_killed_command(instance, tmp_path)
    of_another_customer = _of_a_killed_command(instance, tmp_path, "other_com")
    with exclusive(instance, tmp_path, KEY):
        assert _status(instance, run_id) == dg.DagsterRunStatus.FAILURE
        assert _status(instance, of_another_customer) == dg.DagsterRunStatus.FAILURE


def test_a_run_whose_process_lives_is_left_alone(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    run_id = _of_a_killed_command(instance, tmp_path)
    with held(tmp_path, KEY), exclusive(instance, tmp_path, "other_com"):
        assert _status(instance, run_id) == dg.DagsterRunStatus.STARTED


def test_a_killed_command_keeps_no_slot_of_a_pool(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("concurrency: {pools: {default_limit: 1}}", encoding="utf-8")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        run_id = _of_a_killed_command(instance, tmp_path)
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default("chromium")
        assert storage.claim_concurrency_slot("chromium", run_id, "customer_website").is_claimed
        assert not storage.claim_concurrency_slot("chromium", "another", "customer_website").is_claimed
        with exclusive(instance, tmp_path, "other_com"):
            assert storage.claim_concurrency_slot("chromium", "another", "customer_website").is_claimed


def test_a_run_that_copies_the_tags_of_a_command_is_waited_for(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """As Dagster's UI copies them when a run is launched once more from there."""
    first = _of_a_killed_command(instance, tmp_path)
    tags = instance.get_run_by_id(first).tags  # pyright: ignore[reportOptionalMemberAccess]
    again = _unfinished(instance, dict(tags))
    with pytest.raises(ProvisioningError, match=again), exclusive(instance, tmp_path, KEY):
        pass


def test_a_command_of_another_machine_is_not_taken_for_dead(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    there = _of_a_killed_command(instance, tmp_path / "there")
    with pytest.raises(ProvisioningError, match=there), exclusive(instance, tmp_path / "here", KEY):
        pass
    assert _status(instance, there) == dg.DagsterRunStatus.STARTED


def test_a_run_that_dagster_has_launched_is_waited_for(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    run_id = _unfinished(instance, {})
    with pytest.raises(ProvisioningError, match=run_id), exclusive(instance, tmp_path, KEY):
        pass


def test_a_failed_stage_is_reported_with_a_readable_message(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONING_CRAWL_ATTEMPTS", "1")
    store = DemoStore(root=str(tmp_path))
    request = build_request(KEY, {"url": "http://127.0.0.1:9/"}, today=TODAY)
    events: list[dg.EventLogEntry] = []
    local = dg.Definitions(
        assets=list(defs.assets or []),
        asset_checks=list(defs.asset_checks or []),
        jobs=list(defs.jobs or []),
        resources={**(defs.resources or {}), **_stored_in(store)},
        executor=dg.in_process_executor,
    )
    outcome = run_stages(local, instance, request, ["customer_request", "customer_website"], events.append)
    assert not outcome.success
    assert outcome.failed_stage == "customer_website"
    assert outcome.problem is not None
    assert "--saved-pages" in outcome.problem
    assert "Traceback" not in outcome.problem
    assert store.read(KEY, CustomerRequest).asked == ["url"]
    assert instance.get_dynamic_partitions(str(customers.name)) == [KEY]
    assert {entry.run_id for entry in events} == {outcome.run_id}


def test_a_failed_blocking_check_is_reported_with_what_it_found(instance: dg.DagsterInstance) -> None:
    @dg.asset(partitions_def=customers)
    def demo_dataset() -> int:
        return 1

    @dg.asset_check(asset=demo_dataset, blocking=True)
    def keys_hold() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, metadata={"errors": [f"orders: {number} rows" for number in range(5)]})

    @dg.asset(partitions_def=customers, deps=[demo_dataset])
    def golden_queries() -> int:
        raise AssertionError("not reached")

    local = dg.Definitions(
        assets=[demo_dataset, golden_queries],
        asset_checks=[keys_hold],
        jobs=[dg.define_asset_job(JOB)],
        executor=dg.in_process_executor,
    )
    request = build_request(KEY, {"url": FAILING}, today=TODAY)
    shown = StringIO()
    listener = RunListener(RunProgress(Console(file=shown, width=200)), ["demo_dataset", "golden_queries"])
    outcome = run_stages(local, instance, request, ["demo_dataset", "golden_queries"], listener)
    assert not outcome.success
    assert outcome.problem is None
    assert listener.blocking_problem() == (
        "demo_dataset: the check keys_hold failed. orders: 0 rows; orders: 1 rows; orders: 2 rows; and 2 more"
    )


def _stored_in(store: DemoStore) -> dict[str, object]:
    from provisioning_assets.store import ArtefactIOManager

    return {"store": store, "io_manager": ArtefactIOManager(store=store)}
