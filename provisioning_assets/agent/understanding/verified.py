"""Finds the verified query that a question asks in other words, if any.

A verified query is replayed exactly as written, so the question must ask the same: the same windows, periods, filters,
numbers, comparisons, negations and groups, and each of its content words must have its counterpart in the verified question.
A counterpart is the same word, or another name of the same table, column or term. The verified question may show more.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import sqlglot
import sqlglot.expressions as exp
from sqlglot.errors import ParseError

from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn, Example
from provisioning_assets.agent.understanding.lexicon import lexicon, plain_tokens, words_of
from provisioning_assets.agent.understanding.meaning import Meaning, Names
from provisioning_assets.agent.understanding.parts import Part, read_parts
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE

# Markers that must be the same in both questions; the others only introduce a name.
_STRICT = frozenset(
    {
        "#median",
        "#max",
        "#min",
        "#not",
        "#except",
        ">",
        ">=",
        "<",
        "<=",
        "#once",
        "#twice",
        "#times",
        "#new",
        "#weekday",
    }
)
_DOWN, _UP = frozenset({"#desc", "#best", "#dear"}), frozenset({"#asc", "#worst", "#cheap"})
_FREE = frozenset({"#by", "#list", "#develop", "#sum", "#amount", "#count", "#often", *_DOWN, *_UP})
# Least share of a verified question's content words that must have a counterpart in the question.
_LEAST_SHARED = 0.5


@dataclass(frozen=True)
class Item:
    """A content word or name of a question, as everything it can stand for."""

    keys: frozenset[str]
    said: str
    grouped: bool = False
    figure: bool = False


@dataclass(frozen=True)
class Signature:
    """What two questions must have in common."""

    windows: frozenset[tuple[date | None, date | None]]
    grains: frozenset[str]
    values: frozenset[str]
    numbers: frozenset[float]
    strict: frozenset[str]
    direction: bool | None
    items: tuple[Item, ...]


@dataclass(frozen=True)
class VerifiedQuery:
    """A verified query with its question's signature and what its SQL groups and ranks by."""

    example: Example
    signature: Signature
    groups: frozenset[str]
    ranked_by: frozenset[str]
    averages: bool


@dataclass
class VerifiedQueries:
    """The verified queries of a context, prepared for comparison."""

    queries: list[VerifiedQuery]
    names: Names
    catalog: Catalog
    today: date
    exact: dict[tuple[str, ...], Example] = field(default_factory=dict)

    def same(self, question: str) -> Example | None:
        """Return the verified query with the same words, apart from function words; None if there is none."""
        return self.exact.get(_content(question, self.catalog.language))

    def match(self, question: str) -> Example | None:
        """Return the only verified query that asks the same in other words, or None.

        In another language than English there is none: a negation or a time window would not be noticed.
        """
        if self.catalog.language != DEFAULT_LANGUAGE:
            return None
        asked = read_signature(question, self.names, self.catalog, self.today)
        found = [(extra, query) for query in self.queries if (extra := _extra(asked, query)) is not None]
        found.sort(key=lambda item: item[0])
        if not found:
            return None
        best = {query.example.sql for extra, query in found if extra == found[0][0]}
        return found[0][1].example if len(best) == 1 else None

    def nearest(self, question: str) -> list[str]:
        """Return one question for each verified query, those that share most with a question first."""
        asked = read_signature(question, self.names, self.catalog, self.today)
        keys = {key for item in asked.items for key in item.keys}
        shared = [
            (-sum(bool(item.keys & keys) for item in query.signature.items), number)
            for number, query in enumerate(self.queries)
        ]
        examples = [self.queries[number].example for _, number in sorted(shared)]
        first: dict[str, str] = {}
        for example in examples:
            first.setdefault(example.sql, example.question)
        return list(first.values())


def read_verified(catalog: Catalog, names: Names, today: date) -> VerifiedQueries:
    """Prepare the verified queries of a catalog."""
    queries = []
    for example in catalog.examples:
        groups, ranked_by, averages = _read_sql(example.sql, catalog)
        signature = read_signature(example.question, names, catalog, today)
        queries.append(VerifiedQuery(example, signature, groups, ranked_by, averages))
    exact = {_content(example.question, catalog.language): example for example in catalog.examples}
    return VerifiedQueries(queries, names, catalog, today, exact)


def read_signature(question: str, names: Names, catalog: Catalog, today: date) -> Signature:
    """Return what a question must have in common with another that asks the same."""
    parts, _ = read_parts(question, names, today)
    directions = {part.kind in _DOWN for part in parts if part.kind in _DOWN | _UP}
    values = frozenset(m.value or "" for part in parts if _is_value(part) for m in part.meanings if m.kind == "value")
    return Signature(
        windows=frozenset(part.window.dates(today) for part in parts if part.window is not None),
        grains=frozenset(_grains(parts)),
        values=values,
        numbers=frozenset(part.number for part in parts if part.number is not None),
        strict=frozenset(part.kind for part in parts if part.kind in _STRICT),
        direction=directions.pop() if len(directions) == 1 else None,
        items=tuple(_items(parts, catalog)),
    )


def _grains(parts: tuple[Part, ...]) -> Iterable[str]:
    """Yield the periods of a question: "by month", "in each of the last 12 months", "developed over the last 12 months"."""
    named = [part.grain for part in parts if part.grain is not None]
    develops = any(part.kind == "#develop" for part in parts)
    for before, part in zip(({}, *parts), parts, strict=False):
        each = isinstance(before, Part) and before.kind == "#by"
        if part.rolling is not None and not named and (each or develops):
            yield part.rolling[1]
    yield from named


def _content(question: str, language: str) -> tuple[str, ...]:
    if language != DEFAULT_LANGUAGE:
        return (" ".join(unicodedata.normalize("NFKC", question).casefold().split()).rstrip(" ?.!？。"),)
    return tuple(token for token in plain_tokens(question) if token not in lexicon().function_words)


def _is_value(part: Part) -> bool:
    return bool(part.meanings) and all(meaning.kind == "value" for meaning in part.meanings)


def _items(parts: tuple[Part, ...], catalog: Catalog) -> Iterable[Item]:
    by = False
    for part in parts:
        if part.kind == "name" and not _is_value(part):
            measures = all(m.column is not None and m.of.role == "measure" for m in part.meanings)
            grouped = not measures and (by or bool({"which", "what"} & set(part.lead)))
            keys = frozenset(key for meaning in part.meanings for key in _keys(meaning, catalog))
            figure = any(m.kind in ("column", "event", "table", "undone") for m in part.meanings)
            yield Item(keys | _words(part.said), part.said, grouped, figure)
        elif part.kind == "unknown":
            yield Item(_words(part.said), part.said)
        elif part.kind.startswith("#") and part.kind not in _FREE | _STRICT:
            yield Item(_words(part.said) | {part.kind}, part.said)
        by = part.kind == "#by"


def _words(said: str) -> frozenset[str]:
    related = lexicon().paraphrases
    words = [word for word in words_of(said) if not word.function]
    return frozenset(key for word in words for key in (f"word:{word.concept}", *related.get(word.stem, ())))


def _keys(meaning: Meaning, catalog: Catalog) -> Iterable[str]:
    if meaning.column is None:
        yield meaning.table
    else:
        yield from _column_keys(meaning.column, catalog)


def _column_keys(column: CatalogColumn, catalog: Catalog) -> Iterable[str]:
    """Yield a column, and its table if it names a row: products are their names."""
    yield column.key
    table = catalog.tables[column.table]
    if column.name == table.amount and table.time is None:
        for relationship in catalog.relationships:
            parent = catalog.tables[relationship.references]
            if relationship.table == table.name and parent.amount is not None:
                yield f"{parent.name}.{parent.amount}"  # the same money, line by line
    if column == table.label or column.primary_key:
        yield table.name


def _extra(asked: Signature, query: VerifiedQuery) -> int | None:
    """Return how many words of the verified question have no counterpart; None if it does not ask the same."""
    own = query.signature
    same = (
        asked.windows == own.windows
        and asked.grains == own.grains
        and asked.values == own.values
        and asked.numbers == own.numbers
        and asked.strict == own.strict
        and asked.direction in (None, own.direction)
    )
    if not same or not asked.items:
        return None
    keys = {key for item in own.items for key in item.keys}
    for item in asked.items:
        by_sql = query.groups | query.ranked_by | (frozenset({"#avg"}) if query.averages else frozenset())
        if not item.keys & (keys | by_sql):
            return None
        if item.grouped and not item.keys & (query.groups | {k for i in own.items if i.grouped for k in i.keys}):
            return None
    asked_keys = {key for item in asked.items for key in item.keys}
    if any(not _is_named(group, asked_keys) for group in query.groups):
        return None
    without = [item for item in own.items if not item.keys & asked_keys]
    return len(without) if len(without) <= (1 - _LEAST_SHARED) * len(own.items) else None


def _is_named(group: str, keys: set[str]) -> bool:
    return group in keys or group.split(".")[0] in keys


# --- the SQL -----------------------------------------------------------------------------------------------------


def _read_sql(sql: str, catalog: Catalog) -> tuple[frozenset[str], frozenset[str], bool]:
    """Return the columns by which a query groups its result, the columns of the figure that it ranks by, and if it averages."""
    try:
        tree = sqlglot.parse_one(sql, read="bigquery")
    except ParseError:
        return frozenset(), frozenset(), False  # it is refused when it is run
    select = tree if isinstance(tree, exp.Select) else tree.find(exp.Select)
    if select is None:
        return frozenset(), frozenset(), False
    tables = {table.alias_or_name: table.name for table in tree.find_all(exp.Table)}
    named = {item.alias_or_name: item for item in select.expressions}

    def columns(node: exp.Expr) -> Iterable[CatalogColumn]:
        for column in node.find_all(exp.Column):
            owners = [tables[column.table]] if column.table in tables else list(catalog.tables)
            for owner in owners:
                if owner in catalog.tables:
                    yield from (c for c in catalog.tables[owner].columns if c.name == column.name)

    group = select.args.get("group")
    groups: set[str] = set()
    for node in group.expressions if group is not None else ():
        resolved = named.get(node.name, node) if isinstance(node, exp.Column) else node
        for column in columns(resolved):
            if column.role != "time":
                groups.update(_column_keys(column, catalog))
    order = select.args.get("order")
    ranked: set[str] = set()
    if order is not None and order.expressions:
        first = order.expressions[0].this
        for column in columns(named.get(first.name, first)):
            if column.role == "measure":
                ranked.update(_column_keys(column, catalog))
    return frozenset(groups), frozenset(ranked), tree.find(exp.Avg) is not None
