"""The channels that the settings name."""

from provisioning_assets.lifecycle.alerts.channels.channel import Channel
from provisioning_assets.settings import AlertSettings


def configured_channels(settings: AlertSettings) -> list[Channel]:
    """Return the channels in a fixed order; none if none is configured."""
    from provisioning_assets.lifecycle.alerts.channels.mail import MailChannel
    from provisioning_assets.lifecycle.alerts.channels.slack import SlackChannel
    from provisioning_assets.lifecycle.alerts.channels.webhook import WebhookChannel

    channels: list[Channel] = []
    if settings.alert_slack_webhook.get_secret_value():
        channels.append(SlackChannel(settings.alert_slack_webhook))
    if settings.alert_webhook.get_secret_value():
        channels.append(WebhookChannel(settings.alert_webhook))
    if settings.alert_smtp.get_secret_value():
        channels.append(MailChannel(settings.alert_smtp, settings.alert_from, settings.alert_to))
    return channels
