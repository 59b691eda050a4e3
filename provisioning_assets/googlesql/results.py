"""The result of an executed GoogleSQL query."""

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.names import Scalar


class ResultColumn(Document):
    name: str
    type: str = Field(description="GoogleSQL type")


class QueryResult(Document):
    """Rows of an executed GoogleSQL query; dates and datetimes as ISO 8601 text, NUMERIC as float."""

    columns: list[ResultColumn]
    rows: list[list[Scalar]]
    row_count: int = Field(description="of the whole result, also when `rows` was cut")
    seconds: float
