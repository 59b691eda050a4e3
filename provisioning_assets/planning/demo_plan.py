"""Customer profile -> demo plan: which blueprint, filled with whose words."""

from typing import TYPE_CHECKING

from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.blueprint_files import GENERAL_BLUEPRINT, blueprint_ids, load_blueprint
from provisioning_assets.planning.markets import Market, market_of
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.planning.slots import clean_word, fill_slots
from provisioning_assets.planning.story import tell_story
from provisioning_assets.planning.substitution import Vocabulary
from provisioning_assets.research.models import CustomerProfile

if TYPE_CHECKING:
    from provisioning_assets.customers import CustomerRequest

LONGEST_COMPANY_NAME = 60


def plan_demo(profile: CustomerProfile, request: "CustomerRequest") -> DemoPlan:
    """The story for a customer. The same profile and request give the same plan.

    The blueprint is that of the industry the CE asked for, or else of the profile's; an industry without one takes
    ``general_business``, which ``DemoPlan.blueprint`` then says beside ``DemoPlan.industry``.
    """
    industry = request.industry or profile.industry
    return told_for(load_blueprint(industry if industry in blueprint_ids() else GENERAL_BLUEPRINT), profile, industry)


def told_for(blueprint: Blueprint, profile: CustomerProfile, industry: str) -> DemoPlan:
    """A blueprint's story with the words of a profile, for a company of an industry."""
    filled = fill_slots(blueprint, profile, home_market(profile))
    vocabulary = Vocabulary(
        slots=filled.words, facts=customer_facts(profile), groups=filled.groups, prices=filled.prices
    )
    return tell_story(blueprint, vocabulary, industry, filled.sources)


def home_market(profile: CustomerProfile) -> Market:
    """Locale, price level and cities that follow from the profile's country, language and currency."""
    return market_of(profile.country, profile.language, profile.currency)


def customer_facts(profile: CustomerProfile) -> dict[str, str | float]:
    """What every blueprint may name beside its slots (``substitution.FACTS``)."""
    market = home_market(profile)
    return {
        "company": clean_word(profile.company_name, LONGEST_COMPANY_NAME) or "The company",
        "currency": market.currency,
        "country": market.country,
        "price_level": market.price_level,
    }
