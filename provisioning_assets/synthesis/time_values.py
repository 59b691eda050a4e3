"""Moments of rows: arrivals, moments after or before another moment, and moments computed from other columns."""

import numpy as np
import polars as pl

from provisioning_assets.data_model.calendar import DAY_SECONDS, day_number, end_of_as_of, history_start
from provisioning_assets.data_model.expressions import evaluate, holds
from provisioning_assets.data_model.generators import After, Arrival, Before, FirstOf, Moment
from provisioning_assets.data_model.histories import UNIT_SECONDS
from provisioning_assets.data_model.keyed_random import Floats, Integers
from provisioning_assets.data_model.lineage import generator_as
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.open_days import open_weekdays
from provisioning_assets.data_model.row_counts import root_rows
from provisioning_assets.data_model.snap import Snap
from provisioning_assets.data_model.tables import Column
from provisioning_assets.synthesis import arrivals
from provisioning_assets.synthesis.before_history import last_open_moment
from provisioning_assets.synthesis.block import Block
from provisioning_assets.synthesis.cases import bounds, number
from provisioning_assets.synthesis.clock import (
    BEFORE_ALL,
    NEVER,
    in_earlier_hours,
    in_hours,
    on_weekdays,
    seconds_of,
    series_of,
)
from provisioning_assets.synthesis.effects import Mask, scaled
from provisioning_assets.synthesis.parameters import by_case, planted
from provisioning_assets.synthesis.row_numbers import at_pointers
from provisioning_assets.synthesis.snapping import grid_of, on_grid, on_holiday, open_days, snapped


def arrival(block: Block, table: str, column: Column) -> pl.Series:
    """Arrival time of each row; it increases with the row number."""
    generator = generator_as(column, Arrival)
    model = block.lineage.model
    jitter = block.random(table, column.name).random(block.rows[table])
    seconds = arrivals.moments(
        model,
        table,
        column.name,
        generator,
        block.lineage.effects_on(table, column.name),
        root_rows(block.lineage, table),
        block.first_row,
        jitter,
    )
    if generator.snap is not None:
        seconds = _arrivals_on_grid(model, column, generator.snap, seconds)
    if block.number == 0 and len(seconds) and block.lineage.is_anchor(table, column.name):
        opening = np.array([last_open_moment(model, generator)])
        if generator.snap is not None:
            opening = grid_of(generator.snap, model.country).last(_of_column(opening, column))
        seconds[0] = min(seconds[0], opening[0])
    return series_of(seconds, as_date=column.type == "DATE")


def _arrivals_on_grid(model: DataModel, column: Column, snap: Snap, seconds: Integers) -> Integers:
    """Ascending moments, moved to a grid and still ascending; the first and last grid point in the history are the bounds."""
    start = day_number(history_start(model)) * DAY_SECONDS
    seconds = _of_column(seconds, column)
    earliest = np.where(seconds >= start, start, BEFORE_ALL)
    latest = np.full(len(seconds), end_of_as_of(model))
    found, inside = snapped(snap, model.country, seconds, earliest, latest)
    return np.where(inside, found, seconds)


def after(block: Block, table: str, column: Column) -> pl.Series:
    """A moment after another moment of the row."""
    generator = generator_as(column, After)
    base = block.columns[table][generator.base]
    began = seconds_of(base, missing=BEFORE_ALL)
    lasted, known = _lasting(
        block, table, column, generator, in_days=base.dtype == pl.Date and generator.unit == "days"
    )
    moments = began + (lasted * UNIT_SECONDS[generator.unit]).astype(np.int64)
    if generator.hours is not None:
        moments = in_hours(moments, began, block.uniforms(table, column.name, "hour"), generator.hours)
    if generator.weekdays is not None:
        moments = on_weekdays(moments, began, block.uniforms(table, column.name, "weekday"), generator.weekdays)
    valid = known & (began != BEFORE_ALL)
    if generator.snap is not None:
        moments, valid = _on_grid(block, column, generator.snap, moments, valid, earliest=began)
    if generator.holidays < 1:
        moments, valid = _on_open_days(block, table, column, generator, moments, valid)
    valid &= moments <= end_of_as_of(block.lineage.model)
    return _of_some(block, table, column, generator, moments, valid)


def before(block: Block, table: str, column: Column) -> pl.Series:
    """A moment before another moment of the row, and not before a third one."""
    generator = generator_as(column, Before)
    base = block.columns[table][generator.base]
    until = seconds_of(base, missing=BEFORE_ALL)
    ahead, known = _lasting(block, table, column, generator, in_days=base.dtype == pl.Date and generator.unit == "days")
    moments = until - (ahead * UNIT_SECONDS[generator.unit]).astype(np.int64)
    if generator.hours is not None:
        moments = in_earlier_hours(moments, until, block.uniforms(table, column.name, "hour"), generator.hours)
    if generator.weekdays is not None:
        uniforms = block.uniforms(table, column.name, "weekday")
        moments = on_weekdays(moments, until, uniforms, generator.weekdays, earlier=True)
    valid = known & (until != BEFORE_ALL)
    since = None
    if generator.not_before is not None:
        since = seconds_of(block.columns[table][generator.not_before], missing=BEFORE_ALL)
        valid &= _of_column(until, column) >= _of_column(since, column)
        moments = np.maximum(moments, since)
    if generator.snap is not None:
        moments, valid = _on_grid(block, column, generator.snap, moments, valid, earliest=since, latest=until)
    if generator.holidays < 1:
        moments, valid = _on_open_days(block, table, column, generator, moments, valid, since, until)
    valid &= moments <= end_of_as_of(block.lineage.model)
    return _of_some(block, table, column, generator, moments, valid)


def moment(block: Block, table: str, column: Column) -> pl.Series:
    """The result of an expression, moved out of closed times; null if it is after the as-of date."""
    generator = generator_as(column, Moment)
    moments = seconds_of(evaluate(generator.sql, block.frame(table)), missing=BEFORE_ALL)
    valid = moments != BEFORE_ALL
    if generator.hours is not None and column.type == "DATETIME":
        uniforms = block.uniforms(table, column.name, "hour")
        moments = np.where(valid, in_hours(moments, moments, uniforms, generator.hours), moments)
    if generator.weekdays is not None:
        # a moment that is its own base leaves closed days only, whatever is drawn
        moments = np.where(valid, on_weekdays(moments, moments, np.zeros(len(moments)), generator.weekdays), moments)
    if generator.snap is not None:
        moments, valid = _on_grid(block, column, generator.snap, moments, valid)
    if generator.holidays < 1:
        moments, valid = _on_open_days(block, table, column, generator, moments, valid)
    valid &= moments <= end_of_as_of(block.lineage.model)
    return series_of(np.where(valid, moments, 0), column.type == "DATE", valid)


def first_of(block: Block, table: str, column: Column) -> pl.Series:
    """The earliest of several moments of the row, or the label of that moment."""
    generator = generator_as(column, FirstOf)
    columns = [seconds_of(block.columns[table][name], missing=NEVER) for name in generator.moments.values()]
    moments = np.stack(columns)
    earliest = moments.argmin(axis=0)
    found = moments.min(axis=0)
    if generator.part == "cause":
        return at_pointers(pl.Series(list(generator.moments), dtype=pl.String), np.where(found == NEVER, -1, earliest))
    return series_of(np.where(found == NEVER, 0, found), column.type == "DATE", found != NEVER)


def _lasting(
    block: Block, table: str, column: Column, generator: After | Before, *, in_days: bool
) -> tuple[Floats, Mask]:
    """Distance between each moment and its base, in the generator's unit, and whether it is known.

    ``in_days``: the base is a date, and the distance is whole days.
    """
    columns = block.columns[table]
    medians = scaled(
        by_case(block, table, generator.by, generator.median_by, generator.median), planted(block, table, column)
    )
    known = np.ones(block.rows[table], dtype=np.bool_)
    if generator.times is not None:
        times = evaluate(generator.times, block.frame(table)).cast(pl.Float64)
        known = times.is_not_null().to_numpy()
        medians = medians * times.fill_null(1.0).to_numpy()
    lasted = block.normals(table, column.name, "duration")
    lasted *= number(columns, generator.sigma)
    np.exp(lasted, out=lasted)
    lasted *= medians
    minimum, maximum = bounds(columns, generator.minimum, generator.maximum)
    np.clip(lasted, minimum, maximum, out=lasted)
    return np.maximum(np.rint(lasted), np.ceil(0.0 if minimum is None else minimum)) if in_days else lasted, known


def _of_some(
    block: Block, table: str, column: Column, generator: After | Before, moments: Integers, valid: Mask
) -> pl.Series:
    """The moments as a series; null for rows that are not valid, fail the condition, or are outside the random share."""
    if generator.probability != 1:
        happens = block.uniforms(table, column.name, "happens")
        valid &= happens < number(block.columns[table], generator.probability)
    if generator.where is not None:
        valid &= holds(generator.where, block.frame(table)).to_numpy()
    return series_of(np.where(valid, moments, 0), column.type == "DATE", valid)


def _of_column(seconds: Integers, column: Column) -> Integers:
    """Moments at the precision of a column: for a DATE column, the midnights."""
    return seconds // DAY_SECONDS * DAY_SECONDS if column.type == "DATE" else seconds


def _on_open_days(
    block: Block,
    table: str,
    column: Column,
    generator: After | Before | Moment,
    moments: Integers,
    valid: Mask,
    earliest: Integers | None = None,
    latest: Integers | None = None,
) -> tuple[Integers, Mask]:
    """Moments moved by whole days off public holidays and closed weekdays, except the share that stays on holidays.

    ``Before`` moves back, and forward where that would be before ``earliest``; without an open day within the bounds the moment
    becomes invalid.
    """
    country = block.lineage.model.country
    rows = np.flatnonzero(valid)
    if generator.holidays > 0 and len(rows):
        stays = block.uniforms(table, column.name, "holiday")[rows] < generator.holidays
        rows = rows[~(stays & on_holiday(country, moments[rows]))]
    bounds = [None if bound is None else _of_column(bound[rows], column) for bound in (earliest, latest)]
    grid = open_days(country, open_weekdays(generator), back=isinstance(generator, Before))
    moments, valid = moments.copy(), valid.copy()
    moments[rows], valid[rows] = on_grid(grid, _of_column(moments[rows], column), *bounds)
    return moments, valid


def _on_grid(
    block: Block,
    column: Column,
    snap: Snap,
    moments: Integers,
    valid: Mask,
    earliest: Integers | None = None,
    latest: Integers | None = None,
) -> tuple[Integers, Mask]:
    """Moments on the grid. Invalid moments stay unchanged; moments without a grid point within bounds become invalid."""
    rows = np.flatnonzero(valid)
    bounds = [None if bound is None else _of_column(bound[rows], column) for bound in (earliest, latest)]
    found, inside = snapped(snap, block.lineage.model.country, _of_column(moments[rows], column), *bounds)
    moments, valid = moments.copy(), valid.copy()
    moments[rows], valid[rows] = found, inside
    return moments, valid
