"""A customer's tables as they stood on an earlier day: what had not happened by then is absent, or null, or not yet so.

Which columns change with the day follows from the model. A row is there once its own moment (when it arrived, its period began,
its state was entered, its event happened) has come, its parent is there, and the parent fulfils the table's condition. A moment
after another one is null while it lies ahead; whatever is computed from such columns - a status, the sum of the children so far
- is computed again. A moment that was computed and has passed stays as it is: what happened is not rewritten. Due dates are known
ahead and stay.

Each step is a view that reads the day from a DuckDB variable; where another table looks at it, it is computed once a day and kept.
"""

# ruff: noqa: S608  (names match the data model's Name pattern; conditions were parsed and written anew by sqlglot)

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from provisioning_assets.planning.data_model import (
    After,
    Arrival,
    Column,
    DataModel,
    EnteredAt,
    Expression,
    LeftAt,
    Lookup,
    ParentKey,
    PeriodStart,
    PerParent,
    PerPeriod,
    RollUp,
)
from provisioning_assets.quality.table_views import MEMORY_LIMIT
from provisioning_assets.synthesis.expressions import columns_of, duckdb_sql
from provisioning_assets.synthesis.lineage import ROWS, Lineage, Node
from provisioning_assets.synthesis.models import SyntheticTables

TODAY = "CAST(getvariable('as_it_stood_on') AS DATE)"

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


def observable(model: DataModel) -> DataModel:
    """The same model with every column stored: what stood earlier is computed from the internal ones too."""
    return model.model_copy(
        update={
            "tables": [
                table.model_copy(
                    update={"columns": [column.model_copy(update={"internal": False}) for column in table.columns]}
                )
                for table in model.tables
            ]
        }
    )


class AsItStood:
    """An engine of its own, in bounded memory, whose tables can be set to any day up to the as-of date."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, views: "_Views", kept: dict[str, list[str]]) -> None:
        self.connection = connection
        self._steps = views.steps
        self._kept = kept
        self._changing = {table for table, _ in views.changing}
        self._periods = {
            name: _only(views.lineage, name, PeriodStart)
            for name, table in views.lineage.tables.items()
            if isinstance(table.population, PerPeriod)
        }
        self._first = True

    def set_day(self, day: date) -> None:
        """Every table as it stood at the end of ``day``; DuckDB queries over the bare names then see nothing later."""
        self.connection.execute(f"SET VARIABLE as_it_stood_on = DATE '{day.isoformat()}'")
        for step in self._steps:
            if step.kept or self._first:
                kind = "TABLE" if step.kept else "VIEW"
                self.connection.execute(f"CREATE OR REPLACE {kind} {step.name} AS {step.sql}")
        for table, columns in self._kept.items():
            if self._first or table in self._changing:
                named = ", ".join(f'"{column}"' for column in columns)
                self.connection.execute(f'CREATE OR REPLACE TABLE "{table}" AS SELECT {named} FROM {_step(table)}')
        self._first = False


    def first_period(self, table: str) -> date | None:
        """The first period that a table with one row a period holds; None for other tables, and names of none."""
        column = self._periods.get(table)
        if column is None:
            return None
        found = self.connection.execute(f'SELECT min("{column}") FROM stored."{table}"').fetchone()
        return None if found is None else found[0]


@contextmanager
def as_it_stood(
    model: DataModel, tables: SyntheticTables, folder: Path, words: Iterable[str] | None = None
) -> Iterator[AsItStood]:
    """The tables of an ``observable`` model under the customer's ``folder``, to be set to one day after the other.

    ``words`` are names that the queries to come mention: other columns are not carried along. Absent: all are.
    """
    views = _Views(Lineage(model))
    mentioned = None if words is None else set(words)
    folder = folder.resolve()
    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": 1})
    try:
        connection.execute("SET allowed_directories = ?", [[str(folder)]])
        connection.execute("SET enable_external_access = false")
        connection.execute("CREATE SCHEMA stored")
        kept: dict[str, list[str]] = {}
        for manifest in tables.tables:
            table = views.lineage.tables[manifest.name]
            names = [column.name for column in table.columns]
            kept[table.name] = [name for name in names if mentioned is None or name in mentioned] or table.primary_key
            read = [name for name in names if name in kept[table.name] or name in views.read.get(table.name, ())]
            relation = connection.read_parquet([str(folder / file.path) for file in manifest.files])
            relation.select(*(duckdb.ColumnExpression(name) for name in read)).create(f"stored.{table.name}")
        connection.execute("SET lock_configuration = true")
        yield AsItStood(connection, views, kept)
    finally:
        connection.close()


@dataclass
class _Step:
    name: str
    sql: str
    kept: bool = False


def _step(table: str, version: int | None = None) -> str:
    return f'stored."{table}#{"" if version is None else version}"'


class _Views:
    """Views, one on top of the other: first a table's rows, then each of its columns that changes with the day."""

    def __init__(self, lineage: Lineage) -> None:
        self.lineage = lineage
        self.steps: list[_Step] = []
        self.changing: set[Node] = set()
        self.read: dict[str, set[str]] = {}
        self._version: dict[str, int] = {}
        for root in lineage.family_order:
            for table, column in lineage.column_order(root):
                if column == ROWS:
                    self._rows(table)
                else:
                    self._column(table, lineage.columns[table, column])
            for table in lineage.families[root]:
                self.steps.append(_Step(_step(table), f"SELECT * FROM {self._latest(table)}"))

    def _latest(self, table: str) -> str:
        return _step(table, self._version[table])

    def _kept(self, table: str) -> str:
        """The table's latest step, for another table to look at."""
        name = self._latest(table)
        next(step for step in self.steps if step.name == name).kept = True
        return name

    def _reads(self, table: str, *columns: str) -> None:
        self.read.setdefault(table, set()).update(columns)

    # --- rows ------------------------------------------------------------------------------------------------------

    def _rows(self, table: str) -> None:
        conditions = [*self._own_moments(table), *self._descent(table)]
        self._version[table] = 0
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        self.steps.append(
            _Step(_step(table, 0), f'SELECT t.rowid AS "row#", t.* FROM stored."{table}" AS t{where}')
        )
        if conditions:
            self.changing.add((table, ROWS))

    def _own_moments(self, table: str) -> Iterator[str]:
        declared = self.lineage.tables[table]
        for column in declared.columns:
            if column.name == declared.event_time or isinstance(
                column.generator, Arrival | PeriodStart | EnteredAt
            ):
                self._reads(table, column.name)
                yield f'(t."{column.name}" IS NULL OR CAST(t."{column.name}" AS DATE) <= {TODAY})'

    def _descent(self, table: str) -> Iterator[str]:
        population = self.lineage.tables[table].population
        if not isinstance(population, PerParent | PerPeriod):
            return
        parent, key = population.parent, self.lineage.key_column(population.parent)
        own = _parent_key(self.lineage, table)
        condition = None
        if isinstance(population, PerParent):
            condition = population.where
            decisive = columns_of(condition) if condition else ()
        else:
            decisive = tuple(name for name in (population.start, population.end) if name is not None)
        if not any((parent, name) in self.changing for name in (ROWS, *decisive)):
            return
        self._reads(table, own)
        self._reads(parent, key, *decisive)
        holds = f" AND ({duckdb_sql(condition)})" if condition else ""
        if isinstance(population, PerPeriod):
            period = _only(self.lineage, table, PeriodStart)
            holds = f' AND p."{population.start}" IS NOT NULL'
            if population.end is not None:
                holds += f' AND (p."{population.end}" IS NULL OR t."{period}" <= p."{population.end}")'
        yield f'EXISTS (SELECT 1 FROM {self._kept(parent)} AS p WHERE p."{key}" = t."{own}"{holds})'

    # --- columns ---------------------------------------------------------------------------------------------------

    def _column(self, table: str, column: Column) -> None:
        generator = column.generator
        name = f't."{column.name}"'
        match generator:
            case After() | LeftAt():
                self._replace(table, column, f"CASE WHEN CAST({name} AS DATE) <= {TODAY} THEN {name} END")
            case Expression() if any((table, read) in self.changing for read in columns_of(generator.sql)):
                self._reads(table, *columns_of(generator.sql))
                value = self._expression(table, generator.sql)
                if generator.decimals is not None:
                    value = f"round({value}, {generator.decimals})"
                if column.type in ("DATE", "DATETIME"):
                    value = f"CASE WHEN CAST({name} AS DATE) <= {TODAY} THEN {name} ELSE {value} END"
                self._replace(table, column, value)
            case Lookup() if generator.history is None:
                self._lookup(table, column, generator)
            case RollUp() if self._children_change(generator):
                self._rollup(table, column, generator)
            case _:
                pass

    def _expression(self, table: str, sql: str) -> str:
        """The engine's expressions take a date cast to a number as days since 1970; DuckDB has no such cast."""
        dates = {column.name for column in self.lineage.tables[table].columns if column.type == "DATE"}
        tree = sqlglot.parse_one(duckdb_sql(sql), read="duckdb")
        for cast in [*tree.find_all(exp.Cast)]:
            if cast.to.this in exp.DataType.INTEGER_TYPES and _is_date(cast.this, dates):
                cast.this.replace(exp.func("DATE_DIFF", "'day'", "DATE '1970-01-01'", cast.this.copy(), dialect="duckdb"))
        return tree.sql(dialect="duckdb", comments=False)

    def _lookup(self, table: str, column: Column, generator: Lookup) -> None:
        other = self.lineage.pointed_to(table, generator.through)
        if (other, generator.column) not in self.changing:
            return
        key = self.lineage.key_column(other)
        self._reads(table, generator.through)
        self._reads(other, key, generator.column)
        self._replace(
            table,
            column,
            f'o."{generator.column}"',
            f'LEFT JOIN {self._kept(other)} AS o ON o."{key}" = t."{generator.through}"',
        )

    def _children_change(self, generator: RollUp) -> bool:
        used = [ROWS, *([generator.column] if generator.column else []), *columns_of(generator.where or "true")]
        return any((generator.table, name) in self.changing for name in used)

    def _rollup(self, table: str, column: Column, generator: RollUp) -> None:
        child, own = generator.table, _parent_key(self.lineage, generator.table)
        key = self.lineage.key_column(table)
        used = [own, *([generator.column] if generator.column else []), *columns_of(generator.where or "true")]
        self._reads(child, *used)
        self._reads(table, key)
        function = {"mean": "avg"}.get(generator.function, generator.function)
        order = ' ORDER BY "row#"' if function in ("first", "last") else ""
        value = f'{function}("{generator.column}"{order})' if generator.column else "count(*)"
        where = f" WHERE {duckdb_sql(generator.where)}" if generator.where else ""
        self._replace(
            table,
            column,
            "coalesce(c.value, 0)" if function in ("sum", "count") else "c.value",
            f'LEFT JOIN (SELECT "{own}" AS own, {value} AS value FROM {self._kept(child)}{where} GROUP BY ALL) AS c '
            f'ON c.own = t."{key}"',
        )

    def _replace(self, table: str, column: Column, value: str, join: str = "") -> None:
        self._reads(table, column.name)
        typed = f"CAST({value} AS {DUCKDB_TYPES[column.type]})"
        if column.null_share > 0:
            typed = f'CASE WHEN t."{column.name}" IS NOT NULL THEN {typed} END'
        before = self._latest(table)
        self._version[table] += 1
        self.steps.append(
            _Step(self._latest(table), f'SELECT t.* REPLACE ({typed} AS "{column.name}") FROM {before} AS t {join}')
        )
        self.changing.add((table, column.name))


def _is_date(node: exp.Expr, dates: set[str]) -> bool:
    match node:
        case exp.Column():
            return node.name in dates
        case exp.Paren():
            return _is_date(node.this, dates)
        case exp.Case():
            return any(_is_date(branch.args["true"], dates) for branch in node.args["ifs"])
        case _:
            return False


def _parent_key(lineage: Lineage, table: str) -> str:
    return _only(lineage, table, ParentKey)


def _only(lineage: Lineage, table: str, kind: type[ParentKey] | type[PeriodStart]) -> str:
    """The one column of a per_parent or per_period table that has this generator."""
    return next(column.name for column in lineage.tables[table].columns if isinstance(column.generator, kind))
