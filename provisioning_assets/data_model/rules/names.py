"""Checks that names are unique and accepted by GoogleSQL and BigQuery."""

from collections.abc import Iterator

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.checked_column import column_place, table_place
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.googlesql.reserved_words import RESERVED_WORDS

REFUSED_PREFIXES = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier", "_change_")
"""Beginnings of column names that BigQuery refuses, in upper or lower case. Source: BigQuery, "Specifying a schema", column
names."""


def name_problems(model: DataModel) -> Iterator[Problem]:
    """Report problems of the names of tables and columns."""
    tables: set[str] = set()
    for table in model.tables:
        place = table_place(table.name)
        if table.name.casefold() in tables:
            yield Problem(
                place,
                "Two tables have this name; upper and lower case are the same to BigQuery.",
                "Rename one of them.",
            )
        tables.add(table.name.casefold())
        if table.name.casefold() in RESERVED_WORDS:
            yield Problem(place, f"'{table.name}' is a reserved word of GoogleSQL.", "Choose another name.")
        yield from _column_name_problems(table)


def _column_name_problems(table: Table) -> Iterator[Problem]:
    columns: set[str] = set()
    for column in table.columns:
        place, name = column_place(table.name, column.name), column.name.casefold()
        if name in columns:
            yield Problem(
                place,
                f"Two columns of {table.name} have this name; upper and lower case are the same to BigQuery.",
                "Rename one of them.",
            )
        columns.add(name)
        if name in RESERVED_WORDS:
            yield Problem(place, f"'{column.name}' is a reserved word of GoogleSQL.", "Choose another name.")
        if name.startswith(REFUSED_PREFIXES):
            yield Problem(
                place,
                f"BigQuery refuses columns whose names begin as '{column.name}' does.",
                f"Choose a name that does not begin with any of: {', '.join(REFUSED_PREFIXES)}.",
            )
        if name == table.name.casefold():
            yield Problem(place, "A column with the name of its table makes queries ambiguous.", "Rename one of them.")


def without_repeats(model: DataModel) -> DataModel:
    """Return the model with only the first table and the first column of each name, so that names are unique."""
    tables: dict[str, Table] = {}
    for table in model.tables:
        tables.setdefault(table.name.casefold(), table)
    return model.model_copy(update={"tables": [_first_of_each_name(table) for table in tables.values()]})


def _first_of_each_name(table: Table) -> Table:
    columns: dict[str, Column] = {}
    for column in table.columns:
        columns.setdefault(column.name.casefold(), column)
    return table.model_copy(update={"columns": list(columns.values())})
