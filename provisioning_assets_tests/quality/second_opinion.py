"""The keys and references of finished tables, judged by SDMetrics, a library that this project did not write."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
from upath import UPath

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.synthesis.models import SyntheticTables, TableManifest


@dataclass(frozen=True)
class ValidityScore:
    """A key or reference as SDMetrics judges it: 1 is all valid."""

    metric: str
    table: str
    column: str
    score: float
    rows: int


MOST_ROWS = 500_000
"""Largest number of rows of a table that are judged, from the first row on: SDMetrics needs about 100 bytes of memory per row."""


def validity(
    model: DataModel, tables: SyntheticTables, folder: UPath | Path, most_rows: int = MOST_ROWS
) -> list[ValidityScore]:
    """``KeyUniqueness`` of every primary key and ``ReferentialIntegrity`` of every declared foreign key, 0 to 1.

    The first ``most_rows`` rows of each table are judged; a reference is looked up among all rows of the table it points to.
    Empty references are left out.
    """
    from sdmetrics.column_pairs import ReferentialIntegrity
    from sdmetrics.single_column import KeyUniqueness

    manifests = {table.name: table for table in tables.tables}
    scores = []
    for table in model.tables:
        keys = _read(manifests[table.name], folder, table.primary_key, most_rows)
        judged = keys.to_pandas()
        score = KeyUniqueness.compute(judged, judged)
        scores.append(_score("KeyUniqueness", table.name, table.primary_key, score, keys.height))
        for reference in table.foreign_keys:
            own = _read(manifests[table.name], folder, reference.columns, most_rows).drop_nulls()
            if own.is_empty():
                continue
            theirs = _referenced(manifests[reference.references_table], folder, reference.references_columns, own)
            pair = theirs.to_pandas(), own.to_pandas()
            score = ReferentialIntegrity.compute(pair, pair)
            scores.append(_score("ReferentialIntegrity", table.name, reference.columns, score, own.height))
    return scores


def _score(metric: str, table: str, columns: list[str], score: float, rows: int) -> ValidityScore:
    return ValidityScore(metric=metric, table=table, column=", ".join(columns), score=float(score), rows=rows)


def _scanned(file: UPath | Path, columns: list[str]) -> pl.DataFrame:
    with file.open("rb") as content:
        return pl.read_parquet(content, columns=columns).select(columns)


def _read(manifest: TableManifest, folder: UPath | Path, columns: list[str], most_rows: int) -> pl.DataFrame:
    """The first rows of some columns, one file after the other."""
    parts: list[pl.DataFrame] = []
    left = most_rows
    for file in manifest.files:
        parts.append(_scanned(folder / file.path, columns).head(left))
        left -= parts[-1].height
        if left <= 0:
            break
    return pl.concat(parts)


def _referenced(manifest: TableManifest, folder: UPath | Path, columns: list[str], own: pl.DataFrame) -> pl.DataFrame:
    """The keys of a table that ``own`` refers to, of all its rows, a file at a time; their columns named like ``own``'s."""
    wanted = own.unique()
    parts = [
        _scanned(folder / file.path, columns)
        .rename(dict(zip(columns, own.columns, strict=True)))
        .join(wanted, on=own.columns, how="semi")
        for file in manifest.files
    ]
    return pl.concat(parts)
