"""Models that the warehouse returns: where the data set is and what is in it."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Artefact, Document


class LoadedTable(Document):
    name: str
    rows: int
    columns: int
    keyed: bool = Field(
        default=True,
        description="whether the primary key is declared; false if that would cost the warehouse too much memory or time: "
        "the key is checked in both cases",
    )
    referencing: bool = Field(
        default=True,
        description="whether its foreign keys to other tables of this kind are declared; false for large tables: the keys "
        "are checked in both cases",
    )


class DemoDataset(Artefact):
    target: Literal["duckdb", "bigquery"]
    dataset: str = Field(description="demo_<key>")
    location: str = Field(
        description="for DuckDB the path of the file, relative to the customer's folder; for BigQuery project.dataset"
    )
    region: str = Field(default="", description="where BigQuery keeps it, e.g. US or europe-west3; empty for DuckDB")
    as_of: date
    tables: list[LoadedTable]
    bytes: int
    content: str = Field(
        default="", description="sha256 of what was loaded: the data model and the sha256 of every table file"
    )
    file_sha256: str = Field(
        default="", description="of the DuckDB file; empty for BigQuery, and if an earlier version made it"
    )

    def files(self) -> list[str]:
        """The DuckDB file; empty for BigQuery, which has no local file."""
        return [self.location] if self.target == "duckdb" else []

    def file_sizes(self) -> dict[str, int]:
        """The size of the DuckDB file."""
        return dict.fromkeys(self.files(), self.bytes)

    def file_digests(self) -> dict[str, str]:
        """The digest of the DuckDB file."""
        return dict.fromkeys(self.files(), self.file_sha256) if self.file_sha256 else {}

    def digest(self) -> str:
        """The artefact's digest without the size, because the same rows may take a different number of bytes."""
        return Artefact.digest(self.model_copy(update={"bytes": 0}))

    def summary(self) -> str:
        """Where the data set is."""
        return f"{self.dataset} ({self.target}), {self.bytes / 1e6:.1f} MB"


class DescribedColumn(Document):
    """A column as the warehouse reports it."""

    name: str
    type: str = Field(description="GoogleSQL type")
    description: str = Field(description="empty if it has none")


class DeclaredForeignKey(Document):
    columns: list[str]
    references_table: str
    references_columns: list[str]


class DescribedTable(Document):
    """A table as the warehouse reports it."""

    name: str
    description: str = Field(description="empty if it has none")
    rows: int
    columns: list[DescribedColumn]
    primary_key: list[str] = Field(description="as declared; empty if none is declared")
    foreign_keys: list[DeclaredForeignKey] = Field(description="as declared")


class StoredDataset(Document):
    """A data set that this project made, as a list of all data sets has it."""

    key: str = Field(description="the customer's key")
    name: str
    is_whole: bool = Field(description="whether queries may read it; false: what a load left half done")
    of_this_store: bool = Field(description="whether it belongs to a demo of this store")
    created_at: datetime
    expires: str = Field(
        default="", description="the day of expiry that it is labelled with, or 'never'; empty: no label"
    )
