"""Rules about values that are written in a table's rows."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import polars as pl

from provisioning_assets.data_model.generators import FromRecord
from provisioning_assets.data_model.names import GoogleSqlType, Scalar
from provisioning_assets.data_model.populations import Records
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.checked_column import TIMES, CheckedColumn, listed, table_place
from provisioning_assets.data_model.working_types import WORKING_TYPES

HOW_TO_WRITE: dict[GoogleSqlType, str] = {
    "STRING": "a text",
    "INT64": "a whole number",
    "FLOAT64": "a number",
    "NUMERIC": "a number",
    "BOOL": "true or false",
    "DATE": "a day such as 2024-01-31",
    "DATETIME": "a moment such as 2024-01-31 09:30:00",
}


def record_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a column whose values are written in the rows."""
    table, column = checked.table, checked.column
    if not isinstance(table.population, Records):
        yield Problem(
            checked.place(),
            f"The column has no generator, and the rows of {table.name} are not written out.",
            "Give it a generator.",
        )
        return
    values = [row.get(column.name) for row in table.population.rows]
    if values and all(value is None for value in values):
        yield Problem(
            checked.place(),
            "The column has neither a generator nor a value in any row.",
            "Give it a generator or values.",
        )
        return
    yield from _type_problems(checked, values)
    if column.name in table.primary_key:
        yield from _key_problems(checked, table.population.rows)


def _type_problems(checked: CheckedColumn, values: Sequence[Scalar]) -> Iterator[Problem]:
    kind, name = checked.column.type, checked.column.name
    wrong = [index for index, value in enumerate(values) if value is not None and not _are_of([value], kind)]
    for index in wrong:
        yield Problem(
            table_place(checked.table.name, "rows", index, name),
            f"{values[index]!r} is not {HOW_TO_WRITE[kind]}, but {name} is {kind}.",
            f"Write {HOW_TO_WRITE[kind]}, or change the type of the column.",
        )
    if not wrong and not _are_of([value for value in values if value is not None], kind):
        yield Problem(
            checked.place(),
            f"The values are not all written in the same format: {listed(values[:5])}.",
            f"Write each as {HOW_TO_WRITE[kind]}.",
        )


def _are_of(values: Sequence[Scalar], kind: GoogleSqlType) -> bool:
    """Return whether all written values can be read as this type, in the same format."""
    try:
        if kind in TIMES:
            texts = pl.Series([str(value) for value in values], dtype=pl.String)
            _ = texts.str.to_date() if kind == "DATE" else texts.str.to_datetime(time_unit="us")
            return all(datetime.fromisoformat(text).tzinfo is None for text in texts)
        if kind != "STRING":
            _ = pl.Series(values, dtype=WORKING_TYPES[kind], strict=True)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        return False
    return True


def _key_problems(checked: CheckedColumn, rows: Sequence[dict[str, Scalar]]) -> Iterator[Problem]:
    """Report missing and repeated values of the primary key. Repeated keys of several columns are reported at the last one."""
    table, name = checked.table, checked.column.name
    for index, row in enumerate(rows):
        if row.get(name) is None:
            yield Problem(
                table_place(table.name, "rows", index),
                f"The row has no {name}, which is part of the key.",
                "Write one.",
            )
    written = [other.name for other in table.columns if isinstance(other.generator, FromRecord)]
    if name != table.primary_key[-1] or not set(table.primary_key) <= set(written):
        return
    seen: set[tuple[Scalar, ...]] = set()
    for index, row in enumerate(rows):
        key = tuple(row.get(part) for part in table.primary_key)
        if None not in key and key in seen:
            yield Problem(
                table_place(table.name, "rows", index, name),
                f"An earlier row has the same key: {listed(key)}.",
                "Give each row a different key.",
            )
        seen.add(key)
