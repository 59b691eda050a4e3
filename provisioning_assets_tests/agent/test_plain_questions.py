"""Plain questions about the small shop: correct rows or a polite refusal. A question that differs from a verified query does
not match it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioning_assets.agent.context import build_context
from provisioning_assets.agent.local_server.datasets import DuckDBData, StoreDatasets
from provisioning_assets.agent.row_matching import is_right
from provisioning_assets.agent.understanding.answering import Answer, Understanding, answer, understand
from provisioning_assets.data_model.generators import Expression
from provisioning_assets.googlesql.duckdb_queries import run_query
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets_tests.agent import small_shop

TABLE = yaml.safe_load(Path(__file__).with_name("plain_questions.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def data(store: Path) -> DuckDBData:
    return StoreDatasets(store).open("local", f"demo_{small_shop.KEY}")


@pytest.fixture(scope="module")
def understanding(context: Any, data: DuckDBData) -> Understanding:
    return understand(context, data)


@pytest.mark.parametrize("case", TABLE["answered"], ids=lambda case: case["question"])
def test_a_plain_question_has_the_rows_an_analyst_would_get(
    case: dict[str, str], understanding: Understanding, data: DuckDBData
) -> None:
    expected = run_query(data.path, case["sql"], as_of=small_shop.AS_OF, most_rows=1000)
    found = answer(case["question"], understanding, data)
    assert found.result is not None, found.text
    assert is_right(expected.rows, found.result.rows), found.sql
    assert found.text


def test_there_are_enough_of_both() -> None:
    assert len(TABLE["answered"]) >= 60
    assert len(TABLE["refused"]) >= 15


@pytest.mark.parametrize("question", TABLE["refused"])
def test_questions_that_the_data_cannot_answer_are_refused_with_ones_that_work(
    question: str, understanding: Understanding, data: DuckDBData
) -> None:
    found = answer(question, understanding, data)
    assert (found.kind, found.sql, found.result) == ("refused", None, None)
    assert found.text.startswith("I cannot answer that")
    assert len(found.suggestions) == 3
    assert all(answer(suggestion, understanding, data).result for suggestion in found.suggestions)


@pytest.mark.parametrize("question", TABLE["asked_back"])
def test_a_question_with_two_meanings_is_asked_back_and_both_are_named(
    question: str, understanding: Understanding, data: DuckDBData
) -> None:
    found = answer(question, understanding, data)
    assert (found.kind, found.sql, found.result) == ("unclear", None, None)
    assert "stores.city" in found.text
    assert "customers.home_city" in found.text


VERIFIED = small_shop.QUESTIONS[0].question  # revenue by month, last 12 months


@pytest.mark.parametrize(
    "question",
    [VERIFIED, VERIFIED.upper(), VERIFIED.rstrip("?"), *small_shop.QUESTIONS[0].paraphrases],
)
def test_a_verified_question_and_its_paraphrases_are_replayed(
    question: str, understanding: Understanding, data: DuckDBData
) -> None:
    found = answer(question, understanding, data)
    assert found.matched is not None
    assert found.matched.sql == understanding.catalog.examples[0].sql


@pytest.mark.parametrize(
    "question",
    [
        "How has revenue developed month by month over the last 6 months?",
        "How has revenue developed month by month in 2025?",
        "How has revenue developed week by week over the last 12 months?",
        "How has shipping cost developed month by month over the last 12 months?",
        "How has revenue developed by region over the last 12 months?",
        "How has revenue developed month by month over the last 12 months in the North?",
        "How has revenue developed month by month over the last 12 months for VIP customers?",
        "Which product categories have the highest return rate in the last 90 days?",
        "Which channels have the highest return rate in the last 180 days?",
        "Which three stores in the South had the most VIP customers this year?",
        "Which five stores in the North and East had the most VIP customers this year?",
    ],
)
def test_a_question_that_differs_in_one_thing_is_not_replayed(
    question: str, understanding: Understanding, data: DuckDBData
) -> None:
    assert answer(question, understanding, data).matched is None


def text_of(question: str, understanding: Understanding, data: DuckDBData) -> Answer:
    return answer(question, understanding, data)


def test_answers_are_sentences_with_figures_in_their_units(understanding: Understanding, data: DuckDBData) -> None:
    assert answer("What is our total revenue?", understanding, data).text.startswith("Order total: €")
    assert "%" in answer("What share of orders was returned?", understanding, data).text
    assert "stars" in answer("average rating by store", understanding, data).text
    ranking = answer("revenue by channel", understanding, data).text
    assert "Online shop" in ranking
    assert "is highest for" in ranking
    assert "Total rows: 10." in answer("units sold by product", understanding, data).text
    assert answer("orders in 2011", understanding, data).text == "Orders count: 0."
    by_month = answer("orders by month", understanding, data).text
    assert "in Jun 2024" in by_month
    assert "in Jun 2026" in by_month


def test_charts_follow_the_result(understanding: Understanding, data: DuckDBData) -> None:
    def mark(question: str) -> str | None:
        chart = answer(question, understanding, data).chart
        return chart["mark"]["type"] if chart else None

    assert mark("orders by month") == "line"
    assert mark("revenue by channel") == "bar"
    assert mark("How many orders are there?") is None
    split = answer("monthly revenue by channel in 2025", understanding, data).chart
    assert split is not None
    assert split["encoding"]["color"]["field"] == "channel"
    assert mark("orders by customer") is None


def test_a_list_is_a_list(understanding: Understanding, data: DuckDBData) -> None:
    found = answer("list all stores", understanding, data)
    assert found.result is not None
    assert found.result.row_count == 5
    assert [column.name for column in found.result.columns] == ["store_id", "store_name", "city", "region"]


def test_a_list_shows_the_columns_that_are_asked_for(understanding: Understanding, data: DuckDBData) -> None:
    found = answer("List the orders delivered yesterday with region and order total", understanding, data)
    expected = run_query(
        data.path,
        "SELECT s.region, o.order_total FROM orders o JOIN stores s USING (store_id) WHERE DATE(o.delivered_at) = '2026-06-14'",
        as_of=small_shop.AS_OF,
    )
    assert found.result is not None, found.text
    assert is_right(expected.rows, found.result.rows)


def test_a_product_s_price_cannot_be_shown_by_store(understanding: Understanding, data: DuckDBData) -> None:
    found = answer("average price by store", understanding, data)
    assert found.kind == "refused"
    assert "counting some rows twice" in found.text


def test_standing_filters_of_the_instructions_are_kept_unless_asked(context: Any, data: DuckDBData) -> None:
    from google.cloud import geminidataanalytics_v1 as gda

    instructed = gda.Context(context)
    instructed.system_instruction += "\n- Leave out returned orders (orders.is_returned) unless returns are asked for."
    understanding = understand(instructed, data)

    def rows(question: str) -> list[list[Any]]:
        found = answer(question, understanding, data)
        assert found.result is not None
        return found.result.rows

    def expected(sql: str) -> list[list[Any]]:
        return run_query(data.path, sql, as_of=small_shop.AS_OF).rows

    assert rows("total revenue") == expected("SELECT SUM(order_total) FROM orders WHERE NOT is_returned")
    assert rows("How many orders were returned?") == expected("SELECT COUNT(*) FROM orders WHERE is_returned")
    assert rows("units sold") == expected(
        "SELECT SUM(quantity) FROM order_items AS i JOIN orders AS o ON o.order_id = i.order_id WHERE NOT is_returned"
    )
    assert rows("number of customers") == [[180]]
    assert "Without orders where is_returned is true." in answer("total revenue", understanding, data).text
    for related in ("How many customers have never ordered?", "Stores with more than 250 orders"):
        found = answer(related, understanding, data)
        assert found.sql is not None
        assert "is_returned" in found.sql
        assert found.text.count("Without orders where is_returned is true.") == 1, (
            "rows left out are said, wherever they are"
        )


def test_a_word_for_what_was_named_before_is_a_follow_up(understanding: Understanding, data: DuckDBData) -> None:
    """Answered by itself, "how many orders did they place" would count the orders of everyone."""
    before = ["How many VIP customers are there?"]
    alone = answer("How many orders were placed last month?", understanding, data)
    found = answer("How many orders did they place last month?", understanding, data, before)
    assert alone.result is not None
    assert found.result is None or found.result.rows != alone.result.rows
    unread = answer("How many orders did they place last month?", understanding, data, ["Who is our nicest customer?"])
    assert (unread.kind, unread.result) == ("refused", None)


def test_what_a_question_asks_for_in_its_last_word_is_not_left_out(
    understanding: Understanding, data: DuckDBData
) -> None:
    found = answer("What were yesterday's orders about?", understanding, data)
    assert (found.kind, found.result) == ("refused", None)
    assert "about" in found.text


def test_a_share_of_what_is_known_later_asks_by_which_time(store: Path, data: DuckDBData) -> None:
    """Orders that were late: those placed last month, or those that arrived last month?"""
    model = small_shop.data_model()
    orders = next(table for table in model.tables if table.name == "orders")
    flag = next(column for column in orders.columns if column.name == "is_returned")
    flag.generator = Expression(sql="delivered_at > ordered_at")
    orders.event_time = "ordered_at"
    dataset = DemoDataset.model_validate_json((store / small_shop.KEY / "demo_dataset.json").read_text())
    changed = build_context(small_shop.demo_plan(), model, small_shop.golden_queries(store), dataset, "local")
    found = answer("What share of orders was returned last month?", understand(changed, data), data)
    assert (found.kind, found.result) == ("unclear", None)
    assert "ordered_at" in found.text
    assert "delivered_at" in found.text


def test_a_table_is_called_by_its_last_word_if_no_other_has_it(understanding: Understanding) -> None:
    assert [m.table for m in understanding.names.near.get(("item",), []) if m.kind == "table"] == ["order_items"]


def test_light_verbs_do_not_keep_a_question_from_being_read(understanding: Understanding, data: DuckDBData) -> None:
    plain = answer("How many orders were there last month?", understanding, data)
    handled = answer("How many orders did we send out last month?", understanding, data)
    assert handled.result is not None
    assert handled.sql == plain.sql


def test_those_of_a_ranking_before_are_not_guessed(understanding: Understanding, data: DuckDBData) -> None:
    before = "Which store has the highest revenue?"
    found = answer("How many of those orders were returned, by channel?", understanding, data, history=[before])
    assert found.kind == "refused"
    assert answer("and by channel?", understanding, data, history=["revenue in 2025"]).result is not None


def test_of_those_are_the_rows_of_the_question_before(understanding: Understanding, data: DuckDBData) -> None:
    before = "How many orders were there in 2025?"
    found = answer("and how many of those were cancelled?", understanding, data, history=[before])
    sql = "SELECT COUNT(*) FROM orders WHERE EXTRACT(YEAR FROM ordered_at) = 2025 AND order_status = 'cancelled'"
    expected = run_query(data.path, sql, as_of=small_shop.AS_OF, most_rows=10)
    assert found.result is not None, found.text
    assert is_right(expected.rows, found.result.rows), found.sql


def test_what_goes_on_from_a_question_that_was_not_understood_is_refused(
    understanding: Understanding, data: DuckDBData
) -> None:
    found = answer("now without cancelled orders", understanding, data, history=["orders on the moon by month"])
    assert found.kind == "refused"
