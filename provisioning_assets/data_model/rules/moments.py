"""Rules about moments: those a time after or before another one, computed ones, the first of several, and those on a grid."""

from collections.abc import Iterator

from provisioning_assets.data_model.generators import After, Arrival, Before, FirstOf, Moment
from provisioning_assets.data_model.lineage import generator_as
from provisioning_assets.data_model.open_days import keeps_its_day, open_weekdays
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.checked_column import TIMES, CheckedColumn, column_problems, listed
from provisioning_assets.data_model.rules.expressions import expression_problems
from provisioning_assets.data_model.rules.numbers import (
    bounds_problems,
    medians_problems,
    range_problems,
    weights_problems,
)
from provisioning_assets.data_model.snap import Snap

DAY_MINUTES = 24 * 60


def after_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a moment after another one."""
    yield from _time_apart_problems(checked, generator_as(checked.column, After))


def before_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a moment before another one."""
    generator = generator_as(checked.column, Before)
    yield from _time_apart_problems(checked, generator)
    yield from column_problems(
        checked.setting("not_before"), generator.not_before, checked.others, checked.whose, TIMES
    )
    if generator.not_before == generator.base:
        yield Problem(
            checked.setting("not_before"),
            "It is the same column as `base`.",
            "Name another column, or drop `not_before`.",
        )


def _time_apart_problems(checked: CheckedColumn, generator: After | Before) -> Iterator[Problem]:
    yield from column_problems(checked.setting("base"), generator.base, checked.others, checked.whose, TIMES)
    yield from column_problems(checked.setting("by"), generator.by, checked.others, checked.whose)
    yield from medians_problems(checked.setting("median_by"), generator.median_by)
    yield from range_problems(checked.setting("sigma"), generator.sigma, "sigma", 0)
    yield from range_problems(checked.setting("minimum"), generator.minimum, "shortest time", 0)
    yield from range_problems(checked.setting("probability"), generator.probability, "probability", 0, 1)
    yield from bounds_problems(checked.setting("minimum"), generator.minimum, generator.maximum)
    yield from expression_problems(checked.setting("times"), generator.times, checked.others, checked.whose)
    yield from expression_problems(checked.setting("where"), generator.where, checked.others, checked.whose)
    yield from weights_problems(checked.setting("hours"), generator.hours)
    yield from weights_problems(checked.setting("weekdays"), generator.weekdays)
    yield from _snap_problems(checked, generator.snap)
    yield from _closed_days_problems(checked, generator)


def arrival_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of the arrival times of rows."""
    generator = generator_as(checked.column, Arrival)
    for field in ("months", "weekdays", "hours"):
        yield from weights_problems(checked.setting(field), getattr(generator, field))
    if generator.growth_per_year <= -1:
        yield Problem(
            checked.setting("growth_per_year"),
            f"With a growth of {generator.growth_per_year} a year, no rows are left after one year.",
            "Give a number above -1; -0.2 is a fifth less each year.",
        )
    if generator.holidays < 0:
        yield Problem(
            checked.setting("holidays"),
            f"The factor of holidays is {generator.holidays}.",
            "Give 0 or more; 1 makes a holiday a usual day.",
        )
    if generator.before_days and generator.before_history:
        yield Problem(
            checked.setting("before_history"),
            "It has both a share and days before the history.",
            "Give one of them: days go on at the history's own rate.",
        )
    yield from _snap_problems(checked, generator.snap)
    to = None if generator.snap is None else generator.snap.to
    # these grids move a moment to a later day and keep its time of day: rows would no longer be sorted by arrival
    if checked.column.type == "DATETIME" and to is not None and (to.endswith("_end") or to == "workday"):
        yield Problem(
            checked.setting("snap", "to"),
            f"Moments that move to a {to} keep their time of day, and rows would no longer be in order of time.",
            "Make the arrival a DATE, move it `to` a start, or give closed weekdays the weight 0.",
        )


def moment_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a computed moment, except those of the type of its expression."""
    generator = generator_as(checked.column, Moment)
    yield from expression_problems(checked.setting("sql"), generator.sql, checked.others, checked.whose)
    yield from weights_problems(checked.setting("hours"), generator.hours)
    yield from weights_problems(checked.setting("weekdays"), generator.weekdays)
    yield from _snap_problems(checked, generator.snap)
    yield from _closed_days_problems(checked, generator)


def first_of_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of the first of several moments, or of its cause."""
    generator = generator_as(checked.column, FirstOf)
    accepted = TIMES if generator.part == "moment" else ("STRING",)
    if checked.column.type not in accepted:
        yield Problem(
            checked.place("type"),
            f"A column with the {'earliest' if generator.part == 'moment' else 'cause of the earliest'} of several moments "
            f"cannot be {checked.column.type}.",
            f"Make it {listed(accepted, 'or')}.",
        )
    for cause, name in generator.moments.items():
        yield from column_problems(checked.setting("moments", cause), name, checked.others, checked.whose, TIMES)


def _closed_days_problems(checked: CheckedColumn, generator: After | Before | Moment) -> Iterator[Problem]:
    """Report a moment that cannot leave public holidays, because its grid or its weekdays hold it there."""
    if generator.holidays == 1:
        return
    if generator.snap is not None and not keeps_its_day(generator):
        yield Problem(
            checked.setting("holidays"),
            f"A moment that moves to a {generator.snap.to} cannot also leave public holidays.",
            "Drop `holidays` (and `calendar`), or move it to a `workday`.",
        )
    elif not any(open_weekdays(generator)):
        yield Problem(
            checked.setting("weekdays"),
            "No weekday is open: those of the timetable are closed.",
            "Open one of the weekdays of `snap`.",
        )


def _snap_problems(checked: CheckedColumn, snap: Snap | None) -> Iterator[Problem]:
    """Report problems of the grid that a moment is moved to; None means that it is not moved."""
    if snap is None:
        return
    given = [field for field in ("minutes", "to", "times") if getattr(snap, field) is not None]
    if len(given) != 1:
        yield Problem(
            checked.setting("snap"),
            f"It has {listed(given)}." if given else "It has none of `minutes`, `to` and `times`.",
            "Give exactly one of `minutes`, `to` and `times`.",
        )
        return
    if snap.weekdays is not None and snap.times is None:
        yield Problem(
            checked.setting("snap", "weekdays"),
            "`weekdays` is given without `times`.",
            "Give `times`, or drop `weekdays`.",
        )
    if snap.minutes is not None and DAY_MINUTES % snap.minutes:
        yield Problem(
            checked.setting("snap", "minutes"),
            f"A day is not a whole number of {snap.minutes} minutes.",
            f"Give a divisor of {DAY_MINUTES}: 5, 10, 15, 20, 30, 60, ...",
        )
    if checked.column.type == "DATE" and (snap.minutes is not None or snap.times is not None):
        yield Problem(
            checked.setting("snap"), "A DATE has no time of day.", "Make the column DATETIME, or move it `to` a day."
        )
