"""Parses the text of a row expression into its tree."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from provisioning_assets.data_model.expression_functions import DATE_FIELDS, OWN_ROW_ONLY, check_calls
from provisioning_assets.data_model.expression_tree import (
    BINARY_LEVELS,
    CAST_NAMES,
    IS_LEVEL,
    LANGUAGE_WORDS,
    MATCH_LEVEL,
    NOT_LEVEL,
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    ExpressionError,
    Extract,
    In,
    Interval,
    IsNull,
    Like,
    Literal,
    Node,
    Unary,
    depth,
)
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.problems import suggestion

MOST_NESTED, DEEPEST = 60, 100
"""Largest number of nested parentheses, and largest depth of an expression's tree. Longer ones are refused.

Both are far more than a person writes. They keep within Python's limit of 1,000 nested calls: reading a parenthesis takes six
nested calls, processing a level of the tree takes four.
"""
TOO_DEEP = (
    "the expression is nested too deeply, or has too many operators in a row; compute a part of it in a separate column"
)

TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")+")
      | (?P<word>[^\W\d]\w*)
      | (?P<sign>::|\|\||<>|!=|<=|>=|[-+*/%=<>(),.])""",
    re.VERBOSE | re.DOTALL,
)

TYPES: dict[str, GoogleSqlType] = {name: kind for kind, name in CAST_NAMES.items()}
OTHER_TYPE_NAMES = {
    **dict.fromkeys(["int", "bigint", "smallint", "int64", "int4", "int8"], "integer"),
    **dict.fromkeys(["float", "float64", "real", "double", "float8"], "double precision"),
    **dict.fromkeys(["string", "varchar", "char", "character"], "text"),
    **dict.fromkeys(["decimal", "money", "bignumeric"], "numeric"),
    **dict.fromkeys(["datetime", "timestamptz"], "timestamp"),
    "bool": "boolean",
}
"""Name of a type in another SQL dialect -> the name that is accepted here."""

INTERVAL_MONTHS = {"year": 12, "quarter": 3, "month": 1}
MICROSECONDS_OF_DAY = 86_400_000_000
INTERVAL_MICROSECONDS = {
    "week": 7 * MICROSECONDS_OF_DAY,
    "day": MICROSECONDS_OF_DAY,
    "hour": 3_600_000_000,
    "minute": 60_000_000,
    "second": 1_000_000,
}
INTERVAL_PIECE = re.compile(r"\s*([+-]?\d+)\s*([a-z]+?)s?(?=\s|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Token:
    """A word, number, text or sign as it was written, and the position of its first character, counted from 1."""

    kind: str
    written: str
    place: int

    @property
    def word(self) -> str:
        """The token's name if it is a word or a sign of the language; empty for values and quoted names."""
        return self.written.lower() if self.kind in ("word", "sign", "end") else ""


@lru_cache(maxsize=8192)
def parsed(sql: str) -> Node:
    """Return the tree of a row expression.

    Raises:
        ExpressionError: not a row expression; the message says what was written, where, and what is accepted.
    """
    tree = parsed_with_any_function(sql)
    check_calls(tree)
    return tree


@lru_cache(maxsize=8192)
def parsed_with_any_function(sql: str) -> Node:
    """Return the tree of an expression that may call functions of its author. The names of functions are not checked here.

    Raises:
        ExpressionError: as for ``parsed``, except that unknown functions are accepted.
    """
    return _Reader(sql).whole()


def _tokens(sql: str) -> list[Token]:
    found, place = [], 0
    while place < len(sql):
        match = TOKEN.match(sql, place)
        if match is None:
            if sql[place] == "'":
                raise ExpressionError(
                    f"the text that begins at character {place + 1} has no closing quote; add it, and write quotes inside the "
                    "text twice"
                )
            if sql[place] == ";":
                raise ExpressionError("`;` ends a statement, but an expression is one value; remove it")
            raise ExpressionError(
                f"`{sql[place]}` at character {place + 1} is not accepted; write texts in single quotes, and names of columns "
                "that contain other characters in double quotes"
            )
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(Token(kind, match.group(), place + 1))
        place = match.end()
    return [*found, Token("end", "", len(sql) + 1)]


class _Reader:
    """Reads tokens from left to right; each method takes one kind of expression and returns its tree."""

    def __init__(self, sql: str) -> None:
        self._tokens = _tokens(sql)
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._expression(1)
        if self._token.kind != "end":
            self._fail("an operator or the end of the expression")
        if depth(node) > DEEPEST:
            raise ExpressionError(TOO_DEEP)
        return node

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _after(self) -> Token:
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._token
        self._next += 1
        return token

    def _took(self, *words: str) -> bool:
        """Consume these words if they come next; return whether they did."""
        ahead = [token.word for token in self._tokens[self._next : self._next + len(words)]]
        if ahead != list(words):
            return False
        self._next += len(words)
        return True

    def _must_take(self, word: str) -> None:
        if not self._took(word):
            self._fail(f"`{word}`")

    def _fail(self, wanted: str) -> None:
        token = self._token
        if token.word == "select" or token.word == "with":
            raise ExpressionError(f"a query reads more than one row; {OWN_ROW_ONLY}")
        if token.word in ("over", "filter"):
            raise ExpressionError(f"`{token.written}` reads more than one row; {OWN_ROW_ONLY}")
        if token.word in ("similar", "ilike"):
            raise ExpressionError(f"`{token.written}` is not accepted; write lower(...) like '...'")
        found = "the expression ends" if token.kind == "end" else f"`{token.written}` stands at character {token.place}"
        word = token.word in LANGUAGE_WORDS and wanted == "a value"
        hint = (
            f"; if it is the name of a column, write it in double quotes: {token.word!r}".replace("'", '"')
            if word
            else ""
        )
        raise ExpressionError(f"{found} where {wanted} is expected{hint}")

    def _expression(self, level: int) -> Node:
        """Read an expression whose operators bind at least as tightly as ``level``."""
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise ExpressionError(TOO_DEEP)
        node = self._first()
        while (longer := self._continued(node, level)) is not None:
            node = longer
        self._depth -= 1
        return node

    def _first(self) -> Node:
        """Read a value, or ``not`` or a sign together with its operand."""
        if self._took("not"):
            return Unary("not", self._expression(NOT_LEVEL))
        if self._took("-"):
            value = self._signed()
            if (
                isinstance(value, Literal)
                and isinstance(value.value, int | float)
                and not isinstance(value.value, bool)
            ):
                return Literal(-value.value)
            return Unary("-", value)
        if self._took("+"):
            return self._signed()
        return self._converted(self._value())

    def _signed(self) -> Node:
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise ExpressionError(TOO_DEEP)
        node = self._first() if self._token.word in ("-", "+") else self._converted(self._value())
        self._depth -= 1
        return node

    def _continued(self, left: Node, level: int) -> Node | None:
        """Read a longer expression that begins with ``left``; return None if the expression ends there."""
        word = "<>" if self._token.word == "!=" else self._token.word
        if word in BINARY_LEVELS:
            own = BINARY_LEVELS[word]
            if own < level:
                return None
            self._take()
            node = Binary(word, left, self._expression(own + 1))
            if own == BINARY_LEVELS["="] and BINARY_LEVELS.get(self._token.word) == own:
                self._fail("`and` or `or` between two comparisons")
            return node
        if word == "is" and level <= IS_LEVEL:
            return self._is(left)
        if word in ("in", "between", "like", "not") and level <= MATCH_LEVEL:
            return self._match(left)
        return None

    def _is(self, left: Node) -> Node:
        self._take()
        negated = self._took("not")
        if self._took("null"):
            return IsNull(left, negated)
        self._fail("`null` (accepted: is null, is not null; to test a truth value, write `x` or `not x`)")
        raise AssertionError

    def _match(self, left: Node) -> Node:
        negated = self._took("not")
        if self._took("in"):
            self._must_take("(")
            return In(left, self._list(), negated)
        if self._took("between"):
            low = self._expression(MATCH_LEVEL + 1)
            self._must_take("and")
            return Between(left, low, self._expression(MATCH_LEVEL + 1), negated)
        if self._took("like"):
            if self._token.kind != "text":
                self._fail("a pattern in quotes, like 'A%'")
            pattern = _text_of(self._take())
            if "\\" in pattern or self._token.word == "escape":
                raise ExpressionError(
                    "in a pattern of like, % and _ are always wildcards, so a backslash and `escape` are not accepted; to compare "
                    "with % or _ as characters, use =, left, right or substr"
                )
            return Like(left, pattern, negated)
        self._fail("`in`, `between` or `like`")
        raise AssertionError

    def _list(self) -> tuple[Node, ...]:
        """Read values separated by commas, and the closing parenthesis."""
        values = [self._expression(1)]
        while self._took(","):
            values.append(self._expression(1))
        if not self._took(")"):
            self._fail("`,` or `)`")
        return tuple(values)

    def _converted(self, node: Node) -> Node:
        while self._took("::"):
            node = Cast(node, self._type())
        return node

    def _value(self) -> Node:
        token = self._token
        if token.kind == "number":
            self._take()
            return Literal(_number(token.written))
        if token.kind == "text":
            return Literal(_text_of(self._take()))
        if token.kind == "quoted":
            return self._path()
        if self._took("("):
            node = self._expression(1)
            if not self._took(")"):
                self._fail("`)`")
            return node
        if token.kind != "word":
            self._fail("a value")
        return self._word()

    def _word(self) -> Node:
        """Read an expression that begins with a word: a word of the language, a function, or a column."""
        word, after = self._token.word, self._after()
        if word in ("null", "true", "false"):
            self._take()
            return Literal({"null": None, "true": True, "false": False}[word])
        if word == "case":
            return self._case()
        if word in ("date", "timestamp", "interval") and after.kind == "text":
            self._take()
            return _dated(word, _text_of(self._take()))
        if word == "interval":
            self._take()
            self._fail("a length in quotes, like interval '3 days',")
        if word in ("cast", "extract") and after.word == "(":
            self._next += 2
            return self._cast() if word == "cast" else self._extract()
        if word in LANGUAGE_WORDS:
            self._fail("a value")
        if after.word == "(":
            return self._call()
        return self._path()

    def _call(self) -> Node:
        name = self._take().word
        self._take()
        if self._token.word == "*":
            raise ExpressionError(f"{name}(*) reads more than one row; {OWN_ROW_ONLY}")
        if self._token.word == "distinct":
            raise ExpressionError(f"{name}(distinct ...) reads more than one row; {OWN_ROW_ONLY}")
        arguments = () if self._took(")") else self._list()
        if self._token.word in ("over", "filter"):
            raise ExpressionError(f"{name}(...) {self._token.word} reads more than one row; {OWN_ROW_ONLY}")
        return Call(name, arguments)

    def _path(self) -> Node:
        parts = [self._part()]
        while self._took("."):
            if self._token.kind not in ("word", "quoted"):
                self._fail("a column's name after the dot")
            parts.append(self._part())
        if self._token.word == "(":
            raise ExpressionError(f"`{'.'.join(parts)}(` is not a function: names of functions have no dot")
        return Column(tuple(parts))

    def _part(self) -> str:
        token = self._take()
        return token.written[1:-1].replace('""', '"') if token.kind == "quoted" else token.written

    def _case(self) -> Node:
        self._take()
        subject = None if self._token.word == "when" else self._expression(1)
        branches = []
        while self._took("when"):
            condition = self._expression(1)
            self._must_take("then")
            branches.append((condition, self._expression(1)))
        if not branches:
            self._fail("`when`")
        otherwise = self._expression(1) if self._took("else") else None
        if not self._took("end"):
            self._fail("`when`, `else` or `end` of the case")
        return Case(subject, tuple(branches), otherwise)

    def _cast(self) -> Node:
        value = self._expression(1)
        self._must_take("as")
        kind = self._type()
        if not self._took(")"):
            self._fail("`)`")
        return Cast(value, kind)

    def _type(self) -> GoogleSqlType:
        if self._token.kind != "word":
            self._fail(f"a type ({', '.join(TYPES)})")
        token = self._take()
        name = token.word
        if name == "double" and self._token.word == "precision":
            self._take()
            name = "double precision"
        if name not in TYPES:
            hint = suggestion(OTHER_TYPE_NAMES.get(name, name), TYPES)
            raise ExpressionError(f"`{token.written}` is not a type that a value can be cast to; {hint}")
        if self._token.word == "(":
            raise ExpressionError(
                f"the type `{name}` is written without a size; to keep two decimals, write round(x, 2)"
            )
        return TYPES[name]

    def _extract(self) -> Node:
        field = self._take()
        name = _text_of(field).lower() if field.kind == "text" else field.word
        if name not in DATE_FIELDS:
            raise ExpressionError(f"extract has no field `{field.written}`; {suggestion(name, DATE_FIELDS)}")
        self._must_take("from")
        value = self._expression(1)
        if not self._took(")"):
            self._fail("`)`")
        return Extract(name, value)


def _number(written: str) -> int | float:
    if not written.isdigit():
        value = float(written)
        if value == float("inf"):
            raise ExpressionError(f"the number {written} is too large; the largest number is about 1.8e308")
        return value
    value = int(written)
    if value >= 2**63:
        raise ExpressionError(f"the number {written} is too large; the largest whole number is {2**63 - 1}")
    return value


def _text_of(token: Token) -> str:
    return token.written[1:-1].replace("''", "'")


def _dated(word: str, written: str) -> Node:
    """Read ``date '...'``, ``timestamp '...'`` or ``interval '...'``."""
    if word == "interval":
        return interval(written)
    value = date_value(written) if word == "date" else datetime_value(written)
    if value is None:
        example = "date '2026-05-31'" if word == "date" else "timestamp '2026-05-31 14:30:00'"
        raise ExpressionError(f"{word} '{written}' is not a valid {word}; write an existing day, like {example}")
    return Literal(value)


def date_value(written: str) -> date | None:
    """Return the day written like ``2026-05-31``; None if the text is not a date."""
    try:
        return date.fromisoformat(written) if re.fullmatch(r"\d{4}-\d\d-\d\d", written) else None
    except ValueError:
        return None


def datetime_value(written: str) -> datetime | None:
    """Return the moment written like ``2026-05-31 14:30:00``, seconds and time optional; None if the text is not a moment."""
    try:
        known = re.fullmatch(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?", written)
        return datetime.fromisoformat(written) if known else None
    except ValueError:
        return None


def interval(written: str) -> Interval:
    """Return the length of ``interval '...'``.

    Raises:
        ExpressionError: the text does not consist of whole numbers and units of time.
    """
    months = microseconds = place = 0
    while place < len(written.rstrip()):
        match = INTERVAL_PIECE.match(written, place)
        unit = "" if match is None else match[2].lower()
        if match is None or (unit not in INTERVAL_MONTHS and unit not in INTERVAL_MICROSECONDS):
            units = ", ".join([*INTERVAL_MONTHS, *INTERVAL_MICROSECONDS])
            raise ExpressionError(
                f"interval '{written}' is not a length of time; write whole numbers and units, like interval '3 days' or "
                f"interval '1 year 6 months'. Units: {units}. For a number from a column, write interval '1 day' * column"
            )
        months += int(match[1]) * INTERVAL_MONTHS.get(unit, 0)
        microseconds += int(match[1]) * INTERVAL_MICROSECONDS.get(unit, 0)
        place = match.end()
    if place == 0:
        raise ExpressionError("interval '' is empty; write whole numbers and units, like interval '3 days'")
    return Interval(months, microseconds, " ".join(written.split()).lower())
