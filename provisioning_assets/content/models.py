"""Artefacts of this package: the booklet and the scorecard."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Artefact, Document
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE, Language


class DemoBooklet(Artefact):
    title: str
    path: str = Field(description="relative to the customer's folder: booklet/index.html")
    bytes: int
    sha256: str
    scenes: int
    questions: int

    def files(self) -> list[str]:
        """Return the path of the HTML page."""
        return [self.path]

    def file_sizes(self) -> dict[str, int]:
        """Return the size of the HTML page."""
        return {self.path: self.bytes}

    def file_digests(self) -> dict[str, str]:
        """Return the digest of the HTML page."""
        return {self.path: self.sha256}

    def summary(self) -> str:
        """Return the size of the script in one line."""
        return f"{self.scenes} scenes, {self.questions} questions, {self.bytes / 1e6:.1f} MB"


class Figure(Document):
    """One measured figure, with its bar if it has one."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    direction: Literal["at_least", "at_most"] | None = None
    passed: bool | None = Field(default=None, description="null if the figure has no bar")
    note: str = ""


class DemoScorecard(Artefact):
    key: str
    company_name: str
    industry: str
    blueprint: str
    language: Language = Field(default=DEFAULT_LANGUAGE, description="of the demo, ISO 639-1")
    ready: bool
    reasons: list[str] = Field(description="why the demo is not ready; empty if it is ready")
    notices: list[str] = Field(default_factory=list, description="what the CE should know even if the demo is ready")
    figures: list[Figure]
    customer_words: int = Field(default=0, description="words of the demo that come from the customer's site or the CE")
    words_confirmed_by: str | None = Field(
        default=None, description="name of the person who confirmed the present words; null: they are not confirmed"
    )
    as_of: date | None = Field(
        default=None, description="the last day with data in the data set; null: made by an earlier version"
    )
    created_at: datetime
    expires_on: date | None = Field(description="the first day on which the demo may be removed; null: it is pinned")
    withdrawn_at: datetime | None = Field(
        default=None, description="when a part of the demo was made again, so that this scorecard no longer counts"
    )

    def still_counts(self) -> bool:
        """Return whether nothing of the demo was made again since."""
        return self.withdrawn_at is None

    def withdrawn(self, changed: str, at: datetime) -> "DemoScorecard":
        """Return the scorecard of a demo of which a part was made again: not ready, with the earlier figures.

        Args:
            changed: the asset that was made again.
            at: when.
        """
        reason = (
            f"{changed} was made again on {at:%Y-%m-%d %H:%M} UTC, and the stages after it were not finished, so that tables, "
            f"questions and booklet may not belong together. Finish them: provision refresh {self.key}"
        )
        return self.model_copy(update={"ready": False, "reasons": [reason], "withdrawn_at": at})

    def summary(self) -> str:
        """Return in one line whether the demo is ready."""
        return "ready to show" if self.ready else f"not ready: {self.reasons[0]}"
