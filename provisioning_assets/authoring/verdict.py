"""Compares everything that was measured with the limits for a demo that is ready to show, and lists the problems."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import mean, stdev

from provisioning_assets import quality_bars as bars
from provisioning_assets.authoring.models import BlueprintCheck, MissedRequirement, QuestionCheck, Section, SeedCheck
from provisioning_assets.data_model.realism_bounds import RealismBounds
from provisioning_assets.quality.insight_spread import InsightSpread
from provisioning_assets.quality.models import CoherenceResult, LawResult, RealismResult, RelationResult
from provisioning_assets.quality.report_text import bound, number


def problems_of(check: BlueprintCheck) -> list[MissedRequirement]:
    """Return all problems, in the order of the sections; empty if a demo can be made from the blueprint."""
    sections: dict[Section, Iterator[str]] = {
        "rules": _rules(check.seeds),
        "relations": _relations(check.seeds),
        "realism": _realism(check.seeds),
        "questions": _questions(check),
        "insights": _insights(check),
        "agent": _agent(check),
    }
    return [MissedRequirement(section=section, words=words) for section, found in sections.items() for words in found]


def at_seeds(seeds: list[int], of: list[SeedCheck]) -> str:
    """Return a text such as ``at every seed``, ``at seed 2`` or ``at seeds 1, 3``; empty if only one seed was measured."""
    if len(of) == 1:
        return ""
    if len(seeds) == len(of):
        return "at every seed"
    return f"at seed{'s' * (len(seeds) != 1)} {', '.join(map(str, seeds))}"


# --- what must hold exactly ------------------------------------------------------------------------------------------


def broken_rules(seeds: list[SeedCheck]) -> list[tuple[CoherenceResult, list[int]]]:
    """Return each rule that does not hold: its result at the first seed where it fails, and all seeds where it fails."""
    found: dict[tuple[str, str, str], tuple[CoherenceResult, list[int]]] = {}
    for check in seeds:
        for result in check.coherence:
            if result.violations:
                _, at = found.setdefault((result.table, result.column, result.rule), (result, []))
                at.append(check.seed)
    return list(found.values())


def broken_laws(seeds: list[SeedCheck]) -> list[tuple[LawResult, list[int]]]:
    """Return each law of the trade that does not hold: its result at the first seed where it fails, and all such seeds."""
    found: dict[str, tuple[LawResult, list[int]]] = {}
    for check in seeds:
        for law in check.laws:
            if not law.holds():
                _, at = found.setdefault(law.id, (law, []))
                at.append(check.seed)
    return list(found.values())


def _rules(seeds: list[SeedCheck]) -> Iterator[str]:
    for rule, at in broken_rules(seeds):
        yield _joined(
            f"{rule.table}.{rule.column}: it must hold that {rule.rule}, but it does not hold {rule.violations:,} times",
            at_seeds(at, seeds),
            "Change how the column is generated.",
        )
    for law, at in broken_laws(seeds):
        yield _joined(law.failure(), at_seeds(at, seeds), "Change the tables, or the rule if it is wrong.")


# --- how figures relate ----------------------------------------------------------------------------------------------

ROOM_FOR_SEEDS = 4
"""Standard deviations over seeds that a tolerance or a range leaves room for. If figures are normal, one of 16,000 seeds differs
by more."""


def relations_by_seed(seeds: list[SeedCheck]) -> list[list[tuple[int, RelationResult]]]:
    """Return for each relation the seeds at which it was measured, with its results there."""
    found: dict[str, list[tuple[int, RelationResult]]] = {}
    for check in seeds:
        for relation in check.relations:
            found.setdefault(relation.id, []).append((check.seed, relation))
    return list(found.values())


def spread_over_seeds(results: Sequence[RelationResult]) -> tuple[float, float] | None:
    """Return mean and standard deviation of a relation's figure over seeds; None if it was not measured at two of them."""
    figures = [result.figure for result in results if result.figure is not None]
    return (mean(figures), stdev(figures)) if len(figures) > 1 else None


def nearly_leaves(results: Sequence[RelationResult]) -> bool:
    """Return whether a relation holds at all seeds, but leaves too little room in its range for others."""
    spread = spread_over_seeds(results)
    if spread is None or not all(result.holds() for result in results):
        return False
    middle, deviation = spread
    room = min(middle - results[0].lowest, results[0].highest - middle)
    return room < ROOM_FOR_SEEDS * deviation


def _relations(seeds: list[SeedCheck]) -> Iterator[str]:
    for measured in relations_by_seed(seeds):
        broken = [(seed, result) for seed, result in measured if not result.holds()]
        if not broken:
            continue
        spread = spread_over_seeds([result for _, result in measured])
        figures = f" Over all seeds it is {number(spread[0])} ± {number(spread[1])}." if spread else ""
        where = at_seeds([seed for seed, _ in broken], seeds)
        yield _joined(
            broken[0][1].failure(), where, f"Change how the tables are generated, or the range if it is wrong.{figures}"
        )


def _joined(what: str, where: str, remedy: str) -> str:
    return f"{what.rstrip('.')}{' ' * bool(where)}{where}. {remedy}"


# --- how lifelike ----------------------------------------------------------------------------------------------------


def realism_by_seed(seeds: list[SeedCheck]) -> list[list[RealismResult | None]]:
    """Return for each check its results at all seeds, in their order; None for a seed where it could not be measured."""
    keys: dict[tuple[str, str | None, str, int], None] = {}
    by_seed = []
    for check in seeds:
        times: Counter[tuple[str, str | None, str]] = Counter()
        results = {}
        for each in check.realism:
            key = (each.table, each.column, each.check)
            results[*key, times[key]] = each
            times[key] += 1
        keys.update(dict.fromkeys(results))
        by_seed.append(results)
    return [[results.get(key) for results in by_seed] for key in keys]


def _realism(seeds: list[SeedCheck]) -> Iterator[str]:
    for results in realism_by_seed(seeds):
        failed = [
            (check, result) for check, result in zip(seeds, results, strict=True) if result and not _passes(result)
        ]
        if not failed:
            continue
        result = failed[0][1]
        figures = ", ".join(number(each.measured) for _, each in failed)
        where = f"{result.table}.{result.column}" if result.column else result.table
        yield _joined(
            f"{where}: {result.says} is {figures}, but must be {bound(result)} ({result.source.rstrip('.')})",
            at_seeds([check.seed for check, _ in failed], seeds),
            _own_bound(result),
        )


def _own_bound(result: RealismResult) -> str:
    if result.check not in RealismBounds.checks():
        return "Change how the table is generated."
    return (
        f"Change how the table is generated. If its trade is different, write `realism: {{{result.check}: [lowest, highest], "
        "because: ...}`."
    )


def _passes(result: RealismResult) -> bool:
    return result.passed is not False


# --- questions -------------------------------------------------------------------------------------------------------


def _questions(check: BlueprintCheck) -> Iterator[str]:
    for question in check.questions:
        if question.error is not None:
            yield f"{question.id}: its query fails: {question.error.rstrip('.')}. Correct its SQL."
        elif not question.row_count:
            yield f"{question.id}: its query returns no rows. Ask for a longer time, or generate such rows."
        if question.chart_problem is not None:
            yield f"{question.id}: its chart cannot be drawn: {question.chart_problem.rstrip('.')}. Correct `chart`."
    for kpi in check.kpis:
        if kpi.error is not None:
            yield f"KPI {kpi.name}: it has no value: {kpi.error.rstrip('.')}. Correct its SQL."
    uninteresting = [question.id for question in check.questions if is_uninteresting(question)]
    if check.questions and 1 - len(uninteresting) / len(check.questions) < bars.INTERESTING_BAR:
        yield (
            f"{len(uninteresting)} of {len(check.questions)} results are not worth showing ({', '.join(uninteresting)}); "
            f"at least {bars.INTERESTING_BAR:.0%} must be worth showing. Ask for more groups or periods."
        )


def is_uninteresting(question: QuestionCheck) -> bool:
    """Return whether the question has a result that is not worth showing."""
    return question.error is None and question.row_count > 0 and question.dull_because is not None


# --- insights --------------------------------------------------------------------------------------------------------


def _insights(check: BlueprintCheck) -> Iterator[str]:
    from provisioning_assets.quality.insight_strength import unplanned_problems

    for insight in check.insights:
        spread, strength = insight.spread, insight.strength
        missed = [each for each in spread.seeds if not each.within_tolerance]
        if missed:
            figures = ", ".join("nothing" if each.figure is None else number(each.figure) for each in missed)
            reason = next((f" ({each.reason.rstrip('.')})" for each in missed if each.reason), "")
            yield _joined(
                f"{spread.insight_id}: {insight.question} shows {figures}{reason} where {number(spread.expected)} "
                f"± {number(spread.tolerance)} {spread.unit} is expected",
                at_seeds([each.seed for each in missed], check.seeds),
                _advice(spread.mean, spread.standard_deviation),
            )
        if proves_nothing(spread):
            yield (
                f"{spread.insight_id}: {number(spread.expected)} ± {number(spread.tolerance)} {spread.unit} includes "
                f"{number(spread.mean_without_effects)}, the figure without its effects, so it proves nothing. Strengthen its "
                "effect, or make `tolerance` smaller."
            )
        if strength is not None and not strength.passed:
            yield (
                f"{spread.insight_id}: it does not stand out from its own past: {(strength.reason or '').rstrip('.')}. "
                "Make its effect stronger, or show it over more rows."
            )
    if check.strength is not None:
        # compared with an insight that does not stand out, every other figure would seem to stand out
        strong = [strength for strength in check.strength.insights if strength.passed]
        for words in unplanned_problems(strong, check.strength.unplanned):
            yield f"Not planted, but it stands out: {words}. Generate more rows for that figure, or plant it as an insight."


def proves_nothing(spread: InsightSpread) -> bool:
    """Return whether the figure without the insight's effects would be accepted as well."""
    without = spread.mean_without_effects
    return without is not None and abs(without - spread.expected) <= spread.tolerance


def _advice(mean: float | None, deviation: float | None) -> str:
    """Return what to change, based on the figures over all seeds."""
    if mean is None:
        return "Correct `read`, or the question."
    if deviation is None:
        return "Change `expected` and `tolerance`, or the effect."
    return (
        f"Over all seeds it is {number(mean)} ± {number(deviation)}: set `expected` near the mean and `tolerance` to four "
        "standard deviations or more, or change the effect."
    )


# --- the agent -------------------------------------------------------------------------------------------------------


def _agent(check: BlueprintCheck) -> Iterator[str]:
    if check.agent is None:
        return
    rates = (
        (("scripted", "wording"), "questions", check.agent.scripted_pass_rate, bars.SCRIPTED_BAR),
        (("repeat",), "repeated questions", check.agent.repeat_agreement, bars.REPEAT_BAR),
    )
    for kinds, what, rate, bar in rates:
        asked_so = [each for each in check.agent.asked if each.kind in kinds]
        wrong = list(dict.fromkeys(each.query_id for each in asked_so if not each.passed))
        if asked_so and rate < bar:
            yield (
                f"The agent answers {rate:.0%} of the {what} with the rows of their query, {bar:.0%} needed "
                f"({', '.join(wrong)}). Reword them with the names and synonyms of the columns, or give columns more synonyms."
            )
    misled = list(dict.fromkeys(a.query_id for a in check.agent.asked if a.kind == "paraphrase" and a.misleads))
    if check.agent.paraphrase_wrong_rate > bars.PARAPHRASE_WRONG_BAR:
        yield (
            f"The agent answers {check.agent.paraphrase_wrong_rate:.0%} of the paraphrases with other rows than their query's, at "
            f"most {bars.PARAPHRASE_WRONG_BAR:.0%} may be ({', '.join(misled)}). Reword them, or give columns clearer synonyms."
        )
    fresh = [answer.question for answer in check.agent.fresh if answer.outcome == "wrong"]
    if check.agent.fresh and check.agent.fresh_wrong_rate > bars.FRESH_WRONG_BAR:
        yield (
            f"The agent answers {check.agent.fresh_wrong_rate:.0%} of the fresh questions wrongly, at most "
            f"{bars.FRESH_WRONG_BAR:.0%} may be ({', '.join(fresh)}). A name or synonym in the "
            "tables means two things: make it say one."
        )
    asked = {each.query_id: each for each in check.agent.asked if each.kind == "scripted"}
    for insight in check.insights:
        answer = asked.get(insight.question)
        if answer is not None and answer.insight_holds is False:
            yield (
                f"{insight.spread.insight_id}: the agent's answer to {insight.question} does not show it. Reword the question, or "
                "correct its query."
            )
