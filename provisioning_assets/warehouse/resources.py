"""The warehouse as a Dagster resource; which one is bound in ``definitions``."""

from abc import ABC, abstractmethod
from datetime import date
from pathlib import Path

import dagster as dg

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.data_model import DataModel
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse.models import DemoDataset, DescribedTable, QueryResult


class WarehouseResource(dg.ConfigurableResource, ABC):
    """What assets ask for; see ``warehouse.interface.Warehouse`` for what each method promises."""

    @abstractmethod
    def load(self, key: str, model: DataModel, tables: SyntheticTables) -> DemoDataset: ...

    @abstractmethod
    def query(
        self, key: str, googlesql: str, *, as_of: date, most_rows: int = 200, seconds: float = 30.0
    ) -> QueryResult: ...

    @abstractmethod
    def describe(self, key: str) -> list[DescribedTable]: ...

    @abstractmethod
    def exists(self, key: str) -> bool: ...

    @abstractmethod
    def drop(self, key: str) -> bool: ...


class DuckDBWarehouse(WarehouseResource):
    """One DuckDB file a customer, ``<store>/<key>/dataset.duckdb``: no account, no key, no network."""

    store: dg.ResourceDependency[DemoStore]

    def load(self, key: str, model: DataModel, tables: SyntheticTables) -> DemoDataset:
        from provisioning_assets.warehouse.duckdb_dataset import FILE_NAME, build_dataset, content_digest

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
        from provisioning_assets.warehouse.duckdb_queries import run_query

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
