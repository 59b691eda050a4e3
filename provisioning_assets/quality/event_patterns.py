"""How the events of the main tables are spread over amounts, entities, months, weekdays and hours.

DuckDB counts them in the Parquet files. A few hundred numbers for each table are kept in memory, whatever its rows.
"""

# ruff: noqa: S608  (names match the data model's Name pattern)

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
from upath import UPath

from provisioning_assets.data_model.calendar import history_start
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.tables import Table
from provisioning_assets.quality.realism_bars import ACTED_BY_PEOPLE, MADE_BY_A_CALENDAR
from provisioning_assets.quality.table_views import table_views
from provisioning_assets.synthesis.models import SyntheticTables

MOST_TABLES = 3
"""Largest number of tables that are drawn; the pictures of further ones would look the same."""

FINE_BINS_PER_E, BARS_PER_E = 200, 5
"""Logarithmic bins of amounts for each factor of e. 200 bins are 0.5% wide, which is the error of the quantiles; 5 bars are 22%
wide."""

GROUP_GROWTH = 1.5
"""Ratio of the upper limits of two consecutive groups of entities: 1, 2, 3, 4-5, 6-8 ... events."""

HIGH_QUANTILE = 0.99


@dataclass(frozen=True)
class AmountPattern:
    """Amounts above zero in logarithmic bars."""

    column: str
    bars: list[tuple[float, float, float]]
    """(from, to, share of the rows)"""
    median: float
    high: float
    """What one row in a hundred exceeds."""


@dataclass(frozen=True)
class EntityPattern:
    """How many events an entity has."""

    column: str
    groups: list[tuple[str, float]]
    """("4-5" events, share of the entities that have any), fewest first"""


@dataclass(frozen=True)
class CalendarPattern:
    """Events a day or hour in relation to the average, which is 1; empty where the notion does not exist."""

    months: list[float]
    """January first, for each day of the month."""
    weekdays: list[float]
    """Monday first."""
    hours: list[float]
    """Midnight first; empty for dates without a time of day."""


@dataclass(frozen=True)
class EventPattern:
    """One table of events; a part is None if the table has no such column, or no data for it."""

    table: str
    rows: int
    amounts: AmountPattern | None
    entities: EntityPattern | None
    calendar: CalendarPattern | None


def event_patterns(
    model: DataModel, tables: SyntheticTables, folder: UPath | Path, *, most: int = MOST_TABLES
) -> list[EventPattern]:
    """The tables of events with the most rows, at most so many; those that a calendar makes come last.

    Args:
        model, tables: what was modelled, and its files ...
        folder: ... under the customer's folder.
        most: tables at most.
    """
    rows = {table.name: table.rows for table in tables.tables if table.rows}
    events = [table for table in model.tables if table.name in rows and _stored(table, table.event_time) is not None]
    events.sort(key=lambda table: (table.rhythm in MADE_BY_A_CALENDAR, -rows[table.name]))
    with table_views(tables, folder) as connection:
        found = (pattern for table in events if (pattern := _pattern(connection, model, table, rows[table.name])))
        return list(islice(found, most))


def _pattern(connection: duckdb.DuckDBPyConnection, model: DataModel, table: Table, rows: int) -> EventPattern | None:
    """A table's pattern; None when it has neither amounts, entities nor a calendar to show."""
    amounts, entities = _amounts(connection, table), _entities(connection, table)
    calendar = _calendar(connection, model, table)
    if amounts is None and entities is None and calendar is None:
        return None
    return EventPattern(table.name, rows, amounts, entities, calendar)


def _stored(table: Table, column: str | None) -> str | None:
    """The column if a reader of the files sees it."""
    return next((each.name for each in table.columns if each.name == column and not each.internal), None)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def _amounts(connection: duckdb.DuckDBPyConnection, table: Table) -> AmountPattern | None:
    amount = _stored(table, table.amount)
    if amount is None:
        return None
    fine = _rows(
        connection,
        f'SELECT CAST(floor(ln("{amount}") * {FINE_BINS_PER_E}) AS INTEGER) AS bin, count(*) FROM "{table.name}" '
        f'WHERE "{amount}" > 0 GROUP BY bin ORDER BY bin',
    )
    if len(fine) < 2:
        return None
    total = sum(count for _, count in fine)
    bars = Counter[int]()
    for bin_, count in fine:
        bars[bin_ * BARS_PER_E // FINE_BINS_PER_E] += count
    return AmountPattern(
        column=amount,
        bars=[
            (math.exp(bar / BARS_PER_E), math.exp((bar + 1) / BARS_PER_E), count / total)
            for bar, count in sorted(bars.items())
        ],
        median=_quantile(fine, 0.5 * total),
        high=_quantile(fine, HIGH_QUANTILE * total),
    )


def _quantile(bins: Sequence[tuple[Any, ...]], rank: float) -> float:
    """The amount at which so many rows are reached: the middle of its bin."""
    reached = 0
    for bin_, count in bins:
        reached += count
        if reached >= rank:
            return math.exp((bin_ + 0.5) / FINE_BINS_PER_E)
    raise ValueError(f"{rank} of {reached} rows")


def _entities(connection: duckdb.DuckDBPyConnection, table: Table) -> EntityPattern | None:
    entity = _stored(table, table.entity)
    if entity is None or table.rhythm not in ACTED_BY_PEOPLE:
        return None
    counted = _rows(
        connection,
        f'SELECT events, count(*) FROM (SELECT count(*) AS events FROM "{table.name}" WHERE "{entity}" IS NOT NULL '
        f'GROUP BY "{entity}") GROUP BY events ORDER BY events',
    )
    if len(counted) < 2:
        return None
    total = sum(count for _, count in counted)
    groups: list[tuple[str, float]] = []
    first, last = 1, 1
    while first <= counted[-1][0]:
        share = sum(count for events, count in counted if first <= events <= last) / total
        groups.append((f"{first}" if first == last else f"{first}–{last}", share))
        first, last = last + 1, max(last + 1, round(last * GROUP_GROWTH))
    return EntityPattern(entity, groups)


def _calendar(connection: duckdb.DuckDBPyConnection, model: DataModel, table: Table) -> CalendarPattern | None:
    time = table.event_time
    if table.rhythm in MADE_BY_A_CALENDAR or time is None:
        return None
    start = history_start(model)
    counted = dict(
        _rows(
            connection,
            f'SELECT CAST("{time}" AS DATE) AS day, count(*) FROM "{table.name}" '
            f"WHERE \"{time}\" >= DATE '{start}' GROUP BY day",
        )
    )
    days = [start + timedelta(days=age) for age in range(model.history_days)]
    total = sum(counted.get(day, 0) for day in days)
    if not total:
        return None
    column = next(each for each in table.columns if each.name == time)
    return CalendarPattern(
        months=_relative([day.month - 1 for day in days], days, counted, 12),
        weekdays=_relative([day.weekday() for day in days], days, counted, 7),
        hours=_hours(connection, table, time) if column.type == "DATETIME" else [],
    )


def _relative(groups: list[int], days: list[date], counted: dict[date, int], size: int) -> list[float]:
    """Events of an average day of each group, in relation to an average day; a group without a day has none."""
    events, length = [0] * size, [0] * size
    for group, day in zip(groups, days, strict=True):
        events[group] += counted.get(day, 0)
        length[group] += 1
    average = sum(events) / len(days)
    return [count / max(days_of, 1) / average for count, days_of in zip(events, length, strict=True)]


def _hours(connection: duckdb.DuckDBPyConnection, table: Table, time: str) -> list[float]:
    counted = dict(
        _rows(
            connection,
            f'SELECT extract(hour FROM "{time}") AS hour, count(*) FROM "{table.name}" '
            f'WHERE "{time}" IS NOT NULL GROUP BY hour',
        )
    )
    total = sum(counted.values())
    return [24 * counted.get(hour, 0) / total for hour in range(24)]
