"""A blueprint tried on a customer of whom nothing is known but the country: every word is the blueprint's own."""

from datetime import UTC, date, datetime

from babel.numbers import get_territory_currencies

from provisioning_assets.customers import build_request
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.data_model_design import model_for
from provisioning_assets.planning.demo_plan import told_for
from provisioning_assets.planning.markets import listed_countries, main_language
from provisioning_assets.research.models import CustomerProfile

SAMPLE_KEY = "sample_example"
"""A key that no website has: ``.example`` is kept free. Source: RFC 2606, section 2."""

DEFAULT_COUNTRY = "US"


def sample_profile(blueprint: Blueprint, country: str) -> CustomerProfile:
    """A company of the blueprint's industry whose website says nothing.

    Args:
        blueprint: its industry and its words.
        country: home market, ISO 3166-1 alpha-2, in any case; language and currency follow from it.

    Raises:
        ProvisioningError: the country is not among those that are known.
    """
    code = country.upper()
    if code not in listed_countries():
        raise ProvisioningError(
            f"{country!r:.40} is not a country that is known.", f"One of: {', '.join(listed_countries())}."
        )
    return CustomerProfile(
        company_name="Sample Company",
        industry=blueprint.id,
        confidence=0,
        runner_up=None,
        country=code,
        currency=get_territory_currencies(code)[0],
        language=main_language(code),
    )


def sample_model(
    blueprint: Blueprint, country: str, *, size: str | None, seed: str | None, as_of: str | None
) -> DataModel:
    """The data model that the blueprint leads to for a sample customer.

    Args:
        blueprint: a blueprint without mistakes.
        country: as for ``sample_profile``.
        size: small, medium, large or xlarge.
        seed: a whole number as text.
        as_of: an ISO date as text. What is None takes the default of a customer's request.

    Raises:
        ProvisioningError: a value is not accepted; says what is.
    """
    asked = {"size": size, "seed": seed, "as_of": as_of}
    request = build_request(SAMPLE_KEY, asked, today=_today())
    profile = sample_profile(blueprint, country)
    return model_for(blueprint, told_for(blueprint, profile, blueprint.id), profile, request)


def _today() -> date:
    return datetime.now(tz=UTC).date()
