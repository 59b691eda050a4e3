"""Problems of a plan; each is found in a good plan that is broken in one place."""

from collections.abc import Callable

import pytest

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.rules.model_rules import model_problems, table_count_problems
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.planning.plan_rules import plan_problems, sql_problems
from provisioning_assets_tests.planning.conftest import planned, profile


@pytest.fixture(scope="module")
def good() -> tuple[DemoPlan, DataModel]:
    return planned(profile())


@pytest.fixture
def plan(good: tuple[DemoPlan, DataModel]) -> DemoPlan:
    return good[0].model_copy(deep=True)


@pytest.fixture
def model(good: tuple[DemoPlan, DataModel]) -> DataModel:
    return good[1]


def test_a_good_plan_and_model_have_no_problems(plan: DemoPlan, model: DataModel):
    assert plan_problems(plan) == []
    assert model_problems(model) == []
    assert table_count_problems(model) == []
    assert sql_problems(plan, model.tables) == []


def question(plan: DemoPlan, index: int, **given: object) -> None:
    plan.questions[index] = plan.questions[index].model_copy(update=given)


BROKEN_PLANS: dict[str, tuple[Callable[[DemoPlan], object], str]] = {
    "few questions": (lambda plan: plan.questions.__delitem__(slice(3, None)), "3 questions; at least 12"),
    "complexities": (lambda plan: plan.questions.__delitem__(slice(3, None)), "0 expert questions; at least 2"),
    "no insights": (lambda plan: plan.insights.clear(), "no insights"),
    "no scenes": (lambda plan: plan.scenes.clear(), "no scenes"),
    "same words": (lambda p: question(p, 1, question=p.questions[0].question.upper()), "is asked 2 times"),
    "same id": (lambda p: question(p, 1, id=p.questions[0].id), "two questions have the same id"),
    "insight's question": (
        lambda p: setattr(p.insights[0], "query_id", "returns"),
        "its question 'returns' does not exist",
    ),
    "insight's question unaware": (
        lambda p: setattr(p.insights[0], "query_id", "revenue_by_month"),
        "does not name this insight",
    ),
    "challenge's insight": (lambda p: p.challenges[0].insight_ids.append("x"), "insight 'x' does not exist"),
    "scene's question": (lambda p: p.scenes[0].question_ids.append("x"), "a scene asks 'x'"),
    "question in two scenes": (
        lambda p: p.scenes[0].question_ids.append(p.scenes[1].question_ids[0]),
        "is in 2 scenes",
    ),
}


@pytest.mark.parametrize("case", BROKEN_PLANS)
def test_an_incomplete_plan_is_reported(case: str, plan: DemoPlan):
    breaks, message = BROKEN_PLANS[case]
    breaks(plan)
    problems = plan_problems(plan)
    assert any(message in problem for problem in problems), problems


BROKEN_SQL = {
    "not SQL": ("SELECT FROM WHERE", "not GoogleSQL"),
    "two statements": ("SELECT 1; SELECT 2", "must be one SELECT statement"),
    "no SELECT": ("DROP TABLE orders", "must be one SELECT statement"),
    "unknown table": ("SELECT 1 FROM order_lines", "'order_lines' is not a table. Did you mean 'order_items'?"),
    "unknown column": ("SELECT o.total FROM orders AS o", "total"),
    "internal column": ("SELECT category FROM order_items", "category"),
    "named data set": ("SELECT 1 FROM demo.orders", "tables are named without their data set"),
    "chart": ("SELECT order_id AS month FROM orders", "has no column 'revenue'"),
}


@pytest.mark.parametrize("case", BROKEN_SQL)
def test_sql_that_cannot_work_is_reported(case: str, plan: DemoPlan, model: DataModel):
    sql, message = BROKEN_SQL[case]
    question(plan, 0, sql=sql)
    problems = sql_problems(plan, model.tables)
    assert any("revenue_by_month" in problem.place and message in problem.message for problem in problems), problems


def test_an_insight_reads_a_column_of_its_question(plan: DemoPlan, model: DataModel):
    plan.insights[0].assertion.column = "rate"
    assert any(
        "insights" in problem.place and "has no column 'rate'" in problem.message
        for problem in sql_problems(plan, model.tables)
    )


def test_a_kpi_returns_one_value(plan: DemoPlan, model: DataModel):
    plan.kpis[0].sql = "SELECT 1 AS one"
    plan.kpis[1].sql = "SELECT x FROM nowhere"
    problems = {problem.place: problem.words for problem in sql_problems(plan, model.tables)}
    assert "It must return one column named value" in problems["kpis", 0, "sql"]
    assert "'nowhere' is not a table" in problems["kpis", 1, "sql"]
