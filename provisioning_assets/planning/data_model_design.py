"""Demo plan -> data model: tables, keys and generators for the plan's words, at the requested size."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from provisioning_assets.data_model.laws import Law
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.demo_plan import customer_facts, home_market
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.planning.substitution import Vocabulary, fill_googlesql, fill_text
from provisioning_assets.planning.table_design import tables_and_effects
from provisioning_assets.research.models import CustomerProfile

if TYPE_CHECKING:
    from provisioning_assets.customers import CustomerRequest

FACT_ROWS: Mapping[str, int] = MappingProxyType(
    {"small": 20_000, "medium": 200_000, "large": 2_000_000, "xlarge": 50_000_000}
)
"""Rows of the largest fact table, about."""


def design_data_model(plan: DemoPlan, profile: CustomerProfile, request: "CustomerRequest") -> DataModel:
    """The data model of a plan. Deterministic.

    Raises:
        ProvisioningError: the plan was made from another version of its blueprint.
    """
    blueprint = load_blueprint(plan.blueprint)
    if plan.blueprint_version != blueprint.version:
        raise ProvisioningError(
            f"The plan was made from version {plan.blueprint_version} of the blueprint '{plan.blueprint}', "
            f"which is now version {blueprint.version}.",
            "Materialize demo_plan again.",
        )
    return model_for(blueprint, plan, profile, request)


def model_for(blueprint: Blueprint, plan: DemoPlan, profile: CustomerProfile, request: "CustomerRequest") -> DataModel:
    """The data model of a plan that was made from ``blueprint``."""
    market = home_market(profile)
    vocabulary = Vocabulary(
        slots=plan.vocabulary, facts=customer_facts(profile), groups=plan.slot_groups, prices=plan.slot_prices
    )
    tables, effects = tables_and_effects(blueprint, vocabulary, market)
    return DataModel(
        name=fill_text(blueprint.data_set, vocabulary),
        description=plan.story,
        as_of=request.as_of,
        history_days=blueprint.history_days,
        size=request.size.value,
        fact_rows=FACT_ROWS[request.size.value],
        seed=request.seed,
        locale=market.locale,
        country=market.country,
        currency=market.currency,
        tables=tables,
        effects=effects,
        rules=[
            Law(id=name, says=fill_text(law.says, vocabulary), sql=fill_googlesql(law.sql, vocabulary).strip())
            for name, law in blueprint.rules.items()
        ],
    )
