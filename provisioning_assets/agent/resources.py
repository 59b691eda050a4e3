"""Dagster resources for the Conversational Analytics API: the local server, and the service of Google Cloud."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from provisioning_assets.agent.models import UNLIMITED, ChatQuota
from provisioning_assets.claude.resources import Claude
from provisioning_assets.cloud_labels import store_label
from provisioning_assets.prices import LEAST_BYTES_BILLED, MOST_BYTES_BILLED
from provisioning_assets.store import DemoStore

if TYPE_CHECKING:
    from google.cloud.geminidataanalytics_v1 import DataAgentServiceClient, DataChatServiceClient

    from provisioning_assets.agent.claude_answers.questions_to_claude import QuestionsToClaude
    from provisioning_assets.agent.models import StoredAgent


GOOGLE_ENDPOINT = "https://geminidataanalytics.googleapis.com"

RENEWED_AFTER_SECONDS = 300.0
"""After which a server that runs for days looks again what other processes spent, and whether key and credit were mended."""


@dataclass(frozen=True)
class AgentSession:
    """The two connected clients, the parent under which they create agents, and the limits of asking them."""

    agent_client: "DataAgentServiceClient"
    chat_client: "DataChatServiceClient"
    parent: str
    project: str
    quota: ChatQuota = UNLIMITED
    most_billed_bytes: int = MOST_BYTES_BILLED
    store: str = ""
    """value of the label ``store`` of agents; empty: they get none"""
    claude: "QuestionsToClaude | None" = None
    """who puts the agents' free questions to Claude in this process; None: nobody here does"""


class DataAgents(dg.ConfigurableResource, ABC):
    """Access to the Conversational Analytics API, local or in the cloud."""

    @abstractmethod
    def session(self, *, most_for_claude: int | None = None) -> AbstractContextManager[AgentSession]:
        """Return a context manager that yields connected clients.

        Args:
            most_for_claude: different questions that are put to Claude in the session at most; None: as many as its budget
                pays for. A server that runs elsewhere has no such limit.
        """

    def agents(self) -> "list[StoredAgent]":
        """Return every agent that this project made, of all customers.

        Raises:
            ProvisioningError: the service refuses or fails the call.
        """
        from provisioning_assets.agent.data_agent import stored_agents

        with self.session() as session:
            return stored_agents(session.agent_client, session.parent)


class LocalDataAgents(DataAgents):
    """The project's local server for the store. It runs in this process during a session.

    Sessions may overlap, in one process or several. Each has its own server on a free port; they share only the store.
    """

    store: dg.ResourceDependency[DemoStore]
    endpoint: str = Field(
        default="",
        description="a running local server (CONVERSATIONAL_ANALYTICS_ENDPOINT), e.g. http://127.0.0.1:8091; "
        "empty: start one",
    )
    claude: Claude | None = None

    def questions_to_claude(
        self, *, most_questions: int | None = None, for_days: bool = False
    ) -> "QuestionsToClaude | None":
        """Return who puts free questions to Claude; None without a key.

        Args:
            most_questions: see ``QuestionsToClaude``.
            for_days: for a server that runs until it is stopped.
        """
        claude = self.claude
        if claude is None or not claude.is_used:
            return None
        from provisioning_assets.agent.claude_answers.questions_to_claude import QuestionsToClaude

        return QuestionsToClaude(
            lambda key: claude.client(key, seconds=math.inf),
            most_questions=most_questions,
            renewed_after_seconds=RENEWED_AFTER_SECONDS if for_days else None,
        )

    @contextmanager
    def session(self, *, most_for_claude: int | None = None) -> Iterator[AgentSession]:
        """Start the server, yield clients connected to it, and stop it.

        Raises:
            ProvisioningError: an endpoint is set, but nothing answers there.
        """
        from provisioning_assets.agent.clients import connect, require_answer
        from provisioning_assets.agent.local_server.resource_names import PARENT, PROJECT
        from provisioning_assets.agent.local_server.serving import running_server

        label = store_label(self.store.root)
        if self.endpoint:
            clients = connect(self.endpoint)
            require_answer(clients, PARENT, self.endpoint)
            yield AgentSession(clients.agents, clients.chat, PARENT, PROJECT, store=label)
            return
        claude = self.questions_to_claude(most_questions=most_for_claude)
        with running_server(self.store.base(), claude=claude) as address:
            clients = connect(address)
            yield AgentSession(clients.agents, clients.chat, PARENT, PROJECT, store=label, claude=claude)


class GoogleDataAgents(DataAgents):
    """The service of Google Cloud, with the credentials of this process."""

    project: str = Field(description="GOOGLE_CLOUD_PROJECT")
    location: str = Field(
        default="global",
        description="CONVERSATIONAL_ANALYTICS_LOCATION. The global host answers other locations with 403.",
    )
    endpoint: str = Field(
        default=GOOGLE_ENDPOINT,
        description="CONVERSATIONAL_ANALYTICS_ENDPOINT; credentials are sent over https only",
    )

    store_root: str = Field(default="", description="the store whose demos the agents belong to")
    most_billed_bytes: int = Field(
        default=MOST_BYTES_BILLED, ge=LEAST_BYTES_BILLED, description="of one query that an agent runs"
    )

    @contextmanager
    def session(self, *, most_for_claude: int | None = None) -> Iterator[AgentSession]:
        """Yield connected clients.

        Raises:
            ProvisioningError: this process has no credentials.
        """
        from provisioning_assets.agent.clients import SERVICE_QUOTA, connect
        from provisioning_assets.google_credentials import default_credentials

        del most_for_claude  # the service does not ask Claude
        is_google = self.endpoint.startswith(
            "https://"
        )  # else a server of this machine, which has neither users nor quotas
        clients = connect(self.endpoint, default_credentials() if is_google else None)
        parent = f"projects/{self.project}/locations/{self.location}"
        quota = SERVICE_QUOTA if is_google else UNLIMITED
        label = store_label(self.store_root) if self.store_root else ""
        yield AgentSession(clients.agents, clients.chat, parent, self.project, quota, self.most_billed_bytes, label)
