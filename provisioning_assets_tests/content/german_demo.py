"""A demo in German, made by the production graph: the general blueprint with a CE's edits, which replace all that it says."""

from datetime import UTC, date, datetime
from pathlib import Path

from provisioning_assets.artefact import Artefact
from provisioning_assets.customers import build_request
from provisioning_assets.research.profile.models import CustomerProfile, Evidence, Fact, Place
from provisioning_assets.research.website.models import Brand, CustomerWebsite, FetchedBy, WebPage
from provisioning_assets_tests.content.sample_demo import sample_quality

KEY = "salon__lindenhof_example"
SITE = "https://www.salon-lindenhof.example"
EDITS = Path(__file__).with_name("german_salon.yaml")
STAGES = (
    "demo_blueprint", "demo_plan", "data_model", "synthetic_tables", "demo_dataset", "golden_queries",
    "data_agent", "agent_evaluation", "demo_booklet", "demo_scorecard",
)  # fmt: skip


def german_artefacts() -> list[Artefact]:
    """The request for a demo in German, what was read of the company, and a report on the quality of other data.

    The other stages are made from them. The report's own page is English, and takes most of a run's time.
    """
    today = date(2026, 6, 30)
    request = build_request(
        KEY, {"url": SITE, "language": "de", "as_of": today, "edits": EDITS.read_text(encoding="utf-8")}, today=today
    )
    text = "Salon Lindenhof: Beratung, Kontrolle und Nachsorge in Hamburg, Bremen und Kiel."
    website = CustomerWebsite(
        url=SITE,
        fetched_at=datetime(2026, 6, 30, 9, 10, tzinfo=UTC),
        pages=[
            WebPage(
                url=SITE,
                fetched_by=FetchedBy.HTTP,
                status=200,
                title="Salon Lindenhof",
                language="de",
                text=text,
                bytes=len(text),
            )
        ],
        brand=Brand(site_name="Salon Lindenhof", colours=["#5a2a83"]),
        failures=[],
    )
    evidence = [Evidence(page=SITE, words=text)]
    profile = CustomerProfile(
        company_name="Salon Lindenhof",
        company_name_evidence=evidence,
        industry="general_business",
        confidence=0.9,
        runner_up=None,
        industry_evidence=evidence,
        description=text,
        services=[Fact(value=word, evidence=evidence, score=0.9) for word in ("Beratung", "Kontrolle", "Nachsorge")],
        places=[Place(name=city, kind="city", evidence=evidence) for city in ("Hamburg", "Bremen", "Kiel")],
        country="DE",
        country_confidence=0.9,
        country_evidence=evidence,
        language="de",
        currency="EUR",
        currency_evidence=[],
    )
    return [request, website, profile, sample_quality()]
