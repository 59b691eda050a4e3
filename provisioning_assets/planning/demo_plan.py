"""Turns the customer's blueprint into the demo plan, in the customer's words."""

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.demo_blueprint import customer_words
from provisioning_assets.planning.models import DemoBlueprint, DemoPlan, WhoseWords
from provisioning_assets.planning.shown_words import digest_of_words, shown_words
from provisioning_assets.planning.story import plan_of
from provisioning_assets.planning.table_design.draft import DesignError


def plan_demo(made: DemoBlueprint) -> DemoPlan:
    """The demo plan of a customer's blueprint. Deterministic.

    Raises:
        ProvisioningError: a text refers to a word that does not exist.
    """
    try:
        plan = plan_of(made.blueprint, customer_words(made), made.industry, _sources(made))
    except DesignError as error:
        raise ProvisioningError(str(error.problem), "Change the blueprint or the edits of this demo.") from error
    shown = shown_words(made)
    trade: dict[str, list[str]] = {}
    for word in shown:
        if word.source == "blueprint":
            trade.setdefault(word.slot, []).append(word.word)
    return plan.model_copy(
        update={
            "customer_words": sum(word.source != "blueprint" for word in shown),
            "trade_words": trade,
            "words_digest": digest_of_words(made),
            "claude": made.claude,
        }
    )


def _sources(made: DemoBlueprint) -> dict[str, WhoseWords]:
    return {name: _whose([word.source for word in slot.filled]) for name, slot in made.blueprint.slots.items()}


def _whose(sources: list[str]) -> WhoseWords:
    own = sum(source != "blueprint" for source in sources)
    return "blueprint" if own == 0 else "customer" if own == len(sources) else "mixed"
