"""Agents through the real client and by raw HTTP: create, read, list, change, delete, operations, errors."""

import json
import resource
import threading
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.api_core import exceptions
from google.cloud import geminidataanalytics_v1 as gda
from google.protobuf import field_mask_pb2

from provisioning_assets.agent.clients import AgentClients, connect
from provisioning_assets.agent.local_server.api import LARGEST_REQUEST_BYTES
from provisioning_assets.agent.local_server.resource_names import PARENT
from provisioning_assets.agent.local_server.serving import running_server
from provisioning_assets_tests.agent import small_shop


def an_agent(context: gda.Context, name: str = "An agent") -> gda.DataAgent:
    return gda.DataAgent(display_name=name, data_analytics_agent=gda.DataAnalyticsAgent(published_context=context))


def an_id() -> str:
    return f"a{uuid.uuid4().hex}"


def test_created_by_a_long_running_operation_and_read_back(clients: AgentClients, context) -> None:
    identifier = an_id()
    operation = clients.agents.create_data_agent(parent=PARENT, data_agent_id=identifier, data_agent=an_agent(context))
    created: Any = operation.result(timeout=10)
    assert created.name == f"{PARENT}/dataAgents/{identifier}"
    read = clients.agents.get_data_agent(name=created.name)
    assert read.data_analytics_agent.published_context == context
    assert read.create_time == read.update_time
    assert "delete_time" not in read


def test_an_operation_can_be_read_again(address: str, context) -> None:
    body = gda.DataAgent.to_json(an_agent(context))
    created = httpx.post(
        f"{address}/v1/{PARENT}/dataAgents", content=body, headers={"content-type": "application/json"}
    ).json()
    again = httpx.get(f"{address}/v1/{created['name']}").json()
    assert again == created
    assert again["done"] is True
    assert again["response"]["@type"].endswith("v1.DataAgent")
    assert httpx.get(f"{address}/v1/{PARENT}/operations/operation-0").status_code == 404


def test_created_at_once_and_with_an_id_of_the_servers(clients: AgentClients, context) -> None:
    created = clients.agents.create_data_agent_sync(parent=PARENT, data_agent=an_agent(context))
    assert created.name.startswith(f"{PARENT}/dataAgents/agent-")
    clients.agents.delete_data_agent_sync(name=created.name)


def test_a_taken_id_is_a_conflict(clients: AgentClients, context) -> None:
    identifier = an_id()
    clients.agents.create_data_agent_sync(parent=PARENT, data_agent_id=identifier, data_agent=an_agent(context))
    with pytest.raises(exceptions.Conflict, match=identifier):
        clients.agents.create_data_agent_sync(parent=PARENT, data_agent_id=identifier, data_agent=an_agent(context))


def test_a_full_disk_is_told_without_a_stack_trace(
    clients: AgentClients, context, caplog: pytest.LogCaptureFixture
) -> None:
    """No file may grow beyond a byte, as on a disk without room."""
    identifier, (soft, hard) = an_id(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        with pytest.raises(exceptions.InternalServerError, match="disk is full"):
            clients.agents.create_data_agent_sync(parent=PARENT, data_agent_id=identifier, data_agent=an_agent(context))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "disk is full" in caplog.text
    assert "Traceback" not in caplog.text
    with pytest.raises(exceptions.NotFound):
        clients.agents.get_data_agent(name=f"{PARENT}/dataAgents/{identifier}")


@pytest.mark.parametrize("identifier", ["A", "1a", "a_b", "a-", "-a", "a" * 64, "..", "a b", "%2e%2e", "ä"])
def test_an_id_that_the_api_does_not_allow_is_refused(clients: AgentClients, context, identifier: str) -> None:
    with pytest.raises(exceptions.BadRequest, match="63"):
        clients.agents.create_data_agent_sync(parent=PARENT, data_agent_id=identifier, data_agent=an_agent(context))


def test_masked_fields_are_overwritten_and_the_others_stay(clients: AgentClients, context) -> None:
    created = clients.agents.create_data_agent_sync(
        parent=PARENT, data_agent_id=an_id(), data_agent=an_agent(context, "Before")
    )
    changed = gda.DataAgent(name=created.name, display_name="After", description="ignored")
    mask = field_mask_pb2.FieldMask(paths=["display_name"])
    updated: Any = clients.agents.update_data_agent(data_agent=changed, update_mask=mask).result(timeout=10)
    assert (updated.display_name, updated.description) == ("After", "")
    assert updated.data_analytics_agent.published_context == context
    assert updated.update_time > updated.create_time

    other = gda.Context(context)
    other.system_instruction = "Something else."
    sent = gda.DataAgent(name=created.name, data_analytics_agent=gda.DataAnalyticsAgent(published_context=other))
    mask = field_mask_pb2.FieldMask(paths=["data_analytics_agent.published_context"])
    updated = clients.agents.update_data_agent_sync(data_agent=sent, update_mask=mask)
    assert updated.data_analytics_agent.published_context.system_instruction == "Something else."
    assert updated.data_analytics_agent.last_published_context == context


def test_without_a_mask_what_is_set_is_overwritten_and_a_star_overwrites_all(clients: AgentClients, context) -> None:
    created = clients.agents.create_data_agent_sync(
        parent=PARENT, data_agent_id=an_id(), data_agent=an_agent(context, "Before")
    )
    sent = gda.DataAgent(name=created.name, description="Set", labels={"a": "b"})
    updated = clients.agents.update_data_agent_sync(data_agent=sent)
    assert (updated.display_name, updated.description, dict(updated.labels)) == ("Before", "Set", {"a": "b"})
    updated = clients.agents.update_data_agent_sync(
        data_agent=gda.DataAgent(name=created.name, display_name="Only"),
        update_mask=field_mask_pb2.FieldMask(paths=["*"]),
    )
    assert (updated.display_name, updated.description, dict(updated.labels)) == ("Only", "", {})
    assert updated.create_time == created.create_time


@pytest.mark.parametrize("path", ["no_such_field", "data_analytics_agent.no_such", "labels.a", "display_name.x"])
def test_an_unknown_field_in_the_mask_is_refused(clients: AgentClients, context, path: str) -> None:
    created = clients.agents.create_data_agent_sync(parent=PARENT, data_agent_id=an_id(), data_agent=an_agent(context))
    with pytest.raises(exceptions.BadRequest, match="updateMask"):
        clients.agents.update_data_agent_sync(
            data_agent=gda.DataAgent(name=created.name), update_mask=field_mask_pb2.FieldMask(paths=[path])
        )


def test_a_deleted_agent_is_hidden_and_its_id_is_free(clients: AgentClients, context) -> None:
    identifier = an_id()
    created = clients.agents.create_data_agent_sync(
        parent=PARENT, data_agent_id=identifier, data_agent=an_agent(context)
    )
    clients.agents.delete_data_agent(name=created.name).result(timeout=10)
    for call in (
        clients.agents.get_data_agent,
        clients.agents.delete_data_agent,
        clients.agents.delete_data_agent_sync,
    ):
        with pytest.raises(exceptions.NotFound):
            call(name=created.name)
    shown = [agent.name for agent in clients.agents.list_data_agents(parent=PARENT)]
    assert created.name not in shown
    request = gda.ListDataAgentsRequest(parent=PARENT, show_deleted=True)
    deleted: Any = next(
        agent for agent in clients.agents.list_data_agents(request=request) if agent.name == created.name
    )
    assert deleted.purge_time > deleted.delete_time
    again = clients.agents.create_data_agent_sync(parent=PARENT, data_agent_id=identifier, data_agent=an_agent(context))
    assert "delete_time" not in again


def test_lists_come_in_pages(tmp_path: Path, context) -> None:
    with running_server(tmp_path) as running:
        client = connect(running).agents
        for number in range(7):
            client.create_data_agent_sync(parent=PARENT, data_agent_id=f"agent-{number}", data_agent=an_agent(context))
        pages = list(client.list_data_agents(request=gda.ListDataAgentsRequest(parent=PARENT, page_size=3)).pages)
        assert [len(page.data_agents) for page in pages] == [3, 3, 1]
        accessible = client.list_accessible_data_agents(
            request=gda.ListAccessibleDataAgentsRequest(parent=PARENT, page_size=5)
        )
        assert [agent.name[-1] for agent in accessible] == list("0123456")
        assert len(httpx.get(f"{running}/v1/{PARENT}/dataAgents?pageSize=1000").json()["dataAgents"]) == 7


def test_a_restart_and_a_second_server_show_the_same_agents(tmp_path: Path, context) -> None:
    with running_server(tmp_path) as first, running_server(tmp_path) as second:
        assert first != second
        connect(first).agents.create_data_agent_sync(parent=PARENT, data_agent_id="kept", data_agent=an_agent(context))
        assert connect(second).agents.get_data_agent(name=f"{PARENT}/dataAgents/kept").display_name == "An agent"
    with running_server(tmp_path) as third:
        assert (
            connect(third)
            .agents.get_data_agent(name=f"{PARENT}/dataAgents/kept")
            .data_analytics_agent.published_context
            == context
        )
    assert [path.name for path in (tmp_path / "_agents").glob("*.json")] == ["kept.json"]


def test_of_many_who_create_the_same_agent_one_succeeds(tmp_path: Path, context) -> None:
    outcomes: list[str] = []

    def create(running: str) -> None:
        try:
            connect(running).agents.create_data_agent_sync(
                parent=PARENT, data_agent_id="one", data_agent=an_agent(context)
            )
            outcomes.append("created")
        except exceptions.Conflict:
            outcomes.append("conflict")

    with running_server(tmp_path) as first, running_server(tmp_path) as second:
        threads = [threading.Thread(target=create, args=(address,)) for address in (first, second) * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcomes) == ["conflict"] * 7 + ["created"]


# --- limits ------------------------------------------------------------------------------------------------------


def too_long(context: gda.Context, case: str) -> gda.Context:
    other = gda.Context(context)
    if case == "system_instruction":
        other.system_instruction = "ä" * 125_001
    elif case == "natural_language_question":
        other.example_queries.append(gda.ExampleQuery(natural_language_question="q" * 2_001, sql_query="SELECT 1"))
    elif case == "sql_query":
        other.example_queries.append(gda.ExampleQuery(natural_language_question="q", sql_query="x" * 50_001))
    elif case == "display_name":
        other.glossary_terms.append(gda.GlossaryTerm(display_name="t" * 257, description="d"))
    elif case == "description":
        other.glossary_terms.append(gda.GlossaryTerm(display_name="t", description="d" * 5_001))
    elif case == "needs display_name":
        other.glossary_terms.append(gda.GlossaryTerm(display_name="t"))
    elif case == "big_query_max_billed_bytes":
        other.options = gda.ConversationOptions(datasource=gda.DatasourceOptions(big_query_max_billed_bytes=10_485_759))
    elif case == "same number of paths":
        other.schema_relationships[0].right_schema_paths.paths.append("another")
    elif case == "not among":
        other.schema_relationships[0].right_schema_paths.table_fqn += "x"
    elif case == "table_references is required":
        del other.datasource_references.bq.table_references[:]
    elif case == "of one data set":
        other.datasource_references.bq.table_references[0].dataset_id = "other"
    elif case == "needs project_id":
        other.datasource_references.bq.table_references[0].table_id = ""
    return other


@pytest.mark.parametrize(
    "case",
    [
        "system_instruction",
        "natural_language_question",
        "sql_query",
        "display_name",
        "description",
        "needs display_name",
        "big_query_max_billed_bytes",
        "same number of paths",
        "not among",
        "table_references is required",
        "of one data set",
        "needs project_id",
    ],
)
def test_a_context_beyond_the_apis_limits_is_refused_with_the_field(clients: AgentClients, context, case: str) -> None:
    with pytest.raises(exceptions.BadRequest, match=case):
        clients.agents.create_data_agent_sync(
            parent=PARENT, data_agent_id=an_id(), data_agent=an_agent(too_long(context, case))
        )


@pytest.mark.parametrize(("field", "length"), [("display_name", 257), ("description", 1025)])
def test_a_name_or_description_that_is_too_long_is_refused(clients: AgentClients, field: str, length: int) -> None:
    with pytest.raises(exceptions.BadRequest, match=field):
        clients.agents.create_data_agent_sync(
            parent=PARENT, data_agent_id=an_id(), data_agent=gda.DataAgent({field: "x" * length})
        )


# --- malformed requests ------------------------------------------------------------------------------------------


JSON = {"content-type": "application/json"}


def error_of(response: httpx.Response) -> dict[str, object]:
    error = response.json()["error"]
    assert set(error) == {"code", "status", "message"}
    assert error["code"] == response.status_code
    return error


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "status"),
    [
        ("GET", "/", b"", 404, "NOT_FOUND"),
        ("GET", "/v1/nothing", b"", 404, "NOT_FOUND"),
        ("PUT", f"/v1/{PARENT}/dataAgents", b"{}", 404, "NOT_FOUND"),
        ("POST", f"/v1/{PARENT}/dataAgents", b"{", 400, "INVALID_ARGUMENT"),
        ("POST", f"/v1/{PARENT}/dataAgents", b"[]", 400, "INVALID_ARGUMENT"),
        ("POST", f"/v1/{PARENT}/dataAgents", b'{"noSuchField": 1}', 400, "INVALID_ARGUMENT"),
        ("POST", f"/v1/{PARENT}/dataAgents", b'{"displayName": {}}', 400, "INVALID_ARGUMENT"),
        ("POST", f"/v1/{PARENT}/dataAgents", b'{"a":' * 5000, 400, "INVALID_ARGUMENT"),
        ("POST", f"/v1/{PARENT}/dataAgents", b"\xff\xfe", 400, "INVALID_ARGUMENT"),
        ("POST", f"/v1/{PARENT}/dataAgents?requestId=x", b"{}", 400, "INVALID_ARGUMENT"),
        ("POST", f"/v1/{PARENT}/dataAgents?requestId={uuid.UUID(int=0)}", b"{}", 400, "INVALID_ARGUMENT"),
        ("GET", f"/v1/{PARENT}/dataAgents?pageToken=%21", b"", 400, "INVALID_ARGUMENT"),
        ("GET", f"/v1/{PARENT}/dataAgents?pageSize=-1", b"", 400, "INVALID_ARGUMENT"),
        ("GET", f"/v1/{PARENT}/dataAgents?filter=x", b"", 501, "UNIMPLEMENTED"),
        ("GET", f"/v1/{PARENT}/dataAgents/..%2f..%2fetc", b"", 404, "NOT_FOUND"),
        ("GET", f"/v1/{PARENT}/dataAgents/Upper", b"", 400, "INVALID_ARGUMENT"),
        ("GET", f"/v1/{PARENT}/dataAgents/none", b"", 404, "NOT_FOUND"),
        ("PATCH", f"/v1/{PARENT}/dataAgents/none?updateMask=displayName", b"{}", 404, "NOT_FOUND"),
        ("GET", "/v1/projects/local/locations/europe-west1/dataAgents", b"", 403, "PERMISSION_DENIED"),
        ("GET", "/v1/projects/other/locations/global/dataAgents", b"", 403, "PERMISSION_DENIED"),
        ("POST", f"/v1/{PARENT}/dataAgents/a:getIamPolicy", b"{}", 501, "UNIMPLEMENTED"),
    ],
)
def test_what_is_wrong_is_answered_in_the_apis_shape(
    address: str, method: str, path: str, body: bytes, code: int, status: str
) -> None:
    response = httpx.request(method, address + path, content=body, headers=JSON)
    assert error_of(response)["status"] == status
    assert response.status_code == code


def test_a_request_that_is_too_large_is_refused_without_being_held(address: str) -> None:
    pieces = (b" " * 1_000_000 for _ in range(LARGEST_REQUEST_BYTES // 1_000_000 + 2))
    response = httpx.post(f"{address}/v1/{PARENT}/dataAgents", content=pieces, headers=JSON)
    assert "exceeds the limit" in str(error_of(response)["message"])


def test_only_json_and_only_this_machine_s_names_are_served(address: str) -> None:
    form = httpx.post(f"{address}/v1/{PARENT}/dataAgents", data={"a": "b"})
    assert error_of(form)["status"] == "INVALID_ARGUMENT"
    rebound = httpx.get(f"{address}/v1/{PARENT}/dataAgents", headers={"host": "evil.example"})
    assert error_of(rebound)["status"] == "PERMISSION_DENIED"


def test_a_broken_file_in_the_store_is_an_internal_error_and_not_a_crash(tmp_path: Path, caplog) -> None:
    (tmp_path / "_agents").mkdir()
    (tmp_path / "_agents" / "broken.json").write_text(json.dumps({"displayName": 3})[:-3])
    with running_server(tmp_path) as running:
        response = httpx.get(f"{running}/v1/{PARENT}/dataAgents/broken")
        assert error_of(response)["status"] == "INTERNAL"
        assert httpx.get(f"{running}/v1/{PARENT}/dataAgents/none").status_code == 404
    assert "failed" in caplog.text


def test_the_shop_is_what_the_other_tests_think(store: Path) -> None:
    assert (store / small_shop.KEY / "dataset.duckdb").is_file()
