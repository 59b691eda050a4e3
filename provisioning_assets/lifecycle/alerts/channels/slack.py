"""Alerts in a Slack channel, through an incoming webhook."""

from collections.abc import Sequence

from pydantic import SecretStr

from provisioning_assets.lifecycle.alerts.alert_text import fields, subject
from provisioning_assets.lifecycle.alerts.channels.http_post import post_json
from provisioning_assets.lifecycle.alerts.models import Alert


class SlackChannel:
    """One Slack channel.

    Args:
        address: of the incoming webhook.
    """

    name = "slack"

    def __init__(self, address: SecretStr) -> None:
        self._address = address

    def recipient(self, alert: Alert) -> str:  # noqa: ARG002  # all go to one Slack channel
        """Return the one recipient: whoever reads the Slack channel."""
        return ""

    def send(self, recipient: str, alerts: Sequence[Alert]) -> None:  # noqa: ARG002
        """Send one message.

        Raises:
            DeliveryError: Slack did not take it.
        """
        # Links of alerts are not unfolded: Slack would fetch pages of the demo's customer.
        post_json(
            self._address.get_secret_value(),
            {"text": slack_text(alerts), "unfurl_links": False, "unfurl_media": False},
        )


def slack_text(alerts: Sequence[Alert]) -> str:
    """Return the message in Slack's markup: a heading, then each alert with its lines."""
    parts = [f"*{escaped(subject(alerts))}*"]
    for alert in alerts:
        lines = [f"*{escaped(str(alert.kind).capitalize())}*"] if len(alerts) > 1 else []
        lines += [f"{label}: {escaped(text)}" for label, text in fields(alert)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def escaped(text: str) -> str:
    """Return the text with the three characters escaped that begin links, mentions and entities in Slack's markup.

    Source: Slack's documentation, "Formatting text for app surfaces", "Escaping text".
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
