"""Finds the verified query that a question means, if any.

A verified query is replayed exactly as written, so a question may match only if it asks the same thing. There are two
criteria:

* *compatibility*: the verified query is excluded if the question has a filter value, number, time window, grain,
  grouping, direction or negation that the query does not have;
* *score*: how much of the question's content the verified query explains (by its question, its SQL, and the
  descriptions of what the SQL reads), and how much of the verified question is asked for. Rare words have more weight.

What the verified question has and the asked question does not ("last month", "by region") is an *omission*. Such a
match is used only if the question cannot be answered in another way.

The weights and thresholds were set with the paraphrases of the first blueprints, and with the same questions after
removing their verified query: in that case, any replayed query is wrong.
"""

import math
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import sqlglot
import sqlglot.expressions as exp
from rapidfuzz import fuzz

from provisioning_assets.agent.understanding.catalog import Catalog, Example
from provisioning_assets.agent.understanding.data_names import LONGEST_PHRASE, DataNames, Named
from provisioning_assets.agent.understanding.time_windows import Moment, Times, Window, read_times, whole_periods
from provisioning_assets.agent.understanding.words import AVERAGE, SHARE, Word, lexicon, plain_tokens, word_of

# Share of a word's weight that counts, by the place where the verified query contains the word.
_IN_QUESTION, _MISSPELT, _IN_SQL, _RELATED, _IN_DESCRIPTION = 1.0, 0.9, 0.8, 0.6, 0.5
_ASKED_WEIGHT = 0.62
_UNKNOWN = 0.55  # weight of a word that is in no verified question, relative to the rarest word
_UNKNOWN_VERB = 0.5  # factor for an unknown participle: the action matters less than its object
_DEFINED = 0.4  # least share of a term's definition that must be covered for the term to match
_PER_OMISSION, _SAME_WINDOW = 0.06, 0.05
# Least scores at which a compatible verified query is replayed (see ``Match``).
_CERTAIN, _WELL_COVERED, _WELL_REQUESTED = 0.7, 0.85, 0.5
_ALMOST_CERTAIN, _MOSTLY_COVERED = 0.6, 0.72
_FAR_AHEAD = 0.3
_LEAST_REQUESTED, _LEAST_COVERED = 0.3, 0.5
_LIKELY_INCOMPLETE, _COVERED_INCOMPLETE = 0.42, 0.6
_LIKELY, _LEAD, _POSSIBLE, _CLEAR_LEAD = 0.46, 0.05, 0.38, 0.18
_ASCENDING = {"lowest", "least", "smallest", "fewest", "bottom", "minimum", "weakest"}
_DESCENDING = {"highest", "most", "largest", "biggest", "top", "greatest", "maximum", "strongest"}
_UNIT_DAYS: dict[str, float] = {"day": 1, "week": 7, "isoweek": 7, "month": 30.44, "quarter": 91.3, "year": 365.25}


@dataclass(frozen=True)
class Features:
    """The features of a question that are compared."""

    words: tuple[Word, ...]
    content: tuple[Word, ...]
    numbers: frozenset[float]
    values: dict[tuple[str, ...], tuple[Named, ...]]
    grouped: tuple[tuple[Named, ...], ...]
    named: tuple[tuple[frozenset[str], tuple[Named, ...]], ...]
    times: Times
    negated: bool
    ascending: bool
    descending: bool
    average: bool
    durations: frozenset[float]
    compares: bool
    proper_names: frozenset[str]
    measured: tuple[frozenset[str], ...]
    unknown_groups: frozenset[str]
    averages_by_nature: bool
    future: bool


@dataclass(frozen=True)
class SqlFeatures:
    """The features of a verified SQL that are compared."""

    meanings: frozenset[str] = frozenset()
    described: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    literals: frozenset[str] = frozenset()
    numbers: frozenset[float] = frozenset()
    limits: frozenset[float] = frozenset()
    grains: frozenset[str] = frozenset()
    spans: tuple[float, ...] = ()
    averages: bool = False
    negates: bool = False


@dataclass(frozen=True)
class VerifiedQuery:
    """A verified query with its features."""

    example: Example
    asked: Features
    sql: SqlFeatures


@dataclass(frozen=True)
class Match:
    """How well a verified query answers a question."""

    example: Example
    score: float
    covered: float
    requested: float
    omissions: tuple[str, ...]
    same_structure: bool = False
    lead: float = 0.0

    @property
    def certain(self) -> bool:
        """Return whether the match is certain: high scores and no omissions. It is replayed before any query is built."""
        well = self.covered >= _WELL_COVERED and self.requested >= _WELL_REQUESTED
        alone = self.score >= _ALMOST_CERTAIN and self.covered >= _MOSTLY_COVERED and self.lead >= _CLEAR_LEAD
        same_form = self.same_structure and self.score >= _LIKELY and self.lead >= _FAR_AHEAD
        contains = self.same_structure and self.covered >= _MOSTLY_COVERED and self.lead >= _CLEAR_LEAD
        enough = self.score >= _CERTAIN or well or alone or same_form or contains
        return enough and not self.omissions and self.requested >= _LEAST_REQUESTED

    @property
    def likely(self) -> bool:
        """Return whether it is close enough, and clearly the closest, to be replayed if no query can be built."""
        if self.covered < _LEAST_COVERED:
            return False
        if set(self.omissions) - {"listed values"}:
            return self.score >= _LIKELY_INCOMPLETE and self.covered >= _COVERED_INCOMPLETE and self.lead >= _LEAD
        near = self.score >= _LIKELY and (self.lead >= _LEAD or self.score >= _ALMOST_CERTAIN)
        return near or (self.score >= _POSSIBLE and self.lead >= _CLEAR_LEAD)


@dataclass
class VerifiedQueries:
    """The verified queries of a context, prepared for comparison."""

    queries: list[VerifiedQuery]
    weights: dict[str, float]
    vocabulary: DataNames
    today: date
    exact: dict[tuple[str, ...], Example] = field(default_factory=dict)
    terms: tuple[tuple[frozenset[str], frozenset[str]], ...] = ()

    def match(self, question: str) -> Match | None:
        """Return the best compatible verified query, with its lead over the second; None if none is compatible."""
        tokens = plain_tokens(question)
        same = self.exact.get(tuple(tokens))
        if same is not None:
            return Match(same, score=1.0, covered=1.0, requested=1.0, omissions=(), lead=1.0)
        asked = read_features(question, self.vocabulary, self.today)
        matches = sorted(
            (m for query in self.queries if (m := self._compare(asked, query)) is not None), key=lambda m: -m.score
        )
        if not matches:
            return None
        best = matches[0]
        lead = best.score - (matches[1].score if len(matches) > 1 else 0.0)
        return replace(best, lead=lead)

    def nearest(self, question: str) -> list[str]:
        """Return all verified questions, compatible or not, most similar first."""
        asked = read_features(question, self.vocabulary, self.today)
        ranked = sorted(
            enumerate(self.queries),
            key=lambda item: (-self._covered(asked, item[1]) - self._requested(asked, item[1]), item[0]),
        )
        return [query.example.question for _, query in ranked]

    def _compare(self, asked: Features, query: VerifiedQuery) -> Match | None:
        omissions = compare_compatibility(asked, query, self.today)
        if omissions is None:
            return None
        covered = self._covered(asked, query)
        requested = self._requested(asked, query)
        score = _ASKED_WEIGHT * covered + (1 - _ASKED_WEIGHT) * requested - _PER_OMISSION * len(omissions)
        if asked.times.windows and query.asked.times.windows:
            score += _SAME_WINDOW
        return Match(query.example, score, covered, requested, omissions, same_structure=_same_structure(asked, query))

    def _weight(self, word: Word) -> float:
        known = self.weights.get(word.meaning)
        if known is None:
            known = self.weights[""] * (_UNKNOWN_VERB if word.text.endswith(("ed", "ing")) else 1.0)
        return known

    def _defined(self, asked: Features, explained: set[str]) -> dict[str, float]:
        """Return words of glossary terms, with the share of each term's definition that the verified query covers."""
        meanings = {word.meaning for word in asked.words}
        parts: dict[str, float] = {}
        for name, definition in self.terms:
            if name and name <= meanings and definition:
                part = len(definition & explained) / len(definition)
                for meaning in name:
                    parts[meaning] = max(parts.get(meaning, 0.0), part)
        return parts

    def _covered(self, asked: Features, query: VerifiedQuery) -> float:
        """Return the weighted share of the asked words that the verified query explains."""
        total = sum(self._weight(word) for word in asked.content)
        if not total:
            return 0.0
        known = {word.meaning for word in query.asked.words}
        listed = {
            s
            for stems, named in asked.values.items()
            for s in stems
            if named[0].column and named[0].column.name in query.sql.columns
        }
        spelt = [word.text for word in query.asked.content]
        defined = self._defined(asked, known | query.sql.meanings)
        explained = 0.0
        for word in asked.content:
            if word.meaning in known:
                part = _IN_QUESTION
            elif word.meaning in query.sql.meanings or word.stem in listed:
                part = _IN_SQL
            elif any(len(word.text) > 4 and fuzz.ratio(word.text, other) >= 86 for other in spelt):
                part = _MISSPELT
            elif related(word.meaning) & known:
                part = _RELATED
            elif defined.get(word.meaning, 0.0) >= _DEFINED:
                part = _IN_SQL
            elif word.meaning in query.sql.described or related(word.meaning) & query.sql.meanings:
                part = _IN_DESCRIPTION
            else:
                part = 0.0
            explained += part * self._weight(word)
        return explained / total

    def _requested(self, asked: Features, query: VerifiedQuery) -> float:
        """Return the weighted share of the verified question's words that are in the asked question."""
        total = sum(self._weight(word) for word in query.asked.content)
        if not total:
            return 0.0
        known = {word.meaning for word in asked.words}
        near = known | {other for meaning in known for other in related(meaning)}
        return (
            sum(
                self._weight(word) * (1.0 if word.meaning in known else _RELATED if word.meaning in near else 0.0)
                for word in query.asked.content
            )
            / total
        )


def related(meaning: str) -> frozenset[str]:
    """Return meanings that are often used for this one, although they are not the same."""
    return lexicon().related.get(meaning, frozenset())


def read_verified(catalog: Catalog, vocabulary: DataNames, today: date) -> VerifiedQueries:
    """Prepare the verified queries of a catalog."""
    queries = [
        VerifiedQuery(example, read_features(example.question, vocabulary, today), read_sql(example.sql, catalog))
        for example in catalog.examples
    ]
    count = Counter(meaning for query in queries for meaning in {word.meaning for word in query.asked.content})
    rarest = math.log(1 + len(queries) / 0.5)
    weights = {meaning: math.log(1 + len(queries) / (0.5 + times)) for meaning, times in count.items()}
    weights[""] = _UNKNOWN * rarest
    exact = {tuple(plain_tokens(example.question)): example for example in catalog.examples}
    terms = tuple((frozenset(_meanings([t.name])), frozenset(_meanings([t.description]))) for t in catalog.terms)
    return VerifiedQueries(queries, weights, vocabulary, today, exact, terms)


def read_features(question: str, vocabulary: DataNames, today: date) -> Features:
    """Return the features of a question that are compared."""
    words = vocabulary.read(question)
    timeless = vocabulary.timeless_words(words)
    times = read_times(["-" if i in timeless else word.text for i, word in enumerate(words)], today)
    values: dict[tuple[str, ...], tuple[Named, ...]] = {}
    grouped: list[tuple[Named, ...]] = []
    measured: list[frozenset[str]] = []
    mentions: list[tuple[frozenset[str], tuple[Named, ...]]] = []
    averages = False
    named_at: set[int] = set()
    for length in range(min(LONGEST_PHRASE, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            span = range(first, first + length)
            if any(i in times.used or i in named_at for i in span):
                continue
            phrase = words[first : first + length]
            named = vocabulary.naming(phrase)
            if not named or (length == 1 and phrase[0].filler and named[0].closeness < 3):
                continue
            named_at.update(span)
            if all(n.column is not None and n.column.role == "measure" for n in named):
                measured.append(frozenset(word.meaning for word in phrase))
                averages |= all(n.column is not None and n.column.aggregation != "sum" for n in named)
            mentions.append((frozenset(word.meaning for word in phrase if not word.filler), tuple(named)))
            found = tuple(n for n in named if n.kind == "value")
            if found and len(found) == len(named):
                values[tuple(word.stem for word in phrase)] = found
            elif first > 0 and words[first - 1].text in ("by", "per", "each", "every", "across"):
                grouped.append(tuple(n for n in named if n.kind != "value"))
    durations = _durations(words, times.used)
    content = tuple(
        word
        for i, word in enumerate(words)
        if i not in times.used and word.number is None and (not word.filler or i in named_at)
    )
    texts = {word.text for word in words}
    return Features(
        words=tuple(words),
        content=content,
        numbers=frozenset(
            w.number for i, w in enumerate(words) if w.number is not None and i not in times.used | set(durations)
        ),
        values=values,
        grouped=tuple(grouped),
        named=tuple(mentions),
        times=times,
        negated=bool(texts & lexicon().negations) or any(_is_negative(text) for text in texts),
        ascending=bool(texts & _ASCENDING),
        descending=bool(texts & _DESCENDING),
        average=any(word.meaning == AVERAGE for word in words),
        durations=frozenset(durations.values()),
        compares=bool(texts & lexicon().comparing),
        proper_names=_proper_names(question, vocabulary),
        measured=tuple(measured),
        unknown_groups=frozenset(
            word.meaning
            for i, word in enumerate(words)
            if i
            and words[i - 1].text in ("by", "per", "each", "every", "across")
            and i not in named_at
            and i not in times.used
            and not word.filler
            and word.number is None
        ),
        averages_by_nature=averages or "per" in texts,
        future=bool(texts & lexicon().future),
    )


def _is_negative(text: str) -> bool:
    """Return whether a text is a negation, such as "unbilled" or "unpaid"."""
    return text.startswith("un") and len(text) > 5 and text.endswith(("ed", "aid", "old", "ent")) and text != "united"


def _durations(words: list[Word], used: frozenset[int]) -> dict[int, float]:
    """Return durations that are not a time window, such as "within 90 days": position of the number -> days."""
    found: dict[int, float] = {}
    for index, word in enumerate(words[:-1]):
        unit = _UNIT_DAYS.get(words[index + 1].text.removesuffix("s"))
        if word.number is not None and index not in used and unit is not None:
            found[index] = word.number * unit
    return found


def _proper_names(question: str, vocabulary: DataNames) -> frozenset[str]:
    """Return names that are not in the data: capitalised words inside a sentence that is not all in capitals."""
    written = re.findall(r"[^\W\d_]+", question)
    names = [word for word in written[1:] if word[0].isupper() and not word.isupper()]
    if len(names) * 2 > len(written):
        return frozenset()
    known = {stem for stems in vocabulary.values for stem in stems} | {m for phrase in vocabulary.names for m in phrase}
    stems = {word_of(token).stem for name in names for token in plain_tokens(name)}
    return frozenset(stem for stem in stems if stem not in known and stem not in lexicon().meanings)


# --- compatibility -----------------------------------------------------------------------------------------------


def compare_compatibility(asked: Features, query: VerifiedQuery, today: date) -> tuple[str, ...] | None:
    """Return what the asked question omits of the verified one; None if it asks for something else."""
    verified, sql = query.asked, query.sql
    omissions: list[str] = []
    if not _values_agree(asked, verified, sql, omissions):
        return None
    if not asked.numbers <= verified.numbers | sql.numbers:
        return None
    if verified.numbers - asked.numbers - sql.limits:
        omissions.append("number")
    if not _times_agree(asked, verified, sql, today, omissions):
        return None
    if not all(_has_duration(length, verified, sql) for length in asked.durations):
        return None
    known = {word.meaning for word in verified.words} | sql.meanings
    nearly = known | {other for meaning in known for other in related(meaning)}
    if asked.future and not verified.future:
        return None
    if asked.unknown_groups - nearly - sql.described:
        return None
    if any(not meanings & nearly for meanings in asked.measured):
        return None
    if asked.proper_names - {word.stem for word in verified.words} - known - sql.described:
        return None
    if not all(any(_is_grouped(named, known, sql) for named in candidates) for candidates in asked.grouped):
        return None
    asked_meanings = {word.meaning for word in asked.words}
    listed = {value.column.name for values in asked.values.values() for value in values if value.column}
    question_words = {word.text for word in asked.words[:3]}
    if "where" in question_words:
        asked_meanings = asked_meanings | lexicon().places
    if "who" in question_words:
        asked_meanings = asked_meanings | lexicon().people
    near_asked = asked_meanings | {other for meaning in asked_meanings for other in related(meaning)}
    for candidates in verified.grouped:
        by_value = any(named.column and named.column.name in listed for named in candidates)
        if not by_value and not any(_owner_meanings(named) & near_asked for named in candidates):
            omissions.append("grouping")
    if (asked.ascending and verified.descending) or (asked.descending and verified.ascending):
        return None
    if asked.negated and not (verified.negated or sql.negates):
        return None
    if asked.average and not (verified.average or sql.averages):
        return None
    if verified.negated and not (asked.negated or {word.text for word in asked.words} & lexicon().negative):
        omissions.append("negation")
    if verified.average and not asked.average and not asked.averages_by_nature and SHARE not in asked_meanings:
        omissions.append("average")
    return tuple(dict.fromkeys(omissions))


def _same_structure(asked: Features, query: VerifiedQuery) -> bool:
    """Return whether the question has a time or grouping and names nothing that the verified query does not read."""
    if not (asked.times.windows or asked.times.grain or asked.grouped):
        return False
    known = {word.meaning for word in query.asked.words} | query.sql.meanings
    return all(
        meanings & known
        or any(
            named.table in query.sql.tables if named.column is None else named.column.name in query.sql.columns
            for named in candidates
        )
        for meanings, candidates in asked.named
    )


def _has_duration(days: float, verified: Features, sql: SqlFeatures) -> bool:
    lengths = {*verified.durations, *sql.spans, *sql.numbers}
    lengths |= {number * unit for number in sql.numbers for unit in _UNIT_DAYS.values()}
    return any(abs(days - length) <= 0.05 * days for length in lengths)


def _values_agree(asked: Features, verified: Features, sql: SqlFeatures, omissions: list[str]) -> bool:
    verified_stems = {word.stem for word in verified.words}
    listed = Counter(named[0].column.name for named in asked.values.values() if named[0].column)
    for stems, named in asked.values.items():
        said = {stem for stem in stems if not word_of(stem).filler}
        if stems in verified.values or " ".join(stems) in sql.literals or said <= verified_stems | sql.meanings:
            continue
        column = named[0].column.name if named[0].column else ""
        if named[0].closeness == 1 and listed[column] < 2:
            continue  # a part of a value without another value may be any word
        if listed[column] < 2 or column not in sql.columns:
            return False
        omissions.append("listed values")
    asked_words = {word.stem for word in asked.words} | {word.meaning for word in asked.words}
    for stems in verified.values:
        if stems in asked.values or set(stems) <= asked_words:
            continue
        meanings = {word_of(s).meaning for s in stems}
        if " ".join(stems) in sql.literals and not (set(stems) | meanings) & asked_words:
            return False
        omissions.append("value")
    return True


def _times_agree(asked: Features, verified: Features, sql: SqlFeatures, today: date, omissions: list[str]) -> bool:
    yearly_comparison = any(word.text == "yearoveryear" for word in asked.words)
    if asked.times.grain and not yearly_comparison:
        grains = set(sql.grains) | ({verified.times.grain} if verified.times.grain else set())
        if asked.times.grain not in grains:
            return False
    elif (
        verified.times.grain in sql.grains
        and not asked.times.grain
        and not {word.text for word in asked.words} & lexicon().development
    ):
        omissions.append("grain")
    for number, window in enumerate(asked.times.windows):
        if number and asked.compares and (verified.compares or len(verified.times.windows) > 1):
            continue  # the comparison period can be expressed in many ways
        if verified.times.windows:
            if not any(
                _same_window(window, other, asked.times, verified.times, today) for other in verified.times.windows
            ):
                return False
        elif not (_is_today(window) or _in_sql(window, sql, today)):
            return False
    if (
        verified.times.windows
        and not all(map(_is_today, verified.times.windows))
        and not asked.times.windows
        and not yearly_comparison
    ):
        omissions.append("window")
    return True


def _is_today(window: Window) -> bool:
    """Return whether the window is "today". For a state ("overdue today") this is not a period."""
    return window.words.split()[-1:] == ["today"]


def _same_window(one: Window, other: Window, one_times: Times, other_times: Times, today: date) -> bool:
    ours, theirs = _readings(one, one_times, today), _readings(other, other_times, today)
    return any(_near(a, b) for a in ours for b in theirs)


def _readings(window: Window, times: Times, today: date) -> list[tuple[date, date]]:
    """Return a window as dates up to today, and a rolling window also as whole periods."""
    readings = [window, *([whole_periods(times.rolling)] if times.rolling and len(times.windows) == 1 else [])]
    if window.words.split()[-1:] in (["year"], ["years"]) and "last" in window.words:
        readings.append(
            Window(Moment(shift=-1, unit="year"), Moment(shift=1))
        )  # "last year" can also mean the last twelve months
    dates = []
    for reading in readings:
        start, end = reading.dates(today)
        tomorrow = today + timedelta(days=1)
        dates.append((start or date.min, min(end or tomorrow, tomorrow)))
    return dates


def _near(one: tuple[date, date], other: tuple[date, date]) -> bool:
    length = max((one[1] - one[0]).days, (other[1] - other[0]).days)
    slack = max(3, round(0.045 * min(length, 1000)))
    return abs((one[0] - other[0]).days) <= slack and abs((one[1] - other[1]).days) <= slack


def _in_sql(window: Window, sql: SqlFeatures, today: date) -> bool:
    """Return whether a window that is not in the verified question is in its SQL, by its length or its dates."""
    start, end = window.dates(today)
    if any(day and day.isoformat() in sql.literals for day in (start, end)):
        return True
    if start is None:
        return False
    length = ((end or today) - start).days
    return any(abs(length - span) <= max(2, 0.04 * span) for span in sql.spans)


def _owner_meanings(named: Named) -> set[str]:
    name = named.column.name if named.column else named.table
    synonyms = named.column.synonyms if named.column else ()
    return {word_of(t).meaning for text in (name, *synonyms) for t in plain_tokens(text)} - {"name", "id", "type"}


def _is_grouped(named: Named, known: set[str], sql: SqlFeatures) -> bool:
    if named.column and named.column.name in sql.columns:
        return True
    own = {word_of(t).meaning for t in plain_tokens(named.column.name if named.column else named.table)}
    return bool((own - {"name", "id", "type"}) & known)


# --- SQL ---------------------------------------------------------------------------------------------------------


def read_sql(sql: str, catalog: Catalog) -> SqlFeatures:
    """Return the features of a verified SQL that are compared; SQL that does not parse has no features."""
    try:
        tree = sqlglot.parse_one(sql, read="bigquery")
    except sqlglot.ParseError:
        return SqlFeatures()
    columns = {column.name for column in tree.find_all(exp.Column)}
    tables = {table.name for table in tree.find_all(exp.Table)} & set(catalog.tables)
    aliases = {alias.alias for alias in tree.find_all(exp.Alias) if alias.alias}
    used = [c for name in tables for c in catalog.tables[name].columns if c.name in columns]
    named = [
        *columns,
        *tables,
        *aliases,
        *(s for c in used for s in c.synonyms),
        *(s for t in tables for s in catalog.tables[t].synonyms),
    ]
    described = [*(c.description for c in used), *(catalog.tables[t].description for t in tables)]
    meanings = _meanings(named)
    for term in catalog.terms:
        if _meanings([term.name]) <= meanings:
            described.extend([term.description, *term.labels])
    literals = [node.this for node in tree.find_all(exp.Literal) if node.is_string]
    numbers = {float(node.this) for node in tree.find_all(exp.Literal) if _is_number(node.this)}
    limits = {
        float(node.expression.this) for node in tree.find_all(exp.Limit) if isinstance(node.expression, exp.Literal)
    }
    return SqlFeatures(
        meanings=frozenset(meanings | _meanings(literals)),
        described=frozenset(_meanings(described)),
        columns=frozenset(columns),
        tables=frozenset(tables),
        literals=frozenset([*literals, *(" ".join(word_of(t).stem for t in plain_tokens(text)) for text in literals)]),
        numbers=frozenset(numbers | limits | {1 - n for n in numbers} | {100 * n for n in numbers if n < 1}),
        limits=frozenset(limits),
        grains=frozenset(_grains(tree)),
        spans=tuple(sorted(_spans(tree))),
        averages=any(
            tree.find(kind)
            for kind in (exp.Avg, exp.Div, exp.SafeDivide, exp.Quantile, exp.PercentileCont, exp.ApproxQuantiles)
        ),
        negates=any(tree.find(kind) for kind in (exp.Not, exp.NEQ, exp.Is)),
    )


def _meanings(texts: list[str]) -> set[str]:
    return {
        word.meaning
        for text in texts
        for t in plain_tokens(text)
        if not (word := word_of(t)).filler or word.meaning != word.stem
    }


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _grains(tree: exp.Expr) -> set[str]:
    """Return the periods to which the SQL truncates its columns (not today's date), or by whose name it groups."""
    grains = {
        str(node.args["unit"].name).lower().split("(")[0]
        for node in tree.find_all(exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)
        if node.args.get("unit") and node.find(exp.Column)
    }
    grains |= {str(node.name).lower() for node in tree.find_all(exp.Extract)}
    grouped = [column for group in tree.find_all(exp.Group) for column in group.find_all(exp.Column)]
    grains |= {part for column in grouped for part in column.name.lower().split("_") if part in _UNIT_DAYS}
    formats = " ".join(node.this for node in tree.find_all(exp.Literal) if node.is_string and "%" in node.this)
    marks = {"month": ("%m", "%b", "%B"), "day": ("%d", "%F"), "year": ("%Y",)}
    grains |= {unit for unit, elements in marks.items() if any(element in formats for element in elements)}
    if any(grain.startswith(("week", "isoweek")) for grain in grains):
        grains.add("week")
    return grains


def _spans(tree: exp.Expr) -> set[float]:
    """Return the lengths, in days, of the intervals that the SQL subtracts."""
    spans: set[float] = set()
    for node in tree.find_all(exp.DateSub, exp.DatetimeSub, exp.TimestampSub, exp.DateAdd, exp.Interval):
        amount = node.this if isinstance(node, exp.Interval) else node.expression
        amount = amount.this if isinstance(amount, exp.Interval) else amount
        unit = str(node.args["unit"].name).lower() if node.args.get("unit") else ""
        if isinstance(amount, exp.Literal) and _is_number(amount.this) and unit in _UNIT_DAYS:
            spans.add(float(amount.this) * _UNIT_DAYS[unit])
    return spans
