"""The result of an executed GoogleSQL query."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from datetime import time as time_of_day
from decimal import Decimal
from typing import Any

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.names import Scalar


class ResultColumn(Document):
    name: str
    type: str = Field(description="GoogleSQL type")
    unit: str | None = Field(
        default=None, description="of its numbers, such as a currency code; null: none, or not known"
    )
    heading: str | None = Field(
        default=None, description="in the language of the demo; null: it is made from the name, which is English"
    )


class QueryResult(Document):
    """Rows of an executed GoogleSQL query; dates and datetimes as ISO 8601 text, NUMERIC as float."""

    columns: list[ResultColumn]
    rows: list[list[Scalar]]
    row_count: int = Field(description="of the whole result, also when `rows` was cut")
    seconds: float
    bytes_processed: int | None = Field(
        default=None,
        description="bytes that the query read, as BigQuery counts them; null if the warehouse does not bill",
    )
    bytes_billed: int | None = Field(
        default=None,
        description="bytes that BigQuery bills for the query: at least 10 MiB a table, 0 for a cached result; null if the "
        "warehouse does not bill",
    )

    def with_units(self, units: Mapping[str, str]) -> "QueryResult":
        """The same result whose columns have these units (column name -> unit)."""
        columns = [column.model_copy(update={"unit": units.get(column.name)}) for column in self.columns]
        return self.model_copy(update={"columns": columns})

    def with_headings(self, headings: Mapping[str, str]) -> "QueryResult":
        """The same result whose columns have these headings (column name -> heading)."""
        columns = [column.model_copy(update={"heading": headings.get(column.name)}) for column in self.columns]
        return self.model_copy(update={"columns": columns})


def scalar_of(value: Any) -> Scalar:
    """A value of a DuckDB or BigQuery result as a ``QueryResult`` holds it."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() | Decimal():
            number = float(value)
            return number if math.isfinite(number) else None
        case date() | datetime() | time_of_day():
            return value.isoformat()
        case list() | tuple() | dict():
            return json.dumps(value, default=lambda part: scalar_of(part), ensure_ascii=False)
        case _:
            return str(value)


def is_time_series(columns: Sequence[ResultColumn], rows: Sequence[Sequence[Scalar]]) -> bool:
    """Whether rows go from the earliest to the latest date of their first column: a reader looks for the last ones."""
    if not columns or columns[0].type not in ("DATE", "DATETIME", "TIMESTAMP"):
        return False
    moments = [str(row[0]) for row in rows if row[0] is not None]
    return len(moments) == len(rows) and moments == sorted(moments) and moments[:1] != moments[-1:]
