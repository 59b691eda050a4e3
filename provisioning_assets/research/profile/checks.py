"""Asset checks: whether the results of research are good enough to plan a demo."""

import dagster as dg

from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.research.profile.assets import customer_profile
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.research.website.models import CustomerWebsite


@demo_check(
    asset=customer_profile,
    blocking=True,
    description="The company has a name, the industry is one of the 26, and the country and currency are codes.",
)
def profile_has_company(customer_profile: CustomerProfile) -> dg.AssetCheckResult:
    """Fail if the profile names no company: a demo for an unknown company is worse than no demo."""
    from provisioning_assets.research.profile.lexicon import industry_ids

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
    from provisioning_assets.research.profile.report import industry_doubts

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
    from provisioning_assets.research.profile.report import facts_of, facts_without_evidence

    errors = facts_without_evidence(customer_profile, customer_website)
    return dg.AssetCheckResult(
        passed=not errors,
        metadata={"facts": sum(1 for _ in facts_of(customer_profile)), "errors": errors[:50]},
    )
