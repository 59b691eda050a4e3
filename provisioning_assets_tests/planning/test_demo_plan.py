"""Which blueprint and which words a plan uses, and that hostile words stay words."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning_assets.customers import DemoSize
from provisioning_assets.data_model.populations import Records
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.blueprint_sources import blueprint_ids
from provisioning_assets.planning.data_model_design import FACT_ROWS
from provisioning_assets.planning.models import Insight, InsightAssertion
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
    stored, usual = (
        [column.name for table in each.tables for column in table.columns if not column.internal]
        for each in (model, honest)
    )
    assert stored == usual


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


@pytest.mark.parametrize(
    ("unit", "measured", "told"),
    [
        ("percent", 26.74, "26.7%"),
        ("percent", 24.5, "24.5%"),
        ("percent", 30.0, "30%"),
        ("percent", -87.96, "88%"),
        ("hours", 58.25, "58.2"),
        ("EUR", 1234.5, "€1,234"),
        ("percent", None, "32%"),
    ],
)
def test_a_finding_says_the_figure_of_the_customers_own_data(unit: str, measured: float | None, told: str):
    read = InsightAssertion(column="lost_pct")
    finding = Insight(
        id="lost", headline="{measured} are lost", explanation="Since May.", action="Call.", expected=32, tolerance=12,
        unit=unit, query_id="lost", assertion=read,
    )  # fmt: skip
    assert finding.told(finding.headline, measured) == f"{told} are lost"
    assert finding.told(finding.explanation, measured) == "Since May."


@pytest.mark.parametrize("industry", blueprint_ids())
def test_no_headline_has_a_figure_of_its_own_and_its_place_is_kept_until_the_data_are_measured(industry: str):
    written = load_blueprint(industry).insights
    plan, _ = planned(profile(industry=industry))
    share = r"\d+ ?(%|percent)|\b(one|two|three|four|five|six|seven|eight|nine) (in|of) \w+|\ba (half|third|quarter|fifth)\b"
    own_figure = re.compile(rf"{share}|\btwice\b|\bevery (second|third|fourth)\b", re.IGNORECASE)
    without_words = [re.sub(r"{[^}]*}", "", insight.headline) for insight in written.values()]
    assert [headline for headline in without_words if own_figure.search(headline)] == []
    places_kept = {insight.id: insight.headline.count("{measured}") for insight in plan.insights}
    assert places_kept == {name: insight.headline.count("{measured}") for name, insight in written.items()}
    assert sum(places_kept.values()) >= 4
