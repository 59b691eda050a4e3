"""Lists the demos: company, age, readiness and expiry of each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from provisioning_assets.content.models import DemoScorecard
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.store import DemoStore


@dataclass(frozen=True)
class Demo:
    """One customer's demo in the list. ``company`` and ``ready`` are None until its scorecard is made."""

    key: str
    url: str
    company: str | None
    industry: str | None
    size: str
    ready: bool | None
    created_on: date
    expires_on: date | None
    """None: it is pinned"""

    def age_days(self, today: date) -> int:
        """Return the number of days since it was first requested."""
        return (today - self.created_on).days

    def state(self, today: date) -> str:
        """Return its state: ready, not ready, unfinished or expired."""
        if self.expires_on and self.expires_on <= today:
            return "expired"
        return {True: "ready", False: "not ready", None: "unfinished"}[self.ready]

    def as_json(self, today: date) -> dict[str, Any]:
        """Return the demo as a JSON object, for scripts."""
        return {
            "key": self.key,
            "url": self.url,
            "company": self.company,
            "industry": self.industry,
            "size": self.size,
            "ready": self.ready,
            "state": self.state(today),
            "age_days": self.age_days(today),
            "created_on": self.created_on.isoformat(),
            "expires_on": self.expires_on.isoformat() if self.expires_on else None,
            "pinned": self.expires_on is None,
        }


def list_demos(store: DemoStore) -> list[Demo]:
    """Return every customer with a readable request, by key. A folder without one remains from an unfinished teardown."""
    return [demo for key in store.customer_keys() if (demo := _demo(store, key))]


def _demo(store: DemoStore, key: str) -> Demo | None:
    request = store.find_readable(key, CustomerRequest)
    if request is None:
        return None
    scorecard = store.find_readable(key, DemoScorecard)
    return Demo(
        key=key,
        url=request.url,
        company=scorecard.company_name if scorecard else None,
        industry=scorecard.industry if scorecard else request.industry,
        size=str(request.size),
        ready=scorecard.ready if scorecard else None,
        created_on=request.created_on,
        expires_on=request.expires_on,
    )
