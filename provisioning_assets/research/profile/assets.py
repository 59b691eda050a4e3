"""Dagster assets of research: the customer's website and the customer's profile."""

import dagster as dg

from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.customers import CustomerRequest, naming_host
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.research.website.models import CustomerWebsite
from provisioning_assets.store import materialized

CODE_VERSION = "6"
"""Increase it when the same inputs would give another artefact; artefacts made before are then out of date."""


@demo_asset(
    group_name="research",
    code_version=CODE_VERSION,
    description=(
        "The customer's profile: company, industry with runner-up, products, customer groups, places, currency, language "
        "and typical words. Each fact has the page and the words from which it was read. No AI model is used."
    ),
    kinds={"python"},
)
def customer_profile(
    customer_request: CustomerRequest, customer_website: CustomerWebsite
) -> dg.MaterializeResult[CustomerProfile]:
    """Take a ``CustomerWebsite`` and return a ``CustomerProfile``; an industry in the request is taken as given."""
    from provisioning_assets.research.profile.reading import read_profile
    from provisioning_assets.research.profile.report import facts_table, industries_png

    profile = read_profile(
        customer_website,
        industry_override=customer_request.industry,
        default_company_host=naming_host(customer_request),
        name_override=customer_request.corrections.company_name,
        country_override=customer_request.corrections.country,
    )
    records, schema = facts_table(profile)
    how_sure = "given" if profile.industry_given else f"confidence {profile.confidence:.0%}"
    return materialized(
        profile,
        {
            "company": profile.company_name,
            "industry": f"{profile.industry} ({how_sure})",
            "runner_up": profile.runner_up or "none",
            "home_market": f"{profile.country}, {profile.currency}, {profile.language}",
            "products": len(profile.products),
            "dagster/row_count": len(records),
            "industries": dg.MetadataValue.md(f"![industries]({industries_png(profile)})"),
            "facts": dg.MetadataValue.table(
                records=[dg.TableRecord(record) for record in records],
                schema=dg.TableSchema([dg.TableColumn(name, kind, description=about) for name, kind, about in schema]),
            ),
        },
    )
