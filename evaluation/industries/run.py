"""Checks every blueprint over seeds, sizes and days, and writes the table of ``docs/industries.md``.

A result is kept in ``build/sweep.json`` with the digest of its blueprint, so that one industry can be checked again without the
others. What was measured of another state of the file is not shown, and the page says of which industries nothing is.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field, TypeAdapter

from provisioning_assets.authoring.blueprint_check import check_blueprint
from provisioning_assets.authoring.models import BlueprintCheck
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.markdown import markdown_table, markdown_text
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.blueprint_sources import blueprint_digest, blueprint_ids

PROJECT = Path(__file__).parents[2]
RESULTS = PROJECT / "build" / "sweep.json"
PAGE = PROJECT / "docs" / "industries.md"
BEGIN, END = "<!-- make sweep -->", "<!-- end -->"

DAYS = ("2026-01-05", "2024-02-29")
"""As-of dates: in the first days of a year, when no month of it is complete, and on a leap day."""

SEEDS = 3
INSIGHT_SEEDS = 20
"""Seeds of each size and day, and those over which the insights are counted, at small on the first day."""

PHRASED = ("wording", "paraphrase")
"""Kinds of asked questions that say the same in other words: those that the agent was given, and those that it was not."""

NUMBERS = (
    "tables",
    "rows",
    "questions",
    "answered",
    "insights",
    "weakest z",
    "hold in",
    "rules",
    "relations",
    "seconds",
)


@dataclass(frozen=True)
class Setting:
    """One check of a blueprint: the size and day of its tables, its seeds, and whether the agent is asked."""

    size: str
    day: str
    seeds: int
    ask: bool = False


class Swept(BaseModel):
    """What was measured of a blueprint. ``failures`` has the problems of each check that did not pass; empty if it is ready."""

    industry: str
    name: str
    digest: str
    checks: int
    failures: list[str] = Field(default_factory=list)
    tables: int = 0
    rows: int = 0
    questions: int = 0
    answered: float | None = Field(
        default=None, description="share of all other wordings and paraphrases that the agent answered, 0-1"
    )
    insights: int = 0
    weakest_z: float | None = None
    insight_seeds: int = 0
    hold_in: int = Field(default=0, description="seeds in which every insight is within its tolerance")
    rules: int = 0
    relations: int = 0
    seconds: float = Field(default=0.0, description="of generating the small tables")


def settings(sizes: Sequence[str], seeds: int, insight_seeds: int) -> list[Setting]:
    """Every size on every day; the first also over ``insight_seeds``, with the agent."""
    each = [Setting(size, day, seeds) for size in sizes for day in DAYS]
    first = each[0]
    return [Setting(first.size, first.day, max(seeds, insight_seeds), ask=True), *each[1:]]


def swept(industry: str, chosen: Sequence[Setting]) -> Swept:
    """Check one blueprint in every setting.

    Raises:
        ProvisioningError: the file has faults, or a setting is not accepted.
    """
    blueprint = load_blueprint(industry)
    checks = [
        check_blueprint(
            blueprint,
            f"{industry}.yaml",
            size=one.size,
            seeds=range(1, one.seeds + 1),
            country="US",
            as_of=one.day,
            ask=one.ask,
        )
        for one in chosen
    ]
    return result_of(industry, checks)


def result_of(industry: str, checks: Sequence[BlueprintCheck]) -> Swept:
    """What the checks of a blueprint found; figures are those of the first."""
    first = checks[0]
    seeds = [check.seed for check in first.seeds]
    outside = {
        figure.seed for insight in first.insights for figure in insight.spread.seeds if not figure.within_tolerance
    }
    phrased = [asked.passed for asked in first.agent.asked if asked.kind in PHRASED] if first.agent else []
    strengths = first.strength.insights if first.strength else []
    return Swept(
        industry=industry,
        name=first.name or industry,
        digest=blueprint_digest(industry),
        checks=len(checks),
        failures=[f"{check.size}, {check.as_of}: {problem.words}" for check in checks for problem in check.problems],
        tables=len(first.tables.tables) if first.tables else 0,
        rows=first.seeds[0].rows if first.seeds else 0,
        questions=len(first.questions),
        answered=sum(phrased) / len(phrased) if phrased else None,
        insights=len(first.insights),
        weakest_z=min((abs(each.z) for each in strengths if each.z is not None), default=None),
        insight_seeds=len(seeds),
        hold_in=sum(seed not in outside for seed in seeds),
        rules=len(first.seeds[0].laws) if first.seeds else 0,
        relations=len(first.seeds[0].relations) if first.seeds else 0,
        seconds=first.tables.seconds if first.tables else 0.0,
    )


# --- the page --------------------------------------------------------------------------------------------------------


def table(results: Iterable[Swept]) -> str:
    """The results as a Markdown table, a row for each industry."""
    header = ["industry", "ready", *NUMBERS]
    return markdown_table(header, [_cells(each) for each in results], numbers=NUMBERS)


def _cells(each: Swept) -> list[str]:
    failed = len({failure.partition(":")[0] for failure in each.failures})
    return [
        each.industry,
        "yes" if not failed else f"{each.checks - failed} of {each.checks}",
        str(each.tables),
        f"{each.rows:,}",
        str(each.questions),
        "–" if each.answered is None else f"{each.answered:.0%}",
        str(each.insights),
        "–" if each.weakest_z is None else f"{each.weakest_z:.1f}",
        f"{each.hold_in} of {each.insight_seeds}",
        str(each.rules),
        str(each.relations),
        f"{each.seconds:.1f}",
    ]


def page_of(results: dict[str, Swept]) -> str:
    """The table of what was measured, which industries were not, and what each of all industries shows."""
    missing = [industry for industry in blueprint_ids() if industry not in results]
    parts = [table(results[industry] for industry in sorted(results))] if results else []
    if missing:
        parts.append(f"Not measured in the present state of the file: {', '.join(missing)}.")
    return "\n\n".join([*parts, "## What each industry shows", *map(described, blueprint_ids())])


def described(industry: str) -> str:
    """The tables and insights of a blueprint in Markdown: N is a measured figure, "one of the areas" a word of the customer's."""
    blueprint = load_blueprint(industry)
    tables = ", ".join(f"`{name}`" for name in blueprint.tables)
    insights = [f"- {markdown_text(_said(insight.headline))}" for insight in blueprint.insights.values()]
    return "\n".join([f"### {markdown_text(blueprint.name)} (`{industry}`)", "", f"Tables: {tables}.", "", *insights])


def _said(headline: str) -> str:
    words = re.sub(
        r"\{(\w+)\[\d+\]\}", lambda slot: f"one of the {slot[1].replace('_', ' ')}", headline.replace("{measured}", "N")
    )
    return words[:1].upper() + words[1:]


def with_table(page: str, shown: str) -> str:
    """The page with what is shown between its two marks in place of what was there.

    Raises:
        ProvisioningError: a mark is missing.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ProvisioningError(f"{PAGE} has no place for the table.", f"Write {BEGIN} and {END} where it belongs.")
    return f"{before}{BEGIN}\n\n{shown}\n\n{END}{after}"


def kept_results() -> dict[str, Swept]:
    """Earlier results of blueprints that have not been changed since, by industry."""
    if not RESULTS.exists():
        return {}
    read = TypeAdapter(list[Swept]).validate_json(RESULTS.read_bytes())
    return {
        each.industry: each
        for each in read
        if each.industry in blueprint_ids() and each.digest == blueprint_digest(each.industry)
    }


def keep(results: dict[str, Swept]) -> None:
    """Write the results, in the order of their industries."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    kept = [results[industry] for industry in sorted(results)]
    RESULTS.write_bytes(TypeAdapter(list[Swept]).dump_json(kept, indent=1))


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the blueprints, print the table and what did not pass, and write the page. Returns the command's status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("industry", nargs="*", help="default: all")
    parser.add_argument("--sizes", nargs="+", default=["small", "medium"], help="default: small medium")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of each size and day")
    parser.add_argument("--insight-seeds", type=int, default=INSIGHT_SEEDS, help="over which insights are counted")
    parser.add_argument("--no-page", action="store_true", help="leave docs/industries.md and what is kept as they are")
    options = parser.parse_args(arguments)
    results = {} if options.no_page else kept_results()
    chosen = settings(options.sizes, options.seeds, options.insight_seeds)
    tried: list[Swept] = []
    try:
        for industry in options.industry or blueprint_ids():
            tried.append(swept(industry, chosen))
            print(f"{industry}: {'ready' if not tried[-1].failures else '; '.join(tried[-1].failures)}", flush=True)
            if not options.no_page:
                results[industry] = tried[-1]
                keep(results)
        print(f"\n{table(tried)}")
        if not options.no_page:
            PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), page_of(results)), encoding="utf-8")
    except ProvisioningError as error:
        print(f"{error.problem} {error.remedy}", file=sys.stderr)
        return 2
    return int(any(each.failures for each in tried))


if __name__ == "__main__":
    sys.exit(main())
