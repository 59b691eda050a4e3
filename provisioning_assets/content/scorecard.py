"""Computes whether a demo is ready to be shown: each figure with its bar, each reason with what to do."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from provisioning_assets import quality_bars as bars
from provisioning_assets.agent.models import AgentEvaluation
from provisioning_assets.artefact import Artefact
from provisioning_assets.content.booklet_view import reasons_to_drop
from provisioning_assets.content.demo import Demo
from provisioning_assets.content.mixed_stages import stages_out_of_step
from provisioning_assets.content.models import DemoBooklet, DemoScorecard, Figure
from provisioning_assets.content.provenance_text import other_blueprint, ways_read
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.tables import Column
from provisioning_assets.figure_text import day, percent, plural, quantity
from provisioning_assets.golden.models import GoldenQueries, GoldenQuery
from provisioning_assets.googlesql.column_titles import column_title
from provisioning_assets.labels.catalogue import labels_of
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE
from provisioning_assets.planning.models import Complexity, DemoPlan
from provisioning_assets.quality.models import DataQualityReport, RealismResult
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.research.website.models import CustomerWebsite, FailureKind
from provisioning_assets.warehouse.models import DemoDataset

#: Number of names that a reason lists before it says "and n more".
NAMES_SHOWN = 4


class Verdict:
    """Collects the figures, and the reasons why the demo is not ready, in the order they are measured."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self.reasons: list[str] = []

    def require(
        self,
        name: str,
        value: float,
        unit: str,
        direction: Literal["at_least", "at_most"],
        bar: float,
        reason: str,
        note: str = "",
    ) -> None:
        """Add a figure and compare it with its bar. If it misses the bar, the demo is not ready for this reason."""
        passed = value >= bar if direction == "at_least" else value <= bar
        self.figures.append(
            Figure(name=name, value=value, unit=unit, bar=bar, direction=direction, passed=passed, note=note)
        )
        if not passed:
            self.reasons.append(reason)

    def add(self, name: str, value: float, unit: str, note: str = "") -> None:
        """Add a figure that has no bar."""
        self.figures.append(Figure(name=name, value=value, unit=unit, note=note))


def score_demo(demo: Demo, booklet: DemoBooklet | None = None) -> DemoScorecard:
    """Return the scorecard of one demo.

    Args:
        demo: what the earlier stages made.
        booklet: of the demo, to see that it was made from the same artefacts; None: that is not looked at.

    Returns:
        the scorecard; ``ready`` is true if every figure reaches its bar. Shares are 0-1. The same artefacts give the same
        scorecard: its date is that of the agent, which is created last before the questions are asked.
    """
    request, website, profile, plan, model, dataset, golden, agent, evaluation, quality = demo
    verdict = Verdict()
    _add_queries(verdict, golden)
    _add_insights(verdict, plan, golden, evaluation)
    _add_agent(verdict, evaluation)
    _add_script(verdict, plan, golden, evaluation)
    _add_data(verdict, model, dataset)
    _add_quality(verdict, plan, quality)
    _add_origin(verdict, request.key, [*demo, *([booklet] if booklet else [])])
    verdict.add("industry_confidence", profile.confidence, "share", f"runner-up: {profile.runner_up or 'none'}")
    return DemoScorecard(
        key=request.key,
        company_name=profile.company_name,
        industry=profile.industry,
        blueprint=plan.blueprint,
        language=plan.language,
        ready=not verdict.reasons,
        reasons=verdict.reasons,
        notices=_notices(request, website, profile, plan, golden, evaluation),
        figures=verdict.figures,
        customer_words=plan.customer_words,
        words_confirmed_by=_confirmed_by(request, plan),
        as_of=dataset.as_of,
        created_at=agent.update_time,
        expires_on=request.expires_on,
    )


# --- figures with a bar ------------------------------------------------------------------------------------------


def _add_queries(verdict: Verdict, golden: GoldenQueries) -> None:
    queries = golden.queries
    failed = [query.id for query in queries if query.error]
    empty = [query.id for query in queries if not query.error and not query.row_count]
    answering = [query for query in queries if not query.error and query.row_count]
    uninteresting = [query.id for query in answering if not query.interesting]
    remake = "fix their SQL in the blueprint and materialize golden_queries again"
    verdict.require(
        "golden_queries", len(queries), "count", "at_least", bars.LEAST_QUERIES,
        f"The demo has {plural(len(queries), 'golden query', 'golden queries')}; at least {bars.LEAST_QUERIES} are "
        "required: add questions to the blueprint.",
    )  # fmt: skip
    verdict.require(
        "golden_queries_valid", _share(len(queries) - len(failed), len(queries)), "share", "at_least", 1.0,
        f"{plural(len(failed), 'golden query', 'golden queries')} failed ({_names(failed)}): {remake}.",
    )  # fmt: skip
    verdict.require(
        "golden_queries_empty", len(empty), "count", "at_most", 0,
        f"{plural(len(empty), 'golden query', 'golden queries')} returned no rows ({_names(empty)}): {remake}.",
    )  # fmt: skip
    counts = Counter(query.complexity for query in answering)
    for complexity in Complexity:
        verdict.require(
            f"golden_queries_{complexity.value}", counts[complexity], "count", "at_least",
            bars.LEAST_OF_EACH_COMPLEXITY,
            f"{plural(counts[complexity], 'question')} of complexity {complexity.value} returned rows; at least "
            f"{bars.LEAST_OF_EACH_COMPLEXITY} are required: add some to the blueprint.",
        )  # fmt: skip
    verdict.require(
        "golden_queries_interesting", _share(len(answering) - len(uninteresting), len(answering)), "share", "at_least",
        bars.INTERESTING_BAR,
        f"{plural(len(uninteresting), 'result')} would make a chart that shows too little ({_names(uninteresting)}): "
        "ask for more groups or periods in the blueprint.",
    )  # fmt: skip


def _add_insights(verdict: Verdict, plan: DemoPlan, golden: GoldenQueries, evaluation: AgentEvaluation) -> None:
    by_id: dict[str, GoldenQuery] = {query.id: query for query in golden.queries}
    ids = [insight.id for insight in plan.insights]
    proofs = {insight.id: by_id[insight.query_id].proof for insight in plan.insights if insight.query_id in by_id}
    proved = [id_ for id_ in ids if (proof := proofs.get(id_)) is not None and proof.holds]
    answered = {asked.query_id for asked in evaluation.asked if asked.kind == "scripted" and asked.insight_holds}
    shown = [insight.id for insight in plan.insights if insight.query_id in answered]
    missing_in_data, missing_in_answer = _without(ids, proved), _without(ids, shown)
    verdict.require(
        "insights", len(ids), "count", "at_least", 1,
        "The plan has no insight, so the demo has no finding to show: add some to the blueprint.",
    )  # fmt: skip
    verdict.require(
        "insights_in_data", _share(len(proved), len(ids)), "share", "at_least", 1.0,
        f"These insights are missing in the data: {_names(missing_in_data)}. Check their effects in the blueprint, "
        "or use another --seed.",
    )  # fmt: skip
    verdict.require(
        "insights_in_answers", _share(len(shown), len(ids)), "share", "at_least", 1.0,
        f"These insights are missing in the agent's answers: {_names(missing_in_answer)}. Ask their questions with "
        "provision ask and compare the SQL with the verified query.",
    )  # fmt: skip


def _add_agent(verdict: Verdict, evaluation: AgentEvaluation) -> None:
    rates = [
        (
            ("scripted", "wording"),
            "scripted_pass_rate",
            evaluation.scripted_pass_rate,
            bars.SCRIPTED_BAR,
            "questions of the script",
        ),
        (("repeat",), "repeat_agreement", evaluation.repeat_agreement, bars.REPEAT_BAR, "repeated questions"),
    ]
    for kinds, name, rate, bar, what in rates:
        asked = [one for one in evaluation.asked if one.kind in kinds]
        wrong = [one.query_id for one in asked if not one.passed]
        verdict.require(
            name, rate, "share", "at_least", bar,
            f"{percent(rate)} of the {what} returned the verified rows; at least {percent(bar)} is required. These "
            f"failed: {_names(wrong)}. See in agent_evaluation what the agent did, fix the descriptions, the synonyms "
            "or the question, and materialize data_agent again.",
            note=f"{len(asked) - len(wrong)} of {len(asked)}",
        )  # fmt: skip
    paraphrased = [asked for asked in evaluation.asked if asked.kind == "paraphrase"]
    misled = [asked.query_id for asked in paraphrased if asked.misleads]
    verdict.require(
        "paraphrase_wrong_rate", evaluation.paraphrase_wrong_rate, "share", "at_most", bars.PARAPHRASE_WRONG_BAR,
        f"{percent(evaluation.paraphrase_wrong_rate)} of the paraphrases returned other rows than the verified query; at most "
        f"{percent(bars.PARAPHRASE_WRONG_BAR)} may. These did: {_names(misled)}. Reword them, or make the synonyms clearer.",
        note=f"{len(misled)} of {len(paraphrased)}",
    )  # fmt: skip
    verdict.add(
        "paraphrase_pass_rate",
        evaluation.paraphrase_pass_rate,
        "share",
        "answered with the verified rows; most others were refused",
    )
    wrong = [answer.question for answer in evaluation.fresh if answer.outcome == "wrong"]
    verdict.require(
        "fresh_wrong_rate", evaluation.fresh_wrong_rate, "share", "at_most", bars.FRESH_WRONG_BAR,
        f"{percent(evaluation.fresh_wrong_rate)} of the fresh questions, which are made from the data model, were answered with "
        f"a wrong figure; at most {percent(bars.FRESH_WRONG_BAR)} may be. These were: {_names(wrong)}. Compare the agent's SQL "
        "with the right one in agent_evaluation.",
        note=evaluation.fresh_counts(),
    )  # fmt: skip
    verdict.add("understood_rate", evaluation.understood_rate, "share", "answered without replaying a verified query")
    read_by = evaluation.read_by
    if read_by:
        note = f"of {sum(read_by.values())} without a verified query; {read_by['rules']} by rules"
        verdict.add("questions_read_by_claude", read_by["claude"], "count", note)


def _add_script(verdict: Verdict, plan: DemoPlan, golden: GoldenQueries, evaluation: AgentEvaluation) -> None:
    reasons = reasons_to_drop(golden, evaluation)
    left = {query.id for query in golden.queries} - set(reasons)
    empty = [scene.title for scene in plan.scenes if not left.intersection(scene.question_ids)]
    verdict.require(
        "scenes_with_questions", _share(len(plan.scenes) - len(empty), len(plan.scenes)), "share", "at_least", 1.0,
        f"{plural(len(empty), 'scene')} without a question that passed: {_names([f'«{title}»' for title in empty])}. "
        "Fix the questions, or remove the scene from the blueprint.",
    )  # fmt: skip


def _add_data(verdict: Verdict, model: DataModel, dataset: DemoDataset) -> None:
    tables = len(model.tables)
    too_many = tables > bars.MOST_TABLES
    verdict.require(
        "tables", tables, "count",
        "at_most" if too_many else "at_least", bars.MOST_TABLES if too_many else bars.FEWEST_TABLES,
        f"The data model has {plural(tables, 'table')}; a demo needs {bars.FEWEST_TABLES} to {bars.MOST_TABLES}, because "
        "a prospect has to understand all of them: change the blueprint.",
        note=f"{bars.FEWEST_TABLES} to {bars.MOST_TABLES}",
    )  # fmt: skip
    rows = {table.name: table.rows for table in dataset.tables}
    empty = [table.name for table in model.tables if not rows.get(table.name)]
    verdict.require(
        "tables_empty", len(empty), "count", "at_most", 0,
        f"{plural(len(empty), 'table')} without rows in the data set ({_names(empty)}): materialize synthetic_tables "
        "and demo_dataset again.",
    )  # fmt: skip
    columns: list[tuple[str, Column]] = [
        (f"{table.name}.{column.name}", column)
        for table in model.tables
        for column in table.columns
        if not column.internal
    ]
    undescribed = [name for name, column in columns if not column.description.strip()]
    not_keys = [column for _, column in columns if column.role != "key"]
    with_synonyms = sum(bool(column.synonyms) for column in not_keys)
    verdict.require(
        "columns_described", _share(len(columns) - len(undescribed), len(columns)), "share", "at_least", 1.0,
        f"{plural(len(undescribed), 'column')} without a description ({_names(undescribed)}): describe them in the blueprint.",
    )  # fmt: skip
    verdict.add("columns_with_synonyms", _share(with_synonyms, len(not_keys)), "share", "without keys")
    verdict.add("rows", sum(rows.values()), "count", "of all tables")


def _add_quality(verdict: Verdict, plan: DemoPlan, quality: DataQualityReport) -> None:
    checks = len(quality.realism_checks())
    broken, unrealistic = quality.broken_rules(), quality.unlike_real_data()
    verdict.require(
        "coherence_rules_broken", len(broken), "count", "at_most", 0,
        f"{plural(len(broken), 'rule')} that must hold in the data {'is' if len(broken) == 1 else 'are'} broken "
        f"({_names([rule.rule for rule in broken], '; ')}): materialize synthetic_tables again.",
        note=f"of {len(quality.coherence)}",
    )  # fmt: skip
    if quality.laws:
        broken_laws = quality.broken_laws()
        verdict.require(
            "trade_laws_broken", len(broken_laws), "count", "at_most", 0,
            f"{plural(len(broken_laws), 'law')} of the trade {'does' if len(broken_laws) == 1 else 'do'} not hold in the data "
            f"({_names([law.failure() for law in broken_laws], '; ')}): the data-quality report shows the rows. Correct the "
            "tables of the blueprint, or the law.",
            note=f"of {len(quality.laws)}",
        )  # fmt: skip
    if quality.relations:
        apart = quality.broken_relations()
        verdict.require(
            "trade_relations_broken", len(apart), "count", "at_most", 0,
            f"{plural(len(apart), 'relation')} of the trade {'does' if len(apart) == 1 else 'do'} not hold in the data "
            f"({_names([relation.failure() for relation in apart], '; ')}): the data-quality report shows the figures. Correct the "
            "tables of the blueprint, or the range.",
            note=f"of {len(quality.relations)}",
        )  # fmt: skip
    verdict.require(
        "realism_checks", _share(checks - len(unrealistic), checks), "share", "at_least",
        bars.REALISM_BAR,
        f"{plural(len(unrealistic), 'property', 'properties')} of the data {'is' if len(unrealistic) == 1 else 'are'} "
        f"outside the bounds of real data ({_names([_measured(result) for result in unrealistic], '; ')}): the "
        "data-quality report shows the bounds. Fix the blueprint, or use another --seed.",
        note=f"{checks - len(unrealistic)} of {checks}",
    )  # fmt: skip
    ids = [insight.id for insight in plan.insights]
    strong = {insight.insight_id for insight in quality.insights if insight.passed}
    reasons = {insight.insight_id: f": {insight.reason}" for insight in quality.insights if insight.reason}
    weak = [f"{id_}{reasons.get(id_, '')}" for id_ in ids if id_ not in strong]
    verdict.require(
        "insights_standing_out", _share(len(ids) - len(weak), len(ids)), "share", "at_least", 1.0,
        f"Random variation alone could explain {plural(len(weak), 'insight')} ({_names(weak, '; ')}): strengthen the "
        "effect in the blueprint, or choose a larger --size.",
    )  # fmt: skip
    if quality.insights:
        verdict.require(
            "weakest_insight_z", quality.weakest_z(), "z", "at_least", bars.LEAST_INSIGHT_Z,
            f"The weakest insight is {quality.weakest_z():.1f} standard deviations away from its history; at least "
            f"{bars.LEAST_INSIGHT_Z:g} are required: strengthen its effect in the blueprint, or choose a larger --size.",
        )  # fmt: skip
    striking = [finding for finding in quality.unplanned if abs(finding.corrected_z) > bars.MOST_UNPLANNED_Z]
    verdict.require(
        "strongest_unplanned_z", quality.strongest_unplanned_z(), "z", "at_most", bars.MOST_UNPLANNED_Z,
        f"{plural(len(striking), 'figure')} that no insight explains "
        f"{'stands' if len(striking) == 1 else 'stand'} out in the data: "
        f"{_names([f'{finding.column} of {finding.group} ({finding.query_id})' for finding in striking], '; ')}. "
        "A prospect could ask why. Use another --seed.",
        note=f"{quality.places_looked_at:,} figures searched",
    )  # fmt: skip


def _add_origin(verdict: Verdict, key: str, artefacts: list[Artefact]) -> None:
    """Artefacts of different runs do not make one demo: their figures differ."""
    mixed = stages_out_of_step(artefacts)
    verdict.require(
        "stages_out_of_step", len(mixed), "count", "at_most", 0,
        f"{plural(len(mixed), 'stage')} {'was' if len(mixed) == 1 else 'were'} made from something that has changed since "
        f"({_names(mixed, '; ')}): make them again with provision refresh {key}.",
    )  # fmt: skip


def _measured(result: RealismResult) -> str:
    """``orders: share of customer_id with one row in orders is 0.02``."""
    return f"{result.table}: {result.says} is {quantity(result.measured, 2)}"


# --- what the CE should know even if the demo is ready ----------------------------------------------------------


def _notices(
    request: CustomerRequest,
    website: CustomerWebsite,
    profile: CustomerProfile,
    plan: DemoPlan,
    golden: GoldenQueries,
    evaluation: AgentEvaluation,
) -> list[str]:
    notices = plan.claude.told() if plan.claude else []
    if other := other_blueprint(plan, labels_of(DEFAULT_LANGUAGE)):
        notices.append(other)
    if request.industry is None and profile.confidence < bars.INDUSTRY_CONFIDENCE_BAR:
        other = f" (or {profile.runner_up})" if profile.runner_up else ""
        notices.append(
            f"The industry was read as {profile.industry}{other} with a confidence of only {percent(profile.confidence)}: "
            "check it, and give --industry if it is wrong."
        )
    notices.append(_words_line(request, plan))
    if plan.trade_words:
        lists = [
            f"{column_title(name).lower()} ({_names(words)})"
            if plan.slot_sources.get(name) == "mixed"
            else column_title(name).lower()
            for name, words in plan.trade_words.items()
        ]
        notices.append(f"Not read on the customer's site, so invented or the trade's own: {', '.join(lists)}.")
    if not profile.country_confidence:
        notices.append(
            f"The site does not show the company's country: {profile.country} is assumed from its language. "
            f"State it with: provision review {request.key} --country CODE"
        )
    notices.append(_pages_read(website))
    notices += [
        f"{failure.url}: {failure.reason.rstrip('.')}."
        for failure in website.failures
        if failure.kind == FailureKind.NOTICE
    ]
    dropped = reasons_to_drop(golden, evaluation)
    if dropped:
        notices.append(
            f"{plural(len(dropped), 'question')} {'was' if len(dropped) == 1 else 'were'} removed from the script "
            f"({_names(dropped)}); the end of the booklet gives the reasons."
        )
    if evaluation.without_claude_because:
        notices.append(
            f"Rules read {plural(evaluation.read_by['rules'], 'question')} to the agent in place of Claude: "
            f"{evaluation.without_claude_because}"
        )
    notices.append(
        f"The demo expires on {day(request.expires_on)}."
        if request.expires_on
        else "The demo is pinned: it is kept until it is removed by hand."
    )
    return notices


def _confirmed_by(request: CustomerRequest, plan: DemoPlan) -> str | None:
    """Who looked at the words that the demo has now."""
    confirmed = request.corrections.confirmed
    return confirmed.by if confirmed and confirmed.words == plan.words_digest else None


def _words_line(request: CustomerRequest, plan: DemoPlan) -> str:
    """``Words of the customer: 12, confirmed by Ana``."""
    by = _confirmed_by(request, plan)
    said = f"confirmed by {by}" if by else f"not yet looked at: provision review {request.key}"
    if not plan.customer_words:
        said = f"the demo speaks in the trade's own words; {said}"
    return f"Words of the customer: {plan.customer_words}, {said}"


def _pages_read(website: CustomerWebsite) -> str:
    if not website.pages:
        return "No page of the website was read: the demo is based on the notes only."
    failed = sum(failure.kind != FailureKind.NOTICE for failure in website.failures)
    missed = f"; {failed} could not be read" if failed else ""
    return f"{plural(len(website.pages), 'page')} of the website read ({ways_read(website, labels_of(DEFAULT_LANGUAGE))}){missed}."


def _share(part: int, whole: int) -> float:
    """Return the share of ``part`` in ``whole``; 1.0 if ``whole`` is 0."""
    return part / whole if whole else 1.0


def _without(all_: list[str], some: list[str]) -> list[str]:
    return [one for one in all_ if one not in some]


def _names(names: Iterable[str], joint: str = ", ") -> str:
    distinct = list(dict.fromkeys(names))
    more = len(distinct) - NAMES_SHOWN
    return joint.join(distinct[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
