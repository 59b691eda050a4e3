"""Preview of a data model without a warehouse: generates a sample of every table and describes each column."""

import tempfile
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.names import GoogleSqlType, Name, Scalar
from provisioning_assets.data_model.row_counts import root_rows
from provisioning_assets.data_model.sources import by_source, parts_of
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.models import SyntheticTables

SAMPLE_ROWS = 2_000
"""Rows of the largest table in a sample: enough to describe a column, and generated in about a second."""

BINS = 12
MOST_VALUES = 6
"""Number of frequent values shown for a column."""

FEW_DISTINCT = 12
"""A column with at most this many different values is described by their shares."""

TAIL = 0.99
"""A histogram ends at this quantile, and its last bin contains all larger values; otherwise one large value would leave one bin."""

_SCALES: frozenset[GoogleSqlType] = frozenset({"INT64", "FLOAT64", "NUMERIC", "DATE", "DATETIME"})


class ValueShare(Document):
    value: Scalar
    share: float = Field(description="share of the rows that have a value, 0-1")


class ColumnProfile(Document):
    """One stored column: its definition in the model, and a summary of the sample's values. Dates are ISO texts."""

    name: Name
    type: GoogleSqlType
    role: str
    description: str
    generator: str = Field(description="name of the generator: category, reference, after, ...")
    references: str | None = Field(default=None, description="for a foreign key: table.column to which it refers")
    nulls: float = Field(description="share of rows without a value, 0-1")
    distinct: int = Field(description="number of different values")
    least: Scalar = None
    median: Scalar = None
    most: Scalar = None
    histogram: list[float] = Field(
        default_factory=list,
        description="shares of equal parts of the range from the least value to the 99th percentile",
    )
    frequent: list[ValueShare] = Field(
        default_factory=list, description="the most frequent values, most frequent first"
    )


class TablePreview(Document):
    name: Name
    description: str
    rows: int = Field(description="number of rows in the sample")
    expected_rows: int = Field(description="estimated number of rows at the model's size, from the sample's rows")
    primary_key: list[Name]
    columns: list[ColumnProfile]
    first_rows: list[dict[str, Scalar]]


class Preview(Document):
    """A data model's tables, with a sample of each."""

    name: str
    origin: str = Field(description="where the model comes from: a customer's key, or a blueprint with its version")
    size: str
    fact_rows: int = Field(description="approximate rows of the largest table at that size")
    as_of: date
    seed: int
    locale: str
    country: str
    currency: str
    sample_rows: int = Field(description="rows of all tables that were generated for this preview")
    seconds: float = Field(description="time it took to generate these rows, seconds")
    tables: list[TablePreview]


def preview(
    model: DataModel, origin: str, *, table: str | None = None, rows: int, sample: int = SAMPLE_ROWS
) -> Preview:
    """Generate a sample of ``model`` in a temporary folder, which is removed afterwards, and describe it.

    Args:
        model: as planned; its size is only reported.
        origin: a description of where the model comes from.
        table: the only table to describe; None for all.
        rows: number of rows of each table to show, from the first.
        sample: approximate rows to generate for the largest table; small tables keep their minimum number of rows.

    Raises:
        ProvisioningError: there is no such table, or the model cannot be generated.
    """
    names = [each.name for each in model.tables]
    if table is not None and table not in names:
        raise ProvisioningError(f"{table!r:.80} is not a table of {origin}.", f"Its tables: {', '.join(names)}.")
    small = sampled(model, sample)
    whole, part = Lineage(by_source(model)), Lineage(by_source(small))
    parts = [each.name for table in model.tables for each in parts_of(table)]
    growth = {name: _independent_rows(whole, name) / _independent_rows(part, name) for name in parts}
    with tempfile.TemporaryDirectory(prefix="provision-preview-") as folder:
        generated = synthesise(small, Path(folder))
        return preview_of(model, origin, generated, Path(folder), table=table, rows=rows, growth=growth)


def sampled(model: DataModel, rows: int = SAMPLE_ROWS) -> DataModel:
    """The model with about ``rows`` rows in its largest table, or its own number if that is smaller."""
    return model.model_copy(update={"fact_rows": min(rows, model.fact_rows)})


def preview_of(
    model: DataModel,
    origin: str,
    generated: SyntheticTables,
    folder: Path,
    *,
    table: str | None = None,
    rows: int,
    growth: Mapping[str, float] | None = None,
) -> Preview:
    """Describe tables that were generated before.

    Args:
        model: as planned.
        origin: a description of where the model comes from.
        generated: the tables.
        folder: the folder that contains the files of the tables.
        table: the only table to describe; None for all.
        rows: first rows of each table to show.
        growth: table, or part of one with several sources -> how many times as many rows it has at the model's own size;
            None where that is the size.
    """
    expected = {
        manifest.name: round(sum(part.rows * (growth or {}).get(part.name, 1.0) for part in manifest.parts()))
        for manifest in generated.tables
    }
    tables = [
        _table_preview(each, _read(each.name, generated, folder), rows, expected[each.name])
        for each in model.tables
        if table in (None, each.name)
    ]
    return Preview(
        name=model.name,
        origin=origin,
        size=model.size,
        fact_rows=model.fact_rows,
        as_of=model.as_of,
        seed=model.seed,
        locale=model.locale,
        country=model.country,
        currency=model.currency,
        sample_rows=generated.rows,
        seconds=generated.seconds,
        tables=tables,
    )


def _independent_rows(lineage: Lineage, table: str) -> int:
    """Rows of the table that the table's own descend from."""
    return root_rows(lineage, lineage.root(table))


def _read(table: str, generated: SyntheticTables, folder: Path) -> pl.DataFrame:
    files = next(each.files for each in generated.tables if each.name == table)
    return pl.concat([pl.read_parquet(folder / file.path) for file in files])


def _table_preview(table: Table, frame: pl.DataFrame, rows: int, expected_rows: int) -> TablePreview:
    references = {
        column: f"{key.references_table}.{target}"
        for key in table.foreign_keys
        for column, target in zip(key.columns, key.references_columns, strict=True)
    }
    columns = [column for column in table.columns if not column.internal]
    return TablePreview(
        name=table.name,
        description=table.description,
        rows=frame.height,
        expected_rows=expected_rows,
        primary_key=table.primary_key,
        columns=[column_profile(column, frame[column.name], references) for column in columns],
        first_rows=[{name: _plain(value) for name, value in row.items()} for row in frame.head(rows).to_dicts()],
    )


def column_profile(column: Column, values: pl.Series, references: Mapping[str, str]) -> ColumnProfile:
    """Describe the values of a column.

    Args:
        column: as planned.
        values: its values as stored; money is decimal.
        references: column -> table.column, for foreign keys.
    """
    known = values.drop_nulls()
    if column.type == "NUMERIC":
        known = known.cast(pl.Float64)
    distinct = known.n_unique()
    # The order and spread of a foreign key's values have no meaning, because keys are only names.
    measured = column.type in _SCALES and column.name not in references and len(known) > 0
    has_few_values = distinct <= FEW_DISTINCT or not measured
    return ColumnProfile(
        name=column.name,
        type=column.type,
        role=column.role,
        description=column.description,
        generator=column.generator.kind,
        references=references.get(column.name),
        nulls=values.null_count() / max(len(values), 1),
        distinct=distinct,
        least=_plain(known.min()) if measured else None,
        median=_plain(_median(known)) if measured else None,
        most=_plain(known.max()) if measured else None,
        histogram=_histogram(known) if measured and distinct > FEW_DISTINCT and column.role != "key" else [],
        frequent=_frequent(known) if has_few_values and column.role != "key" else [],
    )


def _median(known: pl.Series) -> object:
    """The middle value; for dates the middle day, because the average of two dates could be noon between two days."""
    return known.sort()[len(known) // 2] if known.dtype == pl.Date else known.median()


def _histogram(known: pl.Series) -> list[float]:
    """Shares of the values in equal bins from the minimum to the ``TAIL`` quantile; the last bin includes all above it.

    ``known`` must have more than a few distinct values.
    """
    measures = known.to_physical().cast(pl.Float64).to_numpy()
    edges = np.linspace(measures.min(), np.quantile(measures, TAIL), BINS + 1)
    counts = np.histogram(np.minimum(measures, edges[-1]), edges)[0]
    return [float(count) / len(measures) for count in counts]


def _frequent(known: pl.Series) -> list[ValueShare]:
    counts = known.alias("value").value_counts(name="rows").sort("rows", "value", descending=[True, False])
    return [
        ValueShare(value=_plain(value), share=rows / len(known)) for value, rows in counts.head(MOST_VALUES).iter_rows()
    ]


def _plain(value: object) -> Scalar:
    """A value as a JSON type: dates become ISO texts, exact decimals become numbers."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)
