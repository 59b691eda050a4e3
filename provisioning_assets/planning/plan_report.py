"""A demo plan and a data model as Markdown, for people who look at them in Dagster."""

from collections.abc import Iterable, Sequence

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import PerParent, PerPeriod, Records
from provisioning_assets.data_model.tables import Table
from provisioning_assets.planning.models import DemoPlan


def plan_markdown(plan: DemoPlan) -> str:
    """The story, the challenges, the scenes with their questions, and what is planted."""
    questions = {question.id: question for question in plan.questions}
    scenes = [
        [scene.title, f"{scene.minutes} min", question.question, str(question.complexity), question.insight_id or ""]
        for scene in plan.scenes
        for question in (questions[question_id] for question_id in scene.question_ids if question_id in questions)
    ]
    insights = [
        [insight.headline, f"{insight.expected:g} ± {insight.tolerance:g} {insight.unit}", insight.query_id]
        for insight in plan.insights
    ]
    return "\n\n".join(
        [
            f"## {_plain(plan.title)}",
            f"*{_plain(plan.subtitle)}*",
            _plain(plan.story),
            "### Challenges",
            "\n".join(f"- **{_plain(item.title)}** {_plain(item.description)}" for item in plan.challenges),
            "### Scenes",
            markdown_table(["scene", "time", "question", "complexity", "insight"], scenes),
            "### Insights",
            markdown_table(["headline", "expected", "question"], insights),
        ]
    )


def vocabulary_markdown(plan: DemoPlan) -> str:
    """Whose words fill the slots, and which they are."""
    rows = [
        [slot, plan.slot_sources.get(slot, "blueprint"), str(len(words)), ", ".join(words[:8])]
        for slot, words in plan.vocabulary.items()
    ]
    return markdown_table(["slot", "whose words", "words", "the first"], rows)


def schema_markdown(model: DataModel) -> str:
    """Every table with its rows' origin, its keys and its columns."""
    overview = markdown_table(
        ["table", "rows", "primary key", "refers to", "columns"],
        [
            [
                table.name,
                rows_told(table),
                ", ".join(table.primary_key),
                ", ".join(f"{', '.join(key.columns)} → {key.references_table}" for key in table.foreign_keys),
                str(sum(not column.internal for column in table.columns)),
            ]
            for table in model.tables
        ],
    )
    details = [
        f"### {table.name}\n\n{_plain(table.description)}\n\n"
        + markdown_table(
            ["column", "type", "role", "meaning", "also called"],
            [
                [column.name, column.type, column.role, column.description, ", ".join(column.synonyms)]
                for column in table.columns
                if not column.internal
            ],
        )
        for table in model.tables
    ]
    return "\n\n".join([overview, *details])


def rows_told(table: Table) -> str:
    """Where a table's rows come from, in words."""
    population = table.population
    if isinstance(population, Records):
        return f"{len(population.rows)}, written out"
    if isinstance(population, PerParent) and population.history is not None:
        return f"one for each state of {population.parent}"
    if isinstance(population, PerParent):
        return f"some for each of {population.parent}" if population.where else f"children of {population.parent}"
    if isinstance(population, PerPeriod):
        return f"one a {population.period} for each of {population.parent}"
    return f"{population.share:g} of the size"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; what would end a cell or become markup is written as text."""
    lines = [header, ["---"] * len(header), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(text: str) -> str:
    """Text of the customer's site as text: no markup, no link, no end of a cell."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\\", "\\\\")
    for character in "|[]*`!":
        escaped = escaped.replace(character, f"\\{character}")
    return " ".join(escaped.split())
