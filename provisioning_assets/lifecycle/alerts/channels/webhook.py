"""Alerts as JSON, for any program that takes it by POST."""

from collections.abc import Sequence

from pydantic import SecretStr

from provisioning_assets.lifecycle.alerts.alert_text import subject
from provisioning_assets.lifecycle.alerts.channels.http_post import post_json
from provisioning_assets.lifecycle.alerts.models import Alert


class WebhookChannel:
    """One address.

    Args:
        address: http or https.
    """

    name = "webhook"

    def __init__(self, address: SecretStr) -> None:
        self._address = address

    def recipient(self, alert: Alert) -> str:  # noqa: ARG002  # all go to one address
        """Return the one recipient: the program at the address."""
        return ""

    def send(self, recipient: str, alerts: Sequence[Alert]) -> None:  # noqa: ARG002
        """Send one message: ``{"subject": ..., "alerts": [{"id": ..., "kind": ..., "customer": ..., ...}]}``.

        Raises:
            DeliveryError: it was not taken.
        """
        document = {
            "subject": subject(alerts),
            "alerts": [{"id": alert.id, **alert.model_dump(mode="json")} for alert in alerts],
        }
        post_json(self._address.get_secret_value(), document)
