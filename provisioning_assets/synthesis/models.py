"""What synthesis hands on: which Parquet files hold which table."""

from datetime import date

from pydantic import Field

from provisioning_assets.artefact import Artefact, Document

ENGINE_VERSION = 2
"""Raised when the same model would give other rows: what was staged by an earlier engine is then not continued."""


class TableFile(Document):
    path: str = Field(description="relative to the customer's folder, e.g. tables/orders/part-00000.parquet")
    rows: int
    bytes: int
    sha256: str


class TableManifest(Document):
    name: str
    rows: int
    files: list[TableFile]


class SyntheticTables(Artefact):
    seed: int
    as_of: date
    tables: list[TableManifest]
    rows: int = Field(description="of all tables")
    seconds: float = Field(description="time it took to generate and write, seconds")

    def files(self) -> list[str]:
        """The Parquet files of every table."""
        return [file.path for table in self.tables for file in table.files]

    def summary(self) -> str:
        """How many rows."""
        return f"{self.rows:,} rows in {len(self.tables)} tables"
