"""Planted effects: on what, when, on which rows, and by how much."""

from typing import Any

import pytest

from provisioning_assets.data_model.effects import Effect
from provisioning_assets_tests.data_model.broken_models import generator, history_problems, places, retail_problems
from provisioning_assets_tests.synthesis.retail_model import with_effect

RETAIL: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a table that does not exist": ({"table": "parcels", "column": "sent_at", "factor": 2}, ["column"]),
    "a column that does not exist": ({"table": "orders", "column": "mood", "factor": 2}, ["column"]),
    "what cannot change": ({"table": "orders", "column": "order_total", "factor": 2}, ["column"]),
    "a negative factor": ({"table": "orders", "column": "is_cancelled", "factor": -1}, ["factor"]),
    "a factor that is not a number": ({"table": "orders", "column": "shipped_at", "factor": float("nan")}, ["factor"]),
    "a set of what has no rate": (
        {"table": "orders", "column": "shipped_at", "operation": "set", "factor": 1},
        ["operation"],
    ),
    "a rate set above one": (
        {"table": "orders", "column": "is_cancelled", "operation": "set", "factor": 2},
        ["factor"],
    ),
    "a rate multiplied above one": ({"table": "orders", "column": "is_cancelled", "factor": 30}, ["factor"]),
    "a window upside down": (
        {"table": "orders", "column": "is_cancelled", "factor": 2, "from_days_ago": 3, "to_days_ago": 9},
        ["from_days_ago"],
    ),
    "a window before the history": (
        {"table": "orders", "column": "is_cancelled", "factor": 2, "from_days_ago": 9000, "to_days_ago": 8000},
        ["to_days_ago"],
    ),
    "a window in the future": (
        {"table": "orders", "column": "is_cancelled", "factor": 2, "from_days_ago": 9, "to_days_ago": -3},
        ["to_days_ago"],
    ),
    "a window of one day": (
        {"table": "orders", "column": "is_cancelled", "factor": 2, "from_days_ago": 9, "to_days_ago": 9},
        [],
    ),
    "a window without a moment": (
        {"table": "returns", "column": "reason", "value": "Size", "factor": 2, "from_days_ago": 9},
        ["time"],
    ),
    "a window on a column that does not exist": (
        {"table": "orders", "column": "shipped_at", "factor": 2, "from_days_ago": 9, "time": "sent_at"},
        ["time"],
    ),
    "a window on what is not a moment": (
        {"table": "orders", "column": "shipped_at", "factor": 2, "from_days_ago": 9, "time": "channel"},
        ["time"],
    ),
    "a window of children on their own column": (
        {"table": "returns", "column": "order_line_id", "factor": 0.5, "from_days_ago": 9, "time": "requested_at"},
        ["time"],
    ),
    "a window of children on the parent's column": (
        {"table": "returns", "column": "order_line_id", "factor": 0.5, "from_days_ago": 9, "time": "delivered_at"},
        [],
    ),
    "a condition on an arrival": (
        {"table": "orders", "column": "ordered_at", "factor": 2, "where": "channel = 'App'"},
        ["where"],
    ),
    "a condition on a column that does not exist": (
        {"table": "orders", "column": "is_cancelled", "factor": 2, "where": "mood = 1"},
        ["where"],
    ),
    "a condition on the column that is changed": (
        {"table": "orders", "column": "is_cancelled", "factor": 2, "where": "is_cancelled"},
        ["where"],
    ),
    "a condition that is not true or false": (
        {"table": "orders", "column": "is_cancelled", "factor": 2, "where": "channel"},
        ["where"],
    ),
    "a value that the category does not have": (
        {"table": "orders", "column": "channel", "value": "Fax", "factor": 2},
        ["value"],
    ),
    "a category without a value": ({"table": "orders", "column": "channel", "factor": 2}, ["value"]),
    "referenced rows that are not chosen": (
        {"table": "orders", "column": "customer_id", "factor": 2},
        ["value_column"],
    ),
    "referenced rows by a column that does not exist": (
        {"table": "orders", "column": "customer_id", "factor": 2, "value_column": "mood", "value": "x"},
        ["value_column"],
    ),
    "referenced rows by no value": (
        {"table": "orders", "column": "customer_id", "factor": 2, "value_column": "segment"},
        ["value"],
    ),
    "referenced rows by a value of another type": (
        {"table": "orders", "column": "customer_id", "factor": 2, "value_column": "customer_id", "value": "x"},
        ["value"],
    ),
    "referenced rows by a moment": (
        {
            "table": "orders",
            "column": "customer_id",
            "factor": 2,
            "value_column": "signed_up_at",
            "value": "2026-01-01",
        },
        ["value"],
    ),
    "referenced rows that are not there": (
        {"table": "orders", "column": "customer_id", "factor": 2, "value_column": "segment", "value": "Robots"},
        ["value"],
    ),
    "a condition on referenced rows that does not fit": (
        {"table": "orders", "column": "customer_id", "factor": 2, "referenced": "town = 'x'"},
        ["referenced"],
    ),
    "a condition on referenced rows that is not true or false": (
        {"table": "orders", "column": "customer_id", "factor": 2, "referenced": "city"},
        ["referenced"],
    ),
    "referenced rows of what is not a reference": (
        {"table": "orders", "column": "is_cancelled", "factor": 2, "referenced": "city = 'x'", "value_column": "city"},
        ["value_column", "referenced"],
    ),
    "a condition on a value that never is": (
        {"table": "orders", "column": "is_cancelled", "factor": 2, "where": "channel = 'Shopp' or discount_pct > 5"},
        ["where"],
    ),
    "a condition on a list of values": (
        {"table": "orders", "column": "is_cancelled", "factor": 2, "where": "channel in ('Shop', 'Telegraph')"},
        ["where"],
    ),
    "a condition on values that are": (
        {"table": "orders", "column": "is_cancelled", "factor": 2, "where": "channel <> 'Shop' and 'App' <> channel"},
        [],
    ),
    "a condition on values that are not listed": (
        {"table": "orders", "column": "is_cancelled", "factor": 2, "where": "order_id = 77"},
        [],
    ),
    "all parents have children already": ({"table": "returns", "column": "order_line_id", "factor": 2}, ["factor"]),
}

STATES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no state": ({"column": "tier", "factor": 2}, ["value"]),
    "a state that does not exist": ({"column": "valid_to", "value": "Iron", "factor": 2}, ["value"]),
    "a state that takes no time": ({"column": "valid_to", "factor": 0}, ["factor"]),
    "a probability above one": ({"column": "tier", "value": "Gold", "factor": 1.5}, ["factor"]),
    "a window on the parent's moment": (
        {"column": "tier", "value": "Gold", "factor": 0.5, "from_days_ago": 9, "time": "member_id"},
        ["time"],
    ),
    "a window on the moment of entering": (
        {"column": "tier", "value": "Gold", "factor": 0.5, "from_days_ago": 9},
        [],
    ),
    "a condition on what is not there yet": (
        {"column": "tier", "value": "Gold", "factor": 0.5, "where": "valid_from is null"},
        ["where"],
    ),
    "states that follow from the parent": (
        {"table": "scans", "column": "state", "value": "sent", "factor": 0.5},
        ["column"],
    ),
}


@pytest.mark.parametrize("case", RETAIL)
def test_the_problem_is_reported_at_its_place(case: str) -> None:
    effect, fields = RETAIL[case]
    found = places(retail_problems(effects=with_effect(**effect)))
    assert found == [f"insights.planted.effects.0.{field}" for field in fields]


@pytest.mark.parametrize("case", STATES)
def test_the_problem_of_an_effect_on_states_is_reported_at_its_place(case: str) -> None:
    effect, fields = STATES[case]
    planted = Effect.model_validate({"insight_id": "planted", "table": "memberships", **effect})
    found = places(history_problems(effects=[planted]))
    assert found == [f"insights.planted.effects.0.{field}" for field in fields]


def test_an_effect_is_counted_within_its_insight() -> None:
    good: dict[str, Any] = {"table": "orders", "column": "is_cancelled", "factor": 2}
    effects = [
        {**good, "insight_id": name, "factor": factor} for name, factor in [("a", 2), ("b", 2), ("b", 30), ("a", -1)]
    ]
    assert places(retail_problems(effects=effects)) == [
        "insights.a.effects.1.factor",
        "insights.b.effects.1.factor",
    ]


def test_an_effect_on_the_number_of_periods_is_refused() -> None:
    def monthly(tables: dict[str, dict[str, Any]]) -> None:
        tables["returns"]["population"] = {
            "kind": "per_period", "parent": "order_lines", "period": "month", "start": "ordered_at",
        }  # fmt: skip

    found = retail_problems(monthly, effects=with_effect(table="returns", column="order_line_id", factor=0.5))
    assert places(found) == ["insights.planted.effects.0.column"]


def test_an_effect_on_a_moment_of_another_generator_is_refused() -> None:
    found = retail_problems(
        generator("orders.shipped_at", kind="expression", sql="ordered_at"),
        effects=with_effect(table="orders", column="shipped_at", factor=2),
    )
    assert places(found) == ["insights.planted.effects.0.column"]
