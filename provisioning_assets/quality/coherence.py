"""What must hold exactly in a model's tables: rules that follow from the model, with their violations counted in the Parquet files.

Each rule is one query over the files, executed by DuckDB. Derived amounts are computed again by the engine's own expressions. Only
stored columns are read, because a reader of the tables sees no others.
"""

# ruff: noqa: S608  (names match the data model's Name pattern; conditions were parsed and written anew by sqlglot)

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
from upath import UPath

from provisioning_assets.data_model.amounts import minor_digits
from provisioning_assets.data_model.arrival_profile import day_weights, share_before
from provisioning_assets.data_model.case_numbers import numbers_of
from provisioning_assets.data_model.expressions import columns_of, duckdb_sql, evaluate
from provisioning_assets.data_model.generators import (
    After,
    Arrival,
    Before,
    EnteredAt,
    Expression,
    FirstOf,
    LeftAt,
    Lookup,
    Moment,
    PeriodStart,
    Person,
    Reference,
    Renewal,
    RollUp,
    StateName,
)
from provisioning_assets.data_model.generators import Sequence as KeySequence
from provisioning_assets.data_model.histories import followers
from provisioning_assets.data_model.lineage import Lineage, population_as
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import Milestones, PerParent, PerPeriod, StateSequence
from provisioning_assets.data_model.row_counts import most_children, root_rows
from provisioning_assets.data_model.sources import by_source, whole_table
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.quality.construct_rules import construct_rules, period_state_rules
from provisioning_assets.quality.models import CoherenceResult
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
from provisioning_assets.quality.table_views import table_views
from provisioning_assets.synthesis.models import SyntheticTables, TableManifest

RECENT_DAYS = 3
"""Number of the latest days that are checked for missing rows, including the as-of day."""

EXPECTED_A_DAY = 12.0
"""Smallest expected number of rows of a day that must not be empty. Rows of a day arrive independently of each other, so that a day
with twelve expected rows is empty by chance once in exp(12), about 160,000 days."""

BATCH_ROWS = 500_000
"""Number of rows in a batch when amounts are computed again."""


def coherence(model: DataModel, tables: SyntheticTables, folder: UPath | Path) -> list[CoherenceResult]:
    """Every rule of the model with its number of violations in the files under the customer's ``folder``."""
    with table_views(tables, folder) as connection:
        results = [
            CoherenceResult.model_validate(
                {
                    "kind": rule.kind,
                    "table": whole_table(rule.table)[0],
                    "column": rule.column,
                    "rule": _with_source(rule.table, rule.words),
                    "violations": _count(connection, rule.sql),
                }
            )
            for rule in rules(model)
        ]
        return results + _expression_results(Lineage(by_source(model)), connection)


def _with_source(table: str, words: str) -> str:
    """What a rule says, with the part of a table that one source makes named in words."""
    whole, source = whole_table(table)
    return words if source is None else words.replace(table, f"{whole} (source {source})")


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return sum(int(count or 0) for (count,) in connection.execute(sql).fetchall())


def rules(model: DataModel) -> list[Rule]:
    """Every rule that follows from the model, in the order of its tables; expressions apart."""
    lineage = Lineage(by_source(model))
    found: list[Rule] = []
    for table in model.tables:
        if table.name not in lineage.tables:
            found += _key_rules(table)
        found += _number_rules(table)
    for table in lineage.model.tables:
        found += _key_rules(table)
        found += _children_rules(lineage, table)
        found += _growth_rules(table)
        found += _history_rules(lineage, table)
        found += period_state_rules(lineage, table)
        for column in table.columns:
            found += _column_rules(lineage, table, column)
            found += construct_rules(lineage, table, column)
    return found


# --- keys and references -------------------------------------------------------------------------------------------


def _key_rules(table: Table) -> Iterator[Rule]:
    key = ", ".join(f'"{name}"' for name in table.primary_key)
    missing = " OR ".join(f'"{name}" IS NULL' for name in table.primary_key)
    yield Rule(
        "key_unique",
        table.name,
        ", ".join(table.primary_key),
        f"no key of {table.name} is repeated or missing",
        f'SELECT (SELECT count(*) FROM "{table.name}") - (SELECT count(*) FROM (SELECT DISTINCT {key} FROM "{table.name}"))'
        f' + (SELECT count(*) FROM "{table.name}" WHERE {missing})',
    )


def _column_rules(lineage: Lineage, table: Table, column: Column) -> Iterator[Rule]:
    if column.internal:
        return
    target = lineage.target(table.name, column.name)
    if target is not None and len(lineage.tables[target].primary_key) == 1:
        yield _reference_rule(lineage, table, column, target)
    yield from _as_of_rules(lineage, table, column)
    generator = column.generator
    if isinstance(generator, RollUp):
        yield from _rollup_rules(lineage, table, column, generator)
    if isinstance(generator, Lookup) and generator.history is not None:
        yield from _as_it_was_rules(lineage, table, column, generator, generator.history)
    if isinstance(generator, Reference) and generator.distinct_in_parent:
        yield from _distinct_rules(lineage, table, column)
    if isinstance(generator, Reference) and generator.at is not None:
        yield from _availability_rules(lineage, table, column, generator)
    if isinstance(generator, After):
        yield from _order_rules(lineage, table, column, generator.base, f"{column.name} is not before {generator.base}")
    if isinstance(generator, PeriodStart):
        yield from _period_rules(lineage, table, column)
    if isinstance(generator, Person) and generator.part == "email":
        yield Rule(
            "email_is_plausible",
            table.name,
            column.name,
            f"no e-mail of {table.name} is at example.* or lacks its parts",
            f'SELECT count(*) FROM "{table.name}" WHERE "{column.name}" LIKE \'%@example.%\' '
            f"OR NOT regexp_full_match(\"{column.name}\", '[a-z0-9._-]+@[a-z0-9-]+(\\.[a-z]+)+')",
        )


def _reference_rule(lineage: Lineage, table: Table, column: Column, target: str) -> Rule:
    key = lineage.key_column(target)
    return Rule(
        "reference_resolves",
        table.name,
        column.name,
        f"every {column.name} of {table.name} is a {key} of {target}",
        f'SELECT count(*) FROM "{table.name}" t WHERE t."{column.name}" IS NOT NULL '
        f'AND NOT EXISTS (SELECT 1 FROM "{target}" o WHERE o."{key}" = t."{column.name}")',
    )


# --- parents and children ------------------------------------------------------------------------------------------


def _children_rules(lineage: Lineage, table: Table) -> Iterator[Rule]:
    link = parent_link(lineage, table.name)
    if link is None or not isinstance(table.population, PerParent):
        return
    own, parent, key = link
    population = population_as(table, PerParent)
    condition = None if population.where is None else duckdb_sql(population.where, lineage.types_of(parent))
    described = population.where
    if condition is not None:
        if not all_stored(lineage, parent, *columns_of(population.where or "")):
            return
        yield Rule(
            "has_required_children",
            table.name,
            own,
            f"no row of {parent} has {table.name} unless {population.where}",
            f'SELECT count(*) FROM "{parent}" p WHERE ({condition}) IS NOT TRUE '
            f'AND EXISTS (SELECT 1 FROM "{table.name}" c WHERE c."{own}" = p."{key}")',
        )
    if population.history is not None:
        begun = _has_begun(lineage, parent, population.history)
        if begun is None:
            return
        described = f"({described}) and ({begun})" if described else begun
        condition = f"({condition}) AND ({begun})" if condition else begun
    changed = any(lineage.effects_on(table.name, own))
    if min(numbers_of(population.probability)) < 1 or changed:
        return
    if population.count_of is not None:
        yield from _count_rules(lineage, table, population, link, condition or "TRUE")
        return
    if any(count.may_be_none for count in population.counts()):
        return
    yield Rule(
        "has_required_children",
        table.name,
        own,
        f"every row of {parent} has {table.name}" + (f" if {described}" if described else ""),
        f'SELECT count(*) FROM "{parent}" p WHERE ({condition or "TRUE"}) '
        f'AND NOT EXISTS (SELECT 1 FROM "{table.name}" c WHERE c."{own}" = p."{key}")',
    )


def _count_rules(
    lineage: Lineage, table: Table, population: PerParent, link: tuple[str, str, str], condition: str
) -> Iterator[Rule]:
    """Parents have as many children as their column says, up to the largest number of children."""
    (own, parent, key), counted = link, population.count_of or ""
    if not all_stored(lineage, parent, counted):
        return
    wanted = f'greatest(least(coalesce(p."{counted}", 0), {most_children(lineage, table.name)}), 0)'
    yield Rule(
        "has_required_children",
        table.name,
        own,
        f"every row of {parent} has as many {table.name} as {counted} says",
        f'SELECT count(*) FROM "{parent}" p LEFT JOIN (SELECT "{own}" AS own, count(*) AS rows FROM "{table.name}" '
        f'GROUP BY ALL) c ON c.own = p."{key}" WHERE ({condition}) AND coalesce(c.rows, 0) <> {wanted}',
    )


def _rollup_rules(lineage: Lineage, table: Table, column: Column, generator: RollUp) -> Iterator[Rule]:
    link = parent_link(lineage, generator.table)
    used = [
        *([generator.column] if generator.column else []),
        *(columns_of(generator.where) if generator.where else ()),
    ]
    if link is None or not all_stored(lineage, generator.table, *used) or not all_stored(lineage, table.name, link[2]):
        return
    own, _, key = link
    if generator.function in ("first", "last"):
        yield from _end_rules(lineage, table, column, generator)
        return
    function = {"mean": "avg"}.get(generator.function, generator.function)
    value = f'{function}("{generator.column}")' if generator.column else "count(*)"
    nothing = "0" if generator.function in ("sum", "count") else "NULL"
    where = f"WHERE {duckdb_sql(generator.where, lineage.types_of(generator.table))}" if generator.where else ""
    differs = f'coalesce(c.value, {nothing}) IS DISTINCT FROM p."{column.name}"'
    if generator.function == "mean" or column.type == "FLOAT64":
        differs = f'abs(coalesce(c.value, {nothing}) - p."{column.name}") > 0.00501'
    yield Rule(
        "rollup_equals_children",
        table.name,
        column.name,
        f"{column.name} is the {generator.function} of its {generator.table}",
        f'SELECT count(*) FROM "{table.name}" p LEFT JOIN (SELECT "{own}" AS own, {value} AS value '
        f'FROM "{generator.table}" {where} GROUP BY ALL) c ON c.own = p."{key}" '
        f"WHERE {differs}" + (f' AND p."{column.name}" IS NOT NULL' if column.null_share else ""),
    )


def _distinct_rules(lineage: Lineage, table: Table, column: Column) -> Iterator[Rule]:
    link = parent_link(lineage, table.name)
    if link is None:
        return
    yield Rule(
        "distinct_in_parent",
        table.name,
        column.name,
        f"no {column.name} comes twice in one {link[1]}",
        f'SELECT count(*) FROM (SELECT 1 FROM "{table.name}" WHERE "{column.name}" IS NOT NULL '
        f'GROUP BY "{link[0]}", "{column.name}" HAVING count(*) > 1)',
    )


# --- time ----------------------------------------------------------------------------------------------------------


def _order_rules(lineage: Lineage, table: Table, column: Column, base: str, words: str) -> Iterator[Rule]:
    joined = Joined(table.name)
    before = reach(lineage, joined, "t0", table.name, base)
    if before is None:
        return
    later = f't0."{column.name}"'
    if column.type == "DATE":
        before = f"CAST({before} AS DATE)"
    yield Rule(
        "in_order",
        table.name,
        column.name,
        f"{table.name}: {words}",
        f"SELECT count(*) FROM {joined.source()} WHERE {later} < {before} OR ({later} IS NOT NULL AND {before} IS NULL)",
    )


def _availability_rules(lineage: Lineage, table: Table, column: Column, generator: Reference) -> Iterator[Rule]:
    at = generator.at or ""
    for other_column, broken, words in (
        (generator.since, "t0_at < o.{}", "is not before"),
        (generator.until, "t0_at >= o.{}", "is before"),
    ):
        if other_column is None or not all_stored(lineage, generator.table, other_column):
            continue
        joined = Joined(table.name)
        moment = reach(lineage, joined, "t0", table.name, at)
        if moment is None:
            continue
        test = broken.replace("t0_at", moment).format(f'"{other_column}"')
        yield Rule(
            "in_order",
            table.name,
            column.name,
            f"{table.name}: {at} {words} {other_column} of its {generator.table}",
            f'SELECT count(*) FROM {joined.source()} JOIN "{generator.table}" o '
            f'ON o."{lineage.key_column(generator.table)}" = t0."{column.name}" WHERE {test}',
        )


def _period_rules(lineage: Lineage, table: Table, column: Column) -> Iterator[Rule]:
    population = population_as(table, PerPeriod)
    link = parent_link(lineage, table.name)
    if link is None or not all_stored(lineage, link[1], population.start):
        return
    over = ""
    if population.end is not None and all_stored(lineage, link[1], population.end):
        over = f' OR t."{column.name}" > p."{population.end}"'
    yield Rule(
        "in_order",
        table.name,
        column.name,
        f"{table.name}: {column.name} lies in the active time of its {link[1]}",
        f'SELECT count(*) FROM "{table.name}" t JOIN "{link[1]}" p ON p."{link[2]}" = t."{link[0]}" '
        f'WHERE t."{column.name}" < CAST(p."{population.start}" AS DATE){over}',
    )


def _as_of_rules(lineage: Lineage, table: Table, column: Column) -> Iterator[Rule]:
    """What happened is not in the future; a due date may be, and is an expression or written out."""
    if column.type not in ("DATE", "DATETIME") or not _happened(lineage, table.name, column.name):
        return
    yield Rule(
        "not_after_as_of",
        table.name,
        column.name,
        f"no {column.name} of {table.name} is after {lineage.model.as_of}",
        f'SELECT count(*) FROM "{table.name}" WHERE CAST("{column.name}" AS DATE) > DATE \'{lineage.model.as_of}\'',
    )


def _happened(lineage: Lineage, table: str, column: str) -> bool:
    generator = lineage.columns[table, column].generator
    match generator:
        case Arrival() | After() | Before() | Moment() | PeriodStart() | EnteredAt() | LeftAt():
            return True
        case Renewal():
            return generator.part in ("due", "ended")
        case FirstOf():
            return all(_happened(lineage, table, name) for name in generator.moments.values())
        case Lookup():
            other = generator.history or lineage.target(table, generator.through)
            return other is not None and _happened(lineage, other, generator.column)
        case RollUp():
            return generator.column is not None and _happened(lineage, generator.table, generator.column)
        case _:
            return False


def _number_rules(table: Table) -> Iterator[Rule]:
    """Keys that are numbered in order of a moment rise with it, and none is left out."""
    by_name = {column.name: column for column in table.columns}
    key = by_name[table.primary_key[0]]
    if not isinstance(key.generator, KeySequence) or key.generator.in_order_of is None:
        return
    number = f'CAST(substr(CAST("{key.name}" AS VARCHAR), {len(key.generator.prefix or "") + 1}) AS BIGINT)'
    first, step = key.generator.start, key.generator.step
    yield Rule(
        "numbers_without_holes",
        table.name,
        key.name,
        f"{key.name} of {table.name} counts from {first} without holes",
        f"SELECT count(*) FROM (SELECT {number} AS number, row_number() OVER (ORDER BY {number}) AS place "
        f'FROM "{table.name}") WHERE number <> {first} + (place - 1) * {step}',
    )
    order = by_name[key.generator.in_order_of]
    if not order.internal and not order.null_share:
        yield Rule(
            "ids_grow_with_time",
            table.name,
            key.name,
            f"{key.name} of {table.name} grows with {order.name}",
            f'SELECT count(*) FROM (SELECT "{order.name}" < lag("{order.name}") OVER (ORDER BY {number}) AS back '
            f'FROM "{table.name}") WHERE back',
        )


def _growth_rules(table: Table) -> Iterator[Rule]:
    if len(table.primary_key) != 1:
        return
    key = table.primary_key[0]
    by_name = {column.name: column for column in table.columns}
    generator = by_name[key].generator
    if not isinstance(generator, KeySequence) or generator.in_order_of is not None:
        return
    for column in table.columns:
        if isinstance(column.generator, Arrival) and not column.internal and not column.null_share:
            yield Rule(
                "ids_grow_with_time",
                table.name,
                key,
                f"{key} of {table.name} grows with {column.name}",
                f'SELECT count(*) FROM (SELECT "{column.name}" < lag("{column.name}") OVER '
                f'(ORDER BY length(CAST("{key}" AS VARCHAR)), "{key}") AS back FROM "{table.name}") WHERE back',
            )


# --- histories -----------------------------------------------------------------------------------------------------


def _has_begun(lineage: Lineage, parent: str, history: StateSequence | Milestones) -> str | None:
    """SQL over a parent's row: whether it has passed a state by the as-of date; None when a moment is not stored."""
    moments = [history.start] if isinstance(history, StateSequence) else list(history.moments.values())
    if not all_stored(lineage, parent, *moments):
        return None
    return " OR ".join(f"CAST(\"{name}\" AS DATE) <= DATE '{lineage.model.as_of}'" for name in moments)


def _history_rules(lineage: Lineage, table: Table) -> Iterator[Rule]:
    history, link = lineage.history_of(table.name), parent_link(lineage, table.name)
    order = history_order(lineage, table.name)
    stored = {type(column.generator): column.name for column in table.columns if not column.internal}
    if history is None or link is None or order is None or EnteredAt not in stored:
        return
    own, parent, key = link
    entered = stored[EnteredAt]
    if LeftAt in stored:
        left = stored[LeftAt]
        backwards = "<=" if isinstance(history, StateSequence) else "<"
        yield Rule(
            "versions_do_not_overlap",
            table.name,
            left,
            f"each row of {table.name} ends when the next one of its {parent} begins, and the last one is open",
            f'SELECT count(*) FROM (SELECT "{entered}", "{left}", lead("{entered}") OVER '
            f'(PARTITION BY "{own}" ORDER BY {order}) AS following FROM "{table.name}") '
            f'WHERE "{left}" IS DISTINCT FROM following OR "{left}" {backwards} "{entered}"',
        )
    if isinstance(history, StateSequence) and all_stored(lineage, parent, history.start):
        yield Rule(
            "in_order",
            table.name,
            entered,
            f"the first row of {table.name} begins with {history.start} of its {parent}",
            f'SELECT count(*) FROM (SELECT "{own}" AS own, min("{entered}") AS begun FROM "{table.name}" GROUP BY ALL) t '
            f'JOIN "{parent}" p ON p."{key}" = t.own WHERE CAST(p."{history.start}" AS DATE) <> CAST(t.begun AS DATE)',
        )
    if StateName in stored:
        state = stored[StateName]
        broken = (
            _sequence_broken(history, table.name, own, state, order)
            if isinstance(history, StateSequence)
            else _milestones_broken(lineage, history, table.name, link, state, entered)
        )
        yield Rule(
            "states_in_order",
            table.name,
            state,
            f"each {state} of {table.name} may follow the one before it"
            if isinstance(history, StateSequence)
            else f"each {state} of {table.name} begins at its moment in {parent}",
            broken,
        )


def _sequence_broken(history: StateSequence, table: str, own: str, state: str, order: str) -> str:
    """Rows whose state cannot follow the one before, or cannot be the first."""
    first = [name for name, weight in history.begin.items() if weight > 0] or list(history.states)[:1]
    pairs = [
        *((None, name) for name in first),
        *((name, follower) for name, each in history.states.items() for follower in followers(each)),
    ]
    allowed = ", ".join(f"({literal(before)}, {literal(name)})" for before, name in sorted(pairs, key=str))
    return (
        f"WITH allowed(before, name) AS (VALUES {allowed}) "
        f'SELECT count(*) FROM (SELECT "{state}" AS name, lag("{state}") OVER (PARTITION BY "{own}" ORDER BY {order}) '
        f'AS before FROM "{table}") t WHERE NOT EXISTS '
        "(SELECT 1 FROM allowed a WHERE a.name = t.name AND a.before IS NOT DISTINCT FROM t.before)"
    )


def _milestones_broken(
    lineage: Lineage, history: Milestones, table: str, link: tuple[str, str, str], state: str, entered: str
) -> str:
    """Rows whose moment is not that of their state in the parent; states whose moment is not stored are not looked at."""
    own, parent, key = link
    cases = " ".join(
        f'WHEN {literal(name)} THEN t."{entered}" IS DISTINCT FROM p."{moment}"'
        for name, moment in history.moments.items()
        if all_stored(lineage, parent, moment)
    )
    known = ", ".join(literal(name) for name in history.moments)
    broken = f'CASE t."{state}" {cases} ELSE FALSE END' if cases else "FALSE"
    return (
        f'SELECT count(*) FROM "{table}" t JOIN "{parent}" p ON p."{key}" = t."{own}" '
        f'WHERE t."{state}" NOT IN ({known}) OR {broken}'
    )


def _end_rules(lineage: Lineage, table: Table, column: Column, generator: RollUp) -> Iterator[Rule]:
    """The first or last child's value is the parent's."""
    link, order = parent_link(lineage, generator.table), history_order(lineage, generator.table)
    if link is None or order is None:
        return
    where = f"WHERE {duckdb_sql(generator.where, lineage.types_of(generator.table))}" if generator.where else ""
    yield Rule(
        "current_is_last" if generator.function == "last" else "rollup_equals_children",
        table.name,
        column.name,
        f"{column.name} is the {generator.function} {generator.column} of its {generator.table}",
        f'SELECT count(*) FROM "{table.name}" p LEFT JOIN (SELECT "{link[0]}" AS own, '
        f'{generator.function}("{generator.column}" ORDER BY {order}) AS value FROM "{generator.table}" {where} '
        f'GROUP BY ALL) c ON c.own = p."{link[2]}" WHERE c.value IS DISTINCT FROM p."{column.name}"'
        + (f' AND p."{column.name}" IS NOT NULL' if column.null_share else ""),
    )


def _as_it_was_rules(lineage: Lineage, table: Table, column: Column, generator: Lookup, history: str) -> Iterator[Rule]:
    """A value looked up at a moment is that of the last version which had begun by then."""
    whose, since = lineage.history_columns(history)
    joined = Joined(table.name)
    through = reach(lineage, joined, "t0", table.name, generator.through)
    at = reach(lineage, joined, "t0", table.name, generator.at or "")
    if through is None or at is None or not all_stored(lineage, history, whose, since, generator.column):
        return
    yield Rule(
        "as_it_was",
        table.name,
        column.name,
        f"{column.name} of {table.name} is the {generator.column} of {history} that was valid at {generator.at}",
        f'SELECT count(*) FROM (SELECT t0."{column.name}" AS stored, {through} AS own, {at} AS moment FROM {joined.source()}) t '
        f'ASOF LEFT JOIN ({last_versions(lineage, history)}) h ON h."{whose}" = t.own AND t.moment >= h."{since}" '
        f'WHERE t.stored IS DISTINCT FROM h."{generator.column}"'
        + (" AND t.stored IS NOT NULL" if column.null_share else ""),
    )


# --- the last days -------------------------------------------------------------------------------------------------


def recent_days(model: DataModel, tables: SyntheticTables, folder: UPath | Path) -> list[CoherenceResult]:
    """For each table of arriving events: how many of the latest days have no row although the profile expects some."""
    lineage = Lineage(by_source(model))
    manifests = {part.name: part for table in tables.tables for part in table.parts()}
    found = []
    for table in lineage.model.tables:
        for column in table.columns:
            if not isinstance(column.generator, Arrival) or column.internal or table.name not in manifests:
                continue
            if not _comes_daily(column.generator):
                continue
            expected = _expected_by_age(lineage, table, column)
            ages = [age for age in range(RECENT_DAYS) if expected[-1 - age] >= EXPECTED_A_DAY]
            if not ages:
                continue
            seen = _latest_days(manifests[table.name], column.name, model.as_of - timedelta(days=RECENT_DAYS), folder)
            empty = sum(model.as_of - timedelta(days=age) not in seen for age in ages)
            found.append(
                CoherenceResult(
                    kind="last_days_populated",
                    table=whole_table(table.name)[0],
                    column=column.name,
                    rule=_with_source(
                        table.name,
                        f"{table.name} has rows on each of its last {len(ages)} busy days up to {model.as_of}",
                    ),
                    violations=empty,
                )
            )
    return found


def _comes_daily(arrival: Arrival) -> bool:
    """Whether moments stay on their day, so that the profile says how many come on it."""
    snap = arrival.snap
    return snap is None or snap.minutes is not None or snap.to == "day_start"


def _latest_days(manifest: TableManifest, column: str, until: date, folder: UPath | Path) -> set[date]:
    """Days that have rows, from the last file back to ``until``: files are in order of time."""
    days: set[date] = set()
    for file in reversed(manifest.files):
        with (folder / file.path).open("rb") as content:
            days |= set(pl.read_parquet(content, columns=[column])[column].cast(pl.Date).drop_nulls().unique())
        if days and min(days) < until:
            break
    return days


def _expected_by_age(lineage: Lineage, table: Table, column: Column) -> list[float]:
    generator = column.generator
    if not isinstance(generator, Arrival):
        return []
    effects = lineage.effects_on(table.name, column.name)
    weights = day_weights(lineage.model, table.name, column.name, generator, effects)
    earlier = share_before(lineage.model, table.name, column.name, generator, effects)
    rows = root_rows(lineage, table.name) * (1 - earlier)
    return (weights / weights.sum() * rows).tolist()


# --- derived amounts -----------------------------------------------------------------------------------------------


def _expression_results(lineage: Lineage, connection: duckdb.DuckDBPyConnection) -> list[CoherenceResult]:
    """Derived amounts and moments equal what their expression gives from stored columns, within their own rounding."""
    found = []
    for table in lineage.model.tables:
        for column in table.columns:
            generator = column.generator
            compare = _comparison(lineage, column)
            if compare is None or column.internal or not isinstance(generator, Expression | Moment):
                continue
            used = columns_of(generator.sql)
            joined = Joined(table.name)
            reached = {name: reach(lineage, joined, "t0", table.name, name) for name in used}
            if not used or None in reached.values():
                continue
            selected = ", ".join(f'{sql} AS "{name}"' for name, sql in reached.items())
            relation = connection.sql(f'SELECT t0."{column.name}" AS ":derived", {selected} FROM {joined.source()}')
            batches = relation.to_arrow_reader(BATCH_ROWS)
            found.append(
                CoherenceResult(
                    kind="expression_holds",
                    table=whole_table(table.name)[0],
                    column=column.name,
                    rule=_with_source(table.name, f"{column.name} of {table.name} is {generator.sql}"),
                    violations=sum(compare(pl.DataFrame(batch)) for batch in batches),
                )
            )
    return found


def _comparison(lineage: Lineage, column: Column) -> Callable[[pl.DataFrame], int] | None:
    """Counts the rows of a batch that differ from the column's expression; None for a column without an exact one."""
    generator = column.generator
    if column.usually is not None:
        return None
    if isinstance(generator, Expression):
        decimals = _decimals(lineage, column, generator)
        return None if decimals is None else lambda frame: _deviations(frame, generator.sql, decimals)
    if isinstance(generator, Moment) and not generator.moves:
        return lambda frame: _other_moments(frame, generator.sql, column, lineage.model.as_of)
    return None


def _other_moments(frame: pl.DataFrame, sql: str, column: Column, as_of: date) -> int:
    """Rows whose stored moment is not the expression's, or is there although it lies ahead; a missing one may be missing."""
    derived = evaluate(sql, frame.with_columns(pl.selectors.decimal().cast(pl.Float64))).cast(pl.Datetime("us"))
    derived = derived.dt.truncate("1d") if column.type == "DATE" else derived.dt.truncate("1s")
    passed = (derived.dt.date() <= as_of).fill_null(False)
    expected = pl.DataFrame({"moment": derived, "passed": passed}).select(
        pl.when(pl.col("passed")).then(pl.col("moment"))
    )
    differs = expected.to_series().ne_missing(frame[":derived"].cast(pl.Datetime("us")))
    if column.null_share:
        differs &= frame[":derived"].is_not_null()
    return int(differs.sum())


def _decimals(lineage: Lineage, column: Column, generator: Expression) -> int | None:
    """Decimals an amount was rounded to; None for a column that is not a rounded amount."""
    if column.type == "NUMERIC":
        digits = minor_digits(lineage.model.currency)
        return digits if generator.decimals is None else min(generator.decimals, digits)
    return generator.decimals if column.type == "FLOAT64" else None


def _deviations(frame: pl.DataFrame, sql: str, decimals: int) -> int:
    """Rows whose stored amount is further from the expression than rounding explains, or is there without it."""
    frame = frame.with_columns(pl.selectors.decimal().cast(pl.Float64))
    derived, kept = evaluate(sql, frame).cast(pl.Float64), frame[":derived"]
    difference = (derived - kept).abs()
    return int((difference > 0.5 * 10.0**-decimals + 1e-6).sum()) + int((derived.is_null() & kept.is_not_null()).sum())
