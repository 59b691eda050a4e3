"""The data-quality report as a page: one HTML file that needs nothing else, beside the booklet in the customer's folder.

The customer's words (headlines, groups of an answer, the model's name) are untrusted: Jinja2 escapes whatever the template
prints, pictures are ``<img>``, and a content security policy allows no request and no script.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import jinja2
from markupsafe import Markup

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.googlesql.column_titles import column_title
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.quality.event_patterns import EventPattern
from provisioning_assets.quality.models import (
    CoherenceResult,
    DataQualityReport,
    InsightStrength,
    LawResult,
    RealismResult,
    RelationResult,
)
from provisioning_assets.quality.pictures import (
    amounts_picture,
    bar_svg,
    calendar_picture,
    entities_picture,
    insight_picture,
    range_svg,
    svg_of,
)
from provisioning_assets.quality.report_text import bound, failed_first, number, rank, sign
from provisioning_assets.quality_bars import LEAST_INSIGHT_Z, MOST_UNPLANNED_Z
from provisioning_assets.self_contained_pages import content_security_policy, page_templates, svg_picture, template_text
from provisioning_assets.synthesis.models import SyntheticTables

PACKAGE = "provisioning_assets.quality"

KINDS = {
    "key_unique": "Keys are unique and never missing",
    "reference_resolves": "Every reference leads to a row",
    "rollup_equals_children": "Totals equal their lines",
    "expression_holds": "Derived amounts equal their formula",
    "has_required_children": "Every parent has the children it must have",
    "distinct_in_parent": "No repeated choice in one parent",
    "in_order": "Nothing happens before its cause",
    "not_after_as_of": "Nothing is in the future",
    "last_days_populated": "The last days have events",
    "ids_grow_with_time": "Keys grow with time",
    "numbers_without_holes": "Numbers have no holes",
    "email_is_plausible": "E-mail addresses are plausible",
    "versions_do_not_overlap": "Versions do not overlap",
    "states_in_order": "States follow each other",
    "current_is_last": "The current state is the last of its history",
    "as_it_was": "Values as of a moment match the history",
    "renewals_on_their_day": "Contracts are renewed and end at full terms",
    "first_of_all": "The first of several possible moments counts",
    "on_schedule": "Moments are at their scheduled times and days",
    "in_state": "Events that need a state happen in that state",
    "address_is_near": "Addresses lie near what serves them",
}
"""Kind of rule -> its title in the report."""


@dataclass(frozen=True)
class TileView:
    """One figure of the summary at the top of the page."""

    value: str
    label: str
    holds: bool


@dataclass(frozen=True)
class RulesView:
    """The rules of one kind."""

    title: str
    rules: list[CoherenceResult]
    broken: int


@dataclass(frozen=True)
class PictureView:
    """A picture as a ``data:`` URI; ``words`` describe it."""

    uri: str
    words: str
    wide: bool = False


@dataclass(frozen=True)
class PatternView:
    table: str
    rows: str
    pictures: list[PictureView]


@dataclass(frozen=True)
class InsightView:
    insight: InsightStrength
    figure: str
    without: str
    baseline: str
    z: str
    rank: str
    picture: PictureView | None


@dataclass(frozen=True)
class RelationPart:
    """A number that a relation's figure is made of: its name, as text, and as a bar."""

    name: str
    shown: str
    bar: str | None


@dataclass(frozen=True)
class RelationView:
    """A relation with its figure as a mark in its range; the pictures are ``data:`` URIs."""

    relation: RelationResult
    picture: str
    parts: list[RelationPart]


@dataclass(frozen=True)
class Drawn:
    """A picture as SVG; ``words`` describe it."""

    words: str
    svg: str
    wide: bool = False


@dataclass(frozen=True)
class Pictures:
    """The report's pictures, drawn once for the page and for Dagster."""

    insights: dict[str, Drawn]
    """insight id -> its before and after; absent where the insight could not be measured"""
    patterns: list[tuple[EventPattern, list[Drawn]]]

    def shown_in_dagster(self) -> list[Drawn]:
        """The pictures of the main table and of each insight: few enough for a list of metadata."""
        main = self.patterns[0][1] if self.patterns else []
        return [*main, *self.insights.values()]


def draw_insights(insights: Sequence[InsightStrength]) -> dict[str, Drawn]:
    """Insight id -> its before and after; those that could not be measured are absent."""
    specs = {insight.insight_id: insight_picture(insight) for insight in insights}
    return {
        insight_id: Drawn(f"Before and after: {insight_id}", svg_of(spec))
        for insight_id, spec in specs.items()
        if spec is not None
    }


def draw_patterns(
    patterns: Sequence[EventPattern], realism: Sequence[RealismResult]
) -> list[tuple[EventPattern, list[Drawn]]]:
    """Each table with its pictures: amounts, number of events of an entity, and the calendar."""
    return [(pattern, list(_drawn(pattern, realism))) for pattern in patterns]


def _drawn(pattern: EventPattern, realism: Sequence[RealismResult]) -> Iterator[Drawn]:
    table, amounts, entities, calendar = pattern.table, pattern.amounts, pattern.entities, pattern.calendar
    if amounts is not None:
        yield Drawn(f"How large: {amounts.column} of {table}", svg_of(amounts_picture(table, amounts, realism)))
    if entities is not None:
        words = f"How often: {table} for each {entities.column}"
        yield Drawn(words, svg_of(entities_picture(table, entities, realism)))
    if calendar is not None:
        words = f"When: {table} in relation to the average, which is 1"
        yield Drawn(words, svg_of(calendar_picture(table, calendar, realism)), wide=bool(calendar.hours))


def set_report(
    report: DataQualityReport, plan: DemoPlan, model: DataModel, tables: SyntheticTables, pictures: Pictures
) -> str:
    """The page as HTML. Same artefacts, same bytes."""
    units = {insight.id: insight.unit for insight in plan.insights}
    questions = {question.id: question.question for question in plan.questions}
    style = template_text(PACKAGE, "report.css")
    return _templates().get_template("report.html.j2").render(
        report=report,
        model=model,
        tables=len(tables.tables),
        rows=f"{tables.rows:,}",
        tiles=_tiles(report),
        kinds=_kinds(report.coherence),
        laws=sorted(report.laws, key=LawResult.holds),
        relations=[_relation(each) for each in sorted(report.relations, key=RelationResult.holds)],
        realism=sorted(report.realism, key=failed_first),
        insights=[_insight(insight, units.get(insight.insight_id, ""), pictures) for insight in report.insights],
        unplanned=report.unplanned,
        questions=questions,
        patterns=[
            PatternView(pattern.table, f"{pattern.rows:,}", [_shown(one) for one in drawn])
            for pattern, drawn in pictures.patterns
        ],
        least_z=number(LEAST_INSIGHT_Z),
        most_unplanned_z=number(MOST_UNPLANNED_Z),
        # A file of the project: it holds no text of the customer.
        style=Markup(style),  # noqa: S704
        policy=content_security_policy(style),
    )  # fmt: skip


def _tiles(report: DataQualityReport) -> list[TileView]:
    def share(whole: int, failing: int, label: str) -> TileView:
        return TileView(f"{whole - failing} of {whole}", label, not failing)

    unplanned = report.strongest_unplanned_z()
    kept, stated = report.exact_rules()
    return [
        share(stated, stated - kept, "rules hold exactly"),
        *(
            [share(len(report.relations), len(report.broken_relations()), "relations of the trade hold")]
            * bool(report.relations)
        ),
        share(len(report.realism_checks()), len(report.unlike_real_data()), "properties are like real data"),
        TileView(
            f"z = {report.weakest_z():.1f}",
            f"weakest planted finding; {number(LEAST_INSIGHT_Z)} at least",
            not report.weak_insights(),
        ),
        TileView(
            f"z = {unplanned:.1f}",
            f"strongest unplanned one; {number(MOST_UNPLANNED_Z)} at most",
            unplanned <= MOST_UNPLANNED_Z,
        ),
    ]


def _kinds(results: Sequence[CoherenceResult]) -> list[RulesView]:
    """The rules by kind, kinds with broken rules first."""
    counts = Counter(result.kind for result in results)
    views = []
    for kind in counts:
        rules = sorted((result for result in results if result.kind == kind), key=lambda rule: rule.violations == 0)
        views.append(RulesView(KINDS[kind], rules, sum(rule.violations > 0 for rule in rules)))
    return sorted(views, key=lambda view: view.broken == 0)


def _relation(relation: RelationResult) -> RelationView:
    reach = [0.0, *(value for value in relation.parts.values() if value is not None)]
    return RelationView(
        relation=relation,
        picture=svg_picture(range_svg(relation)),
        parts=[
            RelationPart(
                column_title(name),
                number(value),
                None if value is None else svg_picture(bar_svg(value, min(reach), max(reach))),
            )
            for name, value in relation.parts.items()
        ],
    )


def _insight(insight: InsightStrength, unit: str, pictures: Pictures) -> InsightView:
    drawn = pictures.insights.get(insight.insight_id)
    return InsightView(
        insight=insight,
        figure=_measure(insight.figure, unit),
        without=_measure(insight.without, unit),
        baseline=_measure(insight.seasonal_baseline, unit),
        z="–" if insight.z is None else f"{insight.z:.1f}",
        rank=rank(insight),
        picture=_shown(drawn) if drawn else None,
    )


def _measure(value: float | None, unit: str) -> str:
    """``12.4%``, ``1,234 GBP``, ``3.2 days``; a bare number when it counts."""
    text = number(value)
    if value is None or unit in ("", "count", "number"):
        return text
    return f"{text}%" if unit in ("percent", "%") else f"{text}\N{NO-BREAK SPACE}{unit}"


def _shown(drawn: Drawn) -> PictureView:
    return PictureView(svg_picture(drawn.svg), drawn.words, drawn.wide)


@cache
def _templates() -> jinja2.Environment:
    environment = page_templates(PACKAGE).overlay()
    environment.filters = {**environment.filters, "number": number, "bound": bound, "sign": sign}
    return environment
