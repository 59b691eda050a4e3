"""The sensor that turns request files into customers and runs."""

import dagster as dg

from provisioning_assets import clock
from provisioning_assets.claude.resources import Claude
from provisioning_assets.customer_lock import PARTITION_TAG
from provisioning_assets.customer_partitions import customers
from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
from provisioning_assets.lifecycle.intake import run_config_of
from provisioning_assets.lifecycle.jobs import provision_demo
from provisioning_assets.lifecycle.requests.intake_cursor import IntakeCursor, read_cursor
from provisioning_assets.lifecycle.requests.intake_tick import IntakeTick, WantedRun
from provisioning_assets.lifecycle.requests.request_folder import RequestFolder
from provisioning_assets.store import DemoStore

SECONDS_BETWEEN_TICKS = 15

RUN_KEY_TAG = "provisioning/request_run"
DIGEST_TAG = "provisioning/request"
FILE_TAG = "provisioning/request_file"

_HAS_NOT_MADE_IT = (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


class _InstanceRuns:
    """Dagster's runs by the tags that the sensor gives them."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance

    def launched(self, run_key: str) -> str | None:
        runs = self._instance.get_runs(filters=dg.RunsFilter(tags={RUN_KEY_TAG: run_key}), limit=1)
        return runs[0].run_id if runs else None

    def asked_before(self, digest: str) -> int:
        return self._instance.get_runs_count(dg.RunsFilter(tags={DIGEST_TAG: digest}))

    def repeated(self, key: str, digest: str) -> str | None:
        runs = self._instance.get_runs(filters=dg.RunsFilter(tags={PARTITION_TAG: key}), limit=1)
        is_it = bool(runs) and runs[0].tags.get(DIGEST_TAG) == digest and runs[0].status not in _HAS_NOT_MADE_IT
        return runs[0].run_id if is_it else None


@dg.sensor(
    job=provision_demo,
    minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Reads the request files in the store's folder `requests` (.yaml, .yml, .json: one request; .jsonl: one in each "
    "line), adds the customers and launches a run for each request. A file moves to `accepted` when its run exists. A request that "
    "cannot be run moves to `rejected` with the reason beside it.",
)
def request_files(
    context: dg.SensorEvaluationContext, store: DemoStore, claude: Claude
) -> dg.SensorResult | dg.SkipReason:
    """Evaluate one tick."""
    cursor = read_cursor(context.cursor)
    if cursor is None:
        context.log.warning(
            "The cursor is not one of this version. All waiting files are looked at from the beginning."
        )
        cursor = IntakeCursor()
    folder = RequestFolder(store)
    result = IntakeTick(
        folder,
        _InstanceRuns(context.instance),
        cursor,
        now=clock.now(),
        say=context.log.info,
        put_alert=AlertOutbox(store).put,
        has_claude=claude.is_used,
    ).run()
    if not result.is_done:
        context.log.info("More requests wait; the next tick goes on with them.")
    keys = list(dict.fromkeys(wanted.request.asked.key for wanted in result.wanted))
    if not result.wanted:
        found = f"{result.rejected} were rejected, {result.finished} files are done."
        nothing = f"No request waits in {folder.folder}."
        context.update_cursor(cursor.model_dump_json())
        return dg.SkipReason(found if result.rejected or result.finished else nothing)
    return dg.SensorResult(
        run_requests=[_run_request(wanted) for wanted in result.wanted],
        dynamic_partitions_requests=[customers.build_add_request(keys)],
        cursor=cursor.model_dump_json(),
    )


def _run_request(wanted: WantedRun) -> dg.RunRequest:
    request = wanted.request
    return dg.RunRequest(
        run_key=wanted.run_key,
        partition_key=request.asked.key,
        run_config=run_config_of(request.asked),
        tags={RUN_KEY_TAG: wanted.run_key, DIGEST_TAG: request.digest, FILE_TAG: wanted.place[:200]},
    )
