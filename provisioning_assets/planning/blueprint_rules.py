"""What can be wrong with a blueprint that is well formed: references between its parts, words that do not exist.

A blueprint is tried on a customer whose site says nothing: if that story and that data model hold together, so do those
of a customer whose words fill the slots, because words never become names or SQL.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.data_model.tables import Table
from provisioning_assets.planning.blueprint import Blueprint, suggestion
from provisioning_assets.planning.markets import market_of
from provisioning_assets.planning.models import Complexity
from provisioning_assets.planning.slots import fill_slots
from provisioning_assets.planning.story import tell_story
from provisioning_assets.planning.substitution import Vocabulary
from provisioning_assets.planning.table_design import DesignError, tables_and_effects
from provisioning_assets.research.models import CustomerProfile, Evidence

LEAST_OF_EACH_COMPLEXITY = 2


@dataclass(frozen=True)
class Mistake:
    """What is wrong, and where in the file: ``("tables", "orders", "columns", "status")``."""

    place: tuple[str | int, ...]
    message: str


def mistakes(blueprint: Blueprint) -> list[Mistake]:
    """Everything wrong with a blueprint; empty when it can be used."""
    return [
        *_slot_mistakes(blueprint),
        *_story_mistakes(blueprint),
    ] or [*_trial_mistakes(blueprint)]


def silent_vocabulary(blueprint: Blueprint) -> Vocabulary:
    """The words for a customer whose site says nothing, each slot cut to the words it is sure to have."""
    profile = CustomerProfile(
        company_name="Example",
        industry=blueprint.id,
        industry_evidence=[Evidence(page="notes", words="")],
        confidence=0,
        runner_up=None,
        country="US",
        currency="USD",
        language="en",
    )
    filled = fill_slots(blueprint, profile, market_of("US", "en", "USD"))
    sure = {
        name: words if blueprint.slots[name].within else words[: blueprint.slots[name].minimum]
        for name, words in filled.words.items()
    }
    facts = {"company": "Example", "currency": "USD", "country": "US", "price_level": 1.0}
    return Vocabulary(slots=sure, facts=facts, groups=filled.groups)


def _slot_mistakes(blueprint: Blueprint) -> Iterator[Mistake]:
    for name, slot in blueprint.slots.items():
        place = ("slots", name)
        if slot.within is None:
            continue
        if slot.within not in blueprint.slots:
            yield Mistake(
                (*place, "within"), f"'{slot.within}' is not a slot; {suggestion(slot.within, blueprint.slots)}"
            )
            continue
        groups = blueprint.slots[slot.within]
        if groups.within is not None:
            yield Mistake((*place, "within"), f"'{slot.within}' is itself within another slot; one level is accepted")
        known = {word for words in groups.words.values() for word in words}
        for group in slot.words_within:
            if group not in known:
                yield Mistake(
                    (*place, "words_within", group),
                    f"is not among the words of '{slot.within}'; {suggestion(group, sorted(known))}",
                )


def _story_mistakes(blueprint: Blueprint) -> Iterator[Mistake]:
    questions, insights = blueprint.questions, blueprint.insights
    for name, insight in insights.items():
        if insight.question not in questions:
            yield Mistake(
                ("insights", name, "question"),
                f"'{insight.question}' is not a question; {suggestion(insight.question, questions)}",
            )
        for index, effect in enumerate(insight.effects):
            place = ("insights", name, "effects", index, "column")
            table, column = effect.column.split(".")
            if table not in blueprint.tables:
                yield Mistake(place, f"'{table}' is not a table; {suggestion(table, blueprint.tables)}")
            elif column not in blueprint.tables[table].columns:
                yield Mistake(
                    place,
                    f"'{column}' is not a column of {table}; {suggestion(column, blueprint.tables[table].columns)}",
                )
    proving = Counter(insight.question for insight in insights.values())
    for question, count in proving.items():
        if count > 1:
            yield Mistake(
                ("insights",), f"the question '{question}' proves {count} insights; give each its own question"
            )
    for index, challenge in enumerate(blueprint.challenges):
        for insight in challenge.insights:
            if insight not in insights:
                yield Mistake(
                    ("challenges", index, "insights"), f"'{insight}' is not an insight; {suggestion(insight, insights)}"
                )
    told = Counter(question for scene in blueprint.scenes.values() for question in scene.questions)
    for name, scene in blueprint.scenes.items():
        for question in scene.questions:
            if question not in questions:
                yield Mistake(
                    ("scenes", name, "questions"), f"'{question}' is not a question; {suggestion(question, questions)}"
                )
    for question in questions:
        if told[question] != 1:
            yield Mistake(
                ("questions", question), f"stands in {told[question]} scenes; every question is asked in exactly one"
            )
    levels = Counter(question.complexity for question in questions.values())
    for level in Complexity:
        if levels[level] < LEAST_OF_EACH_COMPLEXITY:
            yield Mistake(
                ("questions",),
                f"{levels[level]} of complexity '{level}'; at least {LEAST_OF_EACH_COMPLEXITY} of each are needed",
            )


def _trial_mistakes(blueprint: Blueprint) -> Iterator[Mistake]:
    vocabulary = silent_vocabulary(blueprint)
    market = market_of("US", "en", "USD")
    tables = []
    try:
        tables, effects = tables_and_effects(blueprint, vocabulary, market)
    except DesignError as mistake:
        yield Mistake(mistake.place, mistake.message)
    else:
        for problem in model_problems(_trial_model(blueprint, tables, effects)):
            yield Mistake(problem.place, problem.words)
    yield from _told(lambda: tell_story(blueprint, vocabulary, blueprint.id, {}))


def _trial_model(blueprint: Blueprint, tables: Sequence[Table], effects: Sequence[Effect]) -> DataModel:
    """The tables and effects as the smallest demo of today would have them."""
    return DataModel(
        name=blueprint.id,
        description=blueprint.id,
        as_of=datetime.now(tz=UTC).date(),
        history_days=blueprint.history_days,
        size="small",
        fact_rows=20_000,
        seed=0,
        locale="en_US",
        country="US",
        currency="USD",
        tables=list(tables),
        effects=list(effects),
    )


def _told(attempt: Callable[[], object]) -> Iterator[Mistake]:
    try:
        attempt()
    except DesignError as mistake:
        yield Mistake(mistake.place, mistake.message)
    except (PydanticCustomError, ValidationError) as failure:
        yield Mistake((), str(failure))
