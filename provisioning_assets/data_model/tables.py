"""Tables, their columns and keys."""

from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.case_numbers import Share
from provisioning_assets.data_model.generators import (
    FromRecord,
    Generator,
)
from provisioning_assets.data_model.names import GoogleSqlType, Name
from provisioning_assets.data_model.populations import (
    Population,
)
from provisioning_assets.data_model.realism_bounds import RealismBounds

Rhythm = Literal["people", "members", "appointments", "businesses", "fees", "schedule", "machines"]
"""Who makes a table's rows. It decides which statistical shapes are expected; ``quality/realism_bars.py`` has the bounds of each.

- *people*: consumers who buy as much and as often as they like. They follow hours, weekdays and seasons. Many buy once, and a
  few account for most of the sales;
- *members*: people who come repeatedly, such as members, subscribers and pupils. They follow hours, weekdays and seasons, and
  differ less from each other than buyers do;
- *appointments*: people who are served by appointment or on the spot in business hours: patients, repairs, inspections;
- *businesses*: people at work who act for a few or for very large customers. They follow hours, weekdays and seasons. How much
  each customer buys has no usual shape;
- *fees*: recurring fees and other amounts from a short price list, charged by a calendar;
- *schedule*: rows that a calendar or a clock makes, such as bills by use and measurements. They follow no one's hours or weekdays;
- *machines*: failures or reports of machines, at any hour, more in some seasons than in others.
"""


class Usually(Document):
    """A habit: in a share of the rows, the value is the usual one of the row's owner; in the other rows it is drawn.

    It is also drawn where the usual value is null, where the usual row of a reference cannot be chosen, and in rows that an
    effect on the column changes.
    """

    column: Name = Field(description="column of this table with the usual value")
    share: Share = Field(description="share of the rows that have the usual value")


class Column(Document):
    """One column."""

    name: Name
    type: GoogleSqlType = Field(
        description="NUMERIC is exact money with two decimals; DATETIME is the customer's local time"
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
        description="in a table of several sources: number of a source, from 0 -> the generator in the rows of this source, if it "
        "differs; effects do not change it",
    )
    usually: Usually | None = Field(
        default=None, description="for references, categories, flags, drawn numbers, prices and computed values"
    )
    null_share: float = Field(default=0.0, ge=0, lt=1, description="share of values that are missing")
    internal: bool = Field(default=False, description="not stored; only used to generate other columns")
    rhythm: Rhythm | None = Field(
        default=None,
        description="of a DATETIME that does not follow the table's rhythm, such as vehicles that arrive at any hour",
    )


class ForeignKey(Document):
    columns: list[Name]
    references_table: Name
    references_columns: list[Name]


class Table(Document):
    """One table. ``event_time``, ``amount``, ``entity`` and ``rhythm`` define what the realism checks measure.

    If a table has no amount, entity or time, the checks that need it are skipped.
    """

    name: Name
    description: str
    synonyms: list[str] = Field(default_factory=list)
    population: Population
    primary_key: list[Name] = Field(min_length=1)
    foreign_keys: list[ForeignKey] = Field(default_factory=list)
    columns: list[Column] = Field(min_length=2)
    event_time: Name | None = None
    amount: Name | None = None
    entity: Name | None = Field(
        default=None, description="foreign key to the row that acts, such as the buyer or the subscriber"
    )
    rhythm: Rhythm = Field(default="people", description="who makes the rows: the kind of business, for realism checks")
    realism: RealismBounds | None = Field(
        default=None, description="realism bounds of this table; each replaces the bound of the kind of business"
    )
