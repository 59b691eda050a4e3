"""Figures of the business that stay what they are at a small size, although everything else grows with the size."""

from collections.abc import Iterator

from provisioning_assets.data_model.generators import RollUp
from provisioning_assets.data_model.lineage import ROWS, Lineage, Node
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import PerParent, Scaled
from provisioning_assets.data_model.row_counts import root_rows
from provisioning_assets.data_model.sources import by_source, whole_table


def remarks_on_growth(model: DataModel, small: DataModel) -> list[str]:
    """Return a sentence on each figure that adds up in a table of as many rows as at the small size, and does not grow.

    Args:
        model: a model of any size; the small one has no remarks.
        small: the same model at the small size.
    """
    if model.fact_rows == small.fact_rows:
        return []
    found = dict.fromkeys(_figures_that_stay(Lineage(by_source(model)), Lineage(by_source(small))))
    return [
        f"{table}.{column} adds up, but is as large at the size {model.size} as at small, while {table} has no more rows. "
        "Multiply it by {scale}, or add up what it stands for with a roll-up."
        for table, column in found
    ]


def _figures_that_stay(lineage: Lineage, small: Lineage) -> Iterator[Node]:
    stay = {name for name in lineage.tables if _has_as_many_rows(lineage, small, name)}
    for name in (name for name in lineage.tables if name in stay):
        for column in lineage.tables[name].columns:
            adds_up = column.role == "measure" and column.aggregation == "sum" and not column.internal
            if adds_up and not _grows(lineage, small, stay, (name, column.name), frozenset()):
                yield whole_table(name)[0], column.name


def _has_as_many_rows(lineage: Lineage, small: Lineage, table: str) -> bool:
    """Whether the table has as many rows as at the small size: its root does. A history may follow what grows."""
    if any(isinstance(lineage.tables[name].population, Scaled) for name in [table, *lineage.ancestors(table)]):
        return root_rows(lineage, lineage.root(table)) == root_rows(small, small.root(table))
    population = lineage.tables[table].population
    return not (isinstance(population, PerParent) and population.where is not None)


def _grows(lineage: Lineage, small: Lineage, stay: set[str], node: Node, seen: frozenset[Node]) -> bool:
    """Whether a value differs between the sizes: by its settings, or because it is made from rows or values that grow."""
    table, column = node
    if column == ROWS:
        return table not in stay
    if lineage.columns[node].generator != small.columns[node].generator:
        return True
    if isinstance(lineage.columns[node].generator, RollUp) and table not in stay:
        return True
    return any(
        _grows(lineage, small, stay, other, seen | {node})
        for other in lineage.reads(table, column)
        if other not in seen
    )
