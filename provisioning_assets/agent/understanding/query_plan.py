"""Plans a query that counts nothing twice: chooses the base table and the joins for what a question asks.

The measure's table is the base. Everything else must be reachable from it by many-to-one joins. A count of rows may
start from another table that refers to the counted one; then it counts distinct keys.
"""

from dataclasses import dataclass, replace
from itertools import product

from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn, Relationship
from provisioning_assets.agent.understanding.reading import (
    AskedQuestion,
    DimensionAsked,
    FilterAsked,
    Function,
    MeasureAsked,
    Operator,
)
from provisioning_assets.agent.understanding.time_windows import Unit, Window, whole_periods

# Most combinations of columns with the same name that are tried.
_MOST_COMBINATIONS = 400
_MOST_ROWS = 1000
_DEFAULT_RANKING = 10


class NotAnswerableError(Exception):
    """The question was read, but the data cannot be combined that way. The message explains it to the user."""


@dataclass(frozen=True)
class PlannedMeasure:
    """A figure: ``function`` over ``column``. Without a column it counts rows; ``distinct`` counts distinct values."""

    function: Function
    column: CatalogColumn | None
    name: str
    unit: str | None = None
    distinct: bool = False
    per: CatalogColumn | None = None


@dataclass(frozen=True)
class PlannedDimension:
    """A column to group by. ``shown`` is False for a key that only separates rows with the same name."""

    column: CatalogColumn
    name: str


@dataclass(frozen=True)
class PlannedFilter:
    """Rows to keep."""

    column: CatalogColumn
    operator: Operator
    values: tuple[str | float | bool, ...]


@dataclass(frozen=True)
class QueryPlan:
    """A complete plan, from which the SQL can be built."""

    base: str
    joins: tuple[Relationship, ...]
    measures: tuple[PlannedMeasure, ...]
    dimensions: tuple[PlannedDimension, ...]
    filters: tuple[PlannedFilter, ...]
    windows: tuple[Window, ...]
    grain: Unit | None
    weekday: bool
    time_column: CatalogColumn | None
    limit: int
    order: str
    descending: bool
    share: bool
    listing: bool
    standing: tuple[PlannedFilter, ...] = ()


def plan_query(reading: AskedQuestion, catalog: Catalog) -> QueryPlan:
    """Plan the query of a reading.

    Raises:
        NotAnswerableError: the question names nothing to compute, or a join would count rows twice.
    """
    if reading.moment:
        return _plan_moment(reading, catalog)
    if reading.listing and not reading.measures:
        return _plan_listing(reading, catalog)
    measures = reading.measures or _implied_measures(reading, catalog)
    if not measures:
        raise NotAnswerableError("the question names nothing that I can count or add up")
    best: tuple[tuple[int, ...], QueryPlan] | None = None
    refusal: NotAnswerableError | None = None
    for chosen in [*_measure_choices(measures), *_measure_choices(_on_finer_tables(measures, catalog))]:
        for base in _bases(chosen, catalog):
            try:
                cost, plan = _plan_from(base, chosen, measures, reading, catalog)
            except NotAnswerableError as error:
                refusal = refusal or error
                continue
            if best is None or cost < best[0]:
                best = (cost, plan)
    if best is None:
        raise refusal or NotAnswerableError("the question combines tables that are not related")
    return best[1]


def _measure_choices(measures: tuple[MeasureAsked, ...]) -> list[tuple[CatalogColumn | str, ...]]:
    """Return each choice of one column (or counted table) per measure, if possible with all columns from one table."""
    if not measures:
        return []
    options = [list(measure.columns) or list(measure.tables) for measure in measures]
    choices = []
    for combination in product(*options):
        if len(choices) >= _MOST_COMBINATIONS:
            break
        if len({c.table for c in combination if isinstance(c, CatalogColumn)}) <= 1:
            choices.append(combination)
    return choices


def _on_finer_tables(measures: tuple[MeasureAsked, ...], catalog: Catalog) -> tuple[MeasureAsked, ...]:
    """Return the same amounts on more detailed tables: revenue by product is the revenue of order lines.

    This applies only to a table's declared amount, and to tables that refer to that table and declare an amount of the
    same unit.
    """
    finer = []
    for measure in measures:
        parts = [
            table.column(table.amount)
            for column in measure.columns
            if catalog.tables[column.table].amount == column.name and column.aggregation == "sum"
            for table in catalog.tables.values()
            if table.amount
            and table.name != column.table
            and catalog.path(table.name, column.table)
            and table.column(table.amount).unit == column.unit
        ]
        if not parts:
            return ()
        finer.append(replace(measure, columns=tuple(parts), closeness=min(measure.closeness, 1)))
    return tuple(finer)


def _bases(chosen: tuple[CatalogColumn | str, ...], catalog: Catalog) -> list[str]:
    """Return the tables that a query of these measures can start from, the nearest first."""
    owners = {choice.table for choice in chosen if isinstance(choice, CatalogColumn)}
    if owners:
        return sorted(owners)
    counted = [choice for choice in chosen if isinstance(choice, str)]
    return [
        table
        for table in catalog.tables
        if all(catalog.path(table, name) is not None for name in counted)
        # counting the referenced rows needs a single key column to count
        and all(table == name or len(catalog.tables[name].primary_key) == 1 for name in counted)
    ]


def _plan_from(
    base: str,
    chosen: tuple[CatalogColumn | str, ...],
    measures: tuple[MeasureAsked, ...],
    reading: AskedQuestion,
    catalog: Catalog,
) -> tuple[tuple[int, ...], QueryPlan]:
    joins = _Joins(base, catalog)
    for table in reading.mentioned_tables:
        joins.need(table, f"{table} cannot be combined with {base}")
    planned = tuple(
        _measure(choice, asked, base, joins, reading, catalog) for choice, asked in zip(chosen, measures, strict=True)
    )
    dimensions: list[PlannedDimension] = []
    for asked in reading.dimensions:
        dimensions.extend(_dimension(asked, base, joins, catalog))
    filters = _filters(reading.filters, base, joins)
    standing = _standing(reading, base, joins, catalog)
    time_column = _time_column(reading, base, joins, catalog)
    grain = reading.grain
    windows = reading.windows
    if grain and reading.times.rolling and reading.times.rolling[1] in (grain, "year") and len(windows) == 1:
        windows = (
            whole_periods(
                (reading.times.rolling[0] * (1 if reading.times.rolling[1] == grain else _per_year(grain)), grain)
            ),
        )
    if len(windows) > 1 and grain is None:
        grain = _grain_of(windows)
    dimensions = list({d.column.key: d for d in dimensions}.values())
    compared = [f for f in filters if len(f.values) > 1 and f.operator == "="]
    if not reading.share:
        dimensions.extend(
            PlannedDimension(f.column, f.column.name)
            for f in compared
            if f.column.key not in {d.column.key for d in dimensions}
        )
    ranked = reading.descending is not None
    by_time = bool(grain) and not ranked
    plan = QueryPlan(
        base=base,
        joins=joins.ordered(),
        measures=_named(planned, reading),
        dimensions=_distinctly_named(dimensions, reading.grain),
        filters=filters,
        windows=windows,
        grain=grain,
        weekday=reading.weekday,
        time_column=time_column,
        limit=reading.limit or (_DEFAULT_RANKING if ranked and (dimensions or grain) else _MOST_ROWS),
        order="time" if by_time else "measure",
        descending=reading.descending if reading.descending is not None else True,
        share=reading.share,
        listing=False,
        standing=standing,
    )
    named = {column.key for asked in measures for column in asked.columns}
    closeness = sum(3 - asked.closeness for asked in measures)
    closeness += sum(3 for choice in chosen if isinstance(choice, CatalogColumn) and choice.key not in named)
    away = 0 if all(not isinstance(c, str) or c == base for c in chosen) else 1
    no_time = int(bool(windows or grain) and time_column is not None and time_column.table != base)
    return (closeness, joins.cost, away, no_time, list(catalog.tables).index(base)), plan


class _Joins:
    """Collects the joins of a query, with their distance from the base table."""

    def __init__(self, base: str, catalog: Catalog) -> None:
        self.base, self.catalog = base, catalog
        self.needed: dict[tuple[str, str], Relationship] = {}
        self.cost = 0

    def distance(self, table: str) -> int | None:
        path = self.catalog.path(self.base, table)
        return None if path is None else len(path)

    def need(self, table: str, otherwise: str) -> None:
        path = self.catalog.path(self.base, table)
        if path is None:
            raise NotAnswerableError(otherwise)
        self.cost += len(path)
        for relationship in path:
            self.needed.setdefault((relationship.table, relationship.references), relationship)

    def ordered(self) -> tuple[Relationship, ...]:
        return tuple(self.needed.values())


def _nearest(columns: tuple[CatalogColumn, ...], joins: _Joins) -> CatalogColumn | None:
    reachable = [(joins.distance(column.table), index) for index, column in enumerate(columns)]
    usable = [(distance, index) for distance, index in reachable if distance is not None]
    return columns[min(usable)[1]] if usable else None


def _measure(
    choice: CatalogColumn | str, asked: MeasureAsked, base: str, joins: _Joins, reading: AskedQuestion, catalog: Catalog
) -> PlannedMeasure:
    per = _per_column(reading, base, joins, catalog)
    if isinstance(choice, str):
        joins.need(choice, f"{choice} cannot be counted there")
        if choice == base:
            return PlannedMeasure("count", None, f"{choice}_count", None, per=per)
        key = catalog.tables[choice].column(catalog.tables[choice].primary_key[0])
        return PlannedMeasure("count", key, f"{choice}_count", None, distinct=True)
    function = asked.function or ("avg" if choice.aggregation in ("avg", "none") else "sum")
    if per is not None:
        function = "sum"
    prefix = {"avg": "average_", "min": "lowest_", "max": "highest_"}.get(function, "total_")
    name = choice.name if choice.name.startswith(prefix.rstrip("_")) or function == "count" else prefix + choice.name
    return PlannedMeasure(function, choice, name, choice.unit, per=per)


def _per_column(reading: AskedQuestion, base: str, joins: _Joins, catalog: Catalog) -> CatalogColumn | None:
    """Return the key whose distinct count is the divisor of an "average ... per customer", or None."""
    if reading.per_table is None:
        return None
    table = catalog.tables[reading.per_table]
    if len(table.primary_key) != 1:
        raise NotAnswerableError(f"{table.name} does not have a key of exactly one column, so I cannot count it")
    joins.need(table.name, f"{table.name} cannot be combined with {base} without counting some rows twice")
    return table.column(table.primary_key[0])


def _dimension(asked: DimensionAsked, base: str, joins: _Joins, catalog: Catalog) -> list[PlannedDimension]:
    if asked.tables:
        table = catalog.tables[asked.tables[0]]
        joins.need(table.name, f"{base} cannot be shown by {asked.words} without counting some rows twice")
        label = table.label
        keys = [table.column(name) for name in table.primary_key]
        columns = [label] if label else keys
        if label and label.role == "text" and keys:
            columns = [*keys, label]  # different people or companies can have the same name
        return [PlannedDimension(column, column.name) for column in columns]
    column = _nearest(asked.columns, joins)
    if column is None:
        raise NotAnswerableError(f"{base} cannot be shown by {asked.words} without counting some rows twice")
    joins.need(column.table, "")
    return [PlannedDimension(column, column.name)]


def _filters(asked: tuple[FilterAsked, ...], base: str, joins: _Joins) -> tuple[PlannedFilter, ...]:
    """Return one filter per column and operator. Two values of one column are alternatives."""
    collected: dict[tuple[str, Operator], PlannedFilter] = {}
    for wanted in asked:
        column = _nearest(tuple(column for column, _ in wanted.choices), joins)
        if column is None:
            raise NotAnswerableError(f"{base} cannot be filtered by {wanted.words}")
        joins.need(column.table, "")
        values = tuple(value for c, chosen in wanted.choices if c == column for value in chosen)
        earlier = collected.get((column.key, wanted.operator))
        everything = tuple(dict.fromkeys((*(earlier.values if earlier else ()), *values)))
        collected[column.key, wanted.operator] = PlannedFilter(column, wanted.operator, everything)
    return tuple(collected.values())


def _standing(reading: AskedQuestion, base: str, joins: _Joins, catalog: Catalog) -> tuple[PlannedFilter, ...]:
    """Return the default filters on the base table, and on the table that its rows are parts of.

    A default filter does not apply if the question names its flag.
    """
    named = {c.key for f in reading.filters for c, _ in f.choices} | {
        c.key for d in reading.dimensions for c in d.columns
    }
    filters = []
    for wanted in catalog.standing_filters:
        column = catalog.tables[wanted.table].column(wanted.column)
        is_part = joins.distance(wanted.table) == 1 and catalog.tables[base].time is None
        if column.key not in named and (base == wanted.table or is_part):
            joins.need(wanted.table, "")
            filters.append(PlannedFilter(column, "=", (wanted.kept,)))
    return tuple(filters)


def _time_column(reading: AskedQuestion, base: str, joins: _Joins, catalog: Catalog) -> CatalogColumn | None:
    """Return the named time column, else the base table's event time, else that of the nearest table it refers to."""
    if not (reading.windows or reading.grain or reading.weekday or reading.time_columns):
        return None
    column = _nearest(reading.time_columns, joins) or catalog.tables[base].time
    if column is None:
        reachable = [
            (d, name)
            for name in catalog.tables
            if (d := joins.distance(name)) is not None and catalog.tables[name].time
        ]
        if not reachable:
            raise NotAnswerableError(f"{base} has no date")
        column = catalog.tables[min(reachable)[1]].time
    if column is None:
        raise NotAnswerableError(f"{base} has no date")
    joins.need(column.table, "")
    return column


def _grain_of(windows: tuple[Window, ...]) -> Unit:
    """Return the grain for comparing two windows: their length."""
    text = " ".join(window.words for window in windows)
    for unit in ("day", "week", "quarter", "month"):
        if unit in text or (unit == "quarter" and any(f"q{i}" in text for i in range(1, 5))):
            return unit
    return "month" if any(c.isalpha() for c in windows[0].words.replace("in", "")) else "year"


def _per_year(grain: Unit) -> int:
    return {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}[grain]


def _named(measures: tuple[PlannedMeasure, ...], reading: AskedQuestion) -> tuple[PlannedMeasure, ...]:
    """Name the result columns. The name says if it is a share or an average per something; duplicates are numbered."""
    names: dict[str, int] = {}
    named = []
    for measure in measures:
        name = measure.name
        if reading.share:
            name = "share"
        elif measure.per:
            name = f"{name.removeprefix('total_')}_per_{measure.per.table.removesuffix('s')}"
        names[name] = names.get(name, 0) + 1
        suffix = f"_{names[name]}" if names[name] > 1 else ""
        named.append(
            PlannedMeasure(measure.function, measure.column, name + suffix, measure.unit, measure.distinct, measure.per)
        )
    return tuple(named)


def _distinctly_named(dimensions: list[PlannedDimension], grain: Unit | None) -> tuple[PlannedDimension, ...]:
    """Add the table's name to columns that have the same name."""
    taken = [d.column.name for d in dimensions] + ([grain] if grain else [])
    return tuple(
        PlannedDimension(d.column, f"{d.column.table}_{d.column.name}" if taken.count(d.column.name) > 1 else d.name)
        for d in dimensions
    )


# --- questions without a named measure ---------------------------------------------------------------------------


def _implied_measures(reading: AskedQuestion, catalog: Catalog) -> tuple[MeasureAsked, ...]:
    """Return the measures of a question that names none.

    "top 5 products" is ranked by the amount of a table that refers to products; a share of a flag counts that flag's rows.
    """
    tables = [name for asked in reading.dimensions for name in asked.tables]
    flags = [column.table for wanted in reading.filters for column, _ in wanted.choices]
    if reading.share and flags:
        return (MeasureAsked((), (flags[0],), "count"),)
    if reading.grain or (reading.descending is None and not reading.dimensions):
        return ()
    if tables and reading.descending is not None:
        amounts = [
            table.column(table.amount)
            for table in catalog.tables.values()
            if table.amount and table.name != tables[0] and catalog.path(table.name, tables[0])
        ]
        return (MeasureAsked(tuple(amounts), (), None),) if amounts else ()
    return ()


def _plan_moment(reading: AskedQuestion, catalog: Catalog) -> QueryPlan:
    tables = [t for m in reading.measures for t in m.tables] + list(reading.mentioned_tables)
    columns = reading.time_columns or tuple(c for name in tables if (c := catalog.tables[name].time))
    if not columns or reading.moment is None:
        raise NotAnswerableError("the question names nothing that has a date")
    column = columns[0]
    joins = _Joins(column.table, catalog)
    name = f"{'earliest' if reading.moment == 'min' else 'latest'}_{column.name}"
    return QueryPlan(
        base=column.table,
        joins=joins.ordered(),
        measures=(PlannedMeasure(reading.moment, column, name),),
        dimensions=(),
        filters=_filters(reading.filters, column.table, joins),
        windows=reading.windows,
        grain=None,
        weekday=False,
        time_column=column,
        limit=_MOST_ROWS,
        order="measure",
        descending=True,
        share=False,
        listing=False,
    )


def _plan_listing(reading: AskedQuestion, catalog: Catalog) -> QueryPlan:
    base = reading.mentioned_tables[0]
    table = catalog.tables[base]
    joins = _Joins(base, catalog)
    filters = _filters(reading.filters, base, joins)
    time_column = _time_column(reading, base, joins, catalog)
    return QueryPlan(
        base=base,
        joins=joins.ordered(),
        measures=(),
        dimensions=tuple(PlannedDimension(c, c.name) for c in table.columns),
        filters=filters,
        windows=reading.windows,
        grain=None,
        weekday=False,
        time_column=time_column,
        limit=100,
        order="first",
        descending=False,
        share=False,
        listing=True,
    )
