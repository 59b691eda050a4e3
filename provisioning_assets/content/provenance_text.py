"""Says where a demo came from, in the words that the booklet and the scorecard share."""

from collections import Counter

from provisioning_assets.figure_text import quantity
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.research.website.models import CustomerWebsite, FetchedBy

_WAYS = {
    FetchedBy.HTTP: ("by plain HTTP", "by plain HTTP"),
    FetchedBy.BROWSER: ("by headless browser", "by headless browser"),
    FetchedBy.SAVED: ("from a saved copy", "from saved copies"),
}
"""How a page was obtained, said of one page and of several."""


def ways_read(website: CustomerWebsite) -> str:
    """How the pages of a site were read: ``1 by headless browser, 5 from saved copies``; empty if none was."""
    counts = Counter(page.fetched_by for page in website.pages)
    return ", ".join(f"{quantity(count)} {_WAYS[way][count != 1]}" for way, count in sorted(counts.items()))


def other_blueprint(plan: DemoPlan) -> str:
    """That the demo was planned with the blueprint of another industry, and what follows; empty if it was not."""
    if plan.blueprint == plan.industry:
        return ""
    return (
        f"There is no blueprint for {plan.industry} yet: the demo was planned with {plan.blueprint}, "
        "so its story is less specific to the customer."
    )
