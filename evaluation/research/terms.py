"""``python -m evaluation.research.terms``: the terms that the rules read on saved sites, compared with a person's reading.

``terms.jsonl`` has one site a line: what it plainly states (``terms``), and what would be right as well (``also_ok``), found with a
search for words beside figures, not page by page. The sites with ``held_out`` were not looked at before the rules were finished.
Precision is the share of figures read that are right, recall the share of stated figures that are read. Sites of the set ``real``
are not part of this project: ``--sites`` names their folder.
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.research.profile.reading import read_profile
from provisioning_assets.research.website.reading import read_website
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets.settings import PROJECT_FOLDER

_HERE = Path(__file__).parent


class Gold(Document):
    """What a person read on one site."""

    slug: str
    set: str
    held_out: bool = False
    terms: dict[str, float | str]
    also_ok: dict[str, list[float | str]] = Field(default_factory=dict)
    note: str = ""


def stated(profile: CustomerProfile) -> dict[str, float | str]:
    """The terms of a profile as the gold list writes them."""
    found: dict[str, float | str] = {name: figure.value for name, figure in profile.terms.figures.items()}
    if profile.terms.opening_hours is not None:
        found["opening_hours"] = profile.terms.opening_hours.in_words()
    if profile.loyalty_tiers:
        found["loyalty_tiers"] = ", ".join(f"{tier.value} {tier.price:g}" for tier in profile.loyalty_tiers)
    return found


def wrong(gold: Gold, read: dict[str, float | str]) -> dict[str, float | str]:
    """What was read that a person did not accept."""
    return {
        name: value for name, value in read.items() if value not in (gold.terms.get(name), *gold.also_ok.get(name, ()))
    }


def summary(title: str, sites: Iterable[tuple[Gold, dict[str, float | str]]]) -> str:
    """The figures of some sites as one line."""
    sites = list(sites)
    read = sum(len(found) for _, found in sites)
    false = sum(len(wrong(gold, found)) for gold, found in sites)
    wanted = sum(len(gold.terms) for gold, _ in sites)
    hit = sum(found.get(name) == value for gold, found in sites for name, value in gold.terms.items())
    return f"{title}: {len(sites)} sites; {read - false} of {read} figures right; {hit} of {wanted} stated figures read"


def main() -> None:
    """Read the sites and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sites", type=Path, help="folder with the saved pages of the set 'real'")
    arguments.add_argument("--details", action="store_true", help="what is wrong or missing on each site")
    given = arguments.parse_args()
    folders: dict[str, Any] = {"seen": _HERE / "seen", "examples": PROJECT_FOLDER / "examples", "real": given.sites}
    read: list[tuple[Gold, dict[str, float | str]]] = []
    for line in (_HERE / "terms.jsonl").read_text(encoding="utf-8").splitlines():
        gold = Gold.model_validate(json.loads(line))
        if (folder := folders[gold.set]) is None:
            continue
        host = f"www.{gold.slug.replace('_', '-')}.example"
        website = read_website(f"https://{host}", saved_pages=folder / gold.slug, notes="", settings=CrawlSettings())
        found = stated(read_profile(website, industry_override=None, default_company_host=host))
        read.append((gold, found))
        missing = {name: value for name, value in gold.terms.items() if found.get(name) != value}
        if given.details and (wrong(gold, found) or missing):
            print(f"{gold.slug}: wrong {wrong(gold, found)}, missing {missing}")
    for title, held_out in (("looked at", False), ("held out", True)):
        for name in folders:
            some = [(gold, found) for gold, found in read if gold.held_out is held_out and gold.set == name]
            if some:
                print(summary(f"{title}, {name}", some))


if __name__ == "__main__":
    main()
