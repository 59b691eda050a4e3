"""The result of an executed GoogleSQL query."""

from collections.abc import Mapping, Sequence

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


def is_time_series(columns: Sequence[ResultColumn], rows: Sequence[Sequence[Scalar]]) -> bool:
    """Whether rows go from the earliest to the latest date of their first column: a reader looks for the last ones."""
    if not columns or columns[0].type not in ("DATE", "DATETIME", "TIMESTAMP"):
        return False
    moments = [str(row[0]) for row in rows if row[0] is not None]
    return len(moments) == len(rows) and moments == sorted(moments) and moments[:1] != moments[-1:]
