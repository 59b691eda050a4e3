"""Good models that a test breaks in one place, and the places where the rules then find something."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets_tests.synthesis.history_model import history_model, history_tables
from provisioning_assets_tests.synthesis.retail_model import column, retail_model, retail_tables

Tables = dict[str, dict[str, Any]]
Change = Callable[[Tables], object]


def retail_problems(*changes: Change, **fields: Any) -> list[Problem]:
    """Problems of the retail model after changes to its tables; ``fields`` replace fields of the model."""
    tables = retail_tables()
    for change in changes:
        change({table["name"]: table for table in tables})
    return model_problems(retail_model(tables=tables, **fields))


def history_problems(*changes: Change, **fields: Any) -> list[Problem]:
    """The same for the model of histories, where members also know when their latest state began."""
    tables = history_tables()
    by_name = {table["name"]: table for table in tables}
    ended = {"kind": "rollup", "table": "memberships", "function": "last", "column": "valid_from"}
    by_name["members"]["columns"].append(column("ended_on", "DATE", ended, "time"))
    for change in changes:
        change(by_name)
    return model_problems(history_model(tables=tables, **fields))


def places(problems: list[Problem]) -> list[str]:
    """Where the problems are, written with points."""
    return [".".join(map(str, problem.place)) for problem in problems]


def at(tables: Tables, place: str) -> dict[str, Any]:
    """The column ``table.column``."""
    table, name = place.split(".")
    return next(found for found in tables[table]["columns"] if found["name"] == name)


def generator(place: str, **fields: Any) -> Change:
    """Replaces a column's generator."""
    return lambda tables: at(tables, place).update(generator=fields)


def setting(place: str, **fields: Any) -> Change:
    """Changes settings of a column's generator."""
    return lambda tables: at(tables, place)["generator"].update(fields)


def of_column(place: str, **fields: Any) -> Change:
    """Changes a column."""
    return lambda tables: at(tables, place).update(fields)


def of_table(table: str, **fields: Any) -> Change:
    """Changes a table."""
    return lambda tables: tables[table].update(fields)


def rows(table: str, **fields: Any) -> Change:
    """Changes a population."""
    return lambda tables: tables[table]["population"].update(fields)


def added(table: str, *columns: dict[str, Any]) -> Change:
    """Adds columns."""
    return lambda tables: tables[table]["columns"].extend(deepcopy(list(columns)))


def written(*given: dict[str, Any]) -> Change:
    """Products as written rows with a key and a price."""

    def change(tables: Tables) -> None:
        tables["products"]["population"] = {"kind": "records", "rows": list(given)}
        at(tables, "products.product_id")["generator"] = {"kind": "record"}
        at(tables, "products.list_price")["generator"] = {"kind": "record"}

    return change


def states(**fields: Any) -> Change:
    """Changes the history of members."""
    return lambda tables: tables["memberships"]["population"]["history"].update(fields)


def state(name: str, **fields: Any) -> Change:
    """Writes one state of members."""
    return lambda tables: tables["memberships"]["population"]["history"]["states"].update({name: fields})


def foreign_key(table: str, columns: list[str], target: str, theirs: list[str]) -> Change:
    """Replaces a table's foreign keys by one."""
    key = {"columns": columns, "references_table": target, "references_columns": theirs}
    return of_table(table, foreign_keys=[key])
