"""Loads a customer's tables into BigQuery, as a whole or not at all.

1. **Staging.** Every table is created and loaded in the data set ``staging_demo_<key>``, and its rows are compared with what was
   generated. Until then nothing has touched the customer's data set.
2. **Replacing.** The data set gets the state *replacing* (a label): from here on it is not read. Each table is copied over the
   earlier one, tables that are gone are removed, descriptions and keys are declared, rows are compared again.
3. The data set gets the state *ready*, and staging is removed.

A load that was stopped continues where it was: the staging data set knows its content and, by jobs with fixed ids, its jobs.
BigQuery has no swap of data sets, and a copy within a location takes seconds and costs nothing.

The columns of our Parquet files have the types that BigQuery's client itself writes for DATE, DATETIME (microseconds, not
adjusted to UTC) and the others; DECIMAL(18, 2) is loaded into NUMERIC. A test compares them.

A copy keeps the source's rows, schema, partitions, clusters and keys. What else it keeps is not documented, so descriptions,
expiration and keys are set anew on each table.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from google.api_core import exceptions
from google.cloud import bigquery

from provisioning_assets import clock
from provisioning_assets.cloud_labels import store_label
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.tables import Table
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.models import SyntheticTables, TableManifest
from provisioning_assets.warehouse import bigquery_errors
from provisioning_assets.warehouse.bigquery_dataset import Kept, Warehouse
from provisioning_assets.warehouse.bigquery_errors import REQUEST_SECONDS, explaining
from provisioning_assets.warehouse.bigquery_jobs import finished_job, side_by_side
from provisioning_assets.warehouse.bigquery_names import (
    State,
    content_label,
    labels,
    require_accepted_names,
    tables_expire_at,
)
from provisioning_assets.warehouse.bigquery_tables import (
    declared_references,
    keys_resource,
    missing_keys,
    same_layout,
    staged_table,
    update_of,
)
from provisioning_assets.warehouse.dataset_content import content_digest, require_same_tables, stored_columns
from provisioning_assets.warehouse.models import LoadedTable

LONGEST_DATASET_DESCRIPTION = 16_384
"""Largest number of characters of a data set's description (BigQuery's documentation, "Quotas and limits")."""


@dataclass(frozen=True)
class Order:
    """What is to be loaded, and for how long.

    Args:
        model: tables, columns, keys and descriptions.
        tables: the Parquet files, their paths relative to ``folder``.
        folder: the customer's folder, ``gs://bucket/prefix/key``: BigQuery reads it itself.
        expires_on: the first day on which the demo may be removed; None: it is kept.
        owner: a mail address, or empty.
        keys_required: whether it is an error if BigQuery does not report the keys that were declared. An emulator may not keep
            them.
    """

    model: DataModel
    tables: SyntheticTables
    folder: str
    expires_on: date | None
    owner: str = ""
    keys_required: bool = True

    @property
    def content(self) -> str:
        """What tells this content from another, as a label."""
        return content_label(content_digest(self.model, self.tables))

    @property
    def expires(self) -> datetime | None:
        """When BigQuery removes the tables by itself; None: never."""
        return tables_expire_at(self.expires_on, clock.now())

    def manifests(self) -> dict[str, TableManifest]:
        """The files of each table."""
        return {manifest.name: manifest for manifest in self.tables.tables}

    def uris(self, manifest: TableManifest) -> list[str]:
        """The addresses of a table's files."""
        return [f"{self.folder.rstrip('/')}/{file.path}" for file in manifest.files if file.rows]

    def kept(self, warehouse: Warehouse, state: State, load: str = "") -> Kept:
        """Labels, description and expiration of the data set in a state."""
        return Kept(
            labels=labels(
                warehouse.names,
                state=state,
                content=self.content,
                expires_on=self.expires_on,
                owner=self.owner,
                load=load,
                store=store_label(self.folder.rstrip("/").rpartition("/")[0]),
            ),
            description=f"{self.model.name}. {self.model.description}"[:LONGEST_DATASET_DESCRIPTION],
            expires=self.expires,
        )


@dataclass(frozen=True)
class Loaded:
    """The tables loaded, in the model's order, and their size in bytes as BigQuery counts it."""

    tables: list[LoadedTable]
    bytes: int


def load_dataset(warehouse: Warehouse, order: Order) -> Loaded:
    """Replace the customer's data set. If it holds the same content already, only labels and expiration are refreshed.

    Raises:
        ProvisioningError: names, files or rows do not match the model; the data set is not ours or is in another location; or
            BigQuery refuses. Unless it happened while tables were replaced, the earlier data set is as it was.
    """
    require_same_tables(order.model, order.tables)
    require_accepted_names(order.model.tables)
    _require_cloud_storage(order.folder)
    earlier = warehouse.find(warehouse.names.final)
    if earlier is not None:
        _require_location(warehouse, earlier)
        if earlier.labels.get("state") == "ready" and earlier.labels.get("content") == order.content:
            stored = warehouse.tables(warehouse.names.final)
            rows = warehouse.rows(warehouse.names.final, list(stored))
            if not list(_wrong_rows(order, rows)):
                _refresh(warehouse, order, stored)
                return _loaded(order, stored)
    _replace(warehouse, order, _staged(warehouse, order), earlier)
    return _loaded(order, warehouse.tables(warehouse.names.final))


def _require_cloud_storage(folder: str) -> None:
    if not folder.startswith("gs://"):
        raise ProvisioningError(
            f"BigQuery cannot read the tables from {folder}.",
            "Keep artefacts in Cloud Storage: set PROVISIONING_STORE to an address such as gs://my-bucket/demos.",
        )


def _require_location(warehouse: Warehouse, dataset: bigquery.Dataset) -> None:
    found = str(dataset.location or "")
    if found.lower() != warehouse.location.lower():
        raise ProvisioningError(
            f"The data set {warehouse.project}.{dataset.dataset_id} is in {found}, but BIGQUERY_LOCATION is "
            f"{warehouse.location}. A data set cannot move.",
            f"Set BIGQUERY_LOCATION={found}, or remove the demo first with: provision teardown {warehouse.names.key}",
        )


def _refresh(warehouse: Warehouse, order: Order, stored: Mapping[str, bigquery.Table]) -> None:
    """Labels, description and expiration, which may have another owner or another day; nothing is loaded."""
    warehouse.update(warehouse.names.final, order.kept(warehouse, "ready"))
    late = [table for table in stored.values() if table.expires != order.expires]
    with explaining(f"The expiration of tables of {warehouse.names.final.dataset_id} cannot be set", warehouse.project):
        side_by_side(lambda table: _update(warehouse, *update_of(table.reference, expires=order.expires)), late)
    warehouse.remove(warehouse.names.staging)


def _loaded(order: Order, stored: Mapping[str, bigquery.Table]) -> Loaded:
    tables, manifests = order.model.tables, order.manifests()
    undeclared = set(missing_keys(list(stored.values()), tables))
    return Loaded(
        tables=[
            LoadedTable(
                name=table.name,
                rows=manifests[table.name].rows,  # as they were counted
                columns=len(stored_columns(table)),
                keyed=table.name not in undeclared,
                referencing=table.name not in undeclared,
            )
            for table in tables
        ],
        bytes=sum(int(stored[table.name].num_bytes or 0) for table in tables),
    )


# --- staging -----------------------------------------------------------------------------------------------------


def _staged(warehouse: Warehouse, order: Order) -> str:
    """Load every table into staging, or continue a load of the same content. Returns the id of the load."""
    reference = warehouse.names.staging
    found = warehouse.find(reference)
    if found is not None:
        load = found.labels.get("load", "")
        here = str(found.location or "").lower() == warehouse.location.lower()
        if load and here and found.labels.get("content") == order.content:
            _load_tables(warehouse, order, load)
            if not list(_wrong_rows(order, _reported(warehouse.tables(reference)))):
                warehouse.update(reference, order.kept(warehouse, "loaded", load))
                return load
        # another content or location, or tables that expired or were changed by someone
        warehouse.remove(reference)
    load = uuid.uuid4().hex[:16]
    warehouse.create(reference, order.kept(warehouse, "loading", load))
    _load_tables(warehouse, order, load)
    wrong = list(_wrong_rows(order, _reported(warehouse.tables(reference))))
    if wrong:
        # the jobs have succeeded, so a later run would find them and stop here again
        warehouse.remove(reference)
        raise ProvisioningError(
            f"BigQuery did not load what was generated for {warehouse.names.key}: {'; '.join(wrong)}.",
            "Materialize synthetic_tables again, then demo_dataset. A project without billing (a sandbox) removes rows that are "
            "older than 60 days at once: link a billing account.",
        )
    warehouse.update(reference, order.kept(warehouse, "loaded", load))
    return load


def _load_tables(warehouse: Warehouse, order: Order, load: str) -> None:
    manifests = order.manifests()
    # the largest first: it takes longest
    tables = sorted(order.model.tables, key=lambda table: manifests[table.name].rows, reverse=True)
    side_by_side(lambda table: _load_table(warehouse, order, load, table, manifests[table.name]), tables)


def _load_table(warehouse: Warehouse, order: Order, load: str, table: Table, manifest: TableManifest) -> None:
    staging = warehouse.names.staging
    target = staging.table(table.name)
    what = f"The table {staging.dataset_id}.{table.name} cannot be loaded from {order.folder}"
    with explaining(what, warehouse.project):
        found = _created(warehouse, staged_table(target, table))
    uris = order.uris(manifest)
    # a load job is atomic: a table has all its rows or none
    if not uris or int(found.num_rows or 0) == manifest.rows:
        return
    config = bigquery.LoadJobConfig(
        source_format=bigquery.SourceFormat.PARQUET,
        create_disposition=bigquery.CreateDisposition.CREATE_NEVER,
        # keeps the table's schema with its descriptions, and a second attempt does not add the rows twice
        write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE_DATA,
        labels=warehouse.job_labels(),
    )
    finished_job(
        warehouse.client,
        _job_id(warehouse, "load", order, load, table),
        lambda job_id: warehouse.client.load_table_from_uri(
            uris, target, job_id=job_id, job_config=config, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS
        ),
        what,
    )


def _created(warehouse: Warehouse, table: bigquery.Table) -> bigquery.Table:
    try:
        return warehouse.client.create_table(table, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS)
    except exceptions.Conflict:
        return warehouse.client.get_table(table.reference, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS)


def _job_id(warehouse: Warehouse, verb: str, order: Order, load: str, table: Table) -> str:
    """Beginning of the id: the customer, the table, and a digest of the content and of the staging data set it goes through.

    With the content alone, a load of it after another content would find the job of the first time, which filled a staging data
    set that is no longer there.
    """
    digest = sha256(f"{order.content} {load}".encode()).hexdigest()[:16]
    return f"{verb}-{warehouse.names.key}-{table.name}-{digest}"


def _reported(tables: Mapping[str, bigquery.Table]) -> dict[str, int]:
    """The rows that BigQuery reports of tables that were only loaded."""
    return {name: int(table.num_rows or 0) for name, table in tables.items()}


def _wrong_rows(order: Order, stored: Mapping[str, int]) -> Iterator[str]:
    """Where the rows that are stored (table -> number) differ from those that were generated."""
    manifests = order.manifests()
    for name in sorted(stored.keys() - manifests.keys()):
        yield f"{name} was not generated"
    for name, manifest in manifests.items():
        if name not in stored:
            yield f"{name} is missing"
        elif stored[name] != manifest.rows:
            yield f"{name} has {stored[name]:,} rows, {manifest.rows:,} were generated"


# --- replacing ---------------------------------------------------------------------------------------------------


def _replace(warehouse: Warehouse, order: Order, load: str, earlier: bigquery.Dataset | None) -> None:
    """Copy every table from staging over the final one, declare its keys, and let it be read."""
    final, staging = warehouse.names.final, warehouse.names.staging
    replacing = order.kept(warehouse, "replacing")
    if earlier is None:
        warehouse.create(final, replacing)
    else:
        warehouse.update(final, replacing)
    _make_way(warehouse, order, warehouse.tables(staging))
    side_by_side(lambda table: _copy_table(warehouse, order, load, table), order.model.tables)
    _declare(warehouse, order)
    stored = warehouse.tables(final)
    wrong = list(_wrong_rows(order, warehouse.rows(final, list(stored))))
    if wrong:
        # the copies have succeeded, so a later run would find them and stop here again
        warehouse.remove(staging)
        raise ProvisioningError(
            f"The data set {warehouse.project}.{final.dataset_id} does not hold what was generated: {'; '.join(wrong)}.",
            "Materialize demo_dataset again.",
        )
    undeclared = missing_keys(list(stored.values()), order.model.tables)
    if undeclared and order.keys_required:
        raise ProvisioningError(
            f"BigQuery does not report the keys of {', '.join(undeclared)} in {warehouse.project}.{final.dataset_id}.",
            "Materialize demo_dataset again.",
        )
    warehouse.update(final, order.kept(warehouse, "ready"))
    warehouse.remove(staging)


def _make_way(warehouse: Warehouse, order: Order, staged: Mapping[str, bigquery.Table]) -> None:
    """Remove what would be in the way of the copies, from a data set that is not read meanwhile.

    Tables that are gone; tables of another layout, over which nothing can be copied; and foreign keys, because a primary key
    that others refer to is not to be replaced under them.
    """
    present = warehouse.tables(warehouse.names.final)
    wanted = {table.name: table for table in order.model.tables}
    away = [
        table for name, table in present.items() if name not in wanted or not same_layout(table, staged[table.table_id])
    ]
    referring = [
        table
        for table in present.values()
        if table not in away and table.table_constraints and table.table_constraints.foreign_keys
    ]
    with explaining(f"The earlier tables of {warehouse.names.final.dataset_id} cannot be prepared", warehouse.project):
        side_by_side(
            lambda table: _update(warehouse, *update_of(table.reference, keys=_primary_only(table))), referring
        )
        side_by_side(
            lambda table: warehouse.client.delete_table(
                table.reference, not_found_ok=True, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS
            ),
            away,
        )


def _primary_only(table: bigquery.Table) -> dict[str, object]:
    keys = table.table_constraints
    own = {"primaryKey": {"columns": list(keys.primary_key.columns)}} if keys and keys.primary_key else {}
    return {**own, "foreignKeys": []}


def _copy_table(warehouse: Warehouse, order: Order, load: str, table: Table) -> None:
    final, staging = warehouse.names.final, warehouse.names.staging
    config = bigquery.CopyJobConfig(
        create_disposition=bigquery.CreateDisposition.CREATE_IF_NEEDED,
        write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
        labels=warehouse.job_labels(),
    )
    finished_job(
        warehouse.client,
        _job_id(warehouse, "copy", order, load, table),
        lambda job_id: warehouse.client.copy_table(
            staging.table(table.name),
            final.table(table.name),
            job_id=job_id,
            job_config=config,
            retry=bigquery_errors.RETRY,
            timeout=REQUEST_SECONDS,
        ),
        f"The table {final.dataset_id}.{table.name} cannot be replaced",
    )


def _declare(warehouse: Warehouse, order: Order) -> None:
    """Descriptions, expiration and keys: all primary keys first, because a foreign key needs the one that it refers to."""
    final, expires = warehouse.names.final, order.expires

    def declare(table: Table, *, referring: bool) -> None:
        keys = keys_resource(final, table, referring=referring)
        rest = {} if referring else {"described": table, "expires": expires}
        with explaining(f"The table {final.dataset_id}.{table.name} cannot be described", warehouse.project):
            _update(warehouse, *update_of(final.table(table.name), keys=keys, **rest))

    side_by_side(lambda table: declare(table, referring=False), order.model.tables)
    side_by_side(
        lambda table: declare(table, referring=True),
        [table for table in order.model.tables if declared_references(table)],
    )


def _update(warehouse: Warehouse, table: bigquery.Table, fields: list[str]) -> bigquery.Table:
    return warehouse.client.update_table(table, fields, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS)
