"""Applies all rules about a data model and returns all its problems in the document's order.

Rules about one table, column or effect run on the model as it is, and ignore names that another rule reports. Rules that follow
references through the model run on its sound part.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.problems import Place, Problem
from provisioning_assets.data_model.rules.candidates import candidate_problems
from provisioning_assets.data_model.rules.case_values import (
    case_problems,
    effect_value_problems,
    row_case_problems,
)
from provisioning_assets.data_model.rules.checked_column import CheckedColumn
from provisioning_assets.data_model.rules.descriptions import description_problems
from provisioning_assets.data_model.rules.effects import effect_problems, placed_effects
from provisioning_assets.data_model.rules.expressions import ExpressionTypes
from provisioning_assets.data_model.rules.generators import generator_problems
from provisioning_assets.data_model.rules.keys import key_problems, stored_problems
from provisioning_assets.data_model.rules.laws import law_problems
from provisioning_assets.data_model.rules.names import name_problems, without_repeats
from provisioning_assets.data_model.rules.numbering import numbering_problems
from provisioning_assets.data_model.rules.numbers import LARGEST_INTEGER
from provisioning_assets.data_model.rules.order import circles
from provisioning_assets.data_model.rules.populations import population_problems
from provisioning_assets.data_model.rules.realism_bounds import realism_problems
from provisioning_assets.data_model.rules.sound_part import without
from provisioning_assets.data_model.rules.sources import source_problems
from provisioning_assets.data_model.sources import by_source, whole_table
from provisioning_assets.quality_bars import FEWEST_TABLES, MOST_TABLES

EARLIEST_DAY = date(1900, 1, 1)
"""Earliest accepted day. No company has older orders, and the calendars of public holidays do not reach further back."""


def model_problems(model: DataModel) -> list[Problem]:
    """Return all problems of a model's tables and effects; empty if the model can be generated, loaded and asked about.

    The number of tables is checked by ``table_count_problems``, because a part of a model is also a model.
    """
    described = [problem for table in without_repeats(model).tables for problem in description_problems(table)]
    return _in_document_order(model, [*described, *generation_problems(model)])


def generation_problems(model: DataModel) -> list[Problem]:
    """Return the problems that prevent a model from being generated: all except those of descriptions and synonyms."""
    problems = [*_setting_problems(model), *name_problems(model)]
    settings_hold = not any(problem.place[0] != "tables" for problem in problems)
    whole = model = without_repeats(model)
    unfit = list(source_problems(model))
    if unfit:  # tables with several sources cannot be split
        return _in_document_order(model, [*problems, *unfit])
    model = by_source(model)
    lineage = Lineage(model)
    for table in model.tables:
        problems += stored_problems(table)
    local = list(_local_problems(lineage))
    reported = {problem.place for problem in local}
    sound = _sound_part(model, reported)
    found = list(circles(Lineage(sound)))
    sound = _sound_part(sound, {place for circle in found for place in circle.waiting})
    problems += [*local, *(circle.problem for circle in found)]
    problems += _value_problems(lineage, Lineage(sound), reported)
    problems += realism_problems(whole)
    problems += law_problems(whole)
    problems += numbering_problems(Lineage(sound))
    if settings_hold:
        problems += _candidate_problems(Lineage(sound))
    return _in_document_order(whole, list(dict.fromkeys(_of_whole_table(problem) for problem in problems)))


def _of_whole_table(problem: Problem) -> Problem:
    """Return a problem of one source of a table as a problem of the whole table."""
    match problem.place:
        case ("tables", str(table), *rest):
            return replace(problem, place=("tables", whole_table(table)[0], *rest))
        case _:
            return problem


def table_count_problems(model: DataModel) -> list[Problem]:
    """Return a problem if the model has too few or too many tables for a demo; empty otherwise."""
    if FEWEST_TABLES <= len(model.tables) <= MOST_TABLES:
        return []
    return [
        Problem(
            ("tables",),
            f"The model has {len(model.tables)} tables.",
            f"Give it {FEWEST_TABLES} to {MOST_TABLES}: fewer do not look like a real company, and more cannot be understood "
            "quickly in a demo.",
        )
    ]


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
    """Yield problems of single tables and effects. If there are none, every name refers to the right kind of object."""
    for table in lineage.model.tables:
        yield from key_problems(lineage, table)
        yield from population_problems(lineage, table)
        for column in table.columns:
            yield from generator_problems(CheckedColumn(lineage, table, column))
    for place, effect in placed_effects(lineage.model.effects):
        yield from effect_problems(lineage, place, effect)


def _sound_part(model: DataModel, places: Iterable[Place]) -> DataModel:
    """Return the model without the wrong parts at ``places``, and without the parts that become wrong by their removal."""
    wrong = set(places)
    while wrong:
        model = without(model, wrong)
        wrong = {problem.place for problem in _local_problems(Lineage(model))}
    return model


def _value_problems(lineage: Lineage, sound: Lineage, reported: set[Place]) -> Iterator[Problem]:
    """Report values that never occur, and expressions whose types do not fit."""
    types = ExpressionTypes(lineage, sound, reported)
    for table in lineage.model.tables:
        yield from row_case_problems(sound, table)
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
    """Return each problem once, in the document's order: the model's settings, then the tables, then the insights."""
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
            case ("rules", *_):
                return (3,)
            case ("relations", *_):
                return (4,)
            case _:
                return (0,)

    return sorted(dict.fromkeys(problems), key=position)
