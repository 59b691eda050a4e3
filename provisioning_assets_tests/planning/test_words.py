"""Customers' words in texts, in GoogleSQL and in row expressions."""

import duckdb
import polars as pl
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError
from sqlglot import exp

from provisioning_assets.data_model.expressions import duckdb_sql, evaluate, holds
from provisioning_assets.planning.words import (
    CustomerWords,
    fill_googlesql,
    fill_row_expression,
    fill_text,
    googlesql_literal,
    join_words,
    row_expression_literal,
)

HOSTILE = [
    "Joe's Diner",
    "back\\slash",
    "trailing\\",
    "\\'; DROP TABLE orders; --",
    "' OR 1=1 --",
    'double "quoted"',
    "{company}",
    "$categories",
    "日本語",
    "עברית",
    "/* comment */",
    "@parameter",
]


def customer_words(*words: str) -> CustomerWords:
    return CustomerWords(
        slots={"things": list(words)},
        facts={"company": words[0], "currency": "EUR", "country": "DE", "price_level": 1.5},
    )


def executed(googlesql: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(sqlglot.transpile(googlesql, read="bigquery", write="duckdb")[0]).fetchall()


def test_words_in_a_text():
    words = customer_words("Joe's", "B", "C")
    assert fill_text("{company}: {things[1]} of {things}, {price_level}", words) == "Joe's: B of Joe's, B and C, 1.5"


def test_other_braces_are_left_alone():
    assert fill_text("{ } {} {A} {a b} {things[x]}", customer_words("A")) == "{ } {} {A} {a b} {things[x]}"


def test_a_filled_word_is_not_filled_again():
    assert fill_text("{things[0]}", customer_words("{things[1]}", "B")) == "{things[1]}"


def test_kept_names_are_left_unless_indexed():
    words = customer_words("A", "B")
    assert fill_text("{things} {things[1]}", words, keep=frozenset(["things"])) == "{things} B"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{thing[0]}", "{thing} is neither a slot nor a fact. Did you mean 'things'?"),
        ("{things[5]}", "a customer may have only 1 words"),
        ("{company[0]}", "{company} is neither a slot nor a fact"),
    ],
)
def test_unknown_words_are_reported(template: str, message: str):
    with pytest.raises(PydanticCustomError) as failure:
        fill_text(template, customer_words("A"))
    assert message in failure.value.message()


def test_an_unknown_list_is_reported():
    with pytest.raises(PydanticCustomError) as failure:
        customer_words("A").list_of("thing")
    assert "$thing is not a slot. Did you mean 'things'?" in failure.value.message()


@pytest.mark.parametrize("fill", [fill_googlesql, fill_row_expression])
def test_quotes_around_a_word_are_refused(fill):
    with pytest.raises(PydanticCustomError) as failure:
        fill("x = '{things[0]}'", customer_words("A"))
    assert "without quotes" in failure.value.message()


@pytest.mark.parametrize("word", HOSTILE)
def test_a_hostile_word_is_one_literal_of_googlesql(word: str):
    sql = fill_googlesql("SELECT {things[0]} AS word, {price_level} AS level", customer_words(word))
    statements = sqlglot.parse(sql, read="bigquery")
    assert len(statements) == 1
    statement = statements[0]
    assert statement is not None
    literal = statement.find(exp.Literal)
    assert literal is not None
    assert literal.this == word
    assert executed(sql)[0][0] == word


def test_a_whole_slot_is_a_list_for_in():
    sql = fill_googlesql("SELECT 'it\\'s' IN ({things})", customer_words("A", "it's"))
    assert executed(sql) == [(True,)]


@pytest.mark.parametrize("word", HOSTILE)
def test_a_hostile_word_is_one_literal_of_a_row_expression_for_both_engines(word: str):
    expression = fill_row_expression("thing = {things[0]}", customer_words(word))
    assert holds(expression, pl.DataFrame({"thing": [word, "other"]})).to_list() == [True, False]
    with duckdb.connect() as connection:
        condition = duckdb_sql(expression, {"thing": "STRING"})
        assert connection.execute(f"SELECT {condition} FROM (SELECT ? AS thing)", [word]).fetchone() == (True,)


@given(st.text(min_size=1, max_size=60))
def test_any_text_survives_as_a_googlesql_literal(word: str):
    parsed = sqlglot.parse_one(googlesql_literal(word), read="bigquery")
    assert isinstance(parsed, exp.Literal)
    assert parsed.this.replace("\\n", "\n").replace("\\r", "\r") == word.replace("\\n", "\n").replace("\\r", "\r")


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=60))
def test_any_word_survives_as_a_literal_of_a_row_expression(word: str):
    assert evaluate(row_expression_literal(word), pl.DataFrame({"n": [1]})).to_list() == [word]


def test_joined_words():
    assert [join_words([]), join_words(["A"]), join_words(["A", "B", "C"])] == ["", "A", "A, B and C"]
