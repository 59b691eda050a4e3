"""Tables, their columns and keys."""

from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.generators import (
    FromRecord,
    Generator,
)
from provisioning_assets.data_model.names import GoogleSqlType, Name
from provisioning_assets.data_model.populations import (
    Population,
)

Rhythm = Literal["people", "businesses", "schedule", "machines"]
"""Who makes a table's rows, and so which shapes real ones have.

- *people*: consumers act; they keep hours, weekdays and seasons, and a few of them do most of it;
- *businesses*: people at work act; the same, but how much each customer buys has no usual shape (few or very large ones);
- *schedule*: a calendar or a clock makes them - monthly bills, measurements - and nobody's hour or weekday is in them;
- *machines*: they fail or report at any hour, more in some seasons than in others.
"""


class Column(Document):
    """One column."""

    name: Name
    type: GoogleSqlType = Field(
        description="NUMERIC is money, exact, two decimals; DATETIME is the customer's local time"
    )
    description: str
    synonyms: list[str] = Field(default_factory=list)
    role: Literal["key", "dimension", "measure", "time", "text"]
    aggregation: Literal["sum", "avg", "none"] = Field(
        default="none", description="how a measure is aggregated by default"
    )
    unit: str | None = Field(default=None, description="currency code, 'percent', 'days', 'GB', ...")
    generator: Generator = FromRecord()
    source_generators: dict[int, Generator] = Field(
        default_factory=dict,
        description="in a table of several sources: place of a source among them, the first being 0 -> its own generator, where "
        "it is another one; effects on the column do not concern it",
    )
    null_share: float = Field(default=0.0, ge=0, lt=1, description="share of values that are missing")
    internal: bool = Field(default=False, description="only helps to generate other columns; not stored")
    rhythm: Rhythm | None = Field(
        default=None, description="of a DATETIME, where it is not the table's: vehicles arrive at any hour"
    )


class ForeignKey(Document):
    columns: list[Name]
    references_table: Name
    references_columns: list[Name]


class Table(Document):
    """One table. ``event_time``, ``amount``, ``entity`` and ``rhythm`` name what realism checks measure."""

    name: Name
    description: str
    synonyms: list[str] = Field(default_factory=list)
    population: Population
    primary_key: list[Name] = Field(min_length=1)
    foreign_keys: list[ForeignKey] = Field(default_factory=list)
    columns: list[Column] = Field(min_length=2)
    event_time: Name | None = None
    amount: Name | None = None
    entity: Name | None = Field(default=None, description="foreign key to who acts: the buyer, the subscriber")
    rhythm: Rhythm = Field(default="people", description="who makes the rows: people, businesses, schedule or machines")
