"""What the words of a question can mean in one model: its tables, columns, events, and the values of its dimensions."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz.distance import DamerauLevenshtein

from provisioning_assets.agent.understanding.catalog import TIME_TYPES, Catalog, CatalogColumn, CatalogTable
from provisioning_assets.agent.understanding.lexicon import Word, concepts_of, lexicon, plain_tokens, stems_of, words_of
from provisioning_assets.figure_text import is_currency

# People do not filter by values of a column with more distinct texts than this, and reading them costs memory.
MOST_VALUES = 5_000
LONGEST_NAME = 7
# Shorter words are not corrected: too many words are one letter away.
_SHORTEST_CORRECTED = 5
_TIME_WORDS = {"date", "time", "at", "on", "day", "datetime", "timestamp", "since", "from"}
_TIME_OF_DAY = {"since", "from"}
# Words for the only amount that a table declares.
AMOUNT_WORDS = frozenset({"amount", "money", "value", "worth"})
_DROPPED_ENDINGS = {"name", "amount", "pct", "total", "date", "method"}
_DROPPED_STARTS = {"is", "has", "was", "total"}

# Words of a definition that make a term another figure than the column whose name it has.
_COMPUTED = re.compile(r"\b(divided by|per|shares? of|average|mean|times|less|minus|ratio)\b", re.IGNORECASE)

ReadValues = Callable[[CatalogColumn, int], list[str]]
Kind = Literal["table", "column", "event", "undone", "value"]


@dataclass(frozen=True)
class Meaning:
    """One meaning of a word or phrase.

    ``table``: the rows of a table. ``column``: a column. ``event``: what a time column records. ``undone``: that it has
    not happened. ``value``: a value of a dimension.
    """

    kind: Kind
    table: str
    column: CatalogColumn | None = None
    value: str | None = None

    @property
    def of(self) -> CatalogColumn:
        """Return the column. Raises ValueError for a table."""
        if self.column is None:
            raise ValueError(f"{self.table} is a table")
        return self.column


@dataclass
class Names:
    """The names of a model. ``exact`` has the stems of its own names, ``near`` their concepts and short forms."""

    exact: dict[tuple[str, ...], list[Meaning]] = field(default_factory=dict)
    near: dict[tuple[str, ...], list[Meaning]] = field(default_factory=dict)
    values: dict[tuple[str, ...], list[Meaning]] = field(default_factory=dict)
    aliases: dict[tuple[str, ...], tuple[Word, ...]] = field(default_factory=dict)
    spelt: set[tuple[str, ...]] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    currencies: frozenset[str] = frozenset()

    def read(self, question: str) -> tuple[Word, ...]:
        """Return the words of a question; other names of glossary terms are replaced by the terms."""
        words = words_of(question)
        read: list[Word] = []
        at = 0
        while at < len(words):
            for length in range(min(LONGEST_NAME, len(words) - at), 0, -1):
                phrase = words[at : at + length]
                stems = tuple(word.stem for word in phrase)
                if stems in self.aliases or (length > 1 and stems in self.exact) or length == 1:
                    read.extend(self.aliases.get(stems, phrase))
                    at += length
                    break
        return tuple(read)

    def meanings(self, phrase: tuple[Word, ...]) -> tuple[Meaning, ...]:
        """Return what a phrase can mean: the model's own names first; names that are only near if there are none."""
        stems = tuple(word.stem for word in phrase)
        found = [
            m for m in self.exact.get(stems, ()) if m.kind != "undone" or m.of.empty_means == phrase[0].text.casefold()
        ]
        found += [m for m in self.values.get(stems, ()) if _is_written_as(m, phrase)]
        if not found and not (phrase[0].function or phrase[-1].function):
            concepts = tuple(word.concept for word in phrase)
            found = [*self.near.get(stems, ()), *(self.near.get(concepts, ()) if concepts != stems else ())]
            found = [m for m in found if m.kind != "undone"]
        if len(phrase) > 1 and any(word.past for word in phrase) and spelt(phrase) not in self.spelt:
            found = [m for m in found if m.kind != "table"]  # "monthly billed" is not "monthly bills"
        return tuple(dict.fromkeys(found)) or self._undone(phrase)

    def _undone(self, phrase: tuple[Word, ...]) -> tuple[Meaning, ...]:
        """Return the events that a word such as "unpaid" says have not happened."""
        if len(phrase) != 1:
            return ()
        for prefix in lexicon().undone_prefixes:
            rest = phrase[0].text.removeprefix(prefix)
            if rest != phrase[0].text and rest:
                word = words_of(rest)[0]
                events = self.exact.get((word.stem,)) or self.near.get((word.concept,)) or ()
                return tuple(Meaning("undone", m.table, m.column) for m in events if m.kind == "event")
        return ()

    def corrected(self, word: str) -> str | None:
        """Return the only known word that is one letter away from a misspelt word, or None."""
        if len(word) < _SHORTEST_CORRECTED or word[0].isdigit():
            return None
        near = [known for known in self.known if DamerauLevenshtein.distance(word, known, score_cutoff=1) == 1]
        return near[0] if len({stems_of(known) for known in near}) == 1 else None


def spelt(phrase: tuple[Word, ...]) -> tuple[str, ...]:
    """Return how a phrase is spelt, with plural and singular alike."""
    return tuple(word.text.casefold().removesuffix("s") for word in phrase)


def _is_written_as(meaning: Meaning, phrase: tuple[Word, ...]) -> bool:
    """Return whether a phrase is written like a value: names of people in capitals and letter by letter."""
    if meaning.column is None or not meaning.column.personal:
        return True
    same = tuple(plain_tokens(meaning.value or "")) == tuple(word.text.casefold() for word in phrase)
    return same and all(word.capital for word in phrase) and not any(word.function for word in phrase)


def build_names(catalog: Catalog, read_values: ReadValues) -> Names:
    """Collect the names of the catalog and the values of its dimensions.

    Args:
        catalog: the context.
        read_values: reads the distinct values of a column from the data, up to a given number.
    """
    names = Names(currencies=_currency_words(catalog))
    people = [name for name in catalog.actors if (label := catalog.tables[name].label) is not None and label.personal]
    if len(people) == 1:
        _add(names, "people", Meaning("table", people[0]), near=True)
    heads = Counter(table.name.rpartition("_")[2] for table in catalog.tables.values())
    for table in catalog.tables.values():
        for phrase in (table.name, *table.synonyms):
            _add(names, phrase, Meaning("table", table.name))
        head = table.name.rpartition("_")[2]
        if head != table.name and heads[head] == 1:  # "sites" of network_sites, if no other table is of sites
            _add(names, head, Meaning("table", table.name), near=True)
        owners = [table.name, head] if heads[head] == 1 else [table.name]
        for column in table.columns:
            _add_column(names, table, column, owners)
    _add_terms(names, catalog)
    for table in catalog.tables.values():
        for column in table.columns:
            is_name = column.primary_key and table.label is None and len(table.primary_key) == 1 and table.time is None
            if column.type == "STRING" and (column.role == "dimension" or column == table.label or is_name):
                _add_values(names, column, read_values(column, MOST_VALUES + 1))
    return names


def _currency_words(catalog: Catalog) -> frozenset[str]:
    """Return the English words for the currencies of the data: "euro", "euros" and "eur" for EUR (from Unicode CLDR)."""
    from babel.numbers import get_currency_name

    codes = {column.unit for column in catalog.columns() if column.unit and is_currency(column.unit)}
    names = [get_currency_name(code, count, "en") for code in codes for count in (1, 2)]
    return frozenset(token for name in (*codes, *names) for token in plain_tokens(name)[-1:])


def _add(names: Names, phrase: str, meaning: Meaning, *, near: bool = False) -> None:
    stems = stems_of(phrase)
    if not 0 < len(stems) <= LONGEST_NAME:
        return
    for index, key in ((names.near if near else names.exact, stems), (names.near, concepts_of(phrase))):
        entries = index.setdefault(key, [])
        if meaning not in entries:
            entries.append(meaning)
    names.spelt.add(spelt(words_of(phrase)))
    names.known.update(token for token in plain_tokens(phrase) if len(token) >= _SHORTEST_CORRECTED)


def _add_column(names: Names, table: CatalogTable, column: CatalogColumn, owners: Iterable[str]) -> None:
    is_time = column.type in TIME_TYPES
    meaning = Meaning("event" if is_time else "column", table.name, column)
    for phrase in (column.name, *column.synonyms):
        _add(names, phrase, meaning)
        for event in _events(phrase) if is_time else ():
            _add(names, event, meaning)
    for word in sorted(AMOUNT_WORDS) if column == table.main_amount else ():
        _add(names, word, meaning, near=True)
    for short in dict.fromkeys(short for owner in owners for short in _short_forms(owner, table, column)):
        _add(names, short, meaning, near=True)
    if column.empty_means:
        _add(names, column.empty_means, Meaning("undone", table.name, column))


def _events(phrase: str) -> Iterable[str]:
    """Yield what a time column records: "shipped" of ``shipped_at``, "churn" of "churn date"."""
    words = phrase.replace("_", " ").split()
    core = [word for word in words if word.casefold() not in _TIME_WORDS]
    if core and core != words and not set(words) & _TIME_OF_DAY:
        yield " ".join(core)


def _short_forms(owned_by: str, table: CatalogTable, column: CatalogColumn) -> Iterable[str]:
    """Yield short forms: ``order_status`` -> "status", ``status`` of orders -> "order status", ``is_open`` -> "open"."""
    words = column.name.split("_")
    owner = owned_by.split("_")
    core = words[1:] if len(words) > 1 and words[0] in _DROPPED_STARTS else words
    forms = [core]
    if column.role not in ("key", "time") and len(core) > 1 and core[-1] in _DROPPED_ENDINGS:
        forms.append(core[:-1])
    own = stems_of(" ".join(owner))
    # "paid" of paid_amount is a verb, not the amount
    forms = [form for form in forms if column.role != "measure" or len(form) > 1 or not words_of(form[0])[0].past]
    for form in list(forms):
        stems = stems_of(" ".join(form))
        if len(stems) > len(own) and stems[: len(own)] == own:
            forms.append(form[len(own) :])
        elif column.role != "key" and column.type != "BOOL":
            forms.append([*owner[:-1], owner[-1].removesuffix("s"), *form])
    if column == table.main_amount:
        forms.extend([*owner[:-1], owner[-1].removesuffix("s"), noun] for noun in ("value", "amount", "total"))
    for form in forms:
        stems = stems_of(" ".join(form))
        dull = len(form) == 1 and (form[0] in _DROPPED_ENDINGS | _DROPPED_STARTS or words_of(form[0])[0].function)
        if form != words and stems != own and not dull:
            yield " ".join(form)


def _add_terms(names: Names, catalog: Catalog) -> None:
    """Add the glossary: a term that is a column's name is the column by all its labels, before any table of that name."""
    for term in catalog.terms:
        own = stems_of(term.name)
        columns = [m for m in names.exact.get(own, ()) if m.kind == "column"] or _defined_as(term.description, catalog)
        computed = bool(columns) and _COMPUTED.search(term.description) is not None
        for label in (term.name,) if computed else (term.name, *term.labels):
            stems = stems_of(label)
            if columns:
                others = [m for m in names.exact.get(stems, ()) if m.kind != "table" and m not in columns]
                names.exact[stems] = [*columns, *others]
            elif stems != own and stems not in names.exact and not _is_known(words_of(label), names):
                names.aliases[stems] = words_of(term.name)


def _is_known(words: tuple[Word, ...], names: Names) -> bool:
    """Return whether each word of a label is a name or a word of the grammar already."""
    return all(
        word.function
        or (word.text.casefold(),) in lexicon().markers
        or (word.stem,) in names.exact
        or (word.concept,) in names.near
        for word in words
    )


def _defined_as(definition: str, catalog: Catalog) -> list[Meaning]:
    """Return the only column that a definition names, written ``table.column``, if it is just another name for it."""
    named = {
        column.key: Meaning("event" if column.type in TIME_TYPES else "column", column.table, column)
        for column in catalog.columns()
        if re.search(rf"\b{column.table}\.{column.name}\b", definition)
    }
    return list(named.values()) if len(named) == 1 else []


def _add_values(names: Names, column: CatalogColumn, values: list[str]) -> None:
    if len(values) > MOST_VALUES:
        return
    for value in values:
        tokens = plain_tokens(value)
        if not tokens or len(tokens) > LONGEST_NAME or (len(tokens) == 1 and re.fullmatch(r"\d+|.", tokens[0])):
            continue
        meaning = Meaning("value", column.table, column, value)
        names.values.setdefault(stems_of(value), []).append(meaning)
        names.spelt.add(spelt(words_of(value)))
        if not column.personal:
            names.known.update(token for token in tokens if len(token) >= _SHORTEST_CORRECTED)
