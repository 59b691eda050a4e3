"""Golden queries on a real DuckDB file: results, insights, results not worth showing, and queries that fail while others run."""

import base64
from pathlib import Path

import pytest

from provisioning_assets.data_model.names import Scalar
from provisioning_assets.golden.golden_queries import dull_because, execute_golden_queries, prove, same_value
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.golden.report_text import queries_markdown
from provisioning_assets.golden.rules import (
    charts_not_drawn,
    failures,
    insights_not_shown,
    interesting_share,
    not_worth_showing,
)
from provisioning_assets.googlesql.duckdb_queries import run_query
from provisioning_assets.googlesql.results import QueryResult, ResultColumn
from provisioning_assets.planning.models import (
    AgentInstructions,
    ChartPlan,
    Complexity,
    DemoPlan,
    Insight,
    InsightAssertion,
    Kpi,
    Question,
)
from provisioning_assets.warehouse.duckdb_dataset import build_dataset
from provisioning_assets_tests.warehouse.retail_dataset import AS_OF, retail_frames, retail_model, write_tables


def question(name: str, sql: str, *, chart: tuple[str, str, str] | None = None, insight: str | None = None) -> Question:
    return Question(
        id=name,
        question=f"What about {name}?",
        paraphrases=[f"{name}, please", f"show {name}"],
        complexity=Complexity.SIMPLE,
        business_value="to know",
        sql=sql,
        insight_id=insight,
        chart=ChartPlan.model_validate({"mark": chart[0], "x": chart[1], "y": chart[2], "title": name})
        if chart
        else None,
    )


def insight(name: str, query: str, expected: float, tolerance: float, column: str, **where: str) -> Insight:
    return Insight(
        id=name, headline="h", explanation="e", action="a", expected=expected, tolerance=tolerance, unit="GBP",
        query_id=query, assertion=InsightAssertion(column=column, where=where),
    )  # fmt: skip


def plan(questions: list[Question], insights: list[Insight], kpis: list[Kpi] | None = None) -> DemoPlan:
    return DemoPlan(
        title="t", subtitle="s", story="s", industry="saas", blueprint="saas", blueprint_version=1, vocabulary={},
        slot_sources={}, challenges=[], kpis=kpis or [], insights=insights, questions=questions, scenes=[], glossary=[],
        agent=AgentInstructions(persona="p", rules=[]),
    )  # fmt: skip


def kpi(name: str, sql: str) -> Kpi:
    return Kpi(name=name, definition="d", sql=sql, unit="GBP", good_direction="up")


KPIS = [
    kpi("Revenue", "SELECT SUM(total) AS value FROM orders"),
    kpi("Unknown", "SELECT SUM(nothing) AS value FROM orders"),
    kpi("Two rows", "SELECT status AS value FROM orders GROUP BY status"),
    kpi("Too late", "SELECT CAST(MAX(status) AS INT64) AS value FROM orders"),
]
QUESTIONS = [
    question(
        "revenue_by_status",
        "SELECT status, SUM(total) AS revenue FROM orders GROUP BY status ORDER BY revenue DESC",
        chart=("bar", "status", "revenue"),
        insight="shipped_most",
    ),
    question(
        "revenue_by_day",
        "SELECT order_date, SUM(total) AS revenue FROM orders "
        "WHERE order_date > DATE_SUB(CURRENT_DATE(), INTERVAL 14 DAY) GROUP BY order_date ORDER BY order_date",
        chart=("line", "order_date", "revenue"),
    ),
    question("all_lines", "SELECT * FROM order_lines ORDER BY order_id DESC, line", insight="far_down"),
    question("empty", "SELECT status, total FROM orders WHERE total < 0", chart=("bar", "status", "total")),
    question("unknown_column", "SELECT nothing FROM orders", insight="lost"),
    question("not_portable", "SELECT MEDIAN(total) AS m FROM orders"),
    question("too_late", "SELECT 1 / NULLIF(0, 0) AS x, CAST(status AS INT64) AS y FROM orders"),
    question(
        "bad_chart", "SELECT status, COUNT(*) AS n FROM orders GROUP BY status", chart=("bar", "status", "orders")
    ),
]
INSIGHTS = [
    insight("shipped_most", "revenue_by_status", 3550, 20, "revenue", status="shipped"),
    insight("far_down", "all_lines", 5, 0.01, "amount", order_id="1", line="2"),
    insight("lost", "unknown_column", 1, 1, "nothing"),
    insight("nobody_asks", "missing", 1, 1, "x"),
]


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> GoldenQueries:
    folder: Path = tmp_path_factory.mktemp("golden")
    model = retail_model()
    build_dataset(model, write_tables(retail_frames(150), folder), folder=folder)
    return execute_golden_queries(
        plan(QUESTIONS, INSIGHTS, KPIS),
        model,
        lambda sql: run_query(folder / "dataset.duckdb", sql, as_of=AS_OF, most_rows=10_000),
    )


def test_each_kpi_has_its_value_or_the_reason_why_not(golden: GoldenQueries) -> None:
    revenue, *others = golden.kpis
    assert revenue.error is None
    assert revenue.value == pytest.approx(sum(row[1] for row in golden.queries[0].rows if isinstance(row[1], float)))
    assert [kpi.value for kpi in others] == [None] * 3
    assert "nothing" in (others[0].error or "")
    assert others[1].error == "its query does not return one number"
    assert {line.split(":")[0] for line in failures(golden) if line.startswith("KPI")} == {
        "KPI Unknown", "KPI Two rows", "KPI Too late",
    }  # fmt: skip


def test_each_question_has_its_result_and_its_picture(golden: GoldenQueries) -> None:
    assert [query.id for query in golden.queries] == [asked.id for asked in QUESTIONS]
    first = golden.queries[0]
    assert first.error is None
    assert [column.type for column in first.columns] == ["STRING", "NUMERIC"]
    assert first.rows[0][0] == "shipped"
    assert (first.row_count, first.interesting, first.dull_because) == (3, True, None)
    assert first.chart is not None
    assert first.chart["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    assert base64.b64decode(first.chart_png or "").startswith(b"\x89PNG")
    assert "GROUP BY\n" in first.sql
    by_day = golden.queries[1]
    assert by_day.row_count == 14
    assert by_day.rows[-1][0] == "2025-06-30"
    assert golden.as_of == AS_OF


def test_two_hundred_rows_are_kept_and_an_insight_is_found_beyond_them(golden: GoldenQueries) -> None:
    lines = golden.queries[2]
    assert (len(lines.rows), lines.row_count) == (200, 300)
    assert lines.proof is not None
    assert (lines.proof.measured, lines.proof.holds) == (5.0, True)


def test_a_failing_query_is_kept_with_its_error(golden: GoldenQueries) -> None:
    by_id = {query.id: query for query in golden.queries}
    assert "nothing" in (by_id["unknown_column"].error or "")
    assert "MEDIAN" in (by_id["not_portable"].error or "")
    assert "open" in (by_id["too_late"].error or "")
    assert by_id["unknown_column"].proof is not None
    assert not by_id["unknown_column"].proof.holds
    assert by_id["empty"].error is None
    assert by_id["empty"].dull_because == "the result is empty"
    assert by_id["bad_chart"].chart is None
    assert "orders" in (by_id["bad_chart"].chart_problem or "")
    assert by_id["bad_chart"].rows


def test_the_rules_name_each_query(golden: GoldenQueries) -> None:
    assert [line.split(":")[0] for line in failures(golden)][:4] == [
        "empty",
        "unknown_column",
        "not_portable",
        "too_late",
    ]
    assert {line.split(":")[0] for line in not_worth_showing(golden)} >= {"empty", "unknown_column"}
    assert [line.split(":")[0] for line in charts_not_drawn(golden)] == ["bad_chart"]
    assert 0 < interesting_share(golden) < 0.9
    assert interesting_share(golden.model_copy(update={"queries": []})) == 0
    found = insights_not_shown(golden, plan(QUESTIONS, INSIGHTS))
    assert found == ["lost (unknown_column): its query failed", "nobody_asks: the plan has no golden query for it"]


def test_the_report_shows_every_query_with_its_verdicts(golden: GoldenQueries) -> None:
    table = queries_markdown(golden)
    assert table.count("\n") == len(QUESTIONS) + 1
    for word in ("insight holds", "failed: ", "not worth showing: ", "no chart: ", "good"):
        assert word in table
    assert (golden.queries[0].chart_png or "").startswith("iVBOR")


def result(rows: list[list[Scalar]], *types: str) -> QueryResult:
    names = [ResultColumn(name=f"c{at}", type=kind) for at, kind in enumerate(types)]
    return QueryResult(columns=names, rows=rows, row_count=len(rows), seconds=0.1)


DULL: list[tuple[QueryResult, str | None]] = [
    (result([], "STRING", "INT64"), "empty"),
    (result([["a"], ["b"], ["c"]], "STRING"), "no column of numbers"),
    (result([["a", 1], ["b", 2]], "STRING", "INT64"), "2 groups"),
    (result([["a", 1], ["b", 2], ["a", 4]], "STRING", "INT64"), "2 groups"),
    (result([[f"2025-0{month}-01", month] for month in range(1, 6)], "DATE", "INT64"), "5 periods"),
    (result([[f"2025-0{month}", month] for month in range(1, 6)], "STRING", "INT64"), "5 periods"),
    (result([[f"2025-0{month}-01", month] for month in range(1, 7)], "DATE", "INT64"), None),
    (result([["a", None], ["b", None], ["c", None]], "STRING", "INT64"), "no values"),
    (result([["a", 5], ["b", 5], ["c", 5]], "STRING", "INT64"), "the same"),
    (result([["a", 0], ["b", 0], ["c", 0]], "STRING", "INT64"), "the same"),
    (result([["a", 970], ["b", 10], ["c", 1]], "STRING", "INT64"), "one value is 99%"),
    (result([["a", 100], ["b", 101], ["c", 99]], "STRING", "INT64"), "nearly the same"),
    (result([["a", 100], ["b", 140], ["c", 90]], "STRING", "INT64"), None),
    (result([["a", -20.0], ["b", 3.0], ["c", None], ["d", 1.0]], "STRING", "FLOAT64"), None),
    (result([[1, 45.0], [2, 20.0], [3, 10.0]], "INT64", "FLOAT64"), None),
]


@pytest.mark.parametrize(("found", "reason"), DULL)
def test_a_result_not_worth_showing_has_a_reason(found: QueryResult, reason: str | None) -> None:
    explanation = dull_because(found, None)
    assert explanation == reason if reason is None else reason in (explanation or "")


def test_whether_a_result_is_worth_showing_depends_on_the_charts_columns() -> None:
    found = result([["a", 5, 1], ["b", 5, 9], ["c", 5, 3]], "STRING", "INT64", "INT64")
    plan_of = {"mark": "bar", "x": "c0", "title": "t"}
    assert dull_because(found, ChartPlan.model_validate({**plan_of, "y": "c1"})) is not None
    assert dull_because(found, ChartPlan.model_validate({**plan_of, "y": "c2"})) is None


@pytest.mark.parametrize(
    ("cell", "text", "same"),
    [
        ("Kitchen", "Kitchen", True), ("Kitchen ", "Kitchen", True), ("kitchen", "Kitchen", False), (5, "5", True),
        (5.0, "5", True), (5, "5.0", True), (5, "six", False), (True, "true", True), (True, "false", False),
        (None, "", True), (None, "null", True), (None, "x", False), ("2025-06-01T00:00:00", "2025-06-01", True),
    ],
)  # fmt: skip
def test_a_row_is_picked_by_what_its_cells_mean(cell: Scalar, text: str, same: bool) -> None:
    assert same_value(cell, text) is same


def test_an_insight_that_does_not_hold_has_a_reason() -> None:
    found = result([["a", 5.0], ["b", None], ["c", 7.0]], "STRING", "FLOAT64")
    assert prove(insight("i", "q", 5.5, 0.5, "C1", c0="a"), found).holds
    off = prove(insight("i", "q", 9, 0.5, "c1", c0="a"), found)
    assert (off.holds, off.measured) == (False, 5.0)
    assert "5 GBP; planted was 9 ± 0.5" in off.explanation
    assert "no row where c0 = z" in prove(insight("i", "q", 5, 1, "c1", c0="z"), found).explanation
    assert "no column x" in prove(insight("i", "q", 5, 1, "x"), found).explanation
    assert "not a number" in prove(insight("i", "q", 5, 1, "c1", c0="b"), found).explanation
    assert "not a number" in prove(insight("i", "q", 5, 1, "c0"), found).explanation
    assert "has no row" in prove(insight("i", "q", 5, 1, "c1"), result([], "STRING", "FLOAT64")).explanation
    assert prove(insight("i", "q", 5, 1, "c1"), found).measured == 5.0
