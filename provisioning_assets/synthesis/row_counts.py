"""Compares the rows of the generated tables with the model and with the manifests."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
from upath import UPath

from provisioning_assets.atomic_files import is_local, read_range
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.row_counts import root_rows
from provisioning_assets.data_model.sources import by_source
from provisioning_assets.synthesis.models import SyntheticTables, TableFile

AT_ONCE = 16
"""Files of an object store that are looked at at the same time."""

FOOTER = 1 << 16
"""Bytes at the end of a file that are read first. The metadata of most files fit; the last eight bytes say how long they are."""

FEWEST, MOST = 0.4, 2.5
"""Allowed row count of a demo's largest table, relative to the rows of the size."""


def file_errors(model: DataModel, tables: SyntheticTables, folder: UPath | Path) -> list[str]:
    """One sentence for each table file that is missing or differs from its manifest; empty if there is none."""
    manifests = {table.name: table for table in tables.tables}
    errors = [f"{table.name} was not generated" for table in model.tables if table.name not in manifests]
    files = [file for manifest in tables.tables for file in manifest.files]
    with ThreadPoolExecutor(1 if is_local(folder) else AT_ONCE) as pool:
        return errors + [error for error in pool.map(lambda file: _file_error(file, folder), files) if error]


def row_errors(model: DataModel, tables: SyntheticTables) -> list[str]:
    """One sentence for each table whose rows in the manifest differ from the plan; empty if there is none."""
    lineage = Lineage(by_source(model))
    errors = []
    for manifest in tables.tables:
        name = manifest.name
        if manifest.rows == 0:
            errors.append(f"{name} has no rows")
        if name in lineage.tables and lineage.parent(name) is None and manifest.rows != root_rows(lineage, name):
            errors.append(f"{name} has {manifest.rows:,} rows, but {root_rows(lineage, name):,} are planned")
    largest = max(tables.tables, key=lambda table: table.rows, default=None)
    if largest is not None and not FEWEST * model.fact_rows <= largest.rows <= MOST * model.fact_rows:
        errors.append(
            f"the largest table, {largest.name}, has {largest.rows:,} rows, but about {model.fact_rows:,} are planned"
        )
    return errors


def _file_error(file: TableFile, folder: UPath | Path) -> str | None:
    try:
        if is_local(folder):
            rows = pq.read_metadata(str(folder / file.path)).num_rows
        else:
            rows = pq.read_metadata(BytesIO(_end_of(file, folder))).num_rows
    except (OSError, ValueError) as error:
        return f"{file.path} cannot be read: {error}"
    return None if rows == file.rows else f"{file.path} has {rows:,} rows, but its manifest says {file.rows:,}"


def _end_of(file: TableFile, folder: UPath | Path) -> bytes:
    """The end of a file in an object store, with all of its metadata, mostly in one request.

    Raises:
        ValueError: it does not have the length that its manifest says.
    """
    size = FOOTER
    while True:
        end = read_range(folder / file.path, max(0, file.bytes - size), file.bytes + 1)
        if len(end) != min(size, file.bytes):
            raise ValueError(f"it does not have {file.bytes:,} bytes")
        needed = int.from_bytes(end[-8:-4], "little") + 8
        if needed <= size or size >= file.bytes:
            return end
        size = needed
