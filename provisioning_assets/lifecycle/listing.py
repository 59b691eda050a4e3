"""Lists the demos: company, state, age of the figures, next refresh and expiry of each.

It reads two small files of each customer, and of the scorecard only what the list shows: 10,000 demos take about a second.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from provisioning_assets.atomic_files import read_many
from provisioning_assets.content.models import DemoScorecard
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.stored_demos import StoredDemos


class Verdict(BaseModel):
    """What the list shows of a scorecard; the rest is not read, because that takes ten times as long."""

    company_name: str
    industry: str
    ready: bool
    as_of: date | None = None
    created_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class Demo:
    """One customer's demo in the list. ``company``, ``ready`` and ``figures_of`` are None until its scorecard is made."""

    key: str
    url: str
    company: str | None
    industry: str | None
    size: str
    owner: str
    ready: bool | None
    created_on: date
    expires_on: date | None
    """None: it is pinned"""
    made_at: datetime | None
    """when its agent was last made, in UTC"""
    figures_of: date | None
    """the last day with data when it was last finished"""
    keeps_its_date: bool
    """whether the CE gave the as-of date, so that it is not made again with another one"""
    withdrawn_on: date | None
    """since when it has been made again in part only"""

    def age_days(self, today: date) -> int:
        """Return the number of days since it was first requested."""
        return (today - self.created_on).days

    def is_expired(self, today: date) -> bool:
        """Return whether it may be removed."""
        return self.expires_on is not None and self.expires_on <= today

    def state(self, today: date) -> str:
        """Return its state: ready, not ready, unfinished or expired. One that was made again in part is unfinished."""
        if self.is_expired(today):
            return "expired"
        if self.withdrawn_on is not None:
            return "unfinished"
        return {True: "ready", False: "not ready", None: "unfinished"}[self.ready]

    def as_json(self, today: date) -> dict[str, Any]:
        """Return the demo as a JSON object, for scripts."""
        return {
            "key": self.key,
            "url": self.url,
            "company": self.company,
            "industry": self.industry,
            "size": self.size,
            "owner": self.owner,
            "ready": self.ready,
            "state": self.state(today),
            "age_days": self.age_days(today),
            "created_on": self.created_on.isoformat(),
            "expires_on": self.expires_on.isoformat() if self.expires_on else None,
            "pinned": self.expires_on is None,
            "made_at": self.made_at.isoformat() if self.made_at else None,
            "figures_of": self.figures_of.isoformat() if self.figures_of else None,
        }


def list_demos(store: StoredDemos) -> list[Demo]:
    """Return every customer with a readable request, by key. A folder without one remains from an unfinished teardown."""
    keys = store.customer_keys()
    request, scorecard = (f"{kind.asset_name()}.json" for kind in (CustomerRequest, DemoScorecard))
    requests = read_many(store.base(), [f"{key}/{request}" for key in keys])
    scorecards = read_many(store.base(), [f"{key}/{scorecard}" for key in keys])
    return [
        demo
        for key in keys
        if (demo := _demo(key, requests.get(f"{key}/{request}"), scorecards.get(f"{key}/{scorecard}")))
    ]


def _demo(key: str, request_file: bytes | None, scorecard_file: bytes | None) -> Demo | None:
    try:
        request = CustomerRequest.model_validate_json(request_file or b"")
    except ValidationError:
        return None
    try:
        verdict = Verdict.model_validate_json(scorecard_file or b"")
    except ValidationError:
        verdict = None
    return Demo(
        key=key,
        url=request.url,
        company=verdict.company_name if verdict else None,
        industry=verdict.industry if verdict else request.industry,
        size=str(request.size),
        owner=request.owner,
        ready=verdict.ready if verdict else None,
        created_on=request.created_on,
        expires_on=request.expires_on,
        made_at=verdict.created_at if verdict else None,
        figures_of=(verdict.as_of or request.as_of) if verdict else None,
        keeps_its_date="as_of" in request.asked,
        withdrawn_on=verdict.withdrawn_at.date() if verdict and verdict.withdrawn_at else None,
    )
