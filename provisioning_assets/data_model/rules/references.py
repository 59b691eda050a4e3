"""Rules about values that come from other rows: keys of parents and of referenced rows, look-ups, and roll-ups."""

from collections.abc import Iterator

from provisioning_assets.data_model.generators import EnteredAt, Lookup, ParentKey, Reference, RollUp
from provisioning_assets.data_model.lineage import generator_as
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.populations import PerParent
from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.data_model.rules.checked_column import (
    NUMBERS,
    TIMES,
    CheckedColumn,
    are_one_family,
    column_problems,
    columns_by_name,
    listed,
    table_problems,
)
from provisioning_assets.data_model.rules.during import reference_during_problems
from provisioning_assets.data_model.rules.expressions import expression_problems
from provisioning_assets.data_model.rules.near import near_reference_problems
from provisioning_assets.data_model.tables import Column, Table


def parent_key_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of the key of a row's parent."""
    parent = checked.lineage.tables.get(checked.lineage.parent(checked.table.name) or "")
    if parent is not None:
        yield from _single_key_problems(checked, checked.setting(), parent)


def _single_key_problems(checked: CheckedColumn, place: Place, target: Table) -> Iterator[Problem]:
    """Report a target table whose primary key is not a single column of the same type as this column."""
    if len(target.primary_key) != 1:
        yield Problem(
            place,
            f"The primary key of {target.name} has {len(target.primary_key)} columns, and one column cannot hold it.",
            f"Give {target.name} one key column, with values such as 1001 or ORD-000001.",
        )
        return
    key = columns_by_name(target).get(target.primary_key[0])
    if key is not None and key.type != checked.column.type:
        yield Problem(
            checked.place("type"),
            f"The column is {checked.column.type}, but {target.name}.{key.name}, whose values it has, is {key.type}.",
            "Make both types the same.",
        )


def reference_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a reference, except those of the rows that it can choose."""
    generator, table, lineage = generator_as(checked.column, Reference), checked.table, checked.lineage
    unknown = list(table_problems(checked.setting("table"), generator.table, lineage))
    yield from unknown
    yield from column_problems(
        checked.setting("at"), generator.at, checked.others, f"another column of {table.name}", TIMES
    )
    timed = generator.since is not None or generator.until is not None or bool(generator.during)
    if timed != (generator.at is not None):
        yield Problem(
            checked.setting("at"),
            "`at` (a column of this table) and `since`, `until` or `during` (of the other table) need each other.",
            "Give both, or neither.",
        )
    if generator.distinct_in_parent and not isinstance(table.population, PerParent):
        yield Problem(
            checked.setting("distinct_in_parent"),
            f"`distinct_in_parent` compares the rows of one parent, but the rows of {table.name} have no parent.",
            "Drop it, or name a parent in `rows`.",
        )
    if unknown:
        return
    target = lineage.tables[generator.table]
    if are_one_family(lineage, target.name, table.name):
        yield Problem(
            checked.setting("table"),
            f"{target.name} and {table.name} are generated together, parent by parent, so a row cannot choose among "
            f"all of {target.name}.",
            "Read the key of the row's parent or of its parent instead, or give one of the tables rows without a parent.",
        )
    yield from _single_key_problems(checked, checked.setting("table"), target)
    yield from _target_column_problems(checked, generator, target)
    yield from reference_during_problems(checked)
    yield from near_reference_problems(checked)


def _target_column_problems(checked: CheckedColumn, generator: Reference, target: Table) -> Iterator[Problem]:
    theirs, whose = columns_by_name(target), f"a column of {target.name}"
    yield from column_problems(checked.setting("weight"), generator.weight, theirs, whose, NUMBERS)
    yield from column_problems(checked.setting("by"), generator.by, checked.others, checked.whose)
    for case, weight in generator.weight_by.items():
        yield from column_problems(checked.setting("weight_by", case), weight, theirs, whose, NUMBERS)
    yield from column_problems(checked.setting("since"), generator.since, theirs, whose, TIMES)
    yield from column_problems(checked.setting("until"), generator.until, theirs, whose, TIMES)
    for own, their in generator.match.items():
        place = checked.setting("match", own)
        yield from column_problems(place, own, checked.others, f"another column of {checked.table.name}")
        yield from column_problems(place, their, theirs, whose)
        if own in checked.others and their in theirs and checked.others[own].type != theirs[their].type:
            yield Problem(
                place,
                f"{own} is {checked.others[own].type}, and {target.name}.{their} is {theirs[their].type}.",
                "Match columns of one type.",
            )


def lookup_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a look-up."""
    generator, table, lineage = generator_as(checked.column, Lookup), checked.table, checked.lineage
    whose = f"another column of {table.name}"
    yield from column_problems(checked.setting("at"), generator.at, checked.others, whose, TIMES)
    if (generator.history is None) != (generator.at is None):
        yield Problem(
            checked.setting("at"),
            "`history` (a table) and `at` (a column of this table) need each other.",
            "Give both, or neither.",
        )
        return
    unknown = list(column_problems(checked.setting("through"), generator.through, checked.others, whose))
    yield from unknown
    if unknown:
        return
    other = lineage.target(table.name, generator.through)
    if other is None and not _is_wrong_itself(checked, generator.through):
        keys = [name for name in checked.others if lineage.target(table.name, name) is not None]
        yield Problem(
            checked.setting("through"),
            f"'{generator.through}' is not a key of another table.",
            suggestion(generator.through, keys),
        )
    elif other in lineage.tables and generator.history is not None:
        yield from _history_problems(checked, generator.history, other)
    elif other in lineage.tables:
        yield from _source_problems(checked, other)
        if are_one_family(lineage, table.name, other) and other not in lineage.ancestors(table.name):
            yield Problem(
                checked.setting("through"),
                f"{other} is generated together with {table.name}, but {table.name} does not descend from it.",
                "Read the value through a column with the key of a parent.",
            )


def _is_wrong_itself(checked: CheckedColumn, through: str) -> bool:
    """Return whether a column has no target because its own look-up is wrong, which is reported there; False for a circle."""
    columns, seen, name = columns_by_name(checked.table), {checked.column.name}, through
    while isinstance(generator := columns[name].generator, Lookup) and generator.through in columns:
        seen.add(name)
        name = generator.through
        if name in seen:
            return False
    looked_up = columns[through].generator
    if not isinstance(looked_up, Lookup):
        return False
    source = looked_up.history
    if source is None and looked_up.through in columns:
        source = checked.lineage.target(checked.table.name, looked_up.through)
    return source is None or (source, looked_up.column) not in checked.lineage.columns


def _source_problems(checked: CheckedColumn, source: str) -> Iterator[Problem]:
    """Report problems of the column that is looked up in the table ``source``."""
    name = generator_as(checked.column, Lookup).column
    theirs = columns_by_name(checked.lineage.tables[source])
    yield from column_problems(checked.setting("column"), name, theirs, f"a column of {source}")
    if name not in theirs:
        return
    own, their = checked.column.type, theirs[name].type
    if own != their and not {own, their} <= set(NUMBERS) and not {own, their} <= set(TIMES):
        yield Problem(
            checked.place("type"), f"The column is {own}, but {source}.{name} is {their}.", "Make both types the same."
        )


def _history_problems(checked: CheckedColumn, history: str, other: str) -> Iterator[Problem]:
    """Report problems of a look-up in the history of a row of ``other``, at a given moment."""
    lineage, place = checked.lineage, checked.setting("history")
    histories = [
        name for name in lineage.tables if lineage.parent(name) == other and lineage.history_of(name) is not None
    ]
    if history not in histories:
        yield Problem(place, f"'{history}' is not a table with the states of {other}.", suggestion(history, histories))
        return
    kinds = {type(column.generator) for column in lineage.tables[history].columns}
    if not {ParentKey, EnteredAt} <= kinds:
        yield Problem(
            place,
            f"{history} does not say to which row a state belongs, and when it began.",
            f"Give {history} columns with the parent's key and with the moment at which a state began (`entered_at`).",
        )
    yield from _source_problems(checked, history)


AGGREGATED: dict[str, tuple[GoogleSqlType, ...]] = {
    "sum": NUMBERS,
    "mean": NUMBERS,
    "min": (*NUMBERS, *TIMES),
    "max": (*NUMBERS, *TIMES),
}
"""Function of a roll-up -> types of the columns that it accepts. Functions that are not listed accept every type."""


def rollup_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a roll-up over children."""
    generator, table, lineage = generator_as(checked.column, RollUp), checked.table, checked.lineage
    child = lineage.tables.get(generator.table)
    if child is None or lineage.parent(child.name) != table.name:
        children = [name for name in lineage.tables if lineage.parent(name) == table.name]
        yield Problem(
            checked.setting("table"),
            f"'{generator.table}' is not a table whose rows have a parent in {table.name}.",
            suggestion(generator.table, children),
        )
        return
    theirs, whose = columns_by_name(child), f"a column of {child.name}"
    types = AGGREGATED.get(generator.function)
    if generator.column is None and generator.function != "count":
        accepted = [name for name, column in theirs.items() if types is None or column.type in types]
        yield Problem(
            checked.setting("column"),
            f"{generator.function} needs a column of {child.name}.",
            f"Name one of: {listed(accepted) or 'none'}.",
        )
    yield from column_problems(checked.setting("column"), generator.column, theirs, whose, types)
    yield from expression_problems(checked.setting("where"), generator.where, theirs, whose)
    yield from _result_problems(checked, generator, theirs)


def _result_problems(checked: CheckedColumn, generator: RollUp, theirs: dict[str, Column]) -> Iterator[Problem]:
    """Report a roll-up whose result does not fit the type of its column."""
    if generator.function in ("count", "sum", "mean"):
        accepted = NUMBERS
    elif generator.column in theirs:
        kind = theirs[generator.column].type
        accepted = next((kinds for kinds in (NUMBERS, TIMES) if kind in kinds), (kind,))
    else:
        return
    if checked.column.type not in accepted:
        yield Problem(
            checked.place("type"),
            f"The column is {checked.column.type}, but {generator.function} gives {listed(accepted, 'or')}.",
            "Change the type or the function.",
        )
