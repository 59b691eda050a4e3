"""What a question asks: figures, groups, conditions, times and events, under one choice of meanings."""

from dataclasses import dataclass
from typing import Literal

from provisioning_assets.agent.understanding.catalog import CatalogColumn
from provisioning_assets.agent.understanding.meaning import Meaning
from provisioning_assets.agent.understanding.time_windows import Unit, Window

Function = Literal["count", "sum", "avg", "median", "min", "max"]
Operator = Literal["=", "!=", ">", ">=", "<", "<=", "set", "unset"]


class UnreadableError(Exception):
    """The question cannot be read completely. The message says why, as the end of "I cannot answer that: ..."."""


@dataclass(frozen=True)
class Condition:
    """Rows to keep: a comparison with values or with another time (``than``), or that a time is ``set`` or ``unset``.

    ``at`` is its place in the question.
    """

    column: CatalogColumn
    operator: Operator = "="
    values: tuple[str | float | bool, ...] = ()
    at: int = 0
    said: str = ""
    than: CatalogColumn | None = None


@dataclass(frozen=True)
class Figure:
    """A figure: ``function`` over ``column``, or the number of a table's rows."""

    function: Function | None
    table: str
    column: CatalogColumn | None = None
    distinct: bool = False
    said: str = ""


@dataclass(frozen=True)
class Dated:
    """A time window on the time column that was named with it; None for the clock of what is asked."""

    window: Window
    clock: CatalogColumn | None = None
    rolling: tuple[int, Unit] | None = None
    at: int = 0


@dataclass(frozen=True)
class Events:
    """How many rows of ``table`` must belong to a row: at least one, none, more than 3. ``verb`` is a word such as "ordered".

    With ``summed``, the sum of that column is compared instead of the number of rows.
    """

    table: str
    operator: Operator = ">="
    number: float = 1
    clock: CatalogColumn | None = None
    verb: bool = False
    at: int = 0
    said: str = ""
    summed: CatalogColumn | None = None


@dataclass(frozen=True)
class Asked:
    """What a question asks, under one choice of meanings."""

    figures: tuple[Figure, ...] = ()
    groups: tuple[Meaning, ...] = ()
    group_words: tuple[str, ...] = ()
    grain: Unit | None = None
    weekday: bool = False
    conditions: tuple[Condition, ...] = ()
    windows: tuple[Dated, ...] = ()
    events: tuple[Events, ...] = ()
    descending: bool | None = None
    limit: int | None = None
    each: tuple[Meaning, ...] = ()
    share: bool = False
    numerator_from: int = 0
    per: str | None = None
    listed: str | None = None
    shown: tuple[CatalogColumn, ...] = ()
    moment: Literal["min", "max"] | None = None
    duration: tuple[CatalogColumn | None, CatalogColumn] | None = None
    duration_unit: Literal["day", "hour"] | None = None
    new: bool = False
    compares: bool = False
    chosen: tuple[Meaning, ...] = ()
