"""A customer's tables as they stood on an earlier day, in a DuckDB of their own, without what had not happened by then.

``day_steps`` says how each row and column follows from the day. A step that another table reads is computed once for each day and
kept as a table; the others are views.
"""

# ruff: noqa: S608  (names match the data model's Name pattern; the steps' SQL is made from the model by ``day_steps``)

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from provisioning_assets.data_model.generators import PeriodStart
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import PerPeriod
from provisioning_assets.data_model.sources import by_source, whole_table
from provisioning_assets.quality.day_steps import DAY_VARIABLE, Steps, only_column
from provisioning_assets.quality.table_views import engine
from provisioning_assets.synthesis.models import SyntheticTables


def observable(model: DataModel) -> DataModel:
    """The same model with every column stored: how the tables stood earlier is computed from the internal columns too."""
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
    """Tables that can be set to any day up to the as-of date; ``connection`` has them under their own names."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, steps: Steps, asked: Mapping[str, list[str]], loaded: set[str]
    ) -> None:
        self.connection = connection
        self._lineage = steps.lineage
        self._loaded = loaded
        self._created = False
        live, _ = steps.needed_for(_by_part(steps, asked))
        looked_at = {step.looks_at for step in live}
        self._statements: list[tuple[str, bool]] = []
        """(statement, whether it is executed again for each day)"""
        for step in [step for step in steps.all if step.node[0] in loaded]:
            sql = step.sql if step in live else f"SELECT * FROM {step.before}"
            kept = step.name in looked_at
            self._statements.append((f"CREATE OR REPLACE {'TABLE' if kept else 'VIEW'} {step.name} AS {sql}", kept))
        for table, columns in asked.items():
            named = ", ".join(f'"{column}"' for column in columns)
            parts = " UNION ALL ".join(f"SELECT {named} FROM {steps.latest(part)}" for part in _parts(steps, table))
            self._statements.append((f'CREATE OR REPLACE TABLE "{table}" AS {parts}', True))

    def set_day(self, day: date) -> None:
        """Every table as it stood at the end of ``day``."""
        self.connection.execute(f"SET VARIABLE {DAY_VARIABLE} = DATE '{day.isoformat()}'")
        for statement, daily in self._statements:
            if daily or not self._created:
                self.connection.execute(statement)
        self._created = True

    def first_period(self, table: str) -> date | None:
        """The first period of a table with one row a period; None for another table, or no table at all."""
        if table not in self._loaded or not isinstance(self._lineage.tables[table].population, PerPeriod):
            return None
        period = only_column(self._lineage, table, PeriodStart)
        found = self.connection.execute(f'SELECT min("{period}") FROM stored."{table}"').fetchone()
        return None if found is None else found[0]


def _parts(steps: Steps, table: str) -> list[str]:
    """The table, or the parts that its several sources make."""
    return [part for part in steps.lineage.tables if whole_table(part)[0] == table]


def _by_part(steps: Steps, asked: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The columns that are asked for, of each part of the tables."""
    return {part: columns for table, columns in asked.items() for part in _parts(steps, table)}


@contextmanager
def as_it_stood(
    model: DataModel, tables: SyntheticTables, folder: Path, words: Iterable[str] | None = None
) -> Iterator[AsItStood]:
    """The tables of an ``observable`` model under the customer's ``folder``, to be set to one day after the other.

    ``words`` are the words of the queries that will be executed: only tables and columns among them are made; None makes all.
    Conditions and queries come from data files: they can read these tables and nothing else on the machine.
    """
    steps = Steps(Lineage(by_source(model)))
    mentioned = None if words is None else set(words)
    asked = {
        table.name: [column.name for column in table.columns if mentioned is None or column.name in mentioned]
        or table.primary_key
        for table in model.tables
        if mentioned is None or table.name in mentioned
    }
    live, stored = steps.needed_for(_by_part(steps, asked))
    loaded = {table for table, _ in stored} | {step.node[0] for step in live}
    folder = folder.resolve()
    with engine(threads=1) as connection:
        connection.execute("SET allowed_directories = ?", [[str(folder)]])
        connection.execute("SET enable_external_access = false")
        connection.execute("CREATE SCHEMA stored")
        parts = [part for manifest in tables.tables for part in manifest.parts()]
        for manifest in [part for part in parts if part.name in loaded]:
            table = steps.lineage.tables[manifest.name]
            names = [column.name for column in table.columns if (table.name, column.name) in stored]
            relation = connection.read_parquet([str(folder / file.path) for file in manifest.files])
            kept = relation.select(*(duckdb.ColumnExpression(name) for name in names or table.primary_key))
            kept.create(f"stored.{table.name}")
        connection.execute("SET lock_configuration = true")
        yield AsItStood(connection, steps, asked, loaded)
