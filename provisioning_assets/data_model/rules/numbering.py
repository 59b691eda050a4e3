"""Rules about keys whose numbers rise with a moment: they are known only when all rows are, so nothing may be made from them."""

from collections.abc import Iterator

from provisioning_assets.data_model.expression_paths import columns_of
from provisioning_assets.data_model.generators import Lookup, Reference, RollUp
from provisioning_assets.data_model.lineage import ROWS, Lineage, Node
from provisioning_assets.data_model.populations import Milestones, PerParent, PerPeriod, StateSequence
from provisioning_assets.data_model.problems import Place, Problem
from provisioning_assets.data_model.rules.checked_column import column_place, table_place


def numbering_problems(lineage: Lineage) -> Iterator[Problem]:
    """Report what is made from the numbers of a key with ``in_order_of``, and tables of other families that refer to it.

    Args:
        lineage: of a model whose names exist and whose tables form no circle.
    """
    if not lineage.numbered:
        return
    plain = Lineage(lineage.model.model_copy(update={"effects": []}))
    for table in lineage.tables:
        for name in _read_for_rows(lineage, table):
            yield from _made_from(lineage, (lineage.parent(table) or "", name), table_place(table, "rows"))
        for column in lineage.types_of(table):
            yield from _column_problems(lineage, plain, (table, column))
    for effect in lineage.model.effects:
        for name in columns_of(effect.where) if effect.where else ():
            place = column_place(effect.table, effect.column)
            yield from _made_from(lineage, (lineage.condition_table(effect), name), place)


def _column_problems(lineage: Lineage, plain: Lineage, node: Node) -> Iterator[Problem]:
    table, column = node
    generator, place = lineage.columns[node].generator, column_place(table, column)
    for read in lineage.reads(*node):
        numbered = lineage.copies.get(read)
        if numbered is not None and lineage.root(table) != lineage.root(numbered):
            yield Problem(
                place,
                f"It reads {read[0]}.{read[1]}, whose numbers follow {lineage.numbered[numbered]} and are known only after all "
                f"rows of {numbered}; {table} is made apart from them.",
                "Drop `in_order_of`: the key of independent rows rises with their `arrival` as it is.",
            )
    if isinstance(generator, Reference) and generator.table in lineage.numbered:
        yield from _made_from(lineage, (generator.table, lineage.key_column(generator.table)), place)
    elif isinstance(generator, RollUp):
        names = [generator.column, *(columns_of(generator.where) if generator.where else ())]
        for name in names:
            yield from _made_from(lineage, (generator.table, name or ROWS), place)
    elif not isinstance(generator, Lookup):  # a look-up copies a key, or finds a row by it
        for read in plain.reads(*node):
            if read[0] == table:
                yield from _made_from(lineage, read, place)


def _read_for_rows(lineage: Lineage, table: str) -> Iterator[str]:
    """Columns of the parent whose values decide which rows a table has."""
    population = lineage.tables[table].population
    if isinstance(population, PerParent):
        yield from columns_of(population.where) if population.where else ()
        if isinstance(population.history, Milestones):
            yield from population.history.moments.values()
        elif isinstance(population.history, StateSequence):
            yield from filter(None, (population.history.start, population.history.by))
    elif isinstance(population, PerPeriod):
        yield from filter(None, (population.start, population.end))


def _made_from(lineage: Lineage, read: Node, place: Place) -> Iterator[Problem]:
    if read in lineage.copies:
        numbered = lineage.copies[read]
        yield Problem(
            place,
            f"It is made from {read[0]}.{read[1]}, whose numbers follow {lineage.numbered[numbered]} and are known only after all "
            "rows are.",
            "Use the moment, `position` or another column there, or drop `in_order_of`.",
        )
