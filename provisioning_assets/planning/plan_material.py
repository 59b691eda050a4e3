"""What Claude is given to write from: the profile, the most telling pages, and the industry's blueprint, each fenced."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from provisioning_assets.claude.prompts import fenced
from provisioning_assets.planning.blueprint_yaml import as_yaml
from provisioning_assets.planning.models import DemoBlueprint
from provisioning_assets.planning.plan_evidence import NOTES, pages_as_read
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.research.website.models import CustomerWebsite

SITE_CHARACTERS = 24_000
"""Of all pages together: about 6,000 tokens of English, twice as many of Japanese."""

PAGE_CHARACTERS = 6_000
"""Of one page."""

FACTS_SHOWN = 40
"""Of each list of the profile."""


def shared_material(prior: DemoBlueprint, profile: CustomerProfile, website: CustomerWebsite) -> list[str]:
    """The texts that all calls of a plan begin with."""
    return [
        fenced("profile", as_yaml(profile_shown(profile))),
        *(fenced("page", text, source=url) for url, text in telling_pages(profile, website)),
        fenced("blueprint", as_yaml(blueprint_shown(prior))),
    ]


def profile_shown(profile: CustomerProfile) -> dict[str, Any]:
    """The profile's facts, each with the page on which it was read."""
    facts: dict[str, Any] = {
        "company": profile.company_name,
        "industry": profile.industry,
        "country": profile.country,
        "currency": profile.currency,
        "language": profile.language,
        "description": profile.description,
    }
    for name in ("plans", "services", "products", "product_categories", "courses", "features", "customer_segments"):
        found = getattr(profile, name)[:FACTS_SHOWN]
        facts[name] = [{"word": fact.value, "page": fact.evidence[0].page} for fact in found]
    facts["places"] = [{"word": place.name, "page": place.evidence[0].page} for place in profile.places[:FACTS_SHOWN]]
    return {name: value for name, value in facts.items() if value}


def telling_pages(profile: CustomerProfile, website: CustomerWebsite) -> list[tuple[str, str]]:
    """Address and text of the pages, the notes first, then those that say most about the company, within the bounds.

    A line that an earlier page has too, such as an entry of the menu, is left out.
    """
    cited = _citations(profile)
    first = website.pages[0].url if website.pages else ""
    pages = pages_as_read(website)
    order = sorted(pages, key=lambda url: (url != NOTES, url != first, -cited[url], list(pages).index(url)))
    left, seen, found = SITE_CHARACTERS, set[str](), list[tuple[str, str]]()
    for url in order:
        lines = [line for line in dict.fromkeys(pages[url].splitlines()) if line.strip() and line not in seen]
        text = "\n".join(lines)[: min(left, PAGE_CHARACTERS)]
        if text:
            found.append((url, text))
        seen.update(lines)
        left -= len(text)
    return found


def _citations(profile: CustomerProfile) -> Counter[str]:
    """Address of a page -> facts of the profile that were read on it."""
    lists = (
        profile.plans,
        profile.services,
        profile.products,
        profile.product_categories,
        profile.courses,
        profile.features,
        profile.customer_segments,
        profile.places,
    )
    return Counter(each.page for facts in lists for fact in facts for each in fact.evidence)


def blueprint_shown(made: DemoBlueprint) -> dict[str, Any]:
    """The blueprint as its author sees it; of a slot only what it is about, its bounds and its words."""
    document = made.blueprint.model_dump(mode="json")
    document["slots"] = {
        name: {
            "description": slot.description,
            "minimum": slot.minimum,
            "maximum": slot.maximum,
            **({"within": slot.within} if slot.within else {}),
            "words": [f"{word.word} ({word.group})" if word.group else word.word for word in slot.filled],
        }
        for name, slot in made.blueprint.slots.items()
    }
    return document


def changed_entries(document: Mapping[str, Any], prior: Mapping[str, Any], sections: tuple[str, ...]) -> dict[str, Any]:
    """What of some sections differs from the blueprint: entries in full, and null for one that is no longer there."""
    found: dict[str, Any] = {}
    for section in sections:
        now, before = document.get(section), prior.get(section)
        if now == before:
            continue
        if isinstance(now, dict) and isinstance(before, dict):
            gone: dict[str, Any] = {name: None for name in before if name not in now}
            found[section] = {name: value for name, value in now.items() if value != before.get(name)} | gone
        else:
            found[section] = now
    return found
