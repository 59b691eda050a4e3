"""Asset checks: whether the results of research are good enough to plan a demo."""

from collections import Counter

import dagster as dg

from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.research.website.assets import customer_website
from provisioning_assets.research.website.models import CustomerWebsite, FailureKind

# With less text there is no industry, product or place to read; two sentences of notes by a person are longer.
LEAST_CHARACTERS = 200


@demo_check(
    asset=customer_website,
    blocking=True,
    description=f"At least {LEAST_CHARACTERS} characters of text were read, on the pages and in the notes together.",
)
def website_was_read(customer_website: CustomerWebsite) -> dg.AssetCheckResult:
    """Fail if the website gave no text: later stages would have to invent everything."""
    page_characters = sum(len(page.text) for page in customer_website.pages if not page.gateway)
    asked = [page.url for page in customer_website.pages if page.gateway]
    characters = page_characters + len(customer_website.notes.strip())
    passed = characters >= LEAST_CHARACTERS
    errors = (
        []
        if passed
        else [
            f"only {characters} characters were read of {customer_website.url}: give a folder with saved pages "
            "(--saved-pages), or describe the customer yourself (--notes)",
            *(
                f"{url}: the page only asks the visitor's age, country or language; the site is behind it"
                for url in asked
            ),
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


@demo_check(
    asset=customer_website,
    description="More pages were read than failed, and at least one page came from the site itself.",
)
def website_pages_healthy(customer_website: CustomerWebsite) -> dg.AssetCheckResult:
    """Warn if most pages failed: a few pages are enough for a demo, but the user should know that most were not read."""
    pages = len(customer_website.pages)
    by_kind = Counter(str(failure.kind) for failure in customer_website.failures)
    refused_by_robots = by_kind[FailureKind.ROBOTS]
    # Pages forbidden by robots.txt are the site's decision, and notices are not pages: neither counts as a failure.
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
