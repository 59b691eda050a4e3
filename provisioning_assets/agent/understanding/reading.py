"""Reads what a question asks: measures, dimensions, filters, times and ranking, and which words are unknown.

If several columns have the same name, a reading keeps all of them; ``query_plan`` chooses one by the joins.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn
from provisioning_assets.agent.understanding.data_names import LONGEST_PHRASE, DataNames, Named
from provisioning_assets.agent.understanding.time_windows import Times, Unit, Window, read_times
from provisioning_assets.agent.understanding.words import AVERAGE, SHARE, WEEKDAY, Word, lexicon, stem, word_of

Function = Literal["sum", "avg", "min", "max", "count"]
Operator = Literal["=", "!=", ">", ">=", "<", "<="]

_GROUPING = {"by", "per", "each", "every", "across", "which", "what"}
_NEGATIONS = {"not", "excluding", "without", "except", "non", "never", "exclude"}
_COUNTING = {"many", "number", "count", "counts"}
_DISTINCT = {"distinct", "unique", "different"}
_FUNCTIONS: dict[str, Function] = {
    AVERAGE: "avg",
    stem("total"): "sum",
    stem("sum"): "sum",
    "maximum": "max",
    "max": "max",
    "minimum": "min",
    "min": "min",
}
_COMPARISONS: dict[str, Operator] = {
    "over": ">",
    "above": ">",
    "morethan": ">",
    "exceeding": ">",
    "exceeds": ">",
    "exceed": ">",
    "atleast": ">=",
    "under": "<",
    "below": "<",
    "lessthan": "<",
    "atmost": "<=",
}
_CURRENCIES = {"euro", "euros", "eur", "dollar", "dollars", "usd", "pound", "pounds", "gbp", "chf", "francs"}
_MEASURES_OF_TIME = {"day", "days", "hour", "hours", "minute", "minutes", "percent", "gb", "kg", "km"}


@dataclass(frozen=True)
class PhraseMention:
    """A run of words in the question, and the candidates for what it names."""

    first: int
    last: int
    candidates: tuple[Named, ...]
    negated: bool = False
    grouping: bool = False

    def of(self, kind: str) -> tuple[Named, ...]:
        """Return the candidates of one kind."""
        return tuple(named for named in self.candidates if named.kind == kind)


@dataclass(frozen=True)
class MeasureAsked:
    """A figure to compute: from a column (one of the candidates), or the number of a table's rows."""

    columns: tuple[CatalogColumn, ...] = ()
    tables: tuple[str, ...] = ()
    function: Function | None = None
    closeness: int = 3
    distinct: bool = False
    words: str = ""


@dataclass(frozen=True)
class DimensionAsked:
    """Something to group by: a column (one of the candidates), or a table, whose rows are shown by name."""

    columns: tuple[CatalogColumn, ...] = ()
    tables: tuple[str, ...] = ()
    words: str = ""
    singular: bool = False


@dataclass(frozen=True)
class FilterAsked:
    """Rows to keep. ``choices`` pairs each candidate column with values, written as in the data."""

    choices: tuple[tuple[CatalogColumn, tuple[str | float | bool, ...]], ...]
    operator: Operator = "="
    words: str = ""


@dataclass(frozen=True)
class AskedQuestion:
    """The understood part of a question."""

    measures: tuple[MeasureAsked, ...] = ()
    dimensions: tuple[DimensionAsked, ...] = ()
    filters: tuple[FilterAsked, ...] = ()
    times: Times = field(default_factory=Times)
    time_columns: tuple[CatalogColumn, ...] = ()
    weekday: bool = False
    mentioned_tables: tuple[str, ...] = ()
    limit: int | None = None
    descending: bool | None = None
    share: bool = False
    per_table: str | None = None
    moment: Literal["min", "max"] | None = None
    listing: bool = False
    unexplained: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    elliptical: bool = False

    @property
    def windows(self) -> tuple[Window, ...]:
        """Return the time windows in the question."""
        return self.times.windows

    @property
    def grain(self) -> Unit | None:
        """Return the time grain in the question, or None."""
        return self.times.grain


def read_question(question: str, catalog: Catalog, vocabulary: DataNames, today: date) -> AskedQuestion:
    """Read a question. Misspelt words are corrected only if it is not understood without correction."""
    tokens = [word.text for word in vocabulary.read(question)]
    reading = _read(tokens, catalog, vocabulary, today)
    if not reading.unexplained:
        return reading
    corrections = {word: vocabulary.corrected(word) for word in reading.unexplained}
    if not any(corrections.values()):
        return reading
    return _read([corrections.get(token) or token for token in tokens], catalog, vocabulary, today)


class _Words:
    """The words of one question, with a record of which are already explained."""

    def __init__(self, tokens: list[str]) -> None:
        self.words = [word_of(token) for token in tokens]
        self.used: set[int] = set()

    def __len__(self) -> int:
        return len(self.words)

    def text(self, index: int) -> str:
        return self.words[index].text if 0 <= index < len(self.words) else ""

    def free(self, index: int) -> bool:
        return 0 <= index < len(self.words) and index not in self.used

    def said(self, first: int, last: int) -> str:
        return " ".join(word.text for word in self.words[first : last + 1])


def _read(tokens: list[str], catalog: Catalog, vocabulary: DataNames, today: date) -> AskedQuestion:
    words = _Words(tokens)
    comparisons = _comparisons(words)
    hidden = words.used | vocabulary.timeless_words(words.words)
    times = read_times(["-" if i in hidden else word.text for i, word in enumerate(words.words)], today)
    words.used |= times.used
    limit, descending = _ranking(words)
    mentions = _mentions(words, vocabulary)
    share = _share(words, mentions)
    reading = _interpret(words, mentions, comparisons, catalog, times, share=share)
    if (
        limit is None
        and descending is not None
        and (reading.dimensions or reading.grain)
        and _one_is_asked(words, reading)
    ):
        limit = 1
    if descending is not None and reading.measures and not reading.dimensions and not reading.grain:
        reading = _extreme(reading, descending=descending)
    language = lexicon()
    left = [w for i, w in enumerate(words.words) if i not in words.used]
    return replace(
        reading,
        limit=limit,
        descending=descending,
        unexplained=tuple(
            dict.fromkeys(
                w.text for w in left if not (w.filler or w.light) and w.text not in language.beyond_description
            )
        ),
        beyond=tuple(w.text for w in left if w.text in language.beyond_description),
        elliptical=bool(tokens)
        and (tokens[0] in ("and", "now", "same") or tokens[:2] in (["what", "about"], ["how", "about"])),
    )


# --- numbers and ranking -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Comparison:
    at: int
    operator: Operator
    number: float


def _comparisons(words: _Words) -> list[_Comparison]:
    """Find comparisons such as "over 100 euros": operator, number, optional unit. "over 2024" alone is a time."""
    found = []
    for index, word in enumerate(words.words):
        operator = _COMPARISONS.get(word.text)
        after = index + 1
        if operator is None or after >= len(words) or words.words[after].number is None:
            continue
        number = words.words[after].number or 0.0
        unit = words.text(after + 1)
        if word.text in ("over", "under") and 1990 <= number <= 2100 and unit not in _CURRENCIES:
            continue
        if unit in ("month", "months", "year", "years", "week", "weeks", "quarter", "quarters"):
            continue
        span = {index, after} | ({after + 1} if unit in _CURRENCIES | _MEASURES_OF_TIME else set())
        words.used |= span
        found.append(_Comparison(index, operator, number))
    return found


def _ranking(words: _Words) -> tuple[int | None, bool | None]:
    """Return number of rows and direction of a ranking: "top 5", "5 best", "the three highest", "which ... most"."""
    language = lexicon()
    descending: bool | None = None
    limit: int | None = None
    for index, word in enumerate(words.words):
        if index in words.used:
            continue
        direction = True if word.text in language.descending else False if word.text in language.ascending else None
        if direction is None:
            continue
        descending = direction if descending is None else descending
        words.used.add(index)
        for neighbour in (index + 1, index - 1):
            number = words.words[neighbour].number if words.free(neighbour) else None
            if limit is None and number is not None and number == int(number) and 1 <= number <= 1000:
                limit = int(number)
                words.used.add(neighbour)
    return limit, descending


def _one_is_asked(words: _Words, reading: AskedQuestion) -> bool:
    """Return whether one row is asked. "Which region has the highest ..." asks for one, "which regions have ..." for more."""
    if reading.grain:
        return words.text(0) in ("which", "what", "when") or "when" in [w.text for w in words.words]
    asked = words.text(0) in ("which", "what", "who") or words.text(1) in ("which", "what")
    return asked and len(reading.dimensions) == 1 and reading.dimensions[0].singular


def _extreme(reading: AskedQuestion, *, descending: bool) -> AskedQuestion:
    """Use the maximum or minimum if there is nothing to rank, as in "the highest order value"."""
    measures = tuple(
        replace(m, function="max" if descending else "min") if m.columns and m.function is None else m
        for m in reading.measures
    )
    return replace(reading, measures=measures)


# --- names -------------------------------------------------------------------------------------------------------


def _mentions(words: _Words, vocabulary: DataNames) -> list[PhraseMention]:
    """Return the mentions in the order of the question. Longer phrases take precedence over shorter ones."""
    found: list[PhraseMention] = []
    for length in range(min(LONGEST_PHRASE, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            span = range(first, first + length)
            if any(index in words.used for index in span):
                continue
            phrase = words.words[first : first + length]
            candidates = vocabulary.naming(phrase)
            if not candidates or (length == 1 and _only_grammar(phrase[0], candidates)):
                continue
            words.used.update(span)
            found.append(
                PhraseMention(
                    first,
                    first + length - 1,
                    tuple(candidates),
                    negated=_preceded(words, first, _NEGATIONS, reach=2),
                    grouping=_grouped(words, first),
                )
            )
    return sorted(found, key=lambda mention: mention.first)


def _only_grammar(word: Word, candidates: list[Named]) -> bool:
    """Return whether a word is only a filler, such as "order" in "in order to": no candidate has exactly this name."""
    return word.filler and max(named.closeness for named in candidates) < 3 and word.meaning == word.stem


def _preceded(words: _Words, first: int, markers: set[str], *, reach: int) -> bool:
    for index in range(first - 1, max(-1, first - 1 - reach), -1):
        if words.text(index) in markers:
            words.used.add(index)
            return True
        if not words.words[index].filler:
            return False
    return False


def _grouped(words: _Words, first: int) -> bool:
    for index in range(first - 1, max(-1, first - 4), -1):
        text = words.text(index)
        if text in _GROUPING:
            return True
        if text == "and":
            # "by region and channel": grouped like the word before the "and"
            return any(words.text(i) in ("by", "per", "each", "across") for i in range(max(0, index - 4), index))
        if not words.words[index].filler:
            return False
    return False


def _share(words: _Words, mentions: list[PhraseMention]) -> bool:
    inside = {i for m in mentions for i in range(m.first, m.last + 1)}
    said = [
        i for i, word in enumerate(words.words) if word.meaning == SHARE and i not in inside and i not in words.used
    ]
    words.used.update(said)
    return bool(said)


# --- what the mentions ask ---------------------------------------------------------------------------------------


def _interpret(
    words: _Words,
    mentions: list[PhraseMention],
    comparisons: list[_Comparison],
    catalog: Catalog,
    times: Times,
    *,
    share: bool,
) -> AskedQuestion:
    measures: list[MeasureAsked] = []
    dimensions: list[DimensionAsked] = []
    filters: list[FilterAsked] = []
    tables: list[tuple[PhraseMention, str]] = []
    time_columns: tuple[CatalogColumn, ...] = ()
    mentions = _without_stray_parts(words, mentions)
    compared = _compared_mentions(mentions, comparisons)
    for mention in mentions:
        columns = mention.of("column")
        if mention.of("value") and not _better_as_column(mention):
            filters.append(_value_filter(mention, words))
        elif mention.of("table") and not _better_than_table(mention):
            tables.append((mention, mention.of("table")[0].table))
        elif columns:
            best = [named.column for named in columns if named.column]
            time = tuple(c for c in best if c.role == "time")
            numbers = tuple(c for c in best if c.role == "measure")
            flags = tuple(c for c in best if c.type == "BOOL")
            groups = tuple(c for c in best if c.role in ("dimension", "text", "key") and c.type != "BOOL")
            said = words.said(mention.first, mention.last)
            if mention.first in compared:
                comparison = compared[mention.first]
                choices = tuple((c, (comparison.number,)) for c in numbers)
                filters.append(
                    FilterAsked(choices, comparison.operator, f"{said} {comparison.operator} {comparison.number:g}")
                )
            elif flags and not mention.grouping:
                filters.append(FilterAsked(tuple((c, (not mention.negated,)) for c in flags), "=", said))
            elif numbers and not (groups and mention.grouping):
                function = _function_before(words, mention.first)
                measures.append(MeasureAsked(numbers, (), function, columns[0].closeness, words=said))
            elif groups or flags:
                dimensions.append(DimensionAsked(groups or flags, (), said, _is_singular(words, mention)))
            elif time:
                time_columns = time
    dimensions = _without_named_values(dimensions, filters, mentions)
    return _with_tables(
        words,
        catalog,
        tables,
        comparisons,
        compared,
        AskedQuestion(
            tuple(measures),
            tuple(dimensions),
            tuple(filters),
            times,
            time_columns,
            weekday=_weekday(words),
            share=share,
        ),
    )


def _without_stray_parts(words: _Words, mentions: list[PhraseMention]) -> list[PhraseMention]:
    """Drop parts of values ("app" for ``Mobile app``), unless the question names another value of the same column."""

    def is_part(mention: PhraseMention) -> bool:
        return all(named.kind == "value" and named.closeness == 1 for named in mention.candidates)

    kept = []
    for mention in mentions:
        columns = {named.column.key for named in mention.candidates if named.column}
        beside = any(
            other is not mention and columns & {named.column.key for named in other.of("value") if named.column}
            for other in mentions
        )
        if not is_part(mention) or beside:
            kept.append(mention)
        else:
            words.used.difference_update(range(mention.first, mention.last + 1))
    return kept


def _better_as_column(mention: PhraseMention) -> bool:
    """A mention that is both column and value ("status") is the column if the name is exact and it is grouped or one word."""
    named = [n for n in mention.candidates if n.kind in ("column", "table") and n.closeness == 3]
    return bool(named) and (mention.grouping or mention.first == mention.last)


def _better_than_table(mention: PhraseMention) -> bool:
    """Return whether the mention matches a column more closely than a table; then it is the column."""
    tables = max(n.closeness for n in mention.of("table"))
    columns = max((n.closeness for n in mention.of("column") if n.column and n.column.role != "key"), default=0)
    return columns > tables


def _compared_mentions(mentions: list[PhraseMention], comparisons: list[_Comparison]) -> dict[int, _Comparison]:
    """Return the measure of each comparison: the nearest one named before it ("a price above 50")."""
    compared: dict[int, _Comparison] = {}
    for comparison in comparisons:
        before = [
            m
            for m in mentions
            if m.last < comparison.at
            and comparison.at - m.last <= 3
            and any(n.column and n.column.role == "measure" for n in m.of("column"))
            and not (m.of("table") and not _better_than_table(m))
        ]
        if before:
            compared[before[-1].first] = comparison
    return compared


def _value_filter(mention: PhraseMention, words: _Words) -> FilterAsked:
    choices = tuple(
        (named.column, (named.value,)) for named in mention.of("value") if named.column and named.value is not None
    )
    return FilterAsked(choices, "!=" if mention.negated else "=", words.said(mention.first, mention.last))


def _function_before(words: _Words, first: int) -> Function | None:
    for index in range(first - 1, max(-1, first - 4), -1):
        function = _FUNCTIONS.get(words.words[index].meaning)
        if function:
            words.used.add(index)
            return function
        if not words.words[index].filler and index not in words.used:
            return None
    return None


def _is_singular(words: _Words, mention: PhraseMention) -> bool:
    text = words.text(mention.last)
    return not (text.endswith("s") and not text.endswith("ss")) or text == "status"


def _weekday(words: _Words) -> bool:
    said = [i for i, word in enumerate(words.words) if word.meaning == WEEKDAY and i not in words.used]
    words.used.update(said)
    return bool(said)


def _without_named_values(
    dimensions: list[DimensionAsked], filters: list[FilterAsked], mentions: list[PhraseMention]
) -> list[DimensionAsked]:
    """Drop a dimension whose value is named beside it: "in the North region" does not group by region."""
    grouped = {named.column.key for m in mentions if m.grouping for named in m.of("column") if named.column}
    filtered = {column.key for f in filters for column, _ in f.choices}
    return [
        d for d in dimensions if not any(column.key in filtered and column.key not in grouped for column in d.columns)
    ]


def _with_tables(
    words: _Words,
    catalog: Catalog,
    tables: list[tuple[PhraseMention, str]],
    comparisons: list[_Comparison],
    compared: dict[int, _Comparison],
    reading: AskedQuestion,
) -> AskedQuestion:
    """Decide the purpose of each named table: to be counted, to be grouped by, or only the subject of the question."""
    measures, dimensions = list(reading.measures), list(reading.dimensions)
    filters = list(reading.filters)
    mentioned: list[str] = []
    per_table: str | None = None
    for mention, table in tables:
        said = words.said(mention.first, mention.last)
        before = _counted(
            words, mention.first, others={i for m, _ in tables if m is not mention for i in range(m.first, m.last + 1)}
        )
        if before:
            measures.append(
                MeasureAsked(
                    (), (table,), "count", mention.candidates[0].closeness, distinct=before == "distinct", words=said
                )
            )
        elif mention.grouping:
            if measures and _average_is_asked(words) and words.text(mention.first - 1) in ("per", "each", "every", "a"):
                per_table = table
            elif not _counts_itself(words, mention, reading):
                dimensions.append(DimensionAsked((), (table,), said, _is_singular(words, mention)))
            else:
                mentioned.append(table)
        else:
            mentioned.append(table)
    ranked = any(w.text in lexicon().descending | lexicon().ascending for w in words.words)
    if ranked and not dimensions and not reading.grain and mentioned and (measures or len(mentioned) > 1):
        # "top 5 customers by revenue", "the products with the highest price"
        owner = {column.table for m in measures for column in m.columns}
        best = next((t for t in mentioned if t not in owner or not _asks_extreme(words)), None)
        if best is not None:
            mention = next(m for m, t in tables if t == best)
            dimensions.append(
                DimensionAsked((), (best,), words.said(mention.first, mention.last), _is_singular(words, mention))
            )
            mentioned.remove(best)
    loose = [c for c in comparisons if c not in compared.values()]
    for comparison in loose:
        amounts = [
            t.column(t.amount)
            for name in mentioned + [x for m in measures for x in m.tables]
            if (t := catalog.tables[name]).amount
        ]
        if amounts:
            filters.append(
                FilterAsked(
                    tuple((c, (comparison.number,)) for c in amounts),
                    comparison.operator,
                    f"{amounts[0].name} {comparison.operator} {comparison.number:g}",
                )
            )
        else:
            words.used.discard(comparison.at + 1)
    listing = bool(mentioned) and any(w.text in ("list", "show", "all") for w in words.words)
    moment = _moment(words)
    counting = any(w.text in _COUNTING for w in words.words)
    if (
        not measures
        and mentioned
        and not moment
        and (counting or not listing or dimensions or reading.grain or reading.windows)
    ):
        counted = mentioned.pop(0)
        measures.append(MeasureAsked((), (counted,), "count", words=counted))
    if not measures and not mentioned and not moment:
        # "signups by month", "newsletter subscribers": the rows that have the moment or the flag
        owners = [c.table for c in reading.time_columns] + [
            c.table for f in filters for c, v in f.choices if isinstance(v[0], bool)
        ]
        if owners and (counting or reading.grain or reading.windows or dimensions or not reading.time_columns):
            measures.append(MeasureAsked((), (owners[0],), "count", words=owners[0]))
    for index, word in enumerate(words.words):
        if word.text in _COUNTING | _DISTINCT or word.meaning == AVERAGE:
            words.used.add(index)
    return replace(
        reading,
        measures=tuple(measures),
        dimensions=tuple(dimensions),
        filters=tuple(filters),
        moment=moment,
        mentioned_tables=tuple(dict.fromkeys(mentioned)),
        per_table=per_table,
        listing=listing and not measures,
    )


def _counted(words: _Words, first: int, others: set[int]) -> Literal["count", "distinct"] | None:
    """Return how a table after "how many" or "number of" (only fillers and filters between) is counted, else None."""
    distinct = False
    for index in range(first - 1, -1, -1):
        text = words.text(index)
        if index in others:
            return None
        if text in _DISTINCT:
            distinct = True
        elif text in _COUNTING:
            return "distinct" if distinct else "count"
        elif text in ("by", "per", "and") or (not words.words[index].filler and index not in words.used):
            return None
    return None


def _average_is_asked(words: _Words) -> bool:
    return any(word.meaning == AVERAGE for word in words.words)


def _counts_itself(words: _Words, mention: PhraseMention, reading: AskedQuestion) -> bool:
    """Return whether a table after a question word is counted and not grouped by: "what orders came in by region"."""
    asked = words.text(mention.first - 1) in ("which", "what")
    return asked and bool(reading.dimensions) and not reading.measures


def _asks_extreme(words: _Words) -> bool:
    return any(word.text in ("maximum", "minimum", "max", "min") for word in words.words)


def _moment(words: _Words) -> Literal["min", "max"] | None:
    """Return whether the earliest or the latest moment is asked: "when was the first order"."""
    texts = [word.text for word in words.words]
    if not ({"when", "date"} & set(texts)):
        return None
    for side, names in (("min", {"first", "earliest", "oldest"}), ("max", {"last", "latest", "recent", "newest"})):
        hits = [i for i, text in enumerate(texts) if text in names and i not in words.used]
        if hits:
            words.used.update(i for i, text in enumerate(texts) if text in names | {"date", "when"})
            return "min" if side == "min" else "max"
    return None
