"""A refresh tells the same stories: plan and planted effects do not depend on the as-of date."""

import pytest

from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.blueprint_sources import blueprint_ids
from provisioning_assets.planning.sample_customer import DEFAULT_COUNTRY, sample_demo


@pytest.mark.parametrize("industry", sorted(blueprint_ids()))
def test_insights_their_groups_and_their_effects_are_the_same_on_another_day(industry: str) -> None:
    blueprint = load_blueprint(industry)
    (plan, model), (later_plan, later_model) = (
        sample_demo(blueprint, DEFAULT_COUNTRY, as_of=day) for day in ("2026-06-30", "2026-07-14")
    )
    assert plan.insights
    assert [(one.id, one.assertion) for one in later_plan.insights] == [
        (one.id, one.assertion) for one in plan.insights
    ]
    assert model.effects
    assert later_model.effects == model.effects
    assert (later_model.seed, later_model.as_of > model.as_of) == (model.seed, True)
