"""A customer's data sets in BigQuery: found, read, changed and removed, and only those that are this customer's and ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from google.api_core import exceptions
from google.cloud import bigquery

from provisioning_assets import clock
from provisioning_assets.cloud_labels import CUSTOMER, MANAGED_BY, STORE, is_managed, is_ours
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.warehouse import bigquery_errors
from provisioning_assets.warehouse.bigquery_errors import REQUEST_SECONDS, explaining
from provisioning_assets.warehouse.bigquery_jobs import side_by_side
from provisioning_assets.warehouse.bigquery_names import (
    FINAL_PREFIX,
    CustomerNames,
    keeping_labels,
    key_of_dataset,
    tables_expire_at,
)
from provisioning_assets.warehouse.bigquery_tables import described_table, update_of
from provisioning_assets.warehouse.models import DescribedTable, StoredDataset

SHORTEST_EXPIRATION_MS = 3_600_000
"""Smallest default expiration of tables that the API accepts: one hour, in milliseconds."""

COUNTING_SECONDS = 120.0
"""How long the count of all rows may take. BigQuery answers it from what it knows about the tables."""


@dataclass(frozen=True)
class Warehouse:
    """One customer's place in BigQuery: a client of the project and location, and the names of the data sets."""

    client: bigquery.Client
    names: CustomerNames

    @property
    def project(self) -> str:
        """The Google Cloud project."""
        return self.names.project

    @property
    def location(self) -> str:
        """Where data sets are created and jobs run, e.g. US, EU or europe-west3."""
        return str(self.client.location)

    def find(self, reference: bigquery.DatasetReference) -> bigquery.Dataset | None:
        """The data set, or None if there is none.

        Raises:
            ProvisioningError: it is not this customer's, or not ours, whatever its name; or BigQuery refuses.
        """
        with explaining(f"The data set {reference.dataset_id} cannot be read", self.project):
            try:
                found = self.client.get_dataset(reference, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS)
            except exceptions.NotFound:
                return None
        self._require_ours(found)
        return found

    def readable(self) -> bigquery.Dataset:
        """The customer's data set, if it is there and whole.

        Raises:
            ProvisioningError: there is none, its tables are being replaced, or as for ``find``.
        """
        found = self.find(self.names.final)
        if found is None:
            raise ProvisioningError(
                f"There is no data set {self.project}.{self.names.final.dataset_id}.",
                "Materialize demo_dataset for this customer first.",
            )
        if found.labels.get("state") != "ready":
            raise ProvisioningError(
                f"The tables of the data set {self.project}.{found.dataset_id} are being replaced: old and new ones are mixed.",
                "Wait until the run that loads it has ended. If it failed, materialize demo_dataset again: it finishes the work.",
            )
        return found

    def create(self, reference: bigquery.DatasetReference, wanted: "Kept") -> bigquery.Dataset:
        """Create a data set. If there is one by now, its labels are set.

        Raises:
            ProvisioningError: the one that is there is not ours, or BigQuery refuses.
        """
        made = wanted.dataset(reference)
        made.location = self.location
        with explaining(f"The data set {reference.dataset_id} cannot be created in {self.location}", self.project):
            try:
                return self.client.create_dataset(made, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS)
            except exceptions.Conflict:
                # also if the answer to a first attempt was lost
                pass
        if self.find(reference) is None:
            raise ProvisioningError(
                f"The data set {self.project}.{reference.dataset_id} was removed while it was created.",
                "Wait until the other run has ended, then run the same command again.",
            )
        return self.update(reference, wanted)

    def update(self, reference: bigquery.DatasetReference, wanted: "Kept") -> bigquery.Dataset:
        """Set labels, description and default expiration of a data set that was found to be ours."""
        with explaining(f"The data set {reference.dataset_id} cannot be labelled", self.project):
            return self.client.update_dataset(
                wanted.dataset(reference),
                ["labels", "description", "default_table_expiration_ms"],
                retry=bigquery_errors.RETRY,
                timeout=REQUEST_SECONDS,
            )

    def remove(self, reference: bigquery.DatasetReference) -> bool:
        """Remove a data set with its tables, if it is ours. Returns whether there was one.

        Raises:
            ProvisioningError: as for ``find``.
        """
        if self.find(reference) is None:
            return False
        with explaining(f"The data set {reference.dataset_id} cannot be removed", self.project):
            self.client.delete_dataset(
                reference,
                delete_contents=True,
                not_found_ok=True,
                retry=bigquery_errors.RETRY,
                timeout=REQUEST_SECONDS,
            )
        return True

    def tables(self, reference: bigquery.DatasetReference) -> dict[str, bigquery.Table]:
        """Every table of a data set by name, with schema, keys and number of rows."""
        with explaining(f"The tables of {reference.dataset_id} cannot be read", self.project):
            listed = list(self.client.list_tables(reference, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS))
            found = side_by_side(
                lambda item: self.client.get_table(
                    item.reference, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS
                ),
                listed,
            )
        return {table.table_id: table for table in sorted(found, key=lambda table: table.table_id)}

    def rows(self, reference: bigquery.DatasetReference, names: Sequence[str]) -> dict[str, int]:
        """The number of rows of each table, counted by a query, which reads no bytes and so costs nothing.

        The number in a table's description is not used: after a copy over an earlier table, the emulator still reports the
        earlier one.
        """
        if not names:
            return {}
        counts = [f"SELECT {number} AS number, COUNT(*) AS n FROM `{name}`" for number, name in enumerate(names)]  # noqa: S608
        config = bigquery.QueryJobConfig(default_dataset=reference, use_legacy_sql=False, labels=self.job_labels())
        with explaining(f"The rows of {reference.dataset_id} cannot be counted", self.project):
            job = self.client.query(
                "\nUNION ALL\n".join(counts), config, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS
            )
            found = job.result(retry=bigquery_errors.RETRY, timeout=COUNTING_SECONDS)
            return {str(names[int(row["number"])]): int(row["n"]) for row in found}

    def job_labels(self) -> dict[str, str]:
        """The labels of every job, by which its cost is found in the bill."""
        return self.names.labels

    def _require_ours(self, dataset: bigquery.Dataset) -> None:
        found = dict(dataset.labels)
        if is_ours(found, self.names.key):
            return
        label, value = MANAGED_BY
        whose = (
            f"it belongs to the customer {found.get(CUSTOMER)}"
            if found.get(label) == value
            else f"it has no label {label}={value}"
        )
        raise ProvisioningError(
            f"The data set {self.project}.{dataset.dataset_id} was not made by this program for {self.names.key}: {whose}.",
            "It is left as it is. Rename or remove it yourself, or use another project (GOOGLE_CLOUD_PROJECT).",
        )


@dataclass(frozen=True)
class Kept:
    """What is kept at a data set beside its tables."""

    labels: dict[str, str]
    description: str
    expires: datetime | None
    """when new tables expire; None: never"""

    def dataset(self, reference: bigquery.DatasetReference) -> bigquery.Dataset:
        """As a data set for the client; it has no etag, so an update that is repeated is not refused."""
        made = bigquery.Dataset(reference)
        made.labels = dict(self.labels)
        made.description = self.description
        made.default_table_expiration_ms = milliseconds_until(self.expires)
        return made


def milliseconds_until(expires: datetime | None) -> int | None:
    """The default expiration of new tables that ends then, at least the shortest that the API accepts; None: never."""
    if expires is None:
        return None
    return max(int((expires - clock.now()).total_seconds() * 1000), SHORTEST_EXPIRATION_MS)


def describe_dataset(warehouse: Warehouse) -> list[DescribedTable]:
    """Tables, columns, descriptions and declared keys as BigQuery reports them, sorted by name.

    Raises:
        ProvisioningError: there is no data set, its tables are being replaced, it is not ours, or BigQuery refuses.
    """
    warehouse.readable()
    tables = warehouse.tables(warehouse.names.final)
    rows = warehouse.rows(warehouse.names.final, list(tables))
    return [described_table(table, rows[name]) for name, table in tables.items()]


def dataset_exists(warehouse: Warehouse) -> bool:
    """Whether the customer has a data set, whole or not.

    Raises:
        ProvisioningError: there is one of the name that is not ours, or BigQuery refuses.
    """
    return warehouse.find(warehouse.names.final) is not None


def keep_dataset(warehouse: Warehouse, expires_on: date | None, owner: str) -> bool:
    """Set until when the customer's data set is kept, and who answers for it: labels and expiration of tables.

    Args:
        warehouse: the customer's.
        expires_on: the first day on which the demo may be removed; None: it is kept.
        owner: a mail address, or empty.

    Returns:
        whether there is a data set.

    Raises:
        ProvisioningError: it is not ours, or BigQuery refuses.
    """
    reference = warehouse.names.final
    found = warehouse.find(reference)
    if found is None:
        return False
    expires = tables_expire_at(expires_on, clock.now())
    changed = bigquery.Dataset(reference)
    changed.labels = {**found.labels, **keeping_labels(expires_on, owner)}
    changed.default_table_expiration_ms = milliseconds_until(expires)
    tables = [table.reference for table in warehouse.tables(reference).values() if table.expires != expires]

    def keep(table: bigquery.TableReference) -> None:
        update, fields = update_of(table, expires=expires)
        warehouse.client.update_table(update, fields, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS)

    with explaining(f"The expiration of {reference.dataset_id} cannot be set", warehouse.project):
        side_by_side(keep, tables)
        # last: while the label says the former day, whoever compares it with the request sees what is still to be done
        warehouse.client.update_dataset(
            changed,
            ["labels", "default_table_expiration_ms"],
            retry=bigquery_errors.RETRY,
            timeout=REQUEST_SECONDS,
        )
    return True


def stored_datasets(client: bigquery.Client, project: str, store: str) -> list[StoredDataset]:
    """Every data set of the project that this program made, of all customers, by name.

    Args:
        client: of the project.
        project: the Google Cloud project.
        store: value of the label ``store`` of data sets that belong to the present store.

    Raises:
        ProvisioningError: BigQuery refuses.
    """
    with explaining("The data sets cannot be listed", project):
        listed = [
            item
            for item in client.list_datasets(
                project,
                filter=f"labels.{MANAGED_BY[0]}:{MANAGED_BY[1]}",
                retry=bigquery_errors.RETRY,
                timeout=REQUEST_SECONDS,
            )
            if is_managed(dict(item.labels))
        ]
        # the list has no time of creation
        found = side_by_side(lambda item: _found(client, item.reference), listed)
    stored = [_stored(dataset, store) for dataset in found if dataset is not None]
    return sorted((each for each in stored if each is not None), key=lambda each: each.name)


def _found(client: bigquery.Client, reference: bigquery.DatasetReference) -> bigquery.Dataset | None:
    try:
        return client.get_dataset(reference, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS)
    except exceptions.NotFound:  # removed since it was listed
        return None


def _stored(dataset: bigquery.Dataset, store: str) -> StoredDataset | None:
    """The data set, or None if its name is not the one that goes with its labels."""
    prefix, key = key_of_dataset(dataset.dataset_id)
    labels = dict(dataset.labels)
    if not key or not is_ours(labels, key):
        return None
    return StoredDataset(
        key=key,
        name=f"{dataset.project}.{dataset.dataset_id}",
        is_whole=prefix == FINAL_PREFIX,
        of_this_store=labels.get(STORE) == store,
        created_at=dataset.created or clock.now(),
        expires=labels.get("expires", ""),
    )


def held_datasets(warehouse: Warehouse) -> list[str]:
    """The names of the customer's data set, and of what a load left half done, as far as they exist.

    Raises:
        ProvisioningError: one of the name is not ours, or BigQuery refuses.
    """
    references = (warehouse.names.final, warehouse.names.staging)
    return [reference.dataset_id for reference in references if warehouse.find(reference) is not None]


def drop_dataset(warehouse: Warehouse) -> bool:
    """Remove the customer's data set, and what a load left half done. Returns whether there was either.

    Raises:
        ProvisioningError: one of the name is not ours, or BigQuery refuses.
    """
    # the final one is looked at first: if it is not ours, nothing is removed
    warehouse.find(warehouse.names.final)
    left_over = warehouse.remove(warehouse.names.staging)
    return warehouse.remove(warehouse.names.final) or left_over
