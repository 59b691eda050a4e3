"""The laws of a model: SQL that fits the stored tables is accepted, everything else is a problem with a remedy."""

import pytest

from provisioning_assets.data_model.laws import Law
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.rules.laws import law_problems
from provisioning_assets_tests.synthesis.retail_model import retail_model

SAYS = "No order is delivered before it was placed"


def with_laws(*laws: Law) -> DataModel:
    return retail_model().model_copy(update={"rules": list(laws)})


def law(sql: str, id_: str = "delivered_after_placed") -> Law:
    return Law(id=id_, says=SAYS, sql=sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT order_id FROM orders WHERE delivered_at < ordered_at",
        "SELECT o.order_id FROM orders AS o JOIN customers AS c USING (customer_id) WHERE o.ordered_at < c.signed_up_at",
        "WITH late AS (SELECT * FROM orders WHERE DATE(ordered_at) > CURRENT_DATE()) SELECT order_id FROM late",
        "SELECT customer_id FROM orders GROUP BY customer_id HAVING COUNT(*) > 100000",
    ],
)
def test_a_law_over_stored_columns_is_accepted(sql: str) -> None:
    assert law_problems(with_laws(law(sql))) == []


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT order_id FROM order WHERE", "The query is not GoogleSQL"),
        ("DELETE FROM orders WHERE TRUE", "The query is not one single SELECT"),
        ("SELECT 1; SELECT 2", "The query is not one single SELECT"),
        ("SELECT 1", "The query reads no table"),
        ("SELECT order_id FROM shop.orders", "bare names"),
        ("SELECT order_id FROM orderz", "'orderz' is not a table. Did you mean 'orders'?"),
        ("SELECT order_idx FROM orders", "order_idx"),
        ("SELECT cost_share FROM products", "cost_share"),
        ("SELECT order_id FROM orders WHERE GETENV('HOME') = 'x'", "GETENV() is not among the functions"),
        ("SELECT * FROM read_csv('/etc/passwd')", "bare names"),
    ],
)
def test_a_law_that_does_not_fit_is_a_problem(sql: str, words: str) -> None:
    (problem, *_) = law_problems(with_laws(law(sql)))
    assert problem.place == ("rules", "delivered_after_placed", "sql")
    assert words in str(problem)
    assert problem.remedy


def test_two_laws_with_one_id_are_a_problem() -> None:
    good = law("SELECT order_id FROM orders WHERE delivered_at < ordered_at")
    (problem,) = law_problems(with_laws(good, good))
    assert str(problem) == "rules.delivered_after_placed: 2 rules have this id. Give each rule a different id."
