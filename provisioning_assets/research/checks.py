"""Asset checks: whether the results of research are good enough to plan a demo."""

from collections import Counter

import dagster as dg

from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.research.assets import customer_profile, customer_website
from provisioning_assets.research.models import CustomerProfile, CustomerWebsite, FailureKind

# With less text there is no industry, product or place to read; two sentences of notes by a person are longer.
LEAST_CHARACTERS = 200


@demo_check(
    asset=customer_website,
    blocking=True,
    description=f"At least {LEAST_CHARACTERS} characters of text were read, on the pages and in the notes together.",
)
def website_was_read(customer_website: CustomerWebsite) -> dg.AssetCheckResult:
    """Fail if the website gave no text: later stages would have to invent everything."""
    page_characters = sum(len(page.text) for page in customer_website.pages)
    characters = page_characters + len(customer_website.notes.strip())
    passed = characters >= LEAST_CHARACTERS
    errors = (
        []
        if passed
        else [
            f"only {characters} characters were read of {customer_website.url}: give a folder with saved pages "
            "(--saved-pages), or describe the customer yourself (--notes)",
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


@demo_check(
    asset=customer_profile,
    blocking=True,
    description="The company has a name, the industry is one of the 26, and the country and currency are codes.",
)
def profile_has_company(customer_profile: CustomerProfile) -> dg.AssetCheckResult:
    """Fail if the profile names no company: a demo for an unknown company is worse than no demo."""
    from provisioning_assets.research.lexicon import industry_ids

    profile = customer_profile
    errors = []
    if not profile.company_name.strip():
        errors.append("no company name was found: state it in the notes, as 'Company: ...'")
    if profile.industry not in industry_ids():
        errors.append(f"industry {profile.industry!r} is not one of the 26 ids")
    if len(profile.country) != 2 or len(profile.currency) != 3:
        errors.append(f"country {profile.country!r} or currency {profile.currency!r} is not an ISO code")
    return dg.AssetCheckResult(
        passed=not errors,
        metadata={
            "company": profile.company_name,
            "named_on_the_site": bool(profile.company_name_evidence),
            "products": len(profile.products),
            "errors": errors,
        },
    )


@demo_check(
    asset=customer_profile,
    description="The industry was given, or was recognised with enough confidence.",
)
def industry_confident(customer_profile: CustomerProfile) -> dg.AssetCheckResult:
    """Warn if the industry is uncertain: a demo of a similar industry looks right at first, and wrong to the prospect."""
    from provisioning_assets.research.profile_report import industry_doubts

    doubts = industry_doubts(customer_profile)
    return dg.AssetCheckResult(
        passed=not doubts,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "industry": customer_profile.industry,
            "confidence": customer_profile.confidence,
            "runner_up": customer_profile.runner_up or "none",
            "given": customer_profile.industry_given,
            "errors": doubts,
        },
    )


@demo_check(
    asset=customer_profile,
    additional_ins={"customer_website": dg.AssetIn("customer_website")},
    blocking=True,
    description="Every fact has evidence, and the quoted words are on the page that it names.",
)
def facts_are_evidenced(customer_profile: CustomerProfile, customer_website: CustomerWebsite) -> dg.AssetCheckResult:
    """Fail if a fact has no evidence: everything that a demo says about a customer must have been read, not invented."""
    from provisioning_assets.research.profile_report import facts_of, facts_without_evidence

    errors = facts_without_evidence(customer_profile, customer_website)
    return dg.AssetCheckResult(
        passed=not errors,
        metadata={"facts": sum(1 for _ in facts_of(customer_profile)), "errors": errors[:50]},
    )
