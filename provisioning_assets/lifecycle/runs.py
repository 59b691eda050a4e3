"""Runs the job from the command line: finds the stages to run, runs them, and records runs that died as failed.

Dagster knows which stages are out of date (data versions and check results); the store knows what is missing on disk.
This module keeps no state.
"""

import contextlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.asset_graph_view.asset_graph_view import AssetGraphView
from dagster._core.definitions.data_version import DATA_VERSION_TAG, CachingStaleStatusResolver, StaleStatus
from dagster._core.definitions.temporal_context import TemporalContext
from dagster._core.errors import DagsterAssetCheckFailedError, DagsterExecutionInterruptedError
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from filelock import Timeout

from provisioning_assets import clock, customer_lock
from provisioning_assets.artefact import Artefact
from provisioning_assets.content.models import DemoBooklet, DemoScorecard
from provisioning_assets.customer_partitions import customers
from provisioning_assets.customers import FOLLOW_THE_DAY, CustomerRequest
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.intake import request_config
from provisioning_assets.lifecycle.run_tags import BEGAN_TAG, COMMAND_LINE_TAG
from provisioning_assets.research.website.models import CustomerWebsite
from provisioning_assets.store import DemoStore
from provisioning_assets.telemetry.records import RunRecord, record_run

JOB = "provision_demo"
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


SAY_THE_EXPIRY = (DemoBooklet.asset_name(), DemoScorecard.asset_name())
"""The stages whose results show until when the demo is kept."""

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
    read_again: bool = False,
) -> Stages:
    """Return the stages a demo still needs.

    These are the missing and outdated stages, those whose blocking check failed, and all stages downstream of them.

    Args:
        definitions: the project's definitions.
        instance: where earlier runs are recorded.
        store: where the artefacts are.
        request: the present request.
        everything: return all stages, also those that are up to date.
        read_again: return the stage that reads the website, also if it is up to date.
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
    remade: set[str] = set()
    scorecard = store.find_readable(key, DemoScorecard)
    for asset in graph.toposorted_asset_keys:
        name = asset.path[-1]
        parents = [parent.path[-1] for parent in graph.get(asset).parent_keys if parent.path[-1] in remade]
        if everything:
            needed[name] = "--refresh was given"
        elif name == CustomerRequest.asset_name() and (earlier is None or earlier.digest() != request.digest()):
            needed[name] = _why_the_request_is_stored(store, key, earlier)
        elif name == CustomerRequest.asset_name() and earlier != request:
            needed[name] = "it is kept for another time, or somebody else answers for it"
            continue  # nothing else is made from that, so the stages after it are not made again
        elif name == CustomerWebsite.asset_name() and read_again:
            needed[name] = "the website is to be read again"
        elif not store.is_complete(key, kinds[name]):
            needed[name] = "not made yet"
        elif name in failed:
            needed[name] = f"its check {failed[name]} failed"
        elif name in SAY_THE_EXPIRY and scorecard and scorecard.expires_on != request.expires_on:
            needed[name] = "it shows another day of expiry"
        elif parents:
            needed[name] = f"{parents[0]} runs again"
            perhaps.add(name)
        elif staleness.get_status(asset, key) != StaleStatus.FRESH:
            needed[name] = "out of date"
        elif _was_changed_outside(instance, store, asset, key, kinds[name]):
            needed[name] = "its file was changed since"
        if name in needed:
            remade.add(name)
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

    Runs that Dagster launches take the same lock (``customer_lock``). The operating system releases it when its process ends for
    any reason, so an unfinished run of the command line whose lock is free has died; it is recorded as failed.

    Raises:
        ProvisioningError: another run of this customer is in progress.
    """
    end_dead_command_line_runs(instance, locks)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(customer_lock.held(locks, key))
        except Timeout:
            raise _in_progress(key, _unfinished_runs(instance, key), locks) from None
        launched = []
        for run in _unfinished_runs(instance, key):
            if _is_of_the_command_line(run, locks):
                _end(instance, run)
            else:
                launched.append(run)
        if launched:
            raise _in_progress(key, launched, locks)
        yield


def _in_progress(key: str, runs: Sequence[dg.DagsterRun], locks: Path) -> ProvisioningError:
    launched = [run.run_id for run in runs if not _is_of_the_command_line(run, locks)]
    if not launched:
        return ProvisioningError(f"{key} is being provisioned by another process.", "Wait for it to end.")
    return ProvisioningError(
        f"{key} is being provisioned by the Dagster run {launched[-1]}.",
        "Wait for it, or terminate it in Dagster's UI.",
    )


def end_dead_command_line_runs(instance: dg.DagsterInstance, locks: Path) -> list[str]:
    """Record runs of the command line whose process has died as failed, of all customers, and free the pools' slots of ended runs.

    Otherwise a command that was killed while it read a website would keep Chromium's slot, and all other runs would wait for it:
    Dagster's daemon frees slots of ended runs only, and where only the command line is used there is no daemon.

    Returns:
        the ids of the runs that were recorded as failed.
    """
    ended: list[str] = []
    started = dg.RunsFilter(statuses=[status for status in UNFINISHED if status != dg.DagsterRunStatus.QUEUED])
    for run in instance.get_runs(filters=started):
        key = run.tags.get(customer_lock.PARTITION_TAG, "")
        if not _is_of_the_command_line(run, locks) or not customer_lock.is_free(locks, key):
            continue
        as_it_is_now = instance.get_run_by_id(run.run_id)
        if as_it_is_now is not None and as_it_is_now.status in UNFINISHED:
            _end(instance, as_it_is_now)
            ended.append(run.run_id)
    holders = instance.event_log_storage.get_concurrency_run_ids()
    if holders:
        for run in instance.get_runs(filters=dg.RunsFilter(run_ids=list(holders), statuses=FINISHED_STATUSES)):
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return ended


def _end(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    instance.report_run_failed(run, "The process of this run ended before the run did.")
    instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def _command_line_tag(run_id: str, locks: Path) -> str:
    """Return the value of the tag: a run that Dagster's UI makes from this one copies its tags, and is not one of these."""
    return f"{run_id}/{customer_lock.scope_of(locks)}"


def _is_of_the_command_line(run: dg.DagsterRun, locks: Path) -> bool:
    return run.tags.get(COMMAND_LINE_TAG) == _command_line_tag(run.run_id, locks)


def _unfinished_runs(instance: dg.DagsterInstance, key: str) -> Sequence[dg.DagsterRun]:
    return instance.get_runs(filters=dg.RunsFilter(tags={customer_lock.PARTITION_TAG: key}, statuses=UNFINISHED))


def run_stages(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    request: CustomerRequest,
    stages: Sequence[str],
    listener: Callable[[dg.EventLogEntry], None],
    *,
    read_again: bool = False,
    began: datetime | None = None,
) -> RunOutcome:
    """Run some stages of one customer in this process; ``listener`` gets each event as it happens.

    ``read_again``: read the website again even if the changed request asks for the same pages. ``began``: when the command began
    of which this run is a part, in UTC; without it, now.
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
        tags={
            COMMAND_LINE_TAG: _command_line_tag(run_id, customer_lock.locks_folder(instance)),
            BEGAN_TAG: (began or clock.now()).isoformat(),
        },
        raise_on_error=False,
    )
    failure = next((event for event in result.all_events if event.is_step_failure), None)
    if failure is None:
        outcome = RunOutcome(
            run_id, result.success, None if result.success else "The run failed without an error message.", None
        )
    else:
        outcome = RunOutcome(run_id, False, _in_user_words(failure), failure.node_name)
    # Sensors see no run of the command line: it has no code location.
    if (ended := ended_run(instance, run_id, problem=outcome.problem or "")) is not None:
        record_run(ended)
    return outcome


def ended_run(instance: dg.DagsterInstance, run_id: str, *, problem: str = "") -> RunRecord | None:
    """Return what is recorded of a run that ended; None if Dagster has no record of it.

    Args:
        instance: where runs are recorded.
        run_id: of the run.
        problem: why it failed; empty if it did not.
    """
    record = instance.get_run_record_by_id(run_id)
    if record is None:
        return None
    run = record.dagster_run
    customer = run.tags.get("dagster/partition", "")
    return RunRecord(run_id, run.job_name, customer, run.status.value, record.start_time, record.end_time, problem)


def _run_config(request: CustomerRequest, stages: Sequence[str], *, read_again: bool) -> Mapping[str, Any]:
    configs: dict[str, dict[str, Any]] = {}
    if (name := CustomerRequest.asset_name()) in stages:
        configs[name] = {"as_of": FOLLOW_THE_DAY} | request_config(request)
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
