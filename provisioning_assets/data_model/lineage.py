"""Dependencies: which columns must be computed before another one, and which tables are generated together.

A *family* is a root table (with written or independent rows) and all its descendants. A family is generated in blocks of its
root's rows, so that roll-ups are exact. Families depend on each other only through references.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

from provisioning_assets.data_model.case_numbers import numbers_by_case
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.expression_paths import columns_of
from provisioning_assets.data_model.generators import (
    Address,
    After,
    Before,
    Category,
    EnteredAt,
    Expression,
    FirstOf,
    Flag,
    LeftAt,
    Lookup,
    Moment,
    Number,
    ParentKey,
    Person,
    Price,
    Reference,
    Renewal,
    RollUp,
    StateName,
    Text,
    Walk,
)
from provisioning_assets.data_model.generators import Sequence as KeySequence
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.populations import Milestones, PerParent, PerPeriod, StateSequence
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.data_model.text_grammar import PLACEHOLDER

ROWS = ""
"""Stands for a column's name in the node of a table's rows: how many there are and which parents they have."""

Node = tuple[str, str]
"""A value that others depend on: (table, column), or (table, ``ROWS``) for the rows of the table."""

SomeGenerator = TypeVar("SomeGenerator")
SomePopulation = TypeVar("SomePopulation")


def generator_as(column: Column, kind: type[SomeGenerator]) -> SomeGenerator:
    """Return the column's generator, which must be of the given kind; another kind is a bug in the calling code."""
    if not isinstance(column.generator, kind):
        raise TypeError(f"{column.name} has a {column.generator.kind} generator, not a {kind.__name__}")
    return column.generator


def population_as(table: Table, kind: type[SomePopulation]) -> SomePopulation:
    """Return the table's population, which must be of the given kind; another kind is a bug in the calling code."""
    if not isinstance(table.population, kind):
        raise TypeError(f"{table.name} has a {table.population.kind} population, not a {kind.__name__}")
    return table.population


class CycleError(ValueError):
    """Columns or tables depend on each other in a circle, which is ``path``."""

    def __init__(self, path: Sequence[str]) -> None:
        super().__init__(" -> ".join(path))
        self.path = list(path)


@dataclass(frozen=True, eq=False)
class Lineage:
    """Information about a model that several modules need, such as parents, families and dependencies. No values are drawn here."""

    model: DataModel
    tables: dict[str, Table] = field(init=False)
    columns: dict[Node, Column] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", {table.name: table for table in self.model.tables})
        object.__setattr__(
            self,
            "columns",
            {(table.name, column.name): column for table in self.model.tables for column in table.columns},
        )

    def types_of(self, table: str) -> dict[str, GoogleSqlType]:
        """Return the type of each column of a table."""
        return {column.name: column.type for column in self.tables[table].columns}

    def parent(self, table: str) -> str | None:
        """Return the parent table of a table; None if it has none."""
        population = self.tables[table].population
        return population.parent if isinstance(population, PerParent | PerPeriod) else None

    def ancestors(self, table: str) -> list[str]:
        """Return the parent, its parent, and so on.

        Raises:
            CycleError: the table is its own ancestor.
        """
        line = [table]
        while (parent := self.parent(line[-1])) is not None and parent in self.tables:
            if parent in line:
                raise CycleError([*line[line.index(parent) :], parent])
            line.append(parent)
        return line[1:]

    def parent_of(self, table: str) -> str:
        """Return the parent of a table that is known to have one."""
        parent = self.parent(table)
        if parent is None:
            raise TypeError(f"{table} has no parent")
        return parent

    def pointed_to(self, table: str, column: str) -> str:
        """Return the table that a foreign-key column of a valid model points to."""
        target = self.target(table, column)
        if target is None:
            raise TypeError(f"{table}.{column} is not a foreign key")
        return target

    def root(self, table: str) -> str:
        """Return the root table of the table's family."""
        return [table, *self.ancestors(table)][-1]

    @cached_property
    def families(self) -> dict[str, list[str]]:
        """Root table -> its tables, parents before children."""
        found: dict[str, list[str]] = {}
        for table in sorted(self.tables, key=lambda name: len(self.ancestors(name))):
            found.setdefault(self.root(table), []).append(table)
        return {root: found[root] for root in self.tables if root in found}

    def key_column(self, table: str) -> str:
        """Return the single column that foreign keys to this table point to."""
        return self.tables[table].primary_key[0]

    def effects_on(self, table: str, column: str) -> list[Effect]:
        """Return the effects that change one column's generator, in the model's order."""
        return [effect for effect in self.model.effects if (effect.table, effect.column) == (table, column)]

    def effect_time(self, effect: Effect) -> str | None:
        """Return the column that is compared with the effect's window; None for a renewal.

        It is a column of the effect's table, or of the parent if the effect changes how many parents have children.
        """
        found = self.columns.get((effect.table, effect.column))
        if found is not None and isinstance(found.generator, Renewal):
            return None  # each renewal is in the window or not
        if effect.time is not None:
            return effect.time
        of_parent = found is not None and isinstance(found.generator, ParentKey)
        return self.tables[self.condition_table(effect) if of_parent else effect.table].event_time

    def condition_table(self, effect: Effect) -> str:
        """Return the table whose columns an effect's ``where`` reads: the parent, if the effect changes which rows exist."""
        found = self.columns.get((effect.table, effect.column))
        if found is not None and isinstance(found.generator, ParentKey | StateName | LeftAt):
            return self.parent(effect.table) or effect.table
        return effect.table

    def history_of(self, table: str) -> StateSequence | Milestones | None:
        """Return the history that the table's rows represent; None if the table is not a history."""
        population = self.tables[table].population
        return population.history if isinstance(population, PerParent) else None

    def history_columns(self, table: str) -> tuple[str, str]:
        """Return the columns of a valid model's history with the key of the parent and with the moment when the state began."""
        by_kind = {type(column.generator): column.name for column in self.tables[table].columns}
        return by_kind[ParentKey], by_kind[EnteredAt]

    def state_column(self, table: str) -> str:
        """Return the column of a valid model's history that names the state."""
        return next(column.name for column in self.tables[table].columns if isinstance(column.generator, StateName))

    def _states_need(self, history: str) -> Iterator[Node]:
        """Yield the nodes that show in which state the parent rows of a history are."""
        whose = self.parent_of(history)
        yield (whose, self.key_column(whose))
        yield from ((history, name) for name in (*self.history_columns(history), self.state_column(history)))

    def renewal_end(self, table: str, of: str) -> str | None:
        """Return the column with the day on which the contract ``of`` ended; None if no column has it."""
        for column in self.tables[table].columns:
            generator = column.generator
            if isinstance(generator, Renewal) and (generator.of, generator.part) == (of, "ended"):
                return column.name
        return None

    def target(self, table: str, column: str, through_columns: frozenset[Node] = frozenset()) -> str | None:
        """Return the table that a foreign-key column points to; None if it is not a foreign key or looks itself up.

        ``through_columns`` are the columns that were looked up on the way to this one.
        """
        if (table, column) in through_columns:
            return None
        seen = through_columns | {(table, column)}
        generator = self.columns[table, column].generator
        if isinstance(generator, Reference):
            return generator.table
        if isinstance(generator, ParentKey):
            return self.parent(table)
        if isinstance(generator, Lookup):
            through = (
                self.target(table, generator.through, seen) if (table, generator.through) in self.columns else None
            )
            through = through if generator.history is None else generator.history
            if through is not None and (through, generator.column) in self.columns:
                if self.tables[through].primary_key == [generator.column]:
                    return through
                onward = self.target(through, generator.column, seen)
                if onward is not None:
                    return onward
        for key in self.tables[table].foreign_keys:
            if key.columns == [column]:
                return key.references_table
        return None

    def needs(self, table: str, column: str) -> list[Node]:
        """Return the nodes of the same family that must be computed before this one."""
        family = set(self.families[self.root(table)])
        return [node for node in self.reads(table, column) if node[0] in family and node != (table, column)]

    def reads(self, table: str, column: str) -> list[Node]:
        """Return the nodes of any family that this one is computed from."""
        return list(dict.fromkeys(self._needs(table, column)))

    def uses(self, root: str) -> dict[str, list[str]]:
        """Return, for each table of other families, its columns that the family of ``root`` reads, in a fixed order."""
        family = self.families[root]
        found: dict[str, list[str]] = {}
        for table in family:
            for column in [column.name for column in self.tables[table].columns]:
                for other, name in self._needs(table, column):
                    if other not in family and name not in found.setdefault(other, []):
                        found[other].append(name)
        return found

    def _needs(self, table: str, column: str) -> Iterator[Node]:
        if column == ROWS:
            yield from self._rows_need(table)
            return
        yield (table, ROWS)
        generator = self.columns[table, column].generator
        own: list[str | None] = []
        match generator:
            case ParentKey():
                parent = self.parent(table)
                if parent is not None:
                    yield (parent, self.key_column(parent))
            case Reference():
                own += [generator.at, generator.by, *generator.match]
                other = generator.table
                yield from (
                    (other, name)
                    for name in [
                        self.key_column(other),
                        generator.weight,
                        *generator.weight_by.values(),
                        generator.since,
                        generator.until,
                        *generator.match.values(),
                    ]
                    if name is not None
                )
                for history in generator.during:
                    yield from self._states_need(history)
                if generator.near is not None:
                    own += [generator.near.latitude, generator.near.longitude]
                    yield from (
                        (other, name) for name in (generator.near.their_latitude, generator.near.their_longitude)
                    )
            case Address() if generator.near is not None:
                own += [generator.near.latitude, generator.near.longitude]
            case Lookup() if generator.history is not None:
                own += [generator.through, generator.at]
                yield from ((generator.history, name) for name in self.history_columns(generator.history))
                yield (generator.history, generator.column)
                whose = self.parent(generator.history)
                if whose is not None:
                    yield (whose, self.key_column(whose))
            case Lookup():
                own.append(generator.through)
                other = self.target(table, generator.through)
                if other is not None:
                    yield (other, generator.column)
                    if not isinstance(self.columns[table, generator.through].generator, Reference | ParentKey):
                        yield (other, self.key_column(other))
            case KeySequence():
                own.append(generator.in_order_of)
            case Category() | Flag() | Price():
                own.append(generator.by)
            case After() | Before():
                own += [generator.base, generator.by]
                own.append(generator.not_before if isinstance(generator, Before) else None)
                own += columns_of(generator.times) if generator.times else ()
                own += columns_of(generator.where) if generator.where else ()
            case FirstOf():
                own += generator.moments.values()
            case Renewal():
                own += [generator.start, generator.by]
                if generator.part == "ended":
                    own.append(generator.leave_case)
                else:
                    own.append(self.renewal_end(table, generator.of))
            case Number():
                own.append(generator.by)
                own += columns_of(generator.times) if generator.times else ()
                own.append(generator.correlation.column if generator.correlation else None)
            case Walk():
                own += [generator.base, generator.at]
            case Expression() | Moment():
                own += columns_of(generator.sql)
            case Person():
                own.append(generator.company)
            case Text():
                own += [generator.by, *self.text_columns(table, generator)]
            case RollUp():
                yield (generator.table, ROWS)
                names = [generator.column, *(columns_of(generator.where) if generator.where else ())]
                yield from ((generator.table, name) for name in names if name is not None)
            case _:
                pass
        own += [number.by for _, number in numbers_by_case(generator)]
        usually = self.columns[table, column].usually
        if usually is not None:
            own += [usually.column, *(number.by for _, number in numbers_by_case(usually))]
        yield from ((table, name) for name in own if name is not None)
        for effect in self.effects_on(table, column):
            yield from self._effect_needs(effect)

    def text_columns(self, table: str, generator: Text) -> list[str]:
        """Return the columns of the row that a grammar writes into its text."""
        texts = [*generator.templates]
        for more in [*generator.templates_by.values(), *generator.parts.values()]:
            texts += more
        names = dict.fromkeys(name for text in texts for name in PLACEHOLDER.findall(text))
        return [name for name in names if name not in generator.parts and (table, name) in self.columns]

    def _rows_need(self, table: str) -> Iterator[Node]:
        population = self.tables[table].population
        if not isinstance(population, PerParent | PerPeriod):
            return
        parent = population.parent
        yield (parent, ROWS)
        if isinstance(population, PerPeriod):
            yield (parent, population.start)
            if population.end is not None:
                yield (parent, population.end)
            for history in population.during:
                yield from self._states_need(history)
            return
        yield from ((parent, name) for name in (columns_of(population.where) if population.where else ()))
        yield from ((parent, name) for name in _read_by(population.history))
        deciding = [population.by, population.count_of, *(number.by for _, number in numbers_by_case(population))]
        yield from ((parent, name) for name in deciding if name is not None)
        for column in self.tables[table].columns:
            for effect in self.effects_on(table, column.name):
                if isinstance(column.generator, ParentKey):
                    yield from ((parent, name) for name in self._effect_columns(effect))
                elif isinstance(column.generator, StateName | LeftAt) and effect.where is not None:
                    yield from ((parent, name) for name in columns_of(effect.where))

    def _effect_columns(self, effect: Effect) -> Iterator[str]:
        yield from columns_of(effect.where) if effect.where else ()
        time = self.effect_time(effect)
        if (effect.from_days_ago is not None or effect.during is not None) and time is not None:
            yield time

    def _effect_needs(self, effect: Effect) -> Iterator[Node]:
        generator = self.columns[effect.table, effect.column].generator
        if generator.kind in ("arrival", "parent_key", "state", "left_at"):
            return
        yield from ((effect.table, name) for name in self._effect_columns(effect))
        if effect.during is not None:
            if effect.during.through is not None:
                yield (effect.table, effect.during.through)
            yield from self._states_need(effect.during.history)
        if isinstance(generator, Reference):
            if effect.value_column is not None:
                yield (generator.table, effect.value_column)
            if effect.referenced is not None:
                yield from ((generator.table, name) for name in columns_of(effect.referenced))

    def column_order(self, root: str) -> list[Node]:
        """Return the nodes of a family, each after the nodes that it needs, otherwise in the order of declaration.

        Raises:
            CycleError: columns depend on each other in a circle.
        """
        nodes = [
            (table, column)
            for table in self.families[root]
            for column in [ROWS, *(column.name for column in self.tables[table].columns)]
        ]
        order: list[Node] = []
        done: set[Node] = set()

        def visit(node: Node, path: tuple[Node, ...]) -> None:
            if node in path:
                circle = [*path[path.index(node) :], node]
                raise CycleError([f"{table}.{column or 'rows'}" for table, column in circle])
            if node in done:
                return
            for needed in self.needs(*node):
                visit(needed, (*path, node))
            done.add(node)
            order.append(node)

        for node in nodes:
            visit(node, ())
        return order

    @cached_property
    def work(self) -> dict[str, list[Node]]:
        """Root -> the nodes of its family that must be computed, in the order of ``column_order``.

        An internal column is not computed if no stored column, no other family and no row count depends on it.

        Raises:
            CycleError: columns depend on each other in a circle.
        """
        found: dict[str, list[Node]] = {}
        for root in self.families:
            order = self.column_order(root)
            read = {node for node in order if self._is_read_outside(*node)}
            for node in reversed(order):
                if node in read:
                    read.update(self.needs(*node))
            found[root] = [node for node in order if node in read]
        return found

    def _is_read_outside(self, table: str, column: str) -> bool:
        """Return whether a node is needed outside its family: a table's rows, a stored column, or one that other families read."""
        if column == ROWS or not self.columns[table, column].internal:
            return True
        return column in self.exports.get(table, [])

    @cached_property
    def family_order(self) -> list[str]:
        """Roots of families, each after the families that it refers to.

        Raises:
            CycleError: families refer to each other in a circle.
        """
        order: list[str] = []

        def visit(root: str, path: tuple[str, ...]) -> None:
            if root in path:
                raise CycleError([*path[path.index(root) :], root])
            if root in order:
                return
            for table in self.uses(root):
                visit(self.root(table), (*path, root))
            order.append(root)

        for root in self.families:
            visit(root, ())
        return order

    @cached_property
    def exports(self) -> dict[str, list[str]]:
        """Table -> columns that other families read, internal ones included."""
        found: dict[str, list[str]] = {}
        for root in self.families:
            for table, columns in self.uses(root).items():
                known = found.setdefault(table, [])
                known += [column for column in columns if column not in known]
        return found

    @cached_property
    def numbered(self) -> dict[str, str]:
        """Table -> the column whose moments its key's numbers follow, for keys with ``in_order_of``."""
        keys = (
            (table.name, self.columns[table.name, name])
            for table in self.model.tables
            for name in table.primary_key[:1]
        )
        return {
            table: key.generator.in_order_of
            for table, key in keys
            if isinstance(key.generator, KeySequence) and key.generator.in_order_of is not None
        }

    @cached_property
    def copies(self) -> dict[Node, str]:
        """(Table, column) -> the numbered table whose key it holds: the key itself, and what children copy from it."""
        found: dict[Node, str] = {(table, self.key_column(table)): table for table in self.numbered}
        while True:
            more = {
                node: found[source]
                for node in self.columns
                if node not in found and (source := self._copied_from(*node)) in found
            }
            if not more:
                return found
            found |= more

    def _copied_from(self, table: str, column: str) -> Node | None:
        """Return the column whose value a column has as it is, in the row of the parent or of a foreign key."""
        generator = self.columns[table, column].generator
        if isinstance(generator, ParentKey):
            parent = self.parent(table)
            return (parent, self.key_column(parent)) if parent in self.tables else None
        if isinstance(generator, Lookup) and generator.history is None and (table, generator.through) in self.columns:
            target = self.target(table, generator.through)
            return None if target is None else (target, generator.column)
        return None

    def is_anchor(self, table: str, column: str) -> bool:
        """Return whether a reference names this column in ``since``. The column's first row is then at the start of the history."""
        return any(
            isinstance(generator, Reference) and generator.table == table and generator.since == column
            for generator in (column_.generator for column_ in self.columns.values())
        )


def _read_by(history: StateSequence | Milestones | None) -> list[str]:
    """Return the columns of the parent from which its history is made."""
    if isinstance(history, Milestones):
        return list(history.moments.values())
    if isinstance(history, StateSequence):
        return [history.start, *([history.by] if history.by else [])]
    return []


def circle_text(path: Sequence[str]) -> str:
    """Return a circle as text, such as ``a needs b, b needs a``."""
    return ", ".join(f"{one} needs {other}" for one, other in pairwise(path))
