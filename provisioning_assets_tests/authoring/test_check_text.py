"""Printed checks: narrow and wide, in a pipe, and with control sequences in the words."""

import io
from datetime import date

import pytest
from rich.cells import cell_len
from rich.console import Console

from provisioning_assets.agent.models import AgentEvaluation, AskedQuestion
from provisioning_assets.authoring.check_text import print_check
from provisioning_assets.authoring.models import (
    BlueprintCheck,
    Fault,
    InsightCheck,
    MissedRequirement,
    QuestionCheck,
    SeedCheck,
    StrengthCheck,
)
from provisioning_assets.golden.models import MeasuredKpi
from provisioning_assets.quality.insight_spread import InsightSpread, SeedFigure
from provisioning_assets.quality.models import (
    CoherenceResult,
    InsightStrength,
    LawResult,
    RealismResult,
    RelationResult,
)
from provisioning_assets.synthesis.preview import ColumnProfile, Preview, TablePreview

HOSTILE = "[bold]Acme[/bold] [link=file:///etc]\x1b[31m\x07"


def check_of(words: str = "Riders wait", *, holds: bool = True) -> BlueprintCheck:
    """A small check; ``words`` stand wherever an author's or a customer's words may."""
    column = ColumnProfile(
        name="rider_name", type="STRING", role="dimension", description=words, generator="person", nulls=0, distinct=2
    )
    rows: list[dict[str, str | int | float | bool | None]] = [{"rider_name": words}, {"rider_name": None}]
    table = TablePreview(
        name="riders", description=words, rows=2, expected_rows=2, primary_key=[], columns=[column], first_rows=rows
    )
    figure = SeedFigure(
        seed=1, figure=31.5, without_effects=5.0, within_tolerance=holds, reason=None if holds else words
    )
    spread = InsightSpread(
        insight_id="empty_station", headline=words, unit=words, expected=33, tolerance=6, seeds=[figure], mean=31.5,
        standard_deviation=None, mean_without_effects=5.0, standard_deviation_without_effects=None,
        share_within_tolerance=float(holds),
    )  # fmt: skip
    strength = InsightStrength(
        insight_id="empty_station", headline=words, figure=31.5, without=5.0, seasonal_baseline=5.2, spread=1.0, z=26.3,
        rank=1, groups=4, history=[], passed=holds, reason=None if holds else words,
    )  # fmt: skip
    realism = RealismResult(
        check="amount_tail", table="riders", column="fare", says=words, measured=2.0, lowest=4.0, highest=25.0,
        source=words, rows=5000, passed=holds,
    )  # fmt: skip
    relation = RelationResult(
        id="related", says=words, figure=2.0 if holds else None, parts={words: 4.0}, unit=words, lowest=1.5, highest=3,
        source=words, error=None if holds else words,
    )  # fmt: skip
    seed = SeedCheck(
        seed=1,
        rows=2,
        coherence=[CoherenceResult(kind="key_unique", table="riders", column="rider_id", rule=words, violations=0)],
        laws=[LawResult(id="law", says=words, violations=int(not holds), columns=["id"], examples=[[words]])],
        relations=[relation],
        realism=[realism],
        figures={"empty_station": figure},
    )
    asked = AskedQuestion(
        query_id="waiting", asked=words, kind="paraphrase", passed=holds, matched_query=False, sql=None, row_count=0,
        answer=words, problem=f"not understood: {words} You could ask: 1. Something else?", seconds=0.1,
    )  # fmt: skip
    question = QuestionCheck(
        id="waiting", question=words, complexity="simple", columns=["station_name", "waited_pct"], row_count=3,
        first_row=[words, 31.5], seconds=0.02, error=None, dull_because=None if holds else words, chart_problem=None,
    )  # fmt: skip
    return BlueprintCheck(
        file="bike_rental.yaml",
        blueprint="bike_rental",
        name=words,
        country="US",
        size="small",
        as_of=date(2026, 6, 30),
        tables=Preview(
            name=words, origin=words, size="small", fact_rows=2, as_of=date(2026, 6, 30), seed=1, locale="en_US", country="US",
            currency="USD", sample_rows=2, seconds=0.1, tables=[table],
        ),
        seeds=[seed],
        questions=[question],
        kpis=[MeasuredKpi(name=words, unit=words, value=None if not holds else 3.0, error=None if holds else words)],
        insights=[InsightCheck(question="waiting", spread=spread, strength=strength)],
        strength=StrengthCheck(insights=[strength], unplanned=[], places=40),
        agent=AgentEvaluation(
            asked=[asked], scripted_pass_rate=1, paraphrase_pass_rate=float(holds), repeat_agreement=1, understood_rate=0,
            dropped_query_ids=[],
        ),
        problems=[] if holds else [MissedRequirement(section="realism", words=words)],
        seconds=9.5,
    )  # fmt: skip


def printed(check: BlueprintCheck, width: int) -> str:
    out = io.StringIO()
    print_check(Console(file=out, width=width, highlight=False), check)
    return out.getvalue()


def test_it_reads_from_the_tables_to_the_verdict() -> None:
    text = printed(check_of(), 120)
    order = ["riders", "Rules", "Relations", "Realism", "Questions", "Insights", "Agent", "Verdict", "PASSES"]
    places = [text.index(word) for word in order]
    assert places == sorted(places)
    assert "expected 33 ± 6 Riders wait; measured 31.5; without its effects 5; z 26.3, rank 1 of 4" in text
    assert "9.5 s" in text


def test_relations_are_shown_with_every_seed_and_a_narrow_range_is_told() -> None:
    check = check_of()
    (first,) = check.seeds
    relation = first.relations[0].model_copy(update={"unit": "times", "source": "experience", "parts": {"gold": 4.0}})
    check.seeds = [
        first.model_copy(update={"seed": seed, "relations": [relation.model_copy(update={"figure": figure})]})
        for seed, figure in ((1, 2.0), (2, 2.6), (3, 2.3))
    ]
    text = " ".join(printed(check, 160).split())
    assert (
        "related Riders wait measured 2 times, 2.6 times, 2.3 times; plausible 1.5 to 3 times (experience); gold 4"
        in text
    )
    assert (
        "mean 2.3, standard deviation 0.3; other seeds may leave the range: 4 standard deviations reach from 1.1 to 3.5"
        in text
    )


def test_what_fails_is_marked_and_a_refusals_offers_are_left_out() -> None:
    text = printed(check_of(holds=False), 120)
    assert "DOES NOT PASS: 1 problem." in text
    assert text.count("✗") >= 5
    assert "not understood: Riders wait" in text
    assert "Something else?" not in text


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("holds", [True, False])
def test_no_line_is_wider_than_the_terminal(width: int, holds: bool) -> None:
    text = printed(check_of("Fahrerinnen und Fahrer warten 待つ " * 4, holds=holds), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("width", [60, 200])
@pytest.mark.parametrize("holds", [True, False])
def test_control_sequences_in_words_are_not_executed(width: int, holds: bool) -> None:
    text = printed(check_of(HOSTILE, holds=holds), width)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[bold]Acme[/bold]" in text


def test_control_sequences_in_faults_are_not_executed() -> None:
    fault = Fault(file="x.yaml", line=7, place=f"tables.{HOSTILE}", words=HOSTILE)
    check = BlueprintCheck(
        file="x.yaml", faults=[fault], problems=[MissedRequirement(section="file", words="x.yaml has 1 fault.")]
    )
    text = printed(check, 200)
    assert "x.yaml, line 7, tables.[bold]Acme[/bold]" in text
    assert "\x1b" not in text
