"""Which columns and rows of a model's tables change with the day one looks at them, and how each follows from the others.

A row is there once its own moment (when it arrived, its period began, its state was entered, its event happened) has come, its
parent is there, and the parent fulfils the table's condition. A moment after another one is null while it lies ahead; whatever
is computed from such columns - a status, the sum of the children so far, the latest renewal - is computed again from what was
known then, as the generator would have on that day. Due dates are known ahead and stay.

Each step is DuckDB SQL over the step before: first a table's rows, then one column after the other. Nothing is executed here.
"""

# ruff: noqa: S608  (names match the data model's Name pattern; expressions are written anew from what was read)

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioning_assets.data_model.expressions import columns_of, duckdb_sql
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
    ParentKey,
    PeriodStart,
    Renewal,
    RollUp,
)
from provisioning_assets.data_model.lineage import ROWS, Lineage, Node
from provisioning_assets.data_model.populations import PerParent, PerPeriod
from provisioning_assets.data_model.tables import Column
from provisioning_assets.quality import renewal_sql
from provisioning_assets.quality.construct_rules import first_of

DAY_VARIABLE = "as_it_stood_on"
TODAY = f"CAST(getvariable('{DAY_VARIABLE}') AS DATE)"

DUCKDB_TYPES = {
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DECIMAL(18, 2)",
    "BOOL": "BOOLEAN",
    "DATE": "DATE",
    "DATETIME": "TIMESTAMP",
}
"""GoogleSQL type -> DuckDB type of a computed column. NUMERIC is money with two decimals (``data_model.Column``)."""


@dataclass(frozen=True)
class Step:
    """A table's rows, or one column of it, as they stood: ``sql`` over ``before`` and, maybe, another table's step."""

    name: str
    node: Node
    sql: str
    before: str
    reads: frozenset[Node]
    looks_at: str | None = None


class Steps:
    """The steps of every table of a model, each after those it needs."""

    def __init__(self, lineage: Lineage) -> None:
        self.lineage = lineage
        self.all: list[Step] = []
        self._changing: set[Node] = set()
        self._version: dict[str, int] = {}
        for root in lineage.family_order:
            for table, column in lineage.column_order(root):
                if column == ROWS:
                    self._rows(table)
                else:
                    self._column(table, lineage.columns[table, column])

    def latest(self, table: str) -> str:
        """The last step of a table."""
        return _name(table, self._version[table])

    def needed_for(self, asked: Mapping[str, Sequence[str]]) -> tuple[list[Step], set[Node]]:
        """The steps, and the stored columns, that these columns of these tables are made from."""
        nodes = {(table, column) for table, columns in asked.items() for column in (ROWS, *columns)}
        live: list[Step] = []
        for step in reversed(self.all):
            if step.node in nodes:
                live.append(step)
                nodes |= step.reads | {(table, ROWS) for table, _ in step.reads}
        return live[::-1], {node for node in nodes if node[1] != ROWS}

    # --- rows ------------------------------------------------------------------------------------------------------

    def _rows(self, table: str) -> None:
        moments = list(self._own_moments(table))
        conditions = [f'(t."{name}" IS NULL OR CAST(t."{name}" AS DATE) <= {TODAY})' for name in moments]
        reads = {(table, name) for name in moments}
        descent = self._descent(table)
        parent = self.lineage.parent(table) if descent else None
        if descent is not None:
            conditions.append(descent[0])
            reads |= descent[1]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        stored = f'stored."{table}"'
        sql = f'SELECT t.rowid AS "row#", t.* FROM {stored} AS t{where}'
        looks_at = None if parent is None else self.latest(parent)
        self._version[table] = 0
        self.all.append(Step(_name(table, 0), (table, ROWS), sql, stored, frozenset(reads), looks_at))
        if conditions:
            self._changing.add((table, ROWS))

    def _own_moments(self, table: str) -> Iterator[str]:
        declared = self.lineage.tables[table]
        for column in declared.columns:
            if column.name == declared.event_time or isinstance(column.generator, Arrival | PeriodStart | EnteredAt):
                yield column.name

    def _descent(self, table: str) -> tuple[str, set[Node]] | None:
        """The condition that a row's parent is there and has it, with what it reads; None where that never changes."""
        population = self.lineage.tables[table].population
        if not isinstance(population, PerParent | PerPeriod):
            return None
        parent, key = population.parent, self.lineage.key_column(population.parent)
        own = only_column(self.lineage, table, ParentKey)
        condition = None
        if isinstance(population, PerParent):
            condition = population.where
            decisive = columns_of(condition) if condition else ()
        else:
            decisive = tuple(name for name in (population.start, population.end) if name is not None)
        if not any((parent, name) in self._changing for name in (ROWS, *decisive)):
            return None
        reads = {(table, own), *((parent, name) for name in (key, *decisive))}
        holds = f" AND ({duckdb_sql(condition, self.lineage.types_of(parent))})" if condition else ""
        if isinstance(population, PerPeriod):
            period = only_column(self.lineage, table, PeriodStart)
            reads.add((table, period))
            holds = f' AND p."{population.start}" IS NOT NULL'
            if population.end is not None:
                holds += f' AND (p."{population.end}" IS NULL OR t."{period}" <= p."{population.end}")'
        return f'EXISTS (SELECT 1 FROM {self.latest(parent)} AS p WHERE p."{key}" = t."{own}"{holds})', reads

    # --- columns ---------------------------------------------------------------------------------------------------

    def _column(self, table: str, column: Column) -> None:
        generator = column.generator
        name = f't."{column.name}"'
        match generator:
            case After() | LeftAt():
                self._replace(table, column, f"CASE WHEN CAST({name} AS DATE) <= {TODAY} THEN {name} END")
            case Before():
                self._before(table, column, generator)
            case Moment():
                self._moment(table, column, generator)
            case FirstOf() if any((table, read) in self._changing for read in generator.moments.values()):
                moments = {label: f't."{read}"' for label, read in generator.moments.items()}
                reads = {(table, read) for read in generator.moments.values()}
                self._replace(table, column, first_of(generator, moments, column.type == "DATE"), reads)
            case Renewal():
                self._renewal(table, column, generator)
            case Expression() if column.usually is not None:
                pass  # whether a row has the usual value or the computed one is not stored: it keeps what it has
            case Expression() if any((table, read) in self._changing for read in columns_of(generator.sql)):
                reads = {(table, read) for read in columns_of(generator.sql)}
                value = duckdb_sql(generator.sql, self.lineage.types_of(table))
                if generator.decimals is not None:
                    value = f"round({value}, {generator.decimals})"
                self._replace(table, column, value, reads)
            case Lookup() if generator.history is not None:
                if (table, generator.at) in self._changing:
                    self._replace(
                        table,
                        column,
                        f'CASE WHEN t."{generator.at}" IS NOT NULL THEN {name} END',
                        {(table, generator.at or "")},
                    )
            case Lookup():
                self._lookup(table, column, generator)
            case RollUp() if self._children_change(generator):
                self._rollup(table, column, generator)
            case _:
                pass

    def _before(self, table: str, column: Column, generator: Before) -> None:
        """A moment before one that was not known yet was not known either."""
        name, base = f't."{column.name}"', (table, generator.base)
        known = f' AND t."{generator.base}" IS NOT NULL' if base in self._changing else ""
        reads = {base} if known else None
        self._replace(table, column, f"CASE WHEN CAST({name} AS DATE) <= {TODAY}{known} THEN {name} END", reads)

    def _moment(self, table: str, column: Column, generator: Moment) -> None:
        """Computed again where what it is made from changes; on a grid, the moment of the last day or none."""
        name = f't."{column.name}"'
        reads = {(table, read) for read in columns_of(generator.sql)}
        known = ""
        if reads & self._changing:
            value = duckdb_sql(generator.sql, self.lineage.types_of(table))
            known = f" AND ({value}) IS NOT NULL" if generator.moves else ""
            name = name if known else f"({value})"
        self._replace(table, column, f"CASE WHEN CAST({name} AS DATE) <= {TODAY}{known} THEN {name} END", reads)

    def _renewal(self, table: str, column: Column, generator: Renewal) -> None:
        if generator.part == "ended":
            name = f't."{column.name}"'
            self._replace(table, column, f"CASE WHEN {name} <= {TODAY} THEN {name} END")
            return
        end = self.lineage.renewal_end(table, generator.of)
        value = renewal_sql.part(
            generator,
            f't."{generator.start}"',
            renewal_sql.every_months(generator, lambda name: f't."{name}"'),
            "CAST(NULL AS DATE)" if end is None else f't."{end}"',
            TODAY,
        )
        reads = {(table, name) for name in (generator.start, generator.by, end) if name is not None}
        self._replace(table, column, value, reads)

    def _lookup(self, table: str, column: Column, generator: Lookup) -> None:
        other = self.lineage.pointed_to(table, generator.through)
        if (other, generator.column) not in self._changing:
            return
        key = self.lineage.key_column(other)
        self._replace(
            table,
            column,
            f'o."{generator.column}"',
            {(table, generator.through), (other, key), (other, generator.column)},
            f'LEFT JOIN {self.latest(other)} AS o ON o."{key}" = t."{generator.through}"',
            self.latest(other),
        )

    def _children_change(self, generator: RollUp) -> bool:
        used = [ROWS, *([generator.column] if generator.column else []), *columns_of(generator.where or "true")]
        return any((generator.table, name) in self._changing for name in used)

    def _rollup(self, table: str, column: Column, generator: RollUp) -> None:
        child, own = generator.table, only_column(self.lineage, generator.table, ParentKey)
        key = self.lineage.key_column(table)
        used = [own, *([generator.column] if generator.column else []), *columns_of(generator.where or "true")]
        function = {"mean": "avg"}.get(generator.function, generator.function)
        order = ' ORDER BY "row#"' if function in ("first", "last") else ""
        value = f'{function}("{generator.column}"{order})' if generator.column else "count(*)"
        where = f" WHERE {duckdb_sql(generator.where, self.lineage.types_of(child))}" if generator.where else ""
        self._replace(
            table,
            column,
            "coalesce(c.value, 0)" if function in ("sum", "count") else "c.value",
            {(table, key), *((child, name) for name in used)},
            f'LEFT JOIN (SELECT "{own}" AS own, {value} AS value FROM {self.latest(child)}{where} GROUP BY ALL) AS c '
            f'ON c.own = t."{key}"',
            self.latest(child),
        )

    def _replace(
        self,
        table: str,
        column: Column,
        value: str,
        reads: set[Node] | None = None,
        join: str = "",
        looks_at: str | None = None,
    ) -> None:
        typed = f"CAST({value} AS {DUCKDB_TYPES[column.type]})"
        if column.null_share > 0:
            typed = f'CASE WHEN t."{column.name}" IS NOT NULL THEN {typed} END'
        before = self.latest(table)
        self._version[table] += 1
        node = (table, column.name)
        sql = f'SELECT t.* REPLACE ({typed} AS "{column.name}") FROM {before} AS t {join}'
        self.all.append(Step(self.latest(table), node, sql, before, frozenset({node, *(reads or ())}), looks_at))
        self._changing.add(node)


def _name(table: str, version: int) -> str:
    return f'stored."{table}#{version}"'


def only_column(lineage: Lineage, table: str, kind: type[ParentKey] | type[PeriodStart]) -> str:
    """The one column of a per_parent or per_period table that has this generator."""
    return next(column.name for column in lineage.tables[table].columns if isinstance(column.generator, kind))
