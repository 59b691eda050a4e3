"""Values that are drawn: categories, flags, numbers, prices, moments, texts and persons."""

import math
from collections.abc import Iterator, Mapping

from provisioning_assets.data_model.amounts import minor_digits, price_step
from provisioning_assets.data_model.generators import After, Arrival, Category, Flag, Number, Person, Price, Text, Walk
from provisioning_assets.data_model.lineage import generator_as
from provisioning_assets.data_model.problems import Problem, suggestion
from provisioning_assets.data_model.rules.checked_column import (
    NUMBERS,
    TIMES,
    CheckedColumn,
    column_problems,
    listed,
)
from provisioning_assets.data_model.rules.expressions import expression_problems
from provisioning_assets.data_model.rules.numbers import weights_problems
from provisioning_assets.data_model.text_grammar import GrammarError, check_grammar

ROUNDING = 1e-9
"""Bounds and endings are decimals, and not all of them are binary numbers."""

NORMAL = ("lognormal", "normal")
"""Distributions whose draws are normal scores, so that two of them can be correlated."""


def category_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Problems of a category's values and weights."""
    generator = generator_as(checked.column, Category)
    yield from _by_problems(checked, generator.by)
    cases = [(checked.setting("weights_by", case), weights) for case, weights in generator.weights_by.items()]
    for place, weights in [(checked.setting("weights"), generator.weights), *cases]:
        if len(weights) != len(generator.values):
            yield Problem(
                place,
                f"The number of weights is {len(weights)}, that of the values {len(generator.values)}.",
                "Give one weight for each value.",
            )
        yield from weights_problems(place, weights)
    texts = [str(value) for value in generator.values]
    twice = sorted({text for text in texts if texts.count(text) > 1})
    if twice:
        yield Problem(checked.setting("values"), f"Values that are there twice: {listed(twice)}.", "Write each once.")
    kinds = {"INT64": int, "FLOAT64": int, "NUMERIC": int, "BOOL": bool}
    kind = kinds.get(checked.column.type)
    if kind is not None and any(type(value) is not kind for value in generator.values):
        wrong = [value for value in generator.values if type(value) is not kind]
        yield Problem(
            checked.setting("values"),
            f"The column is {checked.column.type}, and not all values are: {listed(wrong)}.",
            f"Write {'whole numbers' if kind is int else 'true and false'}, or make the column STRING.",
        )


def flag_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Problems of a flag's rates."""
    generator = generator_as(checked.column, Flag)
    yield from _by_problems(checked, generator.by)
    for case, rate in generator.rate_by.items():
        if not 0 <= rate <= 1:
            yield Problem(
                checked.setting("rate_by", case),
                f"The rate {rate} is not between 0 and 1.",
                "Give a share of the rows.",
            )


def number_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Problems of a number's distribution, bounds and factor."""
    generator = generator_as(checked.column, Number)
    yield from expression_problems(
        checked.setting("times"), generator.times, checked.others, f"another column of {checked.table.name}"
    )
    above_0 = {"lognormal": ("a",), "poisson": ("a",), "gamma": ("a", "b")}.get(generator.distribution, ())
    for field in above_0:
        if getattr(generator, field) <= 0:
            yield Problem(
                checked.setting(field),
                f"`{field}` of a {generator.distribution} number is {getattr(generator, field)}.",
                "Give a number above 0.",
            )
    if generator.distribution in NORMAL and generator.b < 0:
        yield Problem(checked.setting("b"), f"The spread b is {generator.b}.", "Give 0 or more.")
    if generator.distribution == "uniform" and generator.b < generator.a:
        yield Problem(
            checked.setting("b"),
            f"The upper end b ({generator.b}) is below the lower end a ({generator.a}).",
            "Exchange them.",
        )
    yield from _bounds_problems(checked, generator.minimum, generator.maximum)
    if generator.correlation is not None:
        yield from _correlation_problems(checked, generator, generator.correlation.column)


def _correlation_problems(checked: CheckedColumn, generator: Number, name: str) -> Iterator[Problem]:
    place = checked.setting("correlation", "column")
    if generator.distribution not in NORMAL:
        yield Problem(
            checked.setting("correlation"),
            f"A {generator.distribution} number cannot be correlated with another one.",
            f"Drop the correlation, or make the distribution {listed(NORMAL, 'or')}.",
        )
    numbers = [
        other.name
        for other in checked.others.values()
        if isinstance(other.generator, Number) and other.generator.distribution in NORMAL
    ]
    if name not in numbers:
        yield Problem(
            place,
            f"'{name}' is not another {listed(NORMAL, 'or')} number of {checked.table.name}.",
            suggestion(name, numbers),
        )


def walk_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Problems of where a walk begins."""
    base = generator_as(checked.column, Walk).base
    whose = f"another column of {checked.table.name}"
    yield from column_problems(checked.setting("base"), base, checked.others, whose, NUMBERS)


def price_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Problems of a price's range and endings."""
    generator = generator_as(checked.column, Price)
    yield from _by_problems(checked, generator.by)
    yield from _medians_problems(checked, generator.median_by)
    yield from _bounds_problems(checked, generator.minimum, generator.maximum)
    place, endings = checked.setting("endings"), listed(generator.endings)
    if not generator.endings:
        yield Problem(place, "The list of endings is empty.", "Give at least one, from 0 to below 1: 0.99.")
    elif not all(0 <= ending < 1 for ending in generator.endings):
        yield Problem(
            place, f"Not all endings are fractions of a unit: {endings}.", "Give numbers from 0 to below 1: 0.99."
        )
    elif generator.minimum <= generator.maximum and not _an_ending_fits(checked.lineage.model.currency, generator):
        yield Problem(
            place,
            f"No price from {generator.minimum} to {generator.maximum} has one of the endings {endings}.",
            "Widen the range, or give an ending that lies in it.",
        )


def _an_ending_fits(currency: str, generator: Price) -> bool:
    step = price_step(generator.median, minor_digits(currency))
    lowest = [math.ceil(generator.minimum / step - ending - ROUNDING) + ending for ending in generator.endings]
    return min(lowest) * step <= generator.maximum + ROUNDING


def after_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Problems of a moment after another one."""
    generator, whose = generator_as(checked.column, After), f"another column of {checked.table.name}"
    yield from column_problems(checked.setting("base"), generator.base, checked.others, whose, TIMES)
    yield from _by_problems(checked, generator.by)
    yield from _medians_problems(checked, generator.median_by)
    yield from _bounds_problems(checked, generator.minimum, generator.maximum)
    yield from expression_problems(checked.setting("where"), generator.where, checked.others, whose)
    yield from weights_problems(checked.setting("hours"), generator.hours)
    yield from weights_problems(checked.setting("weekdays"), generator.weekdays)


def arrival_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Problems of when rows come."""
    generator = generator_as(checked.column, Arrival)
    for field in ("months", "weekdays", "hours"):
        yield from weights_problems(checked.setting(field), getattr(generator, field))
    if generator.growth_per_year <= -1:
        yield Problem(
            checked.setting("growth_per_year"),
            f"Growth of {generator.growth_per_year} a year leaves nothing.",
            "Give a number above -1; -0.2 is a fifth less each year.",
        )
    if generator.holidays < 0:
        yield Problem(
            checked.setting("holidays"),
            f"The factor of holidays is {generator.holidays}.",
            "Give 0 or more; 1 is a usual day.",
        )


def text_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Problems of a text's grammar."""
    generator = generator_as(checked.column, Text)
    yield from _by_problems(checked, generator.by)
    cases = [(checked.setting("templates_by", case), given) for case, given in generator.templates_by.items()]
    for place, templates in [(checked.setting("templates"), generator.templates), *cases]:
        if not templates:
            yield Problem(place, "There are no templates.", "Write at least one, or drop the case.")
        try:
            check_grammar(templates, generator.parts, list(checked.others))
        except GrammarError as error:
            yield Problem(
                place,
                f"A text cannot be written: {error}.",
                "Add the part, give it words, or name a column of the table.",
            )


def person_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Problems of the company at which a person works."""
    company, whose = generator_as(checked.column, Person).company, f"another column of {checked.table.name}"
    yield from column_problems(checked.setting("company"), company, checked.others, whose, ["STRING"])


def _by_problems(checked: CheckedColumn, by: str | None) -> Iterator[Problem]:
    """Problems of the column that decides between cases."""
    yield from column_problems(checked.setting("by"), by, checked.others, f"another column of {checked.table.name}")


def _medians_problems(checked: CheckedColumn, medians: Mapping[str, float]) -> Iterator[Problem]:
    for case, median in medians.items():
        if median <= 0:
            yield Problem(
                checked.setting("median_by", case), f"The median {median} is not above 0.", "Give a number above 0."
            )


def _bounds_problems(checked: CheckedColumn, minimum: float | None, maximum: float | None) -> Iterator[Problem]:
    if minimum is not None and maximum is not None and minimum > maximum:
        yield Problem(
            checked.setting("minimum"),
            f"The minimum {minimum} is above the maximum {maximum}.",
            "Exchange them, or drop one.",
        )
