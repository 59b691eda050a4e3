"""Answers as sentences: which figure a sentence gives, and how figures are named."""

import pytest

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
    assert share == "Revenue share % is highest for tenth 1 (70%), followed by tenth 2 (30%)."
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


def _table(kinds: dict[str, str], *rows: list[str | int | float | None], unit: str | None = None) -> QueryResult:
    columns = [
        ResultColumn(name=name, type=kind, unit=unit if kind == "NUMERIC" else None) for name, kind in kinds.items()
    ]
    return QueryResult(columns=columns, rows=list(rows), row_count=len(rows), seconds=0.0)


def test_a_question_for_two_figures_gets_both_for_each_row() -> None:
    kinds = {"branch": "STRING", "jobs": "INT64", "avg_days_waiting": "FLOAT64", "avg_rating": "FLOAT64"}
    rows = _table(kinds, ["Oslo", 90, 13.2, 3.4], ["Bergen", 70, 4.9, 4.1], ["Voss", 60, 4.2, 4.0])
    text = describe(
        rows,
        "How many days do customers wait, and how do they rate it, by branch?",
        "SELECT * FROM t ORDER BY avg_days_waiting DESC",
    )
    for figures in ("Oslo (13.2; average rating 3.4)", "Bergen (4.9; average rating 4.1)"):
        assert figures in text
    assert "90" not in text


def test_two_figures_over_time_have_a_sentence_each() -> None:
    kinds = {"month": "DATE", "deliveries": "INT64", "on_time_pct": "FLOAT64", "late_pct": "FLOAT64"}
    rows = _table(
        kinds, ["2026-01-01", 300, 90.0, 10.0], ["2026-02-01", 310, 95.0, 5.0], ["2026-03-01", 320, 70.0, 30.0]
    )
    text = describe(rows, "How have on-time and late deliveries developed month by month?", "SELECT 1 ORDER BY month")
    assert "went from 90% in Jan 2026 to 70% in Mar 2026" in text
    assert "went from 10% in Jan 2026 to 30% in Mar 2026" in text
    assert "320" not in text


@pytest.mark.parametrize(
    ("question", "beside"),
    [
        ("Share of late orders by shop, compared with the time before", "late before 4%"),
        ("Share of late orders by shop, and how many customers complained?", "complaints 7"),
        ("Share of late orders by shop", None),
        ("Of the orders that came in, what share was late, by shop?", None),
    ],
)
def test_the_second_figure_is_the_one_that_another_clause_asks_for(question: str, beside: str | None) -> None:
    kinds = {
        "shop": "STRING",
        "orders": "INT64",
        "late_pct": "FLOAT64",
        "late_before_pct": "FLOAT64",
        "complaints": "INT64",
    }
    rows = _table(kinds, ["Oslo", 90, 20.0, 4.0, 7], ["Bergen", 70, 5.0, 6.0, 8])
    text = describe(rows, question, "SELECT 1 ORDER BY late_pct DESC")
    assert f"Oslo (20%{f'; {beside}' if beside else ''})" in text


def test_a_place_is_not_a_height() -> None:
    kinds = {"month": "DATE", "club": "STRING", "place": "INT64"}
    months = [
        ["2026-01-01", "Oslo", 1],
        ["2026-01-01", "Bergen", 2],
        ["2026-02-01", "Bergen", 1],
        ["2026-02-01", "Oslo", 2],
    ]
    text = describe(
        _table(kinds, *months), "Which rank did each club hold in each month?", "SELECT 1 ORDER BY month, place"
    )
    assert "highest" not in text
    assert text == "In Feb 2026, Bergen has place 1, followed by Oslo; in Jan 2026 Oslo had place 1."


def test_places_of_a_list_without_time_name_the_first_ones() -> None:
    rows = _table({"club": "STRING", "rank": "INT64"}, ["Oslo", 2], ["Bergen", 1], ["Voss", 3])
    assert describe(rows, "Which rank does each club hold?").startswith("Bergen has rank 1, followed by Oslo and Voss")


def test_amounts_of_one_sentence_have_one_scale() -> None:
    rows = _table({"city": "STRING", "revenue": "NUMERIC"}, ["Oslo", 46_300_000.0], ["Bergen", 8_051_370.0], unit="EUR")
    text = describe(rows, "Revenue by city", "SELECT 1 ORDER BY revenue DESC").replace("\N{NO-BREAK SPACE}", " ")
    assert "€46.3 million" in text
    assert "€8.1 million" in text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([4.0, 6.0, 9.0], "Orders went from 4 in Jan 2026 to 9 in Mar 2026, which is the highest."),
        ([9.0, 6.0, 4.0], "Orders went from 9 in Jan 2026 to 4 in Mar 2026; the first is the highest."),
        ([9.004, 6.0, 9.0], "Orders are 9 in Jan 2026 and in Mar 2026; the lowest is 6 in Feb 2026."),
        ([5.0, 8.0, 5.0], "Orders are 5 in Jan 2026 and in Mar 2026; the highest is 8 in Feb 2026."),
        ([5.0, 5.001, 5.0], "Orders are 5 from Jan 2026 to Mar 2026, without a change."),
    ],
)
def test_figures_that_look_equal_are_not_called_different(values: list[float], text: str) -> None:
    months = [[f"2026-0{at}-01", value] for at, value in enumerate(values, start=1)]
    assert describe(_table({"month": "DATE", "orders": "FLOAT64"}, *months)) == text


def test_rows_with_the_same_figure_are_named_together() -> None:
    kinds = {"city": "STRING", "late_pct": "FLOAT64"}
    rows = _table(kinds, ["Oslo", 9.04], ["Bergen", 9.01], ["Voss", 3.0])
    text = describe(rows, sql="SELECT 1 ORDER BY late_pct DESC")
    assert text == "Late % is highest for Oslo and Bergen (9% each), followed by Voss (3%)."
    equal = _table(kinds, ["Oslo", 9.04], ["Bergen", 9.01])
    assert describe(equal) == "Late % is 9% for each of 2 rows."


def test_a_month_that_only_looks_like_the_highest_is_not_called_so() -> None:
    kinds = {"month": "DATE", "revenue": "NUMERIC"}
    rows = _table(kinds, ["2026-01-01", 12_300_000.0], ["2026-02-01", 16_155_363.0], ["2026-03-01", 16_154_983.0])
    rows.columns[1].unit = "EUR"
    text = describe(rows, "How has revenue developed month by month?", "SELECT 1 ORDER BY month")
    assert "which is the highest" not in text
    assert "the highest, also" in text
    assert "is in Feb 2026" in text


def test_a_figure_that_is_the_same_in_every_row_is_not_the_answer() -> None:
    kinds = {"decile": "INT64", "customers": "INT64", "revenue_share_pct": "FLOAT64"}
    rows = _table(kinds, [1, 140, 50.0], [2, 140, 30.0], [3, 139, 20.0])
    text = describe(rows, "How dependent are we on our best customers?", "SELECT 1 ORDER BY decile")
    assert "Revenue share" in text
    assert "140" not in text
    few = _table(
        {"shop": "STRING", "complaints": "INT64", "share_pct": "FLOAT64"},
        ["a", 3, 50.0],
        ["b", 4, 30.0],
        ["c", 4, 20.0],
    )
    assert "Complaints" in describe(few, "How many complaints were there by shop?", "SELECT 1 ORDER BY shop")


def test_what_fell_is_not_among_the_highest_changes() -> None:
    rows = _table(
        {"channel": "STRING", "change_pct": "FLOAT64"}, ["Social", 116.0], ["Search", 0.5], ["Affiliates", -0.5]
    )
    text = describe(rows, sql="SELECT 1 ORDER BY change_pct DESC")
    assert text.endswith("followed by Search (0.5%).")


def test_names_keep_the_hyphens_of_the_question() -> None:
    rows = _table({"month": "DATE", "check_ins": "INT64"}, ["2026-01-01", 5], ["2026-02-01", 9])
    assert describe(rows, "How many check-ins were there each month?").startswith("Check-ins went")


def test_the_hours_of_a_day_are_compared_and_no_development() -> None:
    columns = [ResultColumn(name="hour", type="INT64"), ResultColumn(name="sessions", type="INT64")]
    rows = [[0, 187], [4, 60], [20, 510], [23, 398]]
    text = describe(
        QueryResult(columns=columns, rows=[list(row) for row in rows], row_count=4, seconds=0.0),
        "At what hours is most played?", "SELECT 1 ORDER BY hour",
    )  # fmt: skip
    assert text == "Sessions are highest for hour 20 (510) and lowest for hour 4 (60). Total rows: 4."


def test_the_months_of_several_years_are_a_development() -> None:
    columns = [ResultColumn(name=name, type="INT64") for name in ("year", "month", "orders")]
    rows = [[2025, 11, 5], [2025, 12, 9], [2026, 1, 7]]
    text = describe(QueryResult(columns=columns, rows=[list(row) for row in rows], row_count=3, seconds=0.0))
    assert text.startswith("Orders went from 5 in 2025, month 11 to 7 in 2026, month 1")
