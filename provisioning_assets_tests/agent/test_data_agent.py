"""Ids, provisioning and removal of agents, through the real client; a service that is busy or forgetful."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from google.cloud import geminidataanalytics_v1 as gda
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.agent import clients as clients_module
from provisioning_assets.agent.asking import ask
from provisioning_assets.agent.clients import AgentClients, connect
from provisioning_assets.agent.context import context_digest
from provisioning_assets.agent.data_agent import agent_id_for, delete_agents, missing_context, provision_agent
from provisioning_assets.agent.local_server.resource_names import PARENT
from provisioning_assets.customers import host_to_key
from provisioning_assets.errors import ProvisioningError

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
HOST = st.lists(LABEL, min_size=2, max_size=6).map(".".join)


@given(HOST, st.sampled_from([None, 8080]), st.sampled_from([None, "emea"]))
def test_every_key_has_an_id_that_the_api_allows(host: str, port: int | None, variant: str | None) -> None:
    identifier = agent_id_for(host_to_key(host, port, variant))
    assert re.fullmatch(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", identifier)
    assert identifier.startswith("demo-")


@given(st.lists(HOST, min_size=2, max_size=8, unique=True))
def test_different_keys_have_different_ids(hosts: list[str]) -> None:
    keys = {host_to_key(host) for host in hosts}
    assert len({agent_id_for(key) for key in keys}) == len(keys)


def test_the_rule_is_as_documented() -> None:
    assert agent_id_for("acme_com") == "demo-acme-com"
    assert agent_id_for("my__shop_co_uk___emea") == "demo-my--shop-co-uk---emea"
    long = "a" * 100 + "_com"
    assert len(agent_id_for(long)) == 63
    assert agent_id_for(long) != agent_id_for(long + "_de")


def provision(clients: AgentClients, context: gda.Context, key: str, name: str = "A shop") -> Any:
    return provision_agent(clients.agents, PARENT, key, display_name=name, description="Coffee", context=context)


def test_provisioning_twice_changes_nothing_and_a_new_context_is_published(clients: AgentClients, context: Any) -> None:
    first = provision(clients, context, "twice")
    assert first.verified_queries == 3
    assert first.tables == ["stores", "products", "customers", "orders", "order_items"]
    assert first.context_digest == context_digest(context)
    assert provision(clients, context, "twice") == first
    other = gda.Context(context)
    other.system_instruction += "\nBe brief."
    second = provision(clients, other, "twice", "Another name")
    assert (second.create_time, second.display_name) == (first.create_time, "Another name")
    assert second.update_time > first.update_time
    assert second.context_digest != first.context_digest
    published = clients.agents.get_data_agent(name=second.name).data_analytics_agent.published_context
    assert published.system_instruction.endswith("Be brief.")
    assert missing_context(clients.agents, second.name) == []


def test_another_limit_of_billed_bytes_is_published(clients: AgentClients, context: Any) -> None:
    provision(clients, context, "limited")
    other = gda.Context(context)
    other.options = gda.ConversationOptions(datasource=gda.DatasourceOptions(big_query_max_billed_bytes=20_000_000))
    agent = provision(clients, other, "limited")
    published = clients.agents.get_data_agent(name=agent.name).data_analytics_agent.published_context
    assert published.options.datasource.big_query_max_billed_bytes == 20_000_000


def test_deleting_twice_is_deleting_once(clients: AgentClients, context: Any) -> None:
    agent = provision(clients, context, "gone")
    assert delete_agents(clients.agents, PARENT, "gone") == [agent.name]
    assert delete_agents(clients.agents, PARENT, "gone") == []
    assert missing_context(clients.agents, agent.name) == [f"the agent {agent.name} does not exist"]
    assert provision(clients, context, "gone").name == agent.name


def test_what_an_agent_lacks_is_named(clients: AgentClients, context: Any) -> None:
    bare = gda.Context(context)
    bare.system_instruction = " "
    del bare.example_queries[:]
    del bare.schema_relationships[:]
    bare.datasource_references.bq.table_references[0].schema.fields[0].description = ""
    agent = provision(clients, bare, "bare")
    assert missing_context(clients.agents, agent.name) == [
        "the published context has no system instruction",
        "the published context has no verified queries",
        "the published context has no relationships",
        "the table stores has columns without a description",
    ]


# --- a service between the client and the server ------------------------------------------------------------------


@contextmanager
def in_between(address: str, change: Any) -> Iterator[str]:
    """A proxy that lets ``change(method, path, body)`` answer with (status, bytes) instead, or None to pass on."""

    class Proxy(BaseHTTPRequestHandler):
        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            answer = change(self.command, self.path, body)
            if answer is None:
                passed = httpx.request(
                    self.command, address + self.path, content=body, headers={"content-type": "application/json"}
                )
                answer = (passed.status_code, passed.content)
            self.send_response(answer[0])
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1])

        do_GET = do_POST = do_PATCH = do_DELETE = _pass  # noqa: N815

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def busy(status: int, times: int) -> Any:
    left = [times]

    def change(_method: str, _path: str, _body: bytes) -> tuple[int, bytes] | None:
        if left[0]:
            left[0] -= 1
            return status, b'{"error": {"code": %d, "status": "RESOURCE_EXHAUSTED", "message": "busy"}}' % status
        return None

    return change


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_asked_again(
    address: str, context: Any, shop_agent: Any, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(clients_module, "_LONGEST_WAIT_SECONDS", 0.01)
    with in_between(address, busy(status, 3)) as between:
        agent = provision(connect(between), context, f"busy-{status}")
        assert agent.verified_queries == 3
    with in_between(address, busy(status, 3)) as between:
        assert ask(connect(between).chat, shop_agent.name, "How many orders are there?").rows == [[1200]]


def test_a_service_that_stays_busy_is_an_error_of_the_answer(
    address: str, shop_agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients_module, "_LONGEST_WAIT_SECONDS", 0.001)
    with in_between(address, busy(429, 1000)) as between:
        answer = ask(connect(between).chat, shop_agent.name, "How many orders are there?")
    assert answer.error is not None
    assert "429" in answer.error
    assert not answer.understood


def test_the_context_is_in_the_very_first_request(address: str, context: Any) -> None:
    sent: list[tuple[str, str, bytes]] = []

    def note(method: str, path: str, body: bytes) -> None:
        sent.append((method, path, body))

    with in_between(address, note) as between:
        provision(connect(between), context, "first-request")
    writes = [(method, body) for method, _, body in sent if method != "GET"]
    assert [method for method, _ in writes] == ["POST"]
    assert b"You are the analyst" in writes[0][1]


def test_a_service_that_holds_the_id_of_a_deleted_agent_is_explained(address: str, context: Any) -> None:
    def taken(method: str, _path: str, _body: bytes) -> tuple[int, bytes] | None:
        if method == "POST":
            return 409, b'{"error": {"code": 409, "status": "ALREADY_EXISTS", "message": "soft-deleted"}}'
        return None

    with in_between(address, taken) as between, pytest.raises(ProvisioningError, match="still reserves 5 ids"):
        provision(connect(between), context, "held")


def test_a_reserved_id_is_passed_over_and_the_agent_found_again_and_deleted(
    address: str, context: Any, clients: AgentClients
) -> None:
    def first_is_reserved(method: str, path: str, _body: bytes) -> tuple[int, bytes] | None:
        if method == "POST" and re.search(r"dataAgentId=demo-reserved(&|$)", path):
            return 409, b'{"error": {"code": 409, "status": "ALREADY_EXISTS", "message": "soft-deleted"}}'
        return None

    with in_between(address, first_is_reserved) as between:
        first = provision(connect(between), context, "reserved")
        assert first.agent_id == "demo-reserved-2"
        assert provision(connect(between), context, "reserved") == first
    assert delete_agents(clients.agents, PARENT, "reserved") == [first.name]


def test_an_agent_that_was_not_made_here_is_neither_changed_nor_deleted(clients: AgentClients, context: Any) -> None:
    theirs = gda.DataAgent(
        display_name="Theirs", data_analytics_agent=gda.DataAnalyticsAgent(published_context=context)
    )
    clients.agents.create_data_agent(parent=PARENT, data_agent_id="demo-theirs", data_agent=theirs).result()
    with pytest.raises(ProvisioningError, match="not made by this project"):
        provision(clients, context, "theirs")
    with pytest.raises(ProvisioningError, match="not made by this project"):
        delete_agents(clients.agents, PARENT, "theirs")
    assert clients.agents.get_data_agent(name=f"{PARENT}/dataAgents/demo-theirs").display_name == "Theirs"


SERVICE_FAULTS = {
    "the API is not enabled": (
        403,
        "PERMISSION_DENIED",
        "API has not been used in project 12 before",
        "services enable",
    ),
    "no right": (403, "PERMISSION_DENIED", "Permission denied on resource", "roles/geminidataanalytics"),
    "not logged in": (401, "UNAUTHENTICATED", "Request had invalid credentials", "application-default login"),
    "a region that does not exist": (404, "NOT_FOUND", "Location not found", "CONVERSATIONAL_ANALYTICS_LOCATION"),
    "used up": (429, "RESOURCE_EXHAUSTED", "Quota exceeded", "quota"),
    "too large": (400, "INVALID_ARGUMENT", "system_instruction is too long", "Change"),
    "broken": (500, "INTERNAL", "Internal error", "Run again"),
}


@pytest.mark.parametrize("fault", SERVICE_FAULTS)
def test_a_fault_of_the_service_is_told_with_the_agent_s_name_and_a_remedy(
    fault: str, address: str, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients_module, "_LONGEST_WAIT_SECONDS", 0.001)
    status, code, message, remedy = SERVICE_FAULTS[fault]

    def failing(method: str, _path: str, _body: bytes) -> tuple[int, bytes] | None:
        error = httpx.Response(status, json={"error": {"code": status, "status": code, "message": message}})
        return (status, error.content) if method == "POST" else None

    with in_between(address, failing) as between, pytest.raises(ProvisioningError) as told:
        provision(connect(between), context, "faulty")
    assert "dataAgents/demo-faulty" in told.value.problem
    assert status == 401 or message in told.value.problem  # the client itself tells that it cannot refresh
    assert remedy in told.value.remedy


def test_an_answer_that_is_lost_is_asked_for_again(address: str, context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent is created, the connection breaks before the answer arrives, and the second attempt finds it."""
    monkeypatch.setattr(clients_module, "_LONGEST_WAIT_SECONDS", 0.001)
    lost: list[str] = []

    def lose(method: str, path: str, body: bytes) -> None:
        if method == "POST" and not lost:
            lost.append(path)
            httpx.post(address + path, content=body, headers={"content-type": "application/json"})
            raise ConnectionAbortedError

    with in_between(address, lose) as between:
        assert provision(connect(between), context, "lost").agent_id == "demo-lost"
    assert lost


def test_who_may_not_ask_is_told_once(address: str, shop_agent: Any) -> None:
    def forbidden(method: str, _path: str, _body: bytes) -> tuple[int, bytes] | None:
        return (
            (403, b'{"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "no"}}')
            if method == "POST"
            else None
        )

    with in_between(address, forbidden) as between, pytest.raises(ProvisioningError, match="No permission"):
        ask(connect(between).chat, shop_agent.name, "How many orders are there?")


def test_of_two_runs_that_create_at_once_the_later_updates(address: str, context: Any, clients: AgentClients) -> None:
    def faster(method: str, _path: str, _body: bytes) -> None:
        if method == "POST":
            provision(clients, gda.Context(context, system_instruction="Older."), "raced")

    with in_between(address, faster) as between:
        provision(connect(between), context, "raced", "The later one")
    stored = clients.agents.get_data_agent(name=f"{PARENT}/dataAgents/demo-raced")
    assert stored.display_name == "The later one"
    assert stored.data_analytics_agent.published_context == context


def test_a_service_that_forgets_what_was_sent_is_found_out(address: str, context: Any) -> None:
    def forgetful(method: str, path: str, _body: bytes) -> tuple[int, bytes] | None:
        if method == "GET" and path.split("?")[0].endswith("/demo-forgetful"):
            found = httpx.get(address + path)
            if found.status_code == 200:
                agent = found.json()
                agent["dataAnalyticsAgent"]["publishedContext"].pop("systemInstruction")
                return 200, httpx.Response(200, json=agent).content
        return None

    with (
        in_between(address, forgetful) as between,
        pytest.raises(ProvisioningError, match="did not store the whole context"),
    ):
        provision(connect(between), context, "forgetful")
