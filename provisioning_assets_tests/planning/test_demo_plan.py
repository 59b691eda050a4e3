"""Which blueprint and which words a plan uses, and that hostile words stay words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning_assets.customers import DemoSize
from provisioning_assets.data_model.populations import Records
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.planning.data_model_design import FACT_ROWS
from provisioning_assets.planning.plan_rules import plan_problems, sql_problems
from provisioning_assets_tests.planning.conftest import facts, places, planned, profile, request_for
from provisioning_assets_tests.property_tests import examples

HOSTILE = [
    'Women\'s "best" shoes',
    "back\\slash \\' OR 1=1 --",
    "<script>alert('x')</script>Hats",
    "${{products}} {company} `orders`",
    "靴とバッグ",
    "أحذية",
    "x" * 300,
    "🚀 Rockets; DROP TABLE orders",
]


def test_the_industrys_blueprint_is_taken():
    plan, _ = planned(profile(industry="retail_ecommerce"))
    assert (plan.blueprint, plan.industry) == ("retail_ecommerce", "retail_ecommerce")


def test_an_industry_without_a_blueprint_uses_the_general_one_and_reports_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "provisioning_assets.planning.demo_blueprint.blueprint_ids", lambda: ["general_business", "retail_ecommerce"]
    )
    plan, _ = planned(profile(industry="nonprofit"))
    assert (plan.blueprint, plan.industry) == ("general_business", "nonprofit")


def test_the_industry_asked_for_wins():
    plan, _ = planned(profile(industry="retail_ecommerce"), request_for(industry="general_business"))
    assert (plan.blueprint, plan.industry) == ("general_business", "general_business")


def test_the_customers_words_are_used_and_recorded():
    known = profile(
        company_name="Vital.ca",
        product_categories=facts("Vitamins & Supplements", "Baby", "Beauty", "Groceries"),
        places=places("Guelph", "Calgary", "Halifax"),
        country="CA",
        currency="CAD",
    )
    plan, model = planned(known)
    assert plan.title == "Vital.ca: where the margin goes"
    assert plan.vocabulary["categories"] == ["Vitamins & Supplements", "Baby", "Beauty", "Groceries"]
    assert plan.slot_sources["categories"] == "customer"
    assert plan.slot_sources["segments"] == "blueprint"
    assert plan.slot_sources["hubs"] == "customer"
    products = next(table for table in model.tables if table.name == "products").population
    assert isinstance(products, Records)
    assert {row["category"] for row in products.rows} == set(plan.vocabulary["categories"])
    assert (model.currency, model.country, model.locale) == ("CAD", "CA", "en_CA")


@pytest.mark.parametrize("size", DemoSize)
def test_size_seed_and_date_are_the_requests(size: DemoSize):
    request = request_for(size=size, seed=7)
    _, model = planned(profile(), request)
    assert (model.fact_rows, model.size, model.seed, model.as_of) == (FACT_ROWS[size], size, 7, request.as_of)


def test_a_company_without_a_usable_name_has_one_in_texts():
    assert planned(profile(company_name="🚀"))[0].title.startswith("The company:")


@pytest.mark.parametrize("industry", ["retail_ecommerce", "general_business"])
def test_hostile_words_stay_words(industry: str):
    known = profile(
        company_name=HOSTILE[1],
        industry=industry,
        products=facts(*HOSTILE),
        product_categories=facts(*HOSTILE),
        customer_segments=facts(*HOSTILE),
        places=places(*HOSTILE),
    )
    plan, model = planned(known)
    assert [plan_problems(plan), model_problems(model), sql_problems(plan, model.tables)] == [[], [], []]
    assert "<script" not in plan.model_dump_json()
    _, honest = planned(profile(industry=industry))
    assert [table.name for table in model.tables] == [table.name for table in honest.tables]
    assert [column.name for table in model.tables for column in table.columns] == [
        column.name for table in honest.tables for column in table.columns
    ]


WORDS = st.lists(st.text(min_size=1, max_size=40), max_size=8)


@settings(max_examples=examples(15))
@given(name=st.text(max_size=80), products=WORDS, categories=WORDS, segments=WORDS, cities=WORDS)
def test_any_profile_gives_a_sound_plan_and_the_same_one_again(name, products, categories, segments, cities):
    known = profile(
        company_name=name,
        products=facts(*products),
        product_categories=facts(*categories),
        customer_segments=facts(*segments),
        places=places(*cities),
    )
    plan, model = planned(known)
    assert plan_problems(plan) == []
    assert model_problems(model) == []
    assert sql_problems(plan, model.tables) == []
    again, same = planned(known)
    assert plan == again
    assert model.model_dump_json() == same.model_dump_json()
