"""What every stage leaves behind: one pydantic document, stored whole as ``<asset>.json``."""

import hashlib
import json
import re
from abc import ABC, abstractmethod
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

#: Fields that differ from run to run although nothing was said differently; they do not count in a digest.
INCIDENTAL = frozenset({"seconds", "fetched_at", "create_time", "update_time", "created_at"})


class Document(BaseModel):
    """A typed value that travels between rooms; unknown fields are refused so that a typo never passes silently."""

    # Who imports a room needs few of its documents: each is built when the first one is made (50 ms of a worker's start).
    model_config = ConfigDict(extra="forbid", defer_build=True)


class Artefact(Document, ABC):
    """The result of one asset for one customer. The class name in snake case is the asset's name."""

    schema_version: int = Field(default=1, description="version of this document's layout")

    @classmethod
    def asset_name(cls) -> str:
        """``DemoPlan`` -> ``demo_plan``: the asset, and the file ``demo_plan.json`` in the customer's folder."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @abstractmethod
    def summary(self) -> str:
        """What it says in one line, for a list of stages."""

    def files(self) -> list[str]:
        """Files beside the document that belong to it, relative to the customer's folder."""
        return []

    def digest(self) -> str:
        """16 hexadecimal digits of the SHA-256 of what the artefact says, without timings and time stamps."""
        said = json.dumps(_without_incidentals(self.model_dump(mode="json")), sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def _without_incidentals(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_incidentals(part) for name, part in value.items() if name not in INCIDENTAL}
    if isinstance(value, list):
        return [_without_incidentals(part) for part in value]
    return value
