"""The commands ``provision alerts``. Each command imports what it needs when it is called."""

from typing import TYPE_CHECKING, Annotated

import typer

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.terminal import NOT_DONE, AsJson, out, print_json

if TYPE_CHECKING:
    from provisioning_assets.lifecycle.alerts.channel_records import ChannelState

alert_commands = typer.Typer(
    help="Try the channels of alerts, and look at what waits for them.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@alert_commands.command("test")
def try_alerts(
    owner: Annotated[
        str, typer.Option(metavar="MAIL", help="Send the mail to this owner. Default: PROVISIONING_ALERT_TO.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Send a test alert through every configured channel, and print what became of it."""
    import uuid

    from provisioning_assets import clock
    from provisioning_assets.lifecycle.alerts.channels.configured import configured_channels
    from provisioning_assets.lifecycle.alerts.delivery import try_channels
    from provisioning_assets.lifecycle.alerts.models import Alert, AlertKind
    from provisioning_assets.mail_address import is_mail_address
    from provisioning_assets.settings import ALERT_REMEDIES, read_alert_settings
    from provisioning_assets.targets import this_target

    if owner and not is_mail_address(owner):
        raise ProvisioningError(f"{owner!r} is not a mail address.", "Give one such as ann@example.com.")
    settings = read_alert_settings()
    channels = configured_channels(settings)
    if not channels:
        raise ProvisioningError(
            "No channel is configured.",
            "Set one or more of: "
            + "; ".join(
                f"PROVISIONING_{name.upper()} ({ALERT_REMEDIES[name][0].lower()}{ALERT_REMEDIES[name][1:]})"
                for name in ("alert_slack_webhook", "alert_webhook", "alert_smtp")
            )
            + ".",
        )
    alert = Alert(
        kind=AlertKind.TEST,
        event=uuid.uuid4().hex,
        at=clock.now(),
        customer="",
        owner=owner,
        cause="Somebody tried the channels of alerts (provision alerts test).",
        remedy="Nothing is to be done.",
        link=settings.ui_url,
    )
    results = try_channels(this_target().store, channels, alert)
    if as_json:
        print_json({name: {"sent": problem is None, "problem": problem} for name, problem in results.items()})
    else:
        for name, problem in results.items():
            told = "sent" if problem is None else f"not sent: {problem}"
            out.print(f"{name:<8} {told}", markup=False, soft_wrap=True)
    if any(results.values()):
        raise typer.Exit(NOT_DONE)


@alert_commands.command("list")
def list_alerts(as_json: AsJson = False) -> None:
    """List the alerts that wait, and what hinders each channel."""
    from provisioning_assets.lifecycle.alerts.alert_text import fields
    from provisioning_assets.lifecycle.alerts.channel_records import ChannelRecords
    from provisioning_assets.lifecycle.alerts.channels.configured import configured_channels
    from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
    from provisioning_assets.settings import read_alert_settings
    from provisioning_assets.targets import this_target

    store = this_target().store
    waiting = AlertOutbox(store).waiting()
    records = ChannelRecords(store)
    states = {channel.name: records.channel(channel.name) for channel in configured_channels(read_alert_settings())}
    if as_json:
        print_json(
            {
                "waiting": [{"id": alert.id, **alert.model_dump(mode="json")} for alert in waiting],
                "channels": {name: state.model_dump(mode="json") for name, state in states.items()},
            }
        )
        return
    for alert in waiting:
        out.print(str(alert.kind).capitalize(), markup=False, style="bold")
        for label, text in fields(alert):
            out.print(f"  {label}: {text}", markup=False, soft_wrap=True)
    out.print("No alert waits." if not waiting else "", end="\n")
    for name, state in states.items():
        out.print(f"{name:<8} {_told(state)}", markup=False, soft_wrap=True)
    if not states:
        out.print("No channel is configured: provision alerts test says how.")


def _told(state: "ChannelState") -> str:
    if state.failures and state.not_before:
        return f"{state.said}; it is tried again at {state.not_before:%Y-%m-%d %H:%M} UTC"
    count = len(state.sent_at)
    return f"works: {count} message{'' if count == 1 else 's'} lately" if count else "configured, and not used yet"
