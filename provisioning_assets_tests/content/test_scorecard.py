"""A demo is ready if every figure meets its bar. Otherwise each reason says which figure does not and what to do."""

from collections.abc import Callable

import pytest

from provisioning_assets.content.demo import Demo
from provisioning_assets.content.models import DemoScorecard, Figure
from provisioning_assets.content.scorecard import score_demo
from provisioning_assets.data_model.tables import Column
from provisioning_assets.research.website.models import FailureKind, FetchedBy, FetchFailure
from provisioning_assets_tests.content.sample_demo import sample_demo
from provisioning_assets_tests.quality.sample_report import sample_report


def passing_demo() -> Demo:
    """The sample demo with its one failing question answered."""
    demo = sample_demo()
    for asked in demo.evaluation.asked:
        asked.passed, asked.problem = True, None
    demo.evaluation.scripted_pass_rate = demo.evaluation.paraphrase_pass_rate = 1.0
    demo.evaluation.dropped_query_ids = []
    return demo


def figure(scorecard: DemoScorecard, name: str) -> Figure:
    return next(figure for figure in scorecard.figures if figure.name == name)


def test_a_demo_that_meets_every_bar_is_ready() -> None:
    scorecard = score_demo(passing_demo())
    assert scorecard.ready
    assert scorecard.reasons == []
    assert all(figure.passed is not False for figure in scorecard.figures)
    assert figure(scorecard, "golden_queries").value == 14
    assert scorecard.created_at == sample_demo().agent.update_time
    assert scorecard.expires_on == sample_demo().request.expires_on
    assert len({figure.name for figure in scorecard.figures}) == len(scorecard.figures)


def test_the_sample_is_short_of_one_bar_and_says_which() -> None:
    scorecard = score_demo(sample_demo())
    assert not scorecard.ready
    [reason] = scorecard.reasons
    assert reason.startswith(
        "93% of the questions of the script returned the verified rows; at least 95% is required. These failed: delivery_delay."
    )
    assert any("1 question was removed from the script (delivery_delay)" in notice for notice in scorecard.notices)


def test_the_scorecard_says_who_read_the_agents_questions() -> None:
    demo = passing_demo()
    without = score_demo(demo)
    assert "questions_read_by_claude" not in {figure.name for figure in without.figures}
    first, second, *_ = demo.evaluation.fresh
    first.answered_by, second.answered_by = "claude", "rules"
    demo.evaluation.without_claude_because = "The budget is used up."
    scorecard = score_demo(demo)
    assert scorecard.ready
    read = figure(scorecard, "questions_read_by_claude")
    assert (read.value, read.note) == (1, "of 2 without a verified query; 1 by rules")
    assert "Rules read 1 question to the agent in place of Claude: The budget is used up." in scorecard.notices


def break_validity(demo: Demo) -> None:
    demo.golden.queries[0].error = "no such column: x"


def empty_a_query(demo: Demo) -> None:
    demo.golden.queries[0].row_count = 0


def have_few_queries(demo: Demo) -> None:
    del demo.golden.queries[11:]


def have_no_expert_question(demo: Demo) -> None:
    for query in demo.golden.queries:
        query.complexity = query.complexity.SIMPLE


def be_dull(demo: Demo) -> None:
    for query in demo.golden.queries[:2]:
        query.interesting = False


def lose_an_insight(demo: Demo) -> None:
    query = next(query for query in demo.golden.queries if query.id == "churn_risk")
    assert query.proof is not None
    query.proof.holds = False


def answer_without_the_insight(demo: Demo) -> None:
    for asked in demo.evaluation.asked:
        asked.insight_holds = None


def have_no_insight(demo: Demo) -> None:
    demo.plan.insights = []


def misunderstand_paraphrases(demo: Demo) -> None:
    for asked in [asked for asked in demo.evaluation.asked if asked.kind == "paraphrase"][:7]:
        asked.misleads = True


def answer_fresh_questions_wrongly(demo: Demo) -> None:
    for answer in demo.evaluation.fresh[:2]:
        answer.outcome = "wrong"


def ask_no_fresh_questions(demo: Demo) -> None:
    demo.evaluation.fresh = []


def answer_differently_each_time(demo: Demo) -> None:
    demo.evaluation.repeat_agreement = 0.5


def leave_a_scene_without_questions(demo: Demo) -> None:
    demo.plan.scenes[1].question_ids = ["gone"]


def have_few_tables(demo: Demo) -> None:
    del demo.model.tables[4:]


def have_many_tables(demo: Demo) -> None:
    first = demo.model.tables[0]
    demo.model.tables += [first.model_copy(update={"name": f"more_{n}"}) for n in range(4)]


def have_an_empty_table(demo: Demo) -> None:
    demo.dataset.tables[2].rows = 0


def leave_a_column_undescribed(demo: Demo) -> None:
    demo.model.tables[3].columns[2].description = " "


def break_a_rule(demo: Demo) -> None:
    demo.quality.coherence[1].violations = 3


def relate_otherwise(demo: Demo) -> None:
    demo.quality.relations = sample_report().relations[:2]


def be_unlike_real_data(demo: Demo) -> None:
    demo.quality.realism[0].measured, demo.quality.realism[0].passed = 0.31, False


def drown_an_insight(demo: Demo) -> None:
    insight = demo.quality.insights[0]
    insight.z, insight.passed, insight.reason = 2.5, False, "its z is 2.5"


def leave_an_insight_unmeasured(demo: Demo) -> None:
    del demo.quality.insights[1]


def stumble_over_something(demo: Demo) -> None:
    demo.quality.unplanned[0].corrected_z = -3.4


@pytest.mark.parametrize(
    ("fault", "short", "words"),
    [
        (break_validity, "golden_queries_valid", "1 golden query failed (monthly_revenue): fix"),
        (empty_a_query, "golden_queries_empty", "1 golden query returned no rows (monthly_revenue)"),
        (have_few_queries, "golden_queries", "has 11 golden queries; at least 12 are required"),
        (have_no_expert_question, "golden_queries_expert", "0 questions of complexity expert"),
        (
            be_dull,
            "golden_queries_interesting",
            "2 results would make a chart that shows too little (monthly_revenue, revenue_by_cat",
        ),
        (lose_an_insight, "insights_in_data", "missing in the data: quiet_trade"),
        (answer_without_the_insight, "insights_in_answers", "missing in the agent's answers: outdoor_returns"),
        (have_no_insight, "insights", "The plan has no insight"),
        (misunderstand_paraphrases, "paraphrase_wrong_rate", "50% of the paraphrases returned other rows"),
        (
            answer_fresh_questions_wrongly,
            "fresh_wrong_rate",
            "5% of the fresh questions, which are made from the data model",
        ),
        (ask_no_fresh_questions, "fresh_wrong_rate", "100% of the fresh questions"),
        (answer_differently_each_time, "repeat_agreement", "50% of the repeated questions"),
        (leave_a_scene_without_questions, "scenes_with_questions", "«Something is off: returns»"),
        (have_few_tables, "tables", "has 4 tables; a demo needs 5 to 12"),
        (have_many_tables, "tables", "has 13 tables"),
        (have_an_empty_table, "tables_empty", "1 table without rows in the data set (products)"),
        (break_a_rule, "coherence_rules_broken", "is broken (order_total is the sum of its order_items)"),
        (
            relate_otherwise,
            "trade_relations_broken",
            "1 relation of the trade does not hold in the data (far_takes_longer: What goes far takes longer: it is 0.98 times",
        ),
        (
            be_unlike_real_data,
            "realism_checks",
            "1 property of the data is outside the bounds of real data (orders: share of order_total that",
        ),
        (drown_an_insight, "insights_standing_out", "(outdoor_returns: its z is 2.5)"),
        (drown_an_insight, "weakest_insight_z", "is 2.5 standard deviations away from its history; at least 4"),
        (leave_an_insight_unmeasured, "insights_standing_out", "could explain 1 insight (discount_margin)"),
        (
            stumble_over_something,
            "strongest_unplanned_z",
            "no insight explains stands out in the data: orders of Whitby (orders_by_store)",
        ),
        (leave_a_column_undescribed, "columns_described", "1 column without a description (customers.segment)"),
    ],
)
def test_each_shortcoming_is_a_reason(fault: Callable[[Demo], None], short: str, words: str) -> None:
    demo = passing_demo()
    fault(demo)
    scorecard = score_demo(demo)
    assert not scorecard.ready
    assert figure(scorecard, short).passed is False
    assert any(words in reason for reason in scorecard.reasons), scorecard.reasons


def test_columns_that_are_not_stored_need_no_description() -> None:
    demo = passing_demo()
    column: Column = demo.model.tables[3].columns[2]
    column.description, column.internal = "", True
    assert score_demo(demo).ready


def test_notices_say_what_the_engineer_should_know() -> None:
    demo = passing_demo()
    demo.plan.industry, demo.plan.blueprint = "grocery", "general_business"
    demo.profile.industry, demo.profile.confidence = "grocery", 0.4
    left_out = FetchFailure(url="https://acme.com/", reason="2 saved frames were left out", kind=FailureKind.NOTICE)
    demo.website.failures.append(left_out)
    notices = "\n".join(score_demo(demo).notices)
    assert "https://acme.com/: 2 saved frames were left out.\n" in notices
    assert "There is no blueprint for grocery yet: the demo was planned with general_business" in notices
    assert "read as grocery (or manufacturing) with a confidence of only 40%" in notices
    assert "Words of the customer:" in notices
    assert "6 pages of the website read (1 by headless browser, 5 by plain HTTP); 1 could not be read" in notices
    assert "expires on 30 July 2026" in notices


def test_lists_that_the_site_does_not_fill_are_named() -> None:
    demo = passing_demo()
    demo.plan.slot_sources |= {"service_lines": "blueprint", "places": "mixed"}
    demo.plan.trade_words = {"service_lines": ["Repair"], "places": ["Leeds"]}
    assert any("service lines, places (Leeds)" in notice for notice in score_demo(demo).notices)
    demo.plan.trade_words = {}
    assert not any("invented" in notice for notice in score_demo(demo).notices)


def test_an_industry_that_was_given_is_not_doubted() -> None:
    demo = passing_demo()
    demo.profile.confidence = 0.2
    demo.request.industry = demo.profile.industry
    assert not any("confidence" in notice for notice in score_demo(demo).notices)


def test_pages_are_counted_by_strategy() -> None:
    demo = passing_demo()
    for page in demo.website.pages:
        page.fetched_by = FetchedBy.SAVED
    demo.website.failures = []
    assert any("6 from saved copies)." in notice for notice in score_demo(demo).notices)
    demo.website.pages = []
    assert any("based on the notes only" in notice for notice in score_demo(demo).notices)


def test_a_long_list_of_names_is_cut() -> None:
    demo = passing_demo()
    for query in demo.golden.queries:
        query.error = "no"
    [reason] = [reason for reason in score_demo(demo).reasons if "failed" in reason]
    assert "and 10 more" in reason
