"""Removals: why, how far, and what came of it."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from provisioning_assets.artefact import Document


class Reason(StrEnum):
    """Why a demo is removed."""

    EXPIRED = "expired"
    BY_HAND = "by hand"
    ORPHAN = "orphan"


class StartedRemoval(Document):
    """A removal in progress. It is written before each step, so that a removal that was killed is finished by the next one."""

    key: str
    reason: Reason
    url: str = ""
    owner: str = ""
    expired_on: date | None = None
    started_at: datetime
    runs: list[str] = Field(default_factory=list, description="ids of the Dagster runs that worked on it, in order")
    removed: dict[str, str] = Field(
        default_factory=dict, description="step -> what it removes; noted before it is removed"
    )


class RemovalRecord(StartedRemoval):
    """A removal that has ended: the entry of the record of removals."""

    ended_at: datetime


class DueRemoval(Document):
    """A demo that is to be removed by the sensor."""

    key: str
    found_at: datetime
    reason: Reason = Reason.EXPIRED


class Removal(Document):
    """What came of an attempt to remove one demo."""

    key: str
    reason: Reason
    dry_run: bool = False
    removed: dict[str, str] = Field(
        default_factory=dict, description="step -> what was removed, or would be with dry_run"
    )
    kept: str = Field(default="", description="why nothing was removed although nothing was wrong; empty: it was")
    problem: str = Field(default="", description="why it was refused; empty: it was not")
    remedy: str = Field(default="", description="what to do about the refusal")

    @property
    def outcome(self) -> str:
        """Return the outcome in one line."""
        if self.problem:
            return f"refused: {self.problem}"
        if self.kept:
            return f"kept: {self.kept}"
        if not self.removed:
            return "nothing was found"
        done = "would be removed" if self.dry_run else "removed"
        return f"{done}: {', '.join(f'{step} ({what})' for step, what in self.removed.items())}"
