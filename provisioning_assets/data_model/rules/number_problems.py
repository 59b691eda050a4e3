"""Checks that a number can be drawn for each case of another column's value."""

from collections.abc import Iterator

from provisioning_assets.data_model.generators import Number
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.column_names import case_problems, column_place, own_column_problems
from provisioning_assets.data_model.tables import Column, Table

POSITIVE = ("lognormal", "poisson", "gamma")
"""Distributions whose median or mean is above 0."""


def number_case_problems(lineage: Lineage, table: Table, column: Column) -> Iterator[Problem]:
    """Report problems of a number whose parameter ``a`` depends on another column."""
    generator = column.generator
    if not isinstance(generator, Number):
        return
    yield from own_column_problems(table, column, "by", generator.by)
    yield from case_problems(lineage, table, column, "a_by", generator.by, generator.a_by)
    place = (*column_place(table.name, column.name), "a_by")
    for case, a in generator.a_by.items():
        if generator.distribution in POSITIVE and not a > 0:
            yield Problem(place, f"{a} for '{case}' is not above 0.", f"A {generator.distribution} number needs that.")
        if generator.distribution == "uniform" and a > generator.b:
            yield Problem(place, f"{a} for '{case}' is above the upper end {generator.b}.", "Give a lower one.")
