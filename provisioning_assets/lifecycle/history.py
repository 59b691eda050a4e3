"""What happened to a demo: a small file for each run that made something, in the customer's folder.

It is removed with the demo, and with it the mail address of the owner, which is all that it says of a person.
"""

from datetime import datetime
from typing import Any

from pydantic import Field, ValidationError

from provisioning_assets.artefact import Document
from provisioning_assets.content.models import DemoScorecard
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.record_folder import RecordFolder
from provisioning_assets.store import DemoStore

FOLDER = "history"
"""Folder in the customer's own."""
RECORDS_SHOWN = 10
"""Records that are shown to a person; a script gets all."""


class HistoryRecord(Document):
    """One making of the demo: a run of Dagster, or a command, which may need several runs."""

    began: datetime
    run_id: str = Field(description="of the run that wrote this last")
    trigger: str = Field(description="command line, refresh, the name of a sensor or schedule, or Dagster")
    owner: str = Field(default="", description="mail address of the demo's owner; empty: nobody was named")
    finished: datetime | None = Field(default=None, description="null: it stopped before the scorecard, or is at work")
    seconds: float | None = Field(default=None, description="from beginning to scorecard")
    as_of: str | None = Field(default=None, description="the last day with data")
    ready: bool | None = Field(default=None, description="null if not finished")
    reasons: list[str] = Field(default_factory=list, description="why the demo was not ready")
    figures: dict[str, float] = Field(default_factory=dict, description="of the scorecard; shares are 0 to 1")
    bytes: int | None = Field(default=None, description="size of the data set")
    bytes_billed: int | None = Field(default=None, description="of the golden queries; null: nothing is billed there")
    cost_usd: float | None = Field(
        default=None, description="of these bytes; null: nothing is billed, or no price is known"
    )
    project_version: str = ""
    code_versions: dict[str, str] = Field(default_factory=dict, description="asset -> code version that made it")
    blueprint: str = ""
    blueprint_version: int | None = None

    def state(self) -> str:
        """Return how it ended: ready, not ready or not finished."""
        return {True: "ready", False: "not ready", None: "not finished"}[self.ready]


class History:
    """The records of one customer.

    Args:
        store: where the demo is.
        key: the customer's.
    """

    def __init__(self, store: DemoStore, key: str) -> None:
        self._records = RecordFolder(store.folder(key) / FOLDER)

    def begin(self, record: HistoryRecord) -> None:
        """Note that something was made, before it is stored. A record that began at the same moment stays as it is."""
        self._records.create(_name(record.began), _content(record))

    def finish(self, record: HistoryRecord) -> None:
        """Note the end, in place of what was noted at the beginning. The same run can do it twice."""
        self._records.write(_name(record.began), _content(record))

    def records(self, most: int | None = None) -> list[HistoryRecord]:
        """Return the records, newest first. A file that is no record of this version is left out.

        Args:
            most: read at most so many files; None: all.
        """
        found: list[HistoryRecord] = []
        for name in self._records.names()[::-1][:most]:
            try:
                found.append(HistoryRecord.model_validate_json(self._records.read(name) or b""))
            except ValidationError:
                continue
        return found

    def last_verdict(self, before: datetime) -> bool | None:
        """Return whether the demo was ready when it was last finished before a moment; None if it never was."""
        return next((one.ready for one in self.records() if one.ready is not None and one.began < before), None)


def finished_record(
    begun: HistoryRecord, scorecard: DemoScorecard, request: CustomerRequest, at: datetime, **more: Any
) -> HistoryRecord:
    """Return the record of a making that reached its scorecard.

    Args:
        begun: what is known since the beginning.
        scorecard: its result.
        request: the customer's.
        at: the end.
        more: other fields of the record.
    """
    return begun.model_copy(
        update={
            "owner": request.owner,
            "finished": at,
            "seconds": round((at - begun.began).total_seconds(), 3),
            "as_of": scorecard.as_of.isoformat() if scorecard.as_of else None,
            "ready": scorecard.ready,
            "reasons": scorecard.reasons,
            "figures": {figure.name: figure.value for figure in scorecard.figures},
            "blueprint": scorecard.blueprint,
            **more,
        }
    )


def _name(began: datetime) -> str:
    return f"{began:%Y%m%dT%H%M%S.%fZ}.json"


def _content(record: HistoryRecord) -> bytes:
    return record.model_dump_json(indent=1).encode()
