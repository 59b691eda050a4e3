"""A file of laws: what people of a trade hold the tables of a demo against, each with SQL and what is right.

Laws are written by people who did not write the blueprint. Its own ``rules`` and ``relations`` only show that it does what
its author had in mind.
"""

import re
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from provisioning_assets.errors import ProvisioningError

_RANGE = re.compile(r"(?P<low>-?\d+(?:\.\d+)?)(?: to |-)(?P<high>-?\d+(?:\.\d+)?)(?: \([^()]*\))?")
NO_ROWS = "0 rows"


class TradeLaw(BaseModel):
    """A law of a trade."""

    model_config = ConfigDict(extra="forbid")

    industry: str = Field(description="the blueprint whose tables it is about")
    law: str = Field(description="what holds in this trade, in a sentence")
    sql: str = Field(
        description="a query over the demo's tables: for the rows that break it, or for one row with the figure first"
    )
    dialect: Literal["duckdb", "googlesql"] = Field(default="duckdb", description="the SQL that it is written in")
    right: str = Field(description="`0 rows`, or a range such as `0.1 to 0.7`; anything else is left to the reader")
    today: str | None = Field(
        default=None, description="what was found when the law was written; shown beside what is found now"
    )
    figure: Any = Field(default=None, description="the figure that was found then; not used")
    note: str | None = Field(default=None, description="for the reader; not used")

    def range(self) -> tuple[float, float] | None:
        """The range of the figure, both ends inclusive; None if ``right`` is none."""
        found = _RANGE.fullmatch(self.right.strip())
        return (float(found["low"]), float(found["high"])) if found else None


def read_laws(file: Path) -> list[TradeLaw]:
    """The laws of a file, or of all YAML files in a folder, in their order.

    Raises:
        ProvisioningError: the file cannot be read, or holds something else.
    """
    if file.is_dir():
        return [law for part in sorted(file.glob("*.yaml")) for law in read_laws(part)]
    try:
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
        laws = TypeAdapter(list[TradeLaw]).validate_python(written)
    except OSError as error:
        raise ProvisioningError(f"{file} cannot be read: {error.strerror}.", "Name a file of laws.") from error
    except (yaml.YAMLError, UnicodeDecodeError, ValidationError) as error:
        raise ProvisioningError(
            f"{file} is not a file of laws: {' '.join(str(error).split())[:400]}",
            "It is a YAML list; each law has `industry`, `law`, `sql` and `right`. Those in evaluation/laws/trades are examples.",
        ) from error
    if not laws:
        raise ProvisioningError(f"{file} holds no law.", "Write at least one.")
    return laws
