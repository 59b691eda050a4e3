"""Checks that tables and columns do not depend on themselves, directly or through others."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from provisioning_assets.data_model.lineage import ROWS, Lineage, Node, circle_text
from provisioning_assets.data_model.problems import Place, Problem
from provisioning_assets.data_model.rules.checked_column import column_place, table_place

Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True)
class Circle:
    """Tables or columns that depend on each other, as a problem. If the places in ``waiting`` are removed, the circle is broken."""

    problem: Problem
    waiting: list[Place]


def circles(lineage: Lineage) -> Iterator[Circle]:
    """Yield circles of families and of columns; the names in the model must be valid."""
    yield from _family_circles(lineage)
    for root in lineage.families:
        yield from _column_circles(lineage, root)


def _family_circles(lineage: Lineage) -> Iterator[Circle]:
    """Yield circles of families: tables of one family refer to another family that refers back."""
    needs = {
        root: list(dict.fromkeys(lineage.root(table) for table in lineage.uses(root))) for root in lineage.families
    }
    for path in _closed_paths(needs):
        reading = [
            column_place(table, column.name)
            for table in lineage.families[path[-2]]
            for column in lineage.tables[table].columns
            if any(lineage.root(other) == path[-1] for other, _ in lineage.reads(table, column.name))
        ]
        yield Circle(
            Problem(
                reading[0],
                f"Tables depend on each other in a circle: {circle_text(path)}.",
                "Remove one of these references, or make one of the tables a child of the other.",
            ),
            reading,
        )


def _column_circles(lineage: Lineage, root: str) -> Iterator[Circle]:
    """Yield circles of columns in one family that are computed from each other."""
    nodes = [
        (table, name)
        for table in lineage.families[root]
        for name in (ROWS, *(column.name for column in lineage.tables[table].columns))
    ]
    for path in _closed_paths({node: lineage.needs(*node) for node in nodes}):
        place = _place_of(path[-2])
        yield Circle(
            Problem(
                place,
                f"Columns depend on each other in a circle: {circle_text([_name_of(node) for node in path])}.",
                "Change one of them so that it does not depend on the next.",
            ),
            [place],
        )


def _place_of(node: Node) -> Place:
    table, column = node
    return table_place(table, "rows") if column == ROWS else column_place(table, column)


def _name_of(node: Node) -> str:
    table, column = node
    return f"{table}.rows" if column == ROWS else f"{table}.{column}"


def _closed_paths(needs: Mapping[Item, Sequence[Item]]) -> Iterator[list[Item]]:
    """Yield circles, each as a path from an item back to itself.

    If the last but one item of each path is removed, no circle is left.
    """
    done: set[Item] = set()
    for start in needs:
        path: dict[Item, Iterator[Item]] = {} if start in done else {start: iter(needs[start])}
        while path:
            item = next(reversed(path))
            needed = next(path[item], None)
            if needed is not None and needed in path:
                visited = list(path)
                yield [*visited[visited.index(needed) :], needed]
                needed = None
            if needed is None:
                done.add(item)
                del path[item]
            elif needed not in done:
                path[needed] = iter(needs[needed])
