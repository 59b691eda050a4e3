"""The documented example with changes, and the tables it leads to, for the tests of ``table_design``."""

from typing import Any

from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.demo_blueprint import customer_words, filled_blueprint, market_of_customer
from provisioning_assets.planning.table_design.design import Design, design_tables
from provisioning_assets_tests.planning.conftest import profile


def written(blueprint: Blueprint, changes: dict[str, Any]) -> Blueprint:
    """A blueprint with something else at some places: ``{"tables.bikes.columns.colour": {...}}``."""
    document = blueprint.model_dump(mode="json")
    for path, value in changes.items():
        *way, last = path.split(".")
        place: Any = document
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    return Blueprint.model_validate(document)


def with_column(blueprint: Blueprint, path: str, **generator: Any) -> Blueprint:
    """A blueprint with one more column, described: ``with_column(example, "rentals.paid", expression="fare * 2")``."""
    table, _, name = path.partition(".")
    column = {"description": "Something new in the table", "synonyms": ["novelty"], **generator}
    return written(blueprint, {f"tables.{table}.columns.{name}": column})


def design_of(blueprint: Blueprint, **known: object) -> Design:
    """The design for a customer about which only ``known`` is known."""
    made = filled_blueprint(blueprint, profile(**known), blueprint.id)
    return design_tables(made.blueprint, customer_words(made), market_of_customer(made.customer))


def tables_of(blueprint: Blueprint, **known: object) -> dict[str, Table]:
    """The tables of a blueprint that can be designed."""
    design = design_of(blueprint, **known)
    assert design.problems == []
    return {table.name: table for table in design.tables}


def problems_of(blueprint: Blueprint, **known: object) -> list[str]:
    """The problems of a blueprint's tables, each with its full place: ``tables.bikes.columns.model: ...``."""
    return [
        f"{'.'.join(map(str, problem.place))}: {problem.words}" for problem in design_of(blueprint, **known).problems
    ]


def column(table: Table, name: str) -> Column:
    """A column of a table."""
    return next(column for column in table.columns if column.name == name)
