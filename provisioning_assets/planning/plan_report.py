"""Shows a customer's blueprint, a demo plan and a data model as Markdown in Dagster."""

import re
from collections.abc import Mapping

from provisioning_assets.claude.models import ClaudeUsage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import PerParent, PerPeriod, Records, Several
from provisioning_assets.data_model.tables import Table
from provisioning_assets.markdown import markdown_table, markdown_text
from provisioning_assets.planning.blueprint import SlotWord
from provisioning_assets.planning.blueprint_yaml import as_yaml
from provisioning_assets.planning.models import DemoBlueprint, DemoPlan, WrittenByClaude
from provisioning_assets.planning.shown_words import shown_words


def plan_markdown(plan: DemoPlan) -> str:
    """The story, the challenges, the scenes with their questions, and the planted insights."""
    questions = {question.id: question for question in plan.questions}
    scenes = [
        [scene.title, f"{scene.minutes} min", question.question, str(question.complexity), question.insight_id or ""]
        for scene in plan.scenes
        for question in (questions[question_id] for question_id in scene.question_ids if question_id in questions)
    ]
    insights = [
        [
            insight.told(insight.headline, None, plan.language),
            f"{insight.expected:g} ± {insight.tolerance:g} {insight.unit}",
            insight.query_id,
        ]
        for insight in plan.insights
    ]
    return "\n\n".join(
        [
            f"## {markdown_text(plan.title)}",
            f"*{markdown_text(plan.subtitle)}*",
            markdown_text(plan.story),
            "### Challenges",
            "\n".join(
                f"- **{markdown_text(item.title)}** {markdown_text(item.description)}" for item in plan.challenges
            ),
            "### Scenes",
            markdown_table(["scene", "time", "question", "complexity", "insight"], scenes),
            "### Insights",
            markdown_table(["headline", "expected", "question"], insights),
        ]
    )


def words_markdown(made: DemoBlueprint) -> str:
    """The words that fill the slots, the terms, and where each comes from."""
    rows = [
        [name, word.word, word.source, word.page or "", word.passage or "", _where(word)]
        for name, slot in made.blueprint.slots.items()
        for word in slot.filled
    ]
    rows += [
        [word.slot, word.word, word.source, word.page, word.passage, ""]
        for word in shown_words(made)
        if word.slot in made.blueprint.terms
    ]
    return markdown_table(["slot or term", "word", "whose", "page", "read in", "where it is"], rows)


def _where(word: SlotWord) -> str:
    """The town of a word of a slot of places, and why it is that one if the word is not its name; empty for other words."""
    place = word.place
    if place is None:
        return ""
    town = ", ".join(part for part in (place.town, place.region, place.country) if part)
    because = {
        "name": "",
        "region": " (largest town of the region)",
        "home": " (no known town; the customer's home city)",
        "country": " (no known town; the first city of the country)",
    }
    return town + because[place.known_by]


def parts_markdown(written: WrittenByClaude) -> str:
    """The parts with their authors, and what is said about the customer with its sources."""
    rows = [[each.part, each.author, str(each.rounds), each.replaced_because or ""] for each in written.parts]
    claims = [[claim.text, claim.page, claim.quotation] for claim in written.claims]
    return "\n\n".join(
        [
            markdown_table(["part", "author", "rounds", "replaced because"], rows),
            "### What is said about the customer",
            markdown_table(["sentence", "page", "quotation"], claims),
            "### What was left out, because its source does not say so",
            "\n".join(f"- {markdown_text(words)}" for words in written.dropped_claims) or "nothing",
        ]
    )


def claude_figures(
    written: WrittenByClaude, usage: ClaudeUsage, by_part: Mapping[str, ClaudeUsage]
) -> dict[str, str | int | float]:
    """What Claude wrote and what that took in this run, as numbers, which Dagster draws over time.

    Args:
        written: what stands in the blueprint.
        usage: of all calls of this run.
        by_part: the same by part.
    """
    return {
        "Claude's parts": len(written.parts_of("claude")),
        **usage.figures(),
        **{name: value for part, each in by_part.items() for name, value in each.figures(part).items()},
    }


def blueprint_markdown(made: DemoBlueprint) -> str:
    """The customer's blueprint as YAML in a code block, so that its text is not interpreted as Markdown."""
    text = as_yaml(made.blueprint.model_dump(mode="json"))
    fence = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 3)
    return f"{fence}yaml\n{text}{fence}"


def schema_markdown(model: DataModel) -> str:
    """Every table with the origin of its rows, its keys and its columns."""
    overview = markdown_table(
        ["table", "rows", "primary key", "refers to", "columns"],
        [
            [
                table.name,
                _origin_of_rows(table),
                ", ".join(table.primary_key),
                ", ".join(f"{', '.join(key.columns)} → {key.references_table}" for key in table.foreign_keys),
                str(sum(not column.internal for column in table.columns)),
            ]
            for table in model.tables
        ],
    )
    details = [
        f"### {table.name}\n\n{markdown_text(table.description)}\n\n"
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


def _origin_of_rows(table: Table) -> str:
    """Where a table's rows come from, in words."""
    population = table.population
    if isinstance(population, Records):
        return f"{len(population.rows)} written rows"
    if isinstance(population, PerParent) and population.history is not None:
        return f"one row for each state of each row of {population.parent}"
    if isinstance(population, PerParent):
        return f"rows for {'some rows' if population.where else 'each row'} of {population.parent}"
    if isinstance(population, PerPeriod):
        return f"one row each {population.period} for each row of {population.parent}"
    if isinstance(population, Several):
        return f"rows of {len(population.sources)} sources"
    return f"{population.share:g} of the demo's size"
