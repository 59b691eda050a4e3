"""The laws and relations of a model: SQL that fits the stored tables is accepted, everything else is a problem with a remedy."""

import pytest
from pydantic import ValidationError

from provisioning_assets.data_model.laws import Law, Relation
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
    assert str(problem) == "rules.delivered_after_placed: 2 rules have this id. Give each of the rules a different id."


# --- relations -------------------------------------------------------------------------------------------------------


def relation(sql: str, between: object = (1.0, 2.0), id_: str = "gold_buys_more") -> Relation:
    return Relation.model_validate(
        {"id": id_, "says": "Gold members buy more than others", "sql": sql, "between": between, "source": "experience"}
    )


def relation_problems(*relations: Relation) -> list[str]:
    problems = law_problems(retail_model().model_copy(update={"relations": list(relations)}))
    assert all(problem.place[:2] == ("relations", "gold_buys_more") and problem.remedy for problem in problems)
    return [str(problem) for problem in problems]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT AVG(order_total) FROM orders",
        "SELECT SAFE_DIVIDE(a, b) AS ratio, a, b FROM (SELECT MAX(order_total) AS a, MIN(order_total) AS b FROM orders)",
        "SELECT CORR(x, y) FROM (SELECT COUNT(*) AS x, SUM(order_total) AS y FROM orders GROUP BY customer_id)",
        "WITH late AS (SELECT * FROM orders WHERE DATE(ordered_at) > CURRENT_DATE()) SELECT COUNT(*) AS n FROM late",
        "SELECT APPROX_QUANTILES(DATETIME_DIFF(delivered_at, ordered_at, HOUR), 2)[OFFSET(1)] AS hours FROM orders",
    ],
)
def test_a_relation_over_stored_columns_is_accepted(sql: str) -> None:
    assert relation_problems(relation(sql)) == []


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT AVG(order_total FROM orders", "The query is not GoogleSQL"),
        ("SELECT 1 AS x", "The query reads no table"),
        ("SELECT AVG(order_total) FROM orderz", "'orderz' is not a table. Did you mean 'orders'?"),
        ("SELECT AVG(cost_share) FROM products", "cost_share"),
        ("SELECT AVG(order_total) / COUNT(*) FROM orders", "SAFE_DIVIDE"),
        ("SELECT MAX(ordered_at) AS latest FROM orders", "'latest' is a DATETIME"),
        ("SELECT COUNT(*), MAX(DATE(ordered_at)) AS latest FROM orders", "'latest' is a DATE"),
        ("SELECT LOGICAL_OR(order_total > 1) FROM orders", "Column 1 is a BOOL"),
        ("SELECT COUNT(*), AVG(order_total) FROM orders", "Column 2 has no name"),
        ("SELECT COUNT(*) AS n, MIN(order_total) AS x, MAX(order_total) AS x FROM orders", "Two columns are named 'x'"),
        ("SELECT 1, 2 AS a, 3 AS b, 4 AS c, 5 AS d, 6 AS e, 7 AS f, COUNT(*) AS g FROM orders", "returns 8 columns"),
    ],
)
def test_a_relation_that_does_not_fit_is_a_problem(sql: str, words: str) -> None:
    (problem, *_) = relation_problems(relation(sql))
    assert problem.startswith("relations.gold_buys_more.sql: ")
    assert words in problem


def test_two_relations_with_one_id_are_a_problem() -> None:
    good = relation("SELECT AVG(order_total) FROM orders")
    assert relation_problems(good, good) == [
        "relations.gold_buys_more: 2 relations have this id. Give each of the relations a different id."
    ]


@pytest.mark.parametrize("between", [[2, 1], [1, 1], [1], 1, [1, 2, 3], [1, None], [0, float("inf")], ["a", 2]])
def test_a_range_is_two_numbers_in_order(between: object) -> None:
    with pytest.raises(ValidationError):
        relation("SELECT AVG(order_total) FROM orders", between)
