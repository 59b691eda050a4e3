"""Dagster assets of research: the customer's website and the customer's profile."""

import dagster as dg
from pydantic import Field

from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.pools import CHROMIUM
from provisioning_assets.research.website.models import CustomerWebsite
from provisioning_assets.store import DemoStore, materialized

CODE_VERSION = "5"
"""Increase it when the same inputs would give another artefact; artefacts made before are then out of date."""


class CustomerWebsiteConfig(dg.Config):
    """How the website is read."""

    read_again: bool = Field(
        default=False,
        description="Read the pages again even if the request has changed only in what does not concern them (its size, "
        "seed, edits ...). If the request has not changed at all, they are read again, unless keep_pages is set.",
    )
    keep_pages: bool = Field(
        default=False,
        description="Keep the pages that were read, also if the request has not changed. A refresh of the demo does this.",
    )


@demo_asset(
    group_name="research",
    code_version=CODE_VERSION,
    description=(
        "The pages of the customer's website: text, structured data and brand, and how each page was fetched. "
        "Pages are read over HTTP, and in headless Chromium if they are empty without JavaScript. If the request names "
        "a folder with saved pages, these are read instead and nothing is fetched. If a changed request needs the same "
        "pages, they are not read again."
    ),
    kinds={"python", "playwright"},
    pool=CHROMIUM,
)
def customer_website(
    context: dg.AssetExecutionContext,
    config: CustomerWebsiteConfig,
    store: DemoStore,
    customer_request: CustomerRequest,
) -> dg.MaterializeResult[CustomerWebsite]:
    """Take a ``CustomerRequest`` and return a ``CustomerWebsite``; ``ProvisioningError`` if nothing could be read."""
    from provisioning_assets.research.website.report import pages_table, pictures
    from provisioning_assets.research.website.reuse import website_for

    website, reused = website_for(
        customer_request,
        store.find_readable(context.partition_key, CustomerWebsite),
        read_again=config.read_again,
        keep_pages=config.keep_pages,
        reader_version=CODE_VERSION,
        progress=context.log.info,
    )
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
