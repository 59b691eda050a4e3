"""Dagster assets of research: the customer's website and the customer's profile."""

from pathlib import Path

import dagster as dg
from pydantic import Field

from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.customers import CustomerRequest, naming_host
from provisioning_assets.research.models import CustomerProfile, CustomerWebsite
from provisioning_assets.research.reuse import read_for, still_asked
from provisioning_assets.store import DemoStore, materialized

CODE_VERSION = "1"
"""Increase it when the same inputs would give another artefact; artefacts made before are then out of date."""


class CustomerWebsiteConfig(dg.Config):
    """How the website is read."""

    read_again: bool = Field(
        default=False,
        description="Read the pages again even if the request has changed only in what does not concern them (its size, "
        "seed, edits ...). If the request has not changed at all, they are always read again.",
    )


@demo_asset(
    group_name="research",
    code_version=CODE_VERSION,
    description=(
        "The pages of the customer's website: text, structured data and brand, and how each page was fetched. "
        "Plain HTTP first, headless Chromium for pages that are empty without JavaScript, saved pages instead of "
        "the network when the request names a folder of them. If a changed request asks for the same pages, they are not "
        "read again."
    ),
    kinds={"python", "playwright"},
)
def customer_website(
    context: dg.AssetExecutionContext,
    config: CustomerWebsiteConfig,
    store: DemoStore,
    customer_request: CustomerRequest,
) -> dg.MaterializeResult[CustomerWebsite]:
    """Take a ``CustomerRequest`` and return a ``CustomerWebsite``; ``ProvisioningError`` if nothing could be read."""
    from provisioning_assets.research.settings import CrawlSettings
    from provisioning_assets.research.website import read_website
    from provisioning_assets.research.website_report import pages_table, pictures

    asked = read_for(customer_request, CODE_VERSION)
    earlier = store.find_readable(context.partition_key, CustomerWebsite)
    reused = earlier is not None and not config.read_again and still_asked(earlier, asked)
    website = (
        earlier
        if earlier is not None and reused
        else read_website(
            customer_request.url,
            saved_pages=Path(customer_request.saved_pages) if customer_request.saved_pages else None,
            notes=customer_request.notes,
            settings=CrawlSettings(),
            progress=context.log.info,
        )
    ).model_copy(update={"read_for": asked})
    records, schema = pages_table(website)
    return materialized(
        website,
        {
            "site": dg.MetadataValue.url(website.url),
            "reused": reused,
            "read at": dg.MetadataValue.timestamp(website.fetched_at),
            "dagster/row_count": len(website.pages),
            "characters": sum(len(page.text) for page in website.pages),
            "strategies": ", ".join(sorted({str(page.fetched_by) for page in website.pages})) or "notes only",
            "pages": dg.MetadataValue.table(
                records=[dg.TableRecord(record) for record in records],
                schema=dg.TableSchema([dg.TableColumn(name, kind, description=about) for name, kind, about in schema]),
            ),
            "failures": [f"{failure.url}: {failure.reason}" for failure in website.failures],
            **{name: dg.MetadataValue.md(picture) for name, picture in pictures(website).items()},
        },
    )


@demo_asset(
    group_name="research",
    code_version=CODE_VERSION,
    description=(
        "Who the customer is: company, industry with runner-up, what it sells, to whom, where, in which currency and "
        "language, and its own words; each fact with the page and the words it was read from. No model is asked."
    ),
    kinds={"python"},
)
def customer_profile(
    customer_request: CustomerRequest, customer_website: CustomerWebsite
) -> dg.MaterializeResult[CustomerProfile]:
    """Take a ``CustomerWebsite`` and return a ``CustomerProfile``; an industry in the request is taken as given."""
    from provisioning_assets.research.profile import read_profile
    from provisioning_assets.research.profile_report import facts_table, industries_png

    profile = read_profile(
        customer_website,
        industry_override=customer_request.industry,
        default_company_host=naming_host(customer_request),
    )
    records, schema = facts_table(profile)
    how_sure = "given" if profile.industry_given else f"{profile.confidence:.0%} sure"
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
