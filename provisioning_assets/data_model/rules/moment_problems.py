"""Rules about moments: those before another moment, those on a grid, and the first of several."""

import math
from collections.abc import Iterator

from provisioning_assets.data_model.generators import After, Arrival, Before, FirstOf, Moment
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.column_names import (
    case_problems,
    column_place,
    expression_problems,
    own_column_problems,
    type_problems,
)
from provisioning_assets.data_model.snap import Snap
from provisioning_assets.data_model.tables import Column, Table

TIMES: tuple[GoogleSqlType, ...] = ("DATE", "DATETIME")
DAY_MINUTES = 24 * 60

WITHIN_A_DAY = "minutes, times or day_start"


def moment_problems(lineage: Lineage, table: Table, column: Column) -> Iterator[Problem]:
    """Report problems of a column that is a moment."""
    generator = column.generator
    match generator:
        case Before():
            yield from _before_problems(lineage, table, column, generator)
        case Moment():
            yield from type_problems(table, column, TIMES)
            yield from expression_problems(table, column, "sql", generator.sql, TIMES)
        case FirstOf():
            yield from type_problems(table, column, TIMES if generator.part == "moment" else ("STRING",))
            for name in generator.moments.values():
                yield from own_column_problems(table, column, "moments", name, TIMES)
        case _:
            pass
    if isinstance(generator, After | Before | Moment | Arrival) and generator.snap is not None:
        yield from _snap_problems(table, column, generator.snap)
        if isinstance(generator, Arrival):
            yield from _arrival_snap_problems(table, column, generator.snap)


def _before_problems(lineage: Lineage, table: Table, column: Column, generator: Before) -> Iterator[Problem]:
    place = column_place(table.name, column.name)
    yield from type_problems(table, column, TIMES)
    yield from own_column_problems(table, column, "base", generator.base, TIMES)
    yield from own_column_problems(table, column, "not_before", generator.not_before, TIMES)
    yield from own_column_problems(table, column, "by", generator.by)
    yield from case_problems(lineage, table, column, "median_by", generator.by, generator.median_by)
    if generator.not_before == generator.base:
        yield Problem((*place, "not_before"), "It is the same column as `base`.", "Name another one, or drop it.")
    if generator.where is not None:
        yield from expression_problems(table, column, "where", generator.where, ("BOOL",))
    if generator.maximum is not None and generator.maximum < generator.minimum:
        yield Problem(
            (*place, "maximum"),
            f"{generator.maximum} is below the minimum of {generator.minimum}.",
            "Exchange them.",
        )
    if not all(median > 0 for median in generator.median_by.values()):
        yield Problem((*place, "median_by"), "A median is not above 0.", "Give medians above 0.")
    for field, weights in (("hours", generator.hours), ("weekdays", generator.weekdays)):
        usable = weights is None or (all(math.isfinite(one) and one >= 0 for one in weights) and sum(weights) > 0)
        if not usable:
            yield Problem((*place, field), "No weight is above 0.", "Give weights of 0 or more, at least one above 0.")


def _snap_problems(table: Table, column: Column, snap: Snap) -> Iterator[Problem]:
    place = (*column_place(table.name, column.name), "snap")
    given = [field for field in ("minutes", "to", "times") if getattr(snap, field) is not None]
    if len(given) != 1:
        yield Problem(
            place, f"It has {' and '.join(given) or 'nothing to move to'}.", "Give one of minutes, to and times."
        )
        return
    if snap.weekdays is not None and snap.times is None:
        yield Problem((*place, "weekdays"), "Weekdays without times of the day.", "Give `times`, or drop `weekdays`.")
    if snap.minutes is not None and DAY_MINUTES % snap.minutes:
        yield Problem(
            (*place, "minutes"),
            f"A day is not a whole number of {snap.minutes} minutes.",
            f"Give a divisor of {DAY_MINUTES}: 5, 10, 15, 20, 30, 60, ...",
        )
    if column.type == "DATE" and (snap.minutes is not None or snap.times is not None):
        yield Problem(place, "A DATE has no time of day.", "Make the column DATETIME, or move it `to` a day.")


def _arrival_snap_problems(table: Table, column: Column, snap: Snap) -> Iterator[Problem]:
    """Report grids that move an arrival to a later day but keep its time of day: rows would no longer be sorted by arrival."""
    if column.type == "DATETIME" and snap.to is not None and (snap.to.endswith("_end") or snap.to == "workday"):
        yield Problem(
            (*column_place(table.name, column.name), "snap", "to"),
            f"Moments that move to a {snap.to} keep their time of day, and rows would no longer be in order of time.",
            "Make the arrival a DATE, snap it `to` a start, or give closed weekdays the weight 0.",
        )
