"""Names, descriptions, keys, and the columns that a table names."""

import pytest

from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets_tests.data_model.broken_models import (
    Change,
    at,
    foreign_key,
    of_column,
    of_table,
    places,
    retail_problems,
)
from provisioning_assets_tests.synthesis.retail_model import column, retail_model

CASES: dict[str, tuple[Change, list[str]]] = {
    "a column twice": (
        lambda tables: tables["orders"]["columns"].append(column("channel", "STRING", {"kind": "company"})),
        ["tables.orders.columns.channel"],
    ),
    "a reserved word": (of_column("returns.reason", name="window"), ["tables.returns.columns.window"]),
    "a column named as its table": (of_column("returns.reason", name="returns"), ["tables.returns.columns.returns"]),
    "a short description": (
        of_column("returns.reason", description="Why"),
        ["tables.returns.columns.reason.description"],
    ),
    "no synonyms": (of_column("returns.reason", synonyms=[]), ["tables.returns.columns.reason.synonyms"]),
    "a synonym of two columns": (
        of_column("returns.reason", synonyms=["Refund of it", "why"]),
        ["tables.returns.columns.refund.synonyms"],
    ),
    "a primary key that does not exist": (of_table("orders", primary_key=["number"]), ["tables.orders.primary_key"]),
    "a primary key with a column twice": (
        of_table("returns", primary_key=["return_id", "return_id"]),
        ["tables.returns.primary_key"],
    ),
    "a primary key with nulls": (
        of_column("returns.return_id", null_share=0.1),
        ["tables.returns.columns.return_id.null_share"],
    ),
    "a primary key that is not stored": (
        of_column("returns.return_id", internal=True),
        ["tables.returns.columns.return_id.internal"],
    ),
    "an event time that does not exist": (of_table("orders", event_time="placed_at"), ["tables.orders.event_time"]),
    "an amount that does not exist": (of_table("orders", amount="sum"), ["tables.orders.amount"]),
    "an entity that does not exist": (of_table("orders", entity="buyer"), ["tables.orders.entity"]),
    "a foreign key to a table that does not exist": (
        foreign_key("orders", ["customer_id"], "people", ["id"]),
        ["tables.orders.columns.customer_id"],
    ),
    "a foreign key that does not exist": (
        foreign_key("orders", ["buyer"], "customers", ["customer_id"]),
        ["tables.orders.foreign_keys.0"],
    ),
    "a foreign key to what is not the key": (
        foreign_key("orders", ["customer_id"], "customers", ["phone"]),
        ["tables.orders.columns.customer_id"],
    ),
    "a foreign key of too few columns": (
        foreign_key("orders", [], "customers", ["customer_id"]),
        ["tables.orders.foreign_keys.0"],
    ),
    "a foreign key of another type": (
        foreign_key("orders", ["channel"], "customers", ["customer_id"]),
        ["tables.orders.columns.channel.type"],
    ),
    "a foreign key that is not stored": (
        of_column("returns.customer_id", internal=True),
        ["tables.returns.columns.customer_id.internal"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_problem_is_reported_at_its_place(case: str) -> None:
    change, expected = CASES[case]
    assert places(retail_problems(change)) == expected


def test_a_description_of_what_is_not_stored_is_not_asked_for() -> None:
    assert retail_problems(of_column("returns.delivered_at", description="x", synonyms=[])) == []


def test_a_synonym_of_a_column_that_is_not_stored_is_free() -> None:
    internal = of_column("returns.delivered_at", synonyms=["reason"])
    assert retail_problems(internal, of_column("returns.reason", synonyms=["reason"])) == []


def test_a_table_without_stored_columns_is_a_problem() -> None:
    def change(tables: dict) -> None:
        for found in tables["returns"]["columns"]:
            found["internal"] = True

    assert "tables.returns.columns" in places(retail_problems(change))


def test_a_wrong_name_is_reported_with_a_similar_one() -> None:
    (problem,) = retail_problems(of_table("orders", event_time="order_at"))
    assert "'ordered_at'?" in problem.remedy


def test_names_that_bigquery_refuses_or_takes_for_the_same() -> None:
    model = retail_model()
    model.tables[0].columns[9].name = "_PARTITIONDATE"
    model.tables[0].columns[8].name = "CITY"
    assert {"tables.customers.columns._PARTITIONDATE", "tables.customers.columns.CITY"} <= set(
        places(model_problems(model))
    )


def test_two_tables_with_one_name_are_one_problem_and_references_mean_the_first() -> None:
    model = retail_model()
    again = model.tables[4].model_copy(update={"name": "Orders"})
    model.tables.append(again)
    assert places(model_problems(model)) == ["tables.Orders"]


def test_a_table_with_a_reserved_name() -> None:
    def change(tables: dict) -> None:
        tables["returns"]["name"] = "all"
        assert at({"returns": tables["returns"]}, "returns.return_id")

    assert places(retail_problems(change)) == ["tables.all"]
