"""Checks that each generator fits its column's type and its table's kind of rows; then applies the rules of its kind."""

from collections.abc import Callable, Iterator

from provisioning_assets.data_model.case_numbers import numbers_by_case
from provisioning_assets.data_model.generator_words import words_of
from provisioning_assets.data_model.generators import (
    Address,
    After,
    Arrival,
    Before,
    Category,
    EnteredAt,
    Expression,
    FirstOf,
    Flag,
    FromRecord,
    LeftAt,
    Lookup,
    Moment,
    Number,
    ParentKey,
    PeriodStart,
    Person,
    Position,
    Price,
    Reference,
    Renewal,
    RollUp,
    Sequence,
    StateName,
    Text,
    Walk,
)
from provisioning_assets.data_model.lineage import generator_as
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.populations import PerParent, PerPeriod, Scaled
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.checked_column import NUMBERS, TIMES, CheckedColumn, column_problems, listed
from provisioning_assets.data_model.rules.drawn_values import (
    category_problems,
    flag_problems,
    number_problems,
    person_problems,
    price_problems,
    text_problems,
    walk_problems,
)
from provisioning_assets.data_model.rules.expressions import expression_problems
from provisioning_assets.data_model.rules.habits import habit_problems
from provisioning_assets.data_model.rules.moments import (
    after_problems,
    arrival_problems,
    before_problems,
    first_of_problems,
    moment_problems,
)
from provisioning_assets.data_model.rules.near import near_address_problems
from provisioning_assets.data_model.rules.numbers import unusable_number_problems
from provisioning_assets.data_model.rules.references import (
    lookup_problems,
    parent_key_problems,
    reference_problems,
    rollup_problems,
)
from provisioning_assets.data_model.rules.renewals import renewal_problems
from provisioning_assets.data_model.rules.written_rows import record_problems

ACCEPTED_TYPES: dict[type, tuple[GoogleSqlType, ...]] = {
    Sequence: ("INT64", "STRING"),
    Position: ("INT64",),
    PeriodStart: TIMES,
    StateName: ("STRING",),
    EnteredAt: TIMES,
    LeftAt: TIMES,
    Category: ("STRING", "INT64", "BOOL", "FLOAT64", "NUMERIC"),
    Flag: ("BOOL",),
    Number: NUMBERS,
    Walk: NUMBERS,
    Price: NUMBERS,
    Person: ("STRING",),
    Text: ("STRING",),
    Arrival: TIMES,
    After: TIMES,
    Before: TIMES,
    Moment: TIMES,
}
"""Generator -> types of the columns that it can fill. Generators that are not listed can fill columns of every type."""


def generator_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a column's generator, except those that depend on the values of other columns."""
    column, generator = checked.column, checked.column.generator
    accepted = ACCEPTED_TYPES.get(type(generator))
    if accepted is not None and column.type not in accepted:
        yield Problem(
            checked.place("type"),
            f"A column that has {words_of(generator)} cannot be {column.type}.",
            f"Make it {listed(accepted, 'or')}, or choose another generator.",
        )
    yield from _rows_problems(checked)
    yield from habit_problems(checked)
    for field, number in numbers_by_case(generator):
        yield from column_problems(checked.setting(field, "by"), number.by, checked.others, checked.whose)
    if isinstance(generator, StateName | EnteredAt | LeftAt) and column.null_share > 0:
        yield Problem(
            checked.place("null_share"), "A history cannot have missing states or moments.", "Drop null_share."
        )
    unusable = list(unusable_number_problems(checked.setting(), generator.model_dump()))
    yield from unusable
    check = CHECKS.get(type(generator))
    if check is not None and not unusable:
        yield from check(checked)


def _rows_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report a generator that needs another kind of rows than the table has."""
    generator, population = checked.column.generator, checked.table.population
    place, has_parent = checked.setting(), isinstance(population, PerParent | PerPeriod)
    if isinstance(generator, ParentKey | Position | Walk) and not has_parent:
        yield Problem(
            place,
            f"The column has {words_of(generator)}, but the rows of {checked.table.name} have no parent.",
            "Choose another generator, or name a parent in `rows`.",
        )
    if isinstance(generator, PeriodStart) and not isinstance(population, PerPeriod):
        yield Problem(
            place,
            "`period_start` needs one row for each period.",
            "Choose another generator, or give `rows` a parent and a period.",
        )
    if isinstance(generator, StateName | EnteredAt | LeftAt) and checked.lineage.history_of(checked.table.name) is None:
        yield Problem(
            place,
            f"The column has {words_of(generator)}, but the rows of {checked.table.name} are not the states of a parent.",
            "Choose another generator, or give `rows` a parent with states or milestones.",
        )
    if isinstance(generator, Arrival) and not isinstance(population, Scaled):
        yield Problem(
            place,
            "`arrival` needs independent rows (`share`), not rows that are written out or have a parent.",
            "Use `after` on a moment of the parent, or give `rows` a `share`.",
        )


def _sequence_problems(checked: CheckedColumn) -> Iterator[Problem]:
    generator = generator_as(checked.column, Sequence)
    if checked.column.type in ACCEPTED_TYPES[Sequence] and (generator.prefix is None) != (
        checked.column.type == "INT64"
    ):
        given = "without" if generator.prefix is None else "with"
        yield Problem(
            checked.setting("prefix"),
            f"The key is {checked.column.type}, but its values are {given} a prefix.",
            "Numbers (INT64) have no prefix, and texts (STRING) have one: change the type or the prefix.",
        )
    place = checked.setting("in_order_of")
    yield from column_problems(place, generator.in_order_of, checked.others, checked.whose, TIMES)
    if generator.in_order_of is not None and checked.table.primary_key != [checked.column.name]:
        yield Problem(place, "Only the key of a table is numbered in order of a moment.", "Drop `in_order_of`.")


def _expression_problems(checked: CheckedColumn) -> Iterator[Problem]:
    sql = generator_as(checked.column, Expression).sql
    yield from expression_problems(checked.setting("sql"), sql, checked.others, checked.whose)


def _address_problems(checked: CheckedColumn) -> Iterator[Problem]:
    part = generator_as(checked.column, Address).part
    wanted = "FLOAT64" if part in ("latitude", "longitude") else "STRING"
    if checked.column.type != wanted:
        yield Problem(
            checked.place("type"), f"The {part} of an address cannot be {checked.column.type}.", f"Make it {wanted}."
        )
    yield from near_address_problems(checked)


CHECKS: dict[type, Callable[[CheckedColumn], Iterator[Problem]]] = {
    Sequence: _sequence_problems,
    FromRecord: record_problems,
    ParentKey: parent_key_problems,
    Reference: reference_problems,
    Lookup: lookup_problems,
    RollUp: rollup_problems,
    Category: category_problems,
    Flag: flag_problems,
    Number: number_problems,
    Walk: walk_problems,
    Price: price_problems,
    Person: person_problems,
    Address: _address_problems,
    Text: text_problems,
    Arrival: arrival_problems,
    After: after_problems,
    Before: before_problems,
    Moment: moment_problems,
    FirstOf: first_of_problems,
    Renewal: renewal_problems,
    Expression: _expression_problems,
}
"""Generator -> checks of its own settings. Generators that are not listed have no such check."""
