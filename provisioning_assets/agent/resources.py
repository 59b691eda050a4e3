"""Where the agents live, as Dagster resources: the local server here; the service in the cloud is another subclass."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from provisioning_assets.store import DemoStore

if TYPE_CHECKING:
    from google.cloud.geminidataanalytics_v1 import DataAgentServiceClient, DataChatServiceClient


@dataclass(frozen=True)
class AgentSession:
    """Both clients, connected, and where agents are created with them."""

    agent_client: "DataAgentServiceClient"
    chat_client: "DataChatServiceClient"
    parent: str
    project: str


class DataAgents(dg.ConfigurableResource, ABC):
    """The Conversational Analytics API, wherever it is."""

    @abstractmethod
    def session(self) -> AbstractContextManager[AgentSession]:
        """Clients for as long as the context is entered."""


class LocalDataAgents(DataAgents):
    """The project's own server over the store, started in this process for as long as a session lasts.

    Sessions may overlap, in one process or several: each has its own server on a free port, and the store is what they
    share.
    """

    store: dg.ResourceDependency[DemoStore]
    endpoint: str = Field(
        default="",
        description="a running local server (CONVERSATIONAL_ANALYTICS_ENDPOINT), e.g. http://127.0.0.1:8091; "
        "empty: start one",
    )

    @contextmanager
    def session(self) -> Iterator[AgentSession]:
        """Starts the server, yields clients of it, stops it.

        Raises:
            ProvisioningError: an endpoint is set and nothing answers there.
        """
        from provisioning_assets.agent.clients import connect, require_answer
        from provisioning_assets.agent.local_server.resource_names import PARENT, PROJECT
        from provisioning_assets.agent.local_server.serving import running_server

        if self.endpoint:
            clients = connect(self.endpoint)
            require_answer(clients, PARENT, self.endpoint)
            yield AgentSession(clients.agents, clients.chat, PARENT, PROJECT)
            return
        with running_server(self.store.base()) as address:
            clients = connect(address)
            yield AgentSession(clients.agents, clients.chat, PARENT, PROJECT)
