"""What the warehouse hands on: where the data set is and what is in it."""

from datetime import date
from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Artefact, Document
from provisioning_assets.planning.models import ResultColumn, Scalar


class LoadedTable(Document):
    name: str
    rows: int
    columns: int


class DemoDataset(Artefact):
    target: Literal["duckdb", "bigquery"]
    dataset: str = Field(description="demo_<key>")
    location: str = Field(description="where it is: for DuckDB the file, relative to the customer's folder; for BigQuery project.dataset")
    as_of: date
    tables: list[LoadedTable]
    bytes: int


class QueryResult(Document):
    """Rows of an executed GoogleSQL query; dates and datetimes as ISO 8601 text, NUMERIC as float."""

    columns: list[ResultColumn]
    rows: list[list[Scalar]]
    row_count: int = Field(description="of the whole result, also when `rows` was cut")
    seconds: float
