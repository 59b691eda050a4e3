"""Answers a chat request: selects the context, adds the earlier questions, and builds the messages of the answer."""

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from google.cloud import geminidataanalytics_v1 as gda
from google.protobuf import struct_pb2

from provisioning_assets.agent.claude_answers.questions_to_claude import QuestionsToClaude
from provisioning_assets.agent.local_server.api_errors import invalid, precondition
from provisioning_assets.agent.local_server.context_limits import check_context
from provisioning_assets.agent.local_server.conversations import Conversations
from provisioning_assets.agent.local_server.data_agents import DataAgents
from provisioning_assets.agent.local_server.datasets import Datasets, StoredData, key_of_dataset
from provisioning_assets.agent.local_server.resource_names import id_in_name
from provisioning_assets.agent.understanding.answering import (
    Answer,
    DataInUseError,
    QueryFailedError,
    Understanding,
    answer,
    understand,
)
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.googlesql.results import QueryResult

# Limit of this server, not of the API: a question is a sentence, not a document.
LONGEST_QUESTION_BYTES = 8_000
MOST_MESSAGES = 500
MOST_ROWS = 1_000
_MOST_UNDERSTOOD = 32
# Numbers in a struct are doubles. Above this, an integer would change silently, so it is sent as text.
_EXACT_INTEGER = 2**53


class Chat:
    """Answers chat requests with the agents and data sets of one store.

    Args:
        agents, conversations, datasets: of the store.
        claude: answers what no verified query answers; None: rules do.
    """

    def __init__(
        self,
        agents: DataAgents,
        conversations: Conversations,
        datasets: Datasets,
        claude: QuestionsToClaude | None = None,
    ) -> None:
        self._agents, self._conversations, self._datasets = agents, conversations, datasets
        self._claude = claude
        self._understood: OrderedDict[str, Understanding] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, request: gda.ChatRequest) -> list[gda.Message]:
        """Return the messages of the answer, in the order in which they are streamed.

        Raises:
            ApiError: 400 or 404, the request is invalid or refers to something that does not exist.
        """
        question, history = self._question(request)
        context = self._context(request)
        data = self._data(context)
        try:
            understanding = self._understanding(context, data)
        except DataInUseError as error:
            raise precondition(f"{error}.") from error
        except QueryFailedError as error:
            raise precondition(f"The data set does not match the agent's context: {error}.") from error
        found = self._answer(question, history, context, understanding, data)
        messages = answer_messages(question, found, context)
        if "conversation_reference" in request:
            asked = gda.Message(user_message=gda.UserMessage(text=question), timestamp=datetime.now(UTC))
            conversation = id_in_name(request.conversation_reference.conversation, "conversations")
            self._conversations.remember(conversation, [asked, *messages])
        return messages

    def _answer(
        self, question: str, history: list[str], context: gda.Context, understanding: Understanding, data: StoredData
    ) -> Answer:
        if self._claude is None:
            return answer(question, understanding, data, history, MOST_ROWS)
        key = key_of_dataset(understanding.catalog.dataset)
        return self._claude.answer(key, context, question, understanding, data, history, MOST_ROWS)

    def _question(self, request: gda.ChatRequest) -> tuple[str, list[str]]:
        if not request.messages:
            raise invalid("messages is required.")
        if len(request.messages) > MOST_MESSAGES:
            raise invalid(f"messages has {len(request.messages)} entries; at most {MOST_MESSAGES}.")
        if not request.messages[-1].user_message.text.strip():
            raise invalid("The last entry of messages must be a user_message with text.")
        asked = [m.user_message.text for m in request.messages if m.user_message.text.strip()]
        for text in asked:
            if len(text.encode()) > LONGEST_QUESTION_BYTES:
                raise invalid(f"A user_message has {len(text.encode())} bytes; at most {LONGEST_QUESTION_BYTES}.")
        history = asked[:-1]
        if "conversation_reference" in request:
            identifier = id_in_name(request.conversation_reference.conversation, "conversations")
            self._conversations.get(identifier)
            remembered = self._conversations.remembered(identifier)
            history = [m.message.user_message.text for m in remembered if m.message.user_message.text] + history
        return asked[-1], history

    def _context(self, request: gda.ChatRequest) -> gda.Context:
        if "inline_context" in request:
            context = request.inline_context
        elif "client_managed_resource_context" in request:
            context = request.client_managed_resource_context.inline_context
        elif "data_agent_context" in request:
            return self._agent_context(request.data_agent_context)
        elif "conversation_reference" in request:
            return self._agent_context(request.conversation_reference.data_agent_context)
        else:
            raise invalid("One of inline_context, data_agent_context and conversation_reference is required.")
        check_context(context, "inline_context")
        return context

    def _agent_context(self, reference: gda.DataAgentContext) -> gda.Context:
        agent = self._agents.get(id_in_name(reference.data_agent, "dataAgents"))
        staging = reference.context_version == gda.DataAgentContext.ContextVersion.STAGING
        name = "staging_context" if staging else "published_context"
        context = getattr(agent.data_analytics_agent, name)
        if not context.datasource_references.bq.table_references:
            raise precondition(f"The agent {agent.name} has no {name}.")
        return context

    def _data(self, context: gda.Context) -> StoredData:
        table = context.datasource_references.bq.table_references[0]
        return self._datasets.open(table.project_id, table.dataset_id)

    def _understanding(self, context: gda.Context, data: StoredData) -> Understanding:
        """Return the parsed context. It is parsed once for each version of context and data."""
        digest = hashlib.sha256(gda.Context.serialize(context)).hexdigest()
        key = f"{digest}-{data.version}"
        with self._lock:
            if key not in self._understood:
                self._understood[key] = understand(context, data)
                while len(self._understood) > _MOST_UNDERSTOOD:
                    self._understood.popitem(last=False)
            self._understood.move_to_end(key)
            return self._understood[key]


# --- messages ----------------------------------------------------------------------------------------------------


def answer_messages(question: str, found: Answer, context: gda.Context) -> list[gda.Message]:
    """Return an answer as the API's system messages: schema, how it came about, data, chart, text."""
    messages = [_system(schema=gda.SchemaMessage(query=gda.SchemaQuery(question=question)))]
    progress = gda.TextMessage.TextType.PROGRESS
    messages += [_system(text=gda.TextMessage(parts=[note], text_type=progress)) for note in found.notes]
    tables = [t for t in context.datasource_references.bq.table_references if t.table_id in found.tables]
    if tables:
        read = [_datasource(table, _read_columns(table.schema, found.sql or "")) for table in tables]
        messages.append(_system(schema=gda.SchemaMessage(result=gda.SchemaResult(datasources=read))))
    if found.sql is not None:
        sources = [_datasource(table) for table in tables]
        query = gda.DataQuery(question=question, name=_result_name(found), datasources=sources)
        messages.append(_system(data=gda.DataMessage(query=query)))
        if found.matched is not None:
            example = gda.ExampleQuery(natural_language_question=found.matched.question, sql_query=found.matched.sql)
            messages.append(_system(data=gda.DataMessage(matched_query=gda.MatchedQuery(example_query=example))))
        messages.append(_system(data=gda.DataMessage(generated_sql=found.sql)))
    if found.kind == "failed":
        return [*messages, _system(error=gda.ErrorMessage(text=found.text)), _text(found.text)]
    if found.result is not None:
        messages.append(_system(data=gda.DataMessage(result=data_result(found.result, _result_name(found)))))
    if found.chart is not None:
        instructions = gda.ChartQuery(instructions=f"Draw {question}", data_result_name=_result_name(found))
        messages.append(_system(chart=gda.ChartMessage(query=instructions)))
        chart = gda.ChartResult()
        gda.ChartResult.pb(chart).vega_config.update(found.chart)
        messages.append(_system(chart=gda.ChartMessage(result=chart)))
    messages.append(_text(found.text))
    if found.suggestions:
        kind = gda.TextMessage.TextType.FOLLOWUP_QUESTIONS
        messages.append(_system(text=gda.TextMessage(parts=list(found.suggestions), text_type=kind)))
    return messages


def data_result(result: QueryResult, name: str) -> gda.DataResult:
    """Return the rows as an API message: one struct per row, with the column names as keys."""
    fields = [gda.Field(name=column.name, type_=column.type, mode="NULLABLE") for column in result.columns]
    wire = gda.DataResult(name=name, schema=gda.Schema(fields=fields))
    names = [column.name for column in result.columns]
    wire.data.extend(_struct(names, row) for row in result.rows)
    return wire


def _struct(names: Sequence[str], row: Sequence[Scalar]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    values: dict[str, Any] = {
        name: str(value)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT_INTEGER
        else value
        for name, value in zip(names, row, strict=True)
    }
    struct.update(values)
    return struct


def _system(**kind: Any) -> gda.Message:
    return gda.Message(system_message=gda.SystemMessage(**kind), timestamp=datetime.now(UTC))


def _text(text: str) -> gda.Message:
    return _system(text=gda.TextMessage(parts=[text], text_type=gda.TextMessage.TextType.FINAL_RESPONSE))


def _result_name(found: Answer) -> str:
    columns = [column.name for column in found.result.columns] if found.result is not None else []
    return "_by_".join(reversed(columns[:2])) or "result"


def _datasource(table: gda.BigQueryTableReference, schema: gda.Schema | None = None) -> gda.Datasource:
    reference = gda.BigQueryTableReference(
        project_id=table.project_id, dataset_id=table.dataset_id, table_id=table.table_id
    )
    return gda.Datasource(bigquery_table_reference=reference, schema=schema)


def _read_columns(schema: gda.Schema, sql: str) -> gda.Schema:
    """Return names and types of the columns that a query names.

    The client of the API takes a response apart character by character, so that whole schemas were most of an answer's time.
    """
    named = set(re.findall(r"\w+", sql))
    return gda.Schema(fields=[gda.Field(name=f.name, type_=f.type_) for f in schema.fields if f.name in named])
