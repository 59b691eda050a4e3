"""Plans the queries of what is asked: which table is counted, by which clock, and along which joins.

Joins go only from many to one, so nothing is counted twice. The event that is asked about chooses the table and the clock. If
what is asked can be computed in several ways - two foreign keys, two tables that record different events - there is one
query for each way; the caller compares their figures.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from provisioning_assets.agent.understanding.asked import (
    Asked,
    Condition,
    Dated,
    Events,
    Figure,
    UnreadableError,
)
from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn, Relationship, StandingFilter
from provisioning_assets.agent.understanding.lexicon import stems_of
from provisioning_assets.agent.understanding.meaning import Meaning
from provisioning_assets.agent.understanding.query import (
    MOST_ROWS,
    DatedCondition,
    Group,
    Kept,
    Query,
    QueryCondition,
    QueryFigure,
    RelatedRows,
)
from provisioning_assets.agent.understanding.time_windows import Unit, Window, start_of, whole_periods

_RANKED_ROWS = 10
# Names such as "monthly revenue" say the period that their figure is of.
_PERIODIC = ("daily ", "weekly ", "monthly ")
_UNITS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "year")


_T = TypeVar("_T")


def plan_queries(asked: Asked, catalog: Catalog, today: date) -> list[Query]:
    """Return the queries that compute what is asked, one for each way.

    Raises:
        UnreadableError: there is none; the message says why.
    """
    found: list[Query] = []
    reason: UnreadableError | None = None
    asked = _listed_by_events(asked, catalog)
    for base, changed in _bases(asked, catalog):
        try:
            found.extend(_in_every_way(lambda way, b=base, a=changed: _Planner(b, a, catalog, today, way).query()))
        except UnreadableError as error:
            reason = reason or error
    if not found:
        raise reason or UnreadableError("it combines tables that are not related")
    return list(dict.fromkeys(found))


class _Ways:
    """Chooses between ways of computing, and remembers how many there were, so that all are tried."""

    def __init__(self, chosen: tuple[int, ...]) -> None:
        self.chosen, self.sizes = chosen, []

    def choose(self, options: Sequence[_T]) -> _T:
        """Return one of the options. Raises ValueError if there are none."""
        if not options:
            raise ValueError("no options")
        if len(options) == 1:
            return options[0]
        at = len(self.sizes)
        self.sizes.append(len(options))
        return options[self.chosen[at] if at < len(self.chosen) else 0]


def _in_every_way(plan: Callable[[_Ways], Query]) -> list[Query]:
    waiting: list[tuple[int, ...]] = [()]
    found: list[Query] = []
    reason: UnreadableError | None = None
    while waiting:
        chosen = waiting.pop()
        ways = _Ways(chosen)
        try:
            found.append(plan(ways))
        except UnreadableError as error:
            reason = reason or error
        sizes: list[int] = ways.sizes
        for at in range(len(chosen), len(sizes)):
            before = chosen + (0,) * (at - len(chosen))
            waiting.extend((*before, other) for other in range(1, sizes[at]))
    if not found and reason is not None:
        raise reason
    return found


# --- the base ----------------------------------------------------------------------------------------------------


def _bases(asked: Asked, catalog: Catalog) -> list[tuple[str, Asked]]:
    """Return the tables from which the figures can be computed for all groups, with the figures as they are there."""
    if asked.listed is not None and asked.groups:
        return [(_grouped_events(asked), asked)]
    tables = {figure.table for figure in asked.figures} or {asked.listed or ""}
    if asked.moment is not None or not asked.figures:
        tables = {asked.listed or asked.events[0].table if asked.events else asked.listed or _moment_table(asked)}
    if len(tables) > 1:
        raise UnreadableError(f"the figures are of different tables: {' and '.join(sorted(tables))}")
    table = tables.pop()
    happened = [c for c in asked.conditions if c.operator == "set" or c.column.type == "BOOL"]
    verbs = [e for e in asked.events if e.verb and e.operator == ">=" and catalog.reaches(e.table, table)]
    plain_count = all(f.column is None and not f.distinct for f in asked.figures)
    elsewhere = [e.table for e in verbs] + [
        c.column.table for c in happened if not catalog.reaches(table, c.column.table)
    ]
    if catalog.tables[table].time is None and elsewhere and asked.figures and plain_count:
        raise _counted_unclearly(table, elsewhere[0])
    away = [m.table for m in asked.groups if not catalog.reaches(table, m.table)]
    strange = [c.column.table for c in asked.conditions if not catalog.reaches(table, c.column.table)]
    if strange and not away and any(f.column is not None for f in asked.figures) and not asked.events:
        try:
            return _on_finer_tables(table, strange, asked, catalog)
        except UnreadableError:
            pass
    if asked.per is not None and not catalog.reaches(table, asked.per):
        away.append(asked.per)
    if not away:
        return [(table, asked)]
    if all(f.column is None for f in asked.figures):
        return _counted_elsewhere(table, away, asked, catalog)
    return _on_finer_tables(table, away, asked, catalog)


def _listed_by_events(asked: Asked, catalog: Catalog) -> Asked:
    """Return a list of rows with so many events as groups of the events, so that their number is shown too."""
    if asked.listed is None or asked.groups or len(asked.events) != 1:
        return asked
    event = asked.events[0]
    many = event.operator in (">", ">=") and (event.number > 1 or event.operator == ">")
    within = all(catalog.reaches(event.table, c.column.table) for c in (*asked.conditions,))
    if not many or not within or not catalog.reaches(event.table, asked.listed):
        return asked
    return replace(asked, groups=(Meaning("table", asked.listed),))


def _moment_table(asked: Asked) -> str:
    tables = [m.table for m in asked.chosen if m.kind == "table"]
    if not tables:
        raise UnreadableError("it names nothing that has a date")
    return tables[0]


def _grouped_events(asked: Asked) -> str:
    if len(asked.events) != 1:
        raise UnreadableError("it does not say which figure it asks for")
    return asked.events[0].table


def _counted_elsewhere(table: str, away: list[str], asked: Asked, catalog: Catalog) -> list[tuple[str, Asked]]:
    """Return the tables that connect counted rows with groups they have no own reference to; each row is counted once."""
    named = [event.table for event in asked.events if event.operator in (">=", ">") or event.number]
    wanted = [*away, *(name for name in named if not catalog.reaches(table, name))]
    connecting = _connecting((table, *wanted), asked, catalog)
    key = catalog.tables[table].primary_key
    if not connecting or len(key) != 1:
        raise UnreadableError(
            f"{_readable(table)} cannot be shown by {_readable(away[0])} without counting some rows twice"
        )
    if catalog.tables[table].time is None and not any(f.distinct for f in asked.figures):
        raise _counted_unclearly(table, connecting[0])
    column = catalog.tables[table].column(key[0])
    figures = tuple(replace(f, table=table, column=column, distinct=True, function="count") for f in asked.figures)
    return [(base, replace(asked, figures=figures)) for base in connecting]


def _on_finer_tables(table: str, away: list[str], asked: Asked, catalog: Catalog) -> list[tuple[str, Asked]]:
    """Return the same amounts on more detailed tables: revenue by product is the revenue of order lines."""
    declared = catalog.tables[table].amount
    found = []
    for finer in catalog.tables.values():
        if (
            finer.amount is None
            or finer.name == table
            or finer.time is not None
            or not catalog.reaches(finer.name, table)
        ):
            continue
        amount = finer.column(finer.amount)
        same = all(
            f.column is not None
            and f.column.name == declared
            and f.column.unit == amount.unit
            and f.function in (None, "sum")
            for f in asked.figures
        )
        if same and all(catalog.reaches(finer.name, t) for t in away):
            figures = tuple(replace(f, table=finer.name, column=amount) for f in asked.figures)
            found.append((finer.name, replace(asked, figures=figures)))
    if not found:
        raise UnreadableError(
            f"{_readable(table)} cannot be shown by {_readable(away[0])} without counting some rows twice"
        )
    return found


def _connecting(tables: tuple[str, ...], asked: Asked, catalog: Catalog) -> list[str]:
    """Return the coarsest tables that refer to all of these: none that records an event which the question does not name."""
    named = {m.table for m in asked.chosen if m.kind in ("table", "event")} | {e.table for e in asked.events}
    # "active customers": customers with an active subscription, because only subscriptions have such a state
    named |= {c.column.table for c in asked.conditions if c.column.state_today}
    # "customers by payment method": the group is what only orders have
    named |= {m.table for m in asked.groups if m.kind == "column"}
    found = _coarsest([f for f in catalog.tables if all(catalog.reaches(f, t) for t in tables)], catalog)
    return [f for f in found if f in named or f in catalog.actors or catalog.tables[f].time is None]


def _coarsest(tables: list[str], catalog: Catalog) -> list[str]:
    """Return the tables that refer to none of the others: the rest are details of them."""
    return [t for t in tables if not any(o != t and catalog.reaches(t, o) for o in tables)]


# --- one query ---------------------------------------------------------------------------------------------------


class _Joins:
    """The joins of one query or subquery."""

    def __init__(self, base: str, catalog: Catalog, ways: _Ways) -> None:
        self.base, self.catalog, self.ways = base, catalog, ways
        self.needed: dict[str, tuple[Relationship, ...]] = {base: ()}

    def need(self, table: str, via: Relationship | None = None) -> None:
        """Join a table. Raises UnreadableError if that would multiply rows, or if it is joined in two ways."""
        if via is not None:
            chain: tuple[Relationship, ...] = (via,)
            if self.needed.get(table, chain) != chain:
                raise UnreadableError(f"it uses {_readable(table)} in two ways")
            self.needed[table] = chain
            return
        if table in self.needed:
            return
        paths = self.catalog.paths(self.base, table)
        if not paths:
            raise UnreadableError(f"{_readable(self.base)} cannot be combined with {_readable(table)}")
        chain = self.ways.choose(paths)
        for at in range(1, len(chain) + 1):
            through = chain[at - 1].references
            if self.needed.setdefault(through, chain[:at]) != chain[:at]:
                raise UnreadableError(f"it uses {_readable(through)} in two ways")

    def ordered(self) -> tuple[Relationship, ...]:
        return tuple(dict.fromkeys(relationship for chain in self.needed.values() for relationship in chain))


class _Planner:
    """Plans one query from one base table."""

    def __init__(self, base: str, asked: Asked, catalog: Catalog, today: date, ways: _Ways) -> None:
        self.base, self.asked, self.catalog, self.today, self.ways = base, asked, catalog, today, ways
        self.joins = _Joins(base, catalog, ways)
        self.notes: list[str] = []

    def query(self) -> Query:
        """Return the query. Raises UnreadableError if the rest of what is asked cannot be combined with the base."""
        asked = self.asked
        groups = [group for meaning in asked.groups for group in self._group(meaning)]
        related, loose, windows = self._related()
        kept: list[Kept] = []
        conditions = [self._condition(c) for c in loose]
        clock, dated, grain = self._times(windows)
        part: list[Kept] = []
        if asked.share:
            part = [
                condition
                for condition, source in zip(conditions, loose, strict=True)
                if source.at >= asked.numerator_from
            ]
            part += [rows for rows, event in related if event is None or event.at >= asked.numerator_from]
            kept += [c for c, source in zip(conditions, loose, strict=True) if source.at < asked.numerator_from]
            kept += [rows for rows, event in related if event is not None and event.at < asked.numerator_from]
            if not part and not groups:
                raise UnreadableError("it does not say what the share is of")
        else:
            kept += [*conditions, *(rows for rows, _ in related)]
        kept += dated
        kept += self._standing(kept, part, groups)
        if asked.compares and not asked.share:
            groups += self._compared(conditions, groups)
        if (
            asked.compares
            and len({id(w) for w in windows}) < 2
            and not any(isinstance(c, QueryCondition) and len(c.values) > 1 for c in conditions)
        ):
            raise UnreadableError("it does not say which two things to compare")
        figures = self._figures(groups)
        if asked.listed is not None and asked.groups:
            summed = asked.events[0].summed
            figures = (
                QueryFigure("sum", summed, f"total_{summed.name}")
                if summed
                else QueryFigure("count", None, f"{self.base}_count"),
            )
        self._check_levels(figures, dated, grain)
        having = None
        if asked.listed is not None and asked.groups:
            event = asked.events[0]
            having = (event.operator, event.number)
        ranked = asked.descending is not None
        listed = () if having else self._listed()
        return Query(
            base=self.base,
            joins=self.joins.ordered(),
            figures=figures,
            groups=tuple(dict.fromkeys(groups)),
            grain=grain,
            weekday=asked.weekday,
            clock=clock,
            kept=tuple(dict.fromkeys(kept)),
            part=tuple(part),
            share=asked.share,
            having=having,
            descending=asked.descending,
            limit=MOST_ROWS if asked.each else asked.limit or (_RANKED_ROWS if ranked else MOST_ROWS),
            each=(asked.limit or 1) if asked.each else 0,
            listed=listed,
            notes=tuple(self.notes),
        )

    # -- groups and figures --

    def _group(self, meaning: Meaning) -> list[Group]:
        if meaning.kind == "event":
            raise UnreadableError(f"it does not say by which period of {meaning.of.name} to group")
        if meaning.kind == "table":
            self.joins.need(meaning.table)
            return self._label(meaning.table)
        column = meaning.of
        if column.table in self.catalog.actors and column == self.catalog.tables[column.table].label:
            self.joins.need(column.table)
            return self._label(column.table)
        references = [r for r in self.catalog.relationships if r.table == column.table and r.columns == (column.name,)]
        if column.role == "key" and column.table == self.base and references:
            self.joins.need(references[0].references, references[0])
            return self._label(references[0].references)
        self.joins.need(column.table)
        return [Group(column, column.name)]

    def _label(self, name: str) -> list[Group]:
        table = self.catalog.tables[name]
        label = table.label
        keys = [table.column(key) for key in table.primary_key]
        if label is None:
            return [Group(key, key.name) for key in keys]
        # different people or companies can have the same name
        can_repeat = label.role == "text" or label.personal or name in self.catalog.actors
        columns = [*keys, label] if can_repeat else [label]
        return [Group(column, column.name) for column in columns]

    def _compared(self, conditions: list[QueryCondition], groups: list[Group]) -> list[Group]:
        grouped = {group.column for group in groups}
        return [
            Group(c.column, c.column.name)
            for c in conditions
            if c.operator == "=" and len(c.values) > 1 and c.column not in grouped
        ]

    def _figures(self, groups: list[Group]) -> tuple[QueryFigure, ...]:
        asked = self.asked
        if asked.moment is not None:
            clock = self._clock_of(self.base)
            name = f"{'earliest' if asked.moment == 'min' else 'latest'}_{clock.name}"
            return (QueryFigure(asked.moment, clock, name),)
        if asked.duration is not None:
            return (self._duration(),)
        per = self._divisor()
        figures = [self._figure(figure, per) for figure in asked.figures]
        if asked.share:
            figures = [replace(figure, name="share") for figure in figures]
        names = [group.name for group in groups]
        numbered: list[QueryFigure] = []
        for figure in figures:
            taken = names.count(figure.name)
            names.append(figure.name)
            numbered.append(replace(figure, name=f"{figure.name}_{taken + 1}") if taken else figure)
        return tuple(numbered)

    def _figure(self, figure: Figure, per: CatalogColumn | None) -> QueryFigure:
        column = figure.column
        if column is None and any(c.level for c in self.catalog.tables[figure.table].columns):
            raise UnreadableError(
                f"the rows of {_readable(figure.table)} are levels of each period, which are not counted"
            )
        if figure.function == "count" or column is None:
            if column is not None and column.table != self.base:
                self.joins.need(column.table)
            name = f"{column.name if column is not None and column.role != 'key' else figure.table}_count"
            name = f"{figure.table}_per_{per.table.removesuffix('s')}" if per is not None else name
            return QueryFigure("count", column, name, distinct=figure.distinct and column is not None, per=per)
        function = figure.function or ("sum" if column.aggregation == "sum" else "avg")
        if per is not None:
            return QueryFigure("sum", column, f"{column.name}_per_{per.table.removesuffix('s')}", per=per)
        if function == "sum" and column.aggregation != "sum":
            raise UnreadableError(f"adding up {_readable(column.name)} makes no sense: it is a figure to average")
        prefix = {"avg": "average_", "min": "lowest_", "max": "highest_", "median": "median_"}.get(function, "total_")
        name = column.name if column.name.startswith(prefix.rstrip("_")) else prefix + column.name
        return QueryFigure(function, column, name)

    def _divisor(self) -> CatalogColumn | None:
        if self.asked.per is None:
            return None
        table = self.catalog.tables[self.asked.per]
        if len(table.primary_key) != 1:
            raise UnreadableError(f"{table.name} does not have a key of exactly one column, so I cannot count it")
        self.joins.need(table.name)
        return table.column(table.primary_key[0])

    def _duration(self) -> QueryFigure:
        asked = self.asked
        start, end = asked.duration or (None, None)
        if end is None:
            raise UnreadableError("it does not say between which two events the time is meant")
        start = start or self._clock_of(end.table)
        if start == end:
            raise UnreadableError("it does not say between which two events the time is meant")
        unit = asked.duration_unit or ("day" if "DATE" in (start.type, end.type) else "hour")
        if unit == "hour" and "DATE" in (start.type, end.type):
            raise UnreadableError(f"{start.name} and {end.name} are days, without hours")
        self.notes.append(f"This is the time from {start.name} to {end.name}.")
        function = asked.figures[0].function or "avg"
        prefix = "median" if function == "median" else "average"
        return QueryFigure(function, end, f"{prefix}_{unit}s_to_{end.name}", since=start, unit=unit)

    def _listed(self) -> tuple[CatalogColumn, ...]:
        asked = self.asked
        if asked.listed is None:
            return ()
        table = self.catalog.tables[asked.listed]
        for column in asked.shown:
            self.joins.need(column.table)
        if asked.shown:
            label = (table.label,) if table.label is not None else ()
            return tuple(dict.fromkeys((*label, *asked.shown)))
        if table.label is not None and (asked.conditions or asked.events or asked.windows):
            return tuple(group.column for group in self._label(table.name))
        return table.columns

    def _check_levels(self, figures: Iterable[QueryFigure], dated: list[Kept], grain: Unit | None) -> None:
        """Refuse to add up a level, such as a balance at a month's end, over several periods."""
        periodic = {figure.column for figure in self.asked.figures if figure.said.casefold().startswith(_PERIODIC)}
        levels = [
            f
            for f in figures
            if f.column is not None and (f.column.level or f.column in periodic) and f.function in ("sum", "avg")
        ]
        if any(f.per is not None for f in levels):
            raise UnreadableError("this figure is a level, so it is not clear over which time the average is meant")
        if any(f.function == "avg" and f.column is not None and f.column.aggregation == "sum" for f in levels):
            raise UnreadableError("it does not say of what the average is meant: of the rows, or of the periods")
        if not any(f.function == "sum" for f in levels):
            return
        windows = [w for d in dated if isinstance(d, DatedCondition) for w in d.windows]
        if grain == "month" or (len(windows) == 1 and _within(windows[0], "month", self.today)):
            return
        raise UnreadableError("this figure is a level at the end of each period, which cannot be added up over time")

    # -- conditions --

    def _condition(self, condition: Condition) -> QueryCondition:
        self.joins.need(condition.column.table)
        return QueryCondition(condition.column, condition.operator, condition.values, condition.than)

    def _related(self) -> tuple[list[tuple[RelatedRows, Events | None]], list[Condition], list[Dated]]:
        """Divide events, conditions and windows into those of related rows, and those of the base's own rows."""
        asked = self.asked
        loose = [c for c in asked.conditions if self.catalog.reaches(self.base, c.column.table)]
        strange = [c for c in asked.conditions if c not in loose]
        events = [] if asked.listed is not None and asked.groups else list(asked.events)
        events = [e for e in events if not self._is_own(e)]
        own_windows: list[Dated] = []
        inside: dict[int, list[Dated]] = {}
        for window in asked.windows:
            event = self._event_of(window, events)
            if event is None:
                own_windows.append(window)
            else:
                inside.setdefault(events.index(event), []).append(window)
        if strange and asked.share and len(asked.conditions) > 1:
            raise UnreadableError("it is not clear which of the conditions the share is of")
        of_event: dict[int, list[Condition]] = {}
        apart: list[Condition] = []
        for condition in strange:
            owner = _owner(condition, events)
            if owner is None:
                apart.append(condition)
            else:
                of_event.setdefault(events.index(owner), []).append(condition)
        if apart:
            events.append(Events(self._connecting([c.column.table for c in apart]), at=apart[0].at))
            of_event[len(events) - 1] = apart
        related: list[tuple[RelatedRows, Events | None]] = [
            (self._related_rows(event, of_event.get(at, []), inside.get(at, [])), event)
            for at, event in enumerate(events)
        ]
        own = [
            self._absent(e)
            for e in (asked.events if not asked.groups or asked.listed is None else ())
            if self._is_own(e) and e.operator == "=" and e.number == 0
        ]
        return related, [*loose, *own], own_windows

    def _is_own(self, event: Events) -> bool:
        """Return whether each row of the base has at most one such row, so that having it is the base's own fact."""
        if not self.catalog.reaches(self.base, event.table):
            return False
        if event.operator not in (">=", "=") or event.number > 1:
            raise UnreadableError(f"{_readable(self.base)} have at most one of the {_readable(event.table)} each")
        return True

    def _absent(self, event: Events) -> Condition:
        chain = self.catalog.paths(self.base, event.table)
        if len(chain) != 1 or len(chain[0]) != 1:
            raise UnreadableError(f"I do not know how {_readable(self.base)} can be without {_readable(event.table)}")
        column = self.catalog.tables[self.base].column(chain[0][0].columns[0])
        return Condition(column, "unset", (), event.at, event.said)

    def _connecting(self, tables: list[str]) -> str:
        found = _connecting((self.base, *tables), self.asked, self.catalog)
        if not found:
            raise UnreadableError(
                f"it does not say by which event {_readable(self.base)} and {_readable(tables[0])} belong together"
            )
        return self.ways.choose(found)

    def _related_rows(self, event: Events, conditions: list[Condition], windows: list[Dated]) -> RelatedRows:
        wanted = [c.column.table for c in conditions]
        figure = next((f.column for f in self.asked.figures if f.column is not None and f.table == self.base), None)
        if figure is not None and conditions and figure.role == "measure":
            raise UnreadableError(
                f"{_readable(self.base)} can have several {_readable(event.table)}, and {figure.name} is of all of them"
            )
        table = event.table
        if not all(self.catalog.reaches(table, t) for t in (self.base, *wanted)):
            table = self._connecting([event.table, *wanted])
        joins = _Joins(table, self.catalog, self.ways)
        key = self.catalog.tables[self.base].primary_key
        if len(key) != 1:
            raise UnreadableError(f"{self.base} does not have a key of exactly one column")
        base_key = self.catalog.tables[self.base].column(key[0])
        chain = self.ways.choose(self.catalog.paths(table, self.base))
        for relationship in chain[:-1]:
            joins.need(relationship.references, relationship if relationship.table == table else None)
        reference = self.catalog.tables[chain[-1].table].column(chain[-1].columns[0])
        inner: list[QueryCondition | DatedCondition] = []
        for condition in conditions:
            joins.need(condition.column.table)
            inner.append(QueryCondition(condition.column, condition.operator, condition.values, condition.than))
        if event.clock is not None:
            inner.append(QueryCondition(event.clock, "set"))
        for window in windows:
            clock = window.clock or event.clock or self._clock_of(event.table)
            joins.need(clock.table)
            inner.append(DatedCondition(clock, (window.window,)))
        for standing in self.catalog.standing_filters:
            column = self.catalog.tables[standing.table].column(standing.column)
            if standing.table == table or (standing.table in joins.needed and self.catalog.tables[table].time is None):
                inner.append(QueryCondition(column, "=", (standing.kept,)))
                self._say(standing, column)
        if event.summed is not None and event.table != table:
            raise UnreadableError(
                f"{_readable(event.table)} cannot be combined with that without counting some rows twice"
            )
        if event.table != table and event.number > 1:
            raise _counted_unclearly(event.table, table)
        return RelatedRows(
            base_key,
            table,
            joins.ordered(),
            reference,
            event.operator,
            event.number,
            tuple(inner),
            event.summed,
        )

    def _standing(self, kept: list[Kept], part: list[Kept], groups: list[Group]) -> list[Kept]:
        """Return the default filters on the base, and on the table whose parts its rows are, unless the flag is asked."""
        named = {kept_.column.key for kept_ in (*kept, *part) if not isinstance(kept_, RelatedRows)}
        named |= {group.column.key for group in groups}
        said = {
            stems_of(str(value))
            for kept_ in (*kept, *part)
            if isinstance(kept_, QueryCondition)
            for value in kept_.values
        } | {stems_of(kept_.column.name)[:1] for kept_ in (*kept, *part) if isinstance(kept_, QueryCondition)}
        found: list[Kept] = []
        for standing in self.catalog.standing_filters:
            column = self.catalog.tables[standing.table].column(standing.column)
            paths = self.catalog.paths(self.base, standing.table)
            is_part = bool(paths) and len(paths[0]) == 1 and self.catalog.tables[self.base].time is None
            asked_for = column.key in named or bool({stems_of(column.name)[1:], stems_of(column.name)} & said)
            if not asked_for and (self.base == standing.table or is_part):
                self.joins.need(standing.table)
                found.append(QueryCondition(column, "=", (standing.kept,)))
                self._say(standing, column)
        return found

    def _say(self, standing: StandingFilter, column: CatalogColumn) -> None:
        """Note a default filter for the answer: a figure without these rows must not look like one with them."""
        note = f"{'Only' if standing.kept else 'Without'} {column.table} where {column.name} is true."
        if note not in self.notes:
            self.notes.append(note)

    # -- times --

    def _clock_of(self, table: str) -> CatalogColumn:
        """Return a table's clock, else the clock of the nearest table that it refers to."""
        clock = self.catalog.tables[table].time
        if clock is not None:
            return clock
        above = [
            (len(self.catalog.paths(table, name)[0]), found.time)
            for name, found in self.catalog.tables.items()
            if found.time is not None and self.catalog.reaches(table, name)
        ]
        nearest = [clock for distance, clock in above if distance == min(d for d, _ in above)]
        if not nearest:
            raise UnreadableError(f"{_readable(table)} have no date")
        return self.ways.choose(nearest)

    def _event_of(self, window: Dated, events: list[Events]) -> Events | None:
        """Return the related event that a window dates, or None for the base's own rows."""
        if window.clock is not None:
            if self.catalog.reaches(self.base, window.clock.table):
                return None
            owners = [e for e in events if self.catalog.reaches(e.table, window.clock.table)]
            if not owners:
                raise UnreadableError(f"{_readable(self.base)} have no {window.clock.name}")
            return owners[-1]
        before = [e for e in events if e.at < window.at]
        if not before:
            return None
        event = before[-1]
        if event.verb or self.base in self.catalog.actors or self.catalog.tables[self.base].time is None:
            return event
        return self.ways.choose([None, event])

    def _times(self, windows: list[Dated]) -> tuple[CatalogColumn | None, list[Kept], Unit | None]:
        asked = self.asked
        dated = asked.windows or asked.grain or asked.weekday
        if not (windows or asked.grain or asked.weekday):
            if asked.new and not dated:
                raise UnreadableError("it does not say since when “new” is meant")
            return None, [], None
        clocks = {self._window_clock(window) for window in windows}
        clock = clocks.pop() if len(clocks) == 1 else None
        if not windows:
            clock = self._own_clock()
        elif clock is None:
            if asked.grain or asked.weekday:
                raise UnreadableError("it names two times; I cannot tell by which one to group")
            by_clock = [(self._window_clock(window), window) for window in windows]
            for column, _ in by_clock:
                self.joins.need(column.table)
            return None, [DatedCondition(column, (window.window,)) for column, window in by_clock], None
        if clock is None:
            raise UnreadableError(f"{_readable(self.base)} have no date")
        self.joins.need(clock.table)
        if clock != self.catalog.tables[self.base].time:
            self.notes.append(f"Dates are those of {clock.name}.")
        spans = tuple(dict.fromkeys(window.window for window in windows))
        grain = asked.grain
        if len(spans) > 1:
            grain = grain or self._comparing_unit(spans)
        rolling = windows[0].rolling if len(windows) == 1 else None
        if rolling is not None and grain is not None:
            spans = (self._whole(rolling, grain, windows[0].window),)
        return clock, [DatedCondition(clock, spans)] if spans else [], grain

    def _window_clock(self, window: Dated) -> CatalogColumn:
        return window.clock or self._own_clock()

    def _own_clock(self) -> CatalogColumn:
        """Return the clock of a time that is not said to be of an event."""
        asked = self.asked
        if asked.listed is not None and asked.groups:
            return asked.events[0].clock or self._clock_of(self.base)
        happened = [c.column for c in asked.conditions if c.operator == "set" and c.column.table == self.base]
        explicit = [
            w.clock for w in asked.windows if w.clock is not None and self.catalog.reaches(self.base, w.clock.table)
        ]
        if explicit:
            return explicit[0]
        clock = self._clock_of(self.base)
        if happened and not asked.share:
            return self.ways.choose(list(dict.fromkeys([*happened[-1:], *(() if self._is_actor() else (clock,))])))
        if (
            self._is_actor()
            and not asked.new
            and (asked.windows or any(c.column.state_today for c in asked.conditions))
        ):
            raise UnreadableError(
                f"it does not say what the {_readable(self.base)} did at that time: {_readable(clock.name)}, or something else"
            )
        if self._is_actor() and any(c.column.state_today for c in asked.conditions):
            raise UnreadableError("this data says how they stand today, not how they stood at that time")
        return clock

    def _is_actor(self) -> bool:
        return self.base in self.catalog.actors

    def _comparing_unit(self, windows: tuple[Window, ...]) -> Unit:
        """Return the period that keeps windows apart: each lies within one, and no two in the same one."""
        spans = [window.dates(self.today) for window in windows]
        ended = [(end - start).days for start, end in spans if start and end and end <= self.today]
        if ended and max(ended) > 2 * min(ended):
            raise UnreadableError("the two times are not alike: one is much longer than the other")
        for unit in _UNITS:
            starts = [_period_of(window, unit, self.today) for window in windows]
            if None not in starts and len(set(starts)) == len(starts):
                return unit
        raise UnreadableError("the two times overlap, or are not whole periods that I could show side by side")

    def _whole(self, rolling: tuple[int, Unit], grain: Unit, window: Window) -> Window:
        """Return the last n complete periods for "by month over the last 12 months"; days are the same days as without."""
        count, unit = rolling
        if grain == "day":
            return window
        if unit == grain:
            return whole_periods(rolling)
        if unit == "year" and grain in ("month", "quarter"):
            return whole_periods((count * (12 if grain == "month" else 4), grain))
        return window


def _owner(condition: Condition, events: list[Events]) -> Events | None:
    """Return the related event that a condition describes: the one before it, or the noun directly after it; None for no event."""
    before = [event for event in events if event.at < condition.at]
    after = [event for event in events if event.at == condition.at + 1 and not event.verb]
    return after[0] if after else before[-1] if before else None


def _within(window: Window, unit: Unit, today: date) -> bool:
    return _period_of(window, unit, today) is not None


def _period_of(window: Window, unit: Unit, today: date) -> date | None:
    """Return the first day of the only period that contains a window, or None."""
    start, end = window.dates(today)
    if start is None or end is None:
        return None
    last = date.fromordinal(end.toordinal() - 1)
    first = start_of(start, unit)
    return first if start_of(last, unit) == first else None


def _counted_unclearly(table: str, within: str) -> UnreadableError:
    return UnreadableError(
        f"it is not clear whether {_readable(table)} are counted once each, or as often as they occur in {_readable(within)}"
    )


def _readable(name: str) -> str:
    return name.replace("_", " ")
