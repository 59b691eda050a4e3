"""Turns the customer's blueprint into the data model: tables, keys and generators, at the requested size."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint_rules import authored
from provisioning_assets.planning.demo_blueprint import customer_words, market_of_customer
from provisioning_assets.planning.models import DemoBlueprint
from provisioning_assets.planning.table_design.design import design_tables
from provisioning_assets.planning.words import fill_text

if TYPE_CHECKING:
    from provisioning_assets.customers import CustomerRequest

FACT_ROWS: Mapping[str, int] = MappingProxyType(
    {"small": 20_000, "medium": 200_000, "large": 2_000_000, "xlarge": 50_000_000}
)
"""Size of a demo -> approximate number of rows of its largest fact table."""


def design_data_model(made: DemoBlueprint, request: "CustomerRequest") -> DataModel:
    """The data model of a customer's blueprint, with the size, seed and as-of date of the request. Deterministic.

    Raises:
        ProvisioningError: the tables cannot be designed; with all problems.
    """
    market, words = market_of_customer(made.customer), customer_words(made)
    fact_rows = FACT_ROWS[request.size.value]
    design = design_tables(made.blueprint, words, market, made.language, fact_rows / FACT_ROWS["small"])
    if design.problems:
        raise ProvisioningError(
            "The tables cannot be designed:\n" + "\n".join(f"- {authored(each, design)}" for each in design.problems),
            "Change the blueprint or the edits of this demo.",
        )
    return DataModel(
        name=fill_text(made.blueprint.data_set, words),
        description=fill_text(made.blueprint.story, words).strip(),
        as_of=request.as_of,
        history_days=made.blueprint.history_days,
        size=request.size.value,
        fact_rows=fact_rows,
        seed=request.seed,
        locale=market.locale,
        country=market.country,
        currency=market.currency,
        tables=design.tables,
        effects=design.effects,
        rules=design.laws,
        relations=design.relations,
    )
