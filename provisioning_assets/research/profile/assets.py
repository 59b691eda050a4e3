"""Dagster assets of research: the customer's website and the customer's profile."""

import logging
from collections.abc import Sequence
from typing import Any

import dagster as dg

from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.claude.errors import ClaudeError
from provisioning_assets.claude.resources import Claude
from provisioning_assets.customers import CustomerRequest, Planner, naming_host
from provisioning_assets.pools import CLAUDE
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.research.website.models import CustomerWebsite
from provisioning_assets.store import materialized

_LOG = logging.getLogger(__name__)
CODE_VERSION = "7"
"""Increase it when the same inputs would give another artefact; artefacts made before are then out of date."""


@demo_asset(
    group_name="research",
    code_version=CODE_VERSION,
    description=(
        "The customer's profile: company, industry with runner-up, products, customer groups, places, currency, language "
        "and typical words. Each fact has the page and the words from which it was read. Rules read it; with a key, Claude does, "
        "and what the two read differently is kept."
    ),
    kinds={"python"},
    pool=CLAUDE,
)
def customer_profile(
    claude: Claude, customer_request: CustomerRequest, customer_website: CustomerWebsite
) -> dg.MaterializeResult[CustomerProfile]:
    """Take a ``CustomerWebsite`` and return a ``CustomerProfile``; an industry in the request is taken as given."""
    from provisioning_assets.research.profile.claude_reading import not_read_by_claude, read_with_claude
    from provisioning_assets.research.profile.reading import read_profile
    from provisioning_assets.research.profile.report import facts_table, industries_png

    corrections = customer_request.corrections
    profile = read_profile(
        customer_website,
        industry_override=customer_request.industry,
        default_company_host=naming_host(customer_request),
        name_override=corrections.company_name,
        country_override=corrections.country,
    )
    asked: dict[str, Any] = {}
    client = None if customer_request.planner == Planner.BLUEPRINTS else claude.client(customer_request.key)
    if client is not None:
        person = {
            "company_name": corrections.company_name,
            "industry": customer_request.industry,
            "country": corrections.country,
        }
        stated = frozenset(name for name, value in person.items() if value is not None)
        try:
            profile = read_with_claude(customer_website, profile, client, stated=stated)
        except ClaudeError as error:
            if customer_request.planner == Planner.CLAUDE_ONLY:
                raise ClaudeError(error.problem, f"{error.remedy} Or give --planner auto.") from error
            _LOG.warning("The profile is what the rules read: %s", error.problem)
            profile = not_read_by_claude(profile, error)
        asked = {**client.usage().figures(), **_readings(profile)}
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
                schema=_table_schema(schema),
            ),
            **asked,
        },
    )


def _readings(profile: CustomerProfile) -> dict[str, Any]:
    """Whose reading the profile is, and what the two readings say differently."""
    from provisioning_assets.research.profile.report import readings_table

    reading = profile.claude_reading
    if reading is None:
        return {}
    records, schema = readings_table(reading)
    return {
        "read by": reading.by if reading.by == "claude" else f"rules: {reading.because}",
        "left out": reading.left_out,
        "second opinions": dg.MetadataValue.table(
            records=[dg.TableRecord(record) for record in records], schema=_table_schema(schema)
        ),
    }


def _table_schema(columns: Sequence[tuple[str, str, str]]) -> dg.TableSchema:
    return dg.TableSchema([dg.TableColumn(name, kind, description=about) for name, kind, about in columns])
