"""A customer's blueprint records the origin of each word, and words stay words through all of planning."""

import re
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from provisioning_assets.data_model.expression_parser import parsed
from provisioning_assets.data_model.expression_tree import Literal, Node, changed
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.blueprint_rules import filled_problems
from provisioning_assets.planning.blueprint_sources import blueprint_digest
from provisioning_assets.planning.demo_blueprint import (
    blueprint_for,
    customer_words,
    filled_blueprint,
    market_of_customer,
)
from provisioning_assets.planning.models import BlueprintSource, Customer, DemoBlueprint, DemoPlan
from provisioning_assets.planning.plan_rules import plan_problems, sql_problems
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets_tests.planning.conftest import facts, places, planned, profile, request_for


def words_of(made: DemoBlueprint, slot: str) -> dict[str, tuple[str, str | None, str | None]]:
    """Word -> whose it is, the page it was read on, and the words around it."""
    return {word.word: (word.source, word.page, word.passage) for word in made.blueprint.slots[slot].filled}


def test_every_word_says_whose_it_is_and_where_it_was_read():
    known = profile(
        product_categories=facts("Vitamins", "Baby", "Beauty", "Groceries", page="https://acme.com/shop"),
        products=facts("Baby Lotion", page="https://acme.com/shop/baby"),
        places=places("Reno"),
    )
    made = blueprint_for(known, request_for())
    assert words_of(made, "categories")["Beauty"] == ("customer", "https://acme.com/shop", "Beauty")
    products = words_of(made, "products")
    assert products["Baby Lotion"] == ("customer", "https://acme.com/shop/baby", "Baby Lotion")
    assert ("blueprint", None, None) in products.values()
    hubs = words_of(made, "hubs")
    assert hubs.pop("Reno") == ("customer", "https://acme.com/", "Reno")
    assert set(hubs.values()) == {("blueprint", None, None)}
    assert set(words_of(made, "segments").values()) == {("blueprint", None, None)}


def test_a_word_that_was_cleaned_keeps_its_page():
    long = "  <b>Vitamins</b>   and supplements "
    known = profile(product_categories=facts(long, "Baby", "Beauty", "Groceries", page="https://acme.com/shop"))
    word, (source, page, passage) = next(iter(words_of(blueprint_for(known, request_for()), "categories").items()))
    assert word == "Vitamins and supplements"
    assert (source, page) == ("customer", "https://acme.com/shop")
    assert passage == long


def test_groups_and_prices_are_stored_with_the_words():
    prices = {"Giga Start": 19.9, "Giga Plus": 34.9, "Giga Home": 44.9, "Giga Max": 69.9}
    plans = [fact.model_copy(update={"price": prices[fact.value]}) for fact in facts(*prices)]
    made = blueprint_for(profile(industry="telecom", products=plans), request_for())
    assert {word.word: word.price for word in made.blueprint.slots["plans"].filled} == prices
    retail = blueprint_for(profile(), request_for())
    categories = {word.word for word in retail.blueprint.slots["categories"].filled}
    assert {word.group for word in retail.blueprint.slots["products"].filled} == categories
    assert all(word.group is None for word in retail.blueprint.slots["categories"].filled)


def test_it_holds_all_that_plan_and_model_are_made_from():
    known = profile(
        company_name="Vital.ca", country="CA", currency="CAD", product_categories=facts("A1 b", "Baby", "C", "D")
    )
    made = blueprint_for(known, request_for())
    assert made.customer.home is not None
    assert (made.customer.home.town, made.customer.home.known_by) == ("Toronto", "country")
    without_home = made.customer.model_copy(update={"home": None})
    assert without_home == Customer(company="Vital.ca", country="CA", language="en", currency="CAD")
    assert made.source == BlueprintSource(
        id="retail_ecommerce",
        version=load_blueprint("retail_ecommerce").version,
        digest=blueprint_digest("retail_ecommerce"),
    )
    stored = DemoBlueprint.model_validate_json(made.model_dump_json())
    assert stored == made
    assert stored.digest() == made.digest()
    words = customer_words(stored)
    assert words.slots["categories"] == ["A1 b", "Baby", "C", "D"]
    assert words.facts["price_level"] == market_of_customer(stored.customer).price_level


def test_the_industrys_file_stays_as_it_is():
    before = load_blueprint("retail_ecommerce").model_dump_json()
    blueprint_for(profile(product_categories=facts("A", "B", "C", "D")), request_for())
    assert load_blueprint("retail_ecommerce").model_dump_json() == before
    assert not any(slot.filled for slot in load_blueprint("retail_ecommerce").slots.values())


def test_a_blueprint_that_is_in_no_folder_can_be_filled(example):
    made = filled_blueprint(example, profile(), "bike_rental")
    assert (made.source.id, made.source.digest) == ("bike_rental", "")
    assert filled_problems(made.blueprint, customer_words(made), market_of_customer(made.customer)) == []


def test_the_summary_counts_whose_words_they_are():
    made = blueprint_for(profile(product_categories=facts("Aa", "Bb", "Cc", "Dd")), request_for())
    words = [word for slot in made.blueprint.slots.values() for word in slot.filled]
    assert f"4 of {len(words)} words are the customer's" in made.summary()


# --- words that look like something else ---------------------------------------------------------------------------------

ODD = [
    "zq' OR 'vx'='vx",
    "zq\\' ; DROP TABLE zq",
    "null",
    "otherwise",
    "1 then 2 when 3",
    "zq: [vx, {wq: 1}]",
    "<zq onerror=vx>qv wz",
    "{company} {zqs[0]}",
    "{last 12 months of zq}",
    "$categories vx",
    "{{ 7 * 7 }} zq",
    "${zq} `vx` qz",
    "zq'); SELECT * FROM vx; --",
    "=cmd|' /C zq'!A0",
    "sum(zq.vx where wq)",
    "zq__vx",
]
"""Words that would be code, markup, YAML, a template, a formula or a name, were they taken for one."""

PLAIN = [f"Qwz{letter}x" for letter in "abcdefghijklmnop"]


def customer(words: list[str], industry: str) -> CustomerProfile:
    return profile(
        company_name=words[0],
        industry=industry,
        plans=facts(*words[:6]),
        services=facts(*words[:6]),
        products=facts(*words[:6]),
        product_categories=facts(*words[:6]),
        courses=facts(*words[:6]),
        features=facts(*words[:6]),
        customer_segments=facts(*words[6:12]),
        places=places(*words[12:]),
    )


def without_literals(sql: str, *, row_expression: bool) -> str:
    """An expression or a query with ``?`` for every text in it."""
    if row_expression:

        def marked(node: Node) -> Node:
            return Literal("?") if isinstance(node, Literal) and isinstance(node.value, str) else node

        return changed(parsed(sql), marked).text
    statements = sqlglot.parse(sql, read="bigquery")
    assert len(statements) == 1
    tree = statements[0]
    assert tree is not None
    for literal in tree.find_all(exp.Literal):
        if literal.is_string and not re.fullmatch(r"\d+", literal.this):
            literal.replace(exp.Literal.string("?"))
    return tree.sql(dialect="bigquery")


def shape(plan: DemoPlan, model: DataModel) -> list[Any]:
    """All names, expressions and queries of a plan and a model, without the texts in them."""
    found: list[Any] = [without_literals(item.sql, row_expression=False) for item in [*plan.questions, *plan.kpis]]
    found += [without_literals(law.sql, row_expression=False) for law in [*model.rules, *model.relations]]
    for table in model.tables:
        found += [table.name, table.primary_key, [key.references_table for key in table.foreign_keys]]
        for column in table.columns:
            found += [column.name, column.type, column.generator.kind]
            found += [
                without_literals(value, row_expression=True)
                for name in ("sql", "where", "times")
                if isinstance(value := getattr(column.generator, name, None), str)
            ]
    found += [
        (effect.table, effect.column, effect.where and without_literals(effect.where, row_expression=True))
        for effect in model.effects
    ]
    return found


@pytest.mark.parametrize("industry", ["retail_ecommerce", "telecom", "saas", "logistics", "general_business"])
def test_words_that_look_like_something_else_change_no_name_no_expression_and_no_query(industry: str):
    odd, plain = planned(customer(ODD, industry)), planned(customer(PLAIN, industry))
    plan, model = odd
    assert [plan_problems(plan), model_problems(model), sql_problems(plan, model.tables)] == [[], [], []]
    own = [word for words in plan.vocabulary.values() for word in words if "zq" in word or "vx" in word]
    assert len(own) >= 4, "the customer's words are used"
    assert shape(*odd) == shape(*plain)
    text = plan.model_dump_json() + model.model_dump_json()
    assert "<zq" not in text
