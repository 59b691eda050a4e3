"""The warehouse as a Dagster resource; ``definitions`` chooses which one is used."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from provisioning_assets.atomic_files import digest_of_file
from provisioning_assets.cloud_labels import store_label
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.results import QueryResult
from provisioning_assets.prices import LEAST_BYTES_BILLED, MOST_BYTES_BILLED
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse.models import DemoDataset, DescribedTable, StoredDataset

if TYPE_CHECKING:
    from provisioning_assets.warehouse.bigquery_dataset import Warehouse


class WarehouseResource(dg.ConfigurableResource, ABC):
    """The interface of every warehouse, and all that assets use. Each customer has one data set, ``demo_<key>``."""

    @abstractmethod
    def load(self, key: str, model: DataModel, tables: SyntheticTables) -> DemoDataset:
        """Replace the customer's earlier data set by these tables. If the load fails, the earlier data set stays."""

    @abstractmethod
    def querying(
        self, key: str, *, as_of: date, most_rows: int = 200, seconds: float = 30.0
    ) -> AbstractContextManager[Callable[[str], QueryResult]]:
        """Connect once, and yield a function that executes one GoogleSQL SELECT over bare table names.

        Args:
            key: the customer.
            as_of: the value of CURRENT_DATE().
            most_rows: rows of a result that are returned at most; all are counted.
            seconds: after this time a query is stopped.
        """

    def query(
        self, key: str, googlesql: str, *, as_of: date, most_rows: int = 200, seconds: float = 30.0
    ) -> QueryResult:
        """Execute a single query; for several, ``querying`` is quicker."""
        with self.querying(key, as_of=as_of, most_rows=most_rows, seconds=seconds) as run:
            return run(googlesql)

    @abstractmethod
    def describe(self, key: str) -> list[DescribedTable]:
        """Tables, columns, descriptions and declared keys, as the warehouse reports them."""

    @abstractmethod
    def keep(self, key: str, expires_on: date | None, owner: str) -> bool:
        """Note at the data set until when it is kept (None: until it is removed by hand) and who answers for it.

        Returns whether there is a data set.
        """

    @abstractmethod
    def exists(self, key: str) -> bool:
        """Whether the customer has a data set."""

    @abstractmethod
    def data_sets(self) -> list[StoredDataset]:
        """Every data set that this project made, of all customers, by name."""

    @abstractmethod
    def holdings(self, key: str) -> list[str]:
        """The names of all that ``drop`` would remove: the data set, and what a load left half done."""

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
            file_sha256=digest_of_file(folder / FILE_NAME),
        )

    @contextmanager
    def querying(
        self, key: str, *, as_of: date, most_rows: int = 200, seconds: float = 30.0
    ) -> Iterator[Callable[[str], QueryResult]]:
        from provisioning_assets.googlesql.duckdb_connection import KeptEngine
        from provisioning_assets.googlesql.duckdb_queries import run_query

        file = self._file(key)
        with closing(KeptEngine()) as kept:
            yield lambda sql: run_query(file, sql, as_of=as_of, most_rows=most_rows, seconds=seconds, kept=kept)

    def describe(self, key: str) -> list[DescribedTable]:
        from provisioning_assets.warehouse.duckdb_dataset import describe_dataset

        return describe_dataset(self._file(key))

    def keep(self, key: str, expires_on: date | None, owner: str) -> bool:  # noqa: ARG002  the file itself does not expire
        return self.exists(key)

    def exists(self, key: str) -> bool:
        return self._file(key).is_file()

    def data_sets(self) -> list[StoredDataset]:
        found = {key: self._file(key) for key in self.store.customer_keys()}
        return [
            StoredDataset(
                key=key,
                name=str(file),
                is_whole=True,
                of_this_store=True,
                created_at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
            )
            for key, file in found.items()
            if file.is_file()
        ]

    def holdings(self, key: str) -> list[str]:
        from provisioning_assets.warehouse.duckdb_dataset import held_files

        return held_files(self._folder(key))

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


class BigQueryWarehouse(WarehouseResource):
    """One data set per customer in a Google Cloud project, ``<project>.demo_<key>``; the store has to be in Cloud Storage."""

    store: dg.ResourceDependency[DemoStore]
    project: str = Field(description="GOOGLE_CLOUD_PROJECT")
    location: str = Field(default="US", description="where data sets are: BIGQUERY_LOCATION, e.g. US, EU, europe-west3")
    maximum_bytes_billed: int = Field(
        default=MOST_BYTES_BILLED,
        ge=LEAST_BYTES_BILLED,
        description="most bytes that one query may be billed; BigQuery bills at least 10 MiB a table",
    )

    def load(self, key: str, model: DataModel, tables: SyntheticTables) -> DemoDataset:
        from provisioning_assets.warehouse.bigquery_client import is_emulated
        from provisioning_assets.warehouse.bigquery_load import Order, load_dataset
        from provisioning_assets.warehouse.dataset_content import content_digest

        warehouse = self._warehouse(key)
        request = self.store.read(key, CustomerRequest)
        order = Order(
            model=model,
            tables=tables,
            folder=str(self.store.folder(key)),
            expires_on=request.expires_on,
            owner=request.owner,
            keys_required=not is_emulated(),
        )
        loaded = load_dataset(warehouse, order)
        dataset = warehouse.names.final
        return DemoDataset(
            target="bigquery",
            dataset=dataset.dataset_id,
            location=f"{dataset.project}.{dataset.dataset_id}",
            region=warehouse.location,
            as_of=model.as_of,
            tables=loaded.tables,
            bytes=loaded.bytes,
            content=content_digest(model, tables),
        )

    @contextmanager
    def querying(
        self, key: str, *, as_of: date, most_rows: int = 200, seconds: float = 30.0
    ) -> Iterator[Callable[[str], QueryResult]]:
        from provisioning_assets.warehouse.bigquery_queries import run_query

        warehouse = self._warehouse(key)
        yield lambda sql: run_query(
            warehouse,
            sql,
            as_of=as_of,
            most_rows=most_rows,
            seconds=seconds,
            maximum_bytes_billed=self.maximum_bytes_billed,
        )

    def describe(self, key: str) -> list[DescribedTable]:
        from provisioning_assets.warehouse.bigquery_dataset import describe_dataset

        return describe_dataset(self._warehouse(key))

    def keep(self, key: str, expires_on: date | None, owner: str) -> bool:
        from provisioning_assets.warehouse.bigquery_dataset import keep_dataset

        return keep_dataset(self._warehouse(key), expires_on, owner)

    def exists(self, key: str) -> bool:
        from provisioning_assets.warehouse.bigquery_dataset import dataset_exists

        return dataset_exists(self._warehouse(key))

    def data_sets(self) -> list[StoredDataset]:
        from provisioning_assets.warehouse.bigquery_client import open_client
        from provisioning_assets.warehouse.bigquery_dataset import stored_datasets

        return stored_datasets(open_client(self.project, self.location), self.project, store_label(self.store.root))

    def holdings(self, key: str) -> list[str]:
        from provisioning_assets.warehouse.bigquery_dataset import held_datasets

        return held_datasets(self._warehouse(key))

    def drop(self, key: str) -> bool:
        from provisioning_assets.warehouse.bigquery_dataset import drop_dataset

        return drop_dataset(self._warehouse(key))

    def _warehouse(self, key: str) -> "Warehouse":
        from provisioning_assets.warehouse.bigquery_client import open_client
        from provisioning_assets.warehouse.bigquery_dataset import Warehouse
        from provisioning_assets.warehouse.bigquery_names import customer_names

        return Warehouse(open_client(self.project, self.location), customer_names(self.project, key))
