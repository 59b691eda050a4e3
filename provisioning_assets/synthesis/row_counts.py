"""Compares the rows of the generated tables with the model and with the manifests."""

from pathlib import Path

import pyarrow.parquet as pq
from upath import UPath

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.row_counts import root_rows
from provisioning_assets.data_model.sources import by_source
from provisioning_assets.synthesis.models import SyntheticTables, TableManifest

FEWEST, MOST = 0.4, 2.5
"""Allowed row count of a demo's largest table, relative to the rows of the size."""


def file_errors(model: DataModel, tables: SyntheticTables, folder: UPath | Path) -> list[str]:
    """One sentence for each table file that is missing or differs from its manifest; empty if there is none."""
    manifests = {table.name: table for table in tables.tables}
    errors = [f"{table.name} was not generated" for table in model.tables if table.name not in manifests]
    return errors + [error for manifest in tables.tables for error in _file_errors(manifest, folder)]


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


def _file_errors(manifest: TableManifest, folder: UPath | Path) -> list[str]:
    errors = []
    for file in manifest.files:
        try:
            with (folder / file.path).open("rb") as content:
                rows = pq.read_metadata(content).num_rows
        except (OSError, ValueError) as error:
            errors.append(f"{file.path} cannot be read: {error}")
            continue
        if rows != file.rows:
            errors.append(f"{file.path} has {rows:,} rows, but its manifest says {file.rows:,}")
    return errors
