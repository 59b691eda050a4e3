"""The column that a rule checks, its place in the document, and problems with names that many rules report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioning_assets.data_model.lineage import CycleError, Lineage
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.data_model.tables import Column, Table

TIMES: tuple[GoogleSqlType, ...] = ("DATE", "DATETIME")
NUMBERS: tuple[GoogleSqlType, ...] = ("INT64", "FLOAT64", "NUMERIC")


@dataclass(frozen=True)
class CheckedColumn:
    """One column to check, of a model whose other parts may be wrong, too."""

    lineage: Lineage
    table: Table
    column: Column

    def place(self, *fields: str | int) -> Place:
        """Return the place of the column, or of one of its own fields, such as ``type`` or ``null_share``."""
        return column_place(self.table.name, self.column.name, *fields)

    def setting(self, *fields: str | int) -> Place:
        """Return the place of the column's generator, or of one of its fields."""
        return self.place(self.column.generator.kind, *fields)

    @property
    def others(self) -> dict[str, Column]:
        """The other columns of the table, by name."""
        return {other.name: other for other in self.table.columns if other.name != self.column.name}

    @property
    def whose(self) -> str:
        """What ``others`` are, as text that follows "is not"."""
        return f"another column of {self.table.name}"


def table_place(table: str, *fields: str | int) -> Place:
    """Return the place of a table, or of one of its fields."""
    return ("tables", table, *fields)


def column_place(table: str, column: str, *fields: str | int) -> Place:
    """Return the place of a column, or of one of its fields."""
    return ("tables", table, "columns", column, *fields)


def columns_by_name(table: Table) -> dict[str, Column]:
    """Return a table's columns by name."""
    return {column.name: column for column in table.columns}


def column_problems(
    place: Place,
    name: str | None,
    columns: Mapping[str, Column],
    whose: str,
    types: Sequence[GoogleSqlType] | None = None,
) -> Iterator[Problem]:
    """Report problems with a column's name that is written at ``place``.

    Args:
        place: where the name is written.
        name: the name; None if it is left out.
        columns: the columns that may be named.
        whose: what these columns are, as text that follows "is not", such as "a column of orders".
        types: the types that the column may have; None for any.
    """
    if name is None:
        return
    accepted = [column.name for column in columns.values() if types is None or column.type in types]
    if name not in columns:
        yield Problem(place, f"'{name}' is not {whose}.", suggestion(name, accepted))
    elif types is not None and columns[name].type not in types:
        wanted = listed(types, "or")
        yield Problem(
            place, f"'{name}' is {columns[name].type}; it must be {wanted}.", f"Accepted: {listed(accepted) or 'none'}."
        )


def table_problems(place: Place, name: str, lineage: Lineage) -> Iterator[Problem]:
    """Report problems with a table's name that is written at ``place``."""
    if name not in lineage.tables:
        yield Problem(place, f"'{name}' is not a table.", suggestion(name, lineage.tables))


def listed(names: Iterable[object], word: str = "") -> str:
    """Return the names as text: ``a, b, c``, or with the word "or" ``a, b or c``."""
    texts = [str(name) for name in names]
    if not word or len(texts) < 2:
        return ", ".join(texts)
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"


def are_one_family(lineage: Lineage, table: str, other: str) -> bool:
    """Return whether two tables have the same root; False if parents form a circle."""
    try:
        return lineage.root(table) == lineage.root(other)
    except CycleError:
        return False
