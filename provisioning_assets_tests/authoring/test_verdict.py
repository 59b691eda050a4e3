"""The problems that keep a blueprint from being used, and the seeds at which they occur."""

from typing import Literal

import pytest

from provisioning_assets.agent.models import AgentEvaluation, AskedQuestion, FreshAnswer
from provisioning_assets.authoring.models import BlueprintCheck, InsightCheck, QuestionCheck, SeedCheck, StrengthCheck
from provisioning_assets.authoring.verdict import at_seeds, nearly_leaves, problems_of, realism_by_seed
from provisioning_assets.planning.models import Insight, InsightAssertion
from provisioning_assets.quality.insight_spread import SeedFigure, spread_of
from provisioning_assets.quality.models import (
    CoherenceResult,
    InsightStrength,
    LawResult,
    RealismResult,
    RelationResult,
    UnplannedFinding,
)

INSIGHT = Insight(
    id="late", headline="Late", explanation="Why", action="Do", expected=10, tolerance=2, unit="days", query_id="days",
    assertion=InsightAssertion(column="days"),
)  # fmt: skip


def seed_check(
    seed: int,
    *,
    violations: int = 0,
    broken: int = 0,
    tail: float = 5.0,
    chance: str = "0.0",
    figure: float | None = 10.0,
    ratio: float | None = 2.0,
) -> SeedCheck:
    return SeedCheck(
        seed=seed,
        rows=10,
        coherence=[
            CoherenceResult(kind="in_order", table="orders", column="paid_at", rule="it is paid later", violations=violations)
        ],
        laws=[LawResult(id="law", says="Nothing is free", violations=broken)],
        relations=[
            RelationResult(
                id="gold", says="Gold buys more", figure=ratio, unit="times", lowest=1.5, highest=3, source="experience",
                error=None if ratio is not None else "It fails.",
            )
        ],
        realism=[
            RealismResult(
                check="amount_tail", table="orders", column="total", says=f"the tail; by chance in {chance}%", measured=tail,
                lowest=4.0, source="two real sets", rows=2000, passed=tail >= 4,
            )
        ],
        figures={
            "late": SeedFigure(
                seed=seed, figure=figure, without_effects=3.0, within_tolerance=figure is not None and abs(figure - 10) <= 2,
                reason=None if figure is not None else "The answer has no row.",
            )
        },
    )  # fmt: skip


def check_of(*seeds: SeedCheck, **given: object) -> BlueprintCheck:
    spread = spread_of(INSIGHT, [seed.figures["late"] for seed in seeds])
    return BlueprintCheck.model_validate(
        {
            "file": "x.yaml",
            "seeds": list(seeds),
            "insights": [InsightCheck(question="days", spread=spread, strength=None)],
            "questions": [question(number) for number in range(12)],
            **given,
        }
    )


def question(number: int, **given: object) -> QuestionCheck:
    usual: dict[str, object] = {
        "id": f"q{number}", "question": "How many?", "complexity": "simple", "columns": ["n"], "row_count": 3,
        "first_row": [1], "seconds": 0.1, "error": None, "dull_because": None, "chart_problem": None,
    }  # fmt: skip
    return QuestionCheck.model_validate({**usual, **given})


def problems_of_check(check: BlueprintCheck) -> list[tuple[str, str]]:
    return [(problem.section, problem.words) for problem in problems_of(check)]


def test_nothing_is_reported_where_everything_holds() -> None:
    assert problems_of_check(check_of(seed_check(1), seed_check(2))) == []


def test_a_broken_rule_is_reported_once_with_its_seeds() -> None:
    check = check_of(seed_check(1), seed_check(2, violations=4), seed_check(3, violations=9))
    assert problems_of_check(check) == [
        (
            "rules",
            "orders.paid_at: it must hold that it is paid later, but it does not hold 4 times at seeds 2, 3. Change how the "
            "column is generated.",
        )
    ]


def test_a_broken_law_and_a_figure_unlike_real_ones_are_reported_with_their_seeds() -> None:
    check = check_of(seed_check(1, broken=1, tail=3.0), seed_check(2, broken=2, tail=2.5))
    (_, law), (section, realism) = problems_of_check(check)
    assert law.startswith("law: Nothing is free: 1 row breaks it at every seed.")
    assert section == "realism"
    assert "is 3, 2.5, but must be at least 4 (two real sets) at every seed." in realism
    assert "`realism: {amount_tail: [lowest, highest], because: ...}`" in realism


def test_a_relation_outside_its_range_is_reported_with_its_seeds_and_its_spread() -> None:
    check = check_of(seed_check(1), seed_check(2, ratio=1.2), seed_check(3, ratio=None))
    assert problems_of_check(check) == [
        (
            "relations",
            "gold: Gold buys more: it is 1.2 times, below the plausible 1.5 to 3 times (experience) at seeds 2, 3. Change how the "
            "tables are generated, or the range if it is wrong. Over all seeds it is 1.6 ± 0.566.",
        )
    ]


@pytest.mark.parametrize(
    ("ratios", "told"),
    [
        ((2.0, 2.05), False),
        ((1.6, 1.8), True),
        ((2.9, 2.8), True),
        ((1.6,), False),
        ((1.4, 1.6), False),  # it fails: that is told as a problem
        ((1.6, None), False),
    ],
)
def test_a_range_that_the_seeds_nearly_leave_is_told(ratios: tuple[float | None, ...], told: bool) -> None:
    results = [seed_check(number, ratio=ratio).relations[0] for number, ratio in enumerate(ratios)]
    assert nearly_leaves(results) is told


def test_a_check_whose_words_vary_from_seed_to_seed_is_one_check() -> None:
    (results,) = realism_by_seed([seed_check(1, chance="0.0"), seed_check(2, chance="3.1")])
    assert [result and result.measured for result in results] == [5.0, 5.0]


def test_an_insight_that_does_not_hold_is_reported_with_its_spread() -> None:
    ((section, words),) = problems_of_check(check_of(seed_check(1, figure=10.5), seed_check(2, figure=15.5)))
    assert section == "insights"
    assert words.startswith(
        "late: days shows 15.5 where 10 ± 2 days is expected at seed 2. Over all seeds it is 13 ± 3.54:"
    )


def test_an_insight_without_a_figure_is_reported_with_the_reason() -> None:
    ((_, words),) = problems_of_check(check_of(seed_check(1, figure=None)))
    assert words == (
        "late: days shows nothing (The answer has no row) where 10 ± 2 days is expected. Correct `read`, or the question."
    )


def strength(z: float) -> InsightStrength:
    return InsightStrength(
        insight_id="late", headline="Late", figure=10.0, without=3.0, seasonal_baseline=3.0, spread=1.0, z=z, rank=1, groups=4,
        history=[], passed=abs(z) >= 5, reason=None,
    )  # fmt: skip


def finding(z: float) -> UnplannedFinding:
    return UnplannedFinding(
        query_id="q1", group="North", column="n", figure=9, expected=4, z=z, corrected_z=z
    )  # fmt: skip


@pytest.mark.parametrize(("planted", "unplanned", "count"), [(9.0, 3.5, 1), (9.0, 2.0, 0), (0.7, 2.0, 0)])
def test_what_was_not_planted_is_reported_where_it_stands_out_by_itself(
    planted: float, unplanned: float, count: int
) -> None:
    measured = StrengthCheck(insights=[strength(planted)], unplanned=[finding(unplanned)], places=40)
    check = check_of(seed_check(1), strength=measured)
    assert [words.partition(":")[0] for _, words in problems_of_check(check)] == [
        "Not planted, but it stands out"
    ] * count


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"error": "no such table."}, "q0: its query fails: no such table. Correct its SQL."),
        ({"row_count": 0}, "q0: its query returns no rows."),
        ({"chart_problem": "no column x"}, "q0: its chart cannot be drawn: no column x. Correct `chart`."),
    ],
)
def test_a_question_that_fails_is_reported(changed: dict[str, object], said: str) -> None:
    questions = [question(0, **changed), *(question(number) for number in range(1, 12))]
    ((section, words),) = problems_of_check(check_of(seed_check(1), questions=questions))
    assert section == "questions"
    assert words.startswith(said)


def test_one_dull_result_of_twelve_passes_and_two_do_not() -> None:
    def with_dull(count: int) -> BlueprintCheck:
        questions = [question(number, dull_because="flat" if number < count else None) for number in range(12)]
        return check_of(seed_check(1), questions=questions)

    assert problems_of_check(with_dull(1)) == []
    ((section, words),) = problems_of_check(with_dull(2))
    assert (section, words.partition(";")[0]) == ("questions", "2 of 12 results are not worth showing (q0, q1)")


def asked(query: str, *, misleads: bool) -> AskedQuestion:
    return AskedQuestion(
        query_id=query, asked=query, kind="paraphrase", passed=not misleads, matched_query=False, sql="SELECT 1", row_count=1,
        answer="a", misleads=misleads, seconds=0,
    )  # fmt: skip


def fresh(question: str, outcome: Literal["right", "wrong"]) -> FreshAnswer:
    return FreshAnswer(form="by", question=question, outcome=outcome, answer="a", sql="SELECT 1", right_sql="SELECT 2")


def test_an_agent_that_misleads_is_reported() -> None:
    agent = AgentEvaluation(
        asked=[asked("waiting", misleads=True), asked("rush", misleads=False)], scripted_pass_rate=1.0, paraphrase_pass_rate=0.5,
        repeat_agreement=1.0, understood_rate=0, dropped_query_ids=[],
        fresh=[fresh("How many riders?", "wrong"), fresh("Riders?", "right")],
    )  # fmt: skip
    (section, paraphrases), (_, questions) = problems_of_check(check_of(seed_check(1), agent=agent))
    assert section == "agent"
    assert paraphrases.startswith(
        "The agent answers 50% of the paraphrases with other rows than their query's, at most 10% may be (waiting)"
    )
    assert questions.startswith(
        "The agent answers 50% of the fresh questions wrongly, at most 3% may be (How many riders?)"
    )


def test_seeds_are_named_where_there_are_several() -> None:
    checks = [seed_check(1), seed_check(2), seed_check(3)]
    assert at_seeds([1, 2, 3], checks) == "at every seed"
    assert at_seeds([2], checks) == "at seed 2"
    assert at_seeds([1, 3], checks) == "at seeds 1, 3"
    assert at_seeds([1], checks[:1]) == ""


def test_a_tolerance_that_reaches_the_figure_without_the_effects_proves_nothing() -> None:
    wide = INSIGHT.model_copy(update={"tolerance": 7})
    seeds = [seed_check(1), seed_check(2)]
    spread = spread_of(wide, [seed.figures["late"] for seed in seeds])
    (problem,) = problems_of(check_of(*seeds, insights=[InsightCheck(question="days", spread=spread, strength=None)]))
    assert problem.section == "insights"
    assert "late: 10 ± 7 days includes 3, the figure without its effects" in problem.words
    assert problems_of(check_of(*seeds)) == []
