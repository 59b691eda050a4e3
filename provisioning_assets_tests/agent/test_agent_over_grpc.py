"""The agent is provisioned, asked and deleted through the real clients over gRPC, the transport that Google recommends.

The server is the local one's agents and chat behind gRPC's own status codes; a run uses REST.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.cloud import geminidataanalytics_v1 as gda
from google.cloud.geminidataanalytics_v1.services.data_agent_service.transports import DataAgentServiceGrpcTransport
from google.cloud.geminidataanalytics_v1.services.data_chat_service.transports import DataChatServiceGrpcTransport
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2

from provisioning_assets.agent import clients as clients_module
from provisioning_assets.agent.asking import ask
from provisioning_assets.agent.clients import AgentClients
from provisioning_assets.agent.data_agent import delete_agents, existing_agents, missing_context, provision_agent
from provisioning_assets.agent.local_server.api import ConversationalAnalytics
from provisioning_assets.agent.local_server.api_errors import ApiError
from provisioning_assets.agent.local_server.datasets import StoreDatasets
from provisioning_assets.agent.local_server.resource_names import PARENT
from provisioning_assets.errors import ProvisioningError

SERVICE = "google.cloud.geminidataanalytics.v1"
Fault = tuple[grpc.StatusCode, str]


class GrpcService(grpc.GenericRpcHandler):
    """The methods that the project calls. ``faults`` are answered first, one for each call of their method."""

    def __init__(self, folder: Path, store: Path) -> None:
        self.faults: list[tuple[str, Fault]] = []
        self._service = ConversationalAnalytics(folder, StoreDatasets(store))

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        method = handler_call_details.method.rpartition("/")[2]
        if method == "Chat":
            return grpc.unary_stream_rpc_method_handler(
                lambda request, context: self._answer(
                    method, context, lambda: iter(self._service.chat.answer(request))
                ),
                gda.ChatRequest.deserialize,
                gda.Message.serialize,
            )
        known: dict[str, tuple[Any, Callable[[Any], Any]]] = {
            "GetDataAgent": (gda.GetDataAgentRequest, lambda request: self._service.agents.get(_id(request.name))),
            "CreateDataAgent": (
                gda.CreateDataAgentRequest,
                lambda request: self._service.agents.create(request.data_agent_id, request.data_agent),
            ),
            "UpdateDataAgent": (
                gda.UpdateDataAgentRequest,
                lambda request: self._service.agents.update(
                    _id(request.data_agent.name), request.data_agent, list(request.update_mask.paths)
                ),
            ),
            "DeleteDataAgent": (
                gda.DeleteDataAgentRequest,
                lambda request: self._service.agents.delete(_id(request.name)),
            ),
        }
        if method not in known:
            return None
        kind, act = known[method]
        encode = gda.DataAgent.serialize if method == "GetDataAgent" else _operation
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: self._answer(method, context, lambda: act(request)), kind.deserialize, encode
        )

    def _answer(self, method: str, context: grpc.ServicerContext, act: Callable[[], Any]) -> Any:
        fault = next((each for each in self.faults if each[0] == method), None)
        if fault is not None:
            self.faults.remove(fault)
            context.abort(*fault[1])
        try:
            return act()
        except ApiError as error:
            return context.abort(getattr(grpc.StatusCode, error.status), str(error))


def _id(name: str) -> str:
    return name.rpartition("/")[2]


def _operation(agent: gda.DataAgent | None) -> bytes:
    done = operations_pb2.Operation(name=f"{PARENT}/operations/1", done=True)
    done.response.Pack(empty_pb2.Empty() if agent is None else gda.DataAgent.pb(agent))
    return done.SerializeToString()


@pytest.fixture
def served(store: Path, tmp_path: Path) -> Iterator[tuple[AgentClients, GrpcService]]:
    service = GrpcService(tmp_path, store)
    server = grpc.server(ThreadPoolExecutor(4), handlers=[service])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    agents = gda.DataAgentServiceClient(transport=DataAgentServiceGrpcTransport(channel=channel))
    chat = gda.DataChatServiceClient(transport=DataChatServiceGrpcTransport(channel=channel))
    yield AgentClients(agents, chat), service
    channel.close()
    server.stop(None)


def provision(clients: AgentClients, context: gda.Context) -> Any:
    return provision_agent(
        clients.agents, PARENT, "over_grpc", display_name="A shop", description="Coffee", context=context
    )


def test_an_agent_is_made_asked_and_deleted(served: tuple[AgentClients, GrpcService], context: gda.Context) -> None:
    clients, _ = served
    agent = provision(clients, context)
    assert provision(clients, context) == agent
    assert missing_context(clients.agents, agent.name) == []
    assert ask(clients.chat, agent.name, "How many orders are there?").rows == [[1200]]
    assert existing_agents(clients.agents, PARENT, "over_grpc") == [agent.name]
    assert delete_agents(clients.agents, PARENT, "over_grpc") == [agent.name]
    assert delete_agents(clients.agents, PARENT, "over_grpc") == []


def test_a_service_that_is_busy_for_a_moment_is_asked_again(
    served: tuple[AgentClients, GrpcService], context: gda.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients_module, "_LONGEST_WAIT_SECONDS", 0.01)
    clients, service = served
    for method in ("GetDataAgent", "CreateDataAgent", "Chat"):
        service.faults += [(method, (grpc.StatusCode.RESOURCE_EXHAUSTED, "Quota exceeded"))] * 2
        service.faults += [(method, (grpc.StatusCode.UNAVAILABLE, "down"))]
    agent = provision(clients, context)
    assert ask(clients.chat, agent.name, "How many orders are there?").rows == [[1200]]
    assert service.faults == []


@pytest.mark.parametrize(
    ("code", "message", "remedy"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, "API has not been used in project 1", "gcloud services enable"),
        (grpc.StatusCode.PERMISSION_DENIED, "Permission denied", "add-iam-policy-binding"),
        (grpc.StatusCode.NOT_FOUND, "Location not found", "CONVERSATIONAL_ANALYTICS_LOCATION"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline exceeded", "Run again"),
        (grpc.StatusCode.INTERNAL, "Internal error", "Run again"),
        (grpc.StatusCode.INVALID_ARGUMENT, "too long", "Change what it names"),
    ],
)
def test_what_the_service_refuses_is_told_with_a_remedy(
    served: tuple[AgentClients, GrpcService],
    context: gda.Context,
    code: grpc.StatusCode,
    message: str,
    remedy: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clients_module, "_LONGEST_WAIT_SECONDS", 0.001)
    clients, service = served
    service.faults += [("CreateDataAgent", (code, message))] * 20
    with pytest.raises(ProvisioningError) as told:
        provision(clients, context)
    assert message in told.value.problem
    assert remedy in told.value.remedy


def test_an_id_that_is_reserved_for_a_deleted_agent_is_passed_over(
    served: tuple[AgentClients, GrpcService], context: gda.Context
) -> None:
    clients, service = served
    service.faults += [("CreateDataAgent", (grpc.StatusCode.ALREADY_EXISTS, "soft-deleted"))]
    assert provision(clients, context).agent_id == "demo-over-grpc-2"
