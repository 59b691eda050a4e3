"""The profile asset, run by Dagster: its value and metadata, and which profiles its checks accept."""

from datetime import date

import dagster as dg

from provisioning_assets.claude.resources import Claude
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.research.profile.assets import customer_profile
from provisioning_assets.research.profile.checks import facts_are_evidenced, industry_confident, profile_has_company
from provisioning_assets.research.profile.models import CustomerProfile, Evidence, Fact
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.research.profile.site_text import page, site

WEBSITE = site(
    page(
        title="Kestrel Air | Fly the Highlands",
        language="en",
        text="Book flights. Baggage allowance. Flight status and online check-in. Fares from £39 and £59.",
        json_ld=[{"@type": "Airline", "name": "Kestrel Air", "address": {"addressCountry": "GB"}}],
    ),
    url="https://www.kestrel.example/",
)
DAY = date(2026, 5, 4)


def request(industry=None):
    return CustomerRequest(
        key="kestrel_example", url="https://www.kestrel.example", industry=industry, as_of=DAY, created_on=DAY
    )


def materialized(industry=None) -> tuple[CustomerProfile, dict]:
    nobody = Claude(store=DemoStore(root="/nowhere"))
    result = customer_profile(claude=nobody, customer_request=request(industry), customer_website=WEBSITE)
    assert isinstance(result, dg.MaterializeResult)
    return result.value, dict(result.metadata or {})


def test_the_asset_reads_the_profile_and_shows_its_facts():
    profile, metadata = materialized()
    assert (profile.company_name, profile.industry, profile.country, profile.currency) == (
        "Kestrel Air",
        "airline",
        "GB",
        "GBP",
    )
    assert metadata["dagster/row_count"] == len(metadata["facts"].records)
    assert "confidence" in metadata["industry"]
    assert metadata["industries"].value.startswith("![industries](data:image/png")


def test_the_request_decides_the_industry():
    profile, metadata = materialized("logistics")
    assert profile.industry == "logistics"
    assert "given" in metadata["industry"]


def test_a_good_profile_passes_every_check():
    profile, _ = materialized()
    for result in (profile_has_company(profile), industry_confident(profile), facts_are_evidenced(profile, WEBSITE)):
        assert isinstance(result, dg.AssetCheckResult)
        assert result.passed
        assert result.metadata["errors"].value == []


def test_a_profile_without_name_industry_or_codes_is_held_back():
    profile, _ = materialized()
    broken = profile.model_copy(update={"company_name": " ", "industry": "piracy", "country": "Scotland"})
    result = profile_has_company(broken)
    assert isinstance(result, dg.AssetCheckResult)
    assert not result.passed
    assert len(result.metadata["errors"].value) == 3  # pyright: ignore[reportArgumentType]


def test_an_unclear_industry_warns_and_says_what_to_do():
    profile, _ = materialized()
    result = industry_confident(profile.model_copy(update={"confidence": 0.2}))
    assert isinstance(result, dg.AssetCheckResult)
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.WARN
    assert "--industry" in str(result.metadata["errors"].value)


def test_an_invented_fact_is_named():
    profile, _ = materialized()
    invented = Fact(value="Airships", evidence=[Evidence(page=WEBSITE.url, words="We fly airships")])
    result = facts_are_evidenced(profile.model_copy(update={"products": [*profile.products, invented]}), WEBSITE)
    assert isinstance(result, dg.AssetCheckResult)
    assert not result.passed
    assert "Airships" in str(result.metadata["errors"].value)
