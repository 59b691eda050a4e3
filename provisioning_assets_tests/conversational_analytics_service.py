"""Stands for Google's Conversational Analytics service over BigQuery: the local server's understanding, asked about a project.

It answers for ``projects/<project>/locations/global`` and runs its queries on the warehouse that the demo was loaded into. It
speaks the API's own protocol, so that the real clients are used. What it cannot show is how Google's model understands.
"""

from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from provisioning_assets.agent.local_server.api import ConversationalAnalytics, build_api
from provisioning_assets.agent.local_server.resource_names import PROJECT
from provisioning_assets.agent.local_server.serving import serving
from provisioning_assets.agent.understanding.answering import QUERY_SECONDS, QueryFailedError
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.results import QueryResult
from provisioning_assets.store import DemoStore
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets.warehouse.resources import WarehouseResource

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True)
class _Dataset:
    warehouse: WarehouseResource
    key: str
    today: date
    version: str
    known: dict[tuple[str, str, int], QueryResult]

    def run(self, sql: str, most_rows: int, seconds: float = QUERY_SECONDS) -> QueryResult:
        asked = (self.version, sql, most_rows)
        try:  # other wordings of a question are answered by the same query, as BigQuery's own cache would
            if asked not in self.known:
                self.known[asked] = self.warehouse.query(self.key, sql, as_of=self.today, most_rows=most_rows)
        except ProvisioningError as error:
            raise QueryFailedError(error.problem.rstrip(".")) from error
        return self.known[asked]


@dataclass(frozen=True)
class _Datasets:
    store: DemoStore
    warehouse: WarehouseResource
    known: dict[tuple[str, str, int], QueryResult] = field(default_factory=dict)

    def open(self, project: str, dataset: str) -> _Dataset:
        key = dataset.removeprefix("demo_")
        found = self.store.read(key, DemoDataset)
        assert found.location == f"{project}.{dataset}", "the agent's tables are not those that were loaded"
        return _Dataset(self.warehouse, key, found.as_of, f"{found.location}-{found.content}", self.known)


@contextmanager
def analytics_service(project: str, store: DemoStore, warehouse: WarehouseResource, folder: Path) -> Iterator[str]:
    """Serve the API for a project; yields the address, the value of ``CONVERSATIONAL_ANALYTICS_ENDPOINT``.

    Args:
        project: the Google Cloud project.
        store: where the demos' artefacts are.
        warehouse: where the demos' data sets are.
        folder: where the agents are kept.
    """
    app = build_api(ConversationalAnalytics(folder, _Datasets(store, warehouse)))
    theirs, ours = f"projects/{project}/locations/".encode(), f"projects/{PROJECT}/locations/".encode()

    async def renamed(scope: Message, receive: Receive, send: Send) -> None:
        """Names of the project in the request become the local server's, and back in the answer."""
        body = bytearray()
        answer = bytearray()
        start: Message = {}
        while scope["type"] == "http":
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break

        given: list[Message] = [{"type": "http.request", "body": bytes(body).replace(theirs, ours), "more_body": False}]

        async def whole() -> Message:
            return given.pop() if given else await receive()  # the next one tells that the client is gone

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                answer.extend(message.get("body", b""))

        path = scope["path"].encode().replace(theirs, ours).decode()
        await app({**scope, "path": path}, whole, collect)
        content = bytes(answer).replace(ours, theirs)
        kept = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        await send({**start, "headers": [*kept, (b"content-length", str(len(content)).encode())]})
        await send({"type": "http.response.body", "body": content})

    with serving(renamed) as address:  # pyright: ignore[reportArgumentType]  # an ASGI application that is no Starlette
        yield address
