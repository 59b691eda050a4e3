"""Computes the content of the booklet from the artefacts. The template only adds markup; it makes no decisions.

Every ``str`` is plain text that the template escapes. ``Markup`` is created here only from SQL (by Pygments) and from
pictures drawn by this package. Anchors and classes are made of numbers and enumerations, never of the customer's words.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from babel.core import Locale
from markupsafe import Markup

from provisioning_assets.agent.models import AgentEvaluation, AskedQuestion, DataAgent
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
from provisioning_assets.figure_text import FINDING_DECIMALS, day, figure, percent, plural, quantity
from provisioning_assets.golden.models import GoldenQueries, GoldenQuery
from provisioning_assets.googlesql.column_titles import column_title, singular_of
from provisioning_assets.googlesql.results import is_time_series
from provisioning_assets.planning.models import Complexity, DemoPlan, GlossaryTerm, Insight, Scene
from provisioning_assets.quality.models import DataQualityReport
from provisioning_assets.quality_bars import FRESH_WRONG_BAR, PARAPHRASE_WRONG_BAR, REPEAT_BAR, SCRIPTED_BAR
from provisioning_assets.research.profile.models import CustomerProfile, Evidence
from provisioning_assets.research.website.models import CustomerWebsite
from provisioning_assets.warehouse.models import DemoDataset

# The booklet is written in English; the customer's own words keep their language.
ENGLISH = Locale("en")
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
    tolerance: str
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
    """The content of the whole booklet."""

    palette: Palette
    company: str
    title: str
    subtitle: str
    logo: str | None
    site_url: str | None
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
    reasons = reasons_to_drop(golden, evaluation)
    insights = {insight.id: insight for insight in plan.insights}
    values = {kpi.name: figure(kpi.value, kpi.unit) for kpi in golden.kpis if kpi.value is not None}
    kept = [query for query in _in_order_of_script(plan, golden) if query.id not in reasons]
    questions = {
        query.id: _question(number, query, insights.get(query.insight_id or ""), evaluation, palette)
        for number, query in enumerate(kept, start=1)
    }
    scenes = _scenes(plan.scenes, questions)
    asked = {question.number for scene in scenes for question in scene.questions}
    rows = {table.name: table.rows for table in dataset.tables}
    counts = Counter(question.complexity for question in questions.values())
    sources = _with_visibility(_sources(request, profile, plan))
    minutes = sum(scene.minutes for scene in plan.scenes)
    return BookletView(
        palette=palette,
        company=profile.company_name,
        title=plan.title,
        subtitle=plan.subtitle,
        logo=picture(website.brand.logo_data_uri),
        site_url=link(request.url),
        facts=[
            FactView("Minutes to show", quantity(minutes)),
            FactView("Scenes", quantity(len(scenes))),
            FactView("Questions", quantity(len(questions))),
            FactView("Tables", quantity(len(model.tables))),
            FactView("Rows", quantity(sum(rows.values()))),
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
                kpi.unit,
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
        schema=Markup(schema_svg(model, palette, rows)),  # noqa: S704
        tables=[_table(table, rows.get(table.name)) for table in model.tables],
        glossary=sorted(plan.glossary, key=lambda term: term.term.casefold()),
        sources=[source for source, visible in sources if visible],
        more_sources=[source for source, visible in sources if not visible],
        not_from_the_site=[(column_title(name), words) for name, words in plan.trade_words.items()],
        other_blueprint=other_blueprint(plan),
        rates=_rates(evaluation),
        quality=_quality(quality),
        provenance=_provenance(request, website, plan, model, dataset, agent),
        dropped=[
            DroppedView(query.question, reasons[query.id])
            for query in _in_order_of_script(plan, golden)
            if query.id in reasons
        ],
        expiry=f"The demo expires on {day(request.expires_on)}." if request.expires_on else "",
    )


def reasons_to_drop(golden: GoldenQueries, evaluation: AgentEvaluation) -> dict[str, str]:
    """Return the ids of the questions that are removed from the script, each with the reason."""
    reasons: dict[str, str] = {}
    for query in golden.queries:
        if query.error:
            reasons[query.id] = f"Its query failed: {query.error}"
        elif not query.row_count:
            reasons[query.id] = "Its query returned no rows."
        elif query.id in evaluation.dropped_query_ids:
            problems = [asked.problem for asked in evaluation.asked if asked.query_id == query.id and asked.problem]
            reasons[query.id] = problems[0] if problems else "The agent's answer differed from the verified result."
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
    number: int, query: GoldenQuery, insight: Insight | None, evaluation: AgentEvaluation, palette: Palette
) -> QuestionView:
    sql = readable_sql(query.sql)
    chart, chart_problem = None, ""
    try:
        chart = chart_picture(query, palette)
    except ValueError as error:
        chart_problem = f"The chart could not be drawn: {str(error).splitlines()[0][:200]}"
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
                column_title(column.name, column.unit, query.question),
                is_quantity(column.name, column.type),
            )
            for column in query.columns
        ],
        rows=_preview(query),
        rows_note=_rows_note(query),
        chart=chart,
        chart_problem=chart_problem,
        insight=_insight(insight, query, evaluation, palette) if insight else None,
        answer=_answer([asked for asked in evaluation.asked if asked.query_id == query.id]),
    )


def _preview(query: GoldenQuery) -> list[list[CellView]]:
    rows = query.rows[-PREVIEW_ROWS:] if _shows_latest(query) else query.rows[:PREVIEW_ROWS]
    texts = [
        column_texts([row[index] for row in rows], column.name, column.type, column.unit)
        for index, column in enumerate(query.columns)
    ]
    return [
        [CellView(column[number], row[index] is None) for index, column in enumerate(texts)]
        for number, row in enumerate(rows)
    ]


def _shows_latest(query: GoldenQuery) -> bool:
    """Whether the latest rows are shown: those of a time series, whose last rows the answer speaks of."""
    return len(query.rows) == query.row_count and is_time_series(query.columns, query.rows)


def _rows_note(query: GoldenQuery) -> str:
    shown, count = min(PREVIEW_ROWS, len(query.rows)), query.row_count
    if shown >= count:
        return "1 row" if count == 1 else f"all {quantity(count)} rows"
    latest = "the latest " if _shows_latest(query) else ""
    return f"{latest}{quantity(shown)} of {quantity(count)} rows"


def _insight(insight: Insight, query: GoldenQuery, evaluation: AgentEvaluation, palette: Palette) -> InsightView:
    measured = query.proof.measured if query.proof else None
    scripted = [asked for asked in evaluation.asked if asked.query_id == query.id and asked.kind == "scripted"]
    answered = next((asked.insight_measured for asked in scripted if asked.insight_measured is not None), None)
    return InsightView(
        headline=insight.told(insight.headline, measured),
        explanation=insight.told(insight.explanation, measured),
        action=insight.action,
        expected=figure(insight.expected, insight.unit, FINDING_DECIMALS),
        tolerance=figure(insight.tolerance, insight.unit, FINDING_DECIMALS),
        measured=figure(measured, insight.unit, FINDING_DECIMALS),
        answered=figure(answered, insight.unit, FINDING_DECIMALS),
        holds=bool(query.proof and query.proof.holds),
        gauge=insight_gauge(insight.expected, insight.tolerance, measured, answered, palette),
    )


def _outcome(asked: AskedQuestion) -> str:
    """What the agent did with a wording that it was not given."""
    if asked.passed:
        return "it gave the same rows"
    return "it gave other rows" if asked.misleads else "it did not answer, and offered questions that it can answer"


def _answer(asked: list[AskedQuestion]) -> AnswerView:
    scripted = next((one for one in asked if one.kind == "scripted"), None)
    # what the agent says to a wording that it was not given is in its evaluation; here the number counts
    problems = [one.problem for one in asked if one.problem and one.kind != "paraphrase"]

    def tries(kind: str) -> Tries:
        of_kind = [one.passed for one in asked if one.kind == kind]
        return Tries(sum(of_kind), len(of_kind))

    return AnswerView(
        asked=scripted is not None,
        passed=scripted is not None and scripted.passed,
        matched=scripted is not None and scripted.matched_query,
        seconds=f"{scripted.seconds:.1f} s" if scripted else "",
        wordings=tries("wording"),
        paraphrases=[_outcome(one) for one in asked if one.kind == "paraphrase"],
        repeats=tries("repeat"),
        answer=scripted.answer if scripted and scripted.passed else "",
        problem=problems[0] if problems else "",
    )


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


# --- the data ----------------------------------------------------------------------------------------------------


def _table(table: Table, rows: int | None) -> TableView:
    references = {name: key.references_table for key in table.foreign_keys for name in key.columns}
    return TableView(
        name=table.name,
        description=table.description,
        rows=plural(rows, "row") if rows is not None else "",
        columns=[_table_column(column, table, references) for column in table.columns if not column.internal],
    )


def _table_column(column: Column, table: Table, references: dict[str, str]) -> TableColumnView:
    key = "primary key" if column.name in table.primary_key else ""
    if column.name in references:
        key = f"{key}, → {references[column.name]}" if key else f"→ {references[column.name]}"
    return TableColumnView(column.name, column.type, key, column.description, ", ".join(column.synonyms))


# --- where it came from ------------------------------------------------------------------------------------------


def _sources(request: CustomerRequest, profile: CustomerProfile, plan: DemoPlan) -> list[SourceView]:
    """Return every fact that the demo uses, with the page it was read from; country and currency also when they are assumed."""
    single = [
        ("Company", profile.company_name, profile.company_name_evidence),
        ("Industry", _industry(profile.industry), profile.industry_evidence),
    ]
    sources = [SourceView(what, value, _evidence(evidence)) for what, value, evidence in single if evidence]
    return [*sources, *_market(request, profile), *_words(profile, plan)]


def _market(request: CustomerRequest, profile: CustomerProfile) -> list[SourceView]:
    """Country and currency of the demo."""
    if request.corrections.country:
        country = "stated by the Customer Engineer"
    elif profile.country_confidence:
        country = f"from the signs of the site: {'; '.join(profile.country_reasons) or 'no single passage says it'}"
    else:
        language = ENGLISH.languages.get(profile.language, profile.language)
        country = f"assumed from the language of the site ({language}), which does not show it"
    name = ENGLISH.territories.get(profile.country, profile.country)
    return [
        _or_assumed("Country", name, [] if request.corrections.country else profile.country_evidence, country),
        _or_assumed("Currency", profile.currency, profile.currency_evidence, "assumed from the country"),
    ]


def _or_assumed(what: str, value: str, evidence: list[Evidence], assumed: str) -> SourceView:
    return SourceView(what, value, _evidence(evidence), "" if evidence else assumed)


def _words(profile: CustomerProfile, plan: DemoPlan) -> list[SourceView]:
    """The words of the site that the demo uses, each under the name of the list that it fills in the demo; then the places."""
    lists = [
        ("plans", "Plan", profile.plans),
        ("services", "Service", profile.services),
        ("products", "Product", profile.products),
        ("product_categories", "Category", profile.product_categories),
        ("courses", "Course", profile.courses),
        ("features", "Feature", profile.features),
        ("customer_segments", "Customers", profile.customer_segments),
    ]
    found = [(list_, label, fact.value, fact.evidence) for list_, label, facts in lists for fact in facts]
    slots = {word.casefold(): slot for slot, words in plan.vocabulary.items() for word in words}
    sources, read_in = [], dict[str, str]()
    for list_, label, value, evidence in found:
        slot = slots.get(value.casefold())
        # a word that the site says in two lists fills one slot, and is shown once
        if slot is None or read_in.setdefault(value.casefold(), list_) != list_:
            continue
        what = label if slot == list_ else column_title(singular_of(slot))
        sources.append(SourceView(what, value, _evidence(evidence)))
    return sources + [
        SourceView(column_title(place.kind), place.name, _evidence(place.evidence))
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


def _evidence(evidence: list[Evidence]) -> list[EvidenceView]:
    return [
        EvidenceView(one.words, one.page.split("://", 1)[-1].removesuffix("/"), link(one.page))
        for one in evidence[:EVIDENCE_PER_FACT]
    ]


def _industry(id_: str) -> str:
    return column_title(id_)


def _rates(evaluation: AgentEvaluation) -> list[RateView]:
    rates = [
        ("Questions of the script", evaluation.scripted_pass_rate, SCRIPTED_BAR, "answered with the verified rows"),
        (
            "New wordings without a wrong answer",
            1 - evaluation.paraphrase_wrong_rate,
            1 - PARAPHRASE_WRONG_BAR,
            f"wordings that it was not given: {evaluation.paraphrase_counts()}",
        ),
        (
            "Fresh questions without a wrong answer",
            1 - evaluation.fresh_wrong_rate,
            1 - FRESH_WRONG_BAR,
            f"questions made from the data model: {evaluation.fresh_counts()}",
        ),
        ("Repeated questions", evaluation.repeat_agreement, REPEAT_BAR, "answered in the same way both times"),
    ]
    return [
        RateView(name, percent(rate), round(rate * 100), percent(bar), round(bar * 100), rate >= bar, meaning)
        for name, rate, bar, meaning in rates
    ]


def _quality(quality: DataQualityReport) -> QualityView:
    kept, rules = quality.exact_rules()
    checks, insights = len(quality.realism_checks()), len(quality.insights)
    real = checks - len(quality.unlike_real_data())
    strong = insights - len(quality.weak_insights())
    return QualityView(
        # The booklet's folder and the report's folder have the same parent.
        page=f"../{quality.page}",
        lines=[
            f"{kept} of {plural(rules, 'rule')} hold exactly, checked on every row.",
            f"{real} of {plural(checks, 'measured property', 'measured properties')} are within the bounds of real data.",
            f"{strong} of {plural(insights, 'finding')} stand out from their history, the weakest by "
            f"{quality.weakest_z():.1f} standard deviations.",
            _unplanned(quality),
        ],
    )


def _unplanned(quality: DataQualityReport) -> str:
    """How far a figure stands out that no finding explains, in standard deviations of the normal distribution."""
    searched = f"{plural(quality.places_looked_at, 'other figure')} {'was' if quality.places_looked_at == 1 else 'were'} searched"
    strongest = f"{quality.strongest_unplanned_z():.1f}"
    if float(strongest) == 0:
        return f"{searched}: none stands out more than the largest of so many does by chance."
    return f"{searched}: none stands out by more than {strongest} standard deviations, corrected for their number."


def _provenance(
    request: CustomerRequest,
    website: CustomerWebsite,
    plan: DemoPlan,
    model: DataModel,
    dataset: DemoDataset,
    agent: DataAgent,
) -> list[FactView]:
    pages = f"{plural(len(website.pages), 'page')} ({ways_read(website)})" if website.pages else "no page"
    return [
        FactView("Website", request.url),
        FactView("Read", f"{day(website.fetched_at.date())}: {pages}"),
        FactView("Industry blueprint", f"{_industry(plan.blueprint)}, version {plan.blueprint_version}"),
        *_written_by_claude(plan),
        FactView("Last day of data", day(model.as_of)),
        FactView("History", plural(model.history_days, "day")),
        FactView("Data set", f"{dataset.dataset} ({dataset.target}, {model.size}, seed {model.seed})"),
        FactView("Data agent", agent.agent_id),
        FactView("Expires", day(request.expires_on) if request.expires_on else "never: it is pinned"),
    ]


def _written_by_claude(plan: DemoPlan) -> list[FactView]:
    """Whose the parts are, and where each sentence about the customer was read."""
    if plan.claude is None:
        return []
    claims = [f"{claim.text} ({claim.page}: «{claim.quotation}»)" for claim in plan.claude.claims]
    return [
        FactView("Claude", " ".join(plan.claude.told())),
        *(FactView("Said of the customer", claim) for claim in claims),
    ]
