"""Answers a question: with a verified query, a query built from the schema, a question back, or a refusal with suggestions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Protocol

import sqlglot.expressions as exp
from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets.agent.comparison import same_rows
from provisioning_assets.agent.understanding.asked import Asked, UnreadableError
from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn, Example, read_catalog
from provisioning_assets.agent.understanding.charts import chart_for
from provisioning_assets.agent.understanding.conversation import continues, merged, refers_back
from provisioning_assets.agent.understanding.grammar import readings
from provisioning_assets.agent.understanding.join_paths import plan_queries
from provisioning_assets.agent.understanding.meaning import Names, build_names
from provisioning_assets.agent.understanding.parts import read_parts
from provisioning_assets.agent.understanding.query import Query
from provisioning_assets.agent.understanding.read_only_sql import RejectedSqlError, checked_select
from provisioning_assets.agent.understanding.sql import build_sql
from provisioning_assets.agent.understanding.telling import headings_in, tell
from provisioning_assets.agent.understanding.verified import VerifiedQueries, read_verified
from provisioning_assets.agent.understanding.wording import describe, readable
from provisioning_assets.googlesql import statements as googlesql
from provisioning_assets.googlesql.column_titles import trade_headings
from provisioning_assets.googlesql.results import QueryResult
from provisioning_assets.googlesql.units import units_of
from provisioning_assets.labels.catalogue import AgentLabels, labels_of
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE

QUERY_SECONDS = 30.0
_SUGGESTIONS = 3
# Most ways of computing an answer that are compared. With more, the question is asked back without comparing.
_MOST_WAYS = 8


class QueryFailedError(Exception):
    """The data set could not answer a query. The message is suitable for the user."""


class DataInUseError(QueryFailedError):
    """Another program keeps the data set from being read. The message names the file and what to do."""


class Data(Protocol):
    """The data set behind an agent."""

    @property
    def today(self) -> date:
        """Return the data set's current date, the value of CURRENT_DATE()."""
        ...

    def run(self, sql: str, most_rows: int, seconds: float = QUERY_SECONDS) -> QueryResult:
        """Run one checked GoogleSQL SELECT with bare table names. Raises QueryFailedError if it fails or takes longer."""
        ...


@dataclass(frozen=True)
class Answer:
    """The agent's answer. ``unclear`` means that it asks back, because the question has several meanings.

    ``notes`` say how the answer came about.
    """

    kind: Literal["verified", "built", "unclear", "refused", "failed"]
    text: str
    sql: str | None = None
    matched: Example | None = None
    result: QueryResult | None = None
    chart: dict[str, Any] | None = None
    tables: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Understanding:
    """A context prepared for questions: catalog, names with the data's values, verified queries."""

    catalog: Catalog
    names: Names
    verified: VerifiedQueries
    today: date


def understand(context: gda.Context, data: Data) -> Understanding:
    """Read a context and the values of its dimensions. This runs one query per dimension, so keep the result."""
    catalog = read_catalog(context)
    names = build_names(catalog, lambda column, most: _values(data, column, most))
    return Understanding(catalog, names, read_verified(catalog, names, data.today), data.today)


def answer(
    question: str, understanding: Understanding, data: Data, history: Sequence[str] = (), most_rows: int = 1000
) -> Answer:
    """Answer one question, by rules.

    Args:
        question: as the user wrote it.
        understanding: the agent's prepared context.
        data: where queries run.
        history: the user's earlier questions of this conversation, oldest first; they complete a follow-up such as
            "and by region?".
        most_rows: maximum number of rows returned.
    """
    replayed = answer_verified(question, understanding, data, history, most_rows)
    return replayed or answer_by_rules(question, understanding, data, history, most_rows)


def answer_verified(
    question: str, understanding: Understanding, data: Data, history: Sequence[str], most_rows: int
) -> Answer | None:
    """Replay the verified query that a question asks; None if there is none. The arguments are those of ``answer``."""
    same = understanding.verified.same(question)
    if same is not None:
        return _replay(same, understanding, data, most_rows)
    follows = bool(history) and continues(question)
    matched = None if follows else understanding.verified.match(question)
    return None if matched is None else _replay(matched, understanding, data, most_rows)


def answer_by_rules(
    question: str, understanding: Understanding, data: Data, history: Sequence[str], most_rows: int
) -> Answer:
    """Read a question by the grammar and answer, refuse or ask back. The arguments are those of ``answer``."""
    try:
        queries = _planned(read(question, understanding, history), understanding)
    except UnreadableError as reason:
        return refusal(question, str(reason), understanding, by_rules=True)
    return _answer_by(queries, question, understanding, data, most_rows)


def read(question: str, understanding: Understanding, history: Sequence[str] = ()) -> list[Asked]:
    """Return what a question can ask; a follow-up is completed from the questions before it.

    Raises:
        UnreadableError: it cannot be read without leaving out a word.
    """
    earlier: list[Asked] = []
    for text in (*history, question):
        is_last = text is question
        try:
            found = _readings(text, understanding, incomplete=bool(earlier))
        except UnreadableError:
            if is_last:
                raise
            found = []
        alone = not any(asked.windows or asked.conditions or asked.groups or asked.grain for asked in found)
        if is_last and history and not earlier and (alone or continues(text)):
            raise UnreadableError("I did not understand the question before it, which it may continue")
        if is_last and refers_back(text) and any(asked.groups and asked.descending is not None for asked in earlier):
            raise UnreadableError("it is not clear which of the rows before are meant: please name them")
        if is_last and history and any(asked.share for asked in found) and not continues(text):
            raise UnreadableError("it is not clear what the share is of")
        earlier = merged(earlier, found, text) if earlier else found
    if not earlier:
        raise UnreadableError("it names nothing that I can count or add up")
    return earlier


def _readings(text: str, understanding: Understanding, *, incomplete: bool) -> list[Asked]:
    parts, unknown = read_parts(text, understanding.names, understanding.today)
    if unknown:
        raise UnreadableError(f"I do not know what {_quoted(unknown)} means in this data")
    found = readings(parts, understanding.catalog, incomplete=incomplete)
    return [reading for asked in found for reading in _by_every_clock(asked, understanding.catalog)]


def _by_every_clock(asked: Asked, catalog: Catalog) -> list[Asked]:
    """The reading, and for a share of rows with a flag also by the time from which the flag is known.

    "On-time rate in October" can mean what was booked or what was delivered in October.
    """
    flags = {each.column.known_at: each.column for each in asked.conditions if asked.share and each.column.known_at}
    open_windows = [window for window in asked.windows if window.clock is None]
    if len(flags) != 1 or not open_windows:
        return [asked]
    ((name, flag),) = flags.items()
    clock = catalog.tables[flag.table].column(str(name))
    later = tuple(replace(window, clock=window.clock or clock) for window in asked.windows)
    return [asked, replace(asked, windows=later)]


# --- queries -----------------------------------------------------------------------------------------------------


def _planned(asked: list[Asked], understanding: Understanding) -> list[Query]:
    """Return the different queries of all readings."""
    found: list[tuple[Asked, Query]] = []
    reason: UnreadableError | None = None
    for reading in asked:
        try:
            found.extend((reading, q) for q in plan_queries(reading, understanding.catalog, understanding.today))
        except UnreadableError as error:
            reason = reason or error
    if not found:
        raise reason or UnreadableError("it combines tables that are not related")
    queries: dict[str, Query] = {}
    for _, query in sorted(_without_strangers(found), key=lambda reading: len(reading[1].joins)):
        queries.setdefault(build_sql(query), query)
    return list(queries.values())


def _without_strangers(found: list[tuple[Asked, Query]]) -> list[tuple[Asked, Query]]:
    """Leave out readings in which a name belongs to another table, if in another reading it belongs to the base itself."""
    kept = found
    for place in range(max(len(asked.chosen) for asked, _ in found)):
        own = [place < len(a.chosen) and a.chosen[place].table == _home(a, q) for a, q in kept]
        homes = {_home(a, q) for (a, q), is_own in zip(kept, own, strict=True) if is_own}
        kept = [
            (a, q)
            for (a, q), is_own in zip(kept, own, strict=True)
            if is_own or _home(a, q) not in homes or place >= len(a.chosen) or a.chosen[place].kind == "table"
        ]
    return kept


def _home(asked: Asked, query: Query) -> str:
    """Return the table whose rows are counted or added up."""
    return asked.figures[0].table if asked.figures else query.base


def _answer_by(queries: list[Query], question: str, understanding: Understanding, data: Data, most_rows: int) -> Answer:
    """Run the queries: if they give the same figures, the first one is the answer; if not, ask back."""
    first = next(iter(understanding.catalog.tables.values()))

    def run(query: Query) -> Answer:
        sql = googlesql.qualify(build_sql(query), first.project, first.dataset)
        return _run(sql, question, None, understanding, data, most_rows)

    found = run(queries[0])
    for other in queries[1:_MOST_WAYS]:
        if found.result is None:
            return found
        second = run(other)
        if second.result is None or not same_rows(second.result.rows, found.result.rows):
            return _asked_back(question, queries[0], other, understanding)
    if len(queries) > _MOST_WAYS:
        return _asked_back(question, queries[0], queries[_MOST_WAYS], understanding)
    notes = " ".join(queries[0].notes)
    return replace(found, text=f"{found.text} {notes}".rstrip()) if found.kind == "built" else found


def _asked_back(question: str, one: Query, other: Query, understanding: Understanding) -> Answer:
    """Return the question back: what distinguishes two readings that give different figures."""
    suggestions = _suggestions(question, understanding)
    if understanding.catalog.language != DEFAULT_LANGUAGE:
        said = labels_of(understanding.catalog.language).agent
        return Answer("unclear", f"{said.two_meanings} {_offered(suggestions, said)}", suggestions=suggestions)
    first = [text for text in one.described() if text not in other.described()] or [f"counted in {one.base}"]
    second = [text for text in other.described() if text not in one.described()] or [f"counted in {other.base}"]
    text = (
        "Your question can mean two things that give different figures: "
        f"1. {'; '.join(first)}. 2. {'; '.join(second)}. Please say which one you mean."
    )
    return Answer("unclear", text, suggestions=suggestions)


def _replay(example: Example, understanding: Understanding, data: Data, most_rows: int) -> Answer:
    found = _run(example.sql, example.question, example, understanding, data, most_rows)
    if found.result is None:
        return found
    said = labels_of(understanding.catalog.language).agent
    return replace(found, text=said.from_verified.format(question=example.question, answer=found.text))


def _run(
    sql: str, title: str, matched: Example | None, understanding: Understanding, data: Data, most_rows: int
) -> Answer:
    catalog = understanding.catalog
    first = next(iter(catalog.tables.values()))
    try:
        checked = checked_select(sql, project=first.project, dataset=first.dataset, tables=frozenset(catalog.tables))
        result = data.run(checked, most_rows).with_units(units_of(checked, catalog.units))
    except (RejectedSqlError, QueryFailedError) as error:
        text = labels_of(catalog.language).agent.failed.format(problem=error)
        return Answer("failed", text, sql=sql, matched=matched)
    text = described(result, title, checked, catalog)
    tables = tuple(googlesql.tables_in(checked))
    return Answer("verified" if matched else "built", text, sql, matched, result, chart_for(result, title), tables)


def described(result: QueryResult, title: str, sql: str, catalog: Catalog) -> str:
    """Return a result in sentences of the context's language. ``title`` is what was asked."""
    if catalog.language == DEFAULT_LANGUAGE:
        headings = trade_headings(result.columns, title, (term.name for term in catalog.terms))
        return describe(result.with_headings(headings), title, sql)
    labels = labels_of(catalog.language)
    return tell(result, labels, headings_in(catalog, labels), title, sql)


def _values(data: Data, column: CatalogColumn, most: int) -> list[str]:
    name = exp.column(exp.to_identifier(column.name))
    select = exp.Select().select(name).distinct().from_(exp.Table(this=exp.to_identifier(column.table)))
    sql = select.where(exp.Not(this=exp.Is(this=name.copy(), expression=exp.Null()))).limit(most).sql("bigquery")
    return sorted(str(row[0]) for row in data.run(sql, most).rows)


# --- refusals ----------------------------------------------------------------------------------------------------


def refusal(question: str, reason: str, understanding: Understanding, *, by_rules: bool = False) -> Answer:
    """Return that a question cannot be answered, why, and what can be asked instead.

    Rules read English only and give their reasons in it; in another language they say that.
    """
    suggestions = _suggestions(question, understanding)
    said = labels_of(understanding.catalog.language).agent
    unread = by_rules and understanding.catalog.language != DEFAULT_LANGUAGE
    text = said.not_understood if unread else said.no_answer.format(reason=reason)
    return Answer("refused", f"{text} {_offered(suggestions, said)}".rstrip(), suggestions=suggestions)


def _offered(suggestions: Sequence[str], said: AgentLabels) -> str:
    listed = " ".join(f"{number}. {text}" for number, text in enumerate(suggestions, start=1))
    return said.could_ask.format(questions=listed) if suggestions else ""


def _suggestions(question: str, understanding: Understanding) -> tuple[str, ...]:
    """Return three questions that certainly have an answer, the most similar to the question first."""
    nearest = [text for text in understanding.verified.nearest(question) if text != question]
    in_english = understanding.catalog.language == DEFAULT_LANGUAGE
    plain = _plain_questions(understanding.catalog) if in_english else []
    return tuple(dict.fromkeys([*nearest, *plain]))[:_SUGGESTIONS]


def _plain_questions(catalog: Catalog) -> list[str]:
    """Return questions made only from the schema, for a context without verified queries."""
    questions = []
    for table in catalog.tables.values():
        name = table.name.replace("_", " ")
        questions.append(f"How many {name} are there?")
        dimension = next((c for c in table.columns if c.role == "dimension"), None)
        if dimension is not None:
            questions.append(f"How many {name} are there by {readable(dimension.name).lower()}?")
    return questions


def _quoted(words: Sequence[str]) -> str:
    quoted = [f"“{word}”" for word in dict.fromkeys(words[:5])]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
