"""Delivers the alerts of the outbox through the configured channels.

An alert leaves the outbox when every channel that can reach somebody has sent it. What is sent is noted at once, so a process
that is killed sends at most one message twice. A channel that fails is left alone for a while, longer each time.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from provisioning_assets import clock
from provisioning_assets.lifecycle.alerts.channel_records import (
    HOUR,
    LONGEST_WAIT,
    ChannelRecords,
    ChannelState,
    SentByChannel,
    sent_name,
    wait_after,
)
from provisioning_assets.lifecycle.alerts.channels.channel import Channel, DeliveryError
from provisioning_assets.lifecycle.alerts.models import Alert
from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
from provisioning_assets.settings import AlertSettings
from provisioning_assets.store import DemoStore

_LOG = logging.getLogger(__name__)

MOST_ALERTS_A_MESSAGE = 20
"""More would not be read, and Slack cuts a text at 40,000 characters; an alert takes up to 1,700."""
SECONDS_A_DELIVERY = 30.0
"""After which no further message is begun. A tick of a sensor may take sixty seconds, and the last message ten."""
MOST_REFUSALS = 6
"""After so many attempts, over two hours, a channel that takes other alerts is not asked to take this one again."""
TIDIED_EVERY = timedelta(days=1)


@dataclass
class Delivery:
    """What one delivery did.

    Args:
        messages: how many were sent.
        delivered: how many alerts left the outbox, because all channels have sent them.
        waiting: how many alerts wait.
        problems: what hinders the alerts that wait, a sentence each.
    """

    messages: int = 0
    delivered: int = 0
    waiting: int = 0
    problems: list[str] = field(default_factory=list)

    def told(self) -> str:
        """Return the delivery in a few sentences."""
        parts = [f"{_counted(self.messages, 'message')} sent."] if self.messages else []
        parts.append(f"{_counted(self.waiting, 'alert')} wait{'s' if self.waiting == 1 else ''}.")
        return " ".join([*parts, *self.problems])


def deliver(store: DemoStore, channels: Sequence[Channel], settings: AlertSettings) -> Delivery:
    """Send what waits, as far as the channels allow it. A channel that fails hinders no other one.

    Args:
        store: whose outbox it is.
        channels: that are configured.
        settings: how many messages an hour a channel gets, and how long alerts wait.
    """
    outbox, records, now, done = AlertOutbox(store), ChannelRecords(store), clock.now(), Delivery()
    _tidy(outbox, records, settings, now)
    waiting = _without_old(outbox, outbox.waiting(), now - timedelta(days=settings.alert_days), done)
    if waiting and not channels:
        done.problems.append(
            "No channel is configured: set PROVISIONING_ALERT_SLACK_WEBHOOK, PROVISIONING_ALERT_WEBHOOK or PROVISIONING_ALERT_SMTP."
        )
    if waiting and channels:
        sent = records.all_sent()
        end = time.monotonic() + SECONDS_A_DELIVERY
        for channel in channels:
            _Sending(channel, records, sent, settings.alert_messages_an_hour, now, done, end).send(waiting)
        finished = [alert for alert in waiting if _is_finished(alert, channels, sent)]
        for alert in finished:
            outbox.mark_delivered(alert)
        records.forget_alerts({alert.id for alert in finished})
        done.delivered = len(finished)
        waiting = [alert for alert in waiting if alert not in finished]
        unreached = [alert for alert in waiting if all(channel.recipient(alert) is None for channel in channels)]
        if unreached:
            done.problems.append(f"{_counted(len(unreached), 'alert')} names no owner: set PROVISIONING_ALERT_TO.")
    done.waiting = len(waiting)
    return done


class _Sending:
    """The messages of one channel."""

    def __init__(
        self,
        channel: Channel,
        records: ChannelRecords,
        sent: dict[str, SentByChannel],
        messages_an_hour: int,
        now: datetime,
        done: Delivery,
        end: float,
    ) -> None:
        self._channel = channel
        self._records = records
        self._sent = sent
        self._messages_an_hour = messages_an_hour
        self._now = now
        self._done = done
        self._end = end
        state = records.channel(channel.name)
        self._state = state.model_copy(update={"sent_at": [at for at in state.sent_at if at > now - HOUR]})

    def send(self, waiting: Iterable[Alert]) -> None:
        groups = self._groups([alert for alert in waiting if self._is_due(alert)])
        if not groups:
            return
        until = self._state.not_before
        if until is not None and until > self._now:
            self._done.problems.append(
                f"{self._channel.name}: {self._state.said}; it is tried again at {_moment(until)}."
            )
            return
        while groups:
            recipient, alerts = groups.pop(0)
            if len(self._state.sent_at) >= self._messages_an_hour:
                self._done.problems.append(
                    f"{self._channel.name}: it got {_counted(self._messages_an_hour, 'message')} in the last hour, which is "
                    "the limit."
                )
                return
            if time.monotonic() > self._end:
                self._done.problems.append(f"{self._channel.name}: the rest is sent next time.")
                return
            try:
                self._channel.send(recipient, alerts)
            except DeliveryError as error:
                if not error.refused:
                    self._failed(error)
                    return
                if len(alerts) == 1:
                    self._refused(alerts[0], error)
                else:  # one of them is the reason
                    groups = [(recipient, [alert]) for alert in alerts] + groups
            except Exception as error:  # noqa: BLE001  # a fault of one channel must not stop the others
                self._failed(DeliveryError(f"it raised {type(error).__name__}"))
                return
            else:
                self._delivered(alerts)

    def _is_due(self, alert: Alert) -> bool:
        record = self._sent.get(sent_name(alert, self._channel.name), SentByChannel())
        later = record.not_before is not None and record.not_before > self._now
        return not record.sent and record.refusals < MOST_REFUSALS and not later

    def _groups(self, alerts: Iterable[Alert]) -> list[tuple[str, list[Alert]]]:
        by_recipient: dict[str, list[Alert]] = {}
        for alert in alerts:
            recipient = self._channel.recipient(alert)
            if recipient is not None:
                by_recipient.setdefault(recipient, []).append(alert)
        return [
            (recipient, theirs[start : start + MOST_ALERTS_A_MESSAGE])
            for recipient, theirs in by_recipient.items()
            for start in range(0, len(theirs), MOST_ALERTS_A_MESSAGE)
        ]

    def _delivered(self, alerts: Sequence[Alert]) -> None:
        self._done.messages += 1
        for alert in alerts:
            self._note(alert, SentByChannel(sent=True))
        self._state = ChannelState(sent_at=[*self._state.sent_at, self._now])
        self._records.write_channel(self._channel.name, self._state)

    def _failed(self, error: DeliveryError) -> None:
        failures = self._state.failures + 1
        wait = max(wait_after(failures), timedelta(seconds=error.wait_seconds or 0.0))
        self._state = self._state.model_copy(
            update={"failures": failures, "not_before": self._now + wait, "said": error.said}
        )
        self._records.write_channel(self._channel.name, self._state)
        problem = f"{self._channel.name}: {error.said}; it is tried again at {_moment(self._now + wait)}."
        self._done.problems.append(problem)
        _LOG.warning("Alerts were not delivered. %s", problem)

    def _refused(self, alert: Alert, error: DeliveryError) -> None:
        record = self._sent.get(sent_name(alert, self._channel.name), SentByChannel())
        refusals = record.refusals + 1
        # The first wait is longer than a channel's own: six attempts then spread over two hours.
        wait = min(4 * wait_after(refusals), LONGEST_WAIT)
        self._note(alert, SentByChannel(refusals=refusals, not_before=self._now + wait))
        last = "; it is not tried again" if refusals >= MOST_REFUSALS else ""
        problem = f"{self._channel.name}: {error.said} ({alert.kind}, {alert.customer or 'no customer'}){last}."
        self._done.problems.append(problem)
        _LOG.warning("An alert was not delivered. %s", problem)

    def _note(self, alert: Alert, record: SentByChannel) -> None:
        self._sent[sent_name(alert, self._channel.name)] = record
        self._records.write_sent(alert, self._channel.name, record)


def _is_finished(alert: Alert, channels: Sequence[Channel], sent: dict[str, SentByChannel]) -> bool:
    """Return whether somebody got the alert, and no channel has anything left to do for it."""
    records = [
        sent.get(sent_name(alert, channel.name), SentByChannel())
        for channel in channels
        if channel.recipient(alert) is not None
    ]
    over = all(record.sent or record.refusals >= MOST_REFUSALS for record in records)
    return over and any(record.sent for record in records)


def try_channels(store: DemoStore, channels: Sequence[Channel], alert: Alert) -> dict[str, str | None]:
    """Send one alert through every channel at once, whatever failed before and how many messages were sent.

    A channel that works is used again by the next delivery without waiting.

    Args:
        store: whose channels they are.
        channels: that are configured.
        alert: is not put into the outbox.

    Returns:
        channel -> why it was not sent; None if it was.
    """
    records, now = ChannelRecords(store), clock.now()
    results: dict[str, str | None] = {}
    for channel in channels:
        recipient = channel.recipient(alert)
        if recipient is None:
            results[channel.name] = "there is no recipient: set PROVISIONING_ALERT_TO, or give --owner MAIL"
            continue
        try:
            channel.send(recipient, [alert])
        except DeliveryError as error:
            results[channel.name] = error.said
        except Exception as error:  # noqa: BLE001  # a fault of one channel must not hide the others
            results[channel.name] = f"it raised {type(error).__name__}"
        else:
            results[channel.name] = None
            sent_at = [*records.channel(channel.name).sent_at, now]
            records.write_channel(channel.name, ChannelState(sent_at=[at for at in sent_at if at > now - HOUR]))
    return results


def _without_old(outbox: AlertOutbox, waiting: list[Alert], before: datetime, done: Delivery) -> list[Alert]:
    old = [alert for alert in waiting if alert.at < before]
    for alert in old:
        outbox.give_up(alert)
        _LOG.error(
            "An alert was never delivered and is removed: %s, %s: %s", alert.kind, alert.customer or "-", alert.cause
        )
    if old:
        done.problems.append(f"{_counted(len(old), 'alert')} of events before {before:%Y-%m-%d} removed undelivered.")
    return [alert for alert in waiting if alert.at >= before]


def _tidy(outbox: AlertOutbox, records: ChannelRecords, settings: AlertSettings, now: datetime) -> None:
    tidied_at = records.tidied_at()
    if tidied_at is not None and tidied_at <= now < tidied_at + TIDIED_EVERY:
        return
    outbox.forget_delivered(now - timedelta(days=settings.alert_days))
    records.forget_alerts({alert.id for alert in outbox.waiting()}, kept=True)
    records.write_tidied(now)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
