"""Says where a demo came from, in the words that the booklet and the scorecard share."""

from collections import Counter

from provisioning_assets.labels.catalogue import Labels
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.research.website.models import CustomerWebsite, FetchedBy


def ways_read(website: CustomerWebsite, labels: Labels) -> str:
    """How the pages of a site were read: ``1 by headless browser, 5 from saved copies``; empty if none was."""
    ways = {
        FetchedBy.HTTP: labels.origin.by_http,
        FetchedBy.BROWSER: labels.origin.by_browser,
        FetchedBy.SAVED: labels.origin.from_saved,
    }
    counts = Counter(page.fetched_by for page in website.pages)
    return ", ".join(ways[way].of(count) for way, count in sorted(counts.items()))


def other_blueprint(plan: DemoPlan, labels: Labels) -> str:
    """That the demo was planned with the blueprint of another industry, and what follows; empty if it was not."""
    if plan.blueprint == plan.industry:
        return ""
    # in English by their ids, which are what --industry takes
    said = (lambda id_: id_) if labels.language == DEFAULT_LANGUAGE else labels.industry
    return labels.origin.other_blueprint.format(industry=said(plan.industry), blueprint=said(plan.blueprint))
