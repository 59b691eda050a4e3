"""What Dagster sees of the research room: the customer's website, and who the customer is."""

from pathlib import Path

import dagster as dg

from provisioning_assets.customers import CustomerRequest, customers
from provisioning_assets.research.models import CustomerWebsite


@dg.asset(
    partitions_def=customers,
    group_name="research",
    description=(
        "The pages of the customer's website: text, structured data and brand, and how each page was fetched. "
        "Plain HTTP first, headless Chromium for pages that are empty without JavaScript, saved pages instead of "
        "the network when the request names a folder of them."
    ),
    kinds={"python", "playwright"},
    owners=["team:demo-engineering"],
    tags={"stage": "research"},
)
def customer_website(
    context: dg.AssetExecutionContext, customer_request: CustomerRequest
) -> dg.MaterializeResult[CustomerWebsite]:
    """``CustomerRequest`` in, ``CustomerWebsite`` out; raises ``ProvisioningError`` when nothing could be read."""
    from provisioning_assets.research.settings import CrawlSettings
    from provisioning_assets.research.website import read_website
    from provisioning_assets.research.website_report import pages_table, pictures

    website = read_website(
        customer_request.url,
        saved_pages=Path(customer_request.saved_pages) if customer_request.saved_pages else None,
        notes=customer_request.notes,
        settings=CrawlSettings(),
        progress=context.log.info,
    )
    records, schema = pages_table(website)
    return dg.MaterializeResult(
        value=website,
        metadata={
            "site": dg.MetadataValue.url(website.url),
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
