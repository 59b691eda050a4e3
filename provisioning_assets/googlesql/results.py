"""The result of an executed GoogleSQL query."""

from collections.abc import Mapping

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.names import Scalar


class ResultColumn(Document):
    name: str
    type: str = Field(description="GoogleSQL type")
    unit: str | None = Field(
        default=None, description="of its numbers, such as a currency code; null: none, or not known"
    )


class QueryResult(Document):
    """Rows of an executed GoogleSQL query; dates and datetimes as ISO 8601 text, NUMERIC as float."""

    columns: list[ResultColumn]
    rows: list[list[Scalar]]
    row_count: int = Field(description="of the whole result, also when `rows` was cut")
    seconds: float

    def with_units(self, units: Mapping[str, str]) -> "QueryResult":
        """The same result whose columns have these units (column name -> unit)."""
        columns = [column.model_copy(update={"unit": units.get(column.name)}) for column in self.columns]
        return self.model_copy(update={"columns": columns})
