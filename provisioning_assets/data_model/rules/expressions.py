"""Checks that expressions can be parsed, name existing columns, and give the type that is needed at their place."""

from collections.abc import Collection, Iterator, Mapping

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.expression_tree import ExpressionError
from provisioning_assets.data_model.expression_types import ValueType, typed_expression
from provisioning_assets.data_model.expressions import check_scalar, columns_of
from provisioning_assets.data_model.generators import After, Before, Expression, Moment, Number, RollUp
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.populations import PerParent
from provisioning_assets.data_model.problems import Place, Problem
from provisioning_assets.data_model.rules.checked_column import (
    NUMBERS,
    TIMES,
    CheckedColumn,
    column_problems,
    table_place,
)
from provisioning_assets.data_model.rules.compared_values import compared_value_problems
from provisioning_assets.data_model.tables import Column, Table


def expression_problems(place: Place, sql: str | None, columns: Mapping[str, Column], whose: str) -> Iterator[Problem]:
    """Report problems of an expression at ``place``, except those of its types.

    Args:
        place: where the expression is written.
        sql: the expression; None if it is left out.
        columns: the columns that the expression may read.
        whose: what these columns are, as text that follows "is not", such as "a column of orders".
    """
    if sql is None:
        return
    try:
        check_scalar(sql)
    except ExpressionError as error:
        yield Problem(
            place,
            f"The expression `{sql}` cannot be used: {str(error).rstrip('.')}.",
            "Write one SQL expression over the columns of a row.",
        )
        return
    for name in columns_of(sql):
        yield from column_problems(place, name, columns, whose)


class ExpressionTypes:
    """Checks the types of a model's expressions, and the values that they compare columns with.

    Args:
        lineage: the model.
        sound: the sound part of the model, from which the values of columns are read.
        reported: places where a problem is already known; expressions at these places are skipped.
    """

    def __init__(self, lineage: Lineage, sound: Lineage, reported: Collection[Place]) -> None:
        self.lineage = lineage
        self.sound = sound
        self.reported = reported

    def of_table(self, table: Table) -> Iterator[Problem]:
        """Report problems of the condition on a table's parents, and of its columns' expressions."""
        if isinstance(table.population, PerParent) and table.population.where is not None:
            place, where = table_place(table.name, "rows", "where"), table.population.where
            yield from self._problems(place, where, table.population.parent, "BOOL")
        for column in table.columns:
            checked, generator = CheckedColumn(self.lineage, table, column), column.generator
            if isinstance(generator, Expression | Moment) and checked.place("type") not in self.reported:
                yield from self._problems(checked.setting("sql"), generator.sql, table.name, column.type)
            if isinstance(generator, Number | After | Before) and generator.times is not None:
                yield from self._problems(checked.setting("times"), generator.times, table.name, "FLOAT64")
            where = getattr(generator, "where", None)
            if where is not None:
                over = generator.table if isinstance(generator, RollUp) else table.name
                yield from self._problems(checked.setting("where"), where, over, "BOOL")

    def of_effect(self, place: Place, effect: Effect) -> Iterator[Problem]:
        """Report problems of the conditions of the effect at ``place``."""
        if (effect.table, effect.column) not in self.lineage.columns:
            return
        if effect.where is not None:
            yield from self._problems((*place, "where"), effect.where, self.lineage.condition_table(effect), "BOOL")
        target = self.lineage.target(effect.table, effect.column)
        if effect.referenced is not None and target is not None:
            yield from self._problems((*place, "referenced"), effect.referenced, target, "BOOL")

    def _problems(self, place: Place, sql: str, over: str, wanted: GoogleSqlType) -> Iterator[Problem]:
        """Report problems of one expression; ``over`` is the table whose columns it reads."""
        if place in self.reported or over not in self.lineage.tables:
            return
        types: dict[str, GoogleSqlType] = {column.name: column.type for column in self.lineage.tables[over].columns}
        try:
            given = typed_expression(sql, types).type
        except ExpressionError as error:
            yield Problem(
                place,
                f"The expression `{sql}` cannot be used: {str(error).rstrip('.')}.",
                "Combine values of the same type; convert the others with CAST(... AS ...).",
            )
            return
        yield from compared_value_problems(self.sound, place, sql, over)
        if not _fits(given, wanted):
            yield Problem(
                place,
                f"The expression `{sql}` gives {given}, but {wanted} is needed here.",
                "Change the expression, or the type of the column." if place[-1] == "sql" else "Change the expression.",
            )


def _fits(given: ValueType, wanted: GoogleSqlType) -> bool:
    """Return whether values of a type are converted to the wanted type automatically."""
    if given == "NULL":
        return True
    convertible = next((types for types in (NUMBERS, TIMES) if wanted in types), (wanted,))
    return given in convertible or (wanted == "STRING" and given == "INT64")
