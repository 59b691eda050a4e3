"""Prepares a blueprint's expressions for the data model: expands the author's functions, turns paths into columns."""

import re
from collections.abc import Mapping

from provisioning_assets.data_model.expression_macros import Function, expand_functions, parsed_signature
from provisioning_assets.data_model.expression_paths import with_columns
from provisioning_assets.data_model.expression_tree import ExpressionError
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.problems import Place
from provisioning_assets.planning.filling import Filling
from provisioning_assets.planning.table_design.draft import DesignError, Draft
from provisioning_assets.planning.words import row_expression_literal

NUMBERS = frozenset({"INT64", "FLOAT64", "NUMERIC"})
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


class Expressions:
    """The expressions of one draft."""

    def __init__(self, draft: Draft, functions: Mapping[str, Function]) -> None:
        self._draft = draft
        self._functions = functions
        self._known: dict[tuple[str, str], str] = {}

    def over(self, table: str, sql: str, place: Place) -> str:
        """An expression over the rows of a table that reads plain columns only.

        Raises:
            DesignError: it is not an expression, or it uses a name that does not exist.
        """
        if (table, sql) not in self._known:
            try:
                expanded = expand_functions(sql, self._functions)
                self._known[table, sql] = with_columns(
                    expanded, lambda path: self._draft.reach(table, ".".join(path), place)
                )
            except ExpressionError as error:
                raise DesignError(place, str(error)) from error
        return self._known[table, sql]


def case_literal(case: str, kind: GoogleSqlType, place: Place) -> str:
    """A case, given as text, as one literal of the type of the column that decides.

    Raises:
        DesignError: the column has no such value.
    """
    if kind == "BOOL" and case in ("true", "false"):
        return case
    if kind in NUMBERS and NUMBER.fullmatch(case):
        return case
    if kind == "BOOL" or kind in NUMBERS:
        accepted = "true or false" if kind == "BOOL" else "a number"
        raise DesignError(place, f"'{case}' is not a value of the column that `by` names.", f"Write {accepted}.")
    return row_expression_literal(case)


def case_expression(column: str, results: Mapping[str, str], otherwise: str, kind: GoogleSqlType, place: Place) -> str:
    """A row expression that depends on the value of one column.

    Args:
        column: the column that decides.
        results: value of the column as text -> row expression; at least one.
        otherwise: the row expression for all other values.
        kind: the type of the column.
        place: where the cases are written.

    Raises:
        DesignError: the column cannot have one of the values.
    """
    branches = " ".join(
        f"when {case_literal(case, kind, (*place, case))} then {result}" for case, result in results.items()
    )
    return f"case {column} {branches} else {otherwise} end"


def declared_functions(written: Mapping[str, str], filling: Filling) -> dict[str, Function]:
    """The functions that a blueprint declares: ``{"seats_after(days)": "initial_seats * days"}``.

    Raises:
        DesignError: a signature or a body cannot be read.
    """
    found: dict[str, Function] = {}
    for signature, body in written.items():
        place: Place = ("functions", signature)
        try:
            name, parameters = parsed_signature(signature)
        except ExpressionError as error:
            raise DesignError(place, str(error)) from error
        if name in found:
            raise DesignError(place, f"There are two functions '{name}'.", "Rename one.")
        found[name] = Function(parameters, filling.expression(body, place))
    return found
