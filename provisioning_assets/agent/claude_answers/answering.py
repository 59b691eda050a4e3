"""From a question to an answer with a query that Claude writes: asked, checked, run, repaired once, told in a sentence."""

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets.agent.claude_answers.published_context import context_texts
from provisioning_assets.agent.claude_answers.query_checks import checked_query, missing_values, result_fault
from provisioning_assets.agent.claude_answers.sentences import has_figures, is_plain, sentence_with_rows
from provisioning_assets.agent.claude_answers.written_query import (
    LONGEST_SENTENCE,
    SCHEMA,
    WrittenQuery,
    read_written_query,
)
from provisioning_assets.agent.understanding.answering import (
    Answer,
    Data,
    DataInUseError,
    QueryFailedError,
    Understanding,
    described,
    refusal,
)
from provisioning_assets.agent.understanding.catalog import Catalog
from provisioning_assets.agent.understanding.charts import chart_for
from provisioning_assets.agent.understanding.read_only_sql import RejectedSqlError
from provisioning_assets.claude.client import ClaudeClient, ClaudeRequest, Round
from provisioning_assets.claude.prompts import Prompt, fenced, read_prompt
from provisioning_assets.googlesql import statements as googlesql
from provisioning_assets.googlesql.portability import PORTABLE_FUNCTIONS
from provisioning_assets.googlesql.results import QueryResult
from provisioning_assets.googlesql.units import units_of
from provisioning_assets.labels.catalogue import AgentLabels, labels_of

PART = "answer"
"""What tokens and money of the agent's questions are counted under."""

LONGEST_ANSWER_TOKENS = 2_000
"""A query of 10,000 characters and a sentence have about 3,000 tokens; usual ones 300."""

_ROUNDS = 2
_MOST_EARLIER = 5
_LONGEST_REPAIRED = 40_000
"""Characters of a document that is sent back with its faults. A longer one is not a query."""

_log = logging.getLogger(__name__)


@cache
def answer_prompt() -> Prompt:
    """Return the instructions, from ``agent/prompts/answer.md``."""
    return read_prompt(Path(__file__).parents[1] / "prompts" / "answer.md")


def shared_texts(context: gda.Context, understanding: Understanding) -> tuple[str, ...]:
    """Return what all questions of an agent share: its published context, and the functions that queries may use."""
    functions = ", ".join(sorted(PORTABLE_FUNCTIONS))
    return (f"Functions: {functions}", *context_texts(context, understanding.catalog))


@dataclass(frozen=True)
class FreeQuestion:
    """A question that no verified query answers.

    Args:
        text: as the user wrote it.
        history: the user's earlier questions of this conversation, oldest first.
        shared: the result of ``shared_texts``.
        understanding: the agent's prepared context.
        data: where queries run.
        most_rows: rows that are returned at most.
        query_seconds: after which a query is stopped.
    """

    text: str
    history: Sequence[str]
    shared: tuple[str, ...]
    understanding: Understanding
    data: Data
    most_rows: int
    query_seconds: float

    @property
    def conversation(self) -> tuple[str, ...]:
        """Return the user's questions, this one last."""
        return (*self.history, self.text)


def answer_with_claude(asked: FreeQuestion, client: ClaudeClient, seconds: float) -> Answer:
    """Answer a question with a query that Claude writes, or refuse it.

    Args:
        asked: the question.
        client: who asks Claude.
        seconds: for Claude's answers together.

    Raises:
        ClaudeError: Claude gives no answer at all.
    """
    deadline = time.monotonic() + seconds
    rounds: list[Round] = []
    while True:
        request = ClaudeRequest(
            PART,
            answer_prompt(),
            SCHEMA,
            _own(asked),
            shared=asked.shared,
            rounds=tuple(rounds),
            longest_answer_tokens=LONGEST_ANSWER_TOKENS,
        )
        document = client.ask(request, deadline=deadline).document
        written = read_written_query(document)
        outcome = written if isinstance(written, str) else _carried_out(written, asked, is_first=not rounds)
        if isinstance(outcome, Answer):
            return outcome
        _log.info("the query for %r is not run: %s", asked.text[:200], outcome[:1_000])
        if len(rounds) + 1 == _ROUNDS or len(json.dumps(document)) > _LONGEST_REPAIRED:
            return refusal(asked.text, _said(asked).unwritten, asked.understanding)
        rounds.append(Round(document, fenced("faults", outcome)))


def _own(asked: FreeQuestion) -> str:
    earlier = [fenced("earlier_question", text) for text in asked.history[-_MOST_EARLIER:]]
    today = f"CURRENT_DATE() is {asked.understanding.today.isoformat()}."
    return "\n\n".join([today, *earlier, fenced("question", asked.text)])


def _carried_out(written: WrittenQuery, asked: FreeQuestion, *, is_first: bool) -> Answer | str:
    """Return the answer that a document gives, or what is wrong with its query."""
    if not written.sql.strip():
        return refusal(asked.text, _reason(written.reason) or _said(asked).not_in_the_data, asked.understanding)
    catalog, data = asked.understanding.catalog, asked.data
    try:
        # what may be meant is said once: a filter that no row passes, a division; repeated, it is run
        bare = checked_query(written.sql, catalog, strictly=is_first)
        if is_first and (missing := missing_values(bare, catalog, asked.understanding.names, data)):
            return "\n".join(missing)
        result = data.run(bare, asked.most_rows, asked.query_seconds).with_units(units_of(bare, catalog.units))
    except DataInUseError as error:
        return Answer("failed", _said(asked).failed.format(problem=error), sql=written.sql)
    except (RejectedSqlError, QueryFailedError) as error:
        return str(error)
    fault = result_fault(result)
    if fault is not None:
        return fault
    first = next(iter(catalog.tables.values()))
    return Answer(
        "built",
        _told(written, result, asked.text, bare, catalog),
        googlesql.qualify(bare, first.project, first.dataset),
        result=result,
        chart=chart_for(result, asked.text),
        tables=tuple(googlesql.tables_in(bare)),
    )


def _said(asked: FreeQuestion) -> AgentLabels:
    return labels_of(asked.understanding.catalog.language).agent


def _told(written: WrittenQuery, result: QueryResult, question: str, sql: str, catalog: Catalog) -> str:
    """Return Claude's sentence with the rows' figures, or a plain one if it cannot be trusted."""
    sentence = sentence_with_rows(written.sentence, result, catalog.language) if result.rows else None
    return sentence or described(result, question, sql, catalog)


def _reason(written: str) -> str:
    """Return Claude's reason, if it is a plain one without figures, which would have no rows to stand on; else an empty text."""
    text = written.strip().rstrip(".")
    return text if is_plain(text) and not has_figures(text) and len(text) <= LONGEST_SENTENCE else ""
