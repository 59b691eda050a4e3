"""Comparison of results, measurement of insights, and the evaluation through the real client."""

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from provisioning_assets.agent.answer_text import show_answer
from provisioning_assets.agent.asking import AgentAnswer, ask, ask_all
from provisioning_assets.agent.clients import AgentClients
from provisioning_assets.agent.comparison import difference, insight_figure, matching_columns, same_rows
from provisioning_assets.agent.evaluation import evaluate
from provisioning_assets.agent.evaluation_report import failures_table, questions_table
from provisioning_assets.agent.models import AskedQuestion, ChatQuota
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.golden.models import GoldenQueries, GoldenQuery
from provisioning_assets.googlesql.results import ResultColumn
from provisioning_assets.planning.models import Complexity, InsightAssertion
from provisioning_assets_tests.agent import small_shop

VALUES = st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9), st.text(max_size=5))


def golden(rows: list[list[Scalar]], row_count: int | None = None) -> GoldenQuery:
    width = len(rows[0]) if rows else 1
    return GoldenQuery(
        id="q",
        question="q",
        paraphrases=[],
        complexity=Complexity.SIMPLE,
        sql="SELECT 1",
        business_value="",
        chart=None,
        insight_id=None,
        columns=[ResultColumn(name=f"c{i}", type="INT64") for i in range(width)],
        rows=rows,
        row_count=len(rows) if row_count is None else row_count,
        seconds=0,
        interesting=True,
    )


def named(*names: str) -> list[ResultColumn]:
    """Columns of a result; those whose names begin with ``t_`` are texts."""
    return [ResultColumn(name=name, type="STRING" if name.startswith("t_") else "INT64") for name in names]


def unlike(query: GoldenQuery, rows: list[list[Scalar]]) -> str | None:
    """How rows differ, whose columns are named like those of the golden queries here."""
    return difference(query, named(*[f"c{i}" for i in range(len(rows[0]) if rows else 0)]), rows)


@given(st.lists(st.lists(VALUES, min_size=2, max_size=2), min_size=1, max_size=8), st.randoms())
def test_order_does_not_matter(rows: list[list[Scalar]], draw: Any) -> None:
    shuffled = list(rows)
    draw.shuffle(shuffled)
    assert unlike(golden(rows), shuffled) is None


def test_four_decimals_count_and_the_fifth_does_not() -> None:
    assert unlike(golden([[1.00001]]), [[1.00003]]) is None
    assert unlike(golden([[1.0001]]), [[1.0003]]) == "a row is (1.0003) instead of (1.0001)"
    assert unlike(golden([[1]]), [[1.0]]) is None
    assert unlike(golden([[1e15]]), [[1e15 + 1]]) is None


def test_what_differs_is_said() -> None:
    assert unlike(golden([[1]]), []) == "no rows instead of 1"
    assert unlike(golden([[1]]), [[2, 3]]) == "2 columns instead of 1: c1 should not be there"
    assert unlike(golden([[1]]), [[1], [2]]) == "2 rows instead of 1"
    assert unlike(golden([["a"]]), [["b"]]) == "a row is (b) instead of (a)"
    assert unlike(golden([[True]]), [[1]]) == "a row is (1) instead of (True)"
    assert unlike(golden([[None]]), [[0]]) is not None


def test_columns_may_stand_in_any_order_under_any_name_among_others() -> None:
    query = golden([["a", 1.5, 2.5], ["b", 2.5, 1.5]])
    rows: list[list[Scalar]] = [["x", 1.5, 2.5, "b"], ["y", 2.5, 1.5, "a"]]
    assert difference(query, named("shop", "late", "early", "name"), rows) is None
    assert matching_columns(query, rows) == [3, 2, 1]
    figure = InsightAssertion(column="c1", where={"c0": "b"})
    assert insight_figure(figure, query, ["shop", "late", "early", "name"], rows) == 2.5
    exchanged: list[list[Scalar]] = [["a", 2.5, 2.5], ["b", 1.5, 1.5]]
    assert unlike(query, exchanged) is not None
    cut = golden([["a", 1.5]], row_count=2)
    assert difference(cut, named("total", "name"), [[2.5, "b"], [1.5, "a"]]) is None
    assert difference(cut, named("total", "name"), [[2.5, "a"], [1.5, "b"]]) is not None


def test_columns_that_are_too_many_are_named() -> None:
    query = golden([["a", 1.5], ["b", 2.5]])
    by_values = difference(query, named("name", "shop", "total"), [["b", "x", 2.5], ["a", "y", 1.5], ["a", "z", 1.5]])
    assert by_values == "3 columns (name, shop, total) instead of 2 (c0, c1)"
    by_names = difference(query, named("c0", "shop", "c1"), [["b", "x", 1], ["a", "y", 2], ["a", "z", 3]])
    assert by_names == "3 columns instead of 2: shop should not be there"
    two = difference(query, named("c0", "shop", "c1", "year"), [["b", "x", 1, 2]])
    assert two == "4 columns instead of 2: shop and year should not be there"
    by_types = difference(query, named("c0", "t_shop", "total"), [["b", "x", 1]])
    assert by_types == "3 columns instead of 2: t_shop should not be there"
    unknown = difference(query, named("name", "shop", "total"), [["b", "x", 1]])
    assert unknown == "3 columns (name, shop, total) instead of 2 (c0, c1)"
    assert difference(query, named("total"), [[4.0]]) == "1 column (total) instead of 2 (c0, c1)"


def test_a_golden_result_that_was_cut_is_compared_as_far_as_it_goes() -> None:
    cut = golden([[1], [2]], row_count=3)
    assert unlike(cut, [[3], [2], [1]]) is None
    assert unlike(cut, [[3], [4], [1]]) == "the row (2) is missing"
    assert unlike(cut, [[2], [1]]) == "2 rows instead of 3"


def test_repeated_rows_count_as_often_as_they_stand() -> None:
    assert same_rows([[1], [1], [2]], [[2], [1], [1]])
    assert not same_rows([[1], [1], [2]], [[1], [2], [2]])


def test_an_insight_s_figure_is_found_by_name_or_place() -> None:
    reference = golden([["a", 1.5], ["b", 2.5]])
    where = InsightAssertion(column="c1", where={"c0": "b"})
    assert insight_figure(where, reference, ["c0", "c1"], [["a", 1.5], ["b", 2.5]]) == 2.5
    assert insight_figure(where, reference, ["name", "value"], [["b", 2.5]]) == 2.5
    assert insight_figure(where, reference, ["c1", "c0"], [[7, "b"]]) == 7
    assert insight_figure(where, reference, ["c0", "c1"], [["x", 1.5]]) is None
    assert insight_figure(where, reference, ["c0"], [["b"]]) is None
    assert insight_figure(InsightAssertion(column="c1"), reference, ["c0", "c1"], [["x", "text"]]) is None
    assert insight_figure(InsightAssertion(column="none"), reference, ["c0", "c1"], [["x", 1]]) is None
    numbers = InsightAssertion(column="c1", where={"c0": "1"})
    assert insight_figure(numbers, reference, ["c0", "c1"], [[1.0, 3]]) == 3
    flags = InsightAssertion(column="c1", where={"c0": "true"})
    assert insight_figure(flags, reference, ["c0", "c1"], [[False, 1], [True, 4]]) == 4


@pytest.fixture(scope="module")
def evaluation(clients: AgentClients, shop_agent: Any, store: Path) -> Any:
    lines: list[str] = []
    result = evaluate(
        small_shop.golden_queries(store),
        small_shop.demo_plan().insights,
        lambda questions: ask_all(clients.chat, shop_agent.name, questions, ChatQuota()),
        lines.append,
    )
    assert lines
    return result


def test_scripted_questions_and_paraphrases_pass_and_repeats_agree(evaluation: Any) -> None:
    scripted = {a.query_id: a for a in evaluation.asked if a.kind == "scripted"}
    assert [name for name, a in scripted.items() if a.passed] == [
        "revenue_by_month",
        "return_rate_by_category",
        "best_stores",
    ]
    assert all(a.passed for a in evaluation.asked if a.kind == "wording")
    assert evaluation.scripted_pass_rate == pytest.approx((3 + 3) / (5 + 3))
    assert evaluation.paraphrase_pass_rate > 0, failures_table(evaluation.asked)
    assert evaluation.paraphrase_wrong_rate == 0, failures_table(evaluation.asked)
    assert evaluation.repeat_agreement == 1
    assert sum(a.kind == "repeat" for a in evaluation.asked) == 3


def test_a_failed_or_empty_golden_query_is_an_error_of_the_reference(evaluation: Any) -> None:
    problems = {a.query_id: a.problem for a in evaluation.asked if a.kind == "scripted" and not a.passed}
    assert problems == {
        "lost_table": "the golden query failed, so there are no rows to compare with: no table couriers",
        "no_rows": "the golden query returned no rows to compare with",
    }
    assert evaluation.dropped_query_ids == ["lost_table", "no_rows"]
    assert not [a for a in evaluation.asked if a.query_id == "no_rows" and a.kind != "scripted"]


def test_the_insight_is_measured_in_the_agent_s_rows(evaluation: Any) -> None:
    measured = [a for a in evaluation.asked if a.insight_holds is not None]
    assert [a.query_id for a in measured] == ["return_rate_by_category"]
    assert measured[0].insight_holds
    assert 0 < measured[0].insight_measured < 16


def test_a_replayed_query_is_not_understanding(evaluation: Any) -> None:
    answered = [a for a in evaluation.asked if a.kind != "repeat"]
    understood = [a for a in answered if a.passed and not a.matched_query]
    assert evaluation.understood_rate == pytest.approx(len(understood) / len(answered))


def test_wrong_rows_refusals_and_failures_all_fail(store: Path) -> None:
    answers = iter(
        [
            AgentAnswer(question="1", text="t", sql="SELECT", rows=[[1, 2]], seconds=0),
            AgentAnswer(question="2", text="I cannot answer that", seconds=0),
            AgentAnswer(question="3", text="", error="503", seconds=0),
            AgentAnswer(question="1", text="t", sql="SELECT", rows=[[1, 5]], seconds=0),
            AgentAnswer(question="1", text="t", sql="SELECT", rows=[[1, 6]], seconds=0),
            AgentAnswer(question="1", text="t", sql="SELECT", rows=[[3, 4]], seconds=0),
        ]
    )
    queries = small_shop.golden_queries(store)
    queries.queries = queries.queries[:1]
    result = evaluate(queries, [], lambda questions: [next(answers) for _ in questions])
    assert result.asked[0].attempts == 3
    assert result.dropped_query_ids == [queries.queries[0].id]
    assert [a.problem for a in result.asked] == [
        "1 rows instead of 12",
        "not understood: I cannot answer that",
        "the agent failed: 503",
        "the same question returned different rows the second time",
    ]
    assert (result.scripted_pass_rate, result.paraphrase_pass_rate, result.repeat_agreement) == (0, 0, 0)
    assert "1 rows instead of 12" in failures_table(result.asked)


def test_a_question_that_is_right_the_second_time_stays_in_the_script(store: Path) -> None:
    query = small_shop.golden_queries(store).queries[0].model_copy(update={"paraphrases": []})
    right = AgentAnswer(question=query.question, text="t", sql="SELECT", rows=query.rows, seconds=0)
    answers = iter([right.model_copy(update={"rows": [[0, 0]]}), right, right])
    queries = small_shop.GoldenQueries(as_of=small_shop.AS_OF, queries=[query])
    result = evaluate(queries, [], lambda questions: [next(answers) for _ in questions])
    assert [(a.kind, a.passed, a.attempts) for a in result.asked] == [("scripted", True, 2), ("repeat", False, 1)]
    assert result.dropped_query_ids == []


def test_questions_asked_at_once_keep_their_order_and_the_quota(clients: AgentClients, shop_agent: Any) -> None:
    questions = [f"How many orders were there in the last {days} days?" for days in range(30, 38)]
    began = time.monotonic()
    answers = ask_all(clients.chat, shop_agent.name, questions, ChatQuota(per_minute=1200, at_once=4))
    assert time.monotonic() - began >= 7 * 60 / 1200
    assert [answer.question for answer in answers] == questions


def test_an_evaluation_without_questions_does_not_pass() -> None:
    queries = small_shop.GoldenQueries(as_of=small_shop.AS_OF, queries=[])
    result = evaluate(queries, [], lambda questions: pytest.fail("nothing to ask") if questions else [])
    assert (result.scripted_pass_rate, result.repeat_agreement) == (0, 0)


def test_tables_stay_tables_whatever_is_asked(evaluation: Any) -> None:
    hostile = AskedQuestion(
        query_id="q",
        asked="a | b\n<script>alert(1)</script> [x](javascript:y)",
        kind="scripted",
        passed=False,
        matched_query=False,
        sql=None,
        row_count=0,
        answer="",
        problem="p",
        seconds=0,
    )
    lines = questions_table([hostile]).splitlines()
    assert len(lines) == 3
    assert "\\|" in lines[2]
    assert "&lt;script" in lines[2]
    assert failures_table([]) == "Every question was answered as expected."
    assert len(questions_table(evaluation.asked).splitlines()) == len(evaluation.asked) + 2


def shown(answer: AgentAnswer) -> str:
    console = Console(width=100, record=True, force_terminal=False)
    show_answer(console, answer)
    return console.export_text()


def test_a_long_time_series_is_shown_to_its_end() -> None:
    rows: list[list[Scalar]] = [[f"20{24 + at // 12}-{at % 12 + 1:02d}-01", at] for at in range(24)]
    columns = [ResultColumn(name="month", type="DATE"), ResultColumn(name="orders", type="INT64")]
    answer = AgentAnswer(question="q", text="t", sql="SELECT 1", columns=columns, rows=rows, seconds=0.1)
    text = shown(answer)
    assert "2025-12-01" in text
    assert "2024-01-01" not in text
    assert "4 earlier rows" in text


def test_an_answer_is_shown_on_a_terminal(clients: AgentClients, shop_agent: Any) -> None:
    verified = shown(ask(clients.chat, shop_agent.name, small_shop.QUESTIONS[0].question))
    assert "Verified query" in verified
    assert "Chart: line" in verified
    built = shown(ask(clients.chat, shop_agent.name, "orders by customer"))
    assert "Query built for this question" in built
    assert "more rows" in built
    assert "I cannot answer that" in shown(ask(clients.chat, shop_agent.name, "revenue by astronaut"))
    hostile = AgentAnswer(
        question="q",
        text="[red]x[/red]",
        sql="SELECT 1",
        seconds=0,
        columns=[ResultColumn(name="[b]", type="STRING")],
        rows=[["[/nothing]"], [None], [0.1234], [5.0]],
    )
    text = shown(hostile)
    assert "[red]x[/red]" in text
    assert "[/nothing]" in text
    assert "0.1234" in text
    assert "[boom]" in shown(AgentAnswer(question="q", text="", error="[boom]", seconds=0))


def test_a_paraphrase_with_some_of_the_columns_does_not_mislead_and_other_figures_do() -> None:
    rows = [["a", 1, 10.5], ["b", 2, 20.5]]
    queries = [
        golden(rows).model_copy(update={"paraphrases": ["known", held]}) for held in ("part", "other", "refused")
    ]
    (query, *_) = queries

    def asked(question: str) -> AgentAnswer:
        answers: dict[str, list[list[Scalar]]] = {
            "part": [["a", 10.5], ["b", 20.5]], "other": [["a", 11.5], ["b", 20.5]], "refused": [],
        }  # fmt: skip
        found = answers.get(question, query.rows)
        columns = named(*[f"c{i}" for i in range(len(found[0]) if found else 0)])
        return AgentAnswer(
            question=question, text="", sql="SELECT 1" if found else None, columns=columns, rows=found, seconds=0
        )

    evaluation = evaluate(
        GoldenQueries(as_of=small_shop.AS_OF, queries=queries), [], lambda asks: [asked(each) for each in asks]
    )
    assert {a.asked: a.misleads for a in evaluation.asked if a.kind == "paraphrase"} == {
        "part": False, "other": True, "refused": False,
    }  # fmt: skip
    assert evaluation.paraphrase_wrong_rate == pytest.approx(1 / 3)
    assert evaluation.paraphrase_pass_rate == 0
