"""What every channel offers, and how a failed delivery is told."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from provisioning_assets.lifecycle.alerts.models import Alert

SECONDS_A_CALL = 10.0
"""For one message. Slack, webhooks and mail servers answer within a second or two; a sensor's tick may take sixty."""


class DeliveryError(Exception):
    """A message was not delivered.

    Args:
        said: why, in a sentence without any address of the channel.
        refused: this message is not accepted, and the channel may accept others; False: the channel does not work now.
        wait_seconds: how long the channel asks to be left alone; None: it does not ask.
    """

    def __init__(self, said: str, *, refused: bool = False, wait_seconds: float | None = None) -> None:
        super().__init__(said)
        self.said = said
        self.refused = refused
        self.wait_seconds = wait_seconds


class Channel(Protocol):
    """A way to reach people."""

    name: str

    def recipient(self, alert: Alert) -> str | None:
        """Return who gets an alert: alerts with the same recipient go into one message. None: nobody can be reached."""
        ...

    def send(self, recipient: str, alerts: Sequence[Alert]) -> None:
        """Send one message.

        Raises:
            DeliveryError: it was not delivered.
        """
        ...


def within_seconds(seconds: float, call: Callable[[], None]) -> None:
    """Make a call that ends in time. The time limits of clients hold for each read; a server that answers slowly exceeds them.

    A call that takes longer goes on in its thread, and its message may still arrive: then it is sent twice.

    Raises:
        DeliveryError: the call raised it, or did not end in time.
    """
    errors: list[BaseException] = []

    def carry_out() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001  # it is raised again in the thread of the caller
            errors.append(error)

    thread = threading.Thread(target=carry_out, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise DeliveryError(f"it did not answer within {seconds:.0f} seconds")
    if errors:
        raise errors[0]
