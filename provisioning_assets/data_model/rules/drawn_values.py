"""Rules about values that are drawn: categories, flags, numbers, prices, texts and persons."""

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from provisioning_assets.data_model.amounts import minor_digits, price_step
from provisioning_assets.data_model.case_numbers import NumberByCase, numbers_of
from provisioning_assets.data_model.generators import Category, Flag, Number, Person, Price, Text, Walk
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
from provisioning_assets.data_model.rules.numbers import (
    bounds_problems,
    medians_problems,
    range_problems,
    weights_problems,
)
from provisioning_assets.data_model.text_grammar import GrammarError, check_grammar

ROUNDING = 1e-9
"""Tolerance of comparisons: bounds and endings are decimals, which binary floats represent with small errors."""

NORMAL = ("lognormal", "normal")
"""Distributions that are drawn from normal scores. Only columns of these distributions can be correlated."""


PARAMETERS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "lognormal": {"a": "median", "b": "sigma"},
        "normal": {"a": "mean", "b": "standard deviation"},
        "uniform": {"a": "lower end", "b": "upper end"},
        "poisson": {"a": "mean"},
        "gamma": {"a": "mean", "b": "shape"},
    }
)
"""Distribution -> parameter in the data model -> its name in blueprints, for messages to their authors."""


def category_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a category's values and weights."""
    generator = generator_as(checked.column, Category)
    yield from _by_problems(checked, generator.by)
    cases = [(checked.setting("weights_by", case), weights) for case, weights in generator.weights_by.items()]
    for place, weights in [(checked.setting("weights"), generator.weights), *cases]:
        if len(weights) != len(generator.values):
            yield Problem(
                place,
                f"There are {len(weights)} weights for {len(generator.values)} values.",
                "Give one weight for each value.",
            )
        yield from weights_problems(place, weights)
    texts = [str(value) for value in generator.values]
    twice = sorted({text for text in texts if texts.count(text) > 1})
    if twice:
        yield Problem(
            checked.setting("values"), f"These values occur more than once: {listed(twice)}.", "Write each once."
        )
    kinds = {"INT64": int, "FLOAT64": int, "NUMERIC": int, "BOOL": bool}
    kind = kinds.get(checked.column.type)
    if kind is not None and any(type(value) is not kind for value in generator.values):
        wrong = [value for value in generator.values if type(value) is not kind]
        yield Problem(
            checked.setting("values"),
            f"The column is {checked.column.type}, but these values are not: {listed(wrong)}.",
            f"Write {'whole numbers' if kind is int else 'true and false'}, or make the column STRING.",
        )


def flag_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a flag's rates."""
    generator = generator_as(checked.column, Flag)
    yield from _by_problems(checked, generator.by)
    for case, rate in generator.rate_by.items():
        if not 0 <= rate <= 1:
            yield Problem(
                checked.setting("rate_by", case),
                f"The rate {rate} is not between 0 and 1.",
                "Give the share of the rows that are true.",
            )


def number_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a number's distribution, bounds and factor."""
    generator = generator_as(checked.column, Number)
    yield from _by_problems(checked, generator.by)
    yield from expression_problems(checked.setting("times"), generator.times, checked.others, checked.whose)
    parameters, kind = PARAMETERS[generator.distribution], generator.distribution
    above_0 = {"lognormal": ("a",), "poisson": ("a",), "gamma": ("a", "b")}.get(kind, ())
    if "a" in above_0:
        what = f"{parameters['a']} of a {kind} number"
        yield from range_problems(checked.setting("a"), generator.a, what, 0, above=True)
        for case, value in generator.a_by.items():
            yield from range_problems(checked.setting("a_by", case), value, what, 0, above=True, of_case=case)
    if "b" in above_0:
        what = f"{parameters['b']} of a {kind} number"
        yield from range_problems(checked.setting("b"), generator.b, what, 0, above=True)
    if kind in NORMAL:
        yield from range_problems(checked.setting("b"), generator.b, parameters["b"], 0)
    if kind == "uniform":
        yield from _ends_problems(checked, generator)
    yield from bounds_problems(checked.setting("minimum"), generator.minimum, generator.maximum)
    if generator.correlation is not None:
        yield from _correlation_problems(checked, generator, generator.correlation.column)


def _ends_problems(checked: CheckedColumn, generator: Number) -> Iterator[Problem]:
    """Report a lower end of a uniform number above its upper end, in the same case if one column decides both."""
    upper, lower = generator.b, generator.a_by
    if isinstance(upper, NumberByCase) and upper.by == generator.by:
        ends, base = {case: upper.cases.get(case, upper.otherwise) for case in lower | upper.cases}, upper.otherwise
    else:
        base = min(numbers_of(upper))
        ends = dict.fromkeys(lower, base)
    if base < generator.a:
        yield Problem(
            checked.setting("b"), f"The upper end ({base}) is below the lower end ({generator.a}).", "Exchange them."
        )
    for case, end in ends.items():
        low = lower.get(case, generator.a)
        if low > end:
            yield Problem(
                checked.setting("a_by", case),
                f"The lower end {low} for '{case}' is above the upper end {end}.",
                "Give a lower one.",
            )


def _correlation_problems(checked: CheckedColumn, generator: Number, name: str) -> Iterator[Problem]:
    place = checked.setting("correlation", "column")
    if generator.distribution not in NORMAL:
        yield Problem(
            checked.setting("correlation"),
            f"A {generator.distribution} number cannot be correlated with another number.",
            f"Drop the correlation, or draw a {listed(NORMAL, 'or')} number.",
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
    """Report problems of a walk's first value, of its changes and of its season."""
    generator = generator_as(checked.column, Walk)
    yield from column_problems(checked.setting("base"), generator.base, checked.others, checked.whose, NUMBERS)
    yield from range_problems(checked.setting("growth"), generator.growth, "growth", -1, above=True)
    yield from range_problems(checked.setting("sigma"), generator.sigma, "sigma", 0)
    yield from range_problems(checked.setting("pull"), generator.pull, "pull", 0, 1)
    yield from range_problems(checked.setting("noise"), generator.noise, "noise", 0)
    yield from weights_problems(checked.setting("months"), generator.months)
    yield from column_problems(checked.setting("at"), generator.at, checked.others, checked.whose, TIMES)
    if (generator.months is None) != (generator.at is None):
        yield Problem(
            checked.setting("at"),
            "`months` (factors of the months) and `at` (the moment of the row) need each other.",
            "Give both, or neither.",
        )


def price_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a price's range and endings."""
    generator = generator_as(checked.column, Price)
    yield from _by_problems(checked, generator.by)
    yield from medians_problems(checked.setting("median_by"), generator.median_by)
    yield from range_problems(checked.setting("sigma"), generator.sigma, "sigma", 0)
    yield from bounds_problems(checked.setting("minimum"), generator.minimum, generator.maximum)
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


def text_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a text's grammar."""
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
    """Report problems of the company at which a person works."""
    company = generator_as(checked.column, Person).company
    yield from column_problems(checked.setting("company"), company, checked.others, checked.whose, ["STRING"])


def _by_problems(checked: CheckedColumn, by: str | None) -> Iterator[Problem]:
    """Report problems of the column that decides between cases."""
    yield from column_problems(checked.setting("by"), by, checked.others, checked.whose)
