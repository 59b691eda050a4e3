"""The tree of a parsed row expression, and how a tree is written as text again.

Row expressions are the language of computed columns and conditions in blueprints and data models; docs/row-expressions.md
describes it. Trees are immutable; functions that change one return a new tree.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from provisioning_assets.data_model.names import GoogleSqlType

_WORDS = """
    and as between case cast distinct else end extract false from in interval is like not null or select then true when
"""
LANGUAGE_WORDS = frozenset(_WORDS.split())
"""Reserved words. A column may have such a name only after a dot or in double quotes."""

PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")

CAST_NAMES: dict[GoogleSqlType, str] = {
    "STRING": "text",
    "INT64": "integer",
    "FLOAT64": "double precision",
    "NUMERIC": "numeric",
    "BOOL": "boolean",
    "DATE": "date",
    "DATETIME": "timestamp",
}
"""Type -> its name in ``cast(x as ...)``."""

BINARY_LEVELS = {
    "or": 1,
    "and": 2,
    "=": 5,
    "<>": 5,
    "<": 5,
    "<=": 5,
    ">": 5,
    ">=": 5,
    "||": 7,
    "+": 8,
    "-": 8,
    "*": 9,
    "/": 9,
    "%": 9,
}
"""Operator -> precedence; a higher number binds more tightly. Source: PostgreSQL, "Operator Precedence"."""

NOT_LEVEL, IS_LEVEL, MATCH_LEVEL, SIGN_LEVEL, VALUE_LEVEL = 3, 4, 6, 10, 11
"""Precedence of ``not``, ``is null``, ``in``/``between``/``like``, a sign and a single value, on the scale of ``BINARY_LEVELS``."""


class ExpressionError(ValueError):
    """A text is not a row expression, or its types do not fit. The message is for the author of the expression."""


@dataclass(frozen=True)
class Node:
    """A value computed for each row."""

    @property
    def parts(self) -> "tuple[Node, ...]":
        """The nodes that this one is computed from."""
        return ()

    def with_parts(self, parts: "tuple[Node, ...]") -> "Node":
        """Return the same computation over other nodes, of the same number as ``parts``."""
        del parts
        return self

    @property
    def level(self) -> int:
        """How tightly the node's text binds, as a number; a higher one binds more tightly."""
        return VALUE_LEVEL

    @cached_property
    def text(self) -> str:
        """The canonical text: parentheses only where they are needed, words in lower case, no comments."""
        raise NotImplementedError


@dataclass(frozen=True)
class Column(Node):
    """A column of the row, or, with several parts, a value reached through foreign keys."""

    path: tuple[str, ...]

    @property
    def name(self) -> str:
        return ".".join(self.path)

    @cached_property
    def text(self) -> str:
        return ".".join(
            part if PLAIN_NAME.fullmatch(part) and (place or part not in LANGUAGE_WORDS) else quoted(part)
            for place, part in enumerate(self.path)
        )


@dataclass(frozen=True)
class Literal(Node):
    """A constant: a number, a text, a truth value, a date, a moment, or null."""

    value: int | float | str | bool | date | datetime | None

    @property
    def level(self) -> int:
        return SIGN_LEVEL if isinstance(self.value, int | float) and self.value < 0 else VALUE_LEVEL

    @cached_property
    def text(self) -> str:
        match self.value:
            case None:
                return "null"
            case bool():
                return str(self.value).lower()
            case str():
                return "'" + self.value.replace("'", "''") + "'"
            case datetime():
                return f"timestamp '{self.value.isoformat(sep=' ')}'"
            case date():
                return f"date '{self.value.isoformat()}'"
            case _:
                return repr(self.value)


@dataclass(frozen=True)
class Interval(Node):
    """A length of time: whole months, and microseconds for the rest."""

    months: int
    microseconds: int
    written: str

    @cached_property
    def text(self) -> str:
        return f"interval '{self.written}'"


@dataclass(frozen=True)
class Unary(Node):
    """``-`` or ``not`` before a value."""

    operator: str
    value: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    def with_parts(self, parts: tuple[Node, ...]) -> Node:
        return Unary(self.operator, parts[0])

    @property
    def level(self) -> int:
        return NOT_LEVEL if self.operator == "not" else SIGN_LEVEL

    @cached_property
    def text(self) -> str:
        if self.operator == "not":
            return f"not {_at_least(self.value, NOT_LEVEL)}"
        return f"-{_at_least(self.value, VALUE_LEVEL)}"


@dataclass(frozen=True)
class Binary(Node):
    """Two values and the operator between them."""

    operator: str
    left: Node
    right: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)

    def with_parts(self, parts: tuple[Node, ...]) -> Node:
        return Binary(self.operator, *parts)

    @property
    def level(self) -> int:
        return BINARY_LEVELS[self.operator]

    @cached_property
    def text(self) -> str:
        left = self.level + 1 if self.level == BINARY_LEVELS["="] else self.level
        return f"{_at_least(self.left, left)} {self.operator} {_at_least(self.right, self.level + 1)}"


@dataclass(frozen=True)
class IsNull(Node):
    """``is null`` and ``is not null``."""

    value: Node
    negated: bool

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    def with_parts(self, parts: tuple[Node, ...]) -> Node:
        return IsNull(parts[0], self.negated)

    @property
    def level(self) -> int:
        return IS_LEVEL

    @cached_property
    def text(self) -> str:
        return f"{_at_least(self.value, IS_LEVEL + 1)} is {'not ' if self.negated else ''}null"


@dataclass(frozen=True)
class In(Node):
    """``in`` a list of values."""

    value: Node
    options: tuple[Node, ...]
    negated: bool

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.value, *self.options)

    def with_parts(self, parts: tuple[Node, ...]) -> Node:
        return In(parts[0], parts[1:], self.negated)

    @property
    def level(self) -> int:
        return MATCH_LEVEL

    @cached_property
    def text(self) -> str:
        options = ", ".join(option.text for option in self.options)
        return f"{_at_least(self.value, MATCH_LEVEL + 1)} {'not ' if self.negated else ''}in ({options})"


@dataclass(frozen=True)
class Between(Node):
    """``between`` two bounds, both inclusive."""

    value: Node
    low: Node
    high: Node
    negated: bool

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.value, self.low, self.high)

    def with_parts(self, parts: tuple[Node, ...]) -> Node:
        return Between(*parts, negated=self.negated)

    @property
    def level(self) -> int:
        return MATCH_LEVEL

    @cached_property
    def text(self) -> str:
        value, low, high = (_at_least(part, MATCH_LEVEL + 1) for part in self.parts)
        return f"{value} {'not ' if self.negated else ''}between {low} and {high}"


@dataclass(frozen=True)
class Like(Node):
    """``like`` a pattern with ``%`` and ``_``."""

    value: Node
    pattern: str
    negated: bool

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    def with_parts(self, parts: tuple[Node, ...]) -> Node:
        return Like(parts[0], self.pattern, self.negated)

    @property
    def level(self) -> int:
        return MATCH_LEVEL

    @cached_property
    def text(self) -> str:
        pattern = Literal(self.pattern).text
        return f"{_at_least(self.value, MATCH_LEVEL + 1)} {'not ' if self.negated else ''}like {pattern}"


@dataclass(frozen=True)
class Case(Node):
    """``case``: the value of the first branch whose condition holds, or whose value equals the subject."""

    subject: Node | None
    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node | None

    @property
    def parts(self) -> tuple[Node, ...]:
        first = () if self.subject is None else (self.subject,)
        last = () if self.otherwise is None else (self.otherwise,)
        return (*first, *(part for branch in self.branches for part in branch), *last)

    def with_parts(self, parts: tuple[Node, ...]) -> Node:
        left = list(parts)
        subject = None if self.subject is None else left.pop(0)
        otherwise = None if self.otherwise is None else left.pop()
        return Case(subject, tuple(zip(left[::2], left[1::2], strict=True)), otherwise)

    @cached_property
    def text(self) -> str:
        words = ["case", *([] if self.subject is None else [self.subject.text])]
        for condition, value in self.branches:
            words += ["when", condition.text, "then", value.text]
        if self.otherwise is not None:
            words += ["else", self.otherwise.text]
        return " ".join([*words, "end"])


@dataclass(frozen=True)
class Cast(Node):
    """A value converted to another type."""

    value: Node
    type: GoogleSqlType

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    def with_parts(self, parts: tuple[Node, ...]) -> Node:
        return Cast(parts[0], self.type)

    @cached_property
    def text(self) -> str:
        return f"cast({self.value.text} as {CAST_NAMES[self.type]})"


@dataclass(frozen=True)
class Extract(Node):
    """A field of a date or a moment."""

    field: str
    value: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    def with_parts(self, parts: tuple[Node, ...]) -> Node:
        return Extract(self.field, parts[0])

    @cached_property
    def text(self) -> str:
        return f"extract({self.field} from {self.value.text})"


@dataclass(frozen=True)
class Call(Node):
    """A call of a function."""

    name: str
    arguments: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.arguments

    def with_parts(self, parts: tuple[Node, ...]) -> Node:
        return Call(self.name, parts)

    @cached_property
    def text(self) -> str:
        return f"{self.name}({', '.join(argument.text for argument in self.arguments)})"


def quoted(name: str) -> str:
    """Return the name in double quotes, as in SQL."""
    return '"' + name.replace('"', '""') + '"'


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all nodes that it is computed from, in the order of the text."""
    yield node
    for part in node.parts:
        yield from walk(part)


def reads_columns(node: Node) -> bool:
    """Return whether the expression reads a column, so that its value can differ from row to row."""
    return any(isinstance(each, Column) for each in walk(node))


def depth(node: Node) -> int:
    """Return how deeply the nodes of the tree are nested."""
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [part for each in level for part in each.parts]
    return deepest


def changed(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return the tree with ``change`` applied to every node, innermost first."""
    return change(node.with_parts(tuple(changed(part, change) for part in node.parts)) if node.parts else node)


def _at_least(node: Node, level: int) -> str:
    return node.text if node.level >= level else f"({node.text})"
