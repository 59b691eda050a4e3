"""The Google clients, connected to an endpoint. The local server and the service use the same two clients."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import (
    BadGateway,
    GatewayTimeout,
    GoogleAPICallError,
    ServiceUnavailable,
    TooManyRequests,
)
from google.auth.credentials import AnonymousCredentials, Credentials
from google.cloud.geminidataanalytics_v1 import DataAgentServiceClient, DataChatServiceClient
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from provisioning_assets.agent.models import ChatQuota
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.telemetry.stage import note_retry

if TYPE_CHECKING:
    from collections.abc import Iterator

CALL_SECONDS = 60.0
SERVICE_QUOTA = ChatQuota(per_minute=25, at_once=5)
"""Below the service's quota of 30 chats a minute and project, because people ask agents of the same project, too. Source: the
product's page of quotas. An answer takes about 10 seconds, so that five at once use the quota up."""
# The service answers 429 above its quota. The waits add up to more than a minute.
_ATTEMPTS, _FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 8, 0.5, 30.0
_PASSING = (
    TooManyRequests,
    ServiceUnavailable,
    BadGateway,
    GatewayTimeout,
    requests.exceptions.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
)


@dataclass(frozen=True)
class AgentClients:
    """The two clients of one endpoint."""

    agents: DataAgentServiceClient
    chat: DataChatServiceClient


def connect(endpoint: str, credentials: Credentials | None = None) -> AgentClients:
    """Return clients that use REST.

    Args:
        endpoint: ``http://127.0.0.1:PORT`` for the local server, or the service's host.
        credentials: None for the local server, which has no users.
    """
    options = ClientOptions(api_endpoint=endpoint)
    known = credentials or AnonymousCredentials()
    return AgentClients(
        DataAgentServiceClient(transport="rest", credentials=known, client_options=options),
        DataChatServiceClient(transport="rest", credentials=known, client_options=options),
    )


def require_answer(clients: AgentClients, parent: str, endpoint: str) -> None:
    """Request one agent, so that a missing server is noticed before any work starts.

    Raises:
        ProvisioningError: no Conversational Analytics API answers at the endpoint.
    """
    try:
        clients.agents.list_data_agents(request={"parent": parent, "page_size": 1}, timeout=CALL_SECONDS)
    except (requests.exceptions.RequestException, GoogleAPICallError) as error:
        raise ProvisioningError(
            f"No Conversational Analytics API answers at {endpoint} ({type(error).__name__}).",
            "Start one with 'provision serve', or unset CONVERSATIONAL_ANALYTICS_ENDPOINT.",
        ) from error


def patiently(first_wait_seconds: float = _FIRST_WAIT_SECONDS) -> "Iterator":
    """Return the attempts of a call: it is retried with growing waits if the service is busy (429), unavailable (502, 503,
    504), or the connection was reset.
    """
    return iter(
        Retrying(
            retry=retry_if_exception_type(_PASSING),
            wait=wait_exponential_jitter(multiplier=first_wait_seconds, max=_LONGEST_WAIT_SECONDS),
            stop=stop_after_attempt(_ATTEMPTS),
            before_sleep=note_retry,
            reraise=True,
        )
    )
