"""The data model: tables, keys, descriptions, and how each column is generated. It is only data; ``synthesis`` executes it.

Each table has a *population* (how its rows are made) and each column a *generator* (how its values are made). Expressions are
SQL scalar expressions over the columns of the same row; to use a column of a referenced row, add a ``lookup`` column first.
"""

from datetime import date
from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Artefact
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.laws import Law, Relation
from provisioning_assets.data_model.tables import Table


class DataModel(Artefact):
    """Everything that the synthesis and the warehouse need."""

    name: str = Field(description="what the data set is about, one line")
    description: str
    as_of: date = Field(description="the demo's today: nothing is later")
    history_days: int = Field(ge=90, description="how far the data go back, days")
    size: Literal["small", "medium", "large", "xlarge"]
    fact_rows: int = Field(description="rows of the largest fact table, approximately")
    seed: int
    locale: str = Field(description="Faker locale, e.g. de_DE")
    country: str = Field(description="ISO 3166-1 alpha-2")
    currency: str = Field(description="ISO 4217")
    tables: list[Table] = Field(min_length=1)
    effects: list[Effect] = Field(default_factory=list)
    rules: list[Law] = Field(
        default_factory=list, description="laws of the trade; the quality report counts the rows that break each"
    )
    relations: list[Relation] = Field(
        default_factory=list,
        description="how figures of the trade relate; the quality report holds each against its range",
    )

    def summary(self) -> str:
        """Return the size and the main settings of the model."""
        columns = sum(not column.internal for table in self.tables for column in table.columns)
        return f"{len(self.tables)} tables, {columns} columns, {self.locale}, {self.currency}"
