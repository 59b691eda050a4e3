"""Rules about primary keys, foreign keys, and the columns that a table names for the checks of its data."""

from collections.abc import Iterator

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.problems import Place, Problem
from provisioning_assets.data_model.rules.checked_column import (
    column_place,
    column_problems,
    columns_by_name,
    listed,
    table_place,
    table_problems,
)
from provisioning_assets.data_model.tables import ForeignKey, Table


def key_problems(lineage: Lineage, table: Table) -> Iterator[Problem]:
    """Report problems of the keys of a table, and of the columns that it names."""
    columns = columns_by_name(table)
    for name in table.primary_key:
        yield from column_problems(table_place(table.name, "primary_key"), name, columns, f"a column of {table.name}")
        if name in columns and columns[name].null_share > 0:
            yield Problem(
                column_place(table.name, name, "null_share"),
                "A column of the primary key must have a value in every row.",
                "Drop null_share, or choose another primary key.",
            )
        if name in columns and columns[name].internal:
            yield Problem(
                column_place(table.name, name, "internal"),
                "A column of the primary key must be stored.",
                "Store the column, or choose another primary key.",
            )
    if len(set(table.primary_key)) < len(table.primary_key):
        yield Problem(
            table_place(table.name, "primary_key"),
            f"The primary key has a column twice: {listed(table.primary_key)}.",
            "Name each once.",
        )
    for field, name in (("event_time", table.event_time), ("amount", table.amount), ("entity", table.entity)):
        yield from column_problems(table_place(table.name, field), name, columns, f"a column of {table.name}")
    for index, key in enumerate(table.foreign_keys):
        yield from _foreign_key_problems(lineage, table, index, key)


def stored_problems(table: Table) -> Iterator[Problem]:
    """Report a table without any stored column."""
    if all(column.internal for column in table.columns):
        yield Problem(
            table_place(table.name, "columns"),
            f"No column of {table.name} is stored.",
            "Store at least one of them.",
        )


def _foreign_key_problems(lineage: Lineage, table: Table, index: int, key: ForeignKey) -> Iterator[Problem]:
    own = columns_by_name(table)
    place: Place = table_place(table.name, "foreign_keys", index)
    missing = [
        problem for name in key.columns for problem in column_problems(place, name, own, f"a column of {table.name}")
    ]
    if missing:
        yield from missing
        return
    if key.columns:
        place = column_place(table.name, key.columns[0])
    unknown = list(table_problems(place, key.references_table, lineage))
    if unknown:
        yield from unknown
        return
    target = lineage.tables[key.references_table]
    theirs = columns_by_name(target)
    if not set(target.primary_key) <= set(theirs):
        return
    if key.references_columns != target.primary_key or len(key.columns) != len(key.references_columns):
        yield Problem(
            place,
            f"The foreign key ({listed(key.columns)}) refers to ({listed(key.references_columns)}) of {target.name}, "
            f"whose primary key is ({listed(target.primary_key)}).",
            f"Name as many columns as the primary key of {target.name} has, in its order.",
        )
        return
    for mine, other in zip(key.columns, key.references_columns, strict=True):
        if own[mine].type != theirs[other].type:
            yield Problem(
                column_place(table.name, mine, "type"),
                f"The foreign key is {own[mine].type}, but {target.name}.{other} is {theirs[other].type}.",
                "Make both types the same.",
            )
        if own[mine].internal:
            yield Problem(
                column_place(table.name, mine, "internal"),
                f"The foreign key to {target.name}.{other} is not stored, so no query can join by it.",
                "Store it. To read a value from a table further on, read it in two steps: first into the table "
                "between, then from there.",
            )
