"""Fresh questions: the same each time, with SQL that runs, and answered right or refused by the agent of the small shop."""

from typing import Any

import pytest

from provisioning_assets.agent.fresh_questions import FreshQuestion, fresh_questions
from provisioning_assets.agent.local_server.datasets import DuckDBData, StoreDatasets
from provisioning_assets.agent.row_matching import is_right
from provisioning_assets.agent.understanding.answering import answer, understand
from provisioning_assets.data_model.generators import Category
from provisioning_assets.data_model.models import DataModel
from provisioning_assets_tests.agent import small_shop

FILTERS = ["Leave out returned orders (orders.is_returned) unless returns are asked for."]


def shop_with_categories() -> DataModel:
    """Return the shop's model with the values that its categories draw from."""
    model = small_shop.data_model()
    values = {"channel": small_shop.CHANNELS, "payment_method": small_shop.PAYMENTS, "segment": small_shop.SEGMENTS}
    for table in model.tables:
        for column in table.columns:
            if column.name in values:
                drawn = values[column.name]
                column.generator = Category(values=list(drawn), weights=[1.0] * len(drawn))
    return model


@pytest.fixture(scope="module")
def questions() -> list[FreshQuestion]:
    return fresh_questions(shop_with_categories(), FILTERS)


def test_the_same_model_has_the_same_questions(questions: list[FreshQuestion]) -> None:
    assert fresh_questions(shop_with_categories(), FILTERS) == questions
    assert len(questions) == len({question.question for question in questions}) >= 20
    other = shop_with_categories()
    other.seed += 1
    assert fresh_questions(other, FILTERS) != questions


def test_many_forms_are_asked(questions: list[FreshQuestion]) -> None:
    forms = {question.form for question in questions}
    assert {"by", "value", "not", "window", "measure", "month", "clock", "never", "share", "having", "without"} <= forms


def test_rows_that_the_agent_leaves_out_are_left_out(questions: list[FreshQuestion]) -> None:
    counted = next(question for question in questions if question.form == "by")
    assert "NOT t.is_returned" in counted.sql
    share = next(question for question in questions if question.question == "What share of orders is returned?")
    assert "WHERE" not in share.sql


def test_the_agent_answers_them_right_or_refuses(questions: list[FreshQuestion], context: Any, store: Any) -> None:
    from google.cloud import geminidataanalytics_v1 as gda

    data: DuckDBData = StoreDatasets(store).open("local", f"demo_{small_shop.KEY}")
    instructed = gda.Context(context)
    instructed.system_instruction += f"\n- {FILTERS[0]}"
    understanding = understand(instructed, data)
    outcomes = {}
    for question in questions:
        found = answer(question.question, understanding, data)
        expected = data.run(question.sql, 1000).rows
        outcomes[question.question] = found.result is None or is_right(expected, found.result.rows)
    assert [question for question, right in outcomes.items() if not right] == []
