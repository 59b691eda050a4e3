"""A blueprint is checked with a sample customer of which only the country is known."""

import pytest
from babel.numbers import list_currencies

from provisioning_assets.customers import site_of_key
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.blueprint_sources import blueprint_ids
from provisioning_assets.planning.markets import listed_countries, market_of
from provisioning_assets.planning.plan_rules import plan_problems
from provisioning_assets.planning.sample_customer import SAMPLE_KEY, sample_demo, sample_profile


@pytest.mark.parametrize("industry", blueprint_ids())
def test_every_blueprint_leads_to_a_sound_plan_and_model(industry: str) -> None:
    plan, model = sample_demo(load_blueprint(industry), "de", size="medium", seed="3", as_of="2026-05-04")
    assert plan_problems(plan) == []
    assert model_problems(model) == []
    assert (model.country, model.locale, model.currency) == ("DE", "de_DE", "EUR")
    assert (model.size, model.seed, str(model.as_of)) == ("medium", 3, "2026-05-04")


def test_a_blueprint_that_is_in_no_list_can_be_tried(example: Blueprint) -> None:
    plan, model = sample_demo(example, "US", size=None, seed=None, as_of="2026-05-04")
    assert {table.name for table in model.tables} == set(example.tables)
    assert plan.title == "Sample Company: bikes where the riders are"


@pytest.mark.parametrize("country", listed_countries())
def test_language_and_currency_follow_from_every_listed_country(country: str) -> None:
    profile = sample_profile(load_blueprint("saas"), country)
    market = market_of(profile.country, profile.language, profile.currency)
    # The country's own first locale, for which some lists of names are a neighbour's.
    assert market == market_of(country, "", profile.currency)
    assert profile.currency in list_currencies()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"country": "XX"}, "'XX' is not a known country.*AE, AR, AT"),
        ({"country": "Germany"}, "'Germany' is not a known country"),
        ({"size": "huge"}, "small, medium, large, xlarge"),
        ({"seed": "-1"}, "whole number"),
        ({"as_of": "tomorrow"}, "as-of date"),
    ],
)
def test_refused_settings_are_reported_with_the_accepted_ones(asked: dict[str, str], words: str) -> None:
    given = {"country": "US", "size": None, "seed": None, "as_of": None, **asked}
    with pytest.raises(ProvisioningError, match=words):
        sample_demo(load_blueprint("saas"), **given)  # pyright: ignore[reportArgumentType]


def test_no_customer_has_the_samples_key() -> None:
    assert site_of_key(SAMPLE_KEY).host == "sample.example"
