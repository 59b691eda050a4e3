"""A small Cloud Storage for tests of the wire: it keeps generations and their preconditions, which the emulator ignores, records
every request, and answers as it is told to: with an error, late, or by closing the connection."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import gcsfs.retry
import pytest


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]

    def lists(self) -> bool:
        """Whether it lists objects."""
        return self.method == "GET" and self.path.endswith("/o")


@dataclass
class Fault:
    """What one request gets instead of its answer."""

    status: int = 0
    """0: the connection is closed."""

    message: str = ""
    after: bool = False
    """The request is carried out first."""

    method: str = ""
    """Only requests with this method."""

    seconds: float = 0
    """How long the answer takes."""


@dataclass
class StoredObject:
    content: bytes
    generation: int
    updated: datetime
    content_type: str


@dataclass
class StorageServer:
    """The server's state."""

    address: str
    buckets: set[str]
    objects: dict[str, StoredObject] = field(default_factory=dict)
    """bucket/name -> the object."""
    asked: list[Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    """Taken by the next requests, in order."""
    clock_ahead: timedelta = timedelta()
    """How far the service's clock is ahead of this machine's."""
    turn: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        """The service's time."""
        return datetime.now(UTC) + self.clock_ahead

    def next_fault(self, method: str) -> Fault | None:
        """Take the next fault that is meant for this method."""
        for fault in self.faults:
            if fault.method in ("", method):
                self.faults.remove(fault)
                return fault
        return None


@contextmanager
def serving(*buckets: str) -> Iterator[StorageServer]:
    """Serve some empty buckets on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    state = StorageServer(f"http://127.0.0.1:{server.server_address[1]}", set(buckets))
    server.state = state  # pyright: ignore[reportAttributeAccessIssue]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Clock:
    """In place of asyncio in the module that retries: waits a thousandth of what is asked."""

    @staticmethod
    async def sleep(seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds / 1000)


def shorten_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let gcsfs retry at once. Its six attempts take half a minute otherwise."""
    monkeypatch.setattr(gcsfs.retry, "asyncio", _Clock)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: every request is recorded."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self._state.now(), usegmt=True)

    @property
    def _state(self) -> StorageServer:
        return self.server.state  # pyright: ignore[reportAttributeAccessIssue]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        with self._state.turn:
            self._state.asked.append(Asked(self.command, unquote(address.path), query))
            fault = self._state.next_fault(self.command)
            answer = None if fault and not fault.after else self._carry_out(address.path, query, body)
        if fault is not None:
            time.sleep(fault.seconds)
        if fault is not None and (fault.seconds or not fault.status):  # nobody waits for an answer that is late
            self.close_connection = True
            self.connection.close()
        elif fault is not None:
            self._send(fault.status, {"error": {"code": fault.status, "message": fault.message}})
        else:
            assert answer is not None
            self._send(*answer)

    def _send(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _carry_out(self, path: str, query: dict[str, str], body: bytes) -> tuple[Any, ...]:
        _, _, after = path.partition("/b/")
        bucket, _, rest = after.partition("/o")
        if bucket not in self._state.buckets:
            return _error(404, "The specified bucket does not exist.")
        name = query["name"] if path.startswith("/upload/") else unquote(rest.removeprefix("/"))
        full = f"{bucket}/{name}"
        stored = self._state.objects.get(full)
        wanted = query.get("ifGenerationMatch")
        if wanted is not None and int(wanted) != (stored.generation if stored else 0):
            return _error(412, "At least one of the pre-conditions you specified did not hold.")
        if path.startswith("/upload/"):
            kind = self.headers.get("Content-Type", "")
            self._state.objects[full] = StoredObject(body, time.time_ns(), self._state.now(), kind)
            return 200, self._resource(full)
        if self.command == "GET" and not name:
            return 200, self._listing(bucket, query)
        if stored is None:
            return _error(404, f"No such object: {full}")
        if self.command == "DELETE":
            del self._state.objects[full]
            return 204, b""
        if path.startswith("/download/"):
            return 200, stored.content, {"x-goog-generation": str(stored.generation)}
        return 200, self._resource(full)

    def _resource(self, full: str) -> dict[str, str]:
        stored = self._state.objects[full]
        return {
            "name": full.partition("/")[2],
            "size": str(len(stored.content)),
            "generation": str(stored.generation),
            "updated": stored.updated.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "contentType": stored.content_type,
        }

    def _listing(self, bucket: str, query: dict[str, str]) -> dict[str, Any]:
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        names = [full.partition("/")[2] for full in sorted(self._state.objects) if full.startswith(f"{bucket}/")]
        items, prefixes = [], set()
        for name in names:
            if not name.startswith(prefix):
                continue
            inside = name.removeprefix(prefix)
            if delimiter and delimiter in inside:
                prefixes.add(prefix + inside.partition(delimiter)[0] + delimiter)
            else:
                items.append(self._resource(f"{bucket}/{name}"))
        return {"kind": "storage#objects", "items": items, "prefixes": sorted(prefixes)}


def _error(status: int, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"code": status, "message": message}}
