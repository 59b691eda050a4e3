"""Computes the content of the booklet from the artefacts. The template only adds markup; it makes no decisions.

Every ``str`` is plain text that the template escapes. ``Markup`` is created here only from SQL (by Pygments) and from
pictures drawn by this package. Anchors and classes are made of numbers and enumerations, never of the customer's words.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from babel import Locale
from markupsafe import Markup

from provisioning_assets.agent.models import AgentEvaluation, AskedQuestion, DataAgent, Outcomes
from provisioning_assets.content.brand_palette import Palette, brand_palette
from provisioning_assets.content.chart_picture import chart_picture
from provisioning_assets.content.column_texts import column_texts, is_quantity
from provisioning_assets.content.demo import Demo
from provisioning_assets.content.insight_gauge import insight_gauge
from provisioning_assets.content.provenance_text import other_blueprint, ways_read
from provisioning_assets.content.schema_picture import schema_svg
from provisioning_assets.content.sql_text import highlighted, readable_sql
from provisioning_assets.content.web_values import link, picture
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.figure_text import FINDING_DECIMALS, day, figure, number_text, percent, quantity, unit_name
from provisioning_assets.golden.models import GoldenQueries, GoldenQuery
from provisioning_assets.googlesql.column_titles import column_title, heading, singular_of
from provisioning_assets.googlesql.results import is_time_series
from provisioning_assets.labels.catalogue import Labels, labels_of
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE, locale_of
from provisioning_assets.planning.models import Complexity, DemoPlan, GlossaryTerm, Insight, Scene
from provisioning_assets.quality.models import DataQualityReport
from provisioning_assets.quality_bars import FRESH_WRONG_BAR, PARAPHRASE_WRONG_BAR, REPEAT_BAR, SCRIPTED_BAR
from provisioning_assets.research.profile.models import CustomerProfile, Evidence
from provisioning_assets.research.website.models import CustomerWebsite
from provisioning_assets.warehouse.models import DemoDataset

# Rows of a result that are shown.
PREVIEW_ROWS = 10
# Pieces of evidence shown for each fact.
EVIDENCE_PER_FACT = 2
# Facts of one kind that are visible; the others are shown after a click.
VISIBLE_FACTS_PER_KIND = 5


@dataclass(frozen=True)
class FactView:
    label: str
    value: str


@dataclass(frozen=True)
class ChallengeView:
    title: str
    description: str
    questions: list["QuestionView"]


@dataclass(frozen=True)
class KpiView:
    """A KPI with its value in the demo's data; ``value`` is empty if it could not be measured."""

    name: str
    value: str
    definition: str
    unit: str
    good_direction: Literal["up", "down"]
    sql: str
    sql_html: Markup


@dataclass(frozen=True)
class InsightView:
    """A finding with its figure as planned, as measured in the data, and as the agent answered."""

    headline: str
    explanation: str
    action: str
    expected: str
    measured: str
    answered: str
    holds: bool
    gauge: Markup


@dataclass(frozen=True)
class CellView:
    text: str
    null: bool


@dataclass(frozen=True)
class ColumnHead:
    name: str
    label: str
    numeric: bool


@dataclass(frozen=True)
class Tries:
    """How many questions of one kind were asked, and how many passed."""

    passed: int
    asked: int


@dataclass(frozen=True)
class AnswerView:
    """The result of asking the agent this question in the evaluation."""

    asked: bool
    passed: bool
    matched: bool
    seconds: str
    wordings: Tries
    paraphrases: list[str]
    repeats: Tries
    answer: str
    problem: str


@dataclass(frozen=True)
class QuestionView:
    number: int
    question: str
    complexity: Complexity
    business_value: str
    wordings: list[str]
    sql: str
    sql_html: Markup
    columns: list[ColumnHead]
    rows: list[list[CellView]]
    rows_note: str
    chart: str | None
    chart_problem: str
    insight: InsightView | None
    answer: AnswerView

    @property
    def anchor(self) -> str:
        return f"question-{self.number}"


@dataclass(frozen=True)
class SceneView:
    number: int
    title: str
    minutes: int
    starts: int
    ends: int
    talk_track: list[str]
    questions: list[QuestionView]
    missing: int  # number of this scene's questions that were removed from the script


@dataclass(frozen=True)
class DroppedView:
    question: str
    reason: str


@dataclass(frozen=True)
class TableView:
    name: str
    description: str
    rows: str
    columns: list["TableColumnView"]


@dataclass(frozen=True)
class TableColumnView:
    name: str
    type: str
    key: str
    description: str
    synonyms: str


@dataclass(frozen=True)
class EvidenceView:
    words: str
    page: str
    url: str | None


@dataclass(frozen=True)
class SourceView:
    """A fact with the words it was read from; without any, ``assumed`` says where it comes from."""

    what: str
    value: str
    evidence: list[EvidenceView]
    assumed: str = ""


@dataclass(frozen=True)
class RateView:
    """A rate of the evaluation and the bar it must reach."""

    name: str
    value: str
    share: int  # 0-100, for the meter
    bar: str
    bar_share: int
    passed: bool
    meaning: str


@dataclass(frozen=True)
class QualityView:
    """The data-quality report in a few lines, and its path relative to the booklet."""

    page: str
    lines: list[str]


@dataclass(frozen=True)
class BookletView:
    """The content of the whole booklet; ``labels`` are the texts of the page itself."""

    labels: Labels
    palette: Palette
    company: str
    title: str
    subtitle: str
    logo: str | None
    site_url: str | None
    site_language: str  # ISO 639-1; empty: that of the booklet
    facts: list[FactView]
    story: list[str]
    challenges: list[ChallengeView]
    kpis: list[KpiView]
    findings: list[QuestionView]
    scenes: list[SceneView]
    more_questions: list[QuestionView]
    complexities: list[tuple[Complexity, int]]
    minutes: int
    questions: int
    schema: Markup
    tables: list[TableView]
    glossary: list[GlossaryTerm]
    sources: list[SourceView]
    more_sources: list[SourceView]
    not_from_the_site: list[tuple[str, list[str]]]
    other_blueprint: str  # empty if the industry has a blueprint of its own
    rates: list[RateView]
    quality: QualityView
    provenance: list[FactView]
    dropped: list[DroppedView]
    expiry: str


def booklet_view(demo: Demo) -> BookletView:
    """Return the content of the booklet.

    Its questions exclude those whose query failed or returned no rows, and those the agent answered wrongly.
    """
    request, website, profile, plan, model, dataset, golden, agent, evaluation, quality = demo
    palette = brand_palette(website.brand.colours)
    language = plan.language
    labels = labels_of(language)
    reasons = reasons_to_drop(golden, evaluation, language)
    insights = {insight.id: insight for insight in plan.insights}
    values = {kpi.name: figure(kpi.value, kpi.unit, language=language) for kpi in golden.kpis if kpi.value is not None}
    kept = [query for query in _in_order_of_script(plan, golden) if query.id not in reasons]
    questions = {
        query.id: _question(number, query, insights.get(query.insight_id or ""), evaluation, palette, labels)
        for number, query in enumerate(kept, start=1)
    }
    scenes = _scenes(plan.scenes, questions)
    asked = {question.number for scene in scenes for question in scene.questions}
    rows = {table.name: table.rows for table in dataset.tables}
    counts = Counter(question.complexity for question in questions.values())
    sources = _with_visibility(_sources(request, profile, plan, labels))
    minutes = sum(scene.minutes for scene in plan.scenes)
    return BookletView(
        labels=labels,
        palette=palette,
        company=profile.company_name,
        title=plan.title,
        subtitle=plan.subtitle,
        logo=picture(website.brand.logo_data_uri),
        site_url=link(request.url),
        site_language=_other_language(profile.language, language),
        facts=[
            FactView(label, quantity(count, 0, language))
            for label, count in (
                (labels.booklet.minutes_to_show, minutes),
                (labels.booklet.scenes, len(scenes)),
                (labels.booklet.questions, len(questions)),
                (labels.booklet.tables, len(model.tables)),
                (labels.booklet.rows, sum(rows.values())),
            )
        ],
        story=_paragraphs(plan.story),
        challenges=[
            ChallengeView(
                challenge.title,
                challenge.description,
                [
                    questions[query.id]
                    for query in kept
                    if query.insight_id is not None and query.insight_id in challenge.insight_ids
                ],
            )
            for challenge in plan.challenges
        ],
        kpis=[
            KpiView(
                kpi.name,
                values.get(kpi.name, ""),
                kpi.definition,
                "" if kpi.unit == "count" else unit_name(kpi.unit, language),
                kpi.good_direction,
                text,
                highlighted(text),
            )
            for kpi, text in ((kpi, readable_sql(kpi.sql)) for kpi in plan.kpis)
        ],
        findings=[question for question in questions.values() if question.insight],
        scenes=scenes,
        more_questions=[question for question in questions.values() if question.number not in asked],
        complexities=[(complexity, counts[complexity]) for complexity in Complexity if counts[complexity]],
        minutes=minutes,
        questions=len(questions),
        # Drawn by this package, which escapes every text in it.
        schema=Markup(schema_svg(model, palette, rows, language)),  # noqa: S704
        tables=[_table(table, rows.get(table.name), labels) for table in model.tables],
        glossary=sorted(plan.glossary, key=lambda term: term.term.casefold()),
        sources=[source for source, visible in sources if visible],
        more_sources=[source for source, visible in sources if not visible],
        not_from_the_site=_not_from_the_site(plan, labels),
        other_blueprint=other_blueprint(plan, labels),
        rates=_rates(evaluation, labels),
        quality=_quality(quality, labels),
        provenance=_provenance(request, website, plan, model, dataset, agent, labels),
        dropped=[
            DroppedView(query.question, reasons[query.id])
            for query in _in_order_of_script(plan, golden)
            if query.id in reasons
        ],
        expiry=labels.booklet.expiry.format(day=day(request.expires_on, language)) if request.expires_on else "",
    )


def reasons_to_drop(
    golden: GoldenQueries, evaluation: AgentEvaluation, language: str = DEFAULT_LANGUAGE
) -> dict[str, str]:
    """Return the ids of the questions that are removed from the script, each with the reason.

    What exactly differs is said in English only; in another language the booklet says that it differs.
    """
    said, reasons = labels_of(language).question, dict[str, str]()
    for query in golden.queries:
        if query.error:
            reasons[query.id] = said.query_failed.format(problem=query.error)
        elif not query.row_count:
            reasons[query.id] = said.query_empty
        elif query.id in evaluation.dropped_query_ids:
            problems = [asked.problem for asked in evaluation.asked if asked.query_id == query.id and asked.problem]
            in_words = problems and language == DEFAULT_LANGUAGE
            reasons[query.id] = problems[0] if in_words else said.answer_differed
    return reasons


# --- the script --------------------------------------------------------------------------------------------------


def _in_order_of_script(plan: DemoPlan, golden: GoldenQueries) -> list[GoldenQuery]:
    """Return the queries in the order of the scenes, then the others; each once."""
    by_id = {query.id: query for query in golden.queries}
    asked = [by_id[id_] for scene in plan.scenes for id_ in scene.question_ids if id_ in by_id]
    return list({query.id: query for query in [*asked, *golden.queries]}.values())


def _scenes(scenes: list[Scene], questions: dict[str, QuestionView]) -> list[SceneView]:
    views, clock = [], 0
    for number, scene in enumerate(scenes, start=1):
        asked = [questions[id_] for id_ in dict.fromkeys(scene.question_ids) if id_ in questions]
        views.append(
            SceneView(
                number=number,
                title=scene.title,
                minutes=scene.minutes,
                starts=clock,
                ends=clock + scene.minutes,
                talk_track=_paragraphs(scene.talk_track),
                questions=asked,
                missing=len(set(scene.question_ids)) - len(asked),
            )
        )
        clock += scene.minutes
    return views


def _question(
    number: int,
    query: GoldenQuery,
    insight: Insight | None,
    evaluation: AgentEvaluation,
    palette: Palette,
    labels: Labels,
) -> QuestionView:
    sql = readable_sql(query.sql)
    chart, chart_problem = None, ""
    try:
        chart = chart_picture(query, palette)
    except ValueError as error:
        chart_problem = labels.question.chart_problem.format(problem=str(error).splitlines()[0][:200])
    return QuestionView(
        number=number,
        question=query.question,
        complexity=query.complexity,
        business_value=query.business_value,
        wordings=query.known_wordings,
        sql=sql,
        sql_html=highlighted(sql),
        columns=[
            ColumnHead(
                column.name,
                heading(column, query.question),
                is_quantity(column.name, column.type),
            )
            for column in query.columns
        ],
        rows=_preview(query, labels),
        rows_note=_rows_note(query, labels),
        chart=chart,
        chart_problem=chart_problem,
        insight=_insight(insight, query, evaluation, palette, labels.language) if insight else None,
        answer=_answer([asked for asked in evaluation.asked if asked.query_id == query.id], labels),
    )


def _preview(query: GoldenQuery, labels: Labels) -> list[list[CellView]]:
    rows = query.rows[-PREVIEW_ROWS:] if _shows_latest(query) else query.rows[:PREVIEW_ROWS]
    texts = [
        column_texts([row[index] for row in rows], column.name, column.type, column.unit, labels.language)
        for index, column in enumerate(query.columns)
    ]
    return [
        [CellView(column[number], row[index] is None) for index, column in enumerate(texts)]
        for number, row in enumerate(rows)
    ]


def _shows_latest(query: GoldenQuery) -> bool:
    """Whether the latest rows are shown: those of a time series, whose last rows the answer speaks of."""
    return len(query.rows) == query.row_count and is_time_series(query.columns, query.rows)


def _rows_note(query: GoldenQuery, labels: Labels) -> str:
    shown, count = min(PREVIEW_ROWS, len(query.rows)), query.row_count
    if shown >= count:
        return labels.question.all_rows.of(count)
    note = labels.question.latest_rows if _shows_latest(query) else labels.question.some_rows
    return note.format(shown=quantity(shown, 0, labels.language), count=quantity(count, 0, labels.language))


def _insight(
    insight: Insight, query: GoldenQuery, evaluation: AgentEvaluation, palette: Palette, language: str
) -> InsightView:
    measured = query.proof.measured if query.proof else None
    scripted = [asked for asked in evaluation.asked if asked.query_id == query.id and asked.kind == "scripted"]
    answered = next((asked.insight_measured for asked in scripted if asked.insight_measured is not None), None)

    def written(value: float | None) -> str:
        return figure(value, insight.unit, FINDING_DECIMALS, language=language)

    return InsightView(
        headline=insight.told(insight.headline, measured, language),
        explanation=insight.told(insight.explanation, measured, language),
        action=insight.action,
        expected=written(insight.expected),
        measured=written(measured),
        answered=written(answered),
        holds=bool(query.proof and query.proof.holds),
        gauge=insight_gauge(insight.expected, insight.tolerance, measured, answered, palette),
    )


def _outcome(asked: AskedQuestion, labels: Labels) -> str:
    """What the agent did with a wording that it was not given."""
    if asked.passed:
        return labels.question.unseen_same
    return labels.question.unseen_other if asked.misleads else labels.question.unseen_unanswered


def _answer(asked: list[AskedQuestion], labels: Labels) -> AnswerView:
    scripted = next((one for one in asked if one.kind == "scripted"), None)
    # what the agent says to a wording that it was not given is in its evaluation; here the number counts
    problems = [one.problem for one in asked if one.problem and one.kind != "paraphrase"]

    problem = problems[0] if problems else ""
    if problem and labels.language != DEFAULT_LANGUAGE:
        problem = labels.question.rows_differ

    def tries(kind: str) -> Tries:
        of_kind = [one.passed for one in asked if one.kind == kind]
        return Tries(sum(of_kind), len(of_kind))

    return AnswerView(
        asked=scripted is not None,
        passed=scripted is not None and scripted.passed,
        matched=scripted is not None and scripted.matched_query,
        seconds=labels.question.seconds.format(value=number_text(scripted.seconds, 1, labels.language))
        if scripted
        else "",
        wordings=tries("wording"),
        paraphrases=[_outcome(one, labels) for one in asked if one.kind == "paraphrase"],
        repeats=tries("repeat"),
        answer=scripted.answer if scripted and scripted.passed else "",
        problem=problem,
    )


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


# --- the data ----------------------------------------------------------------------------------------------------


def _table(table: Table, rows: int | None, labels: Labels) -> TableView:
    references = {name: key.references_table for key in table.foreign_keys for name in key.columns}
    return TableView(
        name=table.name,
        description=table.description,
        rows=labels.booklet.table_rows.of(rows) if rows is not None else "",
        columns=[_table_column(column, table, references, labels) for column in table.columns if not column.internal],
    )


def _table_column(column: Column, table: Table, references: dict[str, str], labels: Labels) -> TableColumnView:
    key = labels.booklet.primary_key if column.name in table.primary_key else ""
    if column.name in references:
        key = f"{key}, → {references[column.name]}" if key else f"→ {references[column.name]}"
    return TableColumnView(column.name, column.type, key, column.description, ", ".join(column.synonyms))


# --- where it came from ------------------------------------------------------------------------------------------


def _sources(request: CustomerRequest, profile: CustomerProfile, plan: DemoPlan, labels: Labels) -> list[SourceView]:
    """Return every fact that the demo uses, with the page it was read from; country and currency also when they are assumed."""
    single = [
        (labels.origin.company, profile.company_name, profile.company_name_evidence),
        (labels.origin.industry, labels.industry(profile.industry), profile.industry_evidence),
    ]
    sources = [SourceView(what, value, _evidence(evidence)) for what, value, evidence in single if evidence]
    return [*sources, *_market(request, profile, labels), *_words(profile, plan, labels)]


def _market(request: CustomerRequest, profile: CustomerProfile, labels: Labels) -> list[SourceView]:
    """Country and currency of the demo."""
    said, locale = labels.origin, Locale.parse(locale_of(labels.language))
    if request.corrections.country:
        country = said.country_by_engineer
    elif profile.country_confidence:
        signs = profile.country_reasons if labels.language == DEFAULT_LANGUAGE else []  # which are English sentences
        country = said.country_by_signs.format(reasons="; ".join(signs) or said.no_passage)
    else:
        language = locale.languages.get(profile.language, profile.language)
        country = said.country_assumed.format(language=language)
    name = locale.territories.get(profile.country, profile.country)
    return [
        _or_assumed(said.country, name, [] if request.corrections.country else profile.country_evidence, country),
        _or_assumed(said.currency, profile.currency, profile.currency_evidence, said.currency_assumed),
    ]


def _or_assumed(what: str, value: str, evidence: list[Evidence], assumed: str) -> SourceView:
    return SourceView(what, value, _evidence(evidence), "" if evidence else assumed)


def _words(profile: CustomerProfile, plan: DemoPlan, labels: Labels) -> list[SourceView]:
    """The words of the site that the demo uses, each under the name of the list that it fills in the demo; then the places.

    The lists of a demo have English names: in another language a word has the name of the list that it was read in.
    """
    said, in_english = labels.origin, labels.language == DEFAULT_LANGUAGE
    lists = [
        ("plans", said.plan, profile.plans),
        ("services", said.service, profile.services),
        ("products", said.product, profile.products),
        ("product_categories", said.category, profile.product_categories),
        ("courses", said.course, profile.courses),
        ("features", said.feature, profile.features),
        ("customer_segments", said.customers, profile.customer_segments),
    ]
    places = {"city": said.city, "region": said.region, "country": said.country}
    found = [(list_, label, fact.value, fact.evidence) for list_, label, facts in lists for fact in facts]
    slots = {word.casefold(): slot for slot, words in plan.vocabulary.items() for word in words}
    sources, read_in = [], dict[str, str]()
    for list_, label, value, evidence in found:
        slot = slots.get(value.casefold())
        # a word that the site says in two lists fills one slot, and is shown once
        if slot is None or read_in.setdefault(value.casefold(), list_) != list_:
            continue
        what = label if slot == list_ or not in_english else column_title(singular_of(slot))
        sources.append(SourceView(what, value, _evidence(evidence)))
    return sources + [
        SourceView(places[place.kind], place.name, _evidence(place.evidence))
        for place in profile.places
        if place.name.casefold() in slots
    ]


def _with_visibility(sources: list[SourceView]) -> list[tuple[SourceView, bool]]:
    """Pair each source with True if it is among the first ``VISIBLE_FACTS_PER_KIND`` of its kind."""
    seen: Counter[str] = Counter()
    marked = []
    for source in sources:
        seen[source.what] += 1
        marked.append((source, seen[source.what] <= VISIBLE_FACTS_PER_KIND))
    return marked


def _other_language(of_site: str, of_demo: str) -> str:
    """The site's language as an attribute may name it, if it is another one."""
    return of_site if of_site != of_demo and re.fullmatch(r"[a-z]{2,3}", of_site) else ""


def _evidence(evidence: list[Evidence]) -> list[EvidenceView]:
    return [
        EvidenceView(one.words, one.page.split("://", 1)[-1].removesuffix("/"), link(one.page))
        for one in evidence[:EVIDENCE_PER_FACT]
    ]


def _not_from_the_site(plan: DemoPlan, labels: Labels) -> list[tuple[str, list[str]]]:
    """The words that the site does not have, by the name of their list; in another language than English under one name."""
    if labels.language == DEFAULT_LANGUAGE:
        return [(column_title(name), words) for name, words in plan.trade_words.items()]
    words = [word for words in plan.trade_words.values() for word in words]
    return [(labels.origin.words, words)] if words else []


def _rates(evaluation: AgentEvaluation, labels: Labels) -> list[RateView]:
    said, language = labels.origin, labels.language

    def counted(outcomes: Outcomes) -> str:
        return said.outcomes.format(
            **{name: quantity(count, 0, language) for name, count in outcomes._asdict().items()}
        )

    rates = [
        (said.script_rate, evaluation.scripted_pass_rate, SCRIPTED_BAR, said.script_meaning),
        (
            said.wordings_rate,
            1 - evaluation.paraphrase_wrong_rate,
            1 - PARAPHRASE_WRONG_BAR,
            said.wordings_meaning.format(outcomes=counted(evaluation.paraphrase_outcomes())),
        ),
        (
            said.fresh_rate,
            1 - evaluation.fresh_wrong_rate,
            1 - FRESH_WRONG_BAR,
            said.fresh_meaning.format(outcomes=counted(evaluation.fresh_outcomes())),
        ),
        (said.repeats_rate, evaluation.repeat_agreement, REPEAT_BAR, said.repeats_meaning),
    ]
    return [
        RateView(
            name,
            percent(rate, language),
            round(rate * 100),
            percent(bar, language),
            round(bar * 100),
            rate >= bar,
            meaning,
        )
        for name, rate, bar, meaning in rates
    ]


def _quality(quality: DataQualityReport, labels: Labels) -> QualityView:
    kept, rules = quality.exact_rules()
    related = len(quality.relations)
    in_range = related - len(quality.broken_relations())
    checks, insights = len(quality.realism_checks()), len(quality.insights)
    real = checks - len(quality.unlike_real_data())
    strong = insights - len(quality.weak_insights())
    said, language = labels.origin, labels.language
    return QualityView(
        # The booklet's folder and the report's folder have the same parent.
        page=f"../{quality.page}",
        lines=[
            said.rules_hold.of(rules, kept=quantity(kept, 0, language)),
            *([said.relations_hold.of(related, kept=quantity(in_range, 0, language))] * bool(related)),
            said.properties_hold.of(checks, real=quantity(real, 0, language)),
            said.findings_stand_out.of(
                insights, strong=quantity(strong, 0, language), z=number_text(quality.weakest_z(), 1, language)
            ),
            _unplanned(quality, labels),
        ],
    )


def _unplanned(quality: DataQualityReport, labels: Labels) -> str:
    """How far a figure stands out that no finding explains, in standard deviations of the normal distribution."""
    strongest = quality.strongest_unplanned_z()
    if round(strongest, 1) == 0:
        return labels.origin.searched_none.of(quality.places_looked_at)
    return labels.origin.searched_most.of(quality.places_looked_at, z=number_text(strongest, 1, labels.language))


def _provenance(
    request: CustomerRequest,
    website: CustomerWebsite,
    plan: DemoPlan,
    model: DataModel,
    dataset: DemoDataset,
    agent: DataAgent,
    labels: Labels,
) -> list[FactView]:
    said, language = labels.origin, labels.language
    pages = f"{said.pages.of(len(website.pages))} ({ways_read(website, labels)})" if website.pages else said.no_page
    made = said.data_set_made.format(dataset=dataset.dataset, target=dataset.target, size=model.size, seed=model.seed)
    blueprint = said.blueprint_version.format(industry=labels.industry(plan.blueprint), version=plan.blueprint_version)
    return [
        FactView(said.website, request.url),
        FactView(said.read, said.read_pages.format(day=day(website.fetched_at.date(), language), pages=pages)),
        FactView(said.blueprint, blueprint),
        *_written_by_claude(plan, labels),
        FactView(said.last_day, day(model.as_of, language)),
        FactView(said.history, said.days.of(model.history_days)),
        FactView(said.data_set, made),
        FactView(said.data_agent, agent.agent_id),
        FactView(said.expires, day(request.expires_on, language) if request.expires_on else said.never_expires),
    ]


def _written_by_claude(plan: DemoPlan, labels: Labels) -> list[FactView]:
    """Whose the parts are, and where each sentence about the customer was read."""
    written = plan.claude
    if written is None:
        return []
    names = {name: getattr(labels.booklet, title) for name, title in _TITLE_OF_PART.items()}
    facts = [
        FactView(said.format(model=written.model), ", ".join(names[each.part] for each in parts))
        for said, parts in (
            (labels.origin.written_by_claude, written.parts_of("claude")),
            (labels.origin.not_by_claude, written.parts_of("blueprint")),
        )
        if parts
    ]
    claims = [f"{claim.text} ({claim.page}: «{claim.quotation}»)" for claim in written.claims]
    return [*facts, *(FactView(labels.origin.said_of_customer, claim) for claim in claims)]


_TITLE_OF_PART = {
    "tables": "data",
    "insights": "findings",
    "questions": "questions",
    "story": "story",
    "scenes": "scenes",
}
"""Part of a blueprint -> the title of the booklet's section where it stands."""
