"""Alerts as plain lines, for channels and terminals. Texts of others are made one line each, without control characters."""

from collections.abc import Sequence

from provisioning_assets.lifecycle.alerts.models import Alert
from provisioning_assets.terminal import plain

LONGEST_TEXT = 600
"""Characters of a cause or a remedy in a message; the record of the alert has the whole text."""
LONGEST_SUBJECT = 110
"""Characters. Mail programs show about as many."""


def one_line(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return the text as one line of at most so many characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def subject(alerts: Sequence[Alert]) -> str:
    """Return what several alerts are about, in a few words."""
    if len(alerts) == 1:
        about = alerts[0].customer or "all demos"
        return one_line(f"{str(alerts[0].kind).capitalize()}: {about}", LONGEST_SUBJECT)
    customers = list(dict.fromkeys(alert.customer for alert in alerts if alert.customer))
    about = customers[0] if len(customers) == 1 else f"{len(customers)} demos"
    return one_line(f"{len(alerts)} alerts about {about}", LONGEST_SUBJECT)


def fields(alert: Alert) -> list[tuple[str, str]]:
    """Return what an alert says, label and text, without those that say nothing."""
    rows = [
        ("customer", one_line(alert.customer)),
        ("stage", one_line(alert.stage)),
        ("cause", one_line(alert.cause)),
        ("what to do", one_line(alert.remedy)),
        ("owner", one_line(alert.owner)),
        ("more", one_line(alert.link, 2000)),
        ("when", f"{alert.at:%Y-%m-%d %H:%M} UTC"),
    ]
    return [(label, text) for label, text in rows if text]
