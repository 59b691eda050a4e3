"""Chat through the real client: what is streamed, where the context comes from, and what is refused."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.api_core import exceptions
from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets.agent.asking import ask, read_answer
from provisioning_assets.agent.clients import AgentClients, connect
from provisioning_assets.agent.local_server.resource_names import PARENT
from provisioning_assets.agent.local_server.serving import running_server
from provisioning_assets.googlesql.duckdb_queries import run_query
from provisioning_assets_tests.agent import small_shop

FINAL, FOLLOW_UPS = gda.TextMessage.TextType.FINAL_RESPONSE, gda.TextMessage.TextType.FOLLOWUP_QUESTIONS


def said(text: str) -> gda.Message:
    return gda.Message(user_message=gda.UserMessage(text=text))


def chat(clients: AgentClients, *texts: str, **provider: Any) -> list[gda.Message]:
    request = gda.ChatRequest(parent=PARENT, messages=[said(text) for text in texts], **provider)
    return list(clients.chat.chat(request=request))


def kinds(messages: list[gda.Message]) -> list[str]:
    found = []
    for message in messages:
        kind = gda.SystemMessage.pb(message.system_message).WhichOneof("kind")
        inner = getattr(gda.SystemMessage.pb(message.system_message), kind)
        oneof = inner.WhichOneof("kind") if kind in ("schema", "data", "chart") else None
        found.append(f"{kind}.{oneof}" if oneof else kind)
    return found


def test_a_verified_question_is_replayed_as_written(clients: AgentClients, shop_agent, context) -> None:
    agent = gda.DataAgentContext(data_agent=shop_agent.name)
    messages = chat(clients, small_shop.QUESTIONS[0].question, data_agent_context=agent)
    assert kinds(messages) == [
        "schema.query",
        "schema.result",
        "data.query",
        "data.matched_query",
        "data.generated_sql",
        "data.result",
        "chart.query",
        "chart.result",
        "text",
    ]
    matched = messages[3].system_message.data.matched_query.example_query
    assert matched == context.example_queries[0]
    assert messages[4].system_message.data.generated_sql == context.example_queries[0].sql_query
    tables = [d.bigquery_table_reference.table_id for d in messages[1].system_message.schema.result.datasources]
    assert tables == ["orders"]


def test_rows_arrive_as_the_data_set_has_them(clients: AgentClients, shop_agent, store: Path) -> None:
    answer = ask(clients.chat, shop_agent.name, small_shop.QUESTIONS[0].question)
    expected = run_query(store / small_shop.KEY / "dataset.duckdb", small_shop.QUESTIONS[0].sql, as_of=small_shop.AS_OF)
    assert answer.columns == expected.columns
    assert answer.rows == expected.rows
    assert answer.matched_query
    assert answer.matched_question == small_shop.QUESTIONS[0].question
    assert answer.chart is not None
    assert answer.chart["mark"]["type"] == "line"
    assert len(answer.chart["data"]["values"]) == 12
    assert "€" in answer.text


def test_a_question_not_in_the_plan_is_built_and_not_called_verified(clients: AgentClients, shop_agent) -> None:
    answer = ask(clients.chat, shop_agent.name, "average rating by region this year")
    assert not answer.matched_query
    assert answer.sql is not None
    assert "CURRENT_DATE()" in answer.sql
    assert "`local`.`demo_small__shop_com`.orders" in answer.sql
    assert sorted(str(row[0]) for row in answer.rows) == ["East", "North", "South"]
    assert answer.chart is not None
    assert answer.chart["mark"]["type"] == "bar"


def test_a_question_not_understood_is_refused_with_three_others(clients: AgentClients, shop_agent) -> None:
    messages = chat(
        clients, "revenue by astronaut", data_agent_context=gda.DataAgentContext(data_agent=shop_agent.name)
    )
    assert kinds(messages) == ["schema.query", "text", "text"]
    final, offered = messages[1].system_message.text, messages[2].system_message.text
    assert (final.text_type, offered.text_type) == (FINAL, FOLLOW_UPS)
    assert "“astronaut”" in final.parts[0]
    assert len(offered.parts) == 3
    for question in offered.parts:
        assert ask(clients.chat, shop_agent.name, question).rows


def test_a_conversation_goes_on(clients: AgentClients, shop_agent) -> None:
    first = ask(clients.chat, shop_agent.name, "revenue by channel last month")
    assert {row[0] for row in first.rows} == set(small_shop.CHANNELS)
    history = ["revenue by channel last month"]
    by_region = ask(clients.chat, shop_agent.name, "and by region?", history)
    assert by_region.columns[0].name == "region"
    assert sum(row[1] for row in by_region.rows) == pytest.approx(sum(row[1] for row in first.rows))  # pyright: ignore[reportArgumentType, reportOptionalOperand, reportOperatorIssue, reportCallIssue]
    north = ask(clients.chat, shop_agent.name, "only for the North", [*history, "and by region?"])
    assert [row[0] for row in north.rows] == ["North"]
    orders = ask(clients.chat, shop_agent.name, "what about the number of orders?", [*history, "and by region?"])
    assert orders.columns[1].name == "orders_count"
    quarter = ask(clients.chat, shop_agent.name, "and in 2025?", history)
    assert "2025" in (quarter.sql or "")


def test_an_inline_context_needs_no_agent(clients: AgentClients, context) -> None:
    for provider in (
        {"inline_context": context},
        {"client_managed_resource_context": gda.ClientManagedResourceContext(inline_context=context)},
    ):
        answer = read_answer("q", chat(clients, "How many customers are there?", **provider), 0)
        assert answer.rows == [[180]]


def test_a_context_without_tags_is_read_by_its_types(clients: AgentClients, context) -> None:
    bare = gda.Context(context)
    del bare.example_queries[:]
    for table in bare.datasource_references.bq.table_references:
        del table.schema.tags[:]
        for field in table.schema.fields:
            del field.tags[:]
    answer = read_answer("q", chat(clients, "total order total by channel", inline_context=bare), 0)
    assert {row[0] for row in answer.rows} == set(small_shop.CHANNELS)
    refused = read_answer("q", chat(clients, "revenue by astronaut", inline_context=bare), 0)
    assert len(refused.suggestions) == 3


def test_staging_and_published_are_two_contexts(clients: AgentClients, context) -> None:
    staging = gda.Context(context)
    del staging.datasource_references.bq.table_references[1:]
    del staging.schema_relationships[:]
    created = clients.agents.create_data_agent_sync(
        parent=PARENT,
        data_agent_id="two-contexts",
        data_agent=gda.DataAgent(
            data_analytics_agent=gda.DataAnalyticsAgent(staging_context=staging, published_context=context)
        ),
    )
    version = gda.DataAgentContext.ContextVersion
    question = "How many customers are there?"
    published = gda.DataAgentContext(data_agent=created.name, context_version=version.PUBLISHED)
    assert read_answer(question, chat(clients, question, data_agent_context=published), 0).rows == [[180]]
    staged = gda.DataAgentContext(data_agent=created.name, context_version=version.STAGING)
    assert read_answer(question, chat(clients, question, data_agent_context=staged), 0).sql is None
    clients.agents.delete_data_agent_sync(name=created.name)
    with pytest.raises(exceptions.NotFound):
        chat(clients, question, data_agent_context=published)


def test_an_agent_without_a_context_cannot_be_asked(clients: AgentClients) -> None:
    created = clients.agents.create_data_agent_sync(parent=PARENT, data_agent_id="empty", data_agent=gda.DataAgent())
    with pytest.raises(exceptions.BadRequest, match="no published_context"):
        chat(clients, "How many?", data_agent_context=gda.DataAgentContext(data_agent=created.name))


def test_a_data_set_that_is_not_there_is_a_failed_precondition(clients: AgentClients, context) -> None:
    for dataset in ("demo_other_com", "demo_..", "demo_small__shop_com/../x", "other"):
        elsewhere = gda.Context(context)
        del elsewhere.schema_relationships[:]
        for table in elsewhere.datasource_references.bq.table_references:
            table.dataset_id = dataset
        with pytest.raises(exceptions.BadRequest, match="not in this store"):
            chat(clients, "How many customers are there?", inline_context=elsewhere)


def test_a_context_with_columns_that_are_not_in_the_data_is_refused(clients: AgentClients, context) -> None:
    wrong = gda.Context(context)
    wrong.datasource_references.bq.table_references[0].schema.fields.append(
        gda.Field(name="colour", type_="STRING", tags=["role:dimension"])
    )
    with pytest.raises(exceptions.BadRequest, match="does not match"):
        chat(clients, "How many customers are there?", inline_context=wrong)


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE orders",
        "SELECT 1; SELECT 2",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM other.orders",
        "SELECT * FROM customers_of_others",
        "not sql at all (",
        "DELETE FROM orders",
        "SELECT getenv('HOME') FROM orders",
        "SELECT no_such_column FROM orders",
        "SELECT current_setting('temp_directory') FROM orders",
    ],
)
def test_a_verified_query_that_may_not_run_is_an_error_and_nothing_else(
    clients: AgentClients, context, store: Path, sql: str
) -> None:
    hostile = gda.Context(context)
    hostile.example_queries.insert(
        0, gda.ExampleQuery(natural_language_question="What is forbidden here?", sql_query=sql)
    )
    before = (store / small_shop.KEY / "dataset.duckdb").read_bytes()
    messages = chat(clients, "What is forbidden here?", inline_context=hostile)
    assert kinds(messages)[-2:] == ["error", "text"]
    answer = read_answer("q", messages, 0)
    assert answer.error is not None
    assert answer.rows == []
    assert (store / small_shop.KEY / "dataset.duckdb").read_bytes() == before


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ((), "messages is required"),
        (("",), "must be a user_message"),
        (("ok", "   "), "must be a user_message"),
        (("x" * 8_001,), "at most 8000"),
        (("hello",) * 501, "at most 500"),
    ],
)
def test_a_chat_without_a_proper_question_is_refused(
    clients: AgentClients, context, texts: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(exceptions.BadRequest, match=problem):
        chat(clients, *texts, inline_context=context)


def test_a_chat_without_a_context_or_with_a_strange_agent_is_refused(clients: AgentClients) -> None:
    with pytest.raises(exceptions.BadRequest, match="inline_context"):
        chat(clients, "How many?")
    for name, error in (
        ("agent", exceptions.BadRequest),
        ("projects/p/locations/l/dataAgents/a", exceptions.Forbidden),
        (f"{PARENT}/dataAgents/../../x", exceptions.BadRequest),
        (f"{PARENT}/dataAgents/never-was", exceptions.NotFound),
    ):
        with pytest.raises(error):
            chat(clients, "How many?", data_agent_context=gda.DataAgentContext(data_agent=name))


def test_the_stream_is_a_json_array(address: str, shop_agent) -> None:
    body = {
        "messages": [{"userMessage": {"text": "How many orders are there?"}}],
        "dataAgentContext": {"dataAgent": shop_agent.name},
    }
    response = httpx.post(f"{address}/v1/{PARENT}:chat", json=body)
    messages = response.json()
    assert isinstance(messages, list)
    assert "content-length" not in response.headers
    rows = [
        m["systemMessage"]["data"]["result"]["data"] for m in messages if "result" in m["systemMessage"].get("data", {})
    ]
    assert rows == [[{"orders_count": 1200.0}]]


def test_many_ask_at_once(clients: AgentClients, shop_agent) -> None:
    questions = ["How many orders are there?", "number of customers", "How many products are there?"] * 4
    answers: dict[int, list[list[object]]] = {}

    def put(number: int, question: str) -> None:
        answers[number] = ask(clients.chat, shop_agent.name, question).rows  # pyright: ignore[reportArgumentType]

    threads = [threading.Thread(target=put, args=item) for item in enumerate(questions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[number] for number in range(12)] == [[[1200]], [[180]], [[10]]] * 4


def test_a_replaced_data_set_is_seen_at_once(tmp_path: Path, store: Path, context) -> None:
    shutil.copytree(store / small_shop.KEY, tmp_path / small_shop.KEY)
    file = tmp_path / small_shop.KEY / "dataset.duckdb"
    with running_server(tmp_path) as running:
        clients = connect(running)
        assert read_answer("q", chat(clients, "customers in the VIP segment", inline_context=context), 0).rows != [[0]]
        neighbour = file.with_name("growing")
        shutil.copy(file, neighbour)
        import duckdb

        with duckdb.connect(str(neighbour)) as connection:
            connection.execute("UPDATE customers SET segment = 'Platinum' WHERE segment = 'VIP'")
        neighbour.replace(file)
        assert (
            read_answer("q", chat(clients, "customers in the Platinum segment", inline_context=context), 0).rows[0][0]
            > 0
        )  # pyright: ignore[reportArgumentType, reportOptionalOperand, reportOperatorIssue, reportCallIssue]


def test_a_data_set_that_another_program_holds_is_named_with_what_to_do(tmp_path: Path, store: Path, context) -> None:
    shutil.copytree(store / small_shop.KEY, tmp_path / small_shop.KEY)
    file = tmp_path / small_shop.KEY / "dataset.duckdb"
    hold = f"import duckdb, sys; c = duckdb.connect({str(file)!r}); print('held', flush=True); sys.stdin.read()"
    with (
        running_server(tmp_path) as running,
        subprocess.Popen(
            [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder,
    ):
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        clients = connect(running)
        agent = clients.agents.create_data_agent_sync(
            parent=PARENT,
            data_agent_id="held",
            data_agent=gda.DataAgent(data_analytics_agent=gda.DataAnalyticsAgent(published_context=context)),
        )
        answer = ask(clients.chat, agent.name, "How many orders are there?")
        holder.stdin.close()
    assert answer.error is not None
    assert answer.error.startswith(f"{file} is open for writing in ")
    assert f"process {holder.pid}" in answer.error
    assert answer.error.endswith("Close the file there, or open it there read-only, and ask again.")


# --- conversations -----------------------------------------------------------------------------------------------


def test_a_remembered_conversation_needs_no_history(clients: AgentClients, shop_agent) -> None:
    conversation = clients.chat.create_conversation(
        parent=PARENT, conversation=gda.Conversation(agents=[shop_agent.name]), conversation_id="talk"
    )
    reference = gda.ConversationReference(
        conversation=conversation.name, data_agent_context=gda.DataAgentContext(data_agent=shop_agent.name)
    )
    chat(clients, "revenue by channel", conversation_reference=reference)
    answer = read_answer("q", chat(clients, "and by region?", conversation_reference=reference), 0)
    assert answer.columns[0].name == "region"
    messages = list(clients.chat.list_messages(parent=conversation.name))
    assert [m.message.user_message.text for m in messages if m.message.user_message.text] == [
        "revenue by channel",
        "and by region?",
    ]
    later: Any = clients.chat.get_conversation(name=conversation.name)
    assert later.last_used_time > conversation.create_time
    assert conversation.name in [c.name for c in clients.chat.list_conversations(parent=PARENT)]
    with pytest.raises(exceptions.Conflict):
        clients.chat.create_conversation(
            parent=PARENT, conversation=gda.Conversation(agents=[shop_agent.name]), conversation_id="talk"
        )
    clients.chat.delete_conversation(name=conversation.name)
    for call in (clients.chat.get_conversation, clients.chat.delete_conversation):
        with pytest.raises(exceptions.NotFound):
            call(name=conversation.name)
    with pytest.raises(exceptions.NotFound):
        chat(clients, "and by store?", conversation_reference=reference)


def test_a_conversation_names_one_agent(clients: AgentClients, shop_agent) -> None:
    with pytest.raises(exceptions.BadRequest, match="exactly one"):
        clients.chat.create_conversation(parent=PARENT, conversation=gda.Conversation(agents=[shop_agent.name] * 2))
