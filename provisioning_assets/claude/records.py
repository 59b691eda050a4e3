"""Answers and costs of a demo's calls, one file a call in the customer's folder.

A file is written as soon as its answer has arrived. So an answer that was paid is not paid again after a kill, and what a demo has
cost is the sum over its files.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from provisioning_assets.artefact import Document
from provisioning_assets.claude.models import ClaudeCall
from provisioning_assets.record_folder import RecordFolder

FOLDER = "claude"
"""Name of the folder in the customer's folder."""


class ClaudeRecord(Document):
    """A paid call and what it answered."""

    call: ClaudeCall
    answer: dict[str, Any] | None = Field(default=None, description="null if the answer cannot be used")


class ClaudeRecords:
    """The calls of one demo.

    Args:
        folder: of the customer.
    """

    def __init__(self, folder: RecordFolder) -> None:
        self._folder = folder

    def answer(self, digest: str) -> dict[str, Any] | None:
        """The answer that was paid for a request with this digest; None if there is none, or it cannot be read."""
        record = self._read(f"{digest}.json")
        return None if record is None else record.answer

    def keep(self, digest: str, record: ClaudeRecord) -> None:
        """Keep a call. One without an answer gets a name of its own beside those of the same request."""
        content = record.model_dump_json(indent=1).encode()
        if record.answer is not None:
            self._folder.write(f"{digest}.json", content)
            return
        number = 1
        while not self._folder.create(f"{digest}-{number}.json", content):
            number += 1

    def calls(self) -> list[ClaudeCall]:
        """All calls that were ever paid for the demo; files that cannot be read are left out."""
        return [record.call for name in self._folder.names() if (record := self._read(name)) is not None]

    def _read(self, name: str) -> ClaudeRecord | None:
        content = self._folder.read(name)
        if content is None:
            return None
        try:
            return ClaudeRecord.model_validate_json(content)
        except ValidationError:
            return None


def request_digest(said: Mapping[str, object]) -> str:
    """First 32 hexadecimal digits of the SHA-256 of everything that decides an answer."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
