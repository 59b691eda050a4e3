"""Which demos have expired, which will soon, and who is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from provisioning_assets import clock
from provisioning_assets.atomic_files import read_many
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.lifecycle.alerts.models import Alert, AlertKind
from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
from provisioning_assets.lifecycle.removal.models import Reason
from provisioning_assets.lifecycle.removal.records import DueRemovals, StartedRemovals
from provisioning_assets.store import DemoStore


@dataclass(frozen=True)
class Expiry:
    """What a look at all demos found. The keys are sorted."""

    looked_at: int
    expired: list[str]
    """demos whose day of expiry has come, and removals that were interrupted"""
    warned: list[str]
    """demos whose owner was told now that they expire soon"""


def requests(store: DemoStore) -> Iterator[CustomerRequest]:
    """Yield the readable requests of all customers, by key. Each is one small file; they are read together."""
    names = [f"{key}/{CustomerRequest.asset_name()}.json" for key in store.customer_keys()]
    contents = read_many(store.base(), names)
    for name in names:
        try:
            request = CustomerRequest.model_validate_json(contents.get(name, b""))
        except ValidationError:
            continue
        yield request


def has_expired(request: CustomerRequest, today: date) -> bool:
    """Return whether the day of expiry has come. A pinned demo has none."""
    return request.expires_on is not None and request.expires_on <= today


def expired_keys(store: DemoStore, today: date) -> list[str]:
    """Return the keys of the demos that have expired and of removals that were interrupted after the request was gone."""
    expired = {request.key for request in requests(store) if has_expired(request, today)}
    return sorted(expired | _interrupted(store))


def find_expired(store: DemoStore, *, warning_days: int) -> Expiry:
    """Note which demos are due for removal, and put a warning for those that expire soon into the outbox.

    Args:
        store: the store of the demos.
        warning_days: days before the day of expiry from which on the owner is warned; 0: never.
    """
    today = clock.today()
    outbox = AlertOutbox(store)
    expired: list[str] = []
    warned: list[str] = []
    count = 0
    for request in requests(store):
        count += 1
        if has_expired(request, today):
            expired.append(request.key)
        elif request.expires_on and (request.expires_on - today).days <= warning_days and outbox.put(_warning(request)):
            warned.append(request.key)
    expired = sorted({*expired, *_interrupted(store)})
    DueRemovals(store).note(expired)
    return Expiry(count, expired, warned)


def _interrupted(store: DemoStore) -> set[str]:
    """Return the keys of removals that began and did not end, and whose demo has no request any more.

    A demo that still has its request may be wanted again: an interrupted removal by hand is not finished by itself then.
    """
    started = StartedRemovals(store).all()
    return {removal.key for removal in started if not store.exists(removal.key, CustomerRequest)}


def _warning(request: CustomerRequest) -> Alert:
    return Alert(
        kind=AlertKind.EXPIRES_SOON,
        event=str(request.expires_on),
        at=clock.now(),
        customer=request.key,
        owner=request.owner,
        cause=f"The demo of {request.url} expires on {request.expires_on}. It is removed then.",
        remedy=f"Keep it longer with: provision extend {request.key} --days 30, or with --pinned until it is removed by hand.",
    )


def removed_alert(key: str, *, url: str, owner: str, event: str, reason: Reason, expired_on: date | None) -> Alert:
    """Return the alert that a demo was removed."""
    why = f" because it expired on {expired_on}" if reason is Reason.EXPIRED and expired_on else ""
    return Alert(
        kind=AlertKind.REMOVED,
        event=event,
        at=clock.now(),
        customer=key,
        owner=owner,
        cause=f"The demo {key} was removed{why}: agent, data set, files and runs.",
        remedy=f"If it is needed again, make it again: provision run {url or 'URL'} --key {key}",
    )
