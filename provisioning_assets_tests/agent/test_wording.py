"""Answers as sentences: which figure a sentence gives, and how figures are named."""

from provisioning_assets.agent.understanding.wording import describe, readable
from provisioning_assets.googlesql.results import QueryResult, ResultColumn


def _result(*rows: list[str | int | float]) -> QueryResult:
    kinds = [("warehouse", "STRING"), ("orders", "INT64"), ("days", "FLOAT64")]
    columns = [ResultColumn(name=name, type=kind) for name, kind in kinds]
    return QueryResult(columns=columns, rows=[list(row) for row in rows], row_count=len(rows), seconds=0.0)


def test_an_answer_names_the_figure_that_orders_the_rows() -> None:
    text = describe(_result(["Baltimore", 205, 5.24], ["Boston", 137, 2.9], ["Portland", 347, 2.83]))
    assert text.startswith("Days: Baltimore (5.24) comes first, followed by Boston (2.90)")


def test_without_an_order_an_answer_names_the_first_figure() -> None:
    text = describe(_result(["Baltimore", 205, 2.9], ["Boston", 137, 5.24], ["Portland", 347, 2.83]))
    assert text.startswith("Orders: Baltimore (205) comes first")


def test_names_are_read_as_people_say_them() -> None:
    assert readable("total_revenue") == "Total revenue"
    assert readable("total_order_total") == "Order total"
    assert readable("total") == "Total"
