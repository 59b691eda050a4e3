"""Answers a question: with a verified query, a query built from the schema, or a refusal with suggestions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Protocol

import sqlglot.expressions as exp
from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn, Example, read_catalog
from provisioning_assets.agent.understanding.charts import chart_for
from provisioning_assets.agent.understanding.data_names import DataNames, build_data_names
from provisioning_assets.agent.understanding.query_plan import NotAnswerableError, plan_query
from provisioning_assets.agent.understanding.read_only_sql import RejectedSqlError, checked_select
from provisioning_assets.agent.understanding.reading import AskedQuestion, read_question
from provisioning_assets.agent.understanding.sql_building import build_sql
from provisioning_assets.agent.understanding.verified import Match, VerifiedQueries, read_verified
from provisioning_assets.agent.understanding.wording import describe, readable, units_of
from provisioning_assets.googlesql import statements as googlesql
from provisioning_assets.googlesql.results import QueryResult

_SUGGESTIONS = 3


class QueryFailedError(Exception):
    """The data set could not answer a query. The message is suitable for the user."""


class Data(Protocol):
    """The data set behind an agent."""

    @property
    def today(self) -> date:
        """Return the data set's current date, the value of CURRENT_DATE()."""
        ...

    def run(self, sql: str, most_rows: int) -> QueryResult:
        """Run one checked GoogleSQL SELECT with bare table names. Raises QueryFailedError if it fails."""
        ...


@dataclass(frozen=True)
class Answer:
    """The agent's answer."""

    kind: Literal["verified", "built", "refused", "failed"]
    text: str
    sql: str | None = None
    matched: Example | None = None
    result: QueryResult | None = None
    chart: dict[str, Any] | None = None
    tables: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Understanding:
    """A context prepared for questions: catalog, vocabulary with the data's values, verified queries."""

    catalog: Catalog
    vocabulary: DataNames
    verified: VerifiedQueries
    today: date


def understand(context: gda.Context, data: Data) -> Understanding:
    """Read a context and the values of its dimensions. This runs one query per dimension, so keep the result."""
    catalog = read_catalog(context)
    vocabulary = build_data_names(catalog, lambda column, most: _values(data, column, most))
    return Understanding(catalog, vocabulary, read_verified(catalog, vocabulary, data.today), data.today)


def answer(
    question: str, understanding: Understanding, data: Data, history: Sequence[str] = (), most_rows: int = 1000
) -> Answer:
    """Answer one question.

    Args:
        question: as the user wrote it.
        understanding: the agent's prepared context.
        data: where queries run.
        history: the user's earlier questions of this conversation, oldest first; they complete a follow-up such as
            "and by region?".
        most_rows: maximum number of rows returned.
    """
    reading = read_question(question, understanding.catalog, understanding.vocabulary, understanding.today)
    earlier = _conversation(history, understanding)
    follows = earlier is not None and _is_follow_up(reading)
    if follows and earlier is not None:
        reading = continue_reading(earlier, reading)
    match = None if follows and reading.elliptical else understanding.verified.match(question)
    if match and match.certain:
        return _replay(match, understanding, data, most_rows)
    try:
        sql, notes = _build(reading, understanding.catalog)
    except NotAnswerableError as reason:
        if match and match.likely:
            replayed = _replay(match, understanding, data, most_rows)
            return replace(replayed, text=f"I took this as “{match.example.question}” {replayed.text}")
        return _refusal(question, str(reason), understanding)
    answered = _run(sql, question, None, understanding, data, most_rows)
    return replace(answered, text=f"{answered.text} {notes}".rstrip()) if answered.kind == "built" else answered


# --- conversations -----------------------------------------------------------------------------------------------


def _conversation(history: Sequence[str], understanding: Understanding) -> AskedQuestion | None:
    """Return what the conversation so far asks. Each follow-up is completed from the question before it."""
    so_far: AskedQuestion | None = None
    for question in history:
        reading = read_question(question, understanding.catalog, understanding.vocabulary, understanding.today)
        so_far = continue_reading(so_far, reading) if so_far is not None and _is_follow_up(reading) else reading
    return so_far


def _is_follow_up(reading: AskedQuestion) -> bool:
    complete = reading.measures or reading.moment or reading.listing
    return reading.elliptical or (
        not complete and bool(reading.dimensions or reading.filters or reading.windows or reading.grain)
    )


def continue_reading(earlier: AskedQuestion, later: AskedQuestion) -> AskedQuestion:
    """Complete a follow-up from the question before it: what the follow-up does not mention is taken from there."""
    regrouped = bool(later.dimensions or later.grain)
    replaced = {column.key for wanted in later.filters for column, _ in wanted.choices}
    kept = tuple(f for f in earlier.filters if not any(column.key in replaced for column, _ in f.choices))
    times = replace(
        later.times,
        windows=later.windows or earlier.windows,
        grain=later.grain or (None if regrouped else earlier.grain),
        rolling=later.times.rolling if later.windows else earlier.times.rolling,
    )
    return replace(
        later,
        measures=later.measures or earlier.measures,
        dimensions=later.dimensions if regrouped else earlier.dimensions,
        filters=(*kept, *later.filters),
        times=times,
        time_columns=later.time_columns or earlier.time_columns,
        mentioned_tables=later.mentioned_tables or earlier.mentioned_tables,
        limit=later.limit or (None if regrouped else earlier.limit),
        descending=later.descending if later.descending is not None else (None if regrouped else earlier.descending),
        share=later.share or earlier.share,
        per_table=later.per_table or earlier.per_table,
    )


# --- queries -----------------------------------------------------------------------------------------------------


def _build(reading: AskedQuestion, catalog: Catalog) -> tuple[str, str]:
    """Return the SQL of a reading, and notes for the user."""
    if reading.beyond:
        raise NotAnswerableError(f"I can show figures, but not answer “{reading.beyond[0]}”")
    if reading.unexplained:
        raise NotAnswerableError(f"I do not know what {_quoted(reading.unexplained)} means in this data")
    if _ranks_a_duration(reading):
        raise NotAnswerableError("I can count events by date, but I cannot compute how long they took")
    plan = plan_query(reading, catalog)
    first = next(iter(catalog.tables.values()))
    notes = [
        f"{'Only' if f.values[0] else 'Without'} {f.column.table} where {f.column.name} is true." for f in plan.standing
    ]
    return googlesql.qualify(build_sql(plan, catalog), first.project, first.dataset), " ".join(notes)


def _ranks_a_duration(reading: AskedQuestion) -> bool:
    """Return whether a moment is ranked without any period or figure, as in "longest delivery time"."""
    dated = reading.windows or reading.grain or reading.weekday or reading.moment or reading.listing
    figures = any(measure.columns for measure in reading.measures)
    return bool(reading.time_columns) and reading.descending is not None and not (dated or figures)


def _replay(match: Match, understanding: Understanding, data: Data, most_rows: int) -> Answer:
    return _run(match.example.sql, match.example.question, match.example, understanding, data, most_rows)


def _run(
    sql: str, title: str, matched: Example | None, understanding: Understanding, data: Data, most_rows: int
) -> Answer:
    catalog = understanding.catalog
    first = next(iter(catalog.tables.values()))
    try:
        checked = checked_select(sql, project=first.project, dataset=first.dataset, tables=frozenset(catalog.tables))
        result = data.run(checked, most_rows)
    except (RejectedSqlError, QueryFailedError) as error:
        return Answer("failed", f"The query could not be run: {error}.", sql=sql, matched=matched)
    text = describe(result, units_of(checked, catalog.units))
    tables = tuple(googlesql.tables_in(checked))
    return Answer("verified" if matched else "built", text, sql, matched, result, chart_for(result, title), tables)


def _values(data: Data, column: CatalogColumn, most: int) -> list[str]:
    name = exp.column(exp.to_identifier(column.name))
    select = exp.Select().select(name).distinct().from_(exp.Table(this=exp.to_identifier(column.table)))
    sql = select.where(exp.Not(this=exp.Is(this=name.copy(), expression=exp.Null()))).limit(most).sql("bigquery")
    return sorted(str(row[0]) for row in data.run(sql, most).rows)


# --- refusals ----------------------------------------------------------------------------------------------------


def _refusal(question: str, reason: str, understanding: Understanding) -> Answer:
    suggestions = _suggestions(question, understanding)
    offered = " ".join(f"{number}. {text}" for number, text in enumerate(suggestions, start=1))
    text = f"I cannot answer that: {reason}. You could ask: {offered}"
    return Answer("refused", text, suggestions=suggestions)


def _suggestions(question: str, understanding: Understanding) -> tuple[str, ...]:
    """Return three questions that certainly have an answer, the most similar to the question first."""
    nearest = [text for text in understanding.verified.nearest(question) if text != question]
    return tuple(dict.fromkeys([*nearest, *_plain_questions(understanding.catalog)]))[:_SUGGESTIONS]


def _plain_questions(catalog: Catalog) -> list[str]:
    """Return questions made only from the schema, for a context without verified queries."""
    questions = []
    for table in catalog.tables.values():
        name = table.name.replace("_", " ")
        questions.append(f"How many {name} are there?")
        dimension = next((c for c in table.columns if c.role == "dimension"), None)
        if dimension is not None:
            questions.append(f"How many {name} are there by {readable(dimension.name).lower()}?")
        measure = next((c for c in table.columns if c.role == "measure" and c.aggregation == "sum"), None)
        if measure is not None and table.time is not None:
            questions.append(f"What is the total {readable(measure.name).lower()} of {name} by month?")
    return questions


def _quoted(words: Sequence[str]) -> str:
    quoted = [f"“{word}”" for word in words[:5]]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
