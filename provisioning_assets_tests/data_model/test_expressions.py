"""Expressions in every setting: they can be read, use columns that exist, and have the type that is needed."""

import pytest

from provisioning_assets_tests.data_model.broken_models import (
    Change,
    at,
    of_column,
    places,
    retail_problems,
    setting,
)

COST, SHARE, SHIPPED = "products.unit_cost", "products.cost_share", "orders.shipped_at"
SQL = "tables.products.columns.unit_cost.expression.sql"
TIMES = "tables.products.columns.cost_share.number.times"
WHERE = "tables.orders.columns.shipped_at.after.where"

CASES: dict[str, tuple[Change, list[str]]] = {
    "not an expression": (setting(COST, sql="list_price *"), [SQL]),
    "an unknown function": (setting(COST, sql="frobnicate(list_price)"), [SQL]),
    "an unknown column": (setting(COST, sql="price * 2"), [SQL]),
    "two unknown columns": (setting(COST, sql="price * share"), [SQL, SQL]),
    "its own column": (setting(COST, sql="unit_cost + 1"), [SQL]),
    "a subquery": (setting(COST, sql="(select 1)"), [SQL]),
    "two statements": (setting(COST, sql="1; select 2"), [SQL]),
    "a text where a number is needed": (setting(COST, sql="concat(category, 'x')"), [SQL]),
    "a length of time where a number is needed": (setting("orders.shipped_at", where="1"), [WHERE]),
    "types that do not go together": (setting(COST, sql="category * list_price"), [SQL]),
    "a factor that is not an expression": (setting(SHARE, times="(("), [TIMES]),
    "a factor that is not a number": (setting(SHARE, times="category"), [TIMES]),
    "a condition that is an aggregate": (setting(SHIPPED, where="sum(discount_pct) > 3"), [WHERE]),
    "a condition that is not true or false": (setting(SHIPPED, where="discount_pct"), [WHERE]),
    "a condition on children that is not true or false": (
        setting("orders.item_count", where="quantity"),
        ["tables.orders.columns.item_count.rollup.where"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_problem_is_reported_at_its_place(case: str) -> None:
    change, expected = CASES[case]
    assert places(retail_problems(change)) == expected


def test_a_duration_is_refused_as_a_moment() -> None:
    def change(tables: dict) -> None:
        at(tables, "orders.delivered_at")["generator"] = {"kind": "expression", "sql": "shipped_at - ordered_at"}

    (problem,) = retail_problems(change)
    assert problem.place[-1] == "sql"
    assert "minutes_between(" in problem.message


def test_a_misspelled_column_is_reported_with_a_similar_one() -> None:
    (problem,) = retail_problems(setting(COST, sql="lst_price * cost_share"))
    assert "'list_price'?" in problem.remedy


def test_types_are_named_as_authors_know_them() -> None:
    (problem,) = retail_problems(setting(COST, sql="category * list_price"))
    assert "`category` is STRING" in problem.message
    (problem,) = retail_problems(of_column("order_lines.line_total", type="BOOL"), _without_readers)
    assert "NUMERIC" in problem.message
    assert "BOOL" in problem.message


def _without_readers(tables: dict) -> None:
    """Nothing looks up or adds up the totals of lines."""
    tables["orders"]["amount"] = None
    tables["orders"]["columns"].pop()
    tables["returns"]["columns"].pop()
