"""Rules about habits: can a column have the usual value of the row's owner in a share of its rows?"""

from collections.abc import Iterator

from provisioning_assets.data_model.case_numbers import numbers_by_case
from provisioning_assets.data_model.generator_words import WORDS, words_of
from provisioning_assets.data_model.generators import Category, Expression, Flag, Number, Price, Reference
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.checked_column import NUMBERS, CheckedColumn, column_problems, listed
from provisioning_assets.data_model.rules.numbers import range_problems

WITH_HABITS = (Reference, Category, Flag, Number, Price, Expression)
"""Generators whose columns can have a habit."""


def habit_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a column's habit; none if it has none."""
    usually, generator = checked.column.usually, checked.column.generator
    if usually is None:
        return
    if not isinstance(generator, WITH_HABITS):
        accepted = [WORDS[kind.model_fields["kind"].default] for kind in WITH_HABITS]
        yield Problem(
            checked.place("usually"),
            f"The column has {words_of(generator)}, which follow no habit.",
            f"Drop `usually`, or choose a generator of {listed(accepted, 'or')}.",
        )
        return
    yield from range_problems(checked.place("usually", "share"), usually.share, "share", 0, 1)
    for field, number in numbers_by_case(usually):
        place = checked.place("usually", field, "by")
        yield from column_problems(place, number.by, checked.others, checked.whose)
    place = checked.place("usually", "column")
    yield from column_problems(place, usually.column, checked.others, checked.whose)
    if usually.column not in checked.others:
        return
    kind, usual = checked.column.type, checked.others[usually.column].type
    if kind != usual and not {kind, usual} <= set(NUMBERS):
        yield Problem(
            place,
            f"{usually.column} is {usual}, but {checked.column.name} is {kind}.",
            f"Name a column that is {kind}, too.",
        )
    if isinstance(generator, Reference):
        target = checked.lineage.target(checked.table.name, usually.column)
        if target != generator.table:
            yield Problem(
                place,
                f"{usually.column} {'is no key of another table' if target is None else f'has keys of {target}'}, but "
                f"{checked.column.name} refers to {generator.table}.",
                f"Name a column with a key of {generator.table}.",
            )
