"""Base classes of the artefacts. Each stage stores one pydantic document as ``<asset>.json``."""

import hashlib
import json
import re
from abc import ABC, abstractmethod
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

#: Fields that differ between runs with the same result. A digest leaves them out.
INCIDENTAL = frozenset(
    {"seconds", "fetched_at", "create_time", "update_time", "created_at", "read_for", "made_from", "file_sha256"}
)


class Document(BaseModel):
    """A typed value passed between packages. Unknown fields are refused, so that a typo is noticed."""

    # An importing module needs few of these classes, so each is built at its first use. Saves a worker 50 ms at start.
    model_config = ConfigDict(extra="forbid", defer_build=True)


class Artefact(Document, ABC):
    """The result of one asset for one customer. The class name in snake case is the asset's name."""

    schema_version: int = Field(default=1, description="version of this document's layout")
    made_from: dict[str, str] = Field(
        default_factory=dict,
        description="asset -> digest of its artefact that this one was made from; empty if an earlier version made it",
    )

    @classmethod
    def asset_name(cls) -> str:
        """``DemoPlan`` -> ``demo_plan``: name of the asset, and of ``demo_plan.json`` in the customer's folder."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @abstractmethod
    def summary(self) -> str:
        """Return a summary in one line, for a list of stages."""

    def still_counts(self) -> bool:
        """Return whether the artefact is still valid; one that is not has to be made again, like one that is missing."""
        return True

    def files(self) -> list[str]:
        """Return the paths of the other files of this artefact, relative to the customer's folder."""
        return []

    def file_sizes(self) -> dict[str, int]:
        """Return the sizes in bytes of those of its files whose size it records."""
        return {}

    def file_digests(self) -> dict[str, str]:
        """Return the SHA-256, as hexadecimal digits, of those of its files whose digest it records."""
        return {}

    def digest(self) -> str:
        """Return the first 16 hexadecimal digits of the SHA-256 of the content, without timings and timestamps."""
        said = json.dumps(_without_incidentals(self.model_dump(mode="json")), sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def _without_incidentals(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_incidentals(part) for name, part in value.items() if name not in INCIDENTAL}
    if isinstance(value, list):
        return [_without_incidentals(part) for part in value]
    return value
