"""Tries a blueprint with a sample customer, of which only the country is known: all words are the blueprint's own."""

from datetime import date

from babel.numbers import get_territory_currencies

from provisioning_assets import clock
from provisioning_assets.customers import build_request
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.data_model_design import design_data_model
from provisioning_assets.planning.demo_blueprint import filled_blueprint
from provisioning_assets.planning.demo_plan import plan_demo
from provisioning_assets.planning.markets import listed_countries, main_language
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.research.profile.models import CustomerProfile

SAMPLE_KEY = "sample_example"
"""Key of the sample customer. No website has it: the domain ``.example`` is reserved. Source: RFC 2606, section 2."""

DEFAULT_COUNTRY = "US"


def sample_profile(blueprint: Blueprint, country: str) -> CustomerProfile:
    """The profile of a company in the blueprint's industry whose website contains no words.

    Args:
        blueprint: the blueprint, which gives the industry.
        country: home market, ISO 3166-1 alpha-2, in upper or lower case; it decides language and currency.

    Raises:
        ProvisioningError: the country is not one of the listed ones.
    """
    code = country.upper()
    if code not in listed_countries():
        raise ProvisioningError(f"{country!r:.40} is not a known country.", f"One of: {', '.join(listed_countries())}.")
    return CustomerProfile(
        company_name="Sample Company",
        industry=blueprint.id,
        confidence=0,
        runner_up=None,
        country=code,
        currency=get_territory_currencies(code)[0],
        language=main_language(code),
    )


def sample_demo(
    blueprint: Blueprint, country: str, *, size: str | None = None, seed: str | None = None, as_of: str | None = None
) -> tuple[DemoPlan, DataModel]:
    """The plan and the data model of a sample customer.

    ``size``, ``seed`` and ``as_of`` have the defaults of a customer's request if they are None.

    Args:
        blueprint: a blueprint without mistakes.
        country: as for ``sample_profile``.
        size: small, medium, large or xlarge.
        seed: a whole number as text.
        as_of: an ISO date as text.

    Raises:
        ProvisioningError: a value is not accepted; the message says which values are.
    """
    asked = {"size": size, "seed": seed, "as_of": as_of}
    request = build_request(SAMPLE_KEY, asked, today=_today())
    made = filled_blueprint(blueprint, sample_profile(blueprint, country), blueprint.id)
    return plan_demo(made), design_data_model(made, request)


def _today() -> date:
    return clock.today()
