"""Splits a table with several sources into one table for each source, with one population each.

Synthesis and exact rules work with the parts; all other code works with the whole table.
"""

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import Generator, Sequence
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import Several
from provisioning_assets.data_model.tables import Column, Table

SEPARATOR = "~"
"""Separates a table's name from the number of a source. Names of tables cannot contain it, and it is safe in paths and in
quoted SQL."""


def by_source(model: DataModel) -> DataModel:
    """Return the model with one table for each source of each table; the model itself if no table has several sources.

    Args:
        model: a model without problems in its sources (``rules.source_problems``).
    """
    if not any(isinstance(table.population, Several) for table in model.tables):
        return model
    tables = [part for table in model.tables for part in parts_of(table)]
    effects = [part for effect in model.effects for part in _parts_of_effect(model, effect)]
    return model.model_copy(update={"tables": tables, "effects": effects})


def parts_of(table: Table) -> list[Table]:
    """Return one table for each source; only the table itself if it has a single source."""
    population = table.population
    if not isinstance(population, Several):
        return [table]
    count = len(population.sources)
    return [
        table.model_copy(
            update={
                "name": part_name(table.name, place),
                "population": source,
                "columns": [_column_of(column, place, count) for column in table.columns],
            }
        )
        for place, source in enumerate(population.sources)
    ]


def part_name(table: str, source: int) -> str:
    """Return the name of the part of a table that is made by one source."""
    return f"{table}{SEPARATOR}{source}"


def whole_table(part: str) -> tuple[str, int | None]:
    """Return the table that a part belongs to, and the number of its source; the number is None for a whole table."""
    table, _, source = part.partition(SEPARATOR)
    return table, int(source) if source else None


def _column_of(column: Column, source: int, count: int) -> Column:
    """Return a column with the generator that it has in one source."""
    generator: Generator = column.source_generators.get(source, column.generator)
    if isinstance(generator, Sequence) and generator.in_order_of is None:
        # the sources take turns, so no two of them share a key, however many rows each has
        turn = {"start": generator.start + source * generator.step, "step": generator.step * count}
        generator = generator.model_copy(update=turn)
    usually = None if source in column.source_generators else column.usually
    return column.model_copy(update={"generator": generator, "source_generators": {}, "usually": usually})


def _parts_of_effect(model: DataModel, effect: Effect) -> list[Effect]:
    """Return the effect for each part in which the column has the generator that the effect changes."""
    table = next(table for table in model.tables if table.name == effect.table)
    if not isinstance(table.population, Several):
        return [effect]
    own = next((column.source_generators for column in table.columns if column.name == effect.column), {})
    return [
        effect.model_copy(update={"table": part_name(table.name, place)})
        for place in range(len(table.population.sources))
        if place not in own
    ]
