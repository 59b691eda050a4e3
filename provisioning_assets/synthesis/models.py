"""The result of synthesis: which Parquet files belong to which table."""

from datetime import date

from pydantic import Field

from provisioning_assets.artefact import Artefact, Document
from provisioning_assets.data_model.sources import part_name

ENGINE_VERSION = 5
"""Increase it when the same model would give other rows; blocks staged by an earlier version are then not reused."""


class TableFile(Document):
    path: str = Field(description="relative to the customer's folder, e.g. tables/orders/part-00000.parquet")
    rows: int
    bytes: int
    sha256: str
    source: int | None = Field(
        default=None, description="number of the source that made the rows, from 0, in a table that has several sources"
    )


class TableManifest(Document):
    name: str
    rows: int
    files: list[TableFile]

    def parts(self) -> list["TableManifest"]:
        """A manifest for each source, named after its part, if the table has several; otherwise the manifest itself."""
        sources = sorted({file.source for file in self.files if file.source is not None})
        if not sources:
            return [self]
        files = {source: [file for file in self.files if file.source == source] for source in sources}
        return [
            TableManifest(name=part_name(self.name, source), rows=sum(file.rows for file in own), files=own)
            for source, own in files.items()
        ]


class SyntheticTables(Artefact):
    seed: int
    as_of: date
    tables: list[TableManifest]
    rows: int = Field(description="number of rows of all tables")
    seconds: float = Field(description="time it took to generate and write, seconds")

    def files(self) -> list[str]:
        """The Parquet files of every table."""
        return [file.path for table in self.tables for file in table.files]

    def file_sizes(self) -> dict[str, int]:
        """The sizes of the Parquet files."""
        return {file.path: file.bytes for table in self.tables for file in table.files}

    def file_digests(self) -> dict[str, str]:
        """The digests of the Parquet files."""
        return {file.path: file.sha256 for table in self.tables for file in table.files}

    def summary(self) -> str:
        """One line with the number of rows."""
        return f"{self.rows:,} rows in {len(self.tables)} tables"
