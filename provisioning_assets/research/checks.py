"""Is what research hands on good enough to plan a demo from?"""

from collections import Counter

import dagster as dg

from provisioning_assets.customers import customers
from provisioning_assets.research.assets import customer_website
from provisioning_assets.research.models import CustomerWebsite, FailureKind

# Below this there is no industry, product or place to be read; two sentences of a person's own notes are above it.
LEAST_CHARACTERS = 200


@dg.asset_check(
    asset=customer_website,
    blocking=True,
    partitions_def=customers,
    description=f"At least {LEAST_CHARACTERS} characters of text were read, on the pages and in the notes together.",
)
def website_was_read(customer_website: CustomerWebsite) -> dg.AssetCheckResult:
    """Without text there is nothing to profile, and whatever came after would be invented."""
    page_characters = sum(len(page.text) for page in customer_website.pages)
    characters = page_characters + len(customer_website.notes.strip())
    passed = characters >= LEAST_CHARACTERS
    errors = (
        []
        if passed
        else [
            f"only {characters} characters were read of {customer_website.url}: give the folder of saved pages "
            "(--saved-pages), or describe the customer in your own words (--notes)",
            *(f"{failure.url}: {failure.reason}" for failure in customer_website.failures),
        ]
    )
    return dg.AssetCheckResult(
        passed=passed,
        metadata={
            "pages": len(customer_website.pages),
            "page_characters": page_characters,
            "notes_characters": len(customer_website.notes.strip()),
            "errors": errors,
        },
    )


@dg.asset_check(
    asset=customer_website,
    blocking=False,
    partitions_def=customers,
    description="More pages were read than failed, and at least one page came from the site itself.",
)
def website_pages_healthy(customer_website: CustomerWebsite) -> dg.AssetCheckResult:
    """A demo can be made of a few pages, but a person should know that most of the site was not read."""
    pages = len(customer_website.pages)
    by_kind = Counter(str(failure.kind) for failure in customer_website.failures)
    refused_by_robots = by_kind[FailureKind.ROBOTS]
    # A page that robots.txt keeps to itself is the site's wish, and a notice is no page: neither is ill health.
    failed = sum(by_kind.values()) - refused_by_robots - by_kind[FailureKind.NOTICE]
    share = failed / (pages + failed) if pages + failed else 1.0
    return dg.AssetCheckResult(
        passed=pages > 0 and share <= 0.5,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "pages": pages,
            "failed": failed,
            "failed_share": share,
            "refused_by_robots": refused_by_robots,
            "strategies": dict(sorted(Counter(str(page.fetched_by) for page in customer_website.pages).items())),
            "failures_by_kind": dict(sorted(by_kind.items())),
            "errors": [f"{failure.url}: {failure.reason}" for failure in customer_website.failures],
        },
    )
