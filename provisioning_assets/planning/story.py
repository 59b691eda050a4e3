"""Makes the demo plan: a blueprint's story with a customer's words, which ``slots.py`` has chosen."""

from collections.abc import Callable, Mapping

from pydantic_core import PydanticCustomError

from provisioning_assets.data_model.problems import Place
from provisioning_assets.planning.blueprint import Blueprint, BlueprintQuestion
from provisioning_assets.planning.models import (
    AgentInstructions,
    BusinessChallenge,
    ChartPlan,
    DemoPlan,
    GlossaryTerm,
    Insight,
    InsightAssertion,
    Kpi,
    Question,
    Scene,
    WhoseWords,
)
from provisioning_assets.planning.table_design.draft import DesignError
from provisioning_assets.planning.windows import expand_windows
from provisioning_assets.planning.words import CustomerWords, fill_googlesql, fill_text
from provisioning_assets.planning.written import MEASURED


def plan_of(
    blueprint: Blueprint, words: CustomerWords, industry: str, slot_sources: Mapping[str, WhoseWords]
) -> DemoPlan:
    """The demo plan of a blueprint with these words.

    Raises:
        DesignError: a text refers to a word that does not exist; with its place in the blueprint.
    """

    def text(template: str, *place: str | int, keep: frozenset[str] = frozenset()) -> str:
        return _filled(lambda: fill_text(template, words, keep), place)

    def sql(template: str, *place: str | int) -> str:
        return _filled(lambda: fill_googlesql(expand_windows(template), words), place).strip()

    def question(name: str, written: BlueprintQuestion) -> Question:
        place = ("questions", name)
        asked = text(written.question, *place, "question")
        chart = written.chart
        return Question(
            id=name,
            question=asked,
            paraphrases=[text(other, *place, "paraphrases", index) for index, other in enumerate(written.paraphrases)],
            complexity=written.complexity,
            business_value=text(written.business_value, *place, "business_value"),
            sql=sql(written.sql, *place, "sql"),
            insight_id=next((key for key, insight in blueprint.insights.items() if insight.question == name), None),
            chart=chart
            and ChartPlan(
                mark=chart.mark,
                x=chart.x,
                y=chart.y,
                series=chart.series,
                title=text(chart.title, *place, "chart", "title") if chart.title else asked,
            ),
            headings={name: text(said, *place, "headings", name) for name, said in written.headings.items()},
        )

    return DemoPlan(
        title=text(blueprint.title, "title"),
        subtitle=text(blueprint.subtitle, "subtitle"),
        story=text(blueprint.story, "story").strip(),
        industry=industry,
        blueprint=blueprint.id,
        blueprint_version=blueprint.version,
        vocabulary={name: list(filled) for name, filled in words.slots.items()},
        slot_sources=dict(slot_sources),
        challenges=[
            BusinessChallenge(
                title=text(challenge.title, "challenges", index, "title"),
                description=text(challenge.description, "challenges", index, "description"),
                insight_ids=challenge.insights,
            )
            for index, challenge in enumerate(blueprint.challenges)
        ],
        kpis=[
            Kpi(
                name=text(kpi.name, "kpis", index, "name"),
                definition=text(kpi.definition, "kpis", index, "definition"),
                sql=sql(kpi.sql, "kpis", index, "sql"),
                unit=text(kpi.unit, "kpis", index, "unit"),
                good_direction=kpi.good_direction,
            )
            for index, kpi in enumerate(blueprint.kpis)
        ],
        insights=[
            Insight(
                id=name,
                headline=text(insight.headline, "insights", name, "headline", keep=MEASURED),
                explanation=text(insight.explanation, "insights", name, "explanation", keep=MEASURED),
                action=text(insight.action, "insights", name, "action"),
                expected=insight.expected,
                tolerance=insight.tolerance,
                unit=text(insight.unit, "insights", name, "unit"),
                query_id=insight.question,
                assertion=InsightAssertion(
                    column=insight.read.column,
                    where={
                        column: text(value, "insights", name, "read", "where", column)
                        for column, value in insight.read.where.items()
                    },
                ),
            )
            for name, insight in blueprint.insights.items()
        ],
        questions=[question(name, written) for name, written in blueprint.questions.items()],
        scenes=[
            Scene(
                id=name,
                title=text(scene.title, "scenes", name, "title"),
                minutes=scene.minutes,
                talk_track=text(scene.talk_track, "scenes", name, "talk_track").strip(),
                question_ids=scene.questions,
            )
            for name, scene in blueprint.scenes.items()
        ],
        glossary=[
            GlossaryTerm(
                term=text(term.term, "glossary", index, "term"),
                definition=text(term.definition, "glossary", index, "definition"),
                synonyms=[text(synonym, "glossary", index, "synonyms") for synonym in term.synonyms],
            )
            for index, term in enumerate(blueprint.glossary)
        ],
        agent=AgentInstructions(
            persona=text(blueprint.agent.persona, "agent", "persona"),
            rules=[text(rule, "agent", "rules", index) for index, rule in enumerate(blueprint.agent.rules)],
            default_filters=[
                text(rule, "agent", "default_filters", index)
                for index, rule in enumerate(blueprint.agent.default_filters)
            ],
        ),
    )


def _filled(attempt: Callable[[], str], place: Place) -> str:
    try:
        return attempt()
    except PydanticCustomError as mistake:
        raise DesignError(place, mistake.message()) from mistake
