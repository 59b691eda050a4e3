"""Runs the job from the command line: finds the stages to run, runs them, and records runs that died as failed.

Dagster knows which stages are out of date (data versions and check results); the store knows what is missing on disk.
This module keeps no state.
"""

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.asset_graph_view.asset_graph_view import AssetGraphView
from dagster._core.definitions.data_version import DATA_VERSION_TAG, CachingStaleStatusResolver, StaleStatus
from dagster._core.definitions.temporal_context import TemporalContext
from dagster._core.errors import DagsterAssetCheckFailedError, DagsterExecutionInterruptedError
from dagster._core.event_api import PartitionKeyFilter
from filelock import FileLock, Timeout

from provisioning_assets import clock
from provisioning_assets.artefact import Artefact
from provisioning_assets.customers import CustomerRequest, customers
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.research.website.models import CustomerWebsite
from provisioning_assets.store import DemoStore

JOB = "provision_demo"
#: Tag of runs started from the command line. Their process holds the customer's lock until it ends.
COMMAND_LINE_TAG = "provisioning/command_line"
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


PAUSES = ("data_model", "data_quality_report")
"""After these stages, the stages that are out of date are computed again, because the result of a stage is often unchanged.
Doing this after every stage would take half a second each."""


@dataclass(frozen=True)
class Stages:
    """The stages of a run: asset names in the order of the graph, each with the reason why it is needed.

    ``perhaps`` are the stages that are needed only if the result of a stage before them changes.
    """

    to_run: dict[str, str]
    up_to_date: list[str]
    perhaps: frozenset[str] = frozenset()

    def first_part(self) -> list[str]:
        """Return the stages to run before the needed stages are computed again: all, unless later ones are in ``perhaps``."""
        names = list(self.to_run)
        for last in PAUSES:
            before = names[: names.index(last) + 1] if last in names else []
            if before and any(name in self.perhaps for name in names[len(before) :]):
                return before
        return names

    def without(self, done: Sequence[str]) -> "Stages":
        """Return the remaining stages after those in ``done`` have run."""
        return Stages({name: why for name, why in self.to_run.items() if name not in done}, [*self.up_to_date, *done])


@dataclass(frozen=True)
class RunOutcome:
    """The result of a run. ``problem`` is a message for users."""

    run_id: str | None
    success: bool
    problem: str | None
    failed_stage: str | None


def stages_to_run(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    store: DemoStore,
    request: CustomerRequest,
    *,
    everything: bool,
) -> Stages:
    """Return the stages a demo still needs.

    These are the missing and outdated stages, those whose blocking check failed, and all stages downstream of them.

    Args:
        definitions: the project's definitions.
        instance: where earlier runs are recorded.
        store: where the artefacts are.
        request: the present request.
        everything: return all stages, also those that are up to date.
    """
    key = request.key
    graph = definitions.resolve_asset_graph()
    view = AssetGraphView(
        temporal_context=TemporalContext(effective_dt=clock.now(), last_event_id=None),
        instance=instance,
        asset_graph=graph,
    )
    staleness = CachingStaleStatusResolver(instance, graph, view)
    failed = _stages_with_failed_blocking_checks(instance, graph, key)
    earlier = store.find_readable(key, CustomerRequest)
    kinds = artefact_kinds(definitions)
    needed: dict[str, str] = {}
    perhaps: set[str] = set()
    for asset in graph.toposorted_asset_keys:
        name = asset.path[-1]
        parents = [parent.path[-1] for parent in graph.get(asset).parent_keys if parent.path[-1] in needed]
        if everything:
            needed[name] = "--refresh was given"
        elif name == CustomerRequest.asset_name() and (earlier is None or earlier.digest() != request.digest()):
            needed[name] = _why_the_request_is_stored(store, key, earlier)
        elif not store.is_complete(key, kinds[name]):
            needed[name] = "not made yet"
        elif name in failed:
            needed[name] = f"its check {failed[name]} failed"
        elif parents:
            needed[name] = f"{parents[0]} runs again"
            perhaps.add(name)
        elif staleness.get_status(asset, key) != StaleStatus.FRESH:
            needed[name] = "out of date"
        elif _was_changed_outside(instance, store, asset, key, kinds[name]):
            needed[name] = "its file was changed since"
    names = [asset.path[-1] for asset in graph.toposorted_asset_keys]
    return Stages(needed, [name for name in names if name not in needed], frozenset(perhaps))


def _was_changed_outside(
    instance: dg.DagsterInstance, store: DemoStore, asset: dg.AssetKey, key: str, kind: type[Artefact]
) -> bool:
    """Whether the artefact says something else than what the latest run has recorded: somebody has edited its file."""
    latest = instance.fetch_materializations(dg.AssetRecordsFilter(asset, asset_partitions=[key]), limit=1).records
    made = latest[0].asset_materialization if latest else None
    artefact = store.find_readable(key, kind)
    if made is None or artefact is None:
        return False
    return (made.tags or {}).get(DATA_VERSION_TAG) != artefact.digest()


def _why_the_request_is_stored(store: DemoStore, key: str, earlier: CustomerRequest | None) -> str:
    if earlier is not None:
        return "the request has changed"
    if store.exists(key, CustomerRequest):
        return "the earlier request cannot be read, so that only the values given now count"
    return "the request is new"


def artefact_kinds(definitions: dg.Definitions) -> dict[str, type[Artefact]]:
    """Return asset name -> class of its artefact, read from the annotations of the assets."""
    kinds: dict[str, type[Artefact]] = {}
    for asset in definitions.resolve_all_asset_keys():
        output = definitions.resolve_assets_def(asset).node_def.output_defs[0]
        kinds[asset.path[-1]] = output.dagster_type.typing_type
    return kinds


def _stages_with_failed_blocking_checks(instance: dg.DagsterInstance, graph: Any, key: str) -> dict[str, str]:
    blocking = [check for check in graph.asset_check_keys if graph.get(check).blocking]
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(blocking, PartitionKeyFilter(key=key))
    return {
        check.asset_key.path[-1]: check.name for check, record in latest.items() if record.status.value != "SUCCEEDED"
    }


@contextlib.contextmanager
def exclusive(instance: dg.DagsterInstance, locks: Path, key: str) -> Iterator[None]:
    """Lock the customer for this process, because two runs of one customer would mix their results.

    The operating system releases the lock when the process ends for any reason. So if the lock is free, an unfinished
    run that was started from the command line has died; it is recorded as failed.

    Raises:
        ProvisioningError: another run of this customer is in progress.
    """
    locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock(locks / f"{key}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ProvisioningError(f"{key} is being provisioned by another process.", "Wait for it to end.") from None
    try:
        for run in _unfinished_runs(instance, key):
            if COMMAND_LINE_TAG not in run.tags:
                raise ProvisioningError(
                    f"{key} is being provisioned by the Dagster run {run.run_id}.",
                    "Wait for it, or terminate it in Dagster's UI.",
                )
            instance.report_run_failed(run, "The process of this run ended before the run did.")
        yield
    finally:
        lock.release()


def _unfinished_runs(instance: dg.DagsterInstance, key: str) -> Sequence[dg.DagsterRun]:
    return instance.get_runs(filters=dg.RunsFilter(tags={"dagster/partition": key}, statuses=UNFINISHED))


def run_stages(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    request: CustomerRequest,
    stages: Sequence[str],
    listener: Callable[[dg.EventLogEntry], None],
    *,
    read_again: bool = False,
) -> RunOutcome:
    """Run some stages of one customer in this process; ``listener`` gets each event as it happens.

    ``read_again``: read the website again even if the changed request asks for the same pages.
    """
    instance.add_dynamic_partitions(str(customers.name), [request.key])
    run_id = str(uuid.uuid4())
    instance.add_event_listener(run_id, listener)
    result = definitions.resolve_job_def(JOB).execute_in_process(
        run_config=_run_config(request, stages, read_again=read_again),
        instance=instance,
        partition_key=request.key,
        asset_selection=[dg.AssetKey(name) for name in stages],
        run_id=run_id,
        tags={COMMAND_LINE_TAG: "true"},
        raise_on_error=False,
    )
    failure = next((event for event in result.all_events if event.is_step_failure), None)
    if failure is None:
        return RunOutcome(
            run_id, result.success, None if result.success else "The run failed without an error message.", None
        )
    return RunOutcome(run_id, False, _in_user_words(failure), failure.node_name)


def _run_config(request: CustomerRequest, stages: Sequence[str], *, read_again: bool) -> Mapping[str, Any]:
    configs: dict[str, dict[str, Any]] = {}
    if (name := CustomerRequest.asset_name()) in stages:
        configs[name] = request.model_dump(mode="json", include=set(request.asked))
        for field in ("edits", "corrections"):
            if field in configs[name]:
                configs[name][field] = json.dumps(configs[name][field])
    if (name := CustomerWebsite.asset_name()) in stages:
        configs[name] = {"read_again": read_again}
    return {
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        "ops": {name: {"config": config} for name, config in configs.items()},
    }


def _in_user_words(failure: dg.DagsterEvent) -> str | None:
    """Return the message of a stage's failure; None if a blocking check failed, because that has its own message."""
    data: Any = failure.event_specific_data
    if data.error and data.error.cls_name == DagsterExecutionInterruptedError.__name__:
        return f"The run was stopped while {failure.node_name} was at work; what is finished is kept."
    if data.error and data.error.cls_name == DagsterAssetCheckFailedError.__name__:
        return None
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description
    error = data.error
    while error.cause:
        error = error.cause
    return error.message.strip()
