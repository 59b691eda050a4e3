"""Answers as sentences: which figure a sentence gives, and how figures are named."""

from provisioning_assets.agent.understanding.wording import describe, readable
from provisioning_assets.googlesql.results import QueryResult, ResultColumn


def _result(*rows: list[str | int | float]) -> QueryResult:
    kinds = [("warehouse", "STRING"), ("orders", "INT64"), ("days", "FLOAT64")]
    columns = [ResultColumn(name=name, type=kind) for name, kind in kinds]
    return QueryResult(columns=columns, rows=[list(row) for row in rows], row_count=len(rows), seconds=0.0)


def test_an_answer_names_the_figure_that_orders_the_rows() -> None:
    text = describe(_result(["Baltimore", 205, 5.24], ["Boston", 137, 2.9], ["Portland", 347, 2.83]))
    assert text.startswith("Days are highest for Baltimore (5.24), followed by Boston (2.9)")


def test_a_figure_of_several_things_is_one() -> None:
    columns = [ResultColumn(name="shipper", type="STRING"), ResultColumn(name="change_in_shipments", type="FLOAT64")]
    rows = QueryResult(columns=columns, rows=[["A", 2.5], ["B", -3.5]], row_count=2, seconds=0.0)
    assert describe(rows).startswith("Change in shipments is highest for A (2.5)")


def test_without_an_order_an_answer_names_the_first_figure() -> None:
    text = describe(_result(["Baltimore", 205, 2.9], ["Boston", 137, 5.24], ["Portland", 347, 2.83]))
    assert text == "Orders are highest for Portland (347) and lowest for Boston (137)."


def test_the_sentence_is_about_what_the_query_orders_by() -> None:
    rows = _result(["Baltimore", 205, 2.83], ["Boston", 137, 2.9], ["Portland", 347, 5.24])
    text = describe(rows, "How long does a delivery take from each warehouse?", "SELECT * FROM t ORDER BY days")
    assert text == "Days are lowest for Baltimore (2.83), followed by Boston (2.9) and Portland (5.24)."


def test_the_sentence_is_about_the_share_if_a_share_is_asked_for() -> None:
    kinds = [("tenth", "INT64"), ("customers", "INT64"), ("revenue", "NUMERIC"), ("revenue_share_pct", "FLOAT64")]
    columns = [ResultColumn(name=name, type=kind, unit="EUR" if name == "revenue" else None) for name, kind in kinds]
    rows = QueryResult(columns=columns, rows=[[1, 9, 70.0, 70.0], [2, 9, 30.0, 30.0]], row_count=2, seconds=0.0)
    share = describe(
        rows, "What share of the revenue comes from each tenth of our customers?", "SELECT 1 ORDER BY tenth"
    )
    assert share == "Revenue share % is highest for tenth 1 (70.0%), followed by tenth 2 (30.0%)."
    asked = describe(rows, "How much money comes from each tenth?", "SELECT 1 ORDER BY tenth")
    assert asked.startswith("Revenue is highest for tenth 1 (€70.00)")
    money = describe(rows, "Revenue of each tenth", "SELECT 1 ORDER BY tenth")
    assert money == "Revenue is highest for tenth 1 (€70.00), followed by tenth 2 (€30.00)."


def test_periods_are_named_as_people_name_them() -> None:
    columns = [ResultColumn(name="month", type="DATE"), ResultColumn(name="orders", type="INT64")]
    rows = [["2026-01-01", 5], ["2026-02-01", 9], ["2026-03-01", 7]]
    text = describe(QueryResult(columns=columns, rows=rows, row_count=3, seconds=0.0))
    assert text == "Orders went from 5 in Jan 2026 to 7 in Mar 2026; the highest is 9 in Feb 2026."


def test_a_row_is_called_by_as_few_labels_as_tell_it_apart() -> None:
    kinds = [("signed_on", "DATE"), ("account", "STRING"), ("segment", "STRING"), ("revenue", "NUMERIC")]
    columns = [ResultColumn(name=name, type=kind) for name, kind in kinds]
    rows = [["2026-01-02", "Acme", "Small", 9.0], ["2026-01-02", "Bern", "Small", 4.0]]
    text = describe(QueryResult(columns=columns, rows=rows, row_count=2, seconds=0.0))
    assert text == "Revenue is highest for Acme (9), followed by Bern (4)."


def test_names_are_read_as_people_say_them() -> None:
    assert readable("total_revenue") == "Total revenue"
    assert readable("total_order_total") == "Order total"
    assert readable("total") == "Total"
    assert readable("arr_at_risk") == "ARR at risk"
