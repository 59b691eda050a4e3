"""The profile as shown to a person: its facts with the words they were read from, and the scores of the industries."""

from collections.abc import Iterator
from html import escape

from provisioning_assets.markdown import png_uri
from provisioning_assets.research.profile.models import ClaudeReading, CustomerProfile, Evidence
from provisioning_assets.research.profile.passages import evidence_occurs
from provisioning_assets.research.website.models import CustomerWebsite

FACTS_SCHEMA = [
    ("kind", "string", "what the fact is about"),
    ("value", "string", "the fact, as the demo uses it"),
    ("score", "float", "confidence that the fact is right, 0-1"),
    ("words", "string", "the words from which it was read, verbatim"),
    ("page", "string", "the page that contains them"),
]
READINGS_SCHEMA = [
    ("about", "string", "field of the profile"),
    ("claude", "string", "what Claude read; empty: nothing"),
    ("rules", "string", "what the rules read; empty: nothing"),
    ("words", "string", "the words from which it was read, verbatim"),
    ("page", "string", "the page that contains them"),
]
_SHOWN_INDUSTRIES = 6
# With less than half of the odds, or a runner-up with more than half of the winner's, a person should check the industry.
LEAST_CONFIDENCE = 0.5
NEAREST_RUNNER_UP = 0.5  # share of the first industry's odds


def facts_of(profile: CustomerProfile) -> Iterator[tuple[str, str, float, list[Evidence]]]:
    """Every fact of a profile as (kind, value, score, evidence), the company first."""
    yield "company", profile.company_name, 1.0, profile.company_name_evidence
    yield "industry", profile.industry, profile.confidence, profile.industry_evidence
    yield "country", profile.country, 1.0, profile.country_evidence
    yield "currency", profile.currency, 1.0, profile.currency_evidence
    for kind, facts in (
        ("plan", profile.plans),
        ("service", profile.services),
        ("product", profile.products),
        ("category", profile.product_categories),
        ("course", profile.courses),
        ("feature", profile.features),
        ("segment", profile.customer_segments),
        ("loyalty tier", profile.loyalty_tiers),
    ):
        for fact in facts:
            yield kind, fact.value, fact.score, fact.evidence
    for name, figure in profile.terms.figures.items():
        unit = profile.currency if figure.unit == "currency" else figure.unit
        yield name.replace("_", " "), f"{figure.value:g} {unit}", 1.0, figure.evidence
    if profile.terms.opening_hours:
        yield "opening hours", profile.terms.opening_hours.in_words(), 1.0, profile.terms.opening_hours.evidence
    for place in profile.places:
        yield place.kind, place.name, 1.0, place.evidence


def facts_table(profile: CustomerProfile) -> tuple[list[dict[str, str | float]], list[tuple[str, str, str]]]:
    """One record for each fact with its first evidence, and the columns as (name, type, description)."""
    records: list[dict[str, str | float]] = [
        {
            "kind": kind,
            "value": value,
            "score": round(score, 3),
            "words": evidence[0].words if evidence else "",
            "page": evidence[0].page if evidence else "",
        }
        for kind, value, score, evidence in facts_of(profile)
    ]
    return records, FACTS_SCHEMA


def readings_table(reading: ClaudeReading) -> tuple[list[dict[str, str]], list[tuple[str, str, str]]]:
    """One record for each thing that Claude and the rules read differently, and the columns as (name, type, description)."""
    records = [
        {
            "about": opinion.about,
            "claude": opinion.claude or "",
            "rules": opinion.rules or "",
            "words": opinion.evidence[0].words if opinion.evidence else "",
            "page": opinion.evidence[0].page if opinion.evidence else "",
        }
        for opinion in reading.second_opinions
    ]
    return records, READINGS_SCHEMA


def facts_without_evidence(profile: CustomerProfile, website: CustomerWebsite) -> list[str]:
    """One error for each piece of evidence whose words are not on the page it names; empty if there is none."""
    return [
        f"{kind} {value!r}: the words {quote.words!r} are not on {quote.page}"
        for kind, value, _, evidence in facts_of(profile)
        for quote in evidence
        if not evidence_occurs(quote, website)
    ]


def industry_doubts(profile: CustomerProfile) -> list[str]:
    """Why a person should check the industry, and what to do; empty if the industry is given or clear."""
    if profile.industry_given:
        return []
    remedy = "if it is wrong, run it again with --industry and one of the 26 ids"
    doubts = []
    if profile.confidence < LEAST_CONFIDENCE:
        doubts.append(f"{profile.industry} was recognised with a confidence of only {profile.confidence:.0%}: {remedy}")
    near = profile.industry_scores.get(profile.runner_up or "", 0.0)
    if near > NEAREST_RUNNER_UP * profile.industry_scores.get(profile.industry, 1.0):
        doubts.append(f"{profile.runner_up} is nearly as likely ({near:.0%}) as {profile.industry}: {remedy}")
    return doubts


def industries_png(profile: CustomerProfile) -> str:
    """Bar chart of the most likely industries, as the data URI of a PNG."""
    import vl_convert

    shown = list(profile.industry_scores.items())[:_SHOWN_INDUSTRIES]
    rows = "".join(
        f'<text x="160" y="{27 + 26 * at}" font-family="sans-serif" font-size="13" text-anchor="end" fill="#333333">'
        f"{escape(name)}</text>"
        f'<rect x="170" y="{13 + 26 * at}" width="{max(2.0, 300 * share):.1f}" height="18" rx="3"'
        f' fill="{"#2f6f9f" if name == profile.industry else "#b9c6cf"}"/>'
        f'<text x="{178 + max(2.0, 300 * share):.1f}" y="{27 + 26 * at}" font-family="sans-serif" font-size="12"'
        f' fill="#555555">{share:.0%}</text>'
        for at, (name, share) in enumerate(shown)
    )
    height = 20 + 26 * len(shown)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="540" height="{height}">'
        f'<rect width="540" height="{height}" fill="#ffffff"/>{rows}</svg>'
    )
    return png_uri(vl_convert.svg_to_png(svg))
