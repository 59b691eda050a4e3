"""What every stage leaves behind: one pydantic document, stored whole as ``<asset>.json``."""

import re
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field


class Document(BaseModel):
    """A typed value that travels between rooms; unknown fields are refused so that a typo never passes silently."""

    model_config = ConfigDict(extra="forbid")


class Artefact(Document):
    """The result of one asset for one customer. The class name in snake case is the asset's name."""

    SCHEMA_VERSION: ClassVar[int] = 1

    schema_version: int = Field(default=1, description="version of this document's layout")

    @classmethod
    def asset_name(cls) -> str:
        """``DemoPlan`` -> ``demo_plan``: the asset, and the file ``demo_plan.json`` in the customer's folder."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
