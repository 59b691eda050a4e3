"""The warehouse as a Dagster resource; ``definitions`` chooses which one is used."""

from abc import ABC, abstractmethod
from datetime import date
from pathlib import Path

import dagster as dg

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.results import QueryResult
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse.models import DemoDataset, DescribedTable


class WarehouseResource(dg.ConfigurableResource, ABC):
    """The interface of every warehouse, and all that assets use. Each customer has one data set, ``demo_<key>``."""

    @abstractmethod
    def load(self, key: str, model: DataModel, tables: SyntheticTables) -> DemoDataset:
        """Replace the customer's earlier data set by these tables. If the load fails, the earlier data set stays."""

    @abstractmethod
    def query(
        self, key: str, googlesql: str, *, as_of: date, most_rows: int = 200, seconds: float = 30.0
    ) -> QueryResult:
        """Execute one GoogleSQL SELECT over bare table names; CURRENT_DATE() is ``as_of``."""

    @abstractmethod
    def describe(self, key: str) -> list[DescribedTable]:
        """Tables, columns, descriptions and declared keys, as the warehouse reports them."""

    @abstractmethod
    def exists(self, key: str) -> bool:
        """Whether the customer has a data set."""

    @abstractmethod
    def drop(self, key: str) -> bool:
        """Remove the customer's data set. Returns whether there was one."""


class DuckDBWarehouse(WarehouseResource):
    """One DuckDB file per customer, ``<store>/<key>/dataset.duckdb``; needs no account, no API key and no network."""

    store: dg.ResourceDependency[DemoStore]

    def load(self, key: str, model: DataModel, tables: SyntheticTables) -> DemoDataset:
        from provisioning_assets.warehouse.dataset_content import content_digest
        from provisioning_assets.warehouse.duckdb_dataset import FILE_NAME, build_dataset

        folder = self._folder(key)
        loaded = build_dataset(model, tables, folder=folder)
        return DemoDataset(
            target="duckdb",
            dataset=f"demo_{key}",
            location=FILE_NAME,
            as_of=model.as_of,
            tables=loaded,
            bytes=(folder / FILE_NAME).stat().st_size,
            content=content_digest(model, tables),
        )

    def query(
        self, key: str, googlesql: str, *, as_of: date, most_rows: int = 200, seconds: float = 30.0
    ) -> QueryResult:
        from provisioning_assets.googlesql.duckdb_queries import run_query

        return run_query(self._file(key), googlesql, as_of=as_of, most_rows=most_rows, seconds=seconds)

    def describe(self, key: str) -> list[DescribedTable]:
        from provisioning_assets.warehouse.duckdb_dataset import describe_dataset

        return describe_dataset(self._file(key))

    def exists(self, key: str) -> bool:
        return self._file(key).is_file()

    def drop(self, key: str) -> bool:
        from provisioning_assets.warehouse.duckdb_dataset import drop_dataset

        return drop_dataset(self._folder(key))

    def _file(self, key: str) -> Path:
        from provisioning_assets.warehouse.duckdb_dataset import FILE_NAME

        return self._folder(key) / FILE_NAME

    def _folder(self, key: str) -> Path:
        folder = self.store.folder(key)
        if folder.protocol not in ("", "file", "local"):
            raise ProvisioningError(
                f"A DuckDB data set cannot live in {folder}.",
                "Use a folder of this machine as PROVISIONING_STORE, or another warehouse than DuckDB.",
            )
        return Path(str(folder))
