"""Rules about tables with several sources of rows."""

from collections.abc import Iterator

from provisioning_assets.data_model.generators import Reference, Sequence
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import PerParent, PerPeriod, Several
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.checked_column import column_place, table_place
from provisioning_assets.data_model.tables import Table


def source_problems(model: DataModel) -> Iterator[Problem]:
    """Report problems of tables with several sources. They must be fixed before the tables can be split."""
    several = {table.name for table in model.tables if isinstance(table.population, Several)}
    for table in model.tables:
        yield from _generator_problems(table)
        yield from _key_problems(table)
        yield from _history_problems(table)
        yield from _pointing_problems(table, several)


def _generator_problems(table: Table) -> Iterator[Problem]:
    count = len(table.population.sources) if isinstance(table.population, Several) else 0
    for column in table.columns:
        for source in column.source_generators:
            if not 0 <= source < count:
                yield Problem(
                    (*column_place(table.name, column.name), "source_generators", source),
                    f"{table.name} has no source {source}.",
                    f"Its sources are 0 to {count - 1}."
                    if count
                    else "Only a table with several sources can have generators by source.",
                )


def _key_problems(table: Table) -> Iterator[Problem]:
    if not isinstance(table.population, Several):
        return
    keys = [column for column in table.columns if column.name in table.primary_key]
    if len(keys) != 1 or not isinstance(keys[0].generator, Sequence) or keys[0].source_generators:
        yield Problem(
            table_place(table.name, "primary_key"),
            "Two sources could give two rows the same key.",
            "Make the key one column with growing keys, such as 1001 or ORD-000001, the same in all sources.",
        )


def _history_problems(table: Table) -> Iterator[Problem]:
    if not isinstance(table.population, Several):
        return
    for place, source in enumerate(table.population.sources):
        if isinstance(source, PerParent) and source.history is not None:
            yield Problem(
                table_place(table.name, "rows", "sources", place, "history"),
                "The states of a parent cannot be one of several sources of rows.",
                "Put the states into another table, and remove this source.",
            )


def _pointing_problems(table: Table, several: set[str]) -> Iterator[Problem]:
    """Report references from this table to a table with several sources."""
    remedy = "Refer to a table with one source of rows."
    for column in table.columns:
        for generator in (column.generator, *column.source_generators.values()):
            if isinstance(generator, Reference) and generator.table in several:
                yield Problem(
                    column_place(table.name, column.name),
                    f"It refers to {generator.table}, which has several sources.",
                    remedy,
                )
    populations = table.population.sources if isinstance(table.population, Several) else [table.population]
    for population in populations:
        if isinstance(population, PerParent | PerPeriod) and population.parent in several:
            yield Problem(
                table_place(table.name, "rows", "parent"),
                f"Its parent {population.parent} has several sources.",
                "Choose a parent with one source of rows.",
            )
    for key in table.foreign_keys:
        if key.references_table in several:
            yield Problem(
                table_place(table.name, "foreign_keys"),
                f"It has a foreign key to {key.references_table}, which has several sources.",
                remedy,
            )
