"""Asks a data agent a question through the real client and reads its streamed messages into one typed answer."""

import re
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from google.api_core.exceptions import BadRequest, Forbidden, GoogleAPICallError, Unauthorized
from google.auth.exceptions import GoogleAuthError
from google.cloud import geminidataanalytics_v1 as gda
from google.protobuf import json_format
from pydantic import Field

from provisioning_assets.agent.answer_notes import Reader, reader_in
from provisioning_assets.agent.clients import CALL_SECONDS, patiently
from provisioning_assets.agent.models import ChatQuota
from provisioning_assets.agent.service_errors import told
from provisioning_assets.artefact import Document
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.googlesql.results import ResultColumn

# The client puts "POST https://..." before the server's message.
_ADDRESS = re.compile(r"^[A-Z]+ https?://\S+: ")


class AgentAnswer(Document):
    """The agent's answer to one question."""

    question: str
    text: str = Field(description="the final response, as the user reads it")
    sql: str | None = Field(default=None, description="the GoogleSQL query that was run")
    columns: list[ResultColumn] = Field(default_factory=list)
    rows: list[list[Scalar]] = Field(default_factory=list)
    chart: dict[str, Any] | None = Field(default=None, description="Vega-Lite specification")
    matched_query: bool = Field(default=False, description="whether a verified query was replayed")
    matched_question: str | None = Field(default=None, description="the question of the verified query")
    suggestions: list[str] = Field(default_factory=list, description="questions the agent offers instead")
    answered_by: Reader | None = Field(
        default=None,
        exclude_if=lambda reader: reader is None,
        description="who read the question, if the server has a key for Claude and no verified query was replayed",
    )
    without_claude_because: str | None = Field(
        default=None, exclude_if=lambda why: why is None, description="why Claude did not answer, if it was to"
    )
    error: str | None = Field(default=None, description="why there is no answer: the call or the query failed")
    seconds: float = Field(description="from the call to the last message, seconds")

    @property
    def understood(self) -> bool:
        """Return whether a query was run and returned rows."""
        return self.error is None and self.sql is not None


def ask_all(
    client: gda.DataChatServiceClient, agent_name: str, questions: Sequence[str], quota: ChatQuota
) -> list[AgentAnswer]:
    """Ask the agent several questions, each in a conversation of its own; returns the answers in their order."""
    begin = _Pace(quota.per_minute)

    def answer(question: str) -> AgentAnswer:
        begin.wait()
        return ask(client, agent_name, question)

    if quota.at_once == 1:
        return [answer(question) for question in questions]
    with ThreadPoolExecutor(quota.at_once, thread_name_prefix="ask") as pool:
        return list(pool.map(answer, questions))


class _Pace:
    """Lets one caller pass at a time, so that in a minute no more than ``per_minute`` pass."""

    def __init__(self, per_minute: float | None) -> None:
        self._seconds = 60 / per_minute if per_minute else 0.0
        self._next = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            pause = max(0.0, self._next - now)
            self._next = max(self._next, now) + self._seconds
        time.sleep(pause)


def ask(client: gda.DataChatServiceClient, agent_name: str, question: str, history: Sequence[str] = ()) -> AgentAnswer:
    """Ask the published agent one question.

    Args:
        client: the real chat client.
        agent_name: ``projects/P/locations/L/dataAgents/ID``.
        question: plain English.
        history: the user's earlier questions of this conversation, oldest first.

    Returns:
        the answer. A call that still fails after the retries for a busy service gives an answer with ``error``.

    Raises:
        ProvisioningError: this process may not ask the agent.
    """
    parent = agent_name.rsplit("/dataAgents/", 1)[0]
    request = gda.ChatRequest(
        parent=parent,
        data_agent_context=gda.DataAgentContext(data_agent=agent_name),
        messages=[gda.Message(user_message=gda.UserMessage(text=text)) for text in (*history, question)],
    )
    started = time.perf_counter()
    try:
        messages: list[gda.Message] = []
        for attempt in patiently():
            with attempt:
                messages = list(client.chat(request=request, timeout=CALL_SECONDS))
    except (Forbidden, Unauthorized, GoogleAuthError) as error:  # every other question would fail in the same way
        raise told(error, agent_name) from error
    except (GoogleAPICallError, requests.RequestException) as error:
        return AgentAnswer(question=question, text="", error=_reason(error), seconds=time.perf_counter() - started)
    return read_answer(question, messages, time.perf_counter() - started)


def _reason(error: Exception) -> str:
    """Return why a call failed: of a precondition only the server's sentence, of other errors also code and address."""
    if isinstance(error, BadRequest):
        return _ADDRESS.sub("", error.message or "")
    return str(error)


def read_answer(question: str, messages: Iterable[gda.Message], seconds: float) -> AgentAnswer:
    """Return one answer from the system messages of a chat. ``seconds`` is the duration of the call."""
    answer = AgentAnswer(question=question, text="", seconds=seconds)
    final = gda.TextMessage.TextType
    for message in messages:
        said = message.system_message
        if "text" in said:
            if said.text.text_type in (final.FINAL_RESPONSE, final.TEXT_TYPE_UNSPECIFIED):
                answer.text = "\n".join(filter(None, [answer.text, "".join(said.text.parts)]))
            elif said.text.text_type == final.FOLLOWUP_QUESTIONS:
                answer.suggestions.extend(said.text.parts)
            elif said.text.text_type == final.PROGRESS and (read := reader_in("".join(said.text.parts))):
                answer.answered_by, answer.without_claude_because = read[0], read[1] or None
        elif "data" in said:
            _read_data(answer, said.data)
        elif "chart" in said and "result" in said.chart:
            wire = gda.ChartResult.pb(said.chart.result).vega_config
            answer.chart = json_format.MessageToDict(wire) or None
        elif "error" in said:
            answer.error = said.error.text
    return answer


def _read_data(answer: AgentAnswer, data: gda.DataMessage) -> None:
    if "generated_sql" in data:
        answer.sql = data.generated_sql
    elif "matched_query" in data:
        answer.matched_query = True
        answer.matched_question = data.matched_query.example_query.natural_language_question
        answer.sql = answer.sql or data.matched_query.example_query.sql_query
    elif "result" in data:
        # an agent may query again after an error; the last result is used
        answer.error = None
        answer.columns = [ResultColumn(name=field.name, type=field.type_) for field in data.result.schema.fields]
        answer.rows = [
            [_scalar(row.get(column.name), column.type) for column in answer.columns]
            for row in (json_format.MessageToDict(struct) for struct in gda.DataResult.pb(data.result).data)
        ]


def _scalar(value: Any, kind: str) -> Scalar:
    """Convert a struct's value to its column's type. Numbers arrive as doubles, exact numbers as text."""
    if value is None or isinstance(value, bool):
        return value
    if kind in ("INT64", "INTEGER"):
        return int(value)
    if kind in ("NUMERIC", "BIGNUMERIC", "FLOAT64", "FLOAT"):
        return float(value)
    return value if isinstance(value, str) else str(value)
