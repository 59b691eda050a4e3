"""Checks that several kinds of rules share: the columns and cases that a generator names exist, and its expressions are valid."""

from collections.abc import Collection, Iterator, Mapping

from provisioning_assets.data_model.expression_types import typed_expression
from provisioning_assets.data_model.expressions import ExpressionError, columns_of
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.data_model.value_domains import values_of


def column_place(table: str, column: str) -> Place:
    """Return the place of a column in a data model."""
    return ("tables", table, "columns", column)


def own_column_problems(
    table: Table, column: Column, field: str, name: str | None, types: Collection[str] | None = None
) -> Iterator[Problem]:
    """Report problems of a field that must name another column of the table, with one of the given types."""
    if name is None:
        return
    place = (*column_place(table.name, column.name), field)
    others = {other.name: other for other in table.columns if other.name != column.name}
    if name not in others:
        yield Problem(place, f"'{name}' is not another column of {table.name}.", suggestion(name, others))
    elif types is not None and others[name].type not in types:
        fitting = [other.name for other in others.values() if other.type in types]
        yield Problem(place, f"'{name}' is {others[name].type}, not {' or '.join(types)}.", suggestion(name, fitting))


def type_problems(table: Table, column: Column, types: Collection[GoogleSqlType]) -> Iterator[Problem]:
    """Report a column whose generator cannot make values of the column's type."""
    if column.type not in types:
        yield Problem(
            column_place(table.name, column.name),
            f"A {column.generator.kind} column cannot be {column.type}.",
            f"Make it {' or '.join(types)}.",
        )


def case_problems(
    lineage: Lineage,
    table: Table,
    column: Column,
    field: str,
    by: str | None,
    cases: Mapping[str, object],
    by_field: str = "by",
) -> Iterator[Problem]:
    """Report cases by another column's value if the column is not named, or never has one of these values."""
    place = (*column_place(table.name, column.name), field)
    if by is None:
        if cases:
            yield Problem(place, f"There are cases for {', '.join(cases)}, but no `{by_field}`.", f"Give `{by_field}`.")
        return
    if (table.name, by) not in lineage.columns:
        return
    values = _known_values(lineage, table.name, by)
    for case in cases if values is not None else ():
        if case not in (values or ()):
            yield Problem(place, f"'{case}' is never a value of {by}.", suggestion(case, sorted(values or ())))


def _known_values(lineage: Lineage, table: str, column: str) -> set[str] | None:
    """Return the values that the model lists for a column; None if it lists none, or if a reference on the way is broken."""
    try:
        return values_of(lineage, table, column)
    except (KeyError, TypeError, RecursionError):
        return None


def expression_problems(
    table: Table, column: Column, field: str, sql: str, types: Collection[GoogleSqlType]
) -> Iterator[Problem]:
    """Report problems of an expression over the other columns of the row, whose result must have one of the given types."""
    place = (*column_place(table.name, column.name), field)
    others: dict[str, GoogleSqlType] = {other.name: other.type for other in table.columns if other.name != column.name}
    try:
        unknown = [name for name in columns_of(sql) if name not in others]
        given = None if unknown else typed_expression(sql, others).type
    except ExpressionError as error:
        yield Problem(place, f"`{sql}` cannot be evaluated: {str(error).rstrip('.')}.", "Correct the expression.")
        return
    for name in unknown:
        yield Problem(place, f"'{name}' is not another column of {table.name}.", suggestion(name, sorted(others)))
    if given not in (None, "NULL", *types):
        yield Problem(place, f"`{sql}` gives {given}, not {' or '.join(types)}.", "Change the expression.")
