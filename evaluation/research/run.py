"""``make eval-research``: reads every site of the set, fills its demo's slots, and compares the words with a person's reading.

A word counts if the demo shows it: it fills a slot of the blueprint and comes from the site. Precision is the share of shown
words that a person calls right or acceptable for that slot; recall is the share of the right words that are shown, at most as
many as the slots hold. With ``--claude`` and a key, every site is also read by Claude, and both readings are counted.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from evaluation.research.gold import Gold, read_gold
from provisioning_assets.claude.errors import ClaudeError
from provisioning_assets.claude.models import ClaudeUsage
from provisioning_assets.claude.resources import Claude
from provisioning_assets.customers import CustomerRequest, host_to_key
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.demo_blueprint import blueprint_for
from provisioning_assets.planning.slots import PLACES
from provisioning_assets.research.profile.claude_reading import read_with_claude
from provisioning_assets.research.profile.company_name import name_key
from provisioning_assets.research.profile.labels import comparable
from provisioning_assets.research.profile.lexicon import GENERAL
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.research.profile.reading import read_profile
from provisioning_assets.research.website.models import CustomerWebsite
from provisioning_assets.research.website.reading import read_website
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import this_target

KINDS = ("offerings", "segments", "places")
SETS = ("seen", "unseen", "trades_seen", "trades_unseen")
"""Two sets of sites whose words a person has read, and two, of small sites of all industries, that say which trade it is."""
_HERE = Path(__file__).parent
_ANSWERS = PROJECT_FOLDER / "build" / "eval-research"


@dataclass
class Outcome:
    """One site: what its demo shows, and how that compares with a person's reading."""

    gold: Gold
    profile: CustomerProfile
    shown: dict[str, list[str]] = field(default_factory=dict)
    room: dict[str, int] = field(default_factory=dict)

    def accepted(self, kind: str) -> list[str]:
        """The shown words that a person calls right or acceptable."""
        return [word for word in self.shown.get(kind, ()) if comparable(word) in self.gold.accepted(kind)]

    def wrong(self, kind: str) -> list[str]:
        """The shown words that a person did not accept."""
        return [word for word in self.shown.get(kind, ()) if comparable(word) not in self.gold.accepted(kind)]

    def possible(self, kind: str) -> int:
        """How many right words could be shown: those of the site, at most as many as the slots hold."""
        return min(len(self.gold.right(kind)), self.room.get(kind, 0))

    @property
    def name_is_right(self) -> bool:
        """Whether the company is called by one of its names."""
        names = {name_key(name) for name in (self.gold.company_name, *self.gold.also_known_as)}
        return name_key(self.profile.company_name) in names

    @property
    def country_is_right(self) -> bool | None:
        """Whether the home country is right; None if the site does not say it, or the profile says that it is not known."""
        if not self.gold.country or not self.profile.country_confidence:
            return None
        return self.profile.country in self.gold.country

    @property
    def industry_is_right(self) -> bool:
        """Whether the industry is one of the acceptable ones."""
        return self.profile.industry in self.gold.industries


def read_saved(gold: Gold, sites: Path) -> CustomerWebsite:
    """The saved pages of a site. Raises ProvisioningError if there is nothing to read."""
    return read_website(f"https://{_host(gold)}", saved_pages=sites / gold.slug, notes="", settings=CrawlSettings())


def _host(gold: Gold) -> str:
    return gold.host or f"www.{gold.slug}.example"


def read_by_rules(gold: Gold, website: CustomerWebsite) -> CustomerProfile:
    """The profile of a website as the rules read it."""
    return read_profile(website, industry_override=None, default_company_host=_host(gold))


def outcome_of(gold: Gold, profile: CustomerProfile) -> Outcome:
    """Fill the slots of a site's demo.

    Args:
        gold: what a person read.
        profile: of the site.
    """
    host = _host(gold)
    outcome = Outcome(gold, profile)
    request = CustomerRequest(
        key="evaluated", url=f"https://{host}", as_of=date(2026, 6, 30), created_on=date(2026, 6, 30)
    )
    for slot in blueprint_for(profile, request).blueprint.slots.values():
        kind = _kind(slot.sources)
        if kind is not None:
            own = [word.word for word in slot.filled if word.source == "customer"]
            outcome.shown[kind] = list(dict.fromkeys([*outcome.shown.get(kind, ()), *own]))
            outcome.room[kind] = outcome.room.get(kind, 0) + slot.maximum
    return outcome


def _kind(sources: Sequence[str]) -> str | None:
    if not sources:
        return None
    if all(source in PLACES for source in sources):
        return "places"
    return "segments" if "customer_segments" in sources else "offerings"


def summary(title: str, outcomes: Sequence[Outcome]) -> str:
    """The figures of a set as lines of text."""
    lines = [f"{title}: {len(outcomes)} sites"]
    words_read = any(getattr(outcome.gold, kind) for outcome in outcomes for kind in KINDS)
    for kinds in (KINDS, *((kind,) for kind in KINDS)) if words_read else ():
        shown = sum(len(outcome.shown.get(kind, ())) for outcome in outcomes for kind in kinds)
        accepted = sum(len(outcome.accepted(kind)) for outcome in outcomes for kind in kinds)
        possible = sum(outcome.possible(kind) for outcome in outcomes for kind in kinds)
        found = sum(min(len(outcome.accepted(kind)), outcome.possible(kind)) for outcome in outcomes for kind in kinds)
        name = "words" if len(kinds) > 1 else kinds[0]
        lines.append(f"  {name:<10} precision {_share(accepted, shown)}, recall {_share(found, possible)}")
    told = [outcome for outcome in outcomes if outcome.country_is_right is not None]
    for name, right, of in (
        ("name", sum(outcome.name_is_right for outcome in outcomes), len(outcomes)),
        ("country", sum(bool(outcome.country_is_right) for outcome in told), len(told)),
        ("industry", sum(outcome.industry_is_right for outcome in outcomes), len(outcomes)),
    ):
        lines.append(f"  {name:<10} {_share(right, of)}")
    unsure = sum(not each.industry_is_right and each.profile.industry == GENERAL for each in outcomes)
    lines.append(f"  not right: {unsure} said to be none of the trades, the others taken for another one")
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%} ({part} of {whole})" if whole else "none"


def details(outcomes: Iterable[Outcome]) -> str:
    """Every site with its false words, and what was not found."""
    lines: list[str] = []
    for outcome in outcomes:
        gold, profile = outcome.gold, outcome.profile
        lines.append(f"{gold.slug}: {profile.company_name}, {profile.industry}, {profile.country}")
        if not outcome.name_is_right:
            lines.append(f"  name: {profile.company_name!r} instead of {gold.company_name!r}")
        if outcome.country_is_right is False:
            lines.append(f"  country: {profile.country} instead of {gold.country}")
        if not outcome.industry_is_right:
            lines.append(f"  industry: {profile.industry} instead of {gold.industries}")
        for kind in KINDS:
            right = outcome.accepted(kind)
            missing = [w for w in getattr(gold, kind) if comparable(w) not in {comparable(word) for word in right}]
            if outcome.shown.get(kind) or missing:
                lines.append(f"  {kind}: right {right}")
                lines.append(f"    false {outcome.wrong(kind)}")
                lines.append(f"    not shown {missing}")
    return "\n".join(lines)


@dataclass
class ReadByClaude:
    """Reads sites with Claude. Answers are kept in a folder, so that only what has changed is paid in a later evaluation."""

    claude: Claude
    usages: list[ClaudeUsage] = field(default_factory=list)

    def __call__(self, gold: Gold, website: CustomerWebsite, rules: CustomerProfile) -> CustomerProfile:
        """The profile as Claude reads it; the rules' if it cannot, which is printed."""
        client = self.claude.client(host_to_key(_host(gold)))
        if client is None:
            return rules
        try:
            return read_with_claude(website, rules, client, stated=frozenset())
        except ClaudeError as error:
            print(f"{gold.slug}: not read by Claude. {error}")
            return rules
        finally:
            self.usages.append(client.usage())

    def told(self) -> str:
        """What the evaluation took, in a line."""
        money = None if any(one.usd is None for one in self.usages) else sum(one.usd or 0.0 for one in self.usages)
        calls, reused = sum(one.calls for one in self.usages), sum(one.reused for one in self.usages)
        cost = "price unknown" if money is None else f"{money:.2f} USD"
        return f"Claude ({self.claude.model}): {calls} calls, {reused} answers reused, {cost}"


def _read_by_claude(answers: Path) -> ReadByClaude | None:
    claude = this_target().claude
    if claude.is_used:
        store = DemoStore(root=str(answers))
        return ReadByClaude(Claude(store=store, model=claude.model, budget_usd=claude.budget_usd))
    print("Not read by Claude: ANTHROPIC_API_KEY is not set.")
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of the seen and the unseen sites, or of one folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, help="a .jsonl file of another set; its sites are in --sites")
    parser.add_argument("--sites", type=Path, help="folder of that set's sites")
    parser.add_argument("--only", help="part of the slugs to read")
    parser.add_argument("--details", action="store_true", help="also print the words of every site")
    parser.add_argument("--show-unseen", action="store_true", help="print the words of the unseen sites, too")
    parser.add_argument("--claude", action="store_true", help="also read every site with Claude, which costs money")
    parser.add_argument("--answers", type=Path, default=_ANSWERS, help="folder where Claude's answers are kept")
    given = parser.parse_args(arguments)
    read_by_claude = _read_by_claude(given.answers) if given.claude else None
    sets = (
        [(given.gold.stem, given.gold, given.sites or given.gold.parent)]
        if given.gold
        else [(name, _HERE / f"{name}.jsonl", _HERE / name) for name in SETS]
    )
    for name, gold, sites in sets:
        chosen = [each for each in read_gold(gold) if not given.only or given.only in each.slug]
        if not chosen:
            continue
        outcomes: dict[str, list[Outcome]] = {}
        for each in chosen:
            try:
                website = read_saved(each, sites)
            except ProvisioningError as failure:
                print(f"{each.slug}: not read. {failure}")
                continue
            rules = read_by_rules(each, website)
            outcomes.setdefault(name, []).append(outcome_of(each, rules))
            if read_by_claude is not None:
                read = read_by_claude(each, website, rules)
                outcomes.setdefault(f"{name}, read by Claude", []).append(outcome_of(each, read))
        for title, found in outcomes.items():
            if given.details and ("unseen" not in name or given.show_unseen):
                print(details(found))
            print(summary(title, found))
    if read_by_claude is not None:
        print(read_by_claude.told())
    return 0


if __name__ == "__main__":
    sys.exit(main())
