"""Finds the DuckDB file of a customer for a BigQuery-style data set name.

Each query opens the current file, because a new materialization can replace the file at any time.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from provisioning_assets.agent.local_server.api_errors import precondition
from provisioning_assets.agent.local_server.resource_names import PROJECT
from provisioning_assets.agent.understanding.answering import QUERY_SECONDS, Data, DataInUseError, QueryFailedError
from provisioning_assets.customers import site_of_key
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.duckdb_connection import FileInUseError, KeptEngine
from provisioning_assets.googlesql.duckdb_queries import run_query
from provisioning_assets.googlesql.results import QueryResult
from provisioning_assets.warehouse.models import DemoDataset

_PREFIX = "demo_"


class StoredData(Data, Protocol):
    """A data set that can be replaced."""

    @property
    def version(self) -> str:
        """Return a text that names the data set and changes whenever it is replaced."""
        ...


class Datasets(Protocol):
    """The data sets that a server can open."""

    def open(self, project: str, dataset: str) -> StoredData:
        """Return the data set of that name. Raises ApiError 400 if there is none."""
        ...


@dataclass(frozen=True)
class DuckDBData:
    """One customer's current data set. ``version`` changes whenever the data set is replaced."""

    path: Path
    today: date
    version: str
    kept: KeptEngine | None = None

    def run(self, sql: str, most_rows: int, seconds: float = QUERY_SECONDS) -> QueryResult:
        """Run one checked GoogleSQL SELECT, read-only, for at most that time."""
        try:
            return run_query(self.path, sql, as_of=self.today, most_rows=most_rows, seconds=seconds, kept=self.kept)
        except FileInUseError as error:
            raise DataInUseError(str(error).rstrip(".")) from error
        except ProvisioningError as error:
            raise QueryFailedError(error.problem.rstrip(".")) from error


class StoreDatasets:
    """The data sets of one store."""

    def __init__(self, store: Path, kept: KeptEngine | None = None) -> None:
        self._store = store
        self._kept = kept

    def open(self, project: str, dataset: str) -> DuckDBData:
        """Return the data set of that name.

        Raises:
            ApiError: 400 FAILED_PRECONDITION, the store has no such data set (yet).
        """
        missing = precondition(
            f"The data set {project}.{dataset} is not in this store: materialize demo_dataset first."
        )
        key = key_of_dataset(dataset)
        if project != PROJECT or not dataset.startswith(_PREFIX) or not _is_key(key):
            raise missing
        folder = self._store / key
        try:
            described = DemoDataset.model_validate_json((folder / "demo_dataset.json").read_bytes())
            path = folder / described.location
            status = path.stat()
        except (OSError, ValidationError):
            raise missing from None
        if described.target != "duckdb" or not path.resolve().is_relative_to(folder.resolve()):
            raise missing
        return DuckDBData(
            path,
            described.as_of,
            f"{path}-{status.st_ino}-{status.st_mtime_ns}-{status.st_size}-{described.as_of}",
            self._kept,
        )


def key_of_dataset(dataset: str) -> str:
    """Return the customer's key in the name of a data set that was opened."""
    return dataset.removeprefix(_PREFIX)


def _is_key(key: str) -> bool:
    try:
        site_of_key(key)
    except ProvisioningError:
        return False
    return True
