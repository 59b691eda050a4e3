"""The sensors of alerts: what goes wrong is put into the outbox, and the outbox is delivered. None of them ever fails.

Dagster shows a sensor of runs each run once and moves on whatever happens, so an exception would lose the alert.
"""

import logging
from collections.abc import Callable

import dagster as dg

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.alerts.models import Alert
from provisioning_assets.store import DemoStore

_LOG = logging.getLogger(__name__)
_SECONDS_BETWEEN_TICKS = 60
_RUNNING = dg.DefaultSensorStatus.RUNNING
_EVENTS = {
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    dg.DagsterEventType.RUN_FAILURE,
}


@dg.run_failure_sensor(
    description="Puts an alert about each run that failed into the outbox: customer, stage, cause, what to do.",
    default_status=_RUNNING,
    minimum_interval_seconds=_SECONDS_BETWEEN_TICKS,
)
def failed_runs(context: dg.RunFailureSensorContext, store: DemoStore) -> None:
    """Runs of the command line are not among them: they have no code location, and their user sees the failure."""
    from provisioning_assets.lifecycle.alerts.runs import failed_run_alert

    run = context.dagster_run

    def alert() -> Alert | None:
        records = context.instance.get_records_for_run(run.run_id, of_type=_EVENTS).records
        events = [event for record in records if (event := record.event_log_entry.dagster_event) is not None]
        return failed_run_alert(run, events, store, ui_url=_ui_url())

    taken = _put(store, run, alert)
    _record(context, taken.cause if taken else "")


def _recorded_runs(name: str, status: dg.DagsterRunStatus, which: str) -> dg.SensorDefinition:
    """Return a sensor that records the end of runs and alerts nobody."""

    @dg.run_status_sensor(
        name=name,
        run_status=status,
        description=f"Records the end of each run that {which}: a log line, and a span if a collector is configured.",
        default_status=_RUNNING,
        minimum_interval_seconds=_SECONDS_BETWEEN_TICKS,
    )
    def record(context: dg.RunStatusSensorContext) -> None:
        _record(context)

    return record


# The run itself puts an alert into the outbox if its demo is not ready (``lifecycle/resources.py``).
succeeded_runs = _recorded_runs("succeeded_runs", dg.DagsterRunStatus.SUCCESS, "succeeded")
# Whoever canceled it knows.
canceled_runs = _recorded_runs("canceled_runs", dg.DagsterRunStatus.CANCELED, "was canceled")


@dg.sensor(
    description="Delivers the alerts of the outbox to Slack, by mail and to webhooks. A channel that fails is tried again later.",
    default_status=_RUNNING,
    minimum_interval_seconds=_SECONDS_BETWEEN_TICKS,
)
def send_alerts(context: dg.SensorEvaluationContext, store: DemoStore) -> dg.SkipReason:
    """Requests no run. The tick's reason says what was delivered, what waits, and what hinders it."""
    from provisioning_assets.lifecycle.alerts.channels.configured import configured_channels
    from provisioning_assets.lifecycle.alerts.delivery import deliver
    from provisioning_assets.settings import read_alert_settings

    try:
        settings = read_alert_settings()
        return dg.SkipReason(deliver(store, configured_channels(settings), settings).told())
    except ProvisioningError as error:
        context.log.error(str(error))
        return dg.SkipReason(str(error))
    except Exception as error:  # noqa: BLE001  # the next tick tries again
        _LOG.exception("Alerts were not delivered.")
        # Without the error's text, which can quote an address of the store or of a channel.
        return dg.SkipReason(f"Alerts were not delivered: {type(error).__name__}. They wait; the log has the details.")


def _put(store: DemoStore, run: dg.DagsterRun, alert: Callable[[], Alert | None]) -> Alert | None:
    """Put the alert, if there is one, into the outbox; the store is tried several times.

    Returns:
        the alert; None if there is none, or it could not be put.
    """
    from tenacity import Retrying, stop_after_attempt, wait_exponential

    from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox

    try:
        for attempt in Retrying(stop=stop_after_attempt(3), wait=wait_exponential(multiplier=0.5), reraise=True):
            with attempt:
                found = alert()
                if found is not None:
                    AlertOutbox(store).put(found)
                return found
    except Exception:  # noqa: BLE001  # Dagster would lose the runs of this tick that follow
        _LOG.exception("The alert about the run %s is lost: it could not be put into the outbox.", run.run_id)
    return None


def _record(context: dg.RunStatusSensorContext, problem: str = "") -> None:
    from provisioning_assets.lifecycle.runs import ended_run
    from provisioning_assets.telemetry.records import record_run

    try:
        ended = ended_run(context.instance, context.dagster_run.run_id, problem=problem)
        if ended is not None:
            record_run(ended)
    except Exception:  # noqa: BLE001  # the alert is worth more than its record
        _LOG.exception("The end of the run %s is not recorded.", context.dagster_run.run_id)


def _ui_url() -> str:
    """Return the address of Dagster's UI; its default if the settings of alerts are not accepted, which `send_alerts` says."""
    from provisioning_assets.settings import AlertSettings, read_alert_settings

    try:
        return read_alert_settings().ui_url
    except ProvisioningError:
        return str(AlertSettings.model_fields["ui_url"].default)
