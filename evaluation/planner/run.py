"""``make eval-planner``: scores the blueprint that Claude writes for each example site, on criteria that code can judge.

Without ``--live`` the answers are the recorded ones: people wrote them, and the score says nothing about a model; it shows that the
evaluation works, and what the gates make of good answers. With ``--live`` and a key the same sites are planned by the model.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from evaluation.planner.recorded_answers import RecordedSite, recorded_sites, replayed
from provisioning_assets.atomic_files import write_whole
from provisioning_assets.authoring.blueprint_check import execute_questions
from provisioning_assets.authoring.resources import MeasuredGates
from provisioning_assets.claude.client import ClaudeClient
from provisioning_assets.claude.resources import Claude
from provisioning_assets.customers import build_request
from provisioning_assets.googlesql.portability import Schema, schema_of
from provisioning_assets.markdown import markdown_table
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.data_model_design import design_data_model
from provisioning_assets.planning.demo_blueprint import blueprint_for
from provisioning_assets.planning.demo_plan import plan_demo
from provisioning_assets.planning.models import DemoBlueprint
from provisioning_assets.planning.planner import planner_prompt, written_blueprint
from provisioning_assets.research.profile.claude_reading import read_with_claude
from provisioning_assets.research.profile.reading import read_profile
from provisioning_assets.research.website.reading import read_website
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.targets import this_target

AS_OF = date(2026, 6, 30)
"""Day of the demos: figures, and whether insights stand out, must not depend on the day of the evaluation."""

TRIAL_SECONDS = 900.0
"""For one trial: the score must not depend on how busy this machine is."""

RESULT = PROJECT_FOLDER / "build" / "eval-planner.json"


@dataclass(frozen=True)
class Score:
    """What a planned blueprint is worth.

    Args:
        site: key of the customer.
        language: of the demo, ISO 639-1.
        blueprint: the industry's, its prior.
        prompt: name and version of the planner's.
        parts: of the plan.
        by_claude: parts that passed their gates.
        first_try: parts that passed with the first answer.
        rounds: how often faults were sent back, in all parts.
        words: of the slots that a site can fill.
        customer_words: of these the customer's, with page and quotation.
        customer_words_before: the same without Claude.
        new_entries: tables, insights and questions that the industry's blueprint does not have.
        claims: sentences about the customer that a page supports.
        claims_dropped: sentences and words that no page supports.
        questions: of the demo.
        accepted: of these those that Google's own analyzer accepts; None: it is not installed.
        insights: of the demo.
        measured: of these those whose figure is within its tolerance in the generated tables.
        tokens_read, tokens_written: of all calls, the profile's included.
        usd: of these; None: the price is not known.
        seconds: from the pages to the blueprint, gates included.
    """

    site: str
    language: str
    blueprint: str
    prompt: str
    parts: int
    by_claude: int
    first_try: int
    rounds: int
    words: int
    customer_words: int
    customer_words_before: int
    new_entries: int
    claims: int
    claims_dropped: int
    questions: int
    accepted: int | None
    insights: int
    measured: int
    tokens_read: int
    tokens_written: int
    usd: float | None
    seconds: float


def score_of(
    site: RecordedSite, client: ClaudeClient, analyzer: Callable[[Schema], Callable[[str], str | None]] | None
) -> Score:
    """Plan a site's demo, and judge what came of it.

    Args:
        site: with its saved pages.
        client: asks Claude, or who answers in its place.
        analyzer: for the tables of a demo, says why a query is refused, or None; None: there is none.
    """
    begun = time.perf_counter()
    website = read_website(site.url, saved_pages=site.saved_pages, notes="", settings=CrawlSettings())
    request = build_request(site.key, {"url": site.url, "as_of": AS_OF, "language": site.language}, today=AS_OF)
    rules = read_profile(website, industry_override=None, default_company_host=site.host)
    profile = read_with_claude(website, rules, client, stated=frozenset())
    gates = MeasuredGates(trial_seconds=TRIAL_SECONDS)
    made = written_blueprint(request, profile, client, lambda: website, gates.open, say=lambda _: None)
    seconds = time.perf_counter() - begun
    if made.claude is None:
        raise AssertionError("a plan with a client says what Claude has written")
    prior, usage = blueprint_for(rules, request), client.usage()
    plan, model = plan_demo(made), design_data_model(made, request)
    with tempfile.TemporaryDirectory(prefix="eval-planner-") as folder:
        golden, _ = execute_questions(plan, model, synthesise(model, Path(folder)), Path(folder), ask=False)
    refusal = analyzer(schema_of(model.tables)) if analyzer is not None else None
    by_claude = made.claude.parts_of("claude")
    return Score(
        site=site.key,
        language=made.language,
        blueprint=made.source.id,
        prompt=planner_prompt().label,
        parts=len(made.claude.parts),
        by_claude=len(by_claude),
        first_try=sum(part.rounds == 0 for part in by_claude),
        rounds=sum(part.rounds for part in made.claude.parts),
        words=len(_sources(made)),
        customer_words=_sources(made).count("customer"),
        customer_words_before=_sources(prior).count("customer"),
        new_entries=_new_entries(made.blueprint, prior.blueprint),
        claims=len(made.claude.claims),
        claims_dropped=len(made.claude.dropped_claims),
        questions=len(plan.questions),
        accepted=None if refusal is None else sum(refusal(question.sql) is None for question in plan.questions),
        insights=len(plan.insights),
        measured=sum(query.proof is not None and query.proof.holds for query in golden.queries),
        tokens_read=usage.input_tokens,
        tokens_written=usage.output_tokens,
        usd=usage.usd,
        seconds=round(seconds, 1),
    )


def _sources(made: DemoBlueprint) -> list[str]:
    """Whose the words are in the slots that a site can fill."""
    return [word.source for slot in made.blueprint.slots.values() if slot.sources for word in slot.filled]


def _new_entries(blueprint: Blueprint, prior: Blueprint) -> int:
    sections: list[tuple[Mapping[str, object], Mapping[str, object]]] = [
        (blueprint.tables, prior.tables),
        (blueprint.insights, prior.insights),
        (blueprint.questions, prior.questions),
    ]
    return sum(len(now.keys() - before.keys()) for now, before in sections)


def table_of(scores: Sequence[Score]) -> str:
    """The scores as a Markdown table."""
    rows = [
        [
            f"{score.site} ({score.blueprint}, {score.language})",
            f"{score.by_claude} of {score.parts}",
            f"{score.first_try} of {score.parts}",
            str(score.rounds),
            f"{score.customer_words} of {score.words} (before {score.customer_words_before})",
            str(score.new_entries),
            f"{score.claims} ({score.claims_dropped} dropped)",
            "not judged" if score.accepted is None else f"{score.accepted} of {score.questions}",
            f"{score.measured} of {score.insights}",
            f"{score.tokens_read:,} / {score.tokens_written:,}",
            "unknown" if score.usd is None else f"{score.usd:.3f}",
            f"{score.seconds:.0f}",
        ]
        for score in scores
    ]
    return markdown_table(
        ["site", "parts by Claude", "at first try", "rounds", "customer's words", "new entries", "claims",
         "SQL accepted", "insights measured", "tokens read / written", "USD", "seconds"], rows,
    )  # fmt: skip


@contextmanager
def _clients(*, live: bool) -> Iterator[Callable[[str], ClaudeClient | None]]:
    """A client for each site: of the model, or of the recorded answers. Answers are not kept: an evaluation asks anew."""
    with tempfile.TemporaryDirectory(prefix="eval-planner-") as folder:
        claude = this_target().claude
        if live:
            mine = Claude(store=DemoStore(root=folder), model=claude.model, budget_usd=claude.budget_usd)
            yield mine.client
            return
        recorded = Claude(store=DemoStore(root=folder), model="claude-sonnet-5-5", budget_usd=10.0)
        before = {name: os.environ.get(name) for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY")}
        with replayed() as service:
            os.environ |= {"ANTHROPIC_BASE_URL": service.address, "ANTHROPIC_API_KEY": "no-key-needed"}
            try:
                yield recorded.client
            finally:
                for name, value in before.items():
                    os.environ.pop(name) if value is None else os.environ.update({name: value})


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and write it to ``build/eval-planner.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--live", action="store_true", help="ask the model, which costs money, instead of the records")
    parser.add_argument("--only", help="part of the keys to plan")
    given = parser.parse_args(arguments)
    if given.live and not this_target().claude.is_used:
        print("Not run: ANTHROPIC_API_KEY is not set, and --live asks the model.")
        return 0
    scores = []
    with _clients(live=given.live) as client_of:
        for site in recorded_sites():
            client = client_of(site.key)
            if client is not None and (not given.only or given.only in site.key):
                print(f"{site.key} ...", file=sys.stderr)
                scores.append(score_of(site, client, _analyzer()))
    by = f"the model {this_target().claude.model}" if given.live else "recorded answers, which people wrote"
    print(f"Answers by {by}; tokens and dollars of recorded answers are estimates from their length.\n")
    print(table_of(scores))
    RESULT.parent.mkdir(exist_ok=True)
    write_whole(RESULT, _as_json(by, scores))
    return 0


def _as_json(by: str, scores: Sequence[Score]) -> bytes:
    import json

    return json.dumps({"answers by": by, "scores": [asdict(score) for score in scores]}, indent=1).encode()


def _analyzer() -> Callable[[Schema], Callable[[str], str | None]] | None:
    try:
        from provisioning_assets_tests.googlesql_analyzer import front_end
    except ImportError:  # it is one of the tests' dependencies
        return None
    return front_end


if __name__ == "__main__":
    sys.exit(main())
