"""Every rule about a data model: what is wrong with it, all at once and in the document's order.

Rules that look at one table, column or effect run on the model as it is, and leave aside a name that another rule reports.
Rules that follow references through the model run on its sound part.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.problems import Place, Problem
from provisioning_assets.data_model.rules.candidates import candidate_problems
from provisioning_assets.data_model.rules.case_values import (
    case_problems,
    effect_value_problems,
    state_case_problems,
)
from provisioning_assets.data_model.rules.checked_column import CheckedColumn
from provisioning_assets.data_model.rules.descriptions import description_problems
from provisioning_assets.data_model.rules.effects import effect_problems, placed_effects
from provisioning_assets.data_model.rules.expressions import ExpressionTypes
from provisioning_assets.data_model.rules.generators import generator_problems
from provisioning_assets.data_model.rules.keys import key_problems, stored_problems
from provisioning_assets.data_model.rules.names import name_problems, without_repeats
from provisioning_assets.data_model.rules.numbers import LARGEST_INTEGER
from provisioning_assets.data_model.rules.order import circles
from provisioning_assets.data_model.rules.populations import population_problems
from provisioning_assets.data_model.rules.sound_part import without
from provisioning_assets.quality_bars import FEWEST_TABLES, MOST_TABLES

EARLIEST_DAY = date(1900, 1, 1)
"""No company's orders are older; calendars of public holidays are not, either."""


def model_problems(model: DataModel) -> list[Problem]:
    """Everything wrong with a model's tables and effects; empty when it can be generated, loaded and asked about.

    How many tables there are is left to ``table_count_problems``, because a part of a model is a model, too.
    """
    words = [problem for table in without_repeats(model).tables for problem in description_problems(table)]
    return _in_document_order(model, [*words, *_generation_problems(model)])


def generation_problems(model: DataModel) -> list[Problem]:
    """The problems that keep a model from being generated and loaded.

    Missing descriptions do not: the twin of a model also stores columns that no one will ask about.
    """
    return _in_document_order(model, _generation_problems(model))


def table_count_problems(model: DataModel) -> list[Problem]:
    """Whether a model has as many tables as a demo shows; empty when it does."""
    if FEWEST_TABLES <= len(model.tables) <= MOST_TABLES:
        return []
    return [
        Problem(
            ("tables",),
            f"The model has {len(model.tables)} tables.",
            f"Give it {FEWEST_TABLES} to {MOST_TABLES}: enough to be taken seriously, and few enough to be understood at a glance.",
        )
    ]


def _generation_problems(model: DataModel) -> Iterator[Problem]:
    """Everything but the words about columns."""
    settings = list(_setting_problems(model))
    yield from settings
    yield from name_problems(model)
    model = without_repeats(model)
    lineage = Lineage(model)
    for table in model.tables:
        yield from stored_problems(table)
    local = list(_local_problems(lineage))
    yield from local
    reported = {problem.place for problem in local}
    sound = _sound_part(model, reported)
    found = list(circles(Lineage(sound)))
    yield from (circle.problem for circle in found)
    sound = _sound_part(sound, {place for circle in found for place in circle.waiting})
    yield from _value_problems(lineage, Lineage(sound), reported)
    if not settings:
        yield from _candidate_problems(Lineage(sound))


def _setting_problems(model: DataModel) -> Iterator[Problem]:
    days = (model.as_of - EARLIEST_DAY).days
    if model.history_days > days:
        yield Problem(
            ("history_days",),
            f"A history of {model.history_days} days that ends on {model.as_of} begins before {EARLIEST_DAY}.",
            "Give fewer days.",
        )
    if not 0 < model.fact_rows <= LARGEST_INTEGER:
        yield Problem(
            ("fact_rows",), f"{model.fact_rows} is not a number of rows.", f"Give a number from 1 to {LARGEST_INTEGER}."
        )


def _local_problems(lineage: Lineage) -> Iterator[Problem]:
    """Problems that are seen in one table or effect; without them, every name in the model is one of the right kind."""
    for table in lineage.model.tables:
        yield from key_problems(lineage, table)
        yield from population_problems(lineage, table)
        for column in table.columns:
            yield from generator_problems(CheckedColumn(lineage, table, column))
    for place, effect in placed_effects(lineage.model.effects):
        yield from effect_problems(lineage, place, effect)


def _sound_part(model: DataModel, places: Iterable[Place]) -> DataModel:
    """The model without what is wrong at ``places``, and without what is wrong because that is left out."""
    wrong = set(places)
    while wrong:
        model = without(model, wrong)
        wrong = {problem.place for problem in _local_problems(Lineage(model))}
    return model


def _value_problems(lineage: Lineage, sound: Lineage, reported: set[Place]) -> Iterator[Problem]:
    """Values that never occur, and expressions whose types do not fit."""
    types = ExpressionTypes(lineage, reported)
    for table in lineage.model.tables:
        yield from state_case_problems(sound, table)
        yield from types.of_table(table)
        for column in table.columns:
            yield from case_problems(sound, CheckedColumn(lineage, table, column))
    for place, effect in placed_effects(lineage.model.effects):
        yield from types.of_effect(place, effect)
        yield from effect_value_problems(sound, place, effect)


def _candidate_problems(sound: Lineage) -> Iterator[Problem]:
    for table in sound.model.tables:
        for column in table.columns:
            yield from candidate_problems(CheckedColumn(sound, table, column))


def _in_document_order(model: DataModel, problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, as an author comes to its place: the model's settings, table by table, insight by insight."""
    tables = {table.name: number for number, table in enumerate(model.tables)}
    columns = {
        (table.name, column.name): number for table in model.tables for number, column in enumerate(table.columns)
    }
    insights = {effect.insight_id: number for number, effect in reversed(list(enumerate(model.effects)))}

    def position(problem: Problem) -> tuple[int, ...]:
        match problem.place:
            case ("tables", str(table), "columns", str(column), *_):
                return (1, tables.get(table, -1), 2, columns.get((table, column), -1))
            case ("tables", str(table), "rows", *_):
                return (1, tables.get(table, -1), 1)
            case ("tables", str(table), *_):
                return (1, tables.get(table, -1), 0)
            case ("insights", str(insight), "effects", int(number), *_):
                return (2, insights.get(insight, -1), number)
            case _:
                return (0,)

    return sorted(dict.fromkeys(problems), key=position)
