"""The tables of a blueprint while they are designed: all columns, and those that dotted paths add.

A path ``order_id.customer_id.segment`` becomes a column that is looked up one step away. If the tables in between do not
have the value, a column that is not stored is added to them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.planning.blueprint import BlueprintTable
from provisioning_assets.planning.blueprint_columns import AddressSettings, AsOf, BlueprintColumn, ReferenceSettings
from provisioning_assets.planning.blueprint_rows import (
    ChildRows,
    RowsByMilestone,
    RowsByPeriod,
    RowsByState,
    RowsOfWords,
    SeveralRows,
)

LONGEST_NAME = 63
"""Largest number of characters of a column's name, as in ``data_model.names.Name``."""

SEPARATOR = "__"
"""Separates the steps of a path in the name of the column that is added for the path."""


class DesignError(Exception):
    """A mistake in the blueprint, found while its tables are designed."""

    def __init__(self, place: Place, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(place, message, remedy)


@dataclass(frozen=True)
class Step:
    """One step of a look-up: through a foreign key of the table to a column of the row it points to."""

    through: str
    column: str
    history: str | None = None
    at: str | None = None


def address_part(column: BlueprintColumn) -> str:
    """Which part of an address a column with ``address`` is."""
    return column.address.part if isinstance(column.address, AddressSettings) else str(column.address)


def address_of(column: BlueprintColumn) -> str:
    """The name of the address that a column with ``address`` is a part of."""
    return column.address.of if isinstance(column.address, AddressSettings) else "address"


@dataclass
class Draft:
    """The tables of a filled blueprint.

    ``columns[table]`` are all columns of a table: stored ones, helpers, and those that paths have added. ``places`` is the
    place in the blueprint of each column, or of the path that added it. ``steps`` are the look-ups found so far. ``joined``
    are the columns that hold the values of several other columns. ``spots`` are latitude and longitude of the rows of tables that
    stand for places.
    """

    tables: Mapping[str, BlueprintTable]
    records: Mapping[str, list[dict[str, str | int | float | bool | None]]]
    columns: dict[str, dict[str, BlueprintColumn]] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    added: set[tuple[str, str]] = field(default_factory=set)
    joined: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)
    steps: dict[tuple[str, str], Step] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    spots: Mapping[str, Sequence[tuple[float, float] | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for table, written in self.tables.items():
            self.columns[table] = {**written.columns, **written.helpers}
            for name in written.columns:
                self.places[table, name] = ("tables", table, "columns", name)
            for name in written.helpers:
                self.places[table, name] = ("tables", table, "helpers", name)
        for table in self.tables:
            self.keys[table] = self._primary_key(table)

    # --- columns and tables ---

    def existing_table(self, name: str, place: Place) -> str:
        """The name, if there is such a table.

        Raises:
            DesignError: there is no such table.
        """
        if name not in self.tables:
            raise DesignError(place, f"'{name}' is not a table.", suggestion(name, self.tables))
        return name

    def own(self, table: str) -> list[str]:
        """Names of the columns that an author wrote, without those that paths have added."""
        return [name for name in self.columns[table] if (table, name) not in self.added]

    def existing_column(self, table: str, name: str, place: Place) -> str:
        """The name, if the table has such a column.

        Raises:
            DesignError: the table has no such column.
        """
        if name not in self.columns[table]:
            raise DesignError(place, f"'{name}' is not a column of {table}.", suggestion(name, self.own(table)))
        return name

    def is_stored(self, table: str, name: str) -> bool:
        """Whether the column is in the data set."""
        return name in self.tables[table].columns

    def parent_of(self, table: str) -> str | None:
        """The table whose rows are the parents of this table's rows; None if it has no parent."""
        rows = self.tables[table].rows
        sources = rows.sources if isinstance(rows, SeveralRows) else [rows]
        of_parents = (ChildRows, RowsByPeriod, RowsByState, RowsByMilestone)
        parents = list(dict.fromkeys(source.parent for source in sources if isinstance(source, of_parents)))
        if len(parents) > 1:
            raise DesignError(
                ("tables", table, "rows", "sources"),
                f"The sources of the rows have several parents: {' and '.join(parents)}.",
                "Only one parent is accepted; make the rows of the other sources independent.",
            )
        return None if not parents else self.existing_table(parents[0], ("tables", table, "rows", "parent"))

    # --- keys ---

    def _primary_key(self, table: str) -> list[str]:
        written = self.tables[table]
        place: Place = ("tables", table)
        if written.primary_key:
            for name in written.primary_key:
                self.existing_column(table, name, (*place, "primary_key"))
            return list(written.primary_key)
        by_generator = {column.generator: name for name, column in reversed(written.columns.items())}
        if "key" in by_generator:
            return [by_generator["key"]]
        if "parent" in by_generator:
            within = by_generator.get("position") or by_generator.get("period_start")
            rows = written.rows
            if within:
                return [by_generator["parent"], within]
            if isinstance(rows, ChildRows) and rows.count is None:
                return [by_generator["parent"]]
        if isinstance(written.rows, list | RowsOfWords):
            return [next(iter(written.columns))]
        raise DesignError(
            place,
            "The table has no primary key.",
            "Give it a `key` column, or `parent` with `position` or `period_start`.",
        )

    def single_key(self, table: str, place: Place) -> str:
        """The one key column of the table, which foreign keys refer to.

        Raises:
            DesignError: the key has several columns.
        """
        key = self.keys[table]
        if len(key) != 1:
            raise DesignError(
                place,
                f"The column refers to {table}, whose key has {len(key)} columns.",
                f"Give {table} a `key` column.",
            )
        return key[0]

    def points_to(self, table: str, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> str | None:
        """The table whose keys the column holds; None if the column is not a foreign key."""
        column, place = self.columns[table][name], self.places[table, name]
        if column.reference is not None:
            settings = column.reference
            named = settings.table if isinstance(settings, ReferenceSettings) else settings
            return self.existing_table(named, (*place, "reference"))
        if column.parent is not None:
            parent = self.parent_of(table)
            if parent is None:
                raise DesignError((*place, "parent"), "The rows of this table have no parent.", "Give `rows` a parent.")
            return parent
        if column.from_ is not None:
            if (table, name) in seen:
                raise DesignError((*place, "from"), "The column refers to itself.", "Name another column.")
            step = self.step(table, name, seen | {(table, name)})
            target = step.history or self.points_to(table, step.through, seen | {(table, name)}) or ""
            if step.history is None and self.keys[target] == [step.column]:
                return target
            return self.points_to(target, step.column, seen | {(table, name)})
        return None

    # --- paths ---

    def step(self, table: str, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> Step:
        """The look-up of a column with ``from``, one step away."""
        if (table, name) not in self.steps:
            source, place = self.columns[table][name].from_, (*self.places[table, name], "from")
            if isinstance(source, AsOf):
                through, _, column = source.path.partition(".")
                self._foreign_key(table, through, place, seen)
                history = self.existing_table(source.history, (*place, "history"))
                found = Step(through, self.reach(history, column, place), history, self.reach(table, source.at, place))
            else:
                path = source or ""
                if path.startswith(f"{name}."):
                    raise DesignError(place, "The column refers to itself.", "Name another column.")
                found = Step(*self.one_step(table, path, place, seen))
            self.steps[table, name] = found
        return self.steps[table, name]

    def one_step(
        self, table: str, path: str, place: Place, seen: frozenset[tuple[str, str]] = frozenset()
    ) -> tuple[str, str]:
        """The foreign key that a path goes through, and the column of the other table that it leads to."""
        through, dot, rest = path.partition(".")
        if not dot:
            raise DesignError(
                place, f"'{path}' is a column of the same row.", "Write foreign_key.column, or use an expression."
            )
        return through, self.reach(self._foreign_key(table, through, place, seen), rest, place, seen)

    def _foreign_key(self, table: str, name: str, place: Place, seen: frozenset[tuple[str, str]]) -> str:
        """The table that a step of a path leads to."""
        self.existing_column(table, name, place)
        target = self.points_to(table, name, seen)
        if target is None:
            raise DesignError(
                place,
                f"'{name}' of {table} is not a foreign key.",
                f"Foreign keys of {table}: {', '.join(self._foreign_keys(table)) or 'none'}.",
            )
        return target

    def _foreign_keys(self, table: str) -> list[str]:
        return [
            name
            for name in self.own(table)
            if (column := self.columns[table][name]).reference is not None or column.parent is not None
        ]

    def reach(self, table: str, path: str, place: Place, seen: frozenset[tuple[str, str]] = frozenset()) -> str:
        """The column of the table that holds the value of a path. If there is none, one that is not stored is added."""
        through, dot, rest = path.partition(".")
        if not dot:
            return self.existing_column(table, path, place)
        target = self._foreign_key(table, through, place, seen)
        step = Step(through, self.reach(target, rest, place, seen))
        for name, column in self.columns[table].items():
            if self._is_plainly(table, name, column, step, path):
                return name
        name = self.add(table, path.replace(".", SEPARATOR), BlueprintColumn.model_validate({"from": path}), place)
        self.steps[table, name] = step
        return name

    def _is_plainly(self, table: str, name: str, column: BlueprintColumn, step: Step, path: str) -> bool:
        """Whether a column holds exactly the value of the step, by the same path."""
        if column.null_share or column.type is not None or not isinstance(column.from_, str):
            return False
        if (table, name) in self.steps:
            return self.steps[table, name] == step
        return column.from_ in (path, f"{step.through}.{step.column}")

    # --- places ---

    def position(self, table: str, place: Place) -> tuple[str, str]:
        """The columns with latitude and longitude of a table's rows: its own, those of its address, or of the words it stands for.

        Raises:
            DesignError: the rows have no place.
        """
        columns = self.columns[table]
        of = next((address_of(column) for column in columns.values() if column.address is not None), None)
        if of is not None:
            return self._of_address(table, "latitude", of, place), self._of_address(table, "longitude", of, place)
        if {"latitude", "longitude"} <= columns.keys():
            return "latitude", "longitude"
        if any(self.spots.get(table, ())):
            for index, name in enumerate(("latitude", "longitude")):
                for row, spot in zip(self.records[table], self.spots[table], strict=True):
                    row[f"place{SEPARATOR}{name}"] = None if spot is None else spot[index]
                if f"place{SEPARATOR}{name}" not in columns:
                    self.add(table, f"place{SEPARATOR}{name}", BlueprintColumn.model_validate({"place": name}), place)
            return f"place{SEPARATOR}latitude", f"place{SEPARATOR}longitude"
        raise DesignError(
            place,
            f"It is not known where the rows of {table} are.",
            "Give the table an `address` column, columns `latitude` and `longitude`, or rows for each word of a slot from cities.",
        )

    def _of_address(self, table: str, part: str, of: str, place: Place) -> str:
        """The column with a part of an address; if there is none, one that is not stored is added."""
        for name, column in self.columns[table].items():
            if column.address is not None and (address_part(column), address_of(column)) == (part, of):
                return name
        written = {"part": part, "of": of}
        return self.add(table, f"{of}{SEPARATOR}{part}", BlueprintColumn.model_validate({"address": written}), place)

    def add(self, table: str, name: str, column: BlueprintColumn, place: Place) -> str:
        """Add a column that is not stored. Returns its name, which differs if the given one is too long or taken."""
        if len(name) > LONGEST_NAME or name in self.columns[table]:
            name = f"{name[:50]}{SEPARATOR}{sha256(f'{name} {column}'.encode()).hexdigest()[:8]}"
        self.columns[table][name] = column
        self.places[table, name] = place
        self.added.add((table, name))
        return name
