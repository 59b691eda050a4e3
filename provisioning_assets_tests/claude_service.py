"""A server that speaks the Messages API as far as the project uses it: answers as events, and faults on request."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """How one call is answered.

    Args:
        document: what the model hands in; a text is sent as it is, JSON or not.
        status: another than 200 is sent with ``message`` as the API's error.
        message: of the error.
        headers: of the answer.
        stop_reason: as the API calls it.
        break_after: events after which the connection is reset; None: never.
        seconds_between_events: how long each event waits.
        input_tokens, output_tokens, cache_read, cache_write: the usage that is reported.
    """

    document: Mapping[str, Any] | str = field(default_factory=dict)
    status: int = 200
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    stop_reason: str = "tool_use"
    break_after: int | None = None
    seconds_between_events: float = 0.0
    input_tokens: int = 1_000
    output_tokens: int = 200
    cache_read: int = 0
    cache_write: int = 0


Answering = Callable[[dict[str, Any]], Reply]
"""The body of a call -> how it is answered."""


class ClaudeService:
    """Records the calls' bodies and headers. ``answer`` decides on each; ``replies`` come first, one a call."""

    def __init__(self, answer: Answering | None = None) -> None:
        self.answer: Answering = answer or (lambda _: Reply())
        self.replies: list[Reply] = []
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.most_at_once = 0
        self.port = 0
        self._at_once = 0
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def reply_to(self, body: dict[str, Any], headers: dict[str, str]) -> Reply:
        with self._lock:
            self.asked.append(body)
            self.headers.append(headers)
            queued = self.replies.pop(0) if self.replies else None
        return queued if queued is not None else self.answer(body)

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1


def events_of(reply: Reply, model: str) -> list[dict[str, Any]]:
    """The events of an answer, in the order in which the API sends them."""
    text = reply.document if isinstance(reply.document, str) else json.dumps(reply.document)
    usage = {
        "input_tokens": reply.input_tokens,
        "output_tokens": 1,
        "cache_read_input_tokens": reply.cache_read,
        "cache_creation_input_tokens": reply.cache_write,
    }
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": usage,
    }  # fmt: skip
    block = {"type": "tool_use", "id": "toolu_1", "name": "write", "input": {}}
    pieces = [text[start : start + 500] for start in range(0, len(text), 500)]
    return [
        {"type": "message_start", "message": message},
        {"type": "ping"},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": piece}}
            for piece in pieces
        ),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": reply.stop_reason, "stop_sequence": None},
            "usage": {"output_tokens": reply.output_tokens},
        },
        {"type": "message_stop"},
    ]


@contextlib.contextmanager
def claude_service(answer: Answering | None = None) -> Iterator[ClaudeService]:
    """Run the server on this machine."""
    service = ClaudeService(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
            with service.counted():
                reply = service.reply_to(body, {name.lower(): value for name, value in self.headers.items()})
                if reply.status == 200:
                    self._stream(events_of(reply, body["model"]), reply)
                else:
                    self._refuse(reply)

        def _refuse(self, reply: Reply) -> None:
            error = {"type": "error", "error": {"type": "api_error", "message": reply.message}}
            content = json.dumps(error).encode()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "content-type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _stream(self, events: list[dict[str, Any]], reply: Reply) -> None:
            self.close_connection = True
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            with contextlib.suppress(OSError):
                for number, event in enumerate(events):
                    if reply.break_after is not None and number >= reply.break_after:
                        return
                    time.sleep(reply.seconds_between_events)
                    self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
                    self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Print nothing: a client may hang up at any time."""

    server = Server(("127.0.0.1", 0), Handler)
    service.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
