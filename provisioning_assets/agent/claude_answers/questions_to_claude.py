"""Who asks Claude for which demo, and how much: one client a demo, so many questions at once, and pauses after a fault."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets.agent.answer_notes import rules_note, written_note
from provisioning_assets.agent.claude_answers.answering import FreeQuestion, answer_with_claude, shared_texts
from provisioning_assets.agent.understanding.answering import (
    Answer,
    Data,
    Understanding,
    answer_by_rules,
    answer_verified,
)
from provisioning_assets.claude.client import ClaudeClient
from provisioning_assets.claude.errors import ClaudeError, ClaudeUnusableError
from provisioning_assets.claude.faults import PassingFaultError
from provisioning_assets.claude.models import ClaudeUsage

ANSWER_SECONDS = 30.0
"""For all that Claude is asked for one question. Its usual query takes about five."""

CLAUDE_QUERY_SECONDS = 10.0
"""For one query that Claude wrote: with ``ANSWER_SECONDS``, two of them end before the API's clients give up after 60 seconds."""

AT_ONCE = 4
"""Questions that one server puts to Claude at the same time."""

PAUSE_SECONDS = 60.0
"""After a fault of the service, in which other questions do not wait for the same fault."""

GO_ON = "The question is read by rules."


class QuestionsToClaude:
    """Answers the questions of a store's demos: free ones with Claude, and by rules where Claude cannot be used.

    Args:
        client_of: returns who asks Claude for a customer's key.
        most_questions: different questions that are put to Claude at most; None: as many as the budget pays for.
        renewed_after_seconds: a demo's client that is older is made anew when no question uses it, so that a server that runs for
            days sees what other processes spent, and a key or a credit that was mended; None: never.
        answer_seconds, query_seconds: see the constants.
    """

    def __init__(
        self,
        client_of: Callable[[str], ClaudeClient | None],
        *,
        most_questions: int | None = None,
        renewed_after_seconds: float | None = None,
        answer_seconds: float = ANSWER_SECONDS,
        query_seconds: float = CLAUDE_QUERY_SECONDS,
    ) -> None:
        self._client_of = client_of
        self._most_questions = most_questions
        self._renewed_after_seconds = renewed_after_seconds
        self._answer_seconds = answer_seconds
        self._query_seconds = query_seconds
        self._lock = threading.Lock()
        self._at_once = threading.BoundedSemaphore(AT_ONCE)
        self._demos: dict[str, _Demo] = {}

    def answer(
        self,
        key: str,
        context: gda.Context,
        question: str,
        understanding: Understanding,
        data: Data,
        history: list[str],
        most_rows: int,
    ) -> Answer:
        """Answer a question: with a verified query, else with Claude, else by rules. Its notes say who of the two read it.

        Args:
            key: the customer, whose budget is charged.
            context: the published context.
            question, understanding, data, history, most_rows: as for ``understanding.answering.answer``.
        """
        replayed = answer_verified(question, understanding, data, history, most_rows)
        if replayed is not None:
            return replayed
        try:
            with self._using(key) as demo:
                if demo.client is None:
                    return answer_by_rules(question, understanding, data, history, most_rows)
                shared = demo.shared_texts(context, understanding)
                asked = FreeQuestion(question, history, shared, understanding, data, most_rows, self._query_seconds)
                found = self._asked(asked, demo, demo.client)
                return replace(found, notes=(written_note(demo.client.model, found_query=found.sql is not None),))
        except ClaudeError as error:
            reason = error.problem
        except OSError as error:  # without its records, nothing that is spent could be counted
            reason = f"The records of the demo's calls cannot be read or written ({error.strerror or error})."
        found = answer_by_rules(question, understanding, data, history, most_rows)
        return replace(found, notes=(rules_note(reason),))

    def usage(self, key: str) -> ClaudeUsage:
        """Return what the questions of a demo took since the client was made."""
        with self._lock:
            demo = self._demos.get(key)
        return demo.client.usage() if demo is not None and demo.client is not None else ClaudeUsage()

    def _asked(self, asked: FreeQuestion, demo: "_Demo", client: ClaudeClient) -> Answer:
        until = time.monotonic() + self._answer_seconds
        with self._lock:
            if demo.fault is not None and time.monotonic() < demo.paused_until:
                raise ClaudeError(demo.fault, GO_ON)
            if self._most_questions is not None:
                if len(demo.questions | {asked.conversation}) > self._most_questions:
                    raise ClaudeError(f"At most {self._most_questions} questions are put to Claude here.", GO_ON)
                demo.questions.add(asked.conversation)
        if not self._at_once.acquire(timeout=self._answer_seconds):
            raise ClaudeError("Too many questions are put to Claude at the same time.", GO_ON)
        try:
            return answer_with_claude(asked, client, until - time.monotonic())
        except (PassingFaultError, ClaudeUnusableError) as error:
            with self._lock:
                demo.fault, demo.paused_until = error.problem, time.monotonic() + PAUSE_SECONDS
            raise
        finally:
            self._at_once.release()

    @contextmanager
    def _using(self, key: str) -> Iterator["_Demo"]:
        with self._lock:
            demo = self._demos.get(key)
            after = self._renewed_after_seconds
            if demo is None or (after is not None and demo.users == 0 and time.monotonic() > demo.made_at + after):
                demo = self._demos[key] = _Demo(self._client_of(key))
            demo.users += 1
        try:
            yield demo
        finally:
            with self._lock:
                demo.users -= 1


class _Demo:
    """Who asks Claude for one demo, and how that went so far."""

    def __init__(self, client: ClaudeClient | None) -> None:
        self.client = client
        self.made_at = time.monotonic()
        self.users = 0
        self.questions: set[tuple[str, ...]] = set()
        self.fault: str | None = None
        self.paused_until = 0.0
        self._shared: tuple[Understanding, tuple[str, ...]] | None = None

    def shared_texts(self, context: gda.Context, understanding: Understanding) -> tuple[str, ...]:
        """Return what the questions of a context share. It takes a tenth of a second, so that of the last one is kept."""
        kept = self._shared
        if kept is None or kept[0] is not understanding:
            kept = self._shared = (understanding, shared_texts(context, understanding))
        return kept[1]
