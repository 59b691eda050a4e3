"""The REST API: the routes, and the conversion between API messages and JSON over HTTP.

Routes and JSON are those of the public API v1, as google-cloud-geminidataanalytics 0.13.5 uses them over REST.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import proto
from google.cloud import geminidataanalytics_v1 as gda
from google.protobuf import json_format
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from provisioning_assets.agent.claude_answers.questions_to_claude import QuestionsToClaude
from provisioning_assets.agent.local_server.api_errors import ApiError, forbidden, invalid, not_found, unimplemented
from provisioning_assets.agent.local_server.chat import Chat
from provisioning_assets.agent.local_server.conversations import Conversations
from provisioning_assets.agent.local_server.data_agents import DataAgents
from provisioning_assets.agent.local_server.datasets import Datasets
from provisioning_assets.agent.local_server.operations import Operations
from provisioning_assets.agent.local_server.resource_names import checked_id, checked_parent, checked_request_id
from provisioning_assets.atomic_files import NO_ROOM

LARGEST_REQUEST_BYTES = 10 * 1024 * 1024
_LOCAL_HOSTS = {"127.0.0.1", "localhost", "[::1]", "testserver"}
_log = logging.getLogger(__name__)

SomeMessage = TypeVar("SomeMessage", bound=proto.Message)
Reply = dict[str, Any] | Iterator[bytes]
Handler = Callable[["Call"], Reply]


class Call:
    """One parsed request: path parts, query and body."""

    def __init__(self, parts: dict[str, str], query: dict[str, str], body: bytes) -> None:
        self.parts, self.query, self.body = parts, query, body

    def message(self, kind: type[SomeMessage]) -> SomeMessage:
        """Return the body as a message of the API. Raises ApiError 400 if it is not one."""
        try:
            parsed = json.loads(self.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise invalid(f"Invalid JSON payload received: {str(error)[:200]}.") from None
        if not isinstance(parsed, dict):
            raise invalid("Invalid JSON payload received: the body must be an object.")
        message = kind()
        try:
            json_format.ParseDict(parsed, kind.pb(message))
        except (json_format.ParseError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise invalid(f"Invalid JSON payload received: {str(error)[:300]}") from None
        return message


class ConversationalAnalytics:
    """The service: its routes, with handlers for agents, conversations, operations and chat.

    Args:
        folder: where agents and conversations are kept.
        datasets: what agents can be asked about.
        claude: answers what no verified query answers; None: rules do.
    """

    def __init__(self, folder: Path, datasets: Datasets, claude: QuestionsToClaude | None = None) -> None:
        self.agents = DataAgents(folder)
        self.conversations = Conversations(folder)
        self.operations = Operations()
        self.chat = Chat(self.agents, self.conversations, datasets, claude)
        parent, one = r"/v1/(?P<parent>projects/[^/:]+/locations/[^/:]+)", r"/(?P<id>[^/:]+)"
        agents, talks = f"{parent}/dataAgents", f"{parent}/conversations"
        routes: list[tuple[str, str, Handler]] = [
            ("POST", agents, lambda call: self._operation("create", self._create(call))),
            ("POST", f"{agents}:createSync", self._create),
            ("GET", agents, self._list),
            ("GET", f"{agents}:listAccessible", self._list),
            ("GET", agents + one, lambda call: _json(self.agents.get(call.parts["id"]))),
            ("PATCH", agents + one, lambda call: self._operation("update", self._update(call))),
            ("PATCH", f"{agents}{one}:updateSync", self._update),
            ("DELETE", agents + one, lambda call: self._deletion(call)),
            ("DELETE", f"{agents}{one}:deleteSync", self._delete),
            ("GET", f"{parent}/operations{one}", lambda call: self.operations.get(call.parts["id"])),
            ("POST", f"{parent}:chat", self._chat),
            ("POST", talks, self._create_conversation),
            (
                "GET",
                talks,
                lambda call: _json(
                    self.conversations.page(call.query.get("pageSize", ""), call.query.get("pageToken", ""))
                ),
            ),
            ("GET", talks + one, lambda call: _json(self.conversations.get(call.parts["id"]))),
            ("DELETE", talks + one, self._delete_conversation),
            ("GET", f"{talks}{one}/messages", self._messages),
        ]
        # parts of the public API that have no meaning on one machine with one user
        routes += [
            (method, path, _refuse)
            for method, path in (
                ("PATCH", talks + one),
                ("POST", f"{agents}{one}:(?:get|set)IamPolicy"),
                ("GET", f"{parent}:retrieveAgentOpsObservability"),
                ("POST", f"{parent}/observabilitySettings:setAgentOpsObservability"),
                ("GET", f"{parent}/operations"),
                ("DELETE", f"{parent}/operations{one}"),
                ("POST", f"{parent}/operations{one}:cancel"),
                ("GET", parent),
                ("GET", r"/v1/projects/[^/:]+/locations"),
            )
        ]
        self._routes = [(method, re.compile(path), handler) for method, path, handler in routes]

    def reply(self, method: str, path: str, query: dict[str, str], body: bytes) -> Reply:
        """Answer one request. Raises ApiError."""
        for wanted, pattern, handler in self._routes:
            match = pattern.fullmatch(path)
            if match and wanted == method:
                parts = {name: value for name, value in match.groupdict().items() if value is not None}
                if "parent" in parts:
                    checked_parent(parts["parent"])
                if "id" in parts:
                    checked_id(parts["id"], "The id")
                return handler(Call(parts, query, body))
        raise not_found(f"{method} {path[:200]} is not part of this API.")

    def _create(self, call: Call) -> dict[str, Any]:
        checked_request_id(call.query.get("requestId", ""))
        return _json(self.agents.create(call.query.get("dataAgentId", ""), call.message(gda.DataAgent)))

    def _update(self, call: Call) -> dict[str, Any]:
        checked_request_id(call.query.get("requestId", ""))
        mask = [_snake(path) for path in call.query.get("updateMask", "").split(",") if path]
        return _json(self.agents.update(call.parts["id"], call.message(gda.DataAgent), mask))

    def _delete(self, call: Call) -> dict[str, Any]:
        checked_request_id(call.query.get("requestId", ""))
        self.agents.delete(call.parts["id"])
        return {}

    def _deletion(self, call: Call) -> dict[str, Any]:
        self._delete(call)
        return self.operations.finished("delete", f"{call.parts['parent']}/dataAgents/{call.parts['id']}", None)

    def _operation(self, verb: str, agent: dict[str, Any]) -> dict[str, Any]:
        return self.operations.finished(verb, agent["name"], agent)

    def _list(self, call: Call) -> dict[str, Any]:
        for name in ("filter", "orderBy"):
            if call.query.get(name):
                raise unimplemented(f"This server does not support {name}: agents are listed by id.")
        show_deleted = call.query.get("showDeleted", "false").lower() == "true"
        return _json(
            self.agents.page(call.query.get("pageSize", ""), call.query.get("pageToken", ""), show_deleted=show_deleted)
        )

    def _chat(self, call: Call) -> Iterator[bytes]:
        messages = self.chat.answer(call.message(gda.ChatRequest))
        return _array(messages)

    def _create_conversation(self, call: Call) -> dict[str, Any]:
        return _json(self.conversations.create(call.query.get("conversationId", ""), call.message(gda.Conversation)))

    def _delete_conversation(self, call: Call) -> dict[str, Any]:
        self.conversations.delete(call.parts["id"])
        return {}

    def _messages(self, call: Call) -> dict[str, Any]:
        return _json(
            self.conversations.messages(
                call.parts["id"], call.query.get("pageSize", ""), call.query.get("pageToken", "")
            )
        )


def build_api(service: ConversationalAnalytics) -> Starlette:
    """Return the application that ``serving`` runs."""

    async def handle(request: Request) -> Response:
        try:
            _check_host(request)
            body = await _body(request)
            reply = await run_in_threadpool(
                service.reply, request.method, request.url.path, dict(request.query_params), body
            )
        except ApiError as error:
            return JSONResponse(error.body(), status_code=error.code)
        except ClientDisconnect:
            return Response(status_code=499)
        except OSError as error:
            if error.errno not in NO_ROOM:
                return _internal(request)
            full = ApiError(500, "INTERNAL", "The disk is full: the server cannot store this.")
            _log.error("%s %s failed: %s", request.method, request.url.path, full.message)
            return JSONResponse(full.body(), status_code=full.code)
        except Exception:  # noqa: BLE001  # the client gets an error in the API's format; the log has the trace
            return _internal(request)
        if isinstance(reply, dict):
            return JSONResponse(reply)
        return StreamingResponse(reply, media_type="application/json")

    methods = ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"]
    return Starlette(routes=[Route("/{path:path}", handle, methods=methods)])


def _internal(request: Request) -> Response:
    _log.exception("%s %s failed", request.method, request.url.path)
    internal = ApiError(500, "INTERNAL", "Internal error encountered. See the server's log for details.")
    return JSONResponse(internal.body(), status_code=internal.code)


def _check_host(request: Request) -> None:
    """Refuse other host names, so that a web page cannot reach this server through its own domain (DNS rebinding)."""
    host = request.headers.get("host", "").rsplit(":", 1)[0] if request.headers.get("host", "") else ""
    if host.lower() not in _LOCAL_HOSTS:
        raise forbidden("This server accepts requests to 127.0.0.1 or localhost only.")


async def _body(request: Request) -> bytes:
    """Return the body. It is read in pieces, so that a body that is too large is refused before it is in memory.

    Raises:
        ApiError: 400, the body is not JSON, or is larger than ``LARGEST_REQUEST_BYTES``.
    """
    if request.method not in ("POST", "PATCH"):
        return b""
    received = bytearray()
    async for piece in request.stream():
        received += piece
        if len(received) > LARGEST_REQUEST_BYTES:
            raise invalid(f"Request payload size exceeds the limit: {LARGEST_REQUEST_BYTES} bytes.")
    # This also blocks forms of other sites: a browser sends a preflight request before it sends JSON to another origin.
    if received and not request.headers.get("content-type", "").startswith("application/json"):
        raise invalid("The body must be application/json.")
    return bytes(received)


def _json(message: proto.Message) -> dict[str, Any]:
    return json_format.MessageToDict(type(message).pb(message), use_integers_for_enums=False)


def _array(messages: list[gda.Message]) -> Iterator[bytes]:
    """Yield a JSON array, one message per chunk."""
    yield b"["
    for index, message in enumerate(messages):
        yield (b",\r\n" if index else b"") + json.dumps(_json(message)).encode()
    yield b"]"


def _refuse(_call: Call) -> Reply:
    raise unimplemented("This part of the API is not available on the local server.")


def _snake(path: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", path).lower()
