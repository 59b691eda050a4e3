"""What is refused of a data model and of a plan, each by breaking a good one in one place."""

from collections.abc import Callable

import pytest

from provisioning_assets.data_model.generators import ParentKey, Position
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import PerParent, Records
from provisioning_assets.data_model.tables import ForeignKey
from provisioning_assets.planning.data_model_design import design_data_model
from provisioning_assets.planning.demo_plan import plan_demo
from provisioning_assets.planning.model_rules import model_problems
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.planning.plan_rules import plan_problems, sql_problems
from provisioning_assets_tests.planning.conftest import profile, request_for


@pytest.fixture
def plan() -> DemoPlan:
    return plan_demo(profile(), request_for())


@pytest.fixture
def model(plan: DemoPlan) -> DataModel:
    return design_data_model(plan, profile(), request_for())


def table(model: DataModel, name: str):
    return next(table for table in model.tables if table.name == name)


def column(model: DataModel, table_name: str, name: str):
    return next(column for column in table(model, table_name).columns if column.name == name)


def generator(model: DataModel, table_name: str, name: str, **given: object) -> None:
    found = column(model, table_name, name)
    found.generator = found.generator.model_copy(update=given)


def effect(model: DataModel, insight: str, **given: object) -> None:
    index = next(index for index, effect in enumerate(model.effects) if effect.insight_id == insight)
    model.effects[index] = model.effects[index].model_copy(update=given)


def test_a_good_plan_and_model_have_no_problems(plan: DemoPlan, model: DataModel):
    assert plan_problems(plan) == []
    assert model_problems(model) == []
    assert sql_problems(plan, model) == []


BROKEN_MODELS: dict[str, tuple[Callable[[DataModel], object], str]] = {
    "few tables": (lambda model: model.tables.__delitem__(slice(4, None)), "4 tables; a prospect finds their way"),
    "reserved table": (
        lambda model: setattr(table(model, "warehouses"), "name", "window"),
        "window: is a reserved word",
    ),
    "column named as its table": (
        lambda m: setattr(column(m, "returns", "reason"), "name", "returns"),
        "is named like its table",
    ),
    "column twice": (
        lambda m: setattr(column(m, "returns", "reason"), "name", "refund_amount"),
        "stands twice in the table",
    ),
    "event time": (
        lambda m: setattr(table(m, "orders"), "event_time", "order_at"),
        "'order_at' is not a column; did you mean",
    ),
    "short description": (lambda m: setattr(column(m, "returns", "reason"), "description", "Why"), "says too little"),
    "key that is no column": (
        lambda m: setattr(table(m, "returns"), "primary_key", ["id"]),
        "its primary key 'id' is not a column",
    ),
    "key with nulls": (lambda m: setattr(column(m, "returns", "return_id"), "null_share", 0.1), "never null"),
    "foreign table": (
        lambda m: table(m, "returns").foreign_keys.append(
            ForeignKey(columns=["reason"], references_table="reasons", references_columns=["x"])
        ),
        "refers to 'reasons', not a table",
    ),
    "foreign column": (
        lambda m: table(m, "returns").foreign_keys.append(
            ForeignKey(columns=["reason"], references_table="orders", references_columns=["x"])
        ),
        "whose key is order_id",
    ),
    "foreign type": (
        lambda m: setattr(column(m, "returns", "order_id"), "type", "STRING"),
        "is STRING, but orders.order_id is INT64",
    ),
    "foreign key that is no column": (
        lambda m: setattr(table(m, "returns").foreign_keys[0], "columns", ["order"]),
        "its foreign key 'order' is not a column",
    ),
    "no rows": (lambda m: setattr(table(m, "warehouses"), "population", Records(rows=[])), "no rows are written"),
    "parent": (
        lambda m: setattr(table(m, "returns").population, "parent", "order_line"),
        "'order_line' is not a table; did you mean 'order_items'",
    ),
    "parent's condition": (
        lambda m: setattr(table(m, "returns").population, "where", "returned"),
        "'returned' is not among the columns of order_items",
    ),
    "period's start": (
        lambda m: setattr(table(m, "marketing_spend").population, "start", "began_on"),
        "'began_on' is not a column of marketing_channels",
    ),
    "cycle": (
        lambda m: setattr(table(m, "warehouses"), "population", PerParent(parent="orders")),
        "refers to itself: ",
    ),
    "parent key without parent": (
        lambda m: setattr(column(m, "orders", "discount_pct"), "generator", ParentKey()),
        "parent_key needs a table whose rows have a parent",
    ),
    "position without parent": (
        lambda m: setattr(column(m, "orders", "discount_pct"), "generator", Position()),
        "position counts within a parent",
    ),
    "period start without period": (
        lambda m: setattr(
            column(m, "orders", "ordered_at"), "generator", column(m, "marketing_spend", "spend_month").generator
        ),
        "period_start needs rows by period",
    ),
    "arrival of children": (
        lambda m: setattr(
            column(m, "order_items", "quantity"), "generator", column(m, "orders", "ordered_at").generator
        ),
        "arrival needs independent rows",
    ),
    "weights": (lambda m: generator(m, "returns", "reason", weights=[1.0]), "1 weights for 5 values"),
    "by": (
        lambda m: generator(m, "products", "list_price", by="department"),
        "by: 'department' is not another column of products",
    ),
    "cases without by": (lambda m: generator(m, "products", "list_price", by=None), "has cases by value, but no 'by'"),
    "case of a record": (
        lambda m: generator(m, "products", "list_price", median_by={"Fish": 3.0}),
        "'Fish' is never a value of category",
    ),
    "case of a category": (
        lambda m: generator(m, "support_tickets", "resolved_at", median_by={"Fish": 3.0}),
        "'Fish' is never a value of topic",
    ),
    "base": (
        lambda m: generator(m, "orders", "shipped_at", base="sent_at"),
        "base: 'sent_at' is not another column of orders",
    ),
    "expression": (lambda m: generator(m, "order_items", "line_total", sql="quantity *"), "is not a row expression"),
    "expression's column": (
        lambda m: generator(m, "order_items", "line_total", sql="quantity * unit_cots"),
        "did you mean 'unit_cost'?",
    ),
    "referenced table": (
        lambda m: generator(m, "orders", "customer_id", table="customer"),
        "refers to 'customer', which is not a table",
    ),
    "referenced weight": (
        lambda m: generator(m, "orders", "warehouse_id", weight="size"),
        "'size' is not a column of warehouses",
    ),
    "match": (
        lambda m: generator(m, "orders", "customer_id", match={"town": "city"}),
        "match: 'town' is not another column of orders",
    ),
    "since without at": (
        lambda m: generator(m, "orders", "customer_id", at=None),
        "is given together with 'since' or 'until'",
    ),
    "distinct": (lambda m: generator(m, "orders", "customer_id", distinct_in_parent=True), "distinct_in_parent needs"),
    "lookup through": (
        lambda m: generator(m, "order_items", "unit_cost", through="quantity"),
        "which is not a foreign key of order_items",
    ),
    "lookup of": (
        lambda m: generator(m, "order_items", "unit_cost", column="price"),
        "'price' is not a column of products",
    ),
    "rollup": (
        lambda m: generator(m, "orders", "items_total", table="returns"),
        "rolls up 'returns', which is no child of orders",
    ),
    "rollup's column": (
        lambda m: generator(m, "orders", "items_total", column="total"),
        "'total' is not a column of order_items",
    ),
    "rollup of nothing": (
        lambda m: generator(m, "orders", "items_total", column=None),
        "sum needs a column of order_items",
    ),
    "rollup's condition": (
        lambda m: generator(m, "orders", "items_total", where="total > 1"),
        "'total' is not among the columns of order_items",
    ),
    "effect's table": (lambda m: effect(m, "slow_warehouse", table="parcels"), "effect 1: 'parcels' is not a table"),
    "effect's column": (lambda m: effect(m, "slow_warehouse", column="sent_at"), "'sent_at' is not a column of orders"),
    "effect's generator": (
        lambda m: effect(m, "slow_warehouse", column="order_total"),
        "generated by 'expression', which no effect changes",
    ),
    "effect's value": (
        lambda m: effect(m, "app_discounts", value=25),
        "value 25 is not among the values of discount_pct",
    ),
    "effect's operation": (
        lambda m: effect(m, "app_discounts", operation="set"),
        "operation 'set' replaces a flag's rate",
    ),
    "effect's time": (lambda m: effect(m, "slow_warehouse", time="sent_at"), "time: 'sent_at' is not a column"),
    "effect's window": (
        lambda m: effect(m, "slow_warehouse", to_days_ago=90),
        "from_days_ago (70) must lie before to_days_ago (90)",
    ),
    "effect's condition": (lambda m: effect(m, "slow_warehouse", where="hub = 'x'"), "'hub' is not among the columns"),
    "effect on whom": (lambda m: effect(m, "slow_warehouse", column="customer_id"), "which rows of customers?"),
    "effect's value column": (
        lambda m: effect(m, "slow_warehouse", column="customer_id", value_column="town", value="x"),
        "value_column: 'town' is not a column of customers",
    ),
    "effect's referenced": (
        lambda m: effect(m, "slow_warehouse", column="customer_id", referenced="town = 'x'"),
        "'town' is not among the columns of customers",
    ),
    "referenced without reference": (
        lambda m: effect(m, "slow_warehouse", referenced="city = 'x'"),
        "are for a column generated by 'reference'",
    ),
    "effect on children sees the parent": (
        lambda m: effect(m, "slow_warehouse", table="returns", column="order_item_id", time="requested_at"),
        "time: 'requested_at' is not a column",
    ),
}


@pytest.mark.parametrize("case", BROKEN_MODELS)
def test_a_broken_model_is_told(case: str, model: DataModel):
    breaks, message = BROKEN_MODELS[case]
    breaks(model)
    problems = [str(problem) for problem in model_problems(model)]
    assert any(message in problem for problem in problems), problems


def question(plan: DemoPlan, index: int, **given: object) -> None:
    plan.questions[index] = plan.questions[index].model_copy(update=given)


BROKEN_PLANS: dict[str, tuple[Callable[[DemoPlan], object], str]] = {
    "few questions": (lambda plan: plan.questions.__delitem__(slice(3, None)), "3 questions; at least 12"),
    "complexities": (lambda plan: plan.questions.__delitem__(slice(3, None)), "0 expert questions; at least 2"),
    "few insights": (lambda plan: plan.insights.__delitem__(slice(1, None)), "1 insights; at least 4"),
    "no scenes": (lambda plan: plan.scenes.clear(), "no scenes"),
    "same words": (lambda p: question(p, 1, question=p.questions[0].question.upper()), "is asked 2 times"),
    "same id": (lambda p: question(p, 1, id=p.questions[0].id), "two questions have the same id"),
    "insight's question": (
        lambda p: setattr(p.insights[0], "query_id", "returns"),
        "its question 'returns' does not exist",
    ),
    "insight's question unaware": (
        lambda p: setattr(p.insights[0], "query_id", "revenue_by_month"),
        "does not name it",
    ),
    "challenge's insight": (lambda p: p.challenges[0].insight_ids.append("x"), "insight 'x' does not exist"),
    "scene's question": (lambda p: p.scenes[0].question_ids.append("x"), "a scene asks 'x'"),
    "question in two scenes": (
        lambda p: p.scenes[0].question_ids.append(p.scenes[1].question_ids[0]),
        "stands in 2 scenes",
    ),
}


@pytest.mark.parametrize("case", BROKEN_PLANS)
def test_an_incomplete_plan_is_told(case: str, plan: DemoPlan):
    breaks, message = BROKEN_PLANS[case]
    breaks(plan)
    problems = plan_problems(plan)
    assert any(message in problem for problem in problems), problems


BROKEN_SQL = {
    "not SQL": ("SELECT FROM WHERE", "is not GoogleSQL"),
    "two statements": ("SELECT 1; SELECT 2", "must be one SELECT statement"),
    "no SELECT": ("DROP TABLE orders", "must be one SELECT statement"),
    "unknown table": ("SELECT 1 FROM order_lines", "'order_lines' is not a table; did you mean 'order_items'?"),
    "unknown column": ("SELECT o.total FROM orders AS o", "total"),
    "internal column": ("SELECT category FROM order_items", "category"),
    "named data set": ("SELECT 1 FROM demo.orders", "tables are named without their data set"),
    "chart": ("SELECT order_id AS month FROM orders", "the chart draws 'revenue'"),
}


@pytest.mark.parametrize("case", BROKEN_SQL)
def test_sql_that_cannot_work_is_told(case: str, plan: DemoPlan, model: DataModel):
    sql, message = BROKEN_SQL[case]
    question(plan, 0, sql=sql)
    problems = sql_problems(plan, model)
    assert any("revenue_by_month" in problem and message in problem for problem in problems), problems


def test_an_insight_reads_a_column_of_its_question(plan: DemoPlan, model: DataModel):
    plan.insights[0].assertion.column = "rate"
    assert any("its insight reads 'rate'" in problem for problem in sql_problems(plan, model))


def test_a_kpi_returns_one_value(plan: DemoPlan, model: DataModel):
    plan.kpis[0].sql = "SELECT 1 AS one"
    plan.kpis[1].sql = "SELECT x FROM nowhere"
    problems = sql_problems(plan, model)
    assert any("it must return one column named value" in problem for problem in problems)
    assert any("'nowhere' is not a table" in problem for problem in problems)
