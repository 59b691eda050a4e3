"""Exact laws of contracts, of moments before others, of states and of grids: each a query over the stored columns."""

# ruff: noqa: S608  (names match the data model's Name pattern; texts of the model are quoted by sqlglot)

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from provisioning_assets.data_model.calendar import PERIOD_DAYS, PERIOD_MONTHS, history_start
from provisioning_assets.data_model.generators import (
    Address,
    After,
    Arrival,
    Before,
    FirstOf,
    Moment,
    PeriodStart,
    Reference,
    Renewal,
)
from provisioning_assets.data_model.lineage import Lineage, population_as
from provisioning_assets.data_model.names import States, listed_states
from provisioning_assets.data_model.open_days import WORKING_DAYS, keeps_its_day, open_weekdays, public_holidays
from provisioning_assets.data_model.populations import PerPeriod
from provisioning_assets.data_model.snap import Snap
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.quality.near_rules import near_rules
from provisioning_assets.quality.renewal_sql import every_months, months_later, part
from provisioning_assets.quality.rule_queries import (
    Joined,
    Rule,
    all_stored,
    history_order,
    last_versions,
    literal,
    parent_link,
    reach,
)

YEARS_OF_HOLIDAYS = 10
"""Number of years before the history for which working days are compared with public holidays; earlier days are compared with
weekends only."""


def construct_rules(lineage: Lineage, table: Table, column: Column) -> Iterator[Rule]:
    """Rules of one stored column; none where nothing stored leads to what it follows from."""
    if column.internal:
        return
    generator = column.generator
    match generator:
        case Before():
            yield from _before_rules(lineage, table, column, generator)
        case FirstOf():
            yield from _first_of_rules(lineage, table, column, generator)
        case Renewal():
            yield from _renewal_rules(lineage, table, column, generator)
        case PeriodStart():
            yield from _period_rules(lineage, table, column)
        case Address():
            yield from near_rules(lineage, table, column, generator)
        case Reference():
            yield from _reference_state_rules(lineage, table, column, generator)
        case _:
            pass
    if isinstance(generator, After | Before | Moment | Arrival) and generator.snap is not None:
        yield Rule(
            "on_schedule",
            table.name,
            column.name,
            f"each {column.name} of {table.name} is {_grid_words(generator.snap)}",
            f'SELECT count(*) FROM "{table.name}" WHERE {_off_grid(lineage, generator.snap, column.name)}',
        )
    if (
        isinstance(generator, After | Before | Moment | Arrival)
        and generator.holidays == 0
        and keeps_its_day(generator)
    ):
        yield Rule(
            "on_schedule",
            table.name,
            column.name,
            f"no {column.name} of {table.name} is on a closed weekday or a public holiday",
            f'SELECT count(*) FROM "{table.name}" WHERE {_closed(lineage, open_weekdays(generator), column.name)}',
        )


def _before_rules(lineage: Lineage, table: Table, column: Column, generator: Before) -> Iterator[Rule]:
    for bound, sign, words in ((generator.base, ">", "after"), (generator.not_before, "<", "before")):
        if bound is None:
            continue
        joined = Joined(table.name)
        other = reach(lineage, joined, "t0", table.name, bound)
        if other is None:
            continue
        own = f't0."{column.name}"'
        other = f"CAST({other} AS DATE)" if column.type == "DATE" else other
        missing = f" OR ({own} IS NOT NULL AND {other} IS NULL)" if bound == generator.base else ""
        yield Rule(
            "in_order",
            table.name,
            column.name,
            f"{table.name}: {column.name} is not {words} {bound}",
            f"SELECT count(*) FROM {joined.source()} WHERE {own} {sign} {other}{missing}",
        )


def _first_of_rules(lineage: Lineage, table: Table, column: Column, generator: FirstOf) -> Iterator[Rule]:
    joined = Joined(table.name)
    reached = {label: reach(lineage, joined, "t0", table.name, name) for label, name in generator.moments.items()}
    moments = {label: sql for label, sql in reached.items() if sql is not None}
    if len(moments) < len(reached):
        return
    own = f't0."{column.name}"'
    known = f" AND {own} IS NOT NULL" if column.null_share else ""
    yield Rule(
        "first_of_all",
        table.name,
        column.name,
        f"{column.name} of {table.name} is the {'earliest' if generator.part == 'moment' else 'label of the earliest'} of "
        + ", ".join(generator.moments.values()),
        f"SELECT count(*) FROM {joined.source()} WHERE {own} IS DISTINCT FROM "
        f"{first_of(generator, moments, column.type == 'DATE')}{known}",
    )


def first_of(generator: FirstOf, moments: dict[str, str], as_date: bool) -> str:
    """SQL of the earliest of moments (label -> SQL), or of its label."""
    casts = {label: f"CAST({sql} AS TIMESTAMP)" for label, sql in moments.items()}
    earliest = f"least({', '.join(casts.values())})"
    if generator.part == "moment":
        return f"CAST({earliest} AS {'DATE' if as_date else 'TIMESTAMP'})"
    cases = " ".join(f"WHEN {sql} = {earliest} THEN {literal(label)}" for label, sql in casts.items())
    return f"CASE {cases} END"


def _renewal_rules(lineage: Lineage, table: Table, column: Column, generator: Renewal) -> Iterator[Rule]:
    joined = Joined(table.name)
    end = lineage.renewal_end(table.name, generator.of)
    names = [name for name in (generator.start, generator.by, end) if name is not None]
    reached = {name: reach(lineage, joined, "t0", table.name, name) for name in dict.fromkeys(names)}
    sql = {name: found for name, found in reached.items() if found is not None}
    if len(sql) < len(reached):
        return
    start, every = sql[generator.start], every_months(generator, lambda name: sql[name])
    own = f't0."{column.name}"'
    if generator.part == "ended":
        months = f"date_diff('month', CAST({start} AS DATE), {own})"
        renewed = f"{months} >= {every} AND {months} % {every} = 0 AND {months_later(start, months)} = {own}"
        broken = f"{own} IS NOT NULL AND ({renewed}) IS NOT TRUE"
        words = f"ends a whole number of terms after {generator.start}"
    else:
        today = f"DATE '{lineage.model.as_of}'"
        expected = part(generator, start, every, "CAST(NULL AS DATE)" if end is None else sql[end], today)
        broken = f"{own} IS DISTINCT FROM {expected}" + (f" AND {own} IS NOT NULL" if column.null_share else "")
        words = {
            "due": "is the latest renewal so far",
            "next": "is the first renewal to come",
            "count": "is the number of renewals so far",
        }[generator.part]
    yield Rule(
        "renewals_on_their_day",
        table.name,
        column.name,
        f"{column.name} of {table.name} {words}",
        f"SELECT count(*) FROM {joined.source()} WHERE {broken}",
    )


# --- periods -------------------------------------------------------------------------------------------------------


def _period_rules(lineage: Lineage, table: Table, column: Column) -> Iterator[Rule]:
    """Periods begin with those of the calendar, or on anniversaries of their parent's start."""
    population = population_as(table, PerPeriod)
    own = f'CAST(t."{column.name}" AS DATE)'
    source = f'"{table.name}" t'
    if not population.anchored:
        words = f"is the first day of a {population.period}"
        broken = f"CAST(date_trunc('{population.period}', {own}) AS DATE) <> {own}"
    else:
        link = parent_link(lineage, table.name)
        if link is None or not all_stored(lineage, link[1], population.start):
            return
        source += f' JOIN "{link[1]}" p ON p."{link[2]}" = t."{link[0]}"'
        start = f'CAST(p."{population.start}" AS DATE)'
        words = f"is {population.start} of its {link[1]} or a whole number of {population.period}s later"
        unit = "month" if population.period in PERIOD_MONTHS else "day"
        length = PERIOD_MONTHS.get(population.period) or PERIOD_DAYS[population.period]
        steps = f"date_diff('{unit}', {start}, {own})"
        on_its_day = f" AND {months_later(start, steps)} = {own}" if unit == "month" else ""
        broken = f"({steps} >= 0 AND {steps} % {length} = 0{on_its_day}) IS NOT TRUE"
    yield Rule(
        "on_schedule",
        table.name,
        column.name,
        f"each {column.name} of {table.name} {words}",
        f"SELECT count(*) FROM {source} WHERE {broken}",
    )


# --- states --------------------------------------------------------------------------------------------------------


def _reference_state_rules(lineage: Lineage, table: Table, column: Column, generator: Reference) -> Iterator[Rule]:
    for history, states in generator.during.items():
        joined = Joined(table.name)
        at = reach(lineage, joined, "t0", table.name, generator.at or "")
        if at is None:
            continue
        rows = f'SELECT t0."{column.name}" AS own, {at} AS moment FROM {joined.source()}'
        words = f"is {_alternatives(states)} in {history} at {generator.at}"
        yield from _state_rules(lineage, table, column.name, history, states, rows, words)


def period_state_rules(lineage: Lineage, table: Table) -> Iterator[Rule]:
    """Periods are those of parents in a state."""
    population, link = table.population, parent_link(lineage, table.name)
    if not isinstance(population, PerPeriod) or link is None:
        return
    periods = [column.name for column in table.columns if isinstance(column.generator, PeriodStart)]
    for history, states in population.during.items():
        if not periods or not all_stored(lineage, table.name, periods[0]):
            continue
        end = f'CAST(CAST("{periods[0]}" AS DATE) AS TIMESTAMP) + INTERVAL 86399 SECOND'
        rows = f'SELECT "{link[0]}" AS own, {end} AS moment FROM "{table.name}"'
        words = f"is {_alternatives(states)} in {history} on {periods[0]}"
        yield from _state_rules(lineage, table, link[0], history, states, rows, words)


def _alternatives(states: States) -> str:
    return " or ".join(listed_states(states))


def _state_rules(
    lineage: Lineage, table: Table, column: str, history: str, states: States, rows: str, words: str
) -> Iterator[Rule]:
    """The state of ``rows`` (SQL that gives ``own`` key and ``moment``) at their moment is one of some."""
    whose, since = lineage.history_columns(history)
    state = lineage.state_column(history)
    if not all_stored(lineage, history, whose, since, state) or history_order(lineage, history) is None:
        return
    allowed = ", ".join(literal(name) for name in listed_states(states))
    yield Rule(
        "in_state",
        table.name,
        column,
        f"each {column} of {table.name} {words}",
        f"SELECT count(*) FROM ({rows}) t ASOF LEFT JOIN ({last_versions(lineage, history)}) h "
        f'ON h."{whose}" = t.own AND CAST(t.moment AS TIMESTAMP) >= CAST(h."{since}" AS TIMESTAMP) '
        f'WHERE t.own IS NOT NULL AND (h."{state}" IN ({allowed})) IS NOT TRUE',
    )


# --- grids ---------------------------------------------------------------------------------------------------------


def _grid_words(snap: Snap) -> str:
    if snap.minutes is not None:
        return f"at full {snap.minutes} minutes"
    if snap.times is not None:
        return f"at {', '.join(snap.times)}" + ("" if snap.weekdays is None else " of its weekdays")
    return f"at a {(snap.to or '').replace('_', ' ')}"


def _off_grid(lineage: Lineage, snap: Snap, column: str) -> str:
    """SQL that is true where a moment is not on the grid."""
    moment, day = f'CAST("{column}" AS TIMESTAMP)', f'CAST("{column}" AS DATE)'
    if snap.minutes is not None:
        return f"epoch_us({moment}) % {snap.minutes * 60_000_000} <> 0"
    if snap.times is not None:
        times = ", ".join(literal(f"{time}:00") for time in snap.times)
        closed = (
            "" if snap.weekdays is None else f" OR isodow({moment}) - 1 NOT IN ({', '.join(map(str, snap.weekdays))})"
        )
        return f"strftime({moment}, '%H:%M:%S') NOT IN ({times}){closed}"
    if snap.to == "workday":
        return _closed(lineage, WORKING_DAYS, column)
    unit, _, end = (snap.to or "").partition("_")
    if end == "start":
        return f"date_trunc('{unit}', {moment}) <> {moment}"
    return f"{day} <> CAST(date_trunc('{unit}', {moment}) + INTERVAL 1 {unit} AS DATE) - 1"


def _closed(lineage: Lineage, weekdays: Sequence[bool], column: str) -> str:
    """SQL that is true where a moment is on a closed weekday (Monday first) or on a public holiday of the last years."""
    first = history_start(lineage.model).year - YEARS_OF_HOLIDAYS
    holidays = public_holidays(lineage.model.country, first, lineage.model.as_of.year + 1)
    days = ", ".join(f"DATE '{date(1970, 1, 1) + timedelta(days=number)}'" for number in holidays)
    closed = ", ".join(str(number) for number, is_open in enumerate(weekdays, start=1) if not is_open)
    conditions = [f'isodow("{column}") IN ({closed})'] if closed else []
    conditions += [f'CAST("{column}" AS DATE) IN ({days})'] if days else []
    return " OR ".join(conditions) or "false"
