"""A query that counts nothing twice: a base table, many-to-one joins from it, figures, groups and conditions."""

from dataclasses import dataclass
from typing import Literal

from provisioning_assets.agent.understanding.asked import Function, Operator
from provisioning_assets.agent.understanding.catalog import CatalogColumn, Relationship
from provisioning_assets.agent.understanding.time_windows import Unit, Window

MOST_ROWS = 1000


@dataclass(frozen=True)
class QueryFigure:
    """A figure: ``function`` over ``column``. Without a column it counts rows; ``since`` makes it a duration in ``unit``."""

    function: Function
    column: CatalogColumn | None
    name: str
    distinct: bool = False
    per: CatalogColumn | None = None
    since: CatalogColumn | None = None
    unit: Literal["day", "hour"] | None = None


@dataclass(frozen=True)
class QueryCondition:
    """Rows to keep."""

    column: CatalogColumn
    operator: Operator
    values: tuple[str | float | bool, ...] = ()
    than: CatalogColumn | None = None


@dataclass(frozen=True)
class DatedCondition:
    """Rows in one of the windows of a time column."""

    column: CatalogColumn
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class RelatedRows:
    """Rows of the base with so many related rows: ``key`` of the base is compared with ``reference`` in ``table``."""

    key: CatalogColumn
    table: str
    joins: tuple[Relationship, ...]
    reference: CatalogColumn
    operator: Operator
    number: float
    conditions: tuple["QueryCondition | DatedCondition", ...] = ()
    summed: CatalogColumn | None = None


Kept = QueryCondition | DatedCondition | RelatedRows


@dataclass(frozen=True)
class Group:
    """A column to group by, with its name in the result."""

    column: CatalogColumn
    name: str


@dataclass(frozen=True)
class Query:
    """Everything from which the SQL is built, and ``notes`` for the user about what was decided."""

    base: str
    joins: tuple[Relationship, ...] = ()
    figures: tuple[QueryFigure, ...] = ()
    groups: tuple[Group, ...] = ()
    grain: Unit | None = None
    weekday: bool = False
    clock: CatalogColumn | None = None
    kept: tuple[Kept, ...] = ()
    part: tuple[Kept, ...] = ()
    share: bool = False
    having: tuple[Operator, float] | None = None
    descending: bool | None = None
    limit: int = MOST_ROWS
    each: int = 0
    listed: tuple[CatalogColumn, ...] = ()
    notes: tuple[str, ...] = ()

    def described(self) -> tuple[str, ...]:
        """Return in words what distinguishes this query from others of the same question."""
        told = [f"{figure.function} of {figure.column.key if figure.column else self.base}" for figure in self.figures]
        told += [f"by {group.column.key}" for group in self.groups]
        told += [f"joined by {', '.join(relationship.columns)} of {relationship.table}" for relationship in self.joins]
        if self.clock is not None:
            told.append(f"by the date {self.clock.key}")
        for kept in (*self.kept, *self.part):
            told += _told(kept)
        return tuple(told)


def _told(kept: Kept) -> list[str]:
    if isinstance(kept, DatedCondition):
        return [f"with {kept.column.key} in that time"]
    if isinstance(kept, RelatedRows):
        inside = [text for inner in kept.conditions for text in _told(inner)]
        return [f"{kept.operator} {kept.number} rows of {kept.table}", *inside]
    shown = {"set": "is set", "unset": "is empty"}.get(kept.operator) or (
        f"{kept.operator} {kept.than.key if kept.than else ', '.join(str(value) for value in kept.values)}"
    )
    return [f"where {kept.column.key} {shown}"]
