"""Finds the tables, columns and values that the words of a question name.

Names come from the catalog (names, synonyms, and the usual short forms of both), values from the data.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from rapidfuzz import fuzz, process

from provisioning_assets.agent.understanding.catalog import TIME_TYPES, Catalog, CatalogColumn, CatalogTable
from provisioning_assets.agent.understanding.words import (
    Phrases,
    Word,
    lexicon,
    meanings_of,
    plain_tokens,
    replace_phrases,
    stem,
    word_of,
)

# People do not filter by values of a column with more distinct texts than this, and reading them costs memory.
MOST_VALUES = 5_000
LONGEST_PHRASE = 7
# Least similarity of a correction (rapidfuzz ratio, 0-100); below it, a correction is a guess. Words shorter than
# ``_SHORTEST_CORRECTED`` are not corrected.
_LEAST_SIMILARITY = 84
_SHORTEST_CORRECTED = 5
_TIME_SUFFIXES = {"date", "time", "at", "on", "day", "datetime", "timestamp"}
_NAME_SUFFIXES = {
    "name",
    "type",
    "id",
    "title",
    "label",
    "amount",
    "value",
    "total",
    "number",
    "eur",
    "usd",
    "gbp",
    "days",
    "pct",
}
_NAME_PREFIXES = {"total", "is", "has", "was", "avg", "average", "number", "num", "n"}

ReadValues = Callable[[CatalogColumn, int], list[str]]


@dataclass(frozen=True)
class Named:
    """A table, column or value that a phrase can name.

    ``closeness``: 3 is the exact name or a synonym, 2 a short form, 1 a related word.
    """

    kind: Literal["table", "column", "value"]
    table: str
    column: CatalogColumn | None = None
    value: str | None = None
    closeness: int = 3


@dataclass
class DataNames:
    """Phrases (tuples of meanings) and values (tuples of stems) with the things they name.

    ``aliases`` are other names of glossary terms; they are replaced by the terms before a question is read. ``timeless``
    are names that contain a word of time.
    """

    names: dict[tuple[str, ...], list[tuple[tuple[str, ...], Named]]] = field(default_factory=dict)
    values: dict[tuple[str, ...], list[Named]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    aliases: Phrases = ()
    timeless: frozenset[tuple[str, ...]] = frozenset()

    def timeless_words(self, words: list[Word]) -> set[int]:
        """Return the positions of words that look like a time but belong to a name: "monthly recurring revenue"."""
        found: set[int] = set()
        texts = tuple(word.text for word in words)
        for phrase in self.timeless:
            for first in range(len(texts) - len(phrase) + 1):
                if texts[first : first + len(phrase)] == phrase:
                    found.update(range(first, first + len(phrase)))
        return found

    def read(self, question: str) -> list[Word]:
        """Return the words of a question, with phrases and aliases replaced and number words as digits."""
        tokens = replace_phrases(plain_tokens(question))
        return [word_of(token) for token in replace_phrases(tokens, self.aliases)]

    def naming(self, phrase: list[Word]) -> list[Named]:
        """Return what a run of words names, closest first; empty if it names nothing."""
        meanings = tuple(word.meaning for word in phrase)
        stems = tuple(word.stem for word in phrase)
        found: list[Named] = []
        for named_stems, named in self.names.get(meanings, ()):
            closeness = named.closeness if named_stems == stems else min(named.closeness, 1)
            found.append(Named(named.kind, named.table, named.column, named.value, closeness))
        best = max((named.closeness for named in found), default=0)
        # If a word is an exact name, matches by a related word are dropped.
        found = [named for named in found if best < 3 or named.closeness > 1]
        found.extend(self.values.get(stems, ()))
        return sorted(found, key=lambda named: -named.closeness)

    def corrected(self, word: str) -> str | None:
        """Return the known word that a misspelt word most likely stands for, or None."""
        if len(word) < _SHORTEST_CORRECTED or word[0].isdigit():
            return None
        best = process.extractOne(word, sorted(self.words), scorer=fuzz.ratio, score_cutoff=_LEAST_SIMILARITY)
        return best[0] if best else None


def build_data_names(catalog: Catalog, read_values: ReadValues) -> DataNames:
    """Collect the names of the catalog and the values of its dimensions.

    Args:
        catalog: the context.
        read_values: reads the distinct values of a column from the data, up to a given number.
    """
    vocabulary = DataNames()
    for table in catalog.tables.values():
        for phrase in (table.name, *table.synonyms):
            _add(vocabulary, phrase, Named("table", table.name))
        for column in table.columns:
            _add_column(vocabulary, table, column)
    for table in catalog.tables.values():
        for column in table.columns:
            if _has_named_values(table, column):
                _add_values(vocabulary, column, read_values(column, MOST_VALUES + 1))
    _add_parts_of_values(vocabulary)
    vocabulary.aliases = _aliases(catalog, vocabulary)
    vocabulary.timeless = _timeless(catalog)
    return vocabulary


_TIMES = {
    "daily",
    "weekly",
    "monthly",
    "quarterly",
    "yearly",
    "annual",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
}


def _timeless(catalog: Catalog) -> frozenset[tuple[str, ...]]:
    """Return names and terms of several words, with at least one word of time and one that is not a filler."""
    columns = [text for c in catalog.columns() for text in (c.name, *c.synonyms)]
    tables = [text for t in catalog.tables.values() for text in (t.name, *t.synonyms)]
    phrases = {
        tuple(replace_phrases(plain_tokens(text))) for text in (*columns, *tables, *(t.name for t in catalog.terms))
    }
    return frozenset(
        phrase
        for phrase in phrases
        if set(phrase) & _TIMES and any(token not in _TIMES and not word_of(token).filler for token in phrase)
    )


def _aliases(catalog: Catalog, vocabulary: DataNames) -> Phrases:
    """Return the glossary's labels with their terms. A label that already names a column or value is left out."""
    phrases = []
    for term in catalog.terms:
        for label in term.labels:
            tokens, replacement = tuple(plain_tokens(label)), tuple(plain_tokens(term.name))
            known = meanings_of(label) in vocabulary.names or (
                len(tokens) == 1 and word_of(tokens[0]).meaning != stem(tokens[0])
            )
            if tokens and tokens != replacement and not known and not _within(tokens, replacement):
                phrases.append((tokens, replacement))
    return tuple(sorted(phrases, key=lambda pair: (-len(pair[0]), pair[0])))


def _within(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))


def _add_parts_of_values(vocabulary: DataNames) -> None:
    """Add words that occur in only one value and name nothing else: "app" for ``Mobile app``."""
    owners: dict[str, dict[tuple[str, str | None], Named]] = {}
    for stems, named in vocabulary.values.items():
        for part in set(stems) if len(stems) > 1 else ():
            owners.setdefault(part, {}).update({(n.column.name if n.column else "", n.value): n for n in named})
    named_words = {meaning for phrase in vocabulary.names for meaning in phrase}
    for part, found in owners.items():
        word = word_of(part)
        taken = (part,) in vocabulary.values or word.meaning in named_words or word.filler or part in lexicon().meanings
        if len(found) == 1 and len(part) > 2 and not part[0].isdigit() and not taken:
            vocabulary.values[(part,)] = [replace(n, closeness=1) for n in found.values()]


def _add(vocabulary: DataNames, phrase: str, named: Named) -> None:
    tokens = plain_tokens(phrase)
    words = [word_of(token) for token in tokens]
    meanings = meanings_of(phrase)
    if not meanings or len(words) > LONGEST_PHRASE:
        return
    entries = vocabulary.names.setdefault(meanings, [])
    entry = (tuple(stem(word.text) for word in words), named)
    same = [n for _, n in entries if (n.kind, n.table, n.column) == (named.kind, named.table, named.column)]
    if not same or entry[0] not in [s for s, n in entries if n in same]:
        entries.append(entry)
    vocabulary.words.update(word.text for word in words if len(word.text) >= _SHORTEST_CORRECTED)


def _add_column(vocabulary: DataNames, table: CatalogTable, column: CatalogColumn) -> None:
    for phrase in (column.name, *column.synonyms):
        _add(vocabulary, phrase, Named("column", table.name, column))
    singular = table.name.replace("_", " ").removesuffix("s")
    for short in _short_forms(column, singular):
        _add(vocabulary, short, Named("column", table.name, column, closeness=2))
    if column.name == table.amount:
        for noun in ("value", "amount", "total"):
            _add(vocabulary, f"{singular} {noun}", Named("column", table.name, column, closeness=2))


def _short_forms(column: CatalogColumn, owner: str) -> Iterable[str]:
    """Yield short forms: ``order_status`` -> "status", ``status`` of orders -> "order status", ``signup_date`` -> "signup"."""
    words = column.name.split("_")
    owner_words = owner.split()
    forms: list[list[str]] = []
    core = [word for word in words if word not in _NAME_PREFIXES] if len(words) > 1 else words
    if core != words:
        forms.append(core)
    if column.type in TIME_TYPES:
        core = [word for word in core if word not in _TIME_SUFFIXES]
        forms.append(core)
    elif column.role != "key" and len(core) > 1 and core[-1] in _NAME_SUFFIXES:
        forms.append(core[:-1])
    for form in [words, core]:
        own = len(owner_words)
        if len(form) > own and [stem(w) for w in form[:own]] == [stem(w) for w in owner_words]:
            forms.append(form[own:])
        else:
            forms.append([*owner_words, *form])
    for form in forms:
        if (
            form
            and form != words
            and [stem(w) for w in form] != [stem(w) for w in owner_words]
            and not (len(form) == 1 and form[0] in _NAME_PREFIXES | _NAME_SUFFIXES - {"type", "value", "amount"})
        ):
            yield " ".join(form)


def _has_named_values(table: CatalogTable, column: CatalogColumn) -> bool:
    return column.type == "STRING" and (column.role == "dimension" or column == table.label)


def _add_values(vocabulary: DataNames, column: CatalogColumn, values: list[str]) -> None:
    if len(values) > MOST_VALUES:
        return
    for value in values:
        tokens = plain_tokens(value)
        if not tokens or len(tokens) > LONGEST_PHRASE or (len(tokens) == 1 and re.fullmatch(r"\d{1,2}|.", tokens[0])):
            continue
        words = [word_of(token) for token in tokens]
        named = Named("value", column.table, column, value)
        vocabulary.values.setdefault(tuple(word.stem for word in words), []).append(named)
        vocabulary.words.update(token for token in tokens if len(token) >= _SHORTEST_CORRECTED)
