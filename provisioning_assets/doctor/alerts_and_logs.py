"""Checks of what an operator is told: the channels of alerts, and the collector of spans. Nothing is sent."""

import os
from collections.abc import Mapping

from provisioning_assets.doctor.models import Check, Finding, State
from provisioning_assets.errors import ProvisioningError

_ALERTS, _SPANS = "Alerts", "Spans"
_WHY_ALERTS = "Owners of demos are told through them what failed, what expires and what to do."
_WHY_SPANS = "A collector of OpenTelemetry shows how long runs and stages take."


def alerts_check() -> Check:
    """Return the check of the channels that this process would use."""
    return Check(_ALERTS, _WHY_ALERTS, lambda: [alerts_finding()])


def spans_check() -> Check:
    """Return the check of the collector that this process would use."""
    return Check(_SPANS, _WHY_SPANS, lambda: [spans_finding(os.environ)])


def alerts_finding() -> Finding:
    """Return which channels are configured. Their addresses are not shown: whoever knows one can write to it."""
    from provisioning_assets.lifecycle.alerts.channels.configured import configured_channels
    from provisioning_assets.settings import read_alert_settings

    try:
        settings = read_alert_settings()
    except ProvisioningError as error:
        return Finding(_ALERTS, State.WARNING, error.problem, _WHY_ALERTS, error.remedy)
    names = [channel.name for channel in configured_channels(settings)]
    if not names:
        found = f"no channel is configured: alerts wait in the store for {settings.alert_days} days"
        return Finding(_ALERTS, State.OK, found, _WHY_ALERTS)
    if names == ["mail"] and not settings.alert_to:
        found = "mail is configured, but alerts that name no owner reach nobody"
        remedy = "export PROVISIONING_ALERT_TO=MAIL   # who gets them, and a copy of all others"
        return Finding(_ALERTS, State.WARNING, found, _WHY_ALERTS, remedy)
    found = f"{', '.join(names)}: configured, and not tried here (provision alerts test)"
    return Finding(_ALERTS, State.OK, found, _WHY_ALERTS)


def spans_finding(environment: Mapping[str, str]) -> Finding:
    """Return whether spans are sent.

    Args:
        environment: variable -> value.
    """
    from provisioning_assets.telemetry.spans import exporter_is_installed, spans_are_wanted

    if not spans_are_wanted(environment):
        return Finding(_SPANS, State.OK, "no collector is configured (OTEL_EXPORTER_OTLP_ENDPOINT)", _WHY_SPANS)
    if not exporter_is_installed():
        found = "a collector is configured, but OpenTelemetry's exporter is not installed: no span is sent"
        return Finding(_SPANS, State.WARNING, found, _WHY_SPANS, "make telemetry")
    return Finding(_SPANS, State.OK, "sent to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names", _WHY_SPANS)
